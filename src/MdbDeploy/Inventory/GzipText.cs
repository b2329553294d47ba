using System.IO.Compression;

namespace MdbDeploy.Inventory;

/// <summary>
/// Unpacks gzip (RFC 1952), one member or several, and knows whether it was whole: <see cref="GZipStream"/> takes the end of a file for the end of the text, so that an export whose
/// download broke off would just have fewer devices. A member of our own is put behind the file, and its text must come out at the end.
/// </summary>
internal sealed class GzipText : ReadOnlyStream
{
    private static readonly byte[] Mark = [.. "end of the file "u8];
    private static readonly byte[] PackedMark = Pack(Mark);

    private readonly GZipStream text;
    private readonly byte[] buffer = new byte[(1 << 16) + 16];
    private int start;
    private int end;

    /// <summary>Starts unpacking; the file is closed with this object.</summary>
    public GzipText(Stream file) => text = new GZipStream(new Followed(file, PackedMark), CompressionMode.Decompress);

    /// <inheritdoc/>
    /// <exception cref="IOException">The file is cut off or damaged.</exception>
    public override int Read(Span<byte> target)
    {
        // What may be the mark stays behind.
        if (end - start <= Mark.Length)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
            end += Unpack(buffer.AsSpan(end), Mark.Length + 1 - end);
            if (end <= Mark.Length)
            {
                return buffer.AsSpan(0, end).SequenceEqual(Mark) ? 0 : throw Damaged(null);
            }
        }

        var count = Math.Min(target.Length, end - start - Mark.Length);
        buffer.AsSpan(start, count).CopyTo(target);
        start += count;
        return count;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        text.Dispose();
        base.Dispose(disposing);
    }

    private int Unpack(Span<byte> target, int least)
    {
        try
        {
            return text.ReadAtLeast(target, least, throwOnEndOfStream: false);
        }
        catch (InvalidDataException exception)
        {
            throw Damaged(exception);
        }
    }

    private static IOException Damaged(Exception? cause) => new("it is cut off or damaged", cause);

    private static byte[] Pack(byte[] text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.NoCompression))
        {
            gzip.Write(text);
        }

        return packed.ToArray();
    }

    /// <summary>A file with something behind it.</summary>
    private sealed class Followed(Stream file, byte[] tail) : ReadOnlyStream
    {
        private int used;

        public override int Read(Span<byte> target)
        {
            if (file.Read(target) is > 0 and var count)
            {
                return count;
            }

            count = Math.Min(target.Length, tail.Length - used);
            tail.AsSpan(used, count).CopyTo(target);
            used += count;
            return count;
        }

        protected override void Dispose(bool disposing)
        {
            file.Dispose();
            base.Dispose(disposing);
        }
    }
}
