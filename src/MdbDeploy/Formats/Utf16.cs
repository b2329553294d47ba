using System.Buffers.Binary;

namespace MdbDeploy.Formats;

/// <summary>
/// UTF-16 little endian, unit by unit. Unlike <see cref="System.Text.UnicodeEncoding"/> it keeps unpaired surrogates, which registry names may hold, so that
/// reading and writing give the same bytes.
/// </summary>
internal static class Utf16
{
    /// <summary>The bytes of a text, without byte order mark or terminator.</summary>
    public static byte[] ToBytes(ReadOnlySpan<char> text)
    {
        var bytes = new byte[text.Length * 2];
        for (var i = 0; i < text.Length; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(i * 2), text[i]);
        }

        return bytes;
    }

    /// <summary>The text of bytes; an odd last byte is left out.</summary>
    public static string ToText(ReadOnlySpan<byte> bytes)
    {
        var units = new char[bytes.Length / 2];
        for (var i = 0; i < units.Length; i++)
        {
            units[i] = (char)BinaryPrimitives.ReadUInt16LittleEndian(bytes[(i * 2)..]);
        }

        return new string(units);
    }
}
