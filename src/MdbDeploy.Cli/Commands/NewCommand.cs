using System.CommandLine;
using System.Text.Json.Nodes;
using MdbDeploy.Policies;
using MdbDeploy.Projects;
using Spectre.Console;

namespace MdbDeploy.Cli.Commands;

/// <summary><c>new</c>: scaffolds a deployment project.</summary>
internal static class NewCommand
{
    /// <summary>The command.</summary>
    public static Command Create(CommandLine line)
    {
        var folder = new Argument<string>("folder") { Description = "Folder to make; must be empty or not exist." };
        var command = new Command("new", "A deployment project to start from: mdbdeploy.yaml, a sample inventory and synthetic packages.") { folder };
        line.Handle(command, run =>
        {
            var path = run.Parsed.GetRequiredValue(folder);
            var written = Scaffold(run, path);
            run.Terminal.Line($"[green]Made[/] {Markup.Escape(path)} with {written.Count} files. Next:");
            run.Terminal.Line($"  mdbdeploy plan {Markup.Escape(path)}");
            run.Terminal.Line($"  mdbdeploy up {Markup.Escape(path)} --lab");
            run.Terminal.Result(() => new JsonObject { ["folder"] = path, ["files"] = new JsonArray([.. written.Select(f => (JsonNode?)f)]) });
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    /// <summary>Writes the sample project.</summary>
    /// <exception cref="InputException">The folder holds something already.</exception>
    public static IReadOnlyList<string> Scaffold(Run run, string folder) =>
        Pipeline.Require(ProjectScaffold.Write(folder, Path.Combine(run.Assets.Templates, "project"), Path.Combine(run.Assets.Policies, PresetSchema.FileName), run.Time.GetUtcNow()), []);
}
