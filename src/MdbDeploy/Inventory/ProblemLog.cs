using System.Collections.Immutable;
using System.Globalization;
using CsvHelper;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Inventory;

/// <summary>
/// Collects what is noticed while an inventory is read. Everything goes into <c>problems.csv</c> at once, a line for each value that was dropped or changed; of each kind only some stay
/// in memory to be shown, since a million rows can have the same problem.
/// </summary>
internal sealed class ProblemLog : IDisposable
{
    private const int MostShown = 100;
    private const int LongestValue = 200;

    private readonly CsvWriter? csv;
    private readonly List<(int Source, Diagnostic Problem)> shown = [];
    private readonly Dictionary<(int Source, Problem Problem), int> counts = [];

    /// <summary>Starts the list.</summary>
    /// <param name="stream">Receives problems.csv: UTF-8 with byte order mark, CR LF, safe to open in a spreadsheet. Null writes none. Stays open.</param>
    public ProblemLog(Stream? stream)
    {
        if (stream is not null)
        {
            csv = CsvWriter.Create(stream, new CsvWriterOptions { WriteByteOrderMark = true, NewLine = "\r\n", Injection = CsvInjection.Escape }, leaveOpen: true);
            csv.WriteHeader("file", "line", "column", "severity", "code", "device", "value", "done");
        }
    }

    /// <summary>Whether anything was noted.</summary>
    public bool HasAny => counts.Count > 0;

    /// <summary>Notes a problem: it is listed, and shown if it is one of the first of its kind.</summary>
    /// <param name="source">Index of its file.</param>
    /// <param name="problem">The problem; its message says what was done.</param>
    /// <param name="value">The value or row concerned, as it stands in the file.</param>
    public void Add(int source, Diagnostic problem, ReadOnlySpan<char> value = default)
    {
        List(problem, value);
        Show(source, problem);
    }

    /// <summary>Lists a problem that is shown in another form.</summary>
    public void List(Diagnostic problem, ReadOnlySpan<char> value)
    {
        if (csv is not null)
        {
            csv.WriteField(problem.Where.File);
            csv.WriteField(problem.Where.Line.ToString(CultureInfo.InvariantCulture));
            csv.WriteField(problem.Where.Column == 0 ? "" : problem.Where.Column.ToString(CultureInfo.InvariantCulture));
            csv.WriteField(problem.Severity.ToString().ToLowerInvariant());
            csv.WriteField(problem.Code);
            csv.WriteField(RowNotes.Show(problem.Where.Subject, LongestValue));
            csv.WriteField(RowNotes.Show(value, LongestValue));
            csv.WriteField(problem.Message);
            csv.EndRecord();
        }
    }

    /// <summary>Keeps a problem to be shown, if it is one of the first of its kind.</summary>
    public void Show(int source, Diagnostic problem)
    {
        ref var count = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(counts, (source, problem.Problem), out _);
        if (++count <= MostShown)
        {
            shown.Add((source, problem));
        }
    }

    /// <summary>What is to be shown, in the order of files, lines and columns; where more was found than is kept, with the number.</summary>
    /// <param name="names">The files, as messages name them.</param>
    public ImmutableArray<Diagnostic> Shown(IReadOnlyList<string> names) =>
    [
        .. shown.Concat(counts.Where(pair => pair.Value > MostShown).Select(pair => (pair.Key.Source, Problem: More(names[pair.Key.Source], pair.Key.Problem, pair.Value - MostShown))))
            .OrderBy(pair => pair.Source).ThenBy(pair => pair.Problem.Where.Line).ThenBy(pair => pair.Problem.Where.Column)
            .ThenBy(pair => pair.Problem.Code, StringComparer.Ordinal).Select(pair => pair.Problem),
    ];

    /// <inheritdoc/>
    public void Dispose() => csv?.Dispose();

    private static Diagnostic More(string file, Problem problem, int count) =>
        Problems.MoreOfTheSame.At(new Location(file), string.Create(CultureInfo.InvariantCulture, $"{problem.Code} stands {count:N0} more times in this file: {problem.Title}"));
}
