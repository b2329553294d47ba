using System.Buffers;
using System.Globalization;
using System.Text;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Inventory;

/// <summary>Reads the cells of fields that hardly two devices have in common: names, places in a directory, ids, serial numbers, owners, dates.</summary>
internal sealed class OwnCells(TextPool pool, OrganisationalUnits units, RowPacker packer, RowNotes notes, DateCells dates)
{
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.,");

    private readonly Vocabulary vocabulary = Vocabulary.Shared;
    private readonly ByteMemo suffixes = new();
    private readonly ByteMemo parents = new();

    /// <summary>Reads a value that hardly two devices have in common, if it has the form that nearly all have.</summary>
    public bool ReadPlain(DeviceField field, ReadOnlySpan<byte> text, ref DeviceDraft draft)
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
            case DeviceField.EntraDeviceId or DeviceField.IntuneDeviceId or DeviceField.AdObjectId when PlainCell.IsId(text, out var id):
                draft.SetId(field, id);
                return true;
            case DeviceField.SmsId when PlainCell.IsSmsId(text, out var id):
                draft.SetId(field, id);
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
    /// <param name="field">The field.</param>
    /// <param name="column">Its column.</param>
    /// <param name="text">The value, which is not empty.</param>
    /// <param name="row">Index its row will have.</param>
    /// <param name="isClean">Whether there was nothing to note about it so far.</param>
    /// <param name="draft">Receives it.</param>
    public void Read(DeviceField field, int column, ReadOnlySpan<char> text, int row, bool isClean, ref DeviceDraft draft)
    {
        switch (field)
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
                    Remember(isClean ? suffixes : null, column, '.', dns.Fqdn[(dns.Fqdn.IndexOf('.') + 1)..], packer.SuffixOf(dns.Fqdn));
                }
                else if (!dns.Name.Equals(Encoding.UTF8.GetString(draft.Name), StringComparison.OrdinalIgnoreCase))
                {
                    notes.Repeat(Problems.DnsNameIsInvalid, column, null, text, "is no DNS name, and was left out.");
                }

                break;
            case DeviceField.DistinguishedName:
                SetDistinguishedName(text, ref draft);
                if (DirectoryPath.ParentOf(text) is { IsEmpty: false } parent)
                {
                    Remember(isClean ? parents : null, column, ',', parent, pool.NumberOf(parent));
                }
                else
                {
                    notes.Repeat(Problems.DirectoryPathIsInvalid, column, null, text, "is no distinguished name, and was left out.");
                }

                break;
            case DeviceField.CanonicalName:
                if (!DirectoryPath.IsCanonical(text))
                {
                    notes.Repeat(Problems.DirectoryPathIsInvalid, column, null, text, "is no canonical name, and was left out.");
                    break;
                }

                draft.CanonicalName = draft.CanonicalName.IsEmpty ? packer.Utf8(text) : draft.CanonicalName;
                break;
            case DeviceField.EntraDeviceId or DeviceField.IntuneDeviceId or DeviceField.AdObjectId:
                draft.SetId(field, Id(column, text));
                break;
            case DeviceField.SmsId:
                draft.SetId(field, SmsId(column, text));
                break;
            case DeviceField.Serial:
                draft.Serial = draft.Serial.IsEmpty ? packer.Utf8(Serial(column, text)) : draft.Serial;
                break;
            case DeviceField.Owner:
                draft.Owner = draft.Owner.IsEmpty ? packer.Utf8(Owner(column, text)) : draft.Owner;
                break;
            case DeviceField.LastSeen:
                if (dates.Read(text, column, row) is { } date && !(draft.LastSeen >= date))
                {
                    draft.LastSeen = date;
                }

                break;
            default:
                throw new InvalidOperationException($"{field} is shared.");
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
    private void Remember(ByteMemo? memo, int column, char separator, ReadOnlySpan<char> rest, int number)
    {
        var text = notes.Table.Bytes(column);
        text = text[(text.IndexOf((byte)separator) + 1)..];
        if (memo is not null && text.SequenceEqual(packer.Utf8(rest)) && !memo.TryGet(text, out _))
        {
            memo.Add(text, number);
        }
    }

    private Guid Id(int column, ReadOnlySpan<char> text) => Id(column, text, text);

    private Guid SmsId(int column, ReadOnlySpan<char> text) =>
        Id(column, text, text.StartsWith("GUID:", StringComparison.OrdinalIgnoreCase) ? text["GUID:".Length..] : text);

    private Guid Id(int column, ReadOnlySpan<char> text, ReadOnlySpan<char> guid)
    {
        if (Guid.TryParse(guid, out var id))
        {
            return id;
        }

        notes.Field(Problems.GuidIsInvalid, column, $"'{RowNotes.Show(text)}' is no GUID, and was left out.");
        return Guid.Empty;
    }

    private ReadOnlySpan<char> Serial(int column, ReadOnlySpan<char> text)
    {
        if (vocabulary.IsPlaceholderSerial(text))
        {
            notes.Repeat(Problems.SerialIsPlaceholder, column, null, text, "identifies no machine, and was left out.");
            return default;
        }

        if (IsRounded(text))
        {
            notes.Field(Problems.SerialWasDamagedByExcel, column, $"'{RowNotes.Show(text)}' looks like a number that Excel rounded, and was left out.");
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

    private ReadOnlySpan<char> Owner(int column, ReadOnlySpan<char> text)
    {
        // Entra lists several owners; the first is the one who registered the device.
        var end = text.IndexOfAny(';', ',');
        var first = (end < 0 ? text : text[..end]).Trim();
        if (first.Contains('@'))
        {
            return first;
        }

        notes.Repeat(Problems.OwnerIsNoUserPrincipalName, column, null, text, "is no user principal name, and was left out.");
        return default;
    }
}
