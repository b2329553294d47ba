namespace MdbDeploy.Inventory;

/// <summary>
/// The fields that many devices have in common. A fleet holds each combination once, and decisions that look at nothing else are made once per combination. Texts and
/// tags are numbers of the <see cref="TextPool"/>.
/// </summary>
internal readonly record struct SharedFields
{
    public int Domain { get; init; }

    public int OsName { get; init; }

    public int Ou { get; init; }

    public int Site { get; init; }

    public int Method { get; init; }

    public int Ring { get; init; }

    public int Tags { get; init; }

    public int Image { get; init; }

    public WindowsBuild? Build { get; init; }

    public OsFamily Os { get; init; }

    public WindowsEdition Edition { get; init; }

    public DeviceRole Role { get; init; }

    public JoinType Join { get; init; }

    public Management ManagedBy { get; init; }

    public VdiKind Vdi { get; init; }

    public DeviceState State { get; init; }

    public bool IsGoldenImage { get; init; }

    public bool? IsOnboarded { get; init; }

    /// <summary>What the row says explicitly.</summary>
    public RowSays Says { get; init; }

    /// <summary>Of the fields that tell most combinations apart: every row is looked up.</summary>
    public override int GetHashCode() => HashCode.Combine(Ou, Site, Tags, OsName, Build?.Number, Build?.Revision, Domain, Join);

    /// <summary>A device with these fields and nothing of its own.</summary>
    public Device ToDevice(TextPool texts) => new()
    {
        Name = "",
        Domain = texts[Domain],
        Os = Os,
        OsName = texts[OsName],
        Edition = Edition,
        Build = Build,
        Role = Role,
        Join = Join,
        ManagedBy = ManagedBy,
        Ou = texts[Ou],
        Site = texts[Site],
        RequestedMethod = texts[Method],
        RequestedRing = texts[Ring],
        Tags = texts.Tags(Tags),
        Vdi = Vdi,
        Image = texts[Image],
        IsGoldenImage = IsGoldenImage,
        State = State,
        IsOnboarded = IsOnboarded,
    };

    /// <summary>The shared fields of a device.</summary>
    public static SharedFields Of(Device device, TextPool texts) => new()
    {
        Domain = texts.NumberOf(device.Domain),
        Os = device.Os,
        OsName = texts.NumberOf(device.OsName),
        Edition = device.Edition,
        Build = device.Build,
        Role = device.Role,
        Join = device.Join,
        ManagedBy = device.ManagedBy,
        Ou = texts.NumberOf(device.Ou),
        Site = texts.NumberOf(device.Site),
        Method = texts.NumberOf(device.RequestedMethod),
        Ring = texts.NumberOf(device.RequestedRing),
        Tags = texts.NumberOf(device.Tags),
        Vdi = device.Vdi,
        Image = texts.NumberOf(device.Image),
        IsGoldenImage = device.IsGoldenImage,
        State = device.State,
        IsOnboarded = device.IsOnboarded,
    };
}
