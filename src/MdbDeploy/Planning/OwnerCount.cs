using System.Text;
using MdbDeploy.Inventory;

namespace MdbDeploy.Planning;

/// <summary>How many devices the owners of some devices have; names that differ in upper and lower case are one owner.</summary>
/// <param name="Owners">Number of owners.</param>
/// <param name="WithSurplus">Number of owners with more devices than allowed.</param>
/// <param name="Most">Most devices of an owner.</param>
/// <param name="Surplus">The owner with the most devices, the first by name when several have as many, in lower case; null when nobody has more than allowed.</param>
internal sealed record OwnerCount(int Owners, int WithSurplus, int Most, string? Surplus)
{
    /// <summary>Counts the owners of the devices with an outcome and with some shared fields.</summary>
    public static OwnerCount Of(PlannedDevices planned, Func<PlanOutcome, bool> outcome, Func<Device, bool> shared, int allowed)
    {
        // By 64 bits of hash: two of a million owners fall together once in ten million fleets, and a count would be one off.
        var hashes = planned.RowsOf(outcome, shared).Select(row => HashOf(planned.Table.Rows, row)).Where(hash => hash != 0).ToArray();
        Array.Sort(hashes);
        var (owners, surplus, most) = (0, 0, 0);
        var first = new HashSet<ulong>();
        for (var start = 0; start < hashes.Length; owners++)
        {
            var end = start + 1;
            while (end < hashes.Length && hashes[end] == hashes[start])
            {
                end++;
            }

            surplus += end - start > allowed ? 1 : 0;
            if (end - start > allowed && end - start >= most)
            {
                if (end - start > most)
                {
                    first.Clear();
                }

                first.Add(hashes[start]);
            }

            most = Math.Max(most, end - start);
            start = end;
        }

        return new(owners, surplus, most, first.Count == 0 ? null : planned.RowsOf(outcome, shared)
            .Where(row => first.Contains(HashOf(planned.Table.Rows, row))).Select(row => Encoding.UTF8.GetString(planned.Table.Rows.Own(row).Owner).ToLowerInvariant())
            .Min(StringComparer.Ordinal));
    }

    private static ulong HashOf(DeviceRows rows, int row) => rows.Own(row).Owner is { IsEmpty: false } owner ? RowKey.LongHashOf(owner) : 0;
}
