using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace MdbDeploy.Inventory;

/// <summary>Looks at a text once from start to end, since its encoding can depend on its last byte. Blocks of a file are looked at on all processors; what is unpacked comes one after the other.</summary>
internal sealed class TextScan
{
    /// <summary>Most bytes of <see cref="Head"/>.</summary>
    public const int MostHead = 16 * 1024;

    private const int Block = 1 << 18;
    private const int LongestCharacter = 4;

    /// <summary>The start of the text.</summary>
    public byte[] Head { get; private set; } = [];

    /// <summary>Bytes of the text.</summary>
    public long Length { get; private set; }

    /// <summary>Whether it is UTF-8.</summary>
    public Utf8Evidence Utf8 { get; } = new();

    /// <summary>Looks at a text.</summary>
    /// <param name="stream">The text, at its start.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="OperationCanceledException">Reading was stopped.</exception>
    public static TextScan Of(Stream stream, CancellationToken cancellation)
    {
        var scan = new TextScan();
        if (stream is FileStream { CanSeek: true } file)
        {
            scan.ReadFile(file.SafeFileHandle, cancellation);
        }
        else
        {
            scan.ReadStream(stream, cancellation);
        }

        cancellation.ThrowIfCancellationRequested();
        return scan;
    }

    private void ReadStream(Stream stream, CancellationToken cancellation)
    {
        var (buffer, cut, isLast) = (ArrayPool<byte>.Shared.Rent(Block), 0, false);
        while (!isLast && !cancellation.IsCancellationRequested)
        {
            var count = cut + stream.ReadAtLeast(buffer.AsSpan(cut, Block - cut), Block - cut, throwOnEndOfStream: false);
            var text = buffer.AsSpan(0, count);
            isLast = count < Block;
            Head = Length == 0 ? text[..Math.Min(count, MostHead)].ToArray() : Head;
            var complete = isLast ? text : text[..CompleteLength(text)];
            Utf8.Add(complete, Length - cut);
            Length += count - cut;
            cut = count - complete.Length;
            text[complete.Length..].CopyTo(buffer);
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    private void ReadFile(SafeFileHandle file, CancellationToken cancellation)
    {
        Length = RandomAccess.GetLength(file);
        Head = new byte[Math.Min(Length, MostHead)];
        Head = Head[..Fill(file, Head, 0)];
        var (gate, blocks, taken) = (new Lock(), (Length + Block - 1) / Block, -1L);
        var threads = (int)Math.Min(blocks, Environment.ProcessorCount);
        if (threads == 1)
        {
            ReadBlocks();
        }
        else
        {
            Task.WhenAll(Enumerable.Range(0, threads).Select(_ => Task.Run(ReadBlocks, CancellationToken.None))).GetAwaiter().GetResult();
        }

        void ReadBlocks()
        {
            var (evidence, buffer) = (new Utf8Evidence(), ArrayPool<byte>.Shared.Rent(LongestCharacter + Block));
            for (long block; !cancellation.IsCancellationRequested && (block = Interlocked.Increment(ref taken)) < blocks;)
            {
                // The end of the block before is looked at again: what was left of it there, since a character was cut in two, belongs to this one.
                var before = block == 0 ? 0 : LongestCharacter;
                var start = (block * Block) - before;
                var text = buffer.AsSpan(0, (int)Math.Min(before + Block, Length - start));
                text = text[..Fill(file, text, start)];
                var from = Math.Min(CompleteLength(text[..Math.Min(before, text.Length)]), text.Length);
                var end = block == blocks - 1 ? text.Length : Math.Max(from, CompleteLength(text));
                evidence.Add(text[from..end], start + from);
            }

            ArrayPool<byte>.Shared.Return(buffer);
            lock (gate)
            {
                Utf8.Add(evidence);
            }
        }
    }

    /// <summary>Reads bytes of a file; returns how many there are.</summary>
    private static int Fill(SafeFileHandle file, Span<byte> bytes, long offset)
    {
        var filled = 0;
        while (filled < bytes.Length && RandomAccess.Read(file, bytes[filled..], offset + filled) is > 0 and var count)
        {
            filled += count;
        }

        return filled;
    }

    /// <summary>Length without a character that the end cuts in two.</summary>
    private static int CompleteLength(ReadOnlySpan<byte> text)
    {
        for (var back = 1; back <= Math.Min(LongestCharacter, text.Length); back++)
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
