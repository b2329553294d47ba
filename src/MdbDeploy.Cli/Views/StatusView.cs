using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using CsvHelper;
using MdbDeploy.Cli.Reports;
using MdbDeploy.Planning;
using MdbDeploy.Targets.Status;
using Spectre.Console;

namespace MdbDeploy.Cli.Views;

/// <summary>Where devices stand: on the terminal, as status.csv, and as JSON.</summary>
internal static class StatusView
{
    private static readonly CsvWriterOptions Csv = new() { WriteByteOrderMark = true, NewLine = "\r\n", Injection = CsvInjection.Escape };

    private static readonly DeviceCondition[] Conditions = [.. Enum.GetValues<DeviceCondition>().Where(c => c != DeviceCondition.Ghost)];

    /// <summary>Writes status.csv: every device of the plan, then the entries that belong to none.</summary>
    public static void Write(PlanningResult planned, ImmutableArray<DeviceStatus> status, ImmutableArray<StrayEntry> strays) => AtomicFile.Write(Path.Combine(planned.OutFolder, "status.csv"), stream =>
    {
        using var csv = CsvWriter.Create(stream, Csv, leaveOpen: true);
        csv.WriteHeader("name", "fqdn", "method", "ring", "state", "detail", "last seen", "since");
        foreach (var device in status)
        {
            Row(device.Planned.Device.Name, device.Planned.Device.Fqdn, device.Planned.Method, device.Planned.Ring, device.Condition, device.Told, device.LastSeen, device.Since);
        }

        foreach (var stray in strays)
        {
            Row(stray.Entry.DnsName!.Split('.')[0], stray.Entry.DnsName.Contains('.', StringComparison.Ordinal) ? stray.Entry.DnsName : null, null, null, stray.Condition, stray.Detail, stray.Entry.LastSeen, null);
        }

        void Row(string name, string? fqdn, string? method, string? ring, DeviceCondition condition, string detail, DateTimeOffset? seen, DateTimeOffset? since)
        {
            csv.WriteField(name);
            csv.WriteField(fqdn);
            csv.WriteField(method);
            csv.WriteField(ring);
            csv.WriteField(StatusWords.Of(condition));
            csv.WriteField(detail.ReplaceLineEndings(" "));
            csv.WriteField(Time(seen));
            csv.WriteField(Time(since));
            csv.EndRecord();
        }
    });

    /// <summary>Devices per state and condition, what belongs to nobody, and the trend.</summary>
    public static JsonObject Json(ImmutableArray<DeviceStatus> status, ImmutableArray<StrayEntry> strays, ImmutableArray<StatusRun> runs)
    {
        var json = States(status);
        json["conditions"] = new JsonObject(Conditions.Select(c => KeyValuePair.Create(StatusWords.Of(c), (JsonNode?)status.Count(s => s.Condition == c))));
        json["strays"] = new JsonArray([.. strays.Select(s => (JsonNode)new JsonObject { ["name"] = s.Entry.DnsName, ["state"] = StatusWords.Of(s.Condition), ["lastSeen"] = Time(s.Entry.LastSeen) })]);
        json["runs"] = new JsonArray([.. runs.Select(run => (JsonNode)new JsonObject
        {
            ["time"] = Time(run.Time),
            ["rings"] = new JsonObject(run.Tallies.Select(t => t.Ring).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase)
                .Select(ring => KeyValuePair.Create(ring, (JsonNode?)new JsonObject { ["onboarded"] = run.Of(ring).Onboarded, ["planned"] = run.Of(ring).Planned }))),
        })]);
        return json;
    }

    /// <summary>Devices per state.</summary>
    public static JsonObject States(ImmutableArray<DeviceStatus> status) => new(Enum.GetValues<OnboardingState>().Select(state => KeyValuePair.Create(state switch
    {
        OnboardingState.Onboarded => "onboarded",
        OnboardingState.Waiting => "waiting",
        OnboardingState.Attention => "attention",
        _ => "not planned",
    }, (JsonNode?)status.Count(s => s.State == state))));

    /// <summary>A table of rings and methods, with how far each ring came since an earlier run.</summary>
    public static void Show(Terminal terminal, Plan plan, ImmutableArray<DeviceStatus> status, ImmutableArray<StrayEntry> strays, ImmutableArray<StatusRun> runs)
    {
        var counts = status.CountBy(s => (s.Planned.Ring, s.Planned.Method, s.Condition)).ToDictionary();
        var used = Conditions.Where(c => counts.Keys.Any(k => k.Condition == c)).ToList();
        var table = new Table { Border = TableBorder.Rounded };
        table.AddColumns("Ring", "Method");
        foreach (var condition in used)
        {
            table.AddColumn(new TableColumn(StatusWords.Of(condition)).RightAligned());
        }

        foreach (var ring in plan.Rings.Select(r => (string?)r.Name).Append(null))
        {
            foreach (var method in PlanView.MethodsOf(plan).Where(method => used.Exists(c => counts.ContainsKey((ring, method, c)))))
            {
                table.AddRow([ConsoleText.Of(ring ?? "no ring"), ConsoleText.Of(Methods.TitleOf(method)),
                    .. used.Select(c => counts.TryGetValue((ring, method, c), out var count) ? count.ToString("N0", CultureInfo.InvariantCulture) : "·")]);
            }
        }

        terminal.Console.Write(table);
        foreach (var ring in plan.Rings.Where(r => r.Devices > 0))
        {
            if (Trend(ring.Name, runs) is { } trend)
            {
                terminal.Line($"  {ConsoleText.Of(ring.Name)}: {trend}");
            }
        }

        foreach (var group in strays.GroupBy(s => s.Condition))
        {
            terminal.Line($"  [yellow]{group.Count().ToString("N0", CultureInfo.InvariantCulture)} {StatusWords.Of(group.Key)}[/] in Defender, in no inventory: {ConsoleText.Of(PlanView.Short([.. group.Select(s => s.Entry.DnsName!)]))}");
        }
    }

    /// <summary>One line of a run, for a pipe that is watched.</summary>
    public static string Line(DateTimeOffset time, ImmutableArray<DeviceStatus> status) =>
        $"{Time(time)}  {string.Join(", ", Conditions.Select(c => (StatusWords.Of(c), Count: status.Count(s => s.Condition == c))).Where(c => c.Count > 0).Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Count} {c.Item1}")))}";

    // Against a run of about a week ago, else the oldest there is.
    private static string? Trend(string ring, ImmutableArray<StatusRun> runs)
    {
        if (runs.Length < 2)
        {
            return null;
        }

        var now = runs[^1];
        var before = runs.LastOrDefault(run => now.Time - run.Time >= TimeSpan.FromDays(7)) ?? runs[0];
        var (here, was) = (now.Of(ring), before.Of(ring));
        return here.Planned == 0 ? null : string.Create(CultureInfo.InvariantCulture,
            $"{here.Onboarded:N0} of {here.Planned:N0} onboarded ({100.0 * here.Onboarded / here.Planned:0.#}%), {was.Onboarded:N0} of {was.Planned:N0} on {before.Time.UtcDateTime:yyyy-MM-dd HH:mm} UTC");
    }

    private static string? Time(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
