using System.Text.Json.Nodes;
using MdbDeploy.Targets;
using Spectre.Console;

namespace MdbDeploy.Cli.Views;

/// <summary>Shows what differs between a live system and the bundle, or what a push did.</summary>
internal static class ChangesView
{
    /// <summary>One line per change: sign, address, reason; fields that differ below it.</summary>
    public static void Show(Terminal terminal, string target, IReadOnlyList<Change> changes)
    {
        terminal.Line($"[bold]{ConsoleText.Of(target)}[/]");
        var all = terminal.Options.Verbosity == Verbosity.Detailed;
        foreach (var change in changes.Where(c => all || c.Kind != ChangeKind.None))
        {
            var tint = change.Kind switch
            {
                ChangeKind.Create => "green",
                ChangeKind.Update or ChangeKind.Adopt => "yellow",
                ChangeKind.Delete => "red",
                _ => "grey",
            };
            terminal.Line($"  [{tint}]{(char)change.Kind}[/] {ConsoleText.Of(change.Address)}  [grey]{ConsoleText.Of(change.Reason)}[/]");
            ShowFields(terminal, change, all ? int.MaxValue : 3);
        }

        var same = changes.Count(c => c.Kind == ChangeKind.None);
        if (same > 0 && !all)
        {
            terminal.Line($"  [grey]= {same} as desired[/]");
        }
    }

    /// <summary>The changes for <c>--json</c>.</summary>
    public static JsonArray Json(IEnumerable<Change> changes) =>
    [
        .. changes.Select(change => (JsonNode)new JsonObject
        {
            ["change"] = change.Kind.ToString().ToLowerInvariant(),
            ["address"] = change.Address,
            ["kind"] = change.ResourceKind.Name,
            ["reason"] = change.Reason,
            ["fields"] = new JsonArray([.. change.Fields.Select(f => (JsonNode?)f.Path)]),
        }),
    ];

    private static void ShowFields(Terminal terminal, Change change, int most)
    {
        if (change.Kind is not (ChangeKind.Update or ChangeKind.Adopt or ChangeKind.Foreign))
        {
            return;
        }

        foreach (var field in change.Fields.Take(most))
        {
            terminal.Line($"      [grey]{ConsoleText.Of(field.Path)}: {Short(field.Actual)} → {Short(field.Desired)}{(field.IsDrift ? " (changed outside mdbdeploy)" : "")}[/]");
        }

        if (change.Fields.Length > most)
        {
            terminal.Line($"      [grey]… and {change.Fields.Length - most} more fields[/]");
        }
    }

    private static string Short(JsonNode? value)
    {
        var text = value?.ToJsonString() ?? "nothing";
        return ConsoleText.Of(text.Length > 60 ? text[..57] + "…" : text);
    }
}
