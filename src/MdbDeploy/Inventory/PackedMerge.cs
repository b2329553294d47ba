using System.Runtime.InteropServices;
using System.Text;

namespace MdbDeploy.Inventory;

/// <summary>
/// Makes one device of the rows that describe it as <see cref="DeviceMerge"/> does, without making objects of them: for rows of different files that agree, which nearly all are. What
/// their shared fields come to is asked <see cref="DeviceMerge"/> once for each combination.
/// </summary>
internal sealed class PackedMerge(DeviceRows rows)
{
    private const int MostRows = 4;
    private const int Nothing = -1;
    private const int Disagreement = -2;

    private readonly Dictionary<(int, int, int, int), int> known = [];
    private readonly List<SharedFields> merged = [];
    private readonly RowOrigin[] origins = new RowOrigin[MostRows];

    /// <summary>Puts the device in the place of a row; false when there is something to report, or to decide by more than the order of trust.</summary>
    /// <param name="place">The row.</param>
    /// <param name="group">The rows of the device, which are put in the order of trust.</param>
    public bool TryMerge(int place, List<int> group)
    {
        if (group.Count > MostRows)
        {
            return false;
        }

        group.Sort((a, b) => rows.Source(a).CompareTo(rows.Source(b)));
        var ordered = CollectionsMarshal.AsSpan(group);
        for (var i = 1; i < ordered.Length; i++)
        {
            if (rows.Source(ordered[i]) == rows.Source(ordered[i - 1]) || !Ascii.EqualsIgnoreCase(rows.Own(ordered[i]).Name, rows.Own(ordered[0]).Name))
            {
                return false;
            }
        }

        if (SharedOf(ordered) is not (>= 0 and var shared))
        {
            return false;
        }

        var own = default(OwnFields);
        for (var i = 0; i < ordered.Length; i++)
        {
            origins[i] = rows.SingleOrigin(ordered[i])!.Value;
            Complete(ref own, rows.Own(ordered[i]), rows.LastSeen(ordered[i]));
        }

        own.Origins = origins.AsSpan(0, ordered.Length);
        rows.Replace(place, own, merged[shared]);
        return true;
    }

    /// <summary>Of each field the first value in the order of trust, and the latest sign of life.</summary>
    private static void Complete(ref OwnFields own, scoped in PackedDevice row, DateTimeOffset? seen)
    {
        own.Name = own.Name.IsEmpty ? row.Name : own.Name;
        own.Serial = own.Serial.IsEmpty ? row.Serial : own.Serial;
        own.Owner = own.Owner.IsEmpty ? row.Owner : own.Owner;
        own.Entra = own.Entra == Guid.Empty ? row.Entra : own.Entra;
        own.Intune = own.Intune == Guid.Empty ? row.Intune : own.Intune;
        own.Sms = own.Sms == Guid.Empty ? row.Sms : own.Sms;
        own.Directory = own.Directory == Guid.Empty ? row.Directory : own.Directory;
        own.LastSeen = seen > own.LastSeen || own.LastSeen is null ? seen : own.LastSeen;
        if (!own.HasFqdn && row.HasFqdn)
        {
            (own.HasFqdn, own.FqdnSuffix) = (true, row.FqdnSuffix);
            own.Host = row.Host;
        }
    }

    /// <summary>Number of what the shared fields of rows come to; negative when they disagree.</summary>
    private int SharedOf(ReadOnlySpan<int> ordered)
    {
        var key = (rows.SharedOf(ordered[0]), rows.SharedOf(ordered[1]), ordered.Length > 2 ? rows.SharedOf(ordered[2]) : Nothing, ordered.Length > 3 ? rows.SharedOf(ordered[3]) : Nothing);
        if (!known.TryGetValue(key, out var number))
        {
            known.Add(key, number = Merge(ordered));
        }

        return number;
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
        if (problems.HasAny)
        {
            return Disagreement;
        }

        merged.Add(SharedFields.Of(device, rows.Texts));
        return merged.Count - 1;
    }
}
