using System.Text;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Inventory;

/// <summary>Takes down what is noticed in the rows that one thread reads, with its places; <see cref="FileNotes"/> puts it in the order of the file.</summary>
internal sealed class RowNotes(string file, Header header)
{
    private const int Shortest = 40;

    private byte[] subject = new byte[64];
    private int named;
    private CsvTable? table;

    /// <summary>What was noted since it was last taken.</summary>
    public List<Note> Taken { get; } = [];

    /// <summary>How many notes were made.</summary>
    public int Count { get; private set; }

    /// <summary>The records; the current one is what places are found in.</summary>
    public CsvTable Table { get => table!; set => table = value; }

    /// <summary>Name of the device the current row describes, once known; made a string only when something is noted.</summary>
    private string? Subject => named == 0 ? null : Encoding.UTF8.GetString(subject, 0, named);

    /// <summary>Tells which device the notes that follow concern; an empty name, in UTF-8, for none.</summary>
    public void About(ReadOnlySpan<byte> device)
    {
        if (device.Length > subject.Length)
        {
            subject = new byte[device.Length];
        }

        device.CopyTo(subject);
        named = device.Length;
    }

    /// <summary>Notes a problem of a field of the current row.</summary>
    public void Field(Problem problem, int column, string message) =>
        Add(new Note(problem.At(Place(column), $"{Column(column)}: {message}"), Table.Field(column).ToString()));

    /// <summary>Notes a problem of the whole current row.</summary>
    public void Row(Problem problem, string message) =>
        Add(new Note(problem.At(new Location(file, Table.Line, 0, Subject), message), Table.Text()));

    /// <summary>Notes a problem of a line.</summary>
    public void Line(Problem problem, int line, string message, int column = 0) =>
        Add(new Note(problem.At(new Location(file, line, column, Subject), message), null));

    /// <summary>Notes that the current row is blank.</summary>
    public void Blank() =>
        Add(new Note(Problems.InventoryRowIsBlank.At(new Location(file, Table.Line), ""), null) { IsBlankLine = true });

    /// <summary>
    /// Notes a problem that many rows can have. <paramref name="value"/> is what they have in common; null counts all values of the column together, and
    /// <paramref name="shown"/> is the first of them.
    /// </summary>
    public void Repeat(Problem problem, int column, string? value, ReadOnlySpan<char> shown, string message) =>
        Add(new Note(problem.At(Place(column), $"{Column(column)}: '{Show(shown)}' {message}"), shown.ToString()) { Repeats = (column, value) });

    /// <summary>A column for a message.</summary>
    public string Column(int column) => header.TitleOf(column);

    /// <summary>A value for a message: short, on one line, and without characters that a console would obey.</summary>
    public static string Show(ReadOnlySpan<char> text, int most = Shortest)
    {
        var shown = PrintableText.Of(text[..Math.Min(text.Length, most)]);
        return text.Length > most ? shown + '…' : shown;
    }

    private void Add(in Note note)
    {
        Count++;
        Taken.Add(note);
    }

    private Location Place(int column)
    {
        var (line, at) = Table.PlaceOf(column);
        return new Location(file, line, at, Subject);
    }
}

/// <summary>Something noticed while a file is read.</summary>
/// <param name="Problem">What it is, and where.</param>
/// <param name="Value">The value or row concerned, as it stands in the file; null when there is none.</param>
internal readonly record struct Note(Diagnostic Problem, string? Value)
{
    /// <summary>For what many rows can have: the column, and the value they have in common; null counts all values of the column together.</summary>
    public (int Column, string? Value)? Repeats { get; init; }

    /// <summary>Whether it says no more than that a line is blank; neighbours are told together.</summary>
    public bool IsBlankLine { get; init; }
}
