using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace MdbDeploy.Inventory;

/// <summary>
/// The own fields of a device as a fleet holds them: two bytes of flags, 16 bytes for each id that is known, texts in UTF-8 with their length before them. The host of a DNS name is
/// written only when it is not the computer's name; its suffix is a number of the <see cref="TextPool"/>. A device takes about 60 bytes.
/// </summary>
internal readonly ref struct PackedDevice
{
    [Flags]
    private enum Has : ushort
    {
        Nothing = 0,
        Entra = 1,
        Intune = 2,
        Sms = 4,
        Directory = 8,
        Ids = 15,
        Serial = 16,
        Owner = 32,
        Fqdn = 64,
        OwnHost = 128,
        Origins = 256,
    }

    private const int FlagBytes = sizeof(Has);

    private readonly ReadOnlySpan<byte> packed;

    /// <summary>Reads a packed device, which starts where the bytes do. Nothing is looked for before it is asked for.</summary>
    public PackedDevice(ReadOnlySpan<byte> packed) => this.packed = packed;

    public Guid Entra => Id(Has.Entra);

    public Guid Intune => Id(Has.Intune);

    public Guid Sms => Id(Has.Sms);

    public Guid Directory => Id(Has.Directory);

    public ReadOnlySpan<byte> Name => Texts.Text();

    public ReadOnlySpan<byte> Serial => (Known & Has.Serial) == 0 ? default : Behind(Has.Nothing).Text();

    public ReadOnlySpan<byte> Owner => (Known & Has.Owner) == 0 ? default : Behind(Has.Serial).Text();

    public bool HasFqdn => (Known & Has.Fqdn) != 0;

    /// <summary>The keys it has by itself. No field is looked at.</summary>
    public RowTraits Keys
    {
        get
        {
            var known = Known;
            return ((known & Has.Entra) == 0 ? 0 : RowTraits.Entra)
                | ((known & Has.Serial) == 0 ? 0 : RowTraits.Serial)
                | ((known & Has.Intune) == 0 ? 0 : RowTraits.Intune)
                | ((known & Has.Sms) == 0 ? 0 : RowTraits.Sms)
                | ((known & Has.Directory) == 0 ? 0 : RowTraits.Directory)
                | ((known & Has.Fqdn) == 0 ? 0 : RowTraits.Fqdn);
        }
    }

    /// <summary>First label of the DNS name, in any case.</summary>
    public ReadOnlySpan<byte> Host => (Known & Has.OwnHost) == 0 ? Name : Behind(Has.Serial | Has.Owner).Text();

    /// <summary>Number of what follows the first dot of the DNS name; 0 when there is no dot.</summary>
    public int FqdnSuffix => HasFqdn ? Behind(Has.Serial | Has.Owner | Has.OwnHost).Number() : 0;

    /// <summary>The rows it comes from, unless it is a single row.</summary>
    public PackedOrigins Origins
    {
        get
        {
            if ((Known & Has.Origins) == 0)
            {
                return default;
            }

            var rest = Behind(Has.Serial | Has.Owner | Has.OwnHost);
            if (HasFqdn)
            {
                rest.Number();
            }

            return new PackedOrigins(rest.Number(), rest);
        }
    }

    /// <summary>All fields but the sign of life and the rows it comes from, in one walk: for who wants more than one or two.</summary>
    public OwnFields Unpack()
    {
        var known = Known;
        var reader = new PackedReader(packed[FlagBytes..]);
        var own = default(OwnFields);
        if ((known & Has.Entra) != 0)
        {
            own.Entra = reader.Id();
        }

        if ((known & Has.Intune) != 0)
        {
            own.Intune = reader.Id();
        }

        if ((known & Has.Sms) != 0)
        {
            own.Sms = reader.Id();
        }

        if ((known & Has.Directory) != 0)
        {
            own.Directory = reader.Id();
        }

        own.Name = reader.Text();
        own.Serial = (known & Has.Serial) == 0 ? default : reader.Text();
        own.Owner = (known & Has.Owner) == 0 ? default : reader.Text();
        own.Host = (known & Has.OwnHost) == 0 ? own.Name : reader.Text();
        own.HasFqdn = (known & Has.Fqdn) != 0;
        own.FqdnSuffix = own.HasFqdn ? reader.Number() : 0;
        return own;
    }

    private Has Known => (Has)BinaryPrimitives.ReadUInt16LittleEndian(packed);

    private PackedReader Texts => new(packed[(FlagBytes + (PackedWriter.Id * BitOperations.PopCount((uint)(Known & Has.Ids))))..]);

    private Guid Id(Has id) =>
        (Known & id) == 0 ? Guid.Empty : new PackedReader(packed[(FlagBytes + (PackedWriter.Id * BitOperations.PopCount((uint)Known & ((uint)id - 1))))..]).Id();

    /// <summary>What follows the name and those of these texts that are known.</summary>
    private PackedReader Behind(Has texts)
    {
        var reader = Texts;
        for (var left = BitOperations.PopCount((uint)(Known & texts)); left >= 0; left--)
        {
            reader.Skip();
        }

        return reader;
    }

    /// <summary>Most bytes that a device can take.</summary>
    public static int MostBytes(in OwnFields own) =>
        FlagBytes + (4 * PackedWriter.Id) + ((6 + (2 * own.Origins.Length)) * PackedWriter.MostNumber) + own.Name.Length + own.Serial.Length + own.Owner.Length + own.Host.Length;

    /// <summary>Packs a device; returns the number of bytes.</summary>
    public static int Write(in OwnFields own, Span<byte> bytes)
    {
        var has = Has.Nothing;
        var packed = new PackedWriter(bytes[FlagBytes..]);
        if (own.Entra != Guid.Empty)
        {
            has |= Has.Entra;
            packed.Put(own.Entra);
        }

        if (own.Intune != Guid.Empty)
        {
            has |= Has.Intune;
            packed.Put(own.Intune);
        }

        if (own.Sms != Guid.Empty)
        {
            has |= Has.Sms;
            packed.Put(own.Sms);
        }

        if (own.Directory != Guid.Empty)
        {
            has |= Has.Directory;
            packed.Put(own.Directory);
        }

        packed.Put(own.Name);
        if (!own.Serial.IsEmpty)
        {
            has |= Has.Serial;
            packed.Put(own.Serial);
        }

        if (!own.Owner.IsEmpty)
        {
            has |= Has.Owner;
            packed.Put(own.Owner);
        }

        if (own.HasFqdn)
        {
            has |= Has.Fqdn;
            if (!Ascii.EqualsIgnoreCase(own.Host, own.Name))
            {
                has |= Has.OwnHost;
                packed.Put(own.Host);
            }

            packed.Put(own.FqdnSuffix);
        }

        if (!own.Origins.IsEmpty)
        {
            has |= Has.Origins;
            packed.Put(own.Origins.Length);
            foreach (var (source, line) in own.Origins)
            {
                packed.Put(source);
                packed.Put(line);
            }
        }

        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)has);
        return FlagBytes + packed.Length;
    }

    /// <summary>The DNS name; null when none is known.</summary>
    public string? FqdnText(TextPool texts)
    {
        if (!HasFqdn)
        {
            return null;
        }

        var host = Encoding.UTF8.GetString(Host).ToLowerInvariant();
        return FqdnSuffix == 0 ? host : $"{host}.{texts[FqdnSuffix]}";
    }
}

/// <summary>The fields that hardly two devices have in common. Guids that are not known are empty, texts that are not known too; texts are UTF-8.</summary>
internal ref struct OwnFields
{
    public ReadOnlySpan<byte> Name;
    public ReadOnlySpan<byte> Serial;
    public ReadOnlySpan<byte> Owner;
    public bool HasFqdn;

    /// <summary>First label of the DNS name, in any case.</summary>
    public ReadOnlySpan<byte> Host;

    /// <summary>Number of what follows the first dot of the DNS name; 0 when there is no dot.</summary>
    public int FqdnSuffix;
    public Guid Entra;
    public Guid Intune;
    public Guid Sms;
    public Guid Directory;
    public DateTimeOffset? LastSeen;

    /// <summary>The rows it comes from; empty for a single row.</summary>
    public ReadOnlySpan<RowOrigin> Origins;
}

/// <summary>Where a row stands.</summary>
/// <param name="Source">Number of its file.</param>
/// <param name="Line">Line, counted from 1.</param>
internal readonly record struct RowOrigin(int Source, int Line);
