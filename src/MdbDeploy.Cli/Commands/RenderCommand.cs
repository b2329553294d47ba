using System.CommandLine;
using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Cli.Views;
using Spectre.Console;

namespace MdbDeploy.Cli.Commands;

/// <summary><c>render</c>: the whole bundle.</summary>
internal static class RenderCommand
{
    /// <summary>The command.</summary>
    public static Command Create(CommandLine line)
    {
        var project = GlobalOptions.Project();
        var asOf = GlobalOptions.AsOf();
        var command = new Command("render", "Everything that would be deployed, as files to review. Writes out/bundle/.") { project, asOf };
        line.Handle(command, async run =>
        {
            var (planned, bundle) = await CarryOutAsync(run, run.Parsed.GetRequiredValue(project), run.Parsed.GetValue(asOf));
            PlanView.Show(run.Terminal, planned.Plan);
            Show(run.Terminal, bundle);
            run.Terminal.Line($"Written: {ConsoleText.Of(Path.Combine(planned.OutFolder, "bundle"))}");
            run.Terminal.Result(() => Json(bundle));
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Plans, renders, writes the bundle and the plan, and shows what was noticed.</summary>
    /// <param name="run">The run.</param>
    /// <param name="folder">The project.</param>
    /// <param name="asOf">The moment staleness is judged at; now when null.</param>
    /// <exception cref="InputException">The input has errors; the previous bundle stands.</exception>
    public static async Task<(PlanningResult Planned, Bundle Bundle)> CarryOutAsync(Run run, string folder, DateTimeOffset? asOf)
    {
        var planned = await run.Pipeline.PlanAsync(folder, asOf, run.Cancelled);
        var bundle = await run.Pipeline.RenderAsync(planned, run.Cancelled);
        PlanCommand.Write(planned);
        run.Terminal.Diagnostics(planned.Diagnostics);
        return (planned, bundle);
    }

    /// <summary>One line per channel: what was rendered.</summary>
    public static void Show(Terminal terminal, Bundle bundle)
    {
        foreach (var channel in bundle.Files.GroupBy(f => f.Channel, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            var resources = channel.Count(f => f.Resource is not null);
            var secrets = channel.Count(f => f.IsSensitive);
            terminal.Line($"  [bold]{ConsoleText.Of(channel.Key),-14}[/] {channel.Count()} files{(resources > 0 ? $", of which {resources} to push" : "")}{(secrets > 0 ? $", {secrets} secret" : "")}");
        }
    }

    private static JsonObject Json(Bundle bundle) => new()
    {
        ["project"] = bundle.Project,
        ["files"] = new JsonArray([.. bundle.Files.Select(f => (JsonNode)new JsonObject { ["path"] = f.Path, ["channel"] = f.Channel, ["address"] = f.Resource?.Address, ["sensitive"] = f.IsSensitive })]),
    };
}
