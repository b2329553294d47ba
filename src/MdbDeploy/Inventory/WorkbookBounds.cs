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
            long size = 0, ofTexts = 0, item = 0;
            for (int count; (count = content.Read(buffer)) > 0; size += count)
            {
                // Rows end in </row>, shared texts in </si>, with a namespace prefix or without.
                var read = buffer.AsSpan(0, count);
                var row = read.LastIndexOf("row>"u8);
                var text = read.LastIndexOf("si>"u8);
                ofTexts += text >= 0 ? count : 0;
                item = Math.Max(row, text) is >= 0 and var end ? count - end : item + count;
                if (item > MostBytesOfItem || ofTexts > MostBytesOfTexts)
                {
                    throw new IOException($"'{RowNotes.Show(entry.FullName)}' in it unpacks to more than Excel would write");
                }
            }

            left -= size;
        }
    }
}
