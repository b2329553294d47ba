using System.IO.Compression;

namespace MdbDeploy.Inventory;

/// <summary>
/// What a workbook may unpack to. The library that reads it keeps the shared texts, and the row it is at, in memory; and the sizes that an archive states can be lies. So
/// everything is unpacked once and thrown away before the library sees it.
/// </summary>
internal static class WorkbookBounds
{
    /// <summary>A row, or a shared text. Excel allows a cell 32,767 characters; a row of nothing but such cells (500 MB) is refused.</summary>
    private const long MostBytesOfItem = 64 << 20;

    /// <summary>The part with the shared texts. A million rows with six columns of texts that no other row has take 350 MB.</summary>
    private const long MostBytesOfTexts = 512 << 20;

    /// <summary>Unpacks all parts.</summary>
    /// <param name="archive">The workbook.</param>
    /// <param name="mostBytes">Most bytes of all parts together.</param>
    /// <exception cref="IOException">It unpacks to more than a workbook may.</exception>
    public static void Check(ZipArchive archive, long mostBytes)
    {
        var left = mostBytes;
        var buffer = new byte[1 << 16];
        foreach (var entry in archive.Entries)
        {
            using var content = new BoundedStream(entry.Open(), left);
            var (size, item, hasTexts, isPlain, last) = (0L, 0L, false, true, (byte)0);
            for (int count; (count = content.Read(buffer)) > 0;)
            {
                var read = buffer.AsSpan(0, count);
                isPlain = isPlain && !HasMarkupThatHides(read, last, isStart: size == 0);
                var (row, text) = (EndOf(read, "row>"u8), EndOf(read, "si>"u8));
                hasTexts |= text >= 0;
                item = isPlain && Math.Max(row, text) is >= 0 and var end ? count - end : item + count;
                size += count;
                last = read[^1];
                if (item > MostBytesOfItem || (hasTexts && size > MostBytesOfTexts))
                {
                    throw new IOException($"'{RowNotes.Show(entry.FullName)}' in it unpacks to more than Excel would write");
                }
            }

            left -= size;
        }
    }

    /// <summary>Where the last row, or shared text, ends: &lt;/row&gt;, with a namespace prefix or without. Text cannot hold that, since it writes &lt; as an entity (XML 1.0, 2.4).</summary>
    private static int EndOf(ReadOnlySpan<byte> read, ReadOnlySpan<byte> name)
    {
        for (int end; (end = read.LastIndexOf(name)) > 1; read = read[..end])
        {
            var tag = read[..end];
            if (tag[^1] == '/' ? tag[^2] == '<' : tag[^1] == ':' && tag.LastIndexOfAny("<>"u8) is >= 0 and var open && tag[open..].StartsWith("</"u8))
            {
                return end;
            }
        }

        return -1;
    }

    /// <summary>Whether a piece holds a comment, a CDATA section or an instruction, in which anything may look like the end of a row. Excel writes none but the first line, which a mark of three bytes may precede.</summary>
    private static bool HasMarkupThatHides(ReadOnlySpan<byte> read, byte before, bool isStart) =>
        (before == '<' && read[0] is (byte)'!' or (byte)'?') || read.IndexOf("<!"u8) >= 0 || (isStart ? read[Math.Min(4, read.Length)..] : read).IndexOf("<?"u8) >= 0;
}
