namespace MdbDeploy.Inventory;

/// <summary>Makes the devices of rows that were united.</summary>
internal static class MergedRows
{
    private const int Ahead = 8;

    /// <summary>Puts each device in the place of the first of its rows, and drops the others.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="united">Which of them are one device.</param>
    /// <param name="problems">Receives what the rows of a device disagree in.</param>
    public static void Make(DeviceRows rows, UnitedRows united, ProblemLog problems)
    {
        if (!united.HasUnited)
        {
            return;
        }

        var (roots, next) = united.Devices();
        var packed = new PackedMerge(rows);
        using var packers = new ThreadLocal<RowPacker>(() => new RowPacker(rows));
        var blocks = new SortedDictionary<int, List<int>>();
        rows.InBlocks((from, end) =>
        {
            // Those with something to tell are told in their order.
            var left = MergePacked(rows, packed, packers.Value!, roots.AsSpan(), next, from, end);
            lock (blocks)
            {
                blocks.Add(from, left);
            }
        });

        var compare = DeviceMerge.Comparison(rows);
        var (members, device) = (new List<int>(), new List<SourceRow>());
        foreach (var root in blocks.Values.SelectMany(left => left))
        {
            members.Clear();
            device.Clear();
            for (var member = root; member != 0 || members.Count == 0; member = next[member])
            {
                members.Add(member);
            }

            members.Sort(compare);
            device.AddRange(members.Select(rows.Row));
            rows.Replace(root, DeviceMerge.Merge(device, problems));
        }

        rows.Keep(roots);
    }

    /// <summary>Merges the devices whose first row lies in a block; returns the first rows of those that were left.</summary>
    private static List<int> MergePacked(DeviceRows rows, PackedMerge packed, RowPacker packer, ReadOnlySpan<int> roots, int[] next, int from, int end)
    {
        var left = new List<int>();
        Span<int> group = stackalloc int[PackedMerge.MostRows];
        var at = roots.BinarySearch(from);
        for (at = at < 0 ? ~at : at; at < roots.Length && roots[at] < end; at++)
        {
            FetchAhead(rows, roots[at..], next);
            var (count, member) = (0, roots[at]);
            do
            {
                group[count++] = member;
                member = next[member];
            }
            while (member != 0 && count < group.Length);

            if (member != 0 || (count > 1 && !packed.TryMerge(roots[at], group[..count], packer)))
            {
                left.Add(roots[at]);
            }
        }

        return left;
    }

    /// <summary>Tells that the second and third rows of the next devices, which lie in other files, will be asked for soon: first where they are, then what they hold.</summary>
    private static void FetchAhead(DeviceRows rows, ReadOnlySpan<int> roots, int[] next)
    {
        var second = next[roots[Math.Min(3 * Ahead, roots.Length - 1)]];
        Memory.Fetch(ref next[second]);
        rows.Fetch(second);
        second = next[roots[Math.Min(2 * Ahead, roots.Length - 1)]];
        rows.FetchOwn(second);
        rows.Fetch(next[second]);
        rows.FetchOwn(next[next[roots[Math.Min(Ahead, roots.Length - 1)]]]);
    }
}
