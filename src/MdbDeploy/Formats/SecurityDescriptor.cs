using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace MdbDeploy.Formats;

/// <summary>
/// A Windows security descriptor in its self-relative form (MS-DTYP 2.4.6): owner, group and the discretionary access control list. The system list is neither read nor
/// written. Made without the types of the framework, which exist on Windows only.
/// </summary>
public sealed record SecurityDescriptor
{
    /// <summary>The list does not take entries from the parent (SE_DACL_PROTECTED).</summary>
    public const ushort DaclProtected = 0x1000;

    private const ushort SelfRelative = 0x8000;
    private const ushort DaclPresent = 0x0004;
    private const int HeaderLength = 20;

    /// <summary>Control bits (MS-DTYP 2.4.6).</summary>
    public required ushort Control { get; init; }

    /// <summary>Security identifier of the owner, <c>S-1-…</c>; null when absent.</summary>
    public string? Owner { get; init; }

    /// <summary>Security identifier of the primary group; null when absent.</summary>
    public string? Group { get; init; }

    /// <summary>The entries, in their order.</summary>
    public required ImmutableArray<AccessEntry> Dacl { get; init; }

    /// <summary>Reads the binary form; null when it is broken.</summary>
    public static SecurityDescriptor? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderLength || bytes[0] != 1)
        {
            return null;
        }

        var control = BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]);
        if (!TrySid(bytes, BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]), out var owner) || !TrySid(bytes, BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]), out var group))
        {
            return null;
        }

        var at = BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]);
        if (at == 0 || (control & DaclPresent) == 0)
        {
            return new SecurityDescriptor { Control = control, Owner = owner, Group = group, Dacl = [] };
        }

        if (at > bytes.Length - 8)
        {
            return null;
        }

        var list = bytes[(int)at..];
        var entries = ImmutableArray.CreateBuilder<AccessEntry>();
        var offset = 8;
        for (var left = BinaryPrimitives.ReadUInt16LittleEndian(list[4..]); left > 0; left--)
        {
            if (list.Length < offset + 4 || BinaryPrimitives.ReadUInt16LittleEndian(list[(offset + 2)..]) is var size && (size < 16 || list.Length < offset + size)
                || AccessEntry.Read(list.Slice(offset, size)) is not { } entry)
            {
                return null;
            }

            entries.Add(entry);
            offset += size;
        }

        return new SecurityDescriptor { Control = control, Owner = owner, Group = group, Dacl = entries.ToImmutable() };
    }

    /// <summary>The binary form.</summary>
    public byte[] Write()
    {
        var owner = Owner is null ? [] : SecurityIdentifier.ToBytes(Owner);
        var group = Group is null ? [] : SecurityIdentifier.ToBytes(Group);
        var entries = Dacl.SelectMany(entry => entry.Write()).ToArray();
        var listLength = 8 + entries.Length;
        var bytes = new byte[HeaderLength + listLength + owner.Length + group.Length];
        bytes[0] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), (ushort)(Control | SelfRelative | DaclPresent));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), Owner is null ? 0 : (uint)(HeaderLength + listLength));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Group is null ? 0 : (uint)(HeaderLength + listLength + owner.Length));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(16), HeaderLength);
        var list = bytes.AsSpan(HeaderLength);
        // Revision 4 (ACL_REVISION_DS) allows entries for objects.
        list[0] = (byte)(Dacl.Any(entry => entry.IsObject) ? 4 : 2);
        BinaryPrimitives.WriteUInt16LittleEndian(list[2..], (ushort)listLength);
        BinaryPrimitives.WriteUInt16LittleEndian(list[4..], (ushort)Dacl.Length);
        entries.CopyTo(list[8..]);
        owner.CopyTo(bytes, HeaderLength + listLength);
        group.CopyTo(bytes, HeaderLength + listLength + owner.Length);
        return bytes;
    }

    /// <summary>The text form (MS-DTYP 2.5.1) with every trustee as <c>S-1-…</c>.</summary>
    public string ToSddl()
    {
        var text = new StringBuilder();
        if (Owner is not null)
        {
            text.Append("O:").Append(Owner);
        }

        if (Group is not null)
        {
            text.Append("G:").Append(Group);
        }

        text.Append("D:").Append((Control & DaclProtected) != 0 ? "P" : "");
        foreach (var entry in Dacl)
        {
            text.Append(entry.ToSddl());
        }

        return text.ToString();
    }

    private static bool TrySid(ReadOnlySpan<byte> bytes, uint at, out string? sid)
    {
        sid = null;
        return at == 0 || (at < bytes.Length && (sid = SecurityIdentifier.Read(bytes[(int)at..])) is not null);
    }
}

/// <summary>An entry of an access control list (MS-DTYP 2.4.4).</summary>
public sealed record AccessEntry
{
    /// <summary>Passed on to containers (CONTAINER_INHERIT_ACE).</summary>
    public const byte ContainerInherit = 0x02;

    /// <summary>Passed on to files (OBJECT_INHERIT_ACE).</summary>
    public const byte ObjectInherit = 0x01;

    /// <summary>Only passed on, not meant for the object itself (INHERIT_ONLY_ACE).</summary>
    public const byte InheritOnly = 0x08;

    /// <summary>Taken from the parent (INHERITED_ACE).</summary>
    public const byte Inherited = 0x10;

    /// <summary>0 allows, 1 denies, 5 allows for an object, 6 denies for an object.</summary>
    public required byte Type { get; init; }

    /// <summary>How it is passed on.</summary>
    public required byte Flags { get; init; }

    /// <summary>The rights.</summary>
    public required uint Mask { get; init; }

    /// <summary>Security identifier of the trustee.</summary>
    public required string Trustee { get; init; }

    /// <summary>Of an entry for objects: its flags and object types, as they are.</summary>
    public ImmutableArray<byte> ObjectTypes { get; init; } = [];

    /// <summary>Whether it concerns a property, an extended right or a kind of object.</summary>
    public bool IsObject => Type is 5 or 6;

    /// <inheritdoc/>
    public bool Equals(AccessEntry? other) =>
        other is not null && Type == other.Type && Flags == other.Flags && Mask == other.Mask && Trustee == other.Trustee && ObjectTypes.AsSpan().SequenceEqual(other.ObjectTypes.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Type, Flags, Mask, Trustee);

    /// <summary>Reads the binary form; null when it is broken or of a type that is not known.</summary>
    internal static AccessEntry? Read(ReadOnlySpan<byte> bytes)
    {
        var type = bytes[0];
        var offset = 8;
        if (type is 5 or 6)
        {
            if (bytes.Length < 12)
            {
                return null;
            }

            var present = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
            offset += 4 + ((present & 1) != 0 ? 16 : 0) + ((present & 2) != 0 ? 16 : 0);
        }
        else if (type is not (0 or 1))
        {
            return null;
        }

        return offset < bytes.Length && SecurityIdentifier.Read(bytes[offset..]) is { } trustee
            ? new AccessEntry { Type = type, Flags = bytes[1], Mask = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]), Trustee = trustee, ObjectTypes = [.. bytes[8..offset]] }
            : null;
    }

    /// <summary>The binary form.</summary>
    internal byte[] Write()
    {
        var trustee = SecurityIdentifier.ToBytes(Trustee);
        var bytes = new byte[8 + ObjectTypes.Length + trustee.Length];
        bytes[0] = Type;
        bytes[1] = Flags;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), (ushort)bytes.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), Mask);
        ObjectTypes.CopyTo(bytes, 8);
        trustee.CopyTo(bytes, 8 + ObjectTypes.Length);
        return bytes;
    }

    internal string ToSddl()
    {
        var flags = string.Concat(((Flags & ObjectInherit) != 0 ? "OI" : ""), (Flags & ContainerInherit) != 0 ? "CI" : "", (Flags & InheritOnly) != 0 ? "IO" : "", (Flags & Inherited) != 0 ? "ID" : "");
        var rights = Mask == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"0x{Mask:x8}");
        return $"({(IsObject ? "O" : "")}{(Type is 0 or 5 ? "A" : "D")};{flags};{rights};{ObjectType(1)};{ObjectType(2)};{Trustee})";
    }

    // Flag 1: the object type is present; flag 2: the inherited object type is, after it (MS-DTYP 2.4.4.3).
    private string ObjectType(uint flag)
    {
        if (!IsObject || (BinaryPrimitives.ReadUInt32LittleEndian(ObjectTypes.AsSpan()) is var present && (present & flag) == 0))
        {
            return "";
        }

        return new Guid(ObjectTypes.AsSpan().Slice(flag == 2 && (present & 1) != 0 ? 20 : 4, 16)).ToString("D");
    }
}

/// <summary>Security identifiers between their binary form (MS-DTYP 2.4.2.2) and <c>S-1-…</c>.</summary>
public static class SecurityIdentifier
{
    /// <summary>The text of the identifier at the beginning of the bytes; null when it is broken.</summary>
    public static string? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 8 || bytes[0] != 1 || bytes[1] > 15 || bytes.Length < 8 + (bytes[1] * 4))
        {
            return null;
        }

        ulong authority = 0;
        for (var i = 2; i < 8; i++)
        {
            authority = (authority << 8) | bytes[i];
        }

        var text = new StringBuilder($"S-1-{authority}");
        for (var i = 0; i < bytes[1]; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"-{BinaryPrimitives.ReadUInt32LittleEndian(bytes[(8 + (i * 4))..])}");
        }

        return text.ToString();
    }

    /// <summary>The binary form of <c>S-1-…</c>.</summary>
    /// <exception cref="FormatException">It is no such text.</exception>
    public static byte[] ToBytes(string sid)
    {
        var parts = sid.Split('-');
        if (parts.Length is < 3 or > 18 || parts[0] != "S" || parts[1] != "1" || !ulong.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var authority) || authority >> 48 != 0)
        {
            throw new FormatException($"'{sid}' is no security identifier.");
        }

        var bytes = new byte[8 + ((parts.Length - 3) * 4)];
        bytes[0] = 1;
        bytes[1] = (byte)(parts.Length - 3);
        for (var i = 0; i < 6; i++)
        {
            bytes[7 - i] = (byte)(authority >> (8 * i));
        }

        for (var i = 3; i < parts.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8 + ((i - 3) * 4)), uint.Parse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture));
        }

        return bytes;
    }
}
