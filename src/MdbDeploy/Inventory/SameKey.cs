using System.Runtime.InteropServices;

namespace MdbDeploy.Inventory;

/// <summary>
/// Finds the rows that share a key. Rows are sorted by a hash of theirs, which for a million takes a fraction of the time and a quarter of the memory of a dictionary,
/// and only rows with the same hash are compared.
/// </summary>
/// <typeparam name="TKey">The key; its equality decides.</typeparam>
internal static class SameKey<TKey>
    where TKey : struct, IEquatable<TKey>
{
    /// <summary>The groups of at least two rows, in the order of their keys, so that the order of rows makes no difference.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="keyOf">Key of a row; null when it has none.</param>
    /// <param name="order">Order of keys.</param>
    public static IEnumerable<int[]> Groups(List<SourceRow> rows, Func<Device, TKey?> keyOf, Comparison<TKey> order)
    {
        // Hash above, row number below: sorting brings equal hashes together.
        var hashes = new List<ulong>(rows.Count);
        for (var i = 0; i < rows.Count; i++)
        {
            if (keyOf(rows[i].Device) is { } key)
            {
                hashes.Add(((ulong)(uint)key.GetHashCode() << 32) | (uint)i);
            }
        }

        var sorted = CollectionsMarshal.AsSpan(hashes);
        sorted.Sort();
        var groups = new List<(TKey Key, int[] Rows)>();
        for (var start = 0; start < sorted.Length;)
        {
            var end = start + 1;
            while (end < sorted.Length && sorted[end] >> 32 == sorted[start] >> 32)
            {
                end++;
            }

            if (end > start + 1)
            {
                AddGroups(sorted[start..end], rows, keyOf, groups);
            }

            start = end;
        }

        groups.Sort((a, b) => order(a.Key, b.Key));
        return groups.Select(group => group.Rows);
    }

    private static void AddGroups(ReadOnlySpan<ulong> sameHash, List<SourceRow> rows, Func<Device, TKey?> keyOf, List<(TKey Key, int[] Rows)> groups)
    {
        var left = new List<int>(sameHash.Length);
        foreach (var entry in sameHash)
        {
            left.Add((int)(uint)entry);
        }

        while (left.Count > 1)
        {
            var key = keyOf(rows[left[0]].Device)!.Value;
            var group = left.FindAll(row => keyOf(rows[row].Device)!.Value.Equals(key));
            if (group.Count > 1)
            {
                groups.Add((key, [.. group]));
            }

            left = group.Count == left.Count ? [] : left.FindAll(row => !keyOf(rows[row].Device)!.Value.Equals(key));
        }
    }
}
