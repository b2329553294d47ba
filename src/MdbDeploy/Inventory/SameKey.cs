using System.Numerics;
using System.Runtime.InteropServices;

namespace MdbDeploy.Inventory;

/// <summary>
/// The groups of rows that share a key and are not known to be one device. Rows are split by the hash of their key, and each processor takes parts: in one export hardly any rows share
/// a key, so a bitmap first tells the rows that no other can equal; the rest is sorted by hash, and only rows with the same hash are compared.
/// </summary>
internal sealed class SameKey
{
    private const int Ahead = 16;
    private const int FewRows = 512;

    private readonly RowKey key;
    private readonly Part[] parts;

    /// <summary>Finds the groups of at least two rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="key">Their key.</param>
    /// <param name="hashes">Hash of each row's key; 0 when it has none.</param>
    /// <param name="united">What is known; the keys of rows that are one device are not compared.</param>
    public SameKey(DeviceRows rows, RowKey key, uint[] hashes, UnitedRows united)
    {
        this.key = key;
        var split = HashParts.Split(new HashedRows(hashes));
        parts = new Part[split.Count];
        Parallel.For(0, parts.Length, part => parts[part] = new Finder(rows, key, united).Find(split[part]));
    }

    /// <summary>Number of groups.</summary>
    public int Count => parts.Sum(part => part.Count);

    /// <summary>Does something for each group, on all processors. Groups have no row in common.</summary>
    /// <param name="visit">Given the rows of a group; false leaves it.</param>
    /// <returns>The groups that were left, in an order that does not depend on the order of rows.</returns>
    public List<int[]> InParallel(Func<ReadOnlySpan<int>, bool> visit)
    {
        var left = new List<int[]>[parts.Length];
        Parallel.For(0, parts.Length, part => left[part] = parts[part].Where(group => !visit(group)));
        return [.. left.SelectMany(groups => groups)];
    }

    /// <summary>The groups in the order of their keys.</summary>
    public IEnumerable<int[]> InOrder() => InParallel(_ => false).Order(Comparer<int[]>.Create((a, b) => key.Order(a[0], b[0])));

    /// <summary>Groups of rows whose hashes lie in one part.</summary>
    /// <param name="united">What is known of rows.</param>
    private sealed class Part(UnitedRows united)
    {
        private readonly List<int> members = [];
        private readonly List<(int Start, int Count)> groups = [];

        /// <summary>Number of groups.</summary>
        public int Count => groups.Count;

        /// <summary>Takes a row that shares the key with those taken since a group was ended.</summary>
        public void Add(int row) => members.Add(row);

        /// <summary>Ends a group; a row that is alone makes none.</summary>
        public void End()
        {
            var start = groups.Count == 0 ? 0 : groups[^1].Start + groups[^1].Count;
            if (members.Count - start > 1)
            {
                groups.Add((start, members.Count - start));
            }
            else
            {
                members.RemoveRange(start, members.Count - start);
            }
        }

        /// <summary>Copies of the groups for which something holds.</summary>
        public List<int[]> Where(Func<ReadOnlySpan<int>, bool> holds)
        {
            var found = new List<int[]>();
            var rows = CollectionsMarshal.AsSpan(members);
            foreach (var (start, count) in groups)
            {
                var group = rows.Slice(start, count);
                for (var i = start; i < start + count; i++)
                {
                    united.Fetch(rows[Math.Min(i + (2 * Ahead), rows.Length - 1)]);
                    united.FetchRoot(rows[Math.Min(i + Ahead, rows.Length - 1)]);
                }

                if (holds(group))
                {
                    found.Add(group.ToArray());
                }
            }

            return found;
        }
    }

    /// <summary>Finds the groups of a part.</summary>
    private readonly struct Finder(DeviceRows rows, RowKey key, UnitedRows united)
    {
        private readonly Part found = new(united);

        public Part Find(Span<ulong> hashed)
        {
            hashed = hashed[..MoveSharedAhead(hashed)];

            // The highest byte of the hashes is that of the part, and rows are in their order.
            if (hashed.Length < FewRows)
            {
                hashed.Sort();
            }
            else
            {
                RadixSort.SortByBytes(hashed, sizeof(uint), sizeof(uint) - 1);
            }

            // Rows lie anywhere in memory. Those of some groups are asked for side by side before they are compared, so that several are on their way at the same time.
            Span<(int Start, int End)> ahead = stackalloc (int, int)[Ahead];
            var count = 0;
            for (var start = 0; start < hashed.Length;)
            {
                var end = start + 1;
                while (end < hashed.Length && hashed[end] >> 32 == hashed[start] >> 32)
                {
                    end++;
                }

                for (var i = start; i < end; i++)
                {
                    united.Fetch((int)(uint)hashed[Math.Min(i + (2 * Ahead), hashed.Length - 1)]);
                    united.FetchRoot((int)(uint)hashed[Math.Min(i + Ahead, hashed.Length - 1)]);
                }

                if (end > start + 1 && !AreOne(hashed[start..end]))
                {
                    ahead[count++] = (start, end);
                }

                start = end;
                if (count == Ahead)
                {
                    AddGroups(hashed, ahead);
                    count = 0;
                }
            }

            AddGroups(hashed, ahead[..count]);
            return found;
        }

        /// <summary>Moves the rows whose hash may be another row's to the start; returns how many there are.</summary>
        private static int MoveSharedAhead(Span<ulong> hashed)
        {
            // Two bits for each of eight times as many places as there are rows: a hash falls there, and another one does.
            var places = BitOperations.RoundUpToPowerOf2((uint)Math.Max(hashed.Length, 16)) * 8;
            var seen = new ulong[places / 32];
            foreach (var entry in hashed)
            {
                ref var word = ref seen[WordOf(entry, places)];
                var once = OnceIn(entry);
                word |= once | ((word & once) << 1);
            }

            var count = 0;
            foreach (var entry in hashed)
            {
                if ((seen[WordOf(entry, places)] & (OnceIn(entry) << 1)) != 0)
                {
                    hashed[count++] = entry;
                }
            }

            return count;
        }

        // The lowest bit of a hash is always set.
        private static uint WordOf(ulong entry, uint places) => ((uint)(entry >> 33) & (places - 1)) >> 5;

        private static ulong OnceIn(ulong entry) => 1UL << ((int)((entry >> 33) & 31) * 2);

        private bool AreOne(ReadOnlySpan<ulong> sameHash)
        {
            var first = united.RootOf((int)(uint)sameHash[0]);
            foreach (var entry in sameHash[1..])
            {
                if (united.RootOf((int)(uint)entry) != first)
                {
                    return false;
                }
            }

            return true;
        }

        private void AddGroups(ReadOnlySpan<ulong> hashed, ReadOnlySpan<(int Start, int End)> sameHash)
        {
            foreach (var (start, _) in sameHash)
            {
                rows.Fetch((int)(uint)hashed[start]);
                rows.Fetch((int)(uint)hashed[start + 1]);
            }

            foreach (var (start, _) in sameHash)
            {
                rows.FetchOwn((int)(uint)hashed[start]);
                rows.FetchOwn((int)(uint)hashed[start + 1]);
            }

            foreach (var (start, end) in sameHash)
            {
                AddGroups(hashed[start..end]);
            }
        }

        private void AddGroups(ReadOnlySpan<ulong> sameHash)
        {
            Span<int> left = sameHash.Length <= 16 ? stackalloc int[sameHash.Length] : new int[sameHash.Length];
            for (var i = 0; i < left.Length; i++)
            {
                left[i] = (int)(uint)sameHash[i];
            }

            while (left.Length > 1)
            {
                // Nearly always all are equal; the others stay for the next round.
                var (first, others) = (left[0], 0);
                foreach (var row in left)
                {
                    if (row == first || key.Same(row, first))
                    {
                        found.Add(row);
                    }
                    else
                    {
                        left[others++] = row;
                    }
                }

                found.End();
                left = left[..others];
            }
        }
    }

    /// <summary>Rows with the hash of their key in front.</summary>
    private readonly struct HashedRows(uint[] hashes) : HashParts.INumbers
    {
        public int Length => hashes.Length;

        public ulong this[int row] => hashes[row] == 0 ? 0 : ((ulong)hashes[row] << 32) | (uint)row;
    }
}
