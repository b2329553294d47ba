namespace MdbDeploy.Inventory;

/// <summary>Tells the classes that rows fall into, so that something is decided once for each and the same way however many processors look.</summary>
internal static class RowClasses
{
    /// <summary>The classes that rows have, in the order of their first rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="classes">How many classes there may be.</param>
    /// <param name="classOf">Class of a row from 0; negative for none. Asked by several threads.</param>
    public static IEnumerable<int> InOrder(DeviceRows rows, int classes, Func<int, int> classOf)
    {
        var first = new int[classes];
        Array.Fill(first, int.MaxValue);
        rows.InParallel(row =>
        {
            if (classOf(row) is >= 0 and var number)
            {
                Lower(ref first[number], row);
            }
        });
        return Enumerable.Range(0, classes).Where(number => first[number] != int.MaxValue).OrderBy(number => first[number]);
    }

    private static void Lower(ref int least, int row)
    {
        for (var known = Volatile.Read(ref least); row < known;)
        {
            var seen = Interlocked.CompareExchange(ref least, row, known);
            if (seen == known)
            {
                return;
            }

            known = seen;
        }
    }
}
