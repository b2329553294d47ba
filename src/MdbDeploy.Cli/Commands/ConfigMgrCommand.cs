using System.CommandLine;
using System.Text.Json.Nodes;
using MdbDeploy.Diagnostics;
using MdbDeploy.Rendering;
using MdbDeploy.Targets.ConfigMgr;

namespace MdbDeploy.Cli.Commands;

/// <summary><c>configmgr probe</c>: what a real site answers where no public page does.</summary>
internal static class ConfigMgrCommand
{
    /// <summary>The command.</summary>
    public static Command Create(CommandLine line)
    {
        var project = GlobalOptions.Project();
        var output = new Option<string>("--out") { Description = "File to write.", HelpName = "file", DefaultValueFactory = _ => "configmgr-probe.json" };
        var probe = new Command("probe", "Reads what this site's AdminService really answers, writes nothing to it, and saves the shapes without names or secrets in a file that can be sent back.") { project, output };
        line.Handle(probe, async run =>
        {
            var settings = Pipeline.ReadProject(run.Parsed.GetRequiredValue(project));
            using var targets = LiveTargets.Open(settings, ["configmgr"], run.Time, LiveTargets.Secrets, run.Terminal.Tell, run.IsInsecure);
            var site = targets.ConfigMgr ?? throw new InputException([Problems.TargetNotConfigured.At(Location.Of("configmgr"), "mdbdeploy.yaml names no target 'configmgr'.")]);
            var found = await SiteProbe.RunAsync(site.Client, null, run.Cancelled);
            var file = run.Parsed.GetRequiredValue(output);
            AtomicFile.Write(file, JsonText.ToBytes(found));
            run.Terminal.Line($"Wrote [bold]{ConsoleText.Of(file)}[/]: {found["answers"]!.AsArray().Count} answers of the site, reduced to names and types of properties. It holds no names of devices, people, servers or collections, no ids and no secrets. Look at it, then send it back.");
            run.Terminal.Result(() => new JsonObject { ["file"] = file, ["answers"] = found["answers"]!.AsArray().Count });
            return ExitCode.Done;
        });
        return new Command("configmgr", "Configuration Manager.") { probe };
    }
}
