using System.Runtime.InteropServices;

namespace MdbDeploy.Inventory;

/// <summary>
/// The rows that share a key. In one export hardly any do, so a bitmap of hashes first tells the rows that no other can equal; the rest is sorted by hash, and only rows
/// with the same hash are compared.
/// </summary>
internal sealed class SameKey
{
    private readonly RowKey key;
    private readonly AreOne areOne;
    private readonly List<int> members = [];
    private readonly List<(int Start, int Count)> groups = [];

    /// <summary>Whether nothing is to be learned from rows having the same key.</summary>
    public delegate bool AreOne(ReadOnlySpan<int> rows);

    /// <summary>Finds the groups of at least two rows.</summary>
    /// <param name="candidates">What <see cref="Candidates"/> found.</param>
    /// <param name="key">The key of the rows.</param>
    /// <param name="areOne">Whether rows are known to be one device; their keys are not compared.</param>
    public SameKey(ReadOnlySpan<ulong> candidates, RowKey key, AreOne areOne)
    {
        this.key = key;
        this.areOne = areOne;
        for (var start = 0; start < candidates.Length;)
        {
            var end = start + 1;
            while (end < candidates.Length && candidates[end] >> 32 == candidates[start] >> 32)
            {
                end++;
            }

            if (end > start + 1)
            {
                AddGroups(candidates[start..end]);
            }

            start = end;
        }
    }

    /// <summary>Number of groups.</summary>
    public int Count => groups.Count;

    /// <summary>Rows of a group.</summary>
    public ReadOnlySpan<int> this[int group] => CollectionsMarshal.AsSpan(members).Slice(groups[group].Start, groups[group].Count);

    /// <summary>Puts the groups in the order of their keys.</summary>
    public void Sort() => groups.Sort((a, b) => key.Order(members[a.Start], members[b.Start]));

    /// <summary>The rows whose key may be another row's: the hash of the key above, the number of the row below, in ascending order.</summary>
    /// <param name="hashes">Hash of each row's key; 0 when it has none.</param>
    public static ulong[] Candidates(ReadOnlySpan<uint> hashes)
    {
        // Two bits for each of eight times as many places as there are rows: a hash falls there, and another one does.
        var places = (uint)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(hashes.Length, 16, 1 << 24)) * 8;
        var seen = new ulong[places / 32];
        foreach (var hash in hashes)
        {
            if (hash != 0)
            {
                ref var word = ref seen[WordOf(hash)];
                var once = OnceIn(hash);
                word |= once | ((word & once) << 1);
            }
        }

        var count = 0;
        foreach (var hash in hashes)
        {
            count += IsTwice(hash) ? 1 : 0;
        }

        var candidates = new ulong[count];
        for (var i = hashes.Length - 1; count > 0; i--)
        {
            if (IsTwice(hashes[i]))
            {
                candidates[--count] = ((ulong)hashes[i] << 32) | (uint)i;
            }
        }

        Array.Sort(candidates);
        return candidates;

        uint WordOf(uint hash) => ((hash >> 1) & (places - 1)) >> 5;

        bool IsTwice(uint hash) => hash != 0 && (seen[WordOf(hash)] & (OnceIn(hash) << 1)) != 0;

        static ulong OnceIn(uint hash) => 1UL << (int)((hash >> 1 & 31) * 2);
    }

    private void AddGroups(ReadOnlySpan<ulong> sameHash)
    {
        Span<int> left = sameHash.Length <= 16 ? stackalloc int[sameHash.Length] : new int[sameHash.Length];
        for (var i = 0; i < left.Length; i++)
        {
            left[i] = (int)(uint)sameHash[i];
        }

        if (areOne(left))
        {
            return;
        }

        while (left.Length > 1)
        {
            // Nearly always all are equal; the others stay for the next round.
            var first = left[0];
            var (start, others) = (members.Count, 0);
            foreach (var row in left)
            {
                if (row == first || key.Same(row, first))
                {
                    members.Add(row);
                }
                else
                {
                    left[others++] = row;
                }
            }

            if (members.Count - start > 1)
            {
                groups.Add((start, members.Count - start));
            }

            left = left[..others];
        }
    }
}
