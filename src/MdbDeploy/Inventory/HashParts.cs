namespace MdbDeploy.Inventory;

/// <summary>Splits numbers by their highest byte: what is equal falls into one part, a part fits into a processor's own cache, and every processor takes parts of its own.</summary>
internal static class HashParts
{
    private const int Count = 256;
    private const int Block = 1 << 14;

    /// <summary>Numbers to split. Several threads ask for each, twice.</summary>
    public interface INumbers
    {
        /// <summary>How many there are.</summary>
        int Length { get; }

        /// <summary>The number at a position.</summary>
        ulong this[int position] { get; }
    }

    /// <summary>Splits numbers; in each part they stay in their order. Zeros are left out, and so are parts without numbers.</summary>
    public static List<ArraySegment<ulong>> Split(ulong[] numbers) => Split(new Listed(numbers));

    /// <summary>Splits numbers that are made when they are asked for.</summary>
    /// <param name="numbers">The numbers.</param>
    /// <typeparam name="TNumbers">A structure, so that asking a million times is no call.</typeparam>
    public static List<ArraySegment<ulong>> Split<TNumbers>(TNumbers numbers)
        where TNumbers : struct, INumbers
    {
        var length = numbers.Length;
        // Blocks of numbers are counted first, so that each knows its places in every part.
        var places = new int[(length + Block - 1) / Block][];
        Parallel.For(0, places.Length, block =>
        {
            var counts = new int[Count];
            for (var i = block * Block; i < Math.Min(length, (block + 1) * Block); i++)
            {
                if (numbers[i] is not 0 and var number)
                {
                    counts[PartOf(number)]++;
                }
            }

            places[block] = counts;
        });

        var starts = new int[Count + 1];
        for (var part = 0; part < Count; part++)
        {
            starts[part + 1] = starts[part];
            foreach (var counts in places)
            {
                (counts[part], starts[part + 1]) = (starts[part + 1], starts[part + 1] + counts[part]);
            }
        }

        var split = new ulong[starts[Count]];
        Parallel.For(0, places.Length, block =>
        {
            var next = places[block];
            for (var i = block * Block; i < Math.Min(length, (block + 1) * Block); i++)
            {
                if (numbers[i] is not 0 and var number)
                {
                    split[next[PartOf(number)]++] = number;
                }
            }
        });

        var parts = new List<ArraySegment<ulong>>();
        for (var part = 0; part < Count; part++)
        {
            if (starts[part + 1] > starts[part])
            {
                parts.Add(new ArraySegment<ulong>(split, starts[part], starts[part + 1] - starts[part]));
            }
        }

        return parts;
    }

    private static int PartOf(ulong number) => (int)(number >> 56);

    private readonly struct Listed(ulong[] numbers) : INumbers
    {
        public int Length => numbers.Length;

        public ulong this[int position] => numbers[position];
    }
}
