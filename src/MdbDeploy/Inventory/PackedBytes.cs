using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace MdbDeploy.Inventory;

/// <summary>Reads what <see cref="PackedWriter"/> wrote, in the same order.</summary>
internal ref struct PackedReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> rest = bytes;

    /// <summary>A number of at least 0: seven bits a byte, the lowest first; all bytes but the last have the highest bit (LEB128).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Number()
    {
        // Nearly every number is the length of a short text.
        int value = rest[0];
        rest = rest[1..];
        return value <= 0x7F ? value : LongNumber(value & 0x7F);
    }

    /// <summary>An id.</summary>
    public Guid Id()
    {
        var id = new Guid(rest[..PackedWriter.Id]);
        rest = rest[PackedWriter.Id..];
        return id;
    }

    /// <summary>Passes over a text with its length before it.</summary>
    public void Skip()
    {
        var length = Number();
        rest = rest[length..];
    }

    /// <summary>A text with its length before it.</summary>
    public ReadOnlySpan<byte> Text()
    {
        var length = Number();
        var text = rest[..length];
        rest = rest[length..];
        return text;
    }

    private int LongNumber(int value)
    {
        for (int at = 0, shift = 7; ; at++, shift += 7)
        {
            var next = rest[at];
            value |= (next & 0x7F) << shift;
            if (next <= 0x7F)
            {
                rest = rest[(at + 1)..];
                return value;
            }
        }
    }
}

/// <summary>Writes numbers, ids and texts one after the other.</summary>
internal ref struct PackedWriter(Span<byte> bytes)
{
    /// <summary>Bytes of an id.</summary>
    public const int Id = 16;

    /// <summary>Most bytes of a number.</summary>
    public const int MostNumber = 5;

    private readonly Span<byte> bytes = bytes;

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    /// <summary>Writes a number of at least 0.</summary>
    public void Put(int number)
    {
        for (; number > 0x7F; number >>= 7)
        {
            bytes[Length++] = (byte)(number | 0x80);
        }

        bytes[Length++] = (byte)number;
    }

    /// <summary>Writes an id.</summary>
    public void Put(Guid id)
    {
        id.TryWriteBytes(bytes[Length..]);
        Length += Id;
    }

    /// <summary>Writes a text with its length before it.</summary>
    public void Put(ReadOnlySpan<byte> text)
    {
        Put(text.Length);
        text.CopyTo(bytes[Length..]);
        Length += text.Length;
    }
}

/// <summary>The rows that a device comes from.</summary>
/// <param name="count">How many there are.</param>
/// <param name="packed">Source and line of each.</param>
[SuppressMessage("Naming", "CA1710:Identifiers should have correct suffix", Justification = "It is walked through, and no collection.")]
internal ref struct PackedOrigins(int count, PackedReader packed)
{
    private PackedReader packed = packed;
    private int left = count;

    /// <summary>How many there are.</summary>
    public readonly int Count { get; } = count;

    /// <summary>The row that was reached.</summary>
    public RowOrigin Current { get; private set; }

    /// <summary>Goes on to the next row.</summary>
    public bool MoveNext()
    {
        if (left == 0)
        {
            return false;
        }

        left--;
        Current = new RowOrigin(packed.Number(), packed.Number());
        return true;
    }

    /// <summary>Walks through the rows.</summary>
    public readonly PackedOrigins GetEnumerator() => this;
}
