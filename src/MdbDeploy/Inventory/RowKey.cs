using System.Runtime.InteropServices;
using System.Text;

namespace MdbDeploy.Inventory;

/// <summary>What rows are recognised as the same device by.</summary>
/// <param name="Hash">Hash of a row's key; 0 when it has none.</param>
/// <param name="Same">Whether two rows that have a key have the same.</param>
/// <param name="Order">The order of keys, which must not depend on rows.</param>
internal sealed record RowKey(Func<int, uint> Hash, Func<int, int, bool> Same, Comparison<int> Order)
{
    /// <summary>Takes an id of a device.</summary>
    public delegate Guid IdOf(in PackedDevice own);

    /// <summary>Takes a text of a device.</summary>
    public delegate ReadOnlySpan<byte> TextOf(in PackedDevice own);

    /// <summary>An id.</summary>
    public static RowKey Id(DeviceRows rows, IdOf id) => new(
        row => id(rows.Own(row)) is var value && value == Guid.Empty ? 0 : (uint)value.GetHashCode() | 1,
        (a, b) => id(rows.Own(a)) == id(rows.Own(b)),
        (a, b) => id(rows.Own(a)).CompareTo(id(rows.Own(b))));

    /// <summary>A text, ignoring case.</summary>
    public static RowKey Text(DeviceRows rows, TextOf text) => new(
        row => HashOf(text(rows.Own(row)), 0),
        (a, b) => AreSame(text(rows.Own(a)), text(rows.Own(b))),
        (a, b) => Compare(text(rows.Own(a)), text(rows.Own(b))));

    /// <summary>The DNS name, ignoring case.</summary>
    public static RowKey Fqdn(DeviceRows rows) => new(
        row => rows.Own(row) is { HasFqdn: true } own ? HashOf(own.Host, (uint)own.FqdnSuffix) : 0,
        (a, b) => rows.Own(a).FqdnSuffix == rows.Own(b).FqdnSuffix && AreSame(rows.Own(a).Host, rows.Own(b).Host),
        (a, b) => string.Compare(rows.Own(a).FqdnText(rows.Texts), rows.Own(b).FqdnText(rows.Texts), StringComparison.OrdinalIgnoreCase));

    /// <summary>The name in a domain.</summary>
    public static RowKey DomainName(DeviceRows rows)
    {
        var domains = new Lazy<DomainNames>(() => new DomainNames(rows));
        var numbers = new Dictionary<int, int>();
        return new(
            row => rows.Shared(row).Domain is not 0 and var domain ? HashOf(rows.Own(row).Name, (uint)NumberOf(domain) + 1) : 0,
            (a, b) => DomainOf(a) == DomainOf(b) && AreSame(rows.Own(a).Name, rows.Own(b).Name),
            (a, b) => DomainOf(a) != DomainOf(b) ? DomainOf(a).CompareTo(DomainOf(b)) : Compare(rows.Own(a).Name, rows.Own(b).Name));

        int DomainOf(int row) => NumberOf(rows.Shared(row).Domain);

        int NumberOf(int domain)
        {
            if (!numbers.TryGetValue(domain, out var number))
            {
                numbers.Add(domain, number = domains.Value.NumberOf(rows.Texts[domain]!));
            }

            return number;
        }
    }

    /// <summary>Hash of a text ignoring case, never 0; 0 for an empty one.</summary>
    private static uint HashOf(ReadOnlySpan<byte> text, uint seed) => text.IsEmpty ? 0 : LongHashOf(text, seed) is var hash ? (uint)(hash ^ (hash >> 32)) | 1 : 0;

    /// <summary>Hash of a text ignoring case.</summary>
    public static ulong LongHashOf(ReadOnlySpan<byte> text, uint seed = 0)
    {
        if (!Ascii.IsValid(text))
        {
            text = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text).ToUpperInvariant());
        }

        // Without the bit of lower case letters and digits keep apart, and so do letters; what else falls together is compared.
        var hash = (seed + 0x9E3779B97F4A7C15UL) * 0x9FB21C651E98DF25UL;
        for (; text.Length >= 8; text = text[8..])
        {
            hash = ulong.RotateLeft((hash ^ (MemoryMarshal.Read<ulong>(text) & 0xDFDFDFDFDFDFDFDFUL)) * 0x9FB21C651E98DF25UL, 29);
        }

        foreach (var b in text)
        {
            hash = (hash ^ (b & 0xDFUL)) * 0x9FB21C651E98DF25UL;
            hash ^= hash >> 32;
        }

        return hash;
    }

    private static bool AreSame(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) =>
        a.SequenceEqual(b) || Ascii.EqualsIgnoreCase(a, b) || (!Ascii.IsValid(a) && Compare(a, b) == 0);

    private static int Compare(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) =>
        string.Compare(Encoding.UTF8.GetString(a), Encoding.UTF8.GetString(b), StringComparison.OrdinalIgnoreCase);
}
