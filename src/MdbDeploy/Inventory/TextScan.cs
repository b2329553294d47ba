using System.Buffers;

namespace MdbDeploy.Inventory;

/// <summary>Reads a text once from start to end, since its encoding can depend on its last byte. One thread reads at a time, while others look at what was read.</summary>
/// <param name="stream">The text, at its start.</param>
internal sealed class TextScan(Stream stream)
{
    /// <summary>Bytes that are kept of the start of a text.</summary>
    public const int MostHead = 16 * 1024;

    private const int Block = 1 << 18;

    private readonly Lock gate = new();
    private readonly byte[] cut = new byte[4];
    private int cutBytes;
    private bool isOver;

    /// <summary>The start of the text.</summary>
    public byte[] Head { get; private set; } = [];

    /// <summary>Bytes of the text.</summary>
    public long Length { get; private set; }

    /// <summary>Whether it is UTF-8.</summary>
    public Utf8Evidence Utf8 { get; } = new();

    /// <summary>Reads the text.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="OperationCanceledException">Reading was stopped.</exception>
    public void Read(CancellationToken cancellation)
    {
        var first = ArrayPool<byte>.Shared.Rent(Block);
        Utf8.Add(Take(first, out _), 0);
        ArrayPool<byte>.Shared.Return(first);
        if (!isOver)
        {
            Task.WhenAll(Enumerable.Range(0, Environment.ProcessorCount).Select(_ => Task.Run(() => ReadOn(cancellation), CancellationToken.None))).GetAwaiter().GetResult();
        }

        cancellation.ThrowIfCancellationRequested();
    }

    private void ReadOn(CancellationToken cancellation)
    {
        var (evidence, buffer) = (new Utf8Evidence(), ArrayPool<byte>.Shared.Rent(Block));
        while (!cancellation.IsCancellationRequested && Take(buffer, out var offset) is { IsEmpty: false } text)
        {
            evidence.Add(text, offset);
        }

        ArrayPool<byte>.Shared.Return(buffer);
        lock (gate)
        {
            Utf8.Add(evidence);
        }
    }

    /// <summary>Takes the next bytes, without a character that they end in the midst of; none at the end of the text.</summary>
    private ReadOnlySpan<byte> Take(byte[] buffer, out long offset)
    {
        lock (gate)
        {
            offset = Length - cutBytes;
            if (isOver)
            {
                return [];
            }

            cut.AsSpan(0, cutBytes).CopyTo(buffer);
            var count = stream.ReadAtLeast(buffer.AsSpan(cutBytes), buffer.Length - cutBytes, throwOnEndOfStream: false);
            var text = buffer.AsSpan(0, cutBytes + count);
            Head = Length == 0 ? text[..Math.Min(text.Length, MostHead)].ToArray() : Head;
            Length += count;
            isOver = text.Length < buffer.Length;
            var complete = isOver ? text : text[..CompleteLength(text)];
            cutBytes = text.Length - complete.Length;
            text[complete.Length..].CopyTo(cut);
            return complete;
        }
    }

    /// <summary>Length without a character that the end of the buffer cuts in two.</summary>
    private static int CompleteLength(ReadOnlySpan<byte> text)
    {
        for (var back = 1; back <= Math.Min(4, text.Length); back++)
        {
            var b = text[^back];
            if ((b & 0xC0) != 0x80)
            {
                var needed = b >= 0xF0 ? 4 : b >= 0xE0 ? 3 : b >= 0xC0 ? 2 : 1;
                return needed > back ? text.Length - back : text.Length;
            }
        }

        return text.Length;
    }
}
