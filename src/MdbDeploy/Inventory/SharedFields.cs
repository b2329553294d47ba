using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MdbDeploy.Inventory;

/// <summary>
/// The fields that many devices have in common. A fleet holds each combination once, and decisions that look at nothing else are made once per combination. Texts and
/// tags are numbers of the <see cref="TextPool"/>. Every row is looked up, so equality and hash are those of its bytes, of which none is padding.
/// </summary>
internal readonly record struct SharedFields
{
    private readonly int build;
    private readonly int revision;
    private readonly short isGoldenImage;
    private readonly short isOnboarded;

    public int Domain { get; init; }

    public int OsName { get; init; }

    public int Ou { get; init; }

    public int Site { get; init; }

    public int Method { get; init; }

    public int Ring { get; init; }

    public int Tags { get; init; }

    public int Image { get; init; }

    public WindowsBuild? Build
    {
        get => build == 0 ? null : new WindowsBuild(build, revision < 0 ? null : revision);
        init => (build, revision) = value is { } known ? (known.Number, known.Revision ?? -1) : (0, 0);
    }

    public OsFamily Os { get; init; }

    public WindowsEdition Edition { get; init; }

    public DeviceRole Role { get; init; }

    public JoinType Join { get; init; }

    public Management ManagedBy { get; init; }

    public VdiKind Vdi { get; init; }

    public DeviceState State { get; init; }

    /// <summary>What the row says explicitly.</summary>
    public RowSays Says { get; init; }

    public bool IsGoldenImage
    {
        get => isGoldenImage != 0;
        init => isGoldenImage = value ? (short)1 : (short)0;
    }

    public bool? IsOnboarded
    {
        get => isOnboarded == 0 ? null : isOnboarded == 1;
        init => isOnboarded = value is { } known ? known ? (short)1 : (short)2 : (short)0;
    }

    /// <inheritdoc/>
    public bool Equals(SharedFields other) => BytesOf(in this).SequenceEqual(BytesOf(in other));

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var bytes = BytesOf(in this);
        var hash = MemoryMarshal.Read<ulong>(bytes[^sizeof(ulong)..]);
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes))
        {
            hash = ulong.RotateLeft((hash ^ word) * 0x9FB21C651E98DF25UL, 29);
        }

        return (int)(hash ^ (hash >> 32));
    }

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

    private static ReadOnlySpan<byte> BytesOf(ref readonly SharedFields fields) =>
        MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<SharedFields, byte>(ref Unsafe.AsRef(in fields)), Unsafe.SizeOf<SharedFields>());
}
