using System.IO.Compression;
using System.Text;
using ExcelDataReader;

namespace MdbDeploy.Inventory;

/// <summary>The text of an inventory file, whatever it is wrapped in: plain, compressed with gzip, or the sheets of an Excel workbook as CSV.</summary>
internal sealed class InventoryContent
{
    private const int MostColumns = 16_384;

    private readonly string path;
    private readonly long mostBytes;
    private readonly int mostRecordBytes;

    // The library asks for Windows-1252 by number before it looks at the file, although only the old binary format needs it.
    static InventoryContent() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    private InventoryContent(string path, InventoryOptions options, bool isGzip = false, string? sheet = null)
    {
        this.path = path;
        mostBytes = options.MaxUnpackedBytes;
        mostRecordBytes = options.MaxRecordBytes;
        IsGzip = isGzip;
        Sheet = sheet;
    }

    /// <summary>Whether the file is compressed.</summary>
    public bool IsGzip { get; }

    /// <summary>The sheet of the workbook; null for text.</summary>
    public string? Sheet { get; }

    /// <summary>What the file is instead of text, in words, where more than its first bytes tell it; null else.</summary>
    public string? NotText { get; private init; }

    /// <summary>The texts in a file: one, or one per sheet.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How much the file may unpack to.</param>
    /// <exception cref="IOException">The file cannot be read, or unpacks to more than allowed.</exception>
    public static IReadOnlyList<InventoryContent> In(string path, InventoryOptions options)
    {
        Span<byte> magic = stackalloc byte[4];
        string? notText;
        using (var file = OpenFile(path))
        {
            magic = magic[..file.ReadAtLeast(magic, 4, throwOnEndOfStream: false)];
            notText = ForeignFormat.Of(file);
        }

        if (magic.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
        {
            return [new(path, options, isGzip: true)];
        }

        var sheets = magic.SequenceEqual("PK\u0003\u0004"u8) ? Sheets(path, options.MaxUnpackedBytes, out notText) : [];
        return sheets.Count > 0 ? [.. sheets.Select(sheet => new InventoryContent(path, options, sheet: sheet))] : [new(path, options) { NotText = notText }];
    }

    /// <summary>The text from a byte on.</summary>
    public Stream Open(long position = 0)
    {
        if (Sheet is not null)
        {
            return new SheetCsv(OpenFile(path), Sheet, mostRecordBytes);
        }

        var file = OpenFile(path);
        if (!IsGzip)
        {
            file.Position = position;
            return file;
        }

        var text = new BoundedStream(new GzipText(file), mostBytes);
        Span<byte> skipped = stackalloc byte[256];
        for (var left = position; left > 0;)
        {
            left -= text.Read(skipped[..(int)Math.Min(left, skipped.Length)]) is > 0 and var count ? count : left;
        }

        return text;
    }

    private static FileStream OpenFile(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);

    /// <summary>Names of a workbook's sheets; none when the archive is something else, which is told.</summary>
    private static List<string> Sheets(string path, long mostBytes, out string? notText)
    {
        notText = null;
        try
        {
            using (var archive = ZipFile.OpenRead(path))
            {
                if (archive.GetEntry("xl/workbook.xml") is null)
                {
                    notText = ForeignFormat.OfArchive(archive);
                    return [];
                }

                WorkbookBounds.Check(archive, mostBytes);
            }

            using var file = OpenFile(path);
            using var reader = ExcelReaderFactory.CreateOpenXmlReader(file);
            var names = new List<string>();
            do
            {
                // A cell may state any address, and the library makes room for every cell up to there.
                names.Add(reader.FieldCount <= MostColumns ? reader.Name : throw new IOException($"its sheet '{RowNotes.Show(reader.Name)}' has {reader.FieldCount} columns, and Excel knows {MostColumns}"));
            }
            while (reader.NextResult());
            return names;
        }
        catch (Exception exception) when (exception is not IOException)
        {
            // The library throws all kinds of exceptions at damaged workbooks.
            throw new InvalidDataException($"the workbook is damaged: {RowNotes.Show(exception.Message, 200)}", exception);
        }
    }
}
