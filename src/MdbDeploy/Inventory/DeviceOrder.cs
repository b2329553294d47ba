namespace MdbDeploy.Inventory;

/// <summary>The order of a fleet: by name (ordinal, ignoring case), then by identity, then by origin.</summary>
internal static class DeviceOrder
{
    /// <summary>
    /// Sorts. The first sixteen characters of the names are compared as numbers, since following a million references to their names takes ten times as long;
    /// only names alike so far are compared as texts.
    /// </summary>
    public static void Sort(Device[] devices)
    {
        var starts = Array.ConvertAll(devices, device => StartOf(device.Name));
        Array.Sort(starts, devices);
        for (var from = 0; from < devices.Length;)
        {
            var to = from + 1;
            while (to < devices.Length && starts[to] == starts[from])
            {
                to++;
            }

            if (to > from + 1)
            {
                devices.AsSpan(from, to - from).Sort(Compare);
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
    private static UInt128 StartOf(string name)
    {
        UInt128 start = 0;
        var i = 0;
        for (; i < Math.Min(name.Length, 16); i++)
        {
            if (!char.IsAscii(name[i]))
            {
                start = (start << 8) | 0xFF;
                i++;
                break;
            }

            start = (start << 8) | char.ToUpperInvariant(name[i]);
        }

        // A shift by the whole width would do nothing.
        return i == 0 ? start : start << (8 * (16 - i));
    }
}
