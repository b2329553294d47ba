using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
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

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.,");

    private readonly Vocabulary vocabulary = Vocabulary.Shared;
    private readonly List<(OsText Text, int Name)> systems = [];
    private readonly ByteMemo suffixes = new();
    private readonly ByteMemo parents = new();
    private readonly Column[] columns;
    private readonly TextPool pool;
    private readonly OrganisationalUnits units;
    private readonly RowPacker packer;
    private readonly RowNotes notes;
    private readonly DateCells dates;
    private int noted;

    /// <summary>Prepares reading with a profile.</summary>
    public CellReader(ProfileMatch match, TextPool pool, OrganisationalUnits units, RowPacker packer, RowNotes notes, DateCells dates)
    {
        this.pool = pool;
        this.units = units;
        this.packer = packer;
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
            var bytes = table.Bytes(column.Index);
            if (bytes.IsEmpty)
            {
                continue;
            }

            if (column.Memo is not { } memo)
            {
                if (ReadPlain(column.Field, bytes, ref draft))
                {
                    any = true;
                    continue;
                }

                noted = notes.Count;
                var text = Clean(table, column.Index);
                if (!text.IsEmpty)
                {
                    any = true;
                    ReadOwn(column, text, row, ref draft);
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

    /// <summary>Reads a value that hardly two devices have in common, if it has the form that nearly all have.</summary>
    private bool ReadPlain(DeviceField field, ReadOnlySpan<byte> text, ref DeviceDraft draft)
    {
        switch (field)
        {
            case DeviceField.Name when PlainCell.IsWord(text):
                draft.SetName(text);
                notes.About(draft.Name);
                return true;
            case DeviceField.Fqdn when PlainCell.IsDnsName(text, suffixes, out var label, out var suffix):
                draft.SetOtherName(label);
                draft.SetFqdn(label, suffix);
                return true;
            case DeviceField.DistinguishedName when PlainCell.IsDistinguishedName(text, out var name, out var parent) && parents.TryGet(parent, out var ou):
                draft.SetOtherName(name);
                draft.SetUnit((int)ou, units.Of((int)ou).Domain);
                return true;
            case DeviceField.EntraDeviceId when PlainCell.IsId(text, out var id):
                draft.EntraDeviceId = draft.EntraDeviceId == Guid.Empty ? id : draft.EntraDeviceId;
                return true;
            case DeviceField.IntuneDeviceId when PlainCell.IsId(text, out var id):
                draft.IntuneDeviceId = draft.IntuneDeviceId == Guid.Empty ? id : draft.IntuneDeviceId;
                return true;
            case DeviceField.SmsId when PlainCell.IsSmsId(text, out var id):
                draft.SmsId = draft.SmsId == Guid.Empty ? id : draft.SmsId;
                return true;
            case DeviceField.AdObjectId when PlainCell.IsId(text, out var id):
                draft.AdObjectId = draft.AdObjectId == Guid.Empty ? id : draft.AdObjectId;
                return true;
            case DeviceField.Serial when PlainCell.IsSerial(text):
                draft.Serial = draft.Serial.IsEmpty ? text : draft.Serial;
                return true;
            case DeviceField.Owner when PlainCell.IsOwner(text):
                draft.Owner = draft.Owner.IsEmpty ? text : draft.Owner;
                return true;
            case DeviceField.LastSeen when PlainCell.IsDate(text, out var date):
                draft.LastSeen = draft.LastSeen >= date ? draft.LastSeen : date;
                return true;
            default:
                return false;
        }
    }

    /// <summary>Reads a value that hardly two devices have in common, in any form.</summary>
    private void ReadOwn(Column column, ReadOnlySpan<char> text, int row, ref DeviceDraft draft)
    {
        switch (column.Field)
        {
            case DeviceField.Name:
                var parts = NameText.Parse(text);
                draft.SetName(packer.Utf8(parts.Name));
                SetDns(parts, ref draft);
                SetDistinguishedName(parts.DistinguishedName, ref draft);
                notes.About(draft.Name);
                break;
            case DeviceField.Fqdn:
                var dns = NameText.Parse(text);
                SetDns(dns, ref draft);
                if (!dns.Fqdn.IsEmpty)
                {
                    Remember(suffixes, column, '.', dns.Fqdn[(dns.Fqdn.IndexOf('.') + 1)..], packer.SuffixOf(dns.Fqdn));
                }
                else if (!dns.Name.Equals(Encoding.UTF8.GetString(draft.Name), StringComparison.OrdinalIgnoreCase))
                {
                    notes.Repeat(Problems.DnsNameIsInvalid, column.Index, null, text, "is no DNS name, and was left out.");
                }

                break;
            case DeviceField.DistinguishedName:
                SetDistinguishedName(text, ref draft);
                if (DirectoryPath.ParentOf(text) is { IsEmpty: false } parent)
                {
                    Remember(parents, column, ',', parent, pool.NumberOf(parent));
                }
                else
                {
                    notes.Repeat(Problems.DirectoryPathIsInvalid, column.Index, null, text, "is no distinguished name, and was left out.");
                }

                break;
            case DeviceField.CanonicalName:
                if (!DirectoryPath.IsCanonical(text))
                {
                    notes.Repeat(Problems.DirectoryPathIsInvalid, column.Index, null, text, "is no canonical name, and was left out.");
                    break;
                }

                draft.CanonicalName = draft.CanonicalName.IsEmpty ? packer.Utf8(text) : draft.CanonicalName;
                break;
            case DeviceField.EntraDeviceId:
                draft.EntraDeviceId = draft.EntraDeviceId == Guid.Empty ? Id(column, text) : draft.EntraDeviceId;
                break;
            case DeviceField.IntuneDeviceId:
                draft.IntuneDeviceId = draft.IntuneDeviceId == Guid.Empty ? Id(column, text) : draft.IntuneDeviceId;
                break;
            case DeviceField.SmsId:
                draft.SmsId = draft.SmsId == Guid.Empty ? SmsId(column, text) : draft.SmsId;
                break;
            case DeviceField.AdObjectId:
                draft.AdObjectId = draft.AdObjectId == Guid.Empty ? Id(column, text) : draft.AdObjectId;
                break;
            case DeviceField.Serial:
                draft.Serial = draft.Serial.IsEmpty ? packer.Utf8(Serial(column, text)) : draft.Serial;
                break;
            case DeviceField.Owner:
                draft.Owner = draft.Owner.IsEmpty ? packer.Utf8(Owner(column, text)) : draft.Owner;
                break;
            case DeviceField.LastSeen:
                if (dates.Read(text, column.Index, row) is { } date && !(draft.LastSeen >= date))
                {
                    draft.LastSeen = date;
                }

                break;
            default:
                throw new InvalidOperationException($"{column.Field} is shared.");
        }
    }

    private void SetDns(scoped in NameText text, ref DeviceDraft draft)
    {
        draft.SetOtherName(packer.Utf8(text.Name));
        if (!text.Fqdn.IsEmpty)
        {
            draft.SetFqdn(packer.Utf8(text.Fqdn[..text.Fqdn.IndexOf('.')]), packer.SuffixOf(text.Fqdn));
        }
        else if (draft.Domain == 0 && !text.Domain.IsEmpty)
        {
            // DOMAIN\NAME says which directory it is.
            draft.Domain = pool.NumberOf(text.Domain);
        }
    }

    private void SetDistinguishedName(ReadOnlySpan<char> dn, ref DeviceDraft draft)
    {
        if (dn.IsEmpty)
        {
            return;
        }

        draft.SetOtherName(packer.Utf8(DirectoryPath.LeafOf(dn)));
        if (DirectoryPath.ParentOf(dn) is { IsEmpty: false } parent)
        {
            var ou = pool.NumberOf(parent);
            draft.SetUnit(ou, units.Of(ou).Domain);
        }
    }

    /// <summary>Remembers the number of what follows a character in the cell, so that other cells that end alike are plain; not when there was something to note.</summary>
    private void Remember(ByteMemo memo, Column column, char separator, ReadOnlySpan<char> rest, int number)
    {
        var text = notes.Table.Bytes(column.Index);
        text = text[(text.IndexOf((byte)separator) + 1)..];
        if (noted == notes.Count && text.SequenceEqual(packer.Utf8(rest)) && !memo.TryGet(text, out _))
        {
            memo.Add(text, number);
        }
    }

    /// <summary>Reads a value that many devices have in common and remembers what it came to, unless it is to be noted each time; false when it says nothing.</summary>
    private bool ReadShared(Column column, CsvTable table, ref DeviceDraft draft)
    {
        noted = notes.Count;
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

    private Guid Id(Column column, ReadOnlySpan<char> text) => Id(column, text, text);

    private Guid SmsId(Column column, ReadOnlySpan<char> text) =>
        Id(column, text, text.StartsWith("GUID:", StringComparison.OrdinalIgnoreCase) ? text["GUID:".Length..] : text);

    private Guid Id(Column column, ReadOnlySpan<char> text, ReadOnlySpan<char> guid)
    {
        if (Guid.TryParse(guid, out var id))
        {
            return id;
        }

        notes.Field(Problems.GuidIsInvalid, column.Index, $"'{RowNotes.Show(text)}' is no GUID, and was left out.");
        return Guid.Empty;
    }

    private ReadOnlySpan<char> Serial(Column column, ReadOnlySpan<char> text)
    {
        if (vocabulary.IsPlaceholderSerial(text))
        {
            notes.Repeat(Problems.SerialIsPlaceholder, column.Index, null, text, "identifies no machine, and was left out.");
            return default;
        }

        if (IsRounded(text))
        {
            notes.Field(Problems.SerialWasDamagedByExcel, column.Index, $"'{RowNotes.Show(text)}' looks like a number that Excel rounded, and was left out.");
            return default;
        }

        return text;
    }

    /// <summary><c>5E10</c> and <c>1.2E+11</c>: what Excel makes of a long number, or of a serial number that looks like one.</summary>
    private static bool IsRounded(ReadOnlySpan<char> text)
    {
        var e = text.IndexOfAny('E', 'e');
        return e > 0 && text[..e].IndexOfAnyExcept(NumberCharacters) < 0 && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
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

    private ReadOnlySpan<char> Owner(Column column, ReadOnlySpan<char> text)
    {
        // Entra lists several owners; the first is the one who registered the device.
        var end = text.IndexOfAny(';', ',');
        var first = (end < 0 ? text : text[..end]).Trim();
        if (first.Contains('@'))
        {
            return first;
        }

        notes.Repeat(Problems.OwnerIsNoUserPrincipalName, column.Index, null, text, "is no user principal name, and was left out.");
        return default;
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
