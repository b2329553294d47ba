using System.Runtime.InteropServices;
using System.Text;

namespace MdbDeploy.Inventory;

/// <summary>What rows are recognised as the same device by. Hashes and order do not depend on how the pool numbered its texts.</summary>
/// <param name="Hash">Hash of a row's key, given what it holds and the number of its shared fields; 0 when it has none. Asked by several threads.</param>
/// <param name="Same">Whether two rows that have a key have the same.</param>
/// <param name="Order">The order of keys, which must not depend on rows.</param>
internal sealed record RowKey(RowKey.HashOfRow Hash, Func<int, int, bool> Same, Comparison<int> Order)
{
    /// <summary>Hash of a row's key.</summary>
    public delegate uint HashOfRow(in PackedDevice own, int shared);

    /// <summary>Takes an id of a device.</summary>
    public delegate Guid IdOf(in PackedDevice own);

    /// <summary>Takes a text of a device.</summary>
    public delegate ReadOnlySpan<byte> TextOf(in PackedDevice own);

    /// <summary>An id.</summary>
    public static RowKey Id(DeviceRows rows, IdOf id) => new(
        (in own, _) => id(own) is var value && value == Guid.Empty ? 0 : HashOf(value),
        (a, b) => id(rows.Own(a)) == id(rows.Own(b)),
        (a, b) => id(rows.Own(a)).CompareTo(id(rows.Own(b))));

    /// <summary>A text, ignoring case.</summary>
    public static RowKey Text(DeviceRows rows, TextOf text) => new(
        (in own, _) => HashOf(text(own), 0),
        (a, b) => AreSame(text(rows.Own(a)), text(rows.Own(b))),
        (a, b) => Compare(text(rows.Own(a)), text(rows.Own(b))));

    /// <summary>The DNS name, ignoring case.</summary>
    public static RowKey Fqdn(DeviceRows rows)
    {
        var suffixes = rows.Texts.Hashes();
        return new(
            (in own, _) => own.HasFqdn ? HashOf(own.Host, suffixes[own.FqdnSuffix]) : 0,
            (a, b) => rows.Own(a).FqdnSuffix == rows.Own(b).FqdnSuffix && AreSame(rows.Own(a).Host, rows.Own(b).Host),
            (a, b) => string.Compare(rows.Own(a).FqdnText(rows.Texts), rows.Own(b).FqdnText(rows.Texts), StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The name in a domain.</summary>
    public static RowKey DomainName(DeviceRows rows)
    {
        var names = new DomainNames(rows);

        // Fields that no row has any more stay behind from pieces that were read again.
        var domains = new int[rows.SharedCount];
        for (var shared = 0; shared < domains.Length; shared++)
        {
            domains[shared] = rows.SharedAt(shared).Domain is not 0 and var domain ? names.NumberOf(rows.Texts[domain]!) + 1 : 0;
        }

        return new(
            (in own, shared) => domains[shared] is not 0 and var domain ? HashOf(own.Name, (uint)domain) : 0,
            (a, b) => DomainOf(a) == DomainOf(b) && AreSame(rows.Own(a).Name, rows.Own(b).Name),
            (a, b) => DomainOf(a) != DomainOf(b) ? DomainOf(a).CompareTo(DomainOf(b)) : Compare(rows.Own(a).Name, rows.Own(b).Name));

        int DomainOf(int row) => domains[rows.SharedOf(row)];
    }

    // Ids that were counted up differ in their lowest bits only.
    private static uint HashOf(Guid id) => (uint)(((uint)id.GetHashCode() * 0x9FB21C651E98DF25UL) >> 32) | 1;

    /// <summary>Hash of a text ignoring case, never 0; 0 for an empty one.</summary>
    private static uint HashOf(ReadOnlySpan<byte> text, uint seed) => text.IsEmpty ? 0 : LongHashOf(text, seed) is var hash ? (uint)hash | 1 : 0;

    /// <summary>Hash of a text ignoring case.</summary>
    public static ulong LongHashOf(ReadOnlySpan<byte> text, uint seed = 0)
    {
        if (!Ascii.IsValid(text))
        {
            text = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text).ToUpperInvariant());
        }

        // Without the bit of lower case letters and digits keep apart, and so do letters; what else falls together is compared.
        const ulong upper = 0xDFDFDFDFDFDFDFDFUL;
        var hash = (seed + 0x9E3779B97F4A7C15UL + (ulong)text.Length) * 0x9FB21C651E98DF25UL;
        if (text.Length >= sizeof(ulong))
        {
            // The last eight bytes may overlap those before.
            var end = MemoryMarshal.Read<ulong>(text[^sizeof(ulong)..]);
            for (; text.Length > sizeof(ulong); text = text[sizeof(ulong)..])
            {
                hash = ulong.RotateLeft((hash ^ (MemoryMarshal.Read<ulong>(text) & upper)) * 0x9FB21C651E98DF25UL, 29);
            }

            hash = (hash ^ (end & upper)) * 0x9FB21C651E98DF25UL;
        }
        else
        {
            foreach (var b in text)
            {
                hash = ulong.RotateLeft((hash ^ (b & 0xDFUL)) * 0x9FB21C651E98DF25UL, 29);
            }
        }

        // The last characters have reached the highest bits only.
        hash = (hash ^ (hash >> 32)) * 0x9FB21C651E98DF25UL;
        return hash ^ (hash >> 29);
    }

    private static bool AreSame(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) =>
        a.SequenceEqual(b) || Ascii.EqualsIgnoreCase(a, b) || (!Ascii.IsValid(a) && Compare(a, b) == 0);

    private static int Compare(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) =>
        string.Compare(Encoding.UTF8.GetString(a), Encoding.UTF8.GetString(b), StringComparison.OrdinalIgnoreCase);
}
