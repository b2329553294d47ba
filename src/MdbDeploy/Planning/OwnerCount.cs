using System.Runtime.InteropServices;
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
    /// <summary>Counts the owners of the devices of some rows.</summary>
    public static OwnerCount Of(DeviceRows rows, Func<int, bool> isWanted, int allowed)
    {
        // By 64 bits of hash: two of a million owners fall together once in ten million fleets, and a count would be one off.
        var hashes = new ulong[rows.Count];
        rows.InParallel(row => hashes[row] = isWanted(row) && rows.Own(row).Owner is { IsEmpty: false } owner ? KeyHash.LongOf(owner) : 0);
        var parts = HashParts.Split(hashes);
        if (parts.Count == 0)
        {
            return new(0, 0, 0, null);
        }

        var counted = new (int Owners, int Surplus, int Most, List<ulong> First)[parts.Count];
        Parallel.For(0, parts.Count, part => counted[part] = Count(parts[part], allowed));
        var most = counted.Max(part => part.Most);
        var first = counted.Where(part => part.Most == most).SelectMany(part => part.First).ToHashSet();
        return new(counted.Sum(part => part.Owners), counted.Sum(part => part.Surplus), most, most > allowed ? NameOf(rows, hashes, first) : null);
    }

    private static (int Owners, int Surplus, int Most, List<ulong> First) Count(ReadOnlySpan<ulong> part, int allowed)
    {
        var devices = new Dictionary<ulong, int>(part.Length);
        foreach (var owner in part)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(devices, owner, out _)++;
        }

        var (surplus, most, first) = (0, 0, new List<ulong>());
        foreach (var (owner, count) in devices)
        {
            surplus += count > allowed ? 1 : 0;
            if (count > most)
            {
                most = count;
                first.Clear();
            }

            if (count == most && most > allowed)
            {
                first.Add(owner);
            }
        }

        return (devices.Count, surplus, most, first);
    }

    private static string NameOf(DeviceRows rows, ulong[] hashes, HashSet<ulong> owners) =>
        Enumerable.Range(0, hashes.Length).Where(row => owners.Contains(hashes[row])).Select(row => Encoding.UTF8.GetString(rows.Own(row).Owner).ToLowerInvariant()).Min(StringComparer.Ordinal)!;
}
