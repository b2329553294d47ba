using System.Collections.Immutable;
using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;
using MdbDeploy.Planning;
using MdbDeploy.Targets;
using MdbDeploy.Targets.ActiveDirectory;
using MdbDeploy.Targets.ConfigMgr;
using MdbDeploy.Targets.Graph;
using MdbDeploy.Targets.Status;

namespace MdbDeploy.Cli;

/// <summary>Asks everything that can say where devices stand: Defender, Intune, Configuration Manager, Active Directory, and the results that scripts wrote. Each source is read once.</summary>
internal static class StatusSources
{
    /// <summary>Folder of a project for the results.csv files of its launchers, under any names.</summary>
    public const string ResultsFolder = "results";

    /// <summary>Reads all sources.</summary>
    /// <param name="run">The run of the command.</param>
    /// <param name="planned">The plan.</param>
    /// <param name="targets">The live systems.</param>
    /// <param name="failed">Receives the sources that did not answer; null lets the first failure end the reading, as gates need it: what nobody could ask must not open one.</param>
    /// <exception cref="TargetException">A source did not answer, and <paramref name="failed"/> is null.</exception>
    public static async Task<StatusEvidence> ReadAsync(Run run, PlanningResult planned, LiveTargets targets, List<Diagnostic>? failed)
    {
        var reported = new List<ReportedDevice>();
        IReadOnlyList<CheckIn>? checkIns = null;
        if (targets.Graph is { } graph)
        {
            reported.AddRange(await AskAsync("Asking Defender who is onboarded", () => DefenderStatus.ReadAsync(graph.Defender, run.Cancelled)) ?? []);
            if (await AskAsync("Asking Intune when it heard from its devices", async () => await IntuneStatus.ReadAsync(graph.Graph, run.Cancelled).ToListAsync(run.Cancelled)) is { } managed)
            {
                // A gate counts who is onboarded, and neither of these makes anybody so.
                var outcomes = failed is null ? null : await ReportAsync("Asking Intune what became of the onboarding policies", () => IntuneStatus.ReadPoliciesAsync(graph.Graph, planned.Project.Id, run.Cancelled));
                var antivirus = failed is null ? null : await ReportAsync("Asking Intune whose antivirus needs attention", () => IntuneStatus.ReadAntivirusAsync(graph.Graph, run.Cancelled));
                checkIns = IntuneStatus.Combine(managed, outcomes ?? [], antivirus ?? []);
            }
        }

        if (targets.ConfigMgr is { } configMgr)
        {
            reported.AddRange(await AskAsync("Asking Configuration Manager who is onboarded", () => ConfigMgrStatus.ReadAsync(configMgr, planned.Packages.OrganizationId?.ToString("D"), run.Cancelled)) ?? []);
        }

        var domain = targets.All.OfType<ActiveDirectoryTarget>().FirstOrDefault();
        var policies = domain is null ? null : await ReachAsync(run, planned, domain);
        return new StatusEvidence { GroupPolicy = policies ?? ImmutableDictionary<string, GroupPolicyReach>.Empty, Reported = reported, OrganizationId = planned.Packages.OrganizationId, CheckIns = checkIns, Results = Results(planned), Now = run.Time.GetUtcNow() };

        async Task<T?> AskAsync<T>(string what, Func<Task<T>> ask)
            where T : class
        {
            try
            {
                return await run.Terminal.StepAsync(what, ask);
            }
            catch (TargetException silent) when (failed is not null)
            {
                failed.Add(Problems.StatusSourceFailed.At(silent.Diagnostic.Where, $"{what} failed: {silent.Diagnostic.Message} ({silent.Diagnostic.Code})"));
                return null;
            }
        }

        // What explains and decides nothing: the answer of the others is whole without it.
        async Task<T?> ReportAsync<T>(string what, Func<Task<T>> ask)
            where T : class
        {
            try
            {
                return await run.Terminal.StepAsync(what, ask);
            }
            catch (TargetException silent)
            {
                planned.Diagnostics.Add(Problems.IntuneReportFailed.At(silent.Diagnostic.Where, $"{what} failed: {silent.Diagnostic.Message} ({silent.Diagnostic.Code})"));
                return null;
            }
        }
    }

    /// <summary>Asks the domain to which computers the policies of the bundle apply. Its silence is a warning: the project names it for rendering too, where nobody is signed in to it.</summary>
    private static async Task<IReadOnlyDictionary<string, GroupPolicyReach>?> ReachAsync(Run run, PlanningResult planned, ActiveDirectoryTarget domain)
    {
        List<PlannedComputer> computers = [.. planned.Plan.Devices.Matching(o => o is { Method: Methods.GroupPolicy, Ring: not null })
            .Select(d => new PlannedComputer(StatusHistory.KeyOf(d.Device), d.Device.Name, d.Device.Domain, d.Ring!))];
        if (computers.Count == 0)
        {
            return null;
        }

        try
        {
            var bundle = Pipeline.Require(BundleFolder.Read(Path.Combine(planned.Project.Folder, planned.Project.Out)), []);
            return await run.Terminal.StepAsync("Asking Active Directory to whom the policies apply", () =>
                domain.ReachAsync([.. bundle.ResourcesOf(domain.Name).Where(r => r.Kind == ActiveDirectoryTarget.OnboardingPolicy)], computers, run.Cancelled));
        }
        catch (TargetException silent)
        {
            planned.Diagnostics.Add(Problems.DomainNotAsked.At(silent.Diagnostic.Where, $"{silent.Diagnostic.Message} ({silent.Diagnostic.Code})"));
        }
        catch (InputException unread)
        {
            planned.Diagnostics.Add(Problems.DomainNotAsked.At(Location.Of(planned.Project.Out), unread.Diagnostics[0].Message));
        }

        return null;
    }

    private static ImmutableArray<ScriptResult> Results(PlanningResult planned)
    {
        var folder = Path.Combine(planned.Project.Folder, ResultsFolder);
        if (!Directory.Exists(folder))
        {
            return [];
        }

        var results = ImmutableArray.CreateBuilder<ScriptResult>();
        foreach (var file in Directory.EnumerateFiles(folder, "*.csv", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var read = ScriptResult.Read(File.ReadAllBytes(file), Path.GetRelativePath(planned.Project.Folder, file));
            planned.Diagnostics.AddRange(read.Diagnostics);
            results.AddRange(read.Value ?? []);
        }

        return results.ToImmutable();
    }
}
