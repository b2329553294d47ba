using System.CommandLine;
using System.Text.Json.Nodes;
using MdbDeploy.Packages;
using MdbDeploy.Targets.ActiveDirectory;
using MdbDeploy.Targets.Checks;
using MdbDeploy.Targets.ConfigMgr;
using MdbDeploy.Targets.Graph;
using Spectre.Console;

namespace MdbDeploy.Cli.Commands;

/// <summary><c>doctor</c>: sign-in, reachability, rights and clock of each configured target, before anything is written.</summary>
internal static class DoctorCommand
{
    private const string Packages = "Packages";

    /// <summary>The command.</summary>
    public static Command Create(CommandLine line)
    {
        var project = GlobalOptions.Project();
        var target = GlobalOptions.Target();
        var command = new Command("doctor", "Checks sign-in, reachability, rights and the clock of each configured target. Writes nothing.") { project, target };
        line.Handle(command, async run =>
        {
            var settings = Pipeline.ReadProject(run.Parsed.GetRequiredValue(project));
            var named = run.Parsed.GetValue(target) ?? [];
            using var targets = LiveTargets.Open(settings, named.Length > 0 ? named : LiveTargets.Configured(settings), run.Time, LiveTargets.Secrets, run.Terminal.Tell, run.IsInsecure);
            var checks = new List<TargetCheck> { CheckPackages(Path.Combine(settings.Folder, settings.Packages)) };
            if (targets.Graph is { } graph)
            {
                checks.AddRange(await run.Terminal.StepAsync("Asking Microsoft Graph and Defender", () => GraphCheck.RunAsync(graph, run.Time, run.Cancelled)));
            }

            if (targets.ConfigMgr is { } configMgr)
            {
                checks.AddRange(await run.Terminal.StepAsync("Asking Configuration Manager", () => ConfigMgrCheck.RunAsync(configMgr, run.Time, run.Cancelled)));
            }

            foreach (var domain in targets.All.OfType<ActiveDirectoryTarget>())
            {
                var found = await run.Terminal.StepAsync("Asking Active Directory", () => domain.CheckAsync(run.Time, run.Cancelled));
                // Who renders Group Policy and hands it over names the domain without being signed in to it, and 'push' writes there only when it is named: so it fails only when it is named.
                checks.AddRange(named.Contains(domain.Name) ? found : found.Select(check => check.Verdict == Verdict.Failed ? check with { Verdict = Verdict.Warning } : check));
            }

            return Show(run, checks);
        });
        return command;
    }

    private static TargetCheck CheckPackages(string folder)
    {
        var packages = PackageReader.ReadFolder(folder);
        return !packages.Succeeded(out var found) ? new(Packages, "portal packages", Verdict.Failed, packages.Diagnostics[0].Message)
            : found.Packages.Length == 0 ? new(Packages, "portal packages", Verdict.Warning, $"none in {folder}: download them in the Defender portal under Settings, Endpoints, Onboarding")
            : new(Packages, "portal packages", Verdict.Passed, string.Join(", ", found.Packages.Select(p => p.Title)));
    }

    private static int Show(Run run, List<TargetCheck> checks)
    {
        var table = new Table { Border = TableBorder.Rounded };
        table.AddColumns("System", "What", "", "Finding");
        foreach (var check in checks)
        {
            table.AddRow(ConsoleText.Of(check.System), ConsoleText.Of(check.What), Sign(check.Verdict), ConsoleText.Of(check.Finding));
        }

        run.Terminal.Console.Write(table);
        run.Terminal.Result(() => new JsonArray([.. checks.Select(c => (JsonNode)new JsonObject
        {
            ["system"] = c.System,
            ["what"] = c.What,
            ["verdict"] = c.Verdict.ToString().ToLowerInvariant(),
            ["passed"] = c.Verdict != Verdict.Failed,
            ["finding"] = c.Finding,
        })]));
        return checks.Exists(c => c.Verdict == Verdict.Failed) ? ExitCode.Failed : ExitCode.Done;
    }

    private static string Sign(Verdict verdict) => verdict switch
    {
        Verdict.Passed => "[green]ok[/]",
        Verdict.Unknown => "[grey]?[/]",
        Verdict.Warning => "[yellow]but[/]",
        _ => "[red]no[/]",
    };
}
