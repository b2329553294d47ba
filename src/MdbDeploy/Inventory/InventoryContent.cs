using System.IO.Compression;
using System.Text;
using ExcelDataReader;

namespace MdbDeploy.Inventory;

/// <summary>The text of an inventory file, whatever it is wrapped in: plain, compressed with gzip, or the sheets of an Excel workbook as CSV.</summary>
internal sealed class InventoryContent
{
    private readonly string path;
    private readonly long mostBytes;

    // The library asks for Windows-1252 by number before it looks at the file, although only the old binary format needs it.
    static InventoryContent() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    private InventoryContent(string path, long mostBytes, bool isGzip, string? sheet)
    {
        this.path = path;
        this.mostBytes = mostBytes;
        IsGzip = isGzip;
        Sheet = sheet;
    }

    /// <summary>Whether the file is compressed.</summary>
    public bool IsGzip { get; }

    /// <summary>The sheet of the workbook; null for text.</summary>
    public string? Sheet { get; }

    /// <summary>The texts in a file: one, or one per sheet.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mostBytes">Most bytes that the file may unpack to.</param>
    /// <exception cref="IOException">The file cannot be read, or unpacks to more than allowed.</exception>
    public static IReadOnlyList<InventoryContent> In(string path, long mostBytes)
    {
        Span<byte> magic = stackalloc byte[4];
        using (var file = OpenFile(path))
        {
            magic = magic[..file.ReadAtLeast(magic, 4, throwOnEndOfStream: false)];
        }

        if (magic.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
        {
            return [new(path, mostBytes, true, null)];
        }

        return magic.SequenceEqual("PK\u0003\u0004"u8) && Sheets(path, mostBytes) is { Count: > 0 } sheets
            ? [.. sheets.Select(sheet => new InventoryContent(path, mostBytes, false, sheet))]
            : [new(path, mostBytes, false, null)];
    }

    /// <summary>The text from a byte on.</summary>
    public Stream Open(long position = 0)
    {
        if (Sheet is not null)
        {
            return new SheetCsv(OpenFile(path), Sheet);
        }

        var file = OpenFile(path);
        if (!IsGzip)
        {
            file.Position = position;
            return file;
        }

        var text = new BoundedStream(new GZipStream(file, CompressionMode.Decompress), mostBytes);
        Span<byte> skipped = stackalloc byte[256];
        for (var left = position; left > 0;)
        {
            left -= text.Read(skipped[..(int)Math.Min(left, skipped.Length)]) is > 0 and var count ? count : left;
        }

        return text;
    }

    private static FileStream OpenFile(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);

    /// <summary>Names of a workbook's sheets; null when the archive is none. Everything is unpacked once and thrown away, since the sizes an archive states can be lies.</summary>
    private static List<string>? Sheets(string path, long mostBytes)
    {
        try
        {
            using (var archive = ZipFile.OpenRead(path))
            {
                if (archive.GetEntry("xl/workbook.xml") is null)
                {
                    // Some other archive: it is told what it is when it is read as text.
                    return null;
                }

                var left = mostBytes;
                var buffer = new byte[1 << 16];
                foreach (var entry in archive.Entries)
                {
                    using var content = new BoundedStream(entry.Open(), left);
                    for (int count; (count = content.Read(buffer)) > 0;)
                    {
                        left -= count;
                    }
                }
            }

            using var file = OpenFile(path);
            using var reader = ExcelReaderFactory.CreateOpenXmlReader(file);
            var names = new List<string>();
            do
            {
                names.Add(reader.Name);
            }
            while (reader.NextResult());
            return names;
        }
        catch (Exception exception) when (exception is not (IOException or OutOfMemoryException))
        {
            // The library throws all kinds of exceptions at damaged workbooks.
            throw new InvalidDataException($"the workbook is damaged: {exception.Message}", exception);
        }
    }

    /// <summary>A stream that ends with an error when it holds more than allowed.</summary>
    private sealed class BoundedStream(Stream inner, long most) : ReadOnlyStream
    {
        private long left = most;

        public override int Read(Span<byte> buffer)
        {
            var count = inner.Read(buffer);
            left -= count;
            return left >= 0 ? count : throw new IOException("it unpacks to more than a file may");
        }

        protected override void Dispose(bool disposing)
        {
            inner.Dispose();
            base.Dispose(disposing);
        }
    }
}

/// <summary>A sheet of a workbook as CSV: a record per row, blank rows too, so that the number of a record is the number of its row.</summary>
internal sealed class SheetCsv : ReadOnlyStream
{
    private readonly Stream file;
    private readonly IExcelDataReader reader;
    private readonly StringBuilder row = new();
    private byte[] pending = [];
    private int used;

    /// <summary>Opens a sheet; the file is closed with it.</summary>
    public SheetCsv(Stream file, string sheet)
    {
        this.file = file;
        reader = ExcelReaderFactory.CreateOpenXmlReader(file);
        while (reader.Name != sheet && reader.NextResult())
        {
        }
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        if (used == pending.Length)
        {
            try
            {
                if (!reader.Read())
                {
                    return 0;
                }

                pending = Encoding.UTF8.GetBytes(Record());
                used = 0;
            }
            catch (Exception exception) when (exception is not (IOException or OutOfMemoryException))
            {
                throw new IOException($"the sheet is damaged: {exception.Message}", exception);
            }
        }

        var count = Math.Min(buffer.Length, pending.Length - used);
        pending.AsSpan(used, count).CopyTo(buffer);
        used += count;
        return count;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        reader.Dispose();
        file.Dispose();
        base.Dispose(disposing);
    }

    private string Record()
    {
        row.Clear();
        var last = reader.FieldCount;
        while (last > 0 && reader.IsDBNull(last - 1))
        {
            last--;
        }

        for (var i = 0; i < last; i++)
        {
            row.Append(i > 0 ? "," : "").Append('"').Append(Text(reader.GetValue(i)).Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
        }

        return row.Append('\n').ToString();
    }

    /// <summary>A cell as an export would write it: dates as ISO 8601, numbers without thousands, no digits lost.</summary>
    private static string Text(object? value) => value switch
    {
        null => "",
        string text => text,
        DateTime date => date.ToString("yyyy-MM-ddTHH:mm:ss", System.Globalization.CultureInfo.InvariantCulture),
        double number => number == Math.Truncate(number) && Math.Abs(number) < 1e15
            ? number.ToString("F0", System.Globalization.CultureInfo.InvariantCulture)
            : number.ToString("R", System.Globalization.CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? "",
    };
}

/// <summary>A stream that can only be read, forward.</summary>
internal abstract class ReadOnlyStream : Stream
{
    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public abstract override int Read(Span<byte> buffer);

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
