using System.Globalization;
using System.Text.Json.Nodes;
using MdbDeploy.Planning;
using Spectre.Console;

namespace MdbDeploy.Cli.Views;

/// <summary>Shows a plan: devices per method and ring, and who needs attention.</summary>
internal static class PlanView
{
    /// <summary>Methods in the order of the report, those of channels last; only such that hold devices.</summary>
    public static IReadOnlyList<string> MethodsOf(Plan plan)
    {
        var used = plan.Devices.Tally().Select(t => t.Outcome.Method).ToHashSet(StringComparer.Ordinal);
        return [.. Methods.Titles.Select(t => t.Key).Where(m => m != Methods.None).Concat(used.Order(StringComparer.Ordinal)).Append(Methods.None).Where(used.Contains).Distinct()];
    }

    /// <summary>The table of methods and rings.</summary>
    public static void Show(Terminal terminal, Plan plan)
    {
        var rings = plan.Rings.Where(r => r.Devices > 0).ToList();
        var table = new Table { Border = TableBorder.Rounded };
        table.AddColumn("Method");
        foreach (var ring in rings)
        {
            table.AddColumn(new TableColumn(ConsoleText.Of(ring.Name)).RightAligned());
        }

        table.AddColumn(new TableColumn("no ring").RightAligned());
        table.AddColumn(new TableColumn("devices").RightAligned());
        var tally = plan.Devices.Tally();
        foreach (var method in MethodsOf(plan))
        {
            var devices = tally.Where(t => t.Outcome.Method == method).ToList();
            var style = method == Methods.None ? "grey" : "default";
            table.AddRow([
                Cell(Methods.TitleOf(method), style),
                .. rings.Select(ring => Cell(Count(devices.Where(t => t.Outcome.Ring == ring.Name).Sum(t => t.Devices)), style)),
                Cell(Count(devices.Where(t => t.Outcome.Ring is null).Sum(t => t.Devices)), style),
                Cell(Number(devices.Sum(t => t.Devices)), style),
            ]);
        }

        table.AddEmptyRow();
        table.AddRow([Cell("All", "bold"), .. rings.Select(ring => Cell(Count(ring.Devices), "bold")), Cell(Count(plan.Devices.CountOf(o => o.Ring is null)), "bold"), Cell(Number(plan.Devices.Length), "bold")]);
        terminal.Console.Write(table);
        var leaving = Leaving(plan);
        if (leaving.Count > 0)
        {
            terminal.Line($"[yellow]Marked for offboarding[/]: {ConsoleText.Of(string.Join(", ", leaving.Select(g => $"{Number(g.Value)} by {Methods.TitleOf(g.Key)}")))}. 'mdbdeploy offboard' carries it out.");
        }
    }

    /// <summary>The devices that a person should look at, grouped by why.</summary>
    public static void ShowAttention(Terminal terminal, IEnumerable<AttentionGroup> groups)
    {
        var all = groups.ToList();
        if (all.Count == 0)
        {
            terminal.Line("[green]No device needs attention.[/]");
            return;
        }

        var table = new Table { Border = TableBorder.Rounded, Title = new TableTitle("[yellow]Needs attention[/]") };
        table.AddColumn(new TableColumn("devices").RightAligned());
        table.AddColumn("why");
        table.AddColumn("which");
        foreach (var group in all)
        {
            table.AddRow(Number(group.Devices), ConsoleText.Of(group.Why), ConsoleText.Of(Short(group.Names, group.Devices)));
        }

        terminal.Console.Write(table);
    }

    /// <summary>The devices of a plan that need attention, grouped by why, the largest group first.</summary>
    public static IReadOnlyList<AttentionGroup> Attention(Plan plan) =>
    [
        .. plan.Devices.Tally().Where(t => t.Outcome.Attention is not null).GroupBy(t => t.Outcome.Attention!, StringComparer.Ordinal)
            .Select(g => new AttentionGroup(g.Key, g.Sum(t => t.Devices), plan.Devices.Matching(o => o.Attention == g.Key).Select(d => d.Device.Name)))
            .OrderByDescending(g => g.Devices).ThenBy(g => g.Why, StringComparer.Ordinal),
    ];

    /// <summary>At most four names and how many more there are.</summary>
    public static string Short(IReadOnlyList<string> names) => Short(names, names.Count);

    /// <summary>At most four names and how many more there are; no more names are asked for.</summary>
    public static string Short(IEnumerable<string> names, int count) =>
        count <= 4 ? string.Join(", ", names) : $"{string.Join(", ", names.Take(3))} and {Number(count - 3)} more";

    /// <summary>Counts per method and ring for <c>--json</c>.</summary>
    public static JsonObject Json(Plan plan) => new()
    {
        ["asOf"] = plan.AsOf.ToString("O", CultureInfo.InvariantCulture),
        ["devices"] = plan.Devices.Length,
        ["methods"] = new JsonObject(MethodsOf(plan).Select(m => KeyValuePair.Create(m, (JsonNode?)plan.Devices.CountOf(o => o.Method == m)))),
        ["rings"] = new JsonObject(plan.Rings.Select(r => KeyValuePair.Create(r.Name, (JsonNode?)r.Devices))),
        ["eligibility"] = new JsonObject(Enum.GetValues<Eligibility>().Select(e => KeyValuePair.Create(e.ToString().ToLowerInvariant(), (JsonNode?)plan.Devices.CountOf(o => o.Eligibility == e)))),
        ["offboarding"] = new JsonObject(Leaving(plan).Select(g => KeyValuePair.Create(g.Key, (JsonNode?)g.Value))),
        ["attention"] = new JsonArray([.. Attention(plan).Select(g => (JsonNode)new JsonObject { ["why"] = g.Why, ["devices"] = new JsonArray([.. g.Names.Select(n => (JsonNode?)n)]) })]),
    };

    /// <summary>How many devices are offboarded by each method.</summary>
    private static SortedDictionary<string, int> Leaving(Plan plan) => new(
        plan.Devices.Tally().Where(t => t.Outcome.Offboarding is not null).GroupBy(t => t.Outcome.Offboarding!, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Sum(t => t.Devices), StringComparer.Ordinal),
        StringComparer.Ordinal);

    private static Markup Cell(string text, string style) => new($"[{style}]{ConsoleText.Of(text)}[/]");

    private static string Count(int count) => count == 0 ? "·" : Number(count);

    private static string Number(int count) => count.ToString("N0", CultureInfo.InvariantCulture);
}

/// <summary>Devices that need attention for one reason.</summary>
/// <param name="Why">The reason.</param>
/// <param name="Devices">Number of devices.</param>
/// <param name="Names">Their names, made when they are asked for.</param>
internal sealed record AttentionGroup(string Why, int Devices, IEnumerable<string> Names);
