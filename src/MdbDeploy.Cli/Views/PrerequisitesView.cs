using System.Text.Json.Nodes;
using MdbDeploy.Planning;
using Spectre.Console;

namespace MdbDeploy.Cli.Views;

/// <summary>Shows what must be in place before devices are onboarded.</summary>
internal static class PrerequisitesView
{
    /// <summary>The check list, and the addresses in one paragraph. Where to look stands in the rendered README, and here with <c>--verbosity detailed</c>.</summary>
    public static void Show(Terminal terminal, Prerequisites prerequisites)
    {
        if (terminal.Options.Verbosity == Verbosity.Quiet)
        {
            return;
        }

        terminal.Line("[bold]Before devices are onboarded[/]");
        foreach (var step in prerequisites.Steps)
        {
            terminal.Line($"  [[ ]] {ConsoleText.Of(step.Title)}{(step.Methods.IsEmpty ? "" : $" [grey]({ConsoleText.Of(string.Join(", ", step.Methods.Select(Methods.TitleOf)))})[/]")}");
            if (terminal.Options.Verbosity == Verbosity.Detailed)
            {
                terminal.Line($"      [grey]{ConsoleText.Of(step.Detail)} {ConsoleText.Of(step.Source.Source)}[/]");
            }
        }

        terminal.Line($"  [[ ]] Devices reach {ConsoleText.Of(string.Join(", ", prerequisites.Addresses.Select(a => a.Host)))}");
        terminal.Line($"  [grey]As {ConsoleText.Of(string.Join(", ", prerequisites.Steps.Select(s => s.Source.Source).Distinct(StringComparer.Ordinal)))} ask for.[/]");
        terminal.Line("[grey]'render' writes prerequisites/Test-MdbPrerequisites.ps1, which checks a device on the spot, and a README that says where to look.[/]");
    }

    /// <summary>The same for <c>--json</c>.</summary>
    public static JsonObject Json(Prerequisites prerequisites) => new()
    {
        ["steps"] = new JsonArray([.. prerequisites.Steps.Select(s => (JsonNode)new JsonObject { ["title"] = s.Title, ["detail"] = s.Detail, ["source"] = s.Source.Source })]),
        ["addresses"] = new JsonArray([.. prerequisites.Addresses.Select(a => (JsonNode)new JsonObject { ["host"] = a.Host, ["purpose"] = a.Purpose, ["source"] = a.Source.Source })]),
    };
}
