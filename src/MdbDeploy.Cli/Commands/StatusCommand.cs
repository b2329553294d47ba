using System.Collections.Immutable;
using System.CommandLine;
using MdbDeploy.Cli.Reports;
using MdbDeploy.Cli.Views;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets;
using MdbDeploy.Targets.Status;
using Spectre.Console;

namespace MdbDeploy.Cli.Commands;

/// <summary><c>status</c>: expected against actually onboarded.</summary>
internal static class StatusCommand
{
    /// <summary>How many runs trends look back on.</summary>
    public const int RunsShown = 1000;

    private const int LeastSeconds = 10;

    /// <summary>The command.</summary>
    public static Command Create(CommandLine line)
    {
        var project = GlobalOptions.Project();
        var asOf = GlobalOptions.AsOf();
        var target = GlobalOptions.Target();
        var watch = new Option<bool>("--watch") { Description = "Ask again and again, until Ctrl+C." };
        var every = new Option<int>("--every") { Description = $"Seconds between two questions, at least {LeastSeconds}.", DefaultValueFactory = _ => 300, HelpName = "seconds" };
        var command = new Command("status", "Where every device stands, as Defender, Intune, Configuration Manager, Active Directory and the results of scripts tell. Writes out/status.csv, and remembers it for trends.") { project, asOf, target, watch, every };
        line.Handle(command, async run =>
        {
            var planned = await run.Pipeline.PlanAsync(run.Parsed.GetRequiredValue(project), run.Parsed.GetValue(asOf), run.Cancelled);
            using var targets = LiveTargets.Open(planned.Project, run.Parsed.GetValue(target) is { Length: > 0 } named ? named : LiveTargets.Configured(planned.Project), run.Time, LiveTargets.Secrets, run.Terminal.Tell, run.IsInsecure);
            if (!run.Parsed.GetValue(watch))
            {
                return await OnceAsync(run, planned, targets);
            }

            await WatchAsync(run, planned, targets, TimeSpan.FromSeconds(Math.Max(LeastSeconds, run.Parsed.GetValue(every))));
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Plans, and asks all live systems of the project. A system that does not answer is an error.</summary>
    public static async Task<ImmutableArray<DeviceStatus>> ReadAsync(Run run, string folder)
    {
        var planned = await run.Pipeline.PlanAsync(folder, null, run.Cancelled);
        using var targets = LiveTargets.Open(planned.Project, [], run.Time, LiveTargets.Secrets, run.Terminal.Tell);
        return await ReadAsync(run, planned, targets);
    }

    /// <summary>Asks the live systems and compares with the plan. A system that does not answer is an error.</summary>
    public static async Task<ImmutableArray<DeviceStatus>> ReadAsync(Run run, PlanningResult planned, LiveTargets targets) =>
        OnboardingStatus.Compare(planned.Plan, await StatusSources.ReadAsync(run, planned, targets, failed: null));

    /// <summary>Compares with the plan, and remembers it. A history that cannot be used is a warning.</summary>
    /// <param name="planned">The plan; receives the warning.</param>
    /// <param name="evidence">What the sources said.</param>
    /// <param name="stateFolder">Folder that holds <c>.mdbdeploy/</c>.</param>
    public static (ImmutableArray<DeviceStatus> Status, ImmutableArray<StatusRun> Runs) Remember(PlanningResult planned, StatusEvidence evidence, string stateFolder)
    {
        try
        {
            using var history = StatusHistory.Open(stateFolder);
            var status = OnboardingStatus.Compare(planned.Plan, evidence with { Since = history.Since() });
            history.Record(evidence.Now!.Value, status);
            return (status, history.Runs(RunsShown));
        }
        catch (TargetException unusable) when (unusable.Diagnostic.Problem == Problems.HistoryUnusable)
        {
            planned.Diagnostics.Add(unusable.Diagnostic);
            return (OnboardingStatus.Compare(planned.Plan, evidence), []);
        }
    }

    private static async Task<int> OnceAsync(Run run, PlanningResult planned, LiveTargets targets)
    {
        var failed = new List<Diagnostic>();
        var evidence = await StatusSources.ReadAsync(run, planned, targets, failed);
        var (status, runs) = failed.Count == 0 ? Remember(planned, evidence, planned.Project.Folder) : (OnboardingStatus.Compare(planned.Plan, evidence), []);
        var strays = OnboardingStatus.Strays(planned.Plan, evidence.Reported);
        StatusView.Write(planned, status, strays);
        var pool = PoolStatus.Reconcile(planned.Plan, planned.Project, planned.Packages.OrganizationId, evidence.Reported);
        StatusView.Show(run.Terminal, planned.Plan, status, strays, runs);
        var gates = RingGates.Evaluate(planned.Project.Rings, status, run.Time.GetUtcNow());
        Gates.Show(run.Terminal, gates);
        PlanView.ShowAttention(run.Terminal, ReportModel.Attention(status));
        run.Terminal.Line($"Written: {ConsoleText.Of(Path.Combine(planned.OutFolder, "status.csv"))}");
        if (!pool.IsEmpty)
        {
            PoolView.Write(Path.Combine(planned.OutFolder, "pool-status.csv"), pool);
            PoolView.Show(run.Terminal, pool);
            run.Terminal.Line($"Written: {ConsoleText.Of(Path.Combine(planned.OutFolder, "pool-status.csv"))}");
        }

        // Those of status itself; 'plan' tells the others.
        run.Terminal.Diagnostics([.. planned.Diagnostics.Where(d => d.Code.StartsWith("MDB085", StringComparison.Ordinal)), .. failed]);
        run.Terminal.Result(() =>
        {
            var json = StatusView.Json(status, strays, runs);
            json["gates"] = Gates.Json(gates);
            if (!pool.IsEmpty)
            {
                json["pool"] = PoolView.Json(pool);
            }

            return json;
        });
        return failed.Count == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    private static async Task WatchAsync(Run run, PlanningResult planned, LiveTargets targets, TimeSpan every)
    {
        try
        {
            while (true)
            {
                var failed = new List<Diagnostic>();
                var evidence = await StatusSources.ReadAsync(run, planned, targets, failed);
                var (status, runs) = failed.Count == 0 ? Remember(planned, evidence, planned.Project.Folder) : (OnboardingStatus.Compare(planned.Plan, evidence), []);
                var strays = OnboardingStatus.Strays(planned.Plan, evidence.Reported);
                StatusView.Write(planned, status, strays);
                if (run.Terminal.IsInteractive)
                {
                    run.Terminal.Console.Clear();
                    StatusView.Show(run.Terminal, planned.Plan, status, strays, runs);
                }

                run.Terminal.Line(ConsoleText.Of(StatusView.Line(evidence.Now!.Value, status)));
                run.Terminal.Diagnostics(failed);
                await Task.Delay(every, run.Time, run.Cancelled);
            }
        }
        catch (OperationCanceledException) when (run.Cancelled.IsCancellationRequested)
        {
            // That is how watching ends.
        }
    }
}
