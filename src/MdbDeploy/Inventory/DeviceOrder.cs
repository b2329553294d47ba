namespace MdbDeploy.Inventory;

/// <summary>The order of a fleet: by name (ordinal, ignoring case), then by identity, then by origin.</summary>
internal static class DeviceOrder
{
    /// <summary>
    /// Sorts. The first sixteen characters of the names are compared as numbers, since following a million references to their names takes ten times as long;
    /// only names alike so far are compared as texts.
    /// </summary>
    public static void Sort(DeviceRows rows, int[] devices)
    {
        var starts = new UInt128[devices.Length];
        var isSorted = true;
        for (var i = 0; i < devices.Length; i++)
        {
            starts[i] = StartOf(rows.Own(devices[i]).Name);
            isSorted &= i == 0 || starts[i - 1] <= starts[i];
        }

        if (!isSorted)
        {
            Array.Sort(starts, devices);
        }

        for (var from = 0; from < devices.Length;)
        {
            var to = from + 1;
            while (to < devices.Length && starts[to] == starts[from])
            {
                to++;
            }

            if (to > from + 1)
            {
                var alike = devices.AsSpan(from, to - from);
                var whole = new Device[alike.Length];
                for (var i = 0; i < whole.Length; i++)
                {
                    whole[i] = rows.Device(alike[i]);
                }

                whole.AsSpan().Sort(alike, Compare);
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
