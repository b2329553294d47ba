namespace MdbDeploy.Inventory;

/// <summary>One row of a source: the device as it describes it, and what the values of a <see cref="Device"/> alone cannot tell.</summary>
/// <param name="Device">The device; its only origin is this row.</param>
/// <param name="Source">Index of the file, the most trusted first.</param>
/// <param name="Says">What the row says explicitly.</param>
internal readonly record struct SourceRow(Device Device, int Source, RowSays Says)
{
    /// <summary>Where the row stands.</summary>
    public Origin Origin => Device.Origins[0];
}

/// <summary>Values that would otherwise look like "nothing said".</summary>
[Flags]
internal enum RowSays : byte
{
    /// <summary>Nothing of this.</summary>
    Nothing = 0,

    /// <summary>The state is the source's, not the default.</summary>
    State = 1,

    /// <summary>The source says that this is no golden image.</summary>
    NotGolden = 2,

    /// <summary>The source says no more than "Windows", which may be a server.</summary>
    VagueOs = 4,
}
