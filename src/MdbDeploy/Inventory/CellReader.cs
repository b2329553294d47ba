using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Inventory;

/// <summary>Reads the fields of a row into a draft, each column as its profile says; values that mean nothing or are wrong are left out and noted.</summary>
internal sealed class CellReader
{
    private const int MostRemembered = 10_000;

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.,");

    private readonly Vocabulary vocabulary = Vocabulary.Shared;
    private readonly Dictionary<string, OsText> systems = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ImmutableArray<string>> tagLists = new(StringComparer.Ordinal);
    private readonly Column[] columns;
    private readonly StringPool pool;
    private readonly RowNotes notes;
    private readonly DateColumns dates;

    /// <summary>Prepares reading with a profile.</summary>
    public CellReader(ProfileMatch match, StringPool pool, RowNotes notes, DateColumns dates)
    {
        this.pool = pool;
        this.notes = notes;
        this.dates = dates;
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
            var text = Clean(table, column.Index);
            if (!text.IsEmpty)
            {
                any = true;
                Read(column, text, row, ref draft);
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

        if (vocabulary.IsEmpty(text))
        {
            return default;
        }

        if (vocabulary.IsUnexpanded(text))
        {
            notes.Repeat(Problems.InventoryValueIsUnexpanded, column, pool.Get(text), text, "stands for a list whose items were not written; it counts as empty.");
            return default;
        }

        return text;
    }

    private static bool HasMap(ProfileColumn column) => DeviceFields.HasWords(column.Field) || column.Field == DeviceField.Method || !column.Values.IsEmpty;

    private void Read(Column column, ReadOnlySpan<char> text, int row, ref DeviceDraft draft)
    {
        switch (column.Field)
        {
            case DeviceField.Name:
                draft.SetName(NameText.Parse(text), pool);
                notes.Subject ??= draft.Name;
                break;
            case DeviceField.Fqdn:
                draft.SetDns(NameText.Parse(text), pool);
                break;
            case DeviceField.DistinguishedName:
                draft.SetDistinguishedName(text, pool);
                break;
            case DeviceField.CanonicalName:
                draft.CanonicalName ??= text.ToString();
                break;
            case DeviceField.Domain:
                // What Windows calls the domain of a computer that is in none.
                draft.Domain ??= text is "WORKGROUP" or "ARBEITSGRUPPE" ? null : column.Shared(text, pool);
                break;
            case DeviceField.Os:
                draft.SetOs(System(column.Map!, text));
                break;
            case DeviceField.Build:
                ReadBuild(column, text, ref draft);
                break;
            case DeviceField.EntraDeviceId:
                draft.EntraDeviceId ??= Id(column, text);
                break;
            case DeviceField.IntuneDeviceId:
                draft.IntuneDeviceId ??= Id(column, text);
                break;
            case DeviceField.AdObjectId:
                draft.AdObjectId ??= Id(column, text);
                break;
            case DeviceField.Serial:
                draft.Serial ??= Serial(column, text);
                break;
            case DeviceField.Ou:
                draft.Ou ??= column.Shared(text, pool);
                break;
            case DeviceField.Site:
                draft.Site ??= Text(column, text);
                break;
            case DeviceField.Method:
                draft.Method ??= Text(column, text)?.ToLowerInvariant();
                break;
            case DeviceField.Ring:
                draft.Ring ??= Text(column, text);
                break;
            case DeviceField.Tags:
                draft.Tags = draft.Tags.IsDefaultOrEmpty ? Tags(text) : draft.Tags;
                break;
            case DeviceField.Image:
                draft.Image ??= Text(column, text);
                break;
            case DeviceField.Owner:
                draft.Owner ??= Owner(column, text);
                break;
            case DeviceField.LastSeen:
                if (dates.Read(text, column.Index, row) is { } date && !(draft.LastSeen >= date))
                {
                    draft.LastSeen = date;
                }

                break;
            default:
                ReadWord(column, text, ref draft);
                break;
        }
    }

    private void ReadWord(Column column, ReadOnlySpan<char> text, ref DeviceDraft draft)
    {
        if (!column.Remembers(text, out var code))
        {
            var known = column.Map!.TryGet(text, out code);
            if (!known && column.Field == DeviceField.Edition && OsText.EditionOf(text) is not WindowsEdition.Unknown and var edition)
            {
                (known, code) = (true, (int)edition);
            }

            if (!known)
            {
                notes.Repeat(
                    Problems.InventoryValueIsUnknown, column.Index, pool.Get(text), text, $"is not known as {DeviceFields.NameOf(column.Field)}, and was left out.");
                return;
            }

            column.Remember(text, code);
        }

        draft.SetWord(column.Field, code);
    }

    private OsText System(ValueMap map, ReadOnlySpan<char> text)
    {
        var lookup = systems.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!lookup.TryGetValue(text, out var system))
        {
            system = OsText.Parse(text.ToString());
            if (map.TryGet(text, out var code) && code > 0)
            {
                system = system with { Family = (OsFamily)code, IsVague = false };
            }

            if (systems.Count < MostRemembered)
            {
                systems.Add(system.Name, system);
            }
        }

        return system;
    }

    private static void ReadBuild(Column column, ReadOnlySpan<char> text, ref DeviceDraft draft)
    {
        draft.Build ??= WindowsBuild.Parse(text);
        if (draft.Build is null && draft.BadBuild is null)
        {
            (draft.BadBuild, draft.BadBuildColumn) = (text.ToString(), column.Index);
        }
    }

    private Guid? Id(Column column, ReadOnlySpan<char> text)
    {
        if (Guid.TryParse(text, out var id))
        {
            return id == Guid.Empty ? null : id;
        }

        notes.Field(Problems.GuidIsInvalid, column.Index, $"'{RowNotes.Show(text)}' is no GUID, and was left out.");
        return null;
    }

    private string? Serial(Column column, ReadOnlySpan<char> text)
    {
        if (vocabulary.IsPlaceholderSerial(text))
        {
            notes.Repeat(Problems.SerialIsPlaceholder, column.Index, null, text, "identifies no machine, and was left out.");
            return null;
        }

        if (IsRounded(text))
        {
            notes.Field(Problems.SerialWasDamagedByExcel, column.Index, $"'{RowNotes.Show(text)}' looks like a number that Excel rounded, and was left out.");
            return null;
        }

        return text.ToString();
    }

    /// <summary><c>5E10</c> and <c>1.2E+11</c>: what Excel makes of a long number, or of a serial number that looks like one.</summary>
    private static bool IsRounded(ReadOnlySpan<char> text)
    {
        var e = text.IndexOfAny('E', 'e');
        return e > 0 && text[..e].IndexOfAnyExcept(NumberCharacters) < 0 && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
    }

    private string? Text(Column column, ReadOnlySpan<char> text) =>
        column.Map is { } map && map.TryGet(text, out var code) ? map.TextOf(code) : column.Shared(text, pool);

    private ImmutableArray<string> Tags(ReadOnlySpan<char> text)
    {
        var lookup = tagLists.GetAlternateLookup<ReadOnlySpan<char>>();
        if (lookup.TryGetValue(text, out var known))
        {
            return known;
        }

        var tags = ImmutableArray.CreateBuilder<string>();
        foreach (var range in text.SplitAny(';', ',', '|'))
        {
            var tag = text[range].Trim();
            if (!tag.IsEmpty && tag is not "[]" && !tags.Contains(pool.Get(tag), StringComparer.OrdinalIgnoreCase))
            {
                tags.Add(pool.Get(tag));
            }
        }

        known = tags.DrainToImmutable();
        if (tagLists.Count < MostRemembered)
        {
            tagLists.Add(text.ToString(), known);
        }

        return known;
    }

    private string? Owner(Column column, ReadOnlySpan<char> text)
    {
        // Entra lists several owners; the first is the one who registered the device.
        var end = text.IndexOfAny(';', ',');
        var first = (end < 0 ? text : text[..end]).Trim();
        if (first.Contains('@'))
        {
            return first.ToString();
        }

        notes.Repeat(Problems.OwnerIsNoUserPrincipalName, column.Index, null, text, "is no user principal name, and was left out.");
        return null;
    }

    /// <summary>A column that is used. Remembers its last text, since most columns repeat themselves.</summary>
    private sealed class Column(int index, DeviceField target, ValueMap? map)
    {
        private readonly char[] last = new char[64];
        private string shared = "";
        private int length;
        private int code;

        public int Index => index;

        public DeviceField Field => target;

        public ValueMap? Map => map;

        public string Shared(ReadOnlySpan<char> text, StringPool pool) => text.SequenceEqual(shared) ? shared : shared = pool.Get(text);

        public bool Remembers(ReadOnlySpan<char> text, out int known)
        {
            known = code;
            return length > 0 && text.SequenceEqual(last.AsSpan(0, length));
        }

        public void Remember(ReadOnlySpan<char> text, int known)
        {
            if (text.TryCopyTo(last))
            {
                (length, code) = (text.Length, known);
            }
        }
    }
}
