using System.CommandLine;
using System.Text.Json.Nodes;
using MdbDeploy.Diagnostics;
using MdbDeploy.Formats;
using MdbDeploy.Packages;
using Spectre.Console;

namespace MdbDeploy.Cli.Commands;

/// <summary><c>gpo lint</c>: any Group Policy backup against what Windows silently ignores.</summary>
internal static class GpoCommand
{
    /// <summary>The command.</summary>
    public static Command Create(CommandLine line)
    {
        var folder = new Argument<string>("folder") { Description = "Folder or zip with backups, as Backup-GPO or mdbdeploy writes them." };
        var lint = new Command("lint", "Reads Group Policy backups, ours or anybody's, and tells what Windows would ignore without a word.") { folder };
        line.Handle(lint, run =>
        {
            var path = run.Parsed.GetRequiredValue(folder);
            var read = File.Exists(path) ? GpmcBackupReader.ReadArchive(path) : GpmcBackupReader.ReadFolder(path);
            var today = run.Time.GetUtcNow();
            List<Diagnostic> findings = [.. read.Diagnostics, .. (read.Value ?? []).SelectMany(backup => GroupPolicyLint.Check(backup, backup.DisplayName).Concat(OnboardingPolicyLint.Check(backup, backup.DisplayName, today)))];
            foreach (var backup in read.Value ?? [])
            {
                run.Terminal.Line($"[bold]{ConsoleText.Of(backup.DisplayName)}[/]  {backup.Files.Count} files");
            }

            run.Terminal.Diagnostics(findings);
            if (findings.Count == 0)
            {
                run.Terminal.Line("[green]Nothing found.[/]");
            }

            run.Terminal.Result(() => new JsonObject
            {
                ["policies"] = new JsonArray([.. (read.Value ?? []).Select(b => (JsonNode?)b.DisplayName)]),
                ["findings"] = new JsonArray([.. findings.Select(f => (JsonNode?)f.ToString())]),
            });
            return Task.FromResult(findings.Any(f => f.Severity == Severity.Error) ? ExitCode.InputErrors : ExitCode.Done);
        });
        return new Command("gpo", "Group Policy backups.") { lint };
    }
}
