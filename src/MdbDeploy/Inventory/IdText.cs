using System.Buffers.Binary;

namespace MdbDeploy.Inventory;

/// <summary>The usual form of an id, as <see cref="Guid.ToString()"/> gives it, in UTF-8.</summary>
internal static class IdText
{
    /// <summary>Bytes of the form.</summary>
    public const int Length = 36;

    private const ulong EachByte = 0x0101010101010101;

    /// <summary>
    /// Writes an id. Compiled ahead of time, this takes a fraction of what <see cref="Guid.TryFormat(Span{byte}, out int, ReadOnlySpan{char})"/> takes, whose shuffle of vectors is then a call.
    /// </summary>
    public static void Write(Guid id, Span<byte> text)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        var (first, second) = (Digits(BinaryPrimitives.ReadUInt32BigEndian(bytes)), Digits(BinaryPrimitives.ReadUInt32BigEndian(bytes[4..])));
        var (third, fourth) = (Digits(BinaryPrimitives.ReadUInt32BigEndian(bytes[8..])), Digits(BinaryPrimitives.ReadUInt32BigEndian(bytes[12..])));
        text = text[..Length];
        text[8] = text[13] = text[18] = text[23] = (byte)'-';
        BinaryPrimitives.WriteUInt64BigEndian(text, first);
        BinaryPrimitives.WriteUInt32BigEndian(text[9..], (uint)(second >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(text[14..], (uint)second);
        BinaryPrimitives.WriteUInt32BigEndian(text[19..], (uint)(third >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(text[24..], (uint)third);
        BinaryPrimitives.WriteUInt64BigEndian(text[28..], fourth);
    }

    /// <summary>The eight hexadecimal digits of a number, the first in the highest byte.</summary>
    private static ulong Digits(uint number)
    {
        // Four bits to a byte, by halves.
        var digits = (((ulong)number << 16) | number) & 0x0000FFFF0000FFFF;
        digits = ((digits << 8) | digits) & 0x00FF00FF00FF00FF;
        digits = ((digits << 4) | digits) & (0x0F * EachByte);

        // Six more than ten reaches the fifth bit: those are letters.
        var letters = ((digits + (6 * EachByte)) >> 4) & EachByte;
        return digits + ('0' * EachByte) + (letters * ('a' - '0' - 10));
    }
}
