using System.Buffers;

namespace MdbDeploy.Inventory;

/// <summary>Sorts numbers with what belongs to them, a byte at a time from the lowest, which takes a fifth of what comparing a million takes.</summary>
internal static class RadixSort
{
    private const int Fewest = 1 << 10;

    /// <summary>Sorts; the arrays are exchanged for others.</summary>
    public static void Sort(ref ulong[] keys, ref int[] items)
    {
        if (keys.Length < Fewest)
        {
            keys.AsSpan().Sort(items.AsSpan());
            return;
        }

        var counts = new int[sizeof(ulong) << 8];
        var isSorted = true;
        var before = 0UL;
        foreach (var key in keys)
        {
            isSorted &= before <= key;
            before = key;
            for (var digit = 0; digit < sizeof(ulong); digit++)
            {
                counts[(digit << 8) | (byte)(key >> (8 * digit))]++;
            }
        }

        if (isSorted)
        {
            return;
        }

        var (otherKeys, otherItems) = (new ulong[keys.Length], new int[items.Length]);
        for (var digit = 0; digit < sizeof(ulong); digit++)
        {
            var places = counts.AsSpan(digit << 8, 256);
            if (places.Contains(keys.Length))
            {
                // All have the same byte.
                continue;
            }

            Accumulate(places);
            for (var i = 0; i < keys.Length; i++)
            {
                var place = places[(byte)(keys[i] >> (8 * digit))]++;
                otherKeys[place] = keys[i];
                otherItems[place] = items[i];
            }

            (keys, otherKeys) = (otherKeys, keys);
            (items, otherItems) = (otherItems, items);
        }
    }

    /// <summary>Sorts numbers by some of their bytes; those that are alike in them stay in their order.</summary>
    /// <param name="numbers">The numbers.</param>
    /// <param name="lowest">Position of the lowest of the bytes.</param>
    /// <param name="bytes">How many bytes.</param>
    public static void SortByBytes(Span<ulong> numbers, int lowest, int bytes)
    {
        var rented = ArrayPool<ulong>.Shared.Rent(numbers.Length);
        var from = numbers;
        var to = rented.AsSpan(0, numbers.Length);
        Span<int> places = stackalloc int[256];
        for (var shift = 8 * lowest; shift < 8 * (lowest + bytes); shift += 8)
        {
            places.Clear();
            foreach (var number in from)
            {
                places[(byte)(number >> shift)]++;
            }

            Accumulate(places);
            foreach (var number in from)
            {
                to[places[(byte)(number >> shift)]++] = number;
            }

            var other = from;
            from = to;
            to = other;
        }

        if (bytes % 2 == 1)
        {
            from.CopyTo(numbers);
        }

        ArrayPool<ulong>.Shared.Return(rented);
    }

    private static void Accumulate(Span<int> places)
    {
        var next = 0;
        foreach (ref var place in places)
        {
            (place, next) = (next, next + place);
        }
    }
}
