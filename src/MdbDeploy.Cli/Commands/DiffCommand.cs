using System.CommandLine;
using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Cli.Views;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets;
using Spectre.Console;

namespace MdbDeploy.Cli.Commands;

/// <summary><c>diff</c>: live against bundle, nothing is written.</summary>
internal static class DiffCommand
{
    /// <summary>The command.</summary>
    public static Command Create(CommandLine line)
    {
        var project = GlobalOptions.Project();
        var target = GlobalOptions.Target();
        var ring = new Option<string?>("--ring") { Description = "Only this ring.", HelpName = "name" };
        var ignoreGates = new Option<bool>("--ignore-gates") { Description = "Compare rings whose gates are closed too." };
        var markdown = new Option<string?>("--markdown") { Description = "Also write the differences to this file, for the comment of a pull request.", HelpName = "file" };
        var command = new Command("diff", "The live systems against the bundle. Writes nothing; exit code 2 when something differs.") { project, target, ring, ignoreGates, markdown };
        line.Handle(command, async run =>
        {
            var folder = run.Parsed.GetRequiredValue(project);
            var settings = Pipeline.ReadProject(folder);
            var bundle = Pipeline.Require(BundleFolder.Read(Path.Combine(settings.Folder, settings.Out)), []);
            using var targets = LiveTargets.Open(settings, run.Parsed.GetValue(target) ?? [], run.Time, LiveTargets.Secrets, run.Terminal.Tell, run.IsInsecure);
            var held = await Gates.HeldAsync(run, settings, run.Parsed.GetValue(ring), run.Parsed.GetValue(ignoreGates), () => StatusCommand.ReadAsync(run, folder));
            var compared = await new Deployment(run, settings.Folder).CompareAsync(bundle, targets, new ReconcileOptions { Ring = run.Parsed.GetValue(ring), Held = held });
            if (run.Parsed.GetValue(markdown) is { } file)
            {
                AtomicFile.Write(file, System.Text.Encoding.UTF8.GetBytes(ChangesMarkdown.Of(compared, Fingerprint(compared))));
            }

            return Show(run, compared);
        });
        return command;
    }

    /// <summary>Shows the changes of all targets; exit code 2 when there are any.</summary>
    public static int Show(Run run, IReadOnlyList<TargetChanges> compared)
    {
        foreach (var target in compared)
        {
            ChangesView.Show(run.Terminal, Deployment.Title(target.Target), target.Changes.Changes);
            run.Terminal.Diagnostics(target.Changes.Diagnostics);
        }

        if (compared.Any(t => t.Changes.HasWrites))
        {
            run.Terminal.Line($"[grey]Push exactly this with:[/] mdbdeploy push --expect {Fingerprint(compared)}");
        }

        run.Terminal.Result(() => new JsonObject
        {
            ["fingerprint"] = Fingerprint(compared),
            ["targets"] = new JsonObject(compared.Select(t => KeyValuePair.Create(t.Target, (JsonNode?)ChangesView.Json(t.Changes.Changes)))),
        });
        return compared.Any(t => t.Changes.Diagnostics.Any(d => d.Severity == Severity.Error)) ? ExitCode.Failed
            : compared.Any(t => t.Changes.Changes.Any(c => c.Kind != ChangeKind.None)) ? ExitCode.Differences
            : ExitCode.Done;
    }

    /// <summary>What identifies these changes: 12 hexadecimal digits per target.</summary>
    public static string Fingerprint(IReadOnlyList<TargetChanges> compared) => string.Join('-', compared.Select(t => t.Changes.Fingerprint[..12]));
}
