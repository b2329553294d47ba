using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Text;

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
        // What all names start with decides nothing; the eight characters behind it decide nearly everything, and of them the bits in which names differ.
        var different = DifferentBits(rows);
        var common = (int)UInt128.LeadingZeroCount(different) & ~7;
        var widths = Widths((ulong)((different << common) >> 64));
        var (devices, keys) = (new int[rows.Count], new ulong[rows.Count]);
        rows.InBlocks((from, end) =>
        {
            for (var row = from; row < end; row++)
            {
                devices[row] = row;
                keys[row] = Narrow((ulong)((StartOf(rows.Own(row).Name) << common) >> 64), widths);
            }
        });
        RadixSort.Sort(ref keys, ref devices);
        var sorted = devices;
        ForEachRun(keys, 0, keys.Length, (from, to) =>
        {
            var starts = new UInt128[to - from];
            for (var i = from; i < to; i++)
            {
                starts[i - from] = StartOf(rows.Own(sorted[i]).Name);
            }

            starts.AsSpan().Sort(sorted.AsSpan(from, to - from));
            ForEachRun(starts, 0, starts.Length, (first, end) => SortWhole(rows, sorted.AsSpan(from + first, end - first)));
        });
        return sorted;
    }

    /// <summary>The bits in which the starts of names differ.</summary>
    private static UInt128 DifferentBits(DeviceRows rows)
    {
        if (rows.Count == 0)
        {
            return 0;
        }

        var (first, gate, all) = (StartOf(rows.Own(0).Name), new Lock(), UInt128.Zero);
        rows.InBlocks((from, end) =>
        {
            var different = UInt128.Zero;
            for (var row = from; row < end; row++)
            {
                different |= StartOf(rows.Own(row).Name) ^ first;
            }

            lock (gate)
            {
                all |= different;
            }
        });
        return all;
    }

    /// <summary>For each of eight bytes, the first one first, how many of its lowest bits are needed to tell numbers apart that differ in some bits.</summary>
    private static byte[] Widths(ulong different)
    {
        var widths = new byte[sizeof(ulong)];
        for (var i = 0; i < widths.Length; i++)
        {
            widths[i] = (byte)(32 - BitOperations.LeadingZeroCount((uint)(byte)(different >> (56 - (8 * i)))));
        }

        return widths;
    }

    /// <summary>The lowest bits of each byte, close together: numbers with the same bits above them keep their order, and sort in fewer steps.</summary>
    private static ulong Narrow(ulong number, ReadOnlySpan<byte> widths)
    {
        var narrow = 0UL;
        foreach (var width in widths)
        {
            narrow = (narrow << width) | ((number >> 56) & ((1UL << width) - 1));
            number <<= 8;
        }

        return narrow;
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

    /// <summary>One byte per character, in upper case. The first that is not ASCII comes after all that are, and ends the comparison.</summary>
    private static UInt128 StartOf(ReadOnlySpan<byte> name)
    {
        Span<byte> start = stackalloc byte[16];
        start.Clear();
        name = name[..Math.Min(name.Length, start.Length)];
        if (Ascii.ToUpper(name, start, out var length) != OperationStatus.Done)
        {
            start[length] = 0xFF;
        }

        return BinaryPrimitives.ReadUInt128BigEndian(start);
    }
}
