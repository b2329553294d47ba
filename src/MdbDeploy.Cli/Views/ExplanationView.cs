using System.Globalization;
using System.Text.Json.Nodes;
using MdbDeploy.Inventory;
using MdbDeploy.Planning;
using Spectre.Console;

namespace MdbDeploy.Cli.Views;

/// <summary>Shows how the plan of one device came about: what is known of it, each rule tried, what came of it.</summary>
internal static class ExplanationView
{
    /// <summary>Shows it.</summary>
    public static void Show(Terminal terminal, PlanExplanation explanation, IEnumerable<FieldEvidence> evidence)
    {
        var (planned, device) = (explanation.Planned, explanation.Planned.Device);
        terminal.Line($"[bold]{ConsoleText.Of(device.Name)}[/]  {ConsoleText.Of(Methods.TitleOf(planned.Method))}{(planned.Ring is { } ring ? $", ring {ConsoleText.Of(ring)}" : "")}");
        foreach (var field in evidence)
        {
            var others = string.Concat(field.Others.Select(other => $"; {other.Value} in {At(other.From)}"));
            terminal.Line($"  [grey]{field.Field,-16}[/] {ConsoleText.Of(field.Value)}  [grey]{ConsoleText.Of(From(field) + others)}[/]");
        }

        foreach (var (name, value) in Facts(device))
        {
            terminal.Line($"  [grey]{name,-16}[/] {ConsoleText.Of(value)}");
        }

        foreach (var stage in explanation.Steps.GroupBy(s => s.Stage))
        {
            terminal.Line($"  [bold]{stage.Key}[/]");
            foreach (var step in stage)
            {
                var sign = step.Applied ? "[green]→[/]" : "[grey]·[/]";
                terminal.Line($"    {sign} {ConsoleText.Of(step.Rule)}  [grey]{ConsoleText.Of(step.Outcome)}[/]");
            }
        }

        if (planned.Attention is { } attention)
        {
            terminal.Line($"  [yellow]Needs attention:[/] {ConsoleText.Of(attention)}");
        }
    }

    /// <summary>The same for <c>--json</c>.</summary>
    public static JsonNode Json(PlanExplanation explanation, IEnumerable<FieldEvidence> evidence) => new JsonObject
    {
        ["name"] = explanation.Planned.Device.Name,
        ["method"] = explanation.Planned.Method,
        ["ring"] = explanation.Planned.Ring,
        ["device"] = new JsonObject(Facts(explanation.Planned.Device).Select(f => KeyValuePair.Create(f.Name, (JsonNode?)f.Value))),
        ["fields"] = new JsonArray([.. evidence.Select(field => (JsonNode)new JsonObject
        {
            ["field"] = field.Field,
            ["value"] = field.Value,
            ["from"] = new JsonArray([.. field.From.Select(origin => (JsonNode)At(origin))]),
            ["others"] = new JsonArray([.. field.Others.Select(other => (JsonNode)new JsonObject { ["value"] = other.Value, ["from"] = At(other.From) })]),
        })]),
        ["steps"] = new JsonArray([.. explanation.Steps.Select(s => (JsonNode)new JsonObject
        {
            ["stage"] = s.Stage.ToString().ToLowerInvariant(),
            ["rule"] = s.Rule,
            ["applied"] = s.Applied,
            ["outcome"] = s.Outcome,
        })]),
        ["attention"] = explanation.Planned.Attention,
    };

    private static IEnumerable<(string Name, string Value)> Facts(Device device) =>
    [
        ("identity", device.Identity),
        ("read from", string.Join(", ", device.Origins.Select(At))),
    ];

    private static string From(FieldEvidence field) => field.From.IsEmpty ? "learned from other records" : string.Join(", ", field.From.Select(At));

    private static string At(Origin origin) => $"{origin.File}:{origin.Line.ToString(CultureInfo.InvariantCulture)}";
}
