using System.Text;

namespace MdbDeploy.Inventory;

/// <summary>What rows are recognised as the same device by. Nothing depends on how the pool numbered its texts.</summary>
/// <param name="Same">Whether two rows that have a key have the same.</param>
/// <param name="Order">The order of keys, which must not depend on rows.</param>
internal sealed record RowKey(Func<int, int, bool> Same, Comparison<int> Order)
{
    /// <summary>Takes an id of a device.</summary>
    public delegate Guid IdOf(in PackedDevice own);

    /// <summary>Takes a text of a device.</summary>
    public delegate ReadOnlySpan<byte> TextOf(in PackedDevice own);

    /// <summary>An id.</summary>
    public static RowKey Id(DeviceRows rows, IdOf id) => new(
        (a, b) => id(rows.Own(a)) == id(rows.Own(b)),
        (a, b) => id(rows.Own(a)).CompareTo(id(rows.Own(b))));

    /// <summary>A text, ignoring case.</summary>
    public static RowKey Text(DeviceRows rows, TextOf text) => new(
        (a, b) => AreSame(text(rows.Own(a)), text(rows.Own(b))),
        (a, b) => Compare(text(rows.Own(a)), text(rows.Own(b))));

    /// <summary>The DNS name, ignoring case.</summary>
    public static RowKey Fqdn(DeviceRows rows) => new(
        (a, b) => rows.Own(a).FqdnSuffix == rows.Own(b).FqdnSuffix && AreSame(rows.Own(a).Host, rows.Own(b).Host),
        (a, b) => string.Compare(rows.Own(a).FqdnText(rows.Texts), rows.Own(b).FqdnText(rows.Texts), StringComparison.OrdinalIgnoreCase));

    /// <summary>The name in a domain.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="domains">Number of the domain of each combination of shared fields.</param>
    public static RowKey DomainName(DeviceRows rows, int[] domains) => new(
        (a, b) => domains[rows.SharedOf(a)] == domains[rows.SharedOf(b)] && AreSame(rows.Own(a).Name, rows.Own(b).Name),
        (a, b) => domains[rows.SharedOf(a)].CompareTo(domains[rows.SharedOf(b)]) is not 0 and var byDomain ? byDomain : Compare(rows.Own(a).Name, rows.Own(b).Name));

    private static bool AreSame(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) =>
        a.SequenceEqual(b) || Ascii.EqualsIgnoreCase(a, b) || (!Ascii.IsValid(a) && Compare(a, b) == 0);

    private static int Compare(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) =>
        string.Compare(Encoding.UTF8.GetString(a), Encoding.UTF8.GetString(b), StringComparison.OrdinalIgnoreCase);
}
