using System.Buffers.Binary;
using System.Text;

namespace MdbDeploy.Inventory;

/// <summary>
/// The own fields of a device as a fleet holds them: a byte of flags, 16 bytes for each id that is known, and texts in UTF-8 with their length before them. The host of a DNS name is
/// written only when it is not the computer's name; its suffix is a number of the <see cref="TextPool"/>. A device takes about 60 bytes.
/// </summary>
internal readonly ref struct PackedDevice
{
    private const byte LongText = 255;

    [Flags]
    private enum Has : byte
    {
        Nothing = 0,
        Entra = 1,
        Intune = 2,
        Directory = 4,
        Serial = 8,
        Owner = 16,
        Fqdn = 32,
        OwnHost = 64,
    }

    /// <summary>Reads a packed device, which starts where the bytes do.</summary>
    public PackedDevice(ReadOnlySpan<byte> packed)
    {
        var has = (Has)packed[0];
        var bytes = packed[1..];
        Entra = (has & Has.Entra) == 0 ? default : TakeId(ref bytes);
        Intune = (has & Has.Intune) == 0 ? default : TakeId(ref bytes);
        Directory = (has & Has.Directory) == 0 ? default : TakeId(ref bytes);
        Name = TakeText(ref bytes);
        Serial = (has & Has.Serial) == 0 ? default : TakeText(ref bytes);
        Owner = (has & Has.Owner) == 0 ? default : TakeText(ref bytes);
        HasFqdn = (has & Has.Fqdn) != 0;
        Host = (has & Has.OwnHost) == 0 ? Name : TakeText(ref bytes);
        FqdnSuffix = HasFqdn ? BinaryPrimitives.ReadInt32LittleEndian(bytes) : 0;
    }

    public Guid Entra { get; }

    public Guid Intune { get; }

    public Guid Directory { get; }

    public ReadOnlySpan<byte> Name { get; }

    public ReadOnlySpan<byte> Serial { get; }

    public ReadOnlySpan<byte> Owner { get; }

    public bool HasFqdn { get; }

    /// <summary>First label of the DNS name, in any case.</summary>
    public ReadOnlySpan<byte> Host { get; }

    /// <summary>Number of what follows the first dot of the DNS name; 0 when there is no dot.</summary>
    public int FqdnSuffix { get; }

    /// <summary>Most bytes that a device can take.</summary>
    public static int MostBytes(in OwnFields own) => 64 + (3 * (own.Name.Length + own.Serial.Length + own.Owner.Length + own.Fqdn.Length)) + 32;

    /// <summary>Packs a device; returns the number of bytes.</summary>
    public static int Write(in OwnFields own, TextPool texts, Span<byte> bytes)
    {
        var has = Has.Nothing;
        var at = 1;
        at += own.Entra == Guid.Empty ? 0 : PutId(own.Entra, bytes[at..], ref has, Has.Entra);
        at += own.Intune == Guid.Empty ? 0 : PutId(own.Intune, bytes[at..], ref has, Has.Intune);
        at += own.Directory == Guid.Empty ? 0 : PutId(own.Directory, bytes[at..], ref has, Has.Directory);
        at += PutText(own.Name, bytes[at..]);
        if (!own.Serial.IsEmpty)
        {
            has |= Has.Serial;
            at += PutText(own.Serial, bytes[at..]);
        }

        if (!own.Owner.IsEmpty)
        {
            has |= Has.Owner;
            at += PutText(own.Owner, bytes[at..]);
        }

        if (!own.Fqdn.IsEmpty)
        {
            has |= Has.Fqdn;
            var dot = own.Fqdn.IndexOf('.');
            var host = dot < 0 ? own.Fqdn : own.Fqdn[..dot];
            if (!IsLowerOf(host, own.Name))
            {
                has |= Has.OwnHost;
                at += PutText(host, bytes[at..]);
            }

            BinaryPrimitives.WriteInt32LittleEndian(bytes[at..], dot < 0 ? 0 : texts.NumberOf(own.Fqdn[(dot + 1)..]));
            at += 4;
        }

        bytes[0] = (byte)has;
        return at;
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

    private static bool IsLowerOf(ReadOnlySpan<char> lower, ReadOnlySpan<char> name)
    {
        if (lower.Length != name.Length)
        {
            return false;
        }

        for (var i = 0; i < name.Length; i++)
        {
            if (char.ToLowerInvariant(name[i]) != lower[i])
            {
                return false;
            }
        }

        return true;
    }

    private static int PutId(Guid id, Span<byte> bytes, ref Has has, Has flag)
    {
        has |= flag;
        id.TryWriteBytes(bytes);
        return 16;
    }

    private static Guid TakeId(scoped ref ReadOnlySpan<byte> bytes)
    {
        var id = new Guid(bytes[..16]);
        bytes = bytes[16..];
        return id;
    }

    private static int PutText(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        // Nearly all are short; a lone surrogate becomes U+FFFD here as it would in any file written from it.
        if (text.Length * 3 < LongText)
        {
            bytes[0] = (byte)Encoding.UTF8.GetBytes(text, bytes[1..]);
            return 1 + bytes[0];
        }

        var length = Encoding.UTF8.GetBytes(text, bytes[5..]);
        bytes[0] = LongText;
        BinaryPrimitives.WriteInt32LittleEndian(bytes[1..], length);
        return 5 + length;
    }

    private static ReadOnlySpan<byte> TakeText(scoped ref ReadOnlySpan<byte> bytes)
    {
        var (start, length) = bytes[0] == LongText ? (5, BinaryPrimitives.ReadInt32LittleEndian(bytes[1..])) : (1, bytes[0]);
        var text = bytes.Slice(start, length);
        bytes = bytes[(start + length)..];
        return text;
    }
}
