using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using CsvHelper;
using MdbDeploy.Targets.Status;
using Spectre.Console;

namespace MdbDeploy.Cli.Views;

/// <summary>The non-persistent desktops in the portal: shown, as JSON, and as pool-status.csv.</summary>
internal static class PoolView
{
    private const int MostShown = 20;

    private static readonly CsvWriterOptions Csv = new() { WriteByteOrderMark = true, NewLine = "\r\n", Injection = CsvInjection.Escape };

    /// <summary>Writes pool-status.csv, one line per name.</summary>
    public static void Write(string path, ImmutableArray<PoolFinding> findings) => AtomicFile.Write(path, stream =>
    {
        using var csv = CsvWriter.Create(stream, Csv, leaveOpen: true);
        csv.WriteHeader("machine name", "image", "expected senseGuid", "state", "entries", "last seen", "machine ids", "detail");
        foreach (var finding in findings)
        {
            csv.WriteField(finding.MachineName);
            csv.WriteField(finding.Desktop?.Image);
            csv.WriteField(finding.Desktop?.SenseGuid?.ToString("D"));
            csv.WriteField(Word(finding.State));
            csv.WriteField(finding.Entries.Length.ToString(CultureInfo.InvariantCulture));
            csv.WriteField(finding.Entries.FirstOrDefault()?.LastSeen?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture));
            csv.WriteField(string.Join(' ', finding.Entries.Select(e => e.Id)));
            csv.WriteField(finding.Detail);
            csv.EndRecord();
        }
    });

    /// <summary>Shows the numbers, and what a person should look at.</summary>
    public static void Show(Terminal terminal, ImmutableArray<PoolFinding> findings)
    {
        terminal.Line($"Pooled desktops: {string.Join(", ", Counts(findings).Where(c => c.Count > 0).Select(c => $"{c.Count.ToString("N0", CultureInfo.InvariantCulture)} {Word(c.State)}"))}");
        var noteworthy = findings.Where(f => f.State is not (PoolState.Expected or PoolState.Waiting)).ToList();
        foreach (var finding in noteworthy.Take(MostShown))
        {
            terminal.Line($"  [yellow]{ConsoleText.Of(finding.MachineName)}[/] {Word(finding.State)}: {ConsoleText.Of(finding.Detail)}");
        }

        if (noteworthy.Count > MostShown)
        {
            terminal.Line($"  … and {(noteworthy.Count - MostShown).ToString("N0", CultureInfo.InvariantCulture)} more in pool-status.csv");
        }
    }

    /// <summary>Names per state.</summary>
    public static JsonObject Json(ImmutableArray<PoolFinding> findings) => new(Counts(findings).Select(c => KeyValuePair.Create(Word(c.State), (JsonNode?)c.Count)));

    private static IEnumerable<(PoolState State, int Count)> Counts(ImmutableArray<PoolFinding> findings) =>
        Enum.GetValues<PoolState>().Select(state => (state, findings.Count(f => f.State == state)));

    private static string Word(PoolState state) => state switch
    {
        PoolState.Image => "onboarded image",
        _ => state.ToString().ToLowerInvariant(),
    };
}
