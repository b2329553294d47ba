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
    public static void Show(Terminal terminal, PlanExplanation explanation)
    {
        var (planned, device) = (explanation.Planned, explanation.Planned.Device);
        terminal.Line($"[bold]{Markup.Escape(device.Name)}[/]  {Markup.Escape(Methods.TitleOf(planned.Method))}{(planned.Ring is { } ring ? $", ring {Markup.Escape(ring)}" : "")}");
        foreach (var (name, value) in Facts(device).Where(f => f.Value.Length > 0))
        {
            terminal.Line($"  [grey]{name,-14}[/] {Markup.Escape(value)}");
        }

        foreach (var stage in explanation.Steps.GroupBy(s => s.Stage))
        {
            terminal.Line($"  [bold]{stage.Key}[/]");
            foreach (var step in stage)
            {
                var sign = step.Applied ? "[green]→[/]" : "[grey]·[/]";
                terminal.Line($"    {sign} {Markup.Escape(step.Rule)}  [grey]{Markup.Escape(step.Outcome)}[/]");
            }
        }

        if (planned.Attention is { } attention)
        {
            terminal.Line($"  [yellow]Needs attention:[/] {Markup.Escape(attention)}");
        }
    }

    /// <summary>The same for <c>--json</c>.</summary>
    public static JsonNode Json(PlanExplanation explanation) => new JsonObject
    {
        ["name"] = explanation.Planned.Device.Name,
        ["method"] = explanation.Planned.Method,
        ["ring"] = explanation.Planned.Ring,
        ["device"] = new JsonObject(Facts(explanation.Planned.Device).Where(f => f.Value.Length > 0).Select(f => KeyValuePair.Create(f.Name, (JsonNode?)f.Value))),
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
        ("os", string.Join(' ', new[] { device.OsName ?? device.Os.ToString(), device.Edition == WindowsEdition.Unknown ? "" : device.Edition.ToString(), device.Build?.ToString() ?? "" }.Where(t => t.Length > 0))),
        ("join", device.Join == JoinType.Unknown ? "" : device.Join.ToString()),
        ("managed by", device.ManagedBy == Management.None ? "" : device.ManagedBy.ToString()),
        ("vdi", device.Vdi == VdiKind.None ? "" : device.Vdi.ToString()),
        ("tags", string.Join(", ", device.Tags)),
        ("last seen", device.LastSeen?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? ""),
        ("identity", device.Identity),
        ("read from", string.Join(", ", device.Origins.Select(o => $"{o.File}:{o.Line.ToString(CultureInfo.InvariantCulture)}"))),
    ];
}
