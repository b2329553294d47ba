using System.Buffers;
using System.Text;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Inventory;

/// <summary>
/// Turns the records of one file into rows, as its profile says; whatever is left out or repaired is noted with line and column. Each thread that reads has one of its own; what it
/// read is kept until it is taken.
/// </summary>
internal sealed class RowReader
{
    private const string SumCharacters = "0123456789.,' :=";
    private static readonly SearchValues<byte> Sums = SearchValues.Create(Encoding.UTF8.GetBytes(SumCharacters));

    private readonly int source;
    private readonly Header header;
    private readonly byte[] firstHeader;
    private readonly TextPool pool;
    private readonly OrganisationalUnits units;
    private readonly RowPacker packer;
    private readonly RowNotes notes;
    private readonly CellReader cells;
    private readonly (DeviceField Field, int Code)[] constants;

    /// <summary>Prepares reading.</summary>
    /// <param name="file">The file as the project names it.</param>
    /// <param name="source">Its position in the order of trust.</param>
    /// <param name="match">The profile and how it fits the header.</param>
    /// <param name="rows">Where the rows are packed.</param>
    public RowReader(string file, int source, ProfileMatch match, DeviceRows rows)
    {
        this.source = source;
        pool = rows.Texts;
        units = new OrganisationalUnits(pool);
        packer = new RowPacker(rows);
        header = match.Header;
        firstHeader = Encoding.UTF8.GetBytes(header.Names[0]);
        notes = new RowNotes(file, header);
        Dates = new DateCells(notes);
        cells = new CellReader(match, pool, units, packer, notes, Dates);
        constants = match.Profile.Constants.Select(pair => (pair.Key, DeviceFields.TryCode(pair.Key, pair.Value, out var code) ? code : DeviceFields.Silent)).ToArray();
    }

    /// <summary>The rows read since they were last taken.</summary>
    public List<PackedRow> Packed { get; } = [];

    /// <summary>What was noted.</summary>
    public List<Note> Notes => notes.Taken;

    /// <summary>What the dates of the rows left to settle.</summary>
    public DateCells Dates { get; }

    /// <summary>Data rows seen, without blank ones.</summary>
    public int Seen { get; private set; }

    /// <summary>Forgets what was read since it was last taken.</summary>
    public void Clear()
    {
        Packed.Clear();
        Notes.Clear();
        Dates.Pending.Clear();
        Dates.Proofs.Clear();
        Seen = 0;
    }

    /// <summary>Reads the current record of a table.</summary>
    public void Read(CsvTable table)
    {
        notes.Table = table;
        notes.About(default);
        if (table.IsBlank())
        {
            notes.Blank();
            return;
        }

        if (RepeatsHeader(table))
        {
            notes.Row(Problems.InventoryHeaderIsRepeated, "Another export seems to follow here; this line, which describes its columns, was left out.");
            return;
        }

        var draft = default(DeviceDraft);
        var hasValues = cells.Read(table, Packed.Count, ref draft);
        Seen++;
        if (hasValues && !draft.Name.IsEmpty && !IsFooter(table, draft.Name))
        {
            NoteShape(table);
            draft.Complete(constants, pool, units);
            NoteValues(table, draft);
            Packed.Add(draft.Pack(packer, source, table.Line));
            return;
        }

        Dates.Forget(Packed.Count);
        if (!hasValues)
        {
            notes.Row(Problems.InventoryRowIsBlank, $"No column that is used has a value ({Summary(table)}); the row was left out.");
        }
        else if (draft.Name.IsEmpty)
        {
            notes.Row(Problems.InventoryRowHasNoName, $"The row names no device ({Summary(table)}), and was left out.");
        }
        else
        {
            notes.Row(Problems.InventoryRowIsFooter, $"'{RowNotes.Show(Encoding.UTF8.GetString(draft.Name))}' sums up the list, and was left out.");
        }
    }

    /// <summary>Whether a record is what a further export starts with in files that were put one behind the other: the header again, or PowerShell's line above it.</summary>
    private bool RepeatsHeader(CsvTable table)
    {
        var first = table.Bytes(0);
        if (first.StartsWith("#TYPE "u8))
        {
            return table.Count == 1;
        }

        if (!first.EndsWith(firstHeader))
        {
            return false;
        }

        for (var i = 0; i < Math.Max(table.Count, header.Names.Length); i++)
        {
            if (i >= header.Names.Length ? !table.Field(i).IsEmpty : !table.Field(i).Trim('\uFEFF').Trim().SequenceEqual(header.Names[i]))
            {
                return false;
            }
        }

        return true;
    }

    private void NoteShape(CsvTable table)
    {
        if (table.Damage == CsvDamage.Quoting)
        {
            notes.Row(Problems.InventoryQuotingIsOdd, "A quote in this row stands where none may stand, and was kept as text.");
        }

        var expected = header.Names.Length;
        if (table.Count < expected && !table.CountsRecords)
        {
            var next = RowNotes.Show(header.Names[table.Count]);
            notes.Row(Problems.InventoryRowIsShort, $"The row has {table.Count} of {expected} fields; '{next}' and what follows count as empty.");
        }
        else if (table.Count > expected && FirstSurplus(table) is var surplus && surplus >= 0)
        {
            var shown = RowNotes.Show(table.Field(surplus));
            var (line, column) = table.PlaceOf(surplus);
            notes.Line(Problems.InventoryRowIsLong, line, $"The row has {table.Count} fields and the header {expected}; '{shown}' is beyond, and was left out.", column);
        }
    }

    private int FirstSurplus(CsvTable table)
    {
        for (var i = header.Names.Length; i < table.Count; i++)
        {
            if (!table.Field(i).IsEmpty)
            {
                return i;
            }
        }

        return -1;
    }

    private void NoteValues(CsvTable table, scoped in DeviceDraft draft)
    {
        if (draft.BadBuildColumn is > 0 and var bad && draft.Build is null)
        {
            notes.Field(Problems.BuildIsInvalid, bad - 1, $"'{RowNotes.Show(cells.Clean(table, bad - 1))}' is no Windows build, and was left out.");
        }

        if (draft.Name.Length <= NameText.LongestComputerName && PlainCell.IsWord(draft.Name))
        {
            return;
        }

        var name = Encoding.UTF8.GetString(draft.Name);
        var mayBeWindows = draft.Os is OsFamily.Unknown or OsFamily.WindowsClient or OsFamily.WindowsServer;
        if (mayBeWindows ? !NameText.IsComputerName(name) : name.AsSpan().ContainsAnyInRange('\0', '\u001f') || name.AsSpan().ContainsAnyInRange('\u007f', '\u009f'))
        {
            notes.Field(
                Problems.DeviceNameIsUnusual, cells.NameColumn, $"'{RowNotes.Show(name)}' holds characters that no Windows computer name has; it is kept as it is.");
        }
        else if (mayBeWindows && name.Length > NameText.LongestComputerName)
        {
            notes.Field(Problems.DeviceNameIsLong, cells.NameColumn, $"'{RowNotes.Show(name)}' has {name.Length} characters; a NetBIOS name has at most {NameText.LongestComputerName}.");
        }
    }

    /// <summary>Whether a "name" is a rule, a count or a sum, as people and query tools put below a list.</summary>
    private bool IsFooter(CsvTable table, ReadOnlySpan<byte> name)
    {
        if (name[0] is not ((byte)'-' or (byte)'=' or (byte)'(') && name[..(name.LastIndexOfAnyExcept(Sums) + 1)] is var start && (start.IsEmpty || !Vocabulary.Shared.MayBeFooter(start)))
        {
            return false;
        }

        ReadOnlySpan<char> text = Encoding.UTF8.GetString(name);
        if (text.IndexOfAnyExcept('-', '=') < 0 || (text[0] == '(' && text.EndsWith("affected)", StringComparison.OrdinalIgnoreCase)))
        {
            return true;
        }

        // "Total" could be a computer; with nothing else in its row but a number it is not.
        var word = text.TrimEnd(SumCharacters);
        return Vocabulary.Shared.IsFooter(word) && OtherFields(table) <= (word.Length == text.Length ? 1 : 0);
    }

    private int OtherFields(CsvTable table)
    {
        var filled = 0;
        for (var i = 0; i < table.Count; i++)
        {
            filled += i == cells.NameColumn || table.Field(i).IsEmpty ? 0 : 1;
        }

        return filled;
    }

    private static string Summary(CsvTable table)
    {
        for (var i = 0; i < table.Count; i++)
        {
            if (table.Field(i) is { IsEmpty: false } text)
            {
                return $"it starts with '{RowNotes.Show(text)}'";
            }
        }

        return "it is empty";
    }
}
