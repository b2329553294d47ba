using System.CommandLine;
using System.Text.Json.Nodes;
using MdbDeploy.Policies;
using MdbDeploy.Projects;
using Spectre.Console;

namespace MdbDeploy.Cli.Commands;

/// <summary><c>new</c>: scaffolds a deployment project.</summary>
internal static class NewCommand
{
    // Where each service looks for its pipeline.
    private static readonly Dictionary<string, string> Pipelines = new(StringComparer.Ordinal) { ["github"] = ".github/workflows/mdbdeploy.yml", ["azure"] = "azure-pipelines.yml" };

    /// <summary>The command.</summary>
    public static Command Create(CommandLine line)
    {
        var folder = new Argument<string>("folder") { Description = "Folder to make; must be empty or not exist." };
        var pipeline = new Option<string?>("--pipeline") { Description = "Also a pipeline: plan on pull requests, push on merge.", HelpName = "github|azure" };
        pipeline.AcceptOnlyFromAmong([.. Pipelines.Keys]);
        var command = new Command("new", "A deployment project to start from: mdbdeploy.yaml, a sample inventory and synthetic packages.") { folder, pipeline };
        line.Handle(command, run =>
        {
            var path = run.Parsed.GetRequiredValue(folder);
            var written = Scaffold(run, path).ToList();
            if (run.Parsed.GetValue(pipeline) is { } kind)
            {
                var target = Pipelines[kind];
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(path, target))!);
                AtomicFile.Write(Path.Combine(path, target), File.ReadAllBytes(Path.Combine(run.Assets.Templates, "pipelines", $"{kind}.yml")));
                written.Add(target);
            }

            run.Terminal.Line($"[green]Made[/] {ConsoleText.Of(path)} with {written.Count} files. Next:");
            run.Terminal.Line($"  mdbdeploy plan {ConsoleText.Of(path)}");
            run.Terminal.Line($"  mdbdeploy up {ConsoleText.Of(path)} --lab");
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
