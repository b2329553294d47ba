using System.Collections.Concurrent;
using System.Text;

namespace MdbDeploy.Inventory;

/// <summary>
/// Makes one device of the rows that describe it as <see cref="DeviceMerge"/> does, without making objects of them: for rows of different files that agree, which nearly all are. What
/// their shared fields come to is asked <see cref="DeviceMerge"/> once for each combination.
/// </summary>
internal sealed class PackedMerge(DeviceRows rows)
{
    /// <summary>Most rows of a device that are merged packed.</summary>
    public const int MostRows = 4;

    private const int Nothing = -1;
    private const int Disagreement = -2;

    private readonly ConcurrentDictionary<(int, int, int, int), int> known = new();
    private readonly Lock gate = new();

    /// <summary>Puts the device in the place of a row; false when there is something to report, or to decide by more than the order of trust. Several threads may merge devices.</summary>
    /// <param name="place">The row.</param>
    /// <param name="group">The rows of the device, two to <see cref="MostRows"/>, which are put in the order of trust.</param>
    /// <param name="packer">Packs it.</param>
    public bool TryMerge(int place, Span<int> group, RowPacker packer)
    {
        if (!TryOrder(group) || SharedOf(group) is not (>= 0 and var shared))
        {
            return false;
        }

        Span<RowOrigin> origins = stackalloc RowOrigin[group.Length];
        var own = new OwnFields { Origins = origins };
        for (var i = 0; i < group.Length; i++)
        {
            origins[i] = rows.SingleOrigin(group[i])!.Value;
            if (!TryComplete(ref own, rows.Own(group[i]).Unpack(), rows.LastSeen(group[i])))
            {
                return false;
            }
        }

        rows.Replace(place, own, shared, packer);
        return true;
    }

    /// <summary>Puts rows in the order of trust; false when two are of one file.</summary>
    private bool TryOrder(Span<int> group)
    {
        for (var i = 1; i < group.Length; i++)
        {
            var (row, source, at) = (group[i], rows.Source(group[i]), i);
            for (; at > 0 && rows.Source(group[at - 1]) is var other && other >= source; at--)
            {
                if (other == source)
                {
                    return false;
                }

                group[at] = group[at - 1];
            }

            group[at] = row;
        }

        return true;
    }

    /// <summary>Of each field the first value in the order of trust, and the latest sign of life; false when a field has another value already.</summary>
    private static bool TryComplete(ref OwnFields own, in OwnFields row, DateTimeOffset? seen)
    {
        own.LastSeen = seen > own.LastSeen || own.LastSeen is null ? seen : own.LastSeen;
        return TryTake(ref own.Name, row.Name)
            && TryTake(ref own.Serial, row.Serial)
            && TryTake(ref own.Owner, row.Owner)
            && TryTake(ref own.Entra, row.Entra)
            && TryTake(ref own.Intune, row.Intune)
            && TryTake(ref own.Sms, row.Sms)
            && TryTake(ref own.Directory, row.Directory)
            && TryTakeFqdn(ref own, row);
    }

    private static bool TryTake(ref ReadOnlySpan<byte> known, ReadOnlySpan<byte> value)
    {
        if (known.IsEmpty)
        {
            known = value;
            return true;
        }

        return value.IsEmpty || Ascii.EqualsIgnoreCase(known, value);
    }

    private static bool TryTake(ref Guid known, Guid value)
    {
        if (known == Guid.Empty)
        {
            known = value;
            return true;
        }

        return value == Guid.Empty || value == known;
    }

    private static bool TryTakeFqdn(ref OwnFields own, in OwnFields row)
    {
        if (!row.HasFqdn)
        {
            return true;
        }

        if (own.HasFqdn)
        {
            return own.FqdnSuffix == row.FqdnSuffix && Ascii.EqualsIgnoreCase(own.Host, row.Host);
        }

        (own.HasFqdn, own.FqdnSuffix) = (true, row.FqdnSuffix);
        own.Host = row.Host;
        return true;
    }

    /// <summary>Number of what the shared fields of rows come to; negative when they disagree.</summary>
    private int SharedOf(ReadOnlySpan<int> ordered)
    {
        var key = (rows.SharedOf(ordered[0]), rows.SharedOf(ordered[1]), ordered.Length > 2 ? rows.SharedOf(ordered[2]) : Nothing, ordered.Length > 3 ? rows.SharedOf(ordered[3]) : Nothing);
        if (known.TryGetValue(key, out var number))
        {
            return number;
        }

        // What rows share is looked up and added in lists, by one thread at a time.
        lock (gate)
        {
            return known.TryGetValue(key, out number) ? number : known[key] = Merge(ordered);
        }
    }

    private int Merge(ReadOnlySpan<int> ordered)
    {
        var alike = new List<SourceRow>();
        foreach (var row in ordered)
        {
            alike.Add(new SourceRow(rows.PrototypeOf(row) with { Origins = [new Origin("", 0)] }, rows.Source(row), rows.Shared(row).Says));
        }

        using var problems = new ProblemLog(null);
        var device = DeviceMerge.Merge(alike, problems);
        return problems.HasAny ? Disagreement : rows.NumberOf(SharedFields.Of(device, rows.Texts));
    }
}
