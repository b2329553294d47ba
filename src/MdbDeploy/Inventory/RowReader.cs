using MdbDeploy.Diagnostics;

namespace MdbDeploy.Inventory;

/// <summary>
/// Turns the records of one file into rows, as its profile says. It keeps nothing per record but the row; whatever is left out or repaired is noted with line and
/// column.
/// </summary>
internal sealed class RowReader
{
    private readonly int source;
    private readonly Header header;
    private readonly TextPool pool;
    private readonly RowNotes notes;
    private readonly DateColumns dates;
    private readonly CellReader cells;
    private readonly CsvTable table;
    private readonly DeviceRows rows;
    private readonly (DeviceField Field, int Code)[] constants;
    private int blankFrom;
    private int blankTo;

    /// <summary>Prepares reading.</summary>
    /// <param name="file">The file as the project names it.</param>
    /// <param name="source">Its position in the order of trust.</param>
    /// <param name="match">The profile and how it fits the header.</param>
    /// <param name="table">The file's records.</param>
    /// <param name="rows">Receives the rows.</param>
    /// <param name="problems">Receives what is noticed.</param>
    public RowReader(string file, int source, ProfileMatch match, CsvTable table, DeviceRows rows, ProblemLog problems)
    {
        this.source = source;
        this.table = table;
        pool = rows.Texts;
        this.rows = rows;
        header = match.Header;
        notes = new RowNotes(file, header, table, source, problems);
        dates = new DateColumns(notes, rows);
        cells = new CellReader(match, pool, notes, dates);
        constants = match.Profile.Constants.Select(pair => (pair.Key, DeviceFields.TryCode(pair.Key, pair.Value, out var code) ? code : DeviceFields.Silent)).ToArray();
    }

    /// <summary>Data rows seen, without blank ones.</summary>
    public int Rows { get; private set; }

    /// <summary>Reads the current record.</summary>
    public void Read()
    {
        notes.About(default);
        if (table.IsBlank())
        {
            blankFrom = blankFrom == 0 ? table.Line : blankFrom;
            blankTo = table.Line;
            return;
        }

        NoteBlankRows();
        var draft = default(DeviceDraft);
        var hasValues = cells.Read(table, rows.Count, ref draft);
        Rows++;
        if (hasValues && !draft.Name.IsEmpty && !IsFooter(draft.Name))
        {
            NoteShape();
            draft.Complete(constants, pool);
            NoteValues(draft);
            draft.AddTo(rows, source, table.Line);
            return;
        }

        dates.Forget(rows.Count);
        if (!hasValues)
        {
            notes.Row(Problems.InventoryRowIsBlank, $"No column that is used has a value ({Summary()}); the row was left out.");
        }
        else if (draft.Name.IsEmpty)
        {
            notes.Row(Problems.InventoryRowHasNoName, $"The row names no device ({Summary()}), and was left out.");
        }
        else
        {
            notes.Row(Problems.InventoryRowIsFooter, $"'{RowNotes.Show(draft.Name)}' sums up the list, and was left out.");
        }
    }

    /// <summary>Ends the file: dates that only later rows made clear, and the problems that concern whole columns.</summary>
    public void Complete()
    {
        notes.About(default);
        NoteBlankRows();
        dates.Settle();
        notes.Complete();
    }

    private void NoteShape()
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
        else if (table.Count > expected && FirstSurplus() is var surplus && surplus >= 0)
        {
            var shown = RowNotes.Show(table.Field(surplus));
            var (line, column) = table.PlaceOf(surplus);
            notes.Line(Problems.InventoryRowIsLong, line, $"The row has {table.Count} fields and the header {expected}; '{shown}' is beyond, and was left out.", column);
        }
    }

    private int FirstSurplus()
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

    private void NoteValues(scoped in DeviceDraft draft)
    {
        var name = draft.Name;
        if (draft.BadBuildColumn is > 0 and var bad && draft.Build is null)
        {
            notes.Field(Problems.BuildIsInvalid, bad - 1, $"'{RowNotes.Show(cells.Clean(table, bad - 1))}' is no Windows build, and was left out.");
        }

        var mayBeWindows = draft.Os is OsFamily.Unknown or OsFamily.WindowsClient or OsFamily.WindowsServer;
        if (mayBeWindows ? !NameText.IsComputerName(name) : name.ContainsAnyInRange('\0', '\u001f') || name.ContainsAnyInRange('\u007f', '\u009f'))
        {
            notes.Field(
                Problems.DeviceNameIsUnusual, cells.NameColumn, $"'{RowNotes.Show(name)}' holds characters that no Windows computer name has; it is kept as it is.");
        }
        else if (mayBeWindows && name.Length > 15)
        {
            notes.Field(Problems.DeviceNameIsLong, cells.NameColumn, $"'{RowNotes.Show(name)}' has {name.Length} characters; a NetBIOS name has at most 15.");
        }
    }

    /// <summary>Whether a "name" is a rule, a count or a sum, as people and query tools put below a list.</summary>
    private bool IsFooter(ReadOnlySpan<char> name)
    {
        if (name.IndexOfAnyExcept('-', '=') < 0 || (name[0] == '(' && name.EndsWith("affected)", StringComparison.OrdinalIgnoreCase)))
        {
            return true;
        }

        if (!Vocabulary.Shared.StartsLikeFooter(name))
        {
            return false;
        }

        // "Total" could be a computer; with nothing else in its row but a number it is not.
        var word = name.TrimEnd("0123456789.,' :=");
        return Vocabulary.Shared.IsFooter(word) && OtherFields() <= (word.Length == name.Length ? 1 : 0);
    }

    private int OtherFields()
    {
        var filled = 0;
        for (var i = 0; i < table.Count; i++)
        {
            filled += i == cells.NameColumn || table.Field(i).IsEmpty ? 0 : 1;
        }

        return filled;
    }

    private void NoteBlankRows()
    {
        if (blankFrom > 0)
        {
            var what = blankFrom == blankTo ? $"Line {blankFrom} is blank, and was left out." : $"Lines {blankFrom} to {blankTo} are blank, and were left out.";
            notes.Line(Problems.InventoryRowIsBlank, blankFrom, what);
            blankFrom = 0;
        }
    }

    private string Summary()
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
