namespace MdbDeploy.Inventory;

/// <summary>The order of a fleet: by name (ordinal, ignoring case), then by identity, then by origin.</summary>
internal static class DeviceOrder
{
    /// <summary>
    /// The rows in their order. Some characters of the names are compared as numbers, since following a million references to their names takes ten times as long; only names alike so far are
    /// compared as texts.
    /// </summary>
    public static int[] Of(DeviceRows rows)
    {
        var devices = new int[rows.Count];
        for (var i = 0; i < devices.Length; i++)
        {
            devices[i] = i;
        }

        var (least, most) = (UInt128.MaxValue, UInt128.MinValue);
        for (var i = 0; i < devices.Length; i++)
        {
            var start = StartOf(rows.Own(devices[i]).Name);
            (least, most) = (UInt128.Min(least, start), UInt128.Max(most, start));
        }

        // What all names start with decides nothing; the eight characters behind it decide nearly everything.
        var common = devices.Length == 0 ? 0 : (int)UInt128.LeadingZeroCount(least ^ most) & ~7;
        var keys = new ulong[devices.Length];
        var isSorted = true;
        for (var i = 0; i < devices.Length; i++)
        {
            var start = StartOf(rows.Own(devices[i]).Name);
            keys[i] = common == 128 ? 0 : (ulong)((start << common) >> 64);
            isSorted &= i == 0 || keys[i - 1] <= keys[i];
        }

        if (!isSorted)
        {
            Array.Sort(keys, devices);
        }

        ForEachRun(keys, 0, keys.Length, (from, to) =>
        {
            var starts = new UInt128[to - from];
            for (var i = from; i < to; i++)
            {
                starts[i - from] = StartOf(rows.Own(devices[i]).Name);
            }

            starts.AsSpan().Sort(devices.AsSpan(from, to - from));
            ForEachRun(starts, 0, starts.Length, (first, end) => SortWhole(rows, devices.AsSpan(from + first, end - first)));
        });
        return devices;
    }

    private static void SortWhole(DeviceRows rows, Span<int> devices)
    {
        var whole = new Device[devices.Length];
        for (var i = 0; i < whole.Length; i++)
        {
            whole[i] = rows.Device(devices[i]);
        }

        whole.AsSpan().Sort(devices, Compare);
    }

    /// <summary>Hands over each run of at least two equal keys.</summary>
    private static void ForEachRun<T>(T[] keys, int from, int end, Action<int, int> run)
        where T : IEquatable<T>
    {
        while (from < end)
        {
            var to = from + 1;
            while (to < end && keys[to].Equals(keys[from]))
            {
                to++;
            }

            if (to > from + 1)
            {
                run(from, to);
            }

            from = to;
        }
    }

    private static int Compare(Device a, Device b) =>
        string.Compare(a.Name, b.Name, StringComparison.OrdinalIgnoreCase) is not 0 and var byName ? byName
        : string.CompareOrdinal(a.Identity, b.Identity) is not 0 and var byIdentity ? byIdentity
        : string.CompareOrdinal(a.Origins[0].File, b.Origins[0].File) is not 0 and var byFile ? byFile
        : a.Origins[0].Line.CompareTo(b.Origins[0].Line);

    /// <summary>One byte per character. The first that is not ASCII comes after all that are, and ends the comparison.</summary>
    private static UInt128 StartOf(ReadOnlySpan<byte> name)
    {
        UInt128 start = 0;
        var i = 0;
        for (; i < Math.Min(name.Length, 16); i++)
        {
            if (name[i] > 127)
            {
                start = (start << 8) | 0xFF;
                i++;
                break;
            }

            start = (start << 8) | (name[i] is >= (byte)'a' and <= (byte)'z' ? name[i] - 32u : name[i]);
        }

        // A shift by the whole width would do nothing.
        return i == 0 ? start : start << (8 * (16 - i));
    }
}
