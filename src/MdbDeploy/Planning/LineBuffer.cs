namespace MdbDeploy.Planning;

/// <summary>Bytes of lines that are being put together.</summary>
internal sealed class LineBuffer
{
    private const int Least = 1 << 18;

    private byte[] bytes = [];
    private int used;

    /// <summary>What was put in.</summary>
    public ReadOnlySpan<byte> Written => bytes.AsSpan(0, used);

    /// <summary>Starts anew.</summary>
    public void Clear() => used = 0;

    /// <summary>Puts bytes in.</summary>
    public void Put(ReadOnlySpan<byte> text)
    {
        text.CopyTo(Free(text.Length));
        used += text.Length;
    }

    /// <summary>Puts a byte in.</summary>
    public void Put(byte character)
    {
        Free(1)[0] = character;
        used++;
    }

    /// <summary>Room for at least this many bytes; <see cref="Advance"/> tells how many were put there.</summary>
    public Span<byte> Free(int least)
    {
        if (bytes.Length - used < least)
        {
            Array.Resize(ref bytes, Math.Max(Math.Max(bytes.Length * 2, Least), used + least));
        }

        return bytes.AsSpan(used);
    }

    /// <summary>Counts bytes as put in.</summary>
    public void Advance(int count) => used += count;
}
