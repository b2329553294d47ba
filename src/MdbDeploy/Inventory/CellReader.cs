using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Inventory;

/// <summary>Reads the fields of a row into a draft, each column as its profile says; values that mean nothing or are wrong are left out and noted.</summary>
internal sealed class CellReader
{
    private const long Empty = -1;
    private const long Invalid = -2;
    private const int WordOffset = 1;

    // U+FFFD stands where bytes were no character. The others are what text of Windows becomes when somebody reads it as Latin-1, and the five bytes that Windows-1252 leaves out.
    private static readonly SearchValues<char> Damage = SearchValues.Create(['\uFFFD', .. Enumerable.Range(0x80, 0x20).Select(c => (char)c)]);

    private readonly Vocabulary vocabulary = Vocabulary.Shared;
    private readonly List<(OsText Text, int Name)> systems = [];
    private readonly Column[] columns;
    private readonly TextPool pool;
    private readonly RowNotes notes;
    private readonly OwnCells own;

    /// <summary>Prepares reading with a profile.</summary>
    public CellReader(ProfileMatch match, TextPool pool, OrganisationalUnits units, RowPacker packer, RowNotes notes, DateCells dates)
    {
        this.pool = pool;
        this.notes = notes;
        own = new OwnCells(pool, units, packer, notes, dates);
        columns =
        [
            .. match.Bound.Select(bound => new Column(bound.Column, bound.Profile.Field, HasMap(bound.Profile) ? vocabulary.MapOf(bound.Profile) : null)),
        ];
        NameColumn = match.Bound.First(bound => DeviceFields.NamesDevice(bound.Profile.Field)).Column;
    }

    /// <summary>Index of the file's column that names the device.</summary>
    public int NameColumn { get; }

    /// <summary>Reads the current record; false when no column that is used has a value.</summary>
    /// <param name="table">The record.</param>
    /// <param name="row">Index its row will have.</param>
    /// <param name="draft">Receives the values.</param>
    public bool Read(CsvTable table, int row, ref DeviceDraft draft)
    {
        var any = false;
        foreach (var column in columns)
        {
            var bytes = table.Bytes(column.Index);
            if (bytes.IsEmpty)
            {
                continue;
            }

            if (column.Memo is not { } memo)
            {
                if (own.ReadPlain(column.Field, bytes, ref draft))
                {
                    any = true;
                    continue;
                }

                var noted = notes.Count;
                var text = Clean(table, column.Index);
                if (!text.IsEmpty)
                {
                    any = true;
                    own.Read(column.Field, column.Index, text, row, notes.Count == noted, ref draft);
                }
            }
            else if (memo.TryGet(bytes, out var value))
            {
                any |= value != Empty;
                Apply(column, value, ref draft);
            }
            else
            {
                any |= ReadShared(column, table, ref draft);
            }
        }

        return any;
    }

    /// <summary>A field without what stands for nothing.</summary>
    public ReadOnlySpan<char> Clean(CsvTable table, int column)
    {
        var text = table.Field(column);
        if (text.Length > 3 && text[0] == '=' && text[1] == '"' && text[^1] == '"' && !text[2..^1].Contains('"'))
        {
            // ="0012" is how Excel is made to keep leading zeros.
            text = text[2..^1].Trim();
        }

        if (text.Contains('\0'))
        {
            notes.Field(Problems.InventoryValueHasNul, column, "NUL characters were removed from the value.");
            text = text.ToString().Replace("\0", "", StringComparison.Ordinal).AsSpan().Trim();
        }

        if (!Ascii.IsValid(text) && text.ContainsAny(Damage))
        {
            notes.Repeat(Problems.InventoryTextIsDamaged, column, null, text, "holds a character that was lost before or in the file; it is kept as it is.");
        }

        if (vocabulary.IsEmpty(text))
        {
            return default;
        }

        if (vocabulary.IsUnexpanded(text))
        {
            notes.Repeat(Problems.InventoryValueIsUnexpanded, column, text.ToString(), text, "stands for a list whose items were not written; it counts as empty.");
            return default;
        }

        return text;
    }

    private static bool HasMap(ProfileColumn column) => DeviceFields.HasWords(column.Field) || column.Field == DeviceField.Method || !column.Values.IsEmpty;

    /// <summary>Reads a value that many devices have in common and remembers what it came to, unless it is to be noted each time; false when it says nothing.</summary>
    private bool ReadShared(Column column, CsvTable table, ref DeviceDraft draft)
    {
        var noted = notes.Count;
        var text = Clean(table, column.Index);
        var value = text.IsEmpty ? Empty : Interpret(column, text);
        if (notes.Count == noted)
        {
            column.Memo!.Add(table.Bytes(column.Index), value);
        }

        Apply(column, value, ref draft);
        return value != Empty;
    }

    /// <summary>What a text comes to: a word's code, a build, or a number of the pool.</summary>
    private long Interpret(Column column, ReadOnlySpan<char> text)
    {
        switch (column.Field)
        {
            case DeviceField.Domain:
                // What Windows calls the domain of a computer that is in none.
                return text is "WORKGROUP" or "ARBEITSGRUPPE" ? 0 : pool.NumberOf(text);
            case DeviceField.Ou:
                return pool.NumberOf(text);
            case DeviceField.Os:
                var system = System(column.Map!, text);
                systems.Add((system, pool.NumberOf(system.Name)));
                return systems.Count - 1;
            case DeviceField.Build:
                if (notes.Table.MayHaveLostZeros(column.Index) && text.IndexOf('.') is > 0 and var dot)
                {
                    notes.Field(Problems.BuildLostZeros, column.Index, $"'{RowNotes.Show(text)}' is kept as a number, so that zeros at its end are lost; the revision counts as unknown.");
                    text = text[..dot];
                }

                return WindowsBuild.Parse(text) is { } build ? ((long)build.Number << 32) | (uint)(build.Revision ?? -1) : Invalid;
            case DeviceField.Method:
                return pool.NumberOf(Text(column, text)?.ToLowerInvariant());
            case DeviceField.Site or DeviceField.Ring or DeviceField.Image:
                return pool.NumberOf(Text(column, text));
            case DeviceField.Tags:
                return pool.NumberOf(Tags(text));
            default:
                return Word(column, text);
        }
    }

    private void Apply(Column column, long value, ref DeviceDraft draft)
    {
        if (value == Empty)
        {
            return;
        }

        switch (column.Field)
        {
            case DeviceField.Domain:
                draft.Domain = draft.Domain == 0 ? (int)value : draft.Domain;
                break;
            case DeviceField.Ou:
                draft.Ou = draft.Ou == 0 ? (int)value : draft.Ou;
                break;
            case DeviceField.Os:
                draft.SetOs(systems[(int)value].Text, systems[(int)value].Name);
                break;
            case DeviceField.Build when value == Invalid:
                draft.BadBuildColumn = draft.Build is null && draft.BadBuildColumn == 0 ? column.Index + 1 : draft.BadBuildColumn;
                break;
            case DeviceField.Build:
                draft.Build ??= new WindowsBuild((int)(value >> 32), (int)value < 0 ? null : (int)value);
                break;
            case DeviceField.Method:
                draft.Method = draft.Method == 0 ? (int)value : draft.Method;
                break;
            case DeviceField.Site:
                draft.Site = draft.Site == 0 ? (int)value : draft.Site;
                break;
            case DeviceField.Ring:
                draft.Ring = draft.Ring == 0 ? (int)value : draft.Ring;
                break;
            case DeviceField.Image:
                draft.Image = draft.Image == 0 ? (int)value : draft.Image;
                break;
            case DeviceField.Tags:
                draft.Tags = draft.Tags == 0 ? (int)value : draft.Tags;
                break;
            default:
                if (value != Invalid)
                {
                    draft.SetWord(column.Field, (int)(value - WordOffset));
                }

                break;
        }
    }

    /// <summary>The code of a word, moved so that a word that says nothing is still a value.</summary>
    private long Word(Column column, ReadOnlySpan<char> text)
    {
        if (column.Map!.TryGet(text, out var code))
        {
            return code + WordOffset;
        }

        if (column.Field == DeviceField.Edition && OsText.EditionOf(text) is not WindowsEdition.Unknown and var edition)
        {
            return (int)edition + WordOffset;
        }

        notes.Repeat(Problems.InventoryValueIsUnknown, column.Index, text.ToString(), text, $"is not known as {DeviceFields.NameOf(column.Field)}, and was left out.");
        return Invalid;
    }

    private static OsText System(ValueMap map, ReadOnlySpan<char> text)
    {
        var system = OsText.Parse(text.ToString());
        return map.TryGet(text, out var code) && code > 0 ? system with { Family = (OsFamily)code, IsVague = false } : system;
    }

    private static string? Text(Column column, ReadOnlySpan<char> text) => column.Map is { } map && map.TryGet(text, out var code) ? map.TextOf(code) : text.ToString();

    private ImmutableArray<string> Tags(ReadOnlySpan<char> text)
    {
        var tags = ImmutableArray.CreateBuilder<string>();
        foreach (var range in text.SplitAny(';', ',', '|'))
        {
            var tag = text[range].Trim();
            if (!tag.IsEmpty && tag is not "[]" && !tags.Contains(pool.Get(tag), StringComparer.OrdinalIgnoreCase))
            {
                tags.Add(pool.Get(tag));
            }
        }

        return tags.DrainToImmutable();
    }

    /// <summary>A column that is used.</summary>
    private sealed class Column(int index, DeviceField target, ValueMap? map)
    {
        public int Index => index;

        public DeviceField Field => target;

        public ValueMap? Map => map;

        /// <summary>What its texts came to; null when hardly two devices share one.</summary>
        public ByteMemo? Memo { get; } = DeviceFields.IsShared(target) ? new ByteMemo() : null;
    }
}
