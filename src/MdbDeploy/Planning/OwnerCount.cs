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
    private const int Parts = 256;

    /// <summary>Counts the owners of the devices of some rows.</summary>
    public static OwnerCount Of(DeviceRows rows, Func<int, bool> isWanted, int allowed)
    {
        // By 64 bits of hash: two of a million owners fall together once in ten million fleets, and a count would be one off.
        var hashes = new ulong[rows.Count];
        rows.InParallel(row => hashes[row] = isWanted(row) && rows.Own(row).Owner is { IsEmpty: false } owner ? RowKey.LongHashOf(owner) : 0);
        var counted = new (int Owners, int Surplus, int Most, List<ulong> First)[Parts];
        Parallel.ForEach(Split(hashes), (part, _, index) => counted[index] = Count(part, allowed));
        var most = counted.Max(part => part.Most);
        var first = counted.Where(part => part.Most == most).SelectMany(part => part.First).ToHashSet();
        return new(counted.Sum(part => part.Owners), counted.Sum(part => part.Surplus), most, most > allowed ? NameOf(rows, hashes, first) : null);
    }

    /// <summary>Equal hashes fall into one part, and a part is sorted where the processor keeps it.</summary>
    private static ArraySegment<ulong>[] Split(ulong[] hashes)
    {
        var ends = new int[Parts + 1];
        foreach (var hash in hashes)
        {
            ends[PartOf(hash) + 1] += hash == 0 ? 0 : 1;
        }

        for (var part = 0; part < Parts; part++)
        {
            ends[part + 1] += ends[part];
        }

        var (split, next) = (new ulong[ends[^1]], ends[..^1]);
        foreach (var hash in hashes)
        {
            if (hash != 0)
            {
                split[next[PartOf(hash)]++] = hash;
            }
        }

        return [.. Enumerable.Range(0, Parts).Select(part => new ArraySegment<ulong>(split, ends[part], ends[part + 1] - ends[part]))];
    }

    private static int PartOf(ulong hash) => (int)(hash >> 56);

    private static (int Owners, int Surplus, int Most, List<ulong> First) Count(ArraySegment<ulong> part, int allowed)
    {
        var hashes = part.AsSpan();
        hashes.Sort();
        var (owners, surplus, most, first) = (0, 0, 0, new List<ulong>());
        for (var start = 0; start < hashes.Length; owners++)
        {
            var end = start + 1;
            while (end < hashes.Length && hashes[end] == hashes[start])
            {
                end++;
            }

            surplus += end - start > allowed ? 1 : 0;
            if (end - start > most)
            {
                most = end - start;
                first.Clear();
            }

            if (end - start == most && most > allowed)
            {
                first.Add(hashes[start]);
            }

            start = end;
        }

        return (owners, surplus, most, first);
    }

    private static string NameOf(DeviceRows rows, ulong[] hashes, HashSet<ulong> owners) =>
        Enumerable.Range(0, hashes.Length).Where(row => owners.Contains(hashes[row])).Select(row => Encoding.UTF8.GetString(rows.Own(row).Owner).ToLowerInvariant()).Min(StringComparer.Ordinal)!;
}
