using MdbDeploy.Diagnostics;

namespace MdbDeploy.Inventory;

/// <summary>
/// Collects what is noticed while a file is read, with its places. A problem that concerns a value wherever it stands in a column, such as an unknown word, is
/// reported once with the number of rows, since a million rows can share it.
/// </summary>
internal sealed class RowNotes(string file, Header header, CsvTable table, int source, ProblemLog problems)
{
    private const int MostValues = 1000;
    private const int Shortest = 40;

    private char[] subject = new char[64];
    private int named;

    private readonly Dictionary<(Problem Problem, int Column, string? Value), Repeated> repeated = [];

    /// <summary>The file's records; the current one is what places are found in.</summary>
    public CsvTable Table => table;

    /// <summary>How many notes were made.</summary>
    public int Count { get; private set; }

    /// <summary>Name of the device the current row describes, once known; made a string only when something is noted.</summary>
    public string? Subject => named == 0 ? null : new string(subject, 0, named);

    /// <summary>Tells which device the notes that follow concern; an empty name for none.</summary>
    public void About(ReadOnlySpan<char> device)
    {
        if (device.Length > subject.Length)
        {
            subject = new char[device.Length];
        }

        device.CopyTo(subject);
        named = device.Length;
    }

    /// <summary>Notes a problem of a field of the current row.</summary>
    public void Field(Problem problem, int column, string message)
    {
        Count++;
        problems.Add(source, problem.At(Place(column), $"{Column(column)}: {message}"), Table.Field(column));
    }

    /// <summary>Notes a problem of the whole current row.</summary>
    public void Row(Problem problem, string message)
    {
        Count++;
        problems.Add(source, problem.At(new Location(file, Table.Line, 0, Subject), message), Table.Text());
    }

    /// <summary>Notes a problem of a line.</summary>
    public void Line(Problem problem, int line, string message, int column = 0)
    {
        Count++;
        problems.Add(source, problem.At(new Location(file, line, column, Subject), message));
    }

    /// <summary>
    /// Notes a problem that many rows can have. <paramref name="value"/> is what they have in common; null counts all values of the column together, and
    /// <paramref name="shown"/> is the first of them.
    /// </summary>
    public void Repeat(Problem problem, int column, string? value, ReadOnlySpan<char> shown, string message)
    {
        var key = (problem, column, value);
        if (!repeated.TryGetValue(key, out var note))
        {
            // A hostile file has a million different unknown words; beyond a few they are counted together.
            key = repeated.Count < MostValues ? key : (problem, column, null);
            if (!repeated.TryGetValue(key, out note))
            {
                note = new Repeated(Place(column), $"{Column(column)}: '{Show(shown)}' {message}");
                repeated.Add(key, note);
            }
        }

        note.Rows++;
        Count++;
        problems.List(problem.At(Place(column), $"{Column(column)}: '{Show(shown)}' {message}"), shown);
    }

    /// <summary>Hands over the problems that were counted.</summary>
    public void Complete()
    {
        foreach (var ((problem, _, value), note) in repeated)
        {
            var rows = note.Rows == 1 ? "" : $" {note.Rows} rows have {(value is null ? "such a value" : "it")}; this is the first.";
            problems.Show(source, problem.At(note.Where, note.Text + rows));
        }
    }

    /// <summary>A column for a message.</summary>
    public string Column(int column) => $"Column '{Show(header.Names[column])}'";

    /// <summary>A value for a message: short, on one line, and without characters that a console would obey.</summary>
    public static string Show(ReadOnlySpan<char> text, int most = Shortest)
    {
        var shown = PrintableText.Of(text[..Math.Min(text.Length, most)]);
        return text.Length > most ? shown + '…' : shown;
    }

    private Location Place(int column)
    {
        var (line, at) = Table.PlaceOf(column);
        return new Location(file, line, at, Subject);
    }

    private sealed class Repeated(Location where, string text)
    {
        public Location Where { get; } = where;

        public string Text { get; } = text;

        public int Rows { get; set; }
    }
}
