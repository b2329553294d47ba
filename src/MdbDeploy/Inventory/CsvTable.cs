using System.Text;
using CsvHelper;

namespace MdbDeploy.Inventory;

/// <summary>What is wrong with the quoting of a record.</summary>
internal enum CsvDamage
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A quote inside an unquoted field, or text after a closing quote; the text was kept.</summary>
    Quoting,

    /// <summary>A quoted field runs to the end of the file.</summary>
    NeverClosed,

    /// <summary>The record is longer than allowed; nothing after it is read.</summary>
    TooLong,

    /// <summary>The file could not be read any further.</summary>
    Unreadable,
}

/// <summary>
/// The records of a delimited file, one at a time. The only place that knows CsvHelper 34: records are spans of UTF-8 into its buffer, and every record is read
/// as data, since the header may stand below a title or blank lines.
/// </summary>
internal sealed class CsvTable : IDisposable
{
    private static readonly byte[] LostZeros = Encoding.UTF8.GetBytes([SheetCsv.LostZeros]);

    private readonly CsvReader reader;
    private readonly int linesBefore;
    private char[] text = new char[512];
    private readonly bool countsRecords;
    private int used;
    private int records;

    /// <summary>Starts reading.</summary>
    /// <param name="stream">The file, at the start of the table. Closed with this object.</param>
    /// <param name="encoding">Encoding of the stream.</param>
    /// <param name="delimiter">Delimiter; null finds it among <c>, ; | tab</c>.</param>
    /// <param name="linesBefore">Lines of the file that stand before the start.</param>
    /// <param name="maxRecordBytes">About the longest record to accept, in bytes of UTF-8.</param>
    /// <param name="countsRecords">Whether a line is a record, as in a workbook, however many line ends its cells hold.</param>
    public CsvTable(Stream stream, Encoding encoding, char? delimiter, int linesBefore, int maxRecordBytes, bool countsRecords = false)
    {
        this.countsRecords = countsRecords;
        this.linesBefore = linesBefore;
        reader = CsvReader.Create(stream, Options(encoding, delimiter, maxRecordBytes));
    }

    /// <summary>Starts reading a piece of a text.</summary>
    /// <param name="text">The piece, in UTF-8.</param>
    /// <param name="delimiter">Delimiter.</param>
    /// <param name="linesBefore">Lines of the file that stand before it.</param>
    /// <param name="maxRecordBytes">About the longest record to accept, in bytes.</param>
    public CsvTable(ReadOnlyMemory<byte> text, char delimiter, int linesBefore, int maxRecordBytes)
    {
        this.linesBefore = linesBefore;
        reader = CsvReader.Create(text, Options(Encoding.UTF8, delimiter, maxRecordBytes));
    }

    /// <summary>Whether the records are rows of a workbook, where cells at the end of a row that hold nothing do not exist.</summary>
    public bool CountsRecords => countsRecords;

    /// <summary>The delimiter in use.</summary>
    public char Delimiter => reader.Separator;

    /// <summary>What is wrong with the current record.</summary>
    public CsvDamage Damage { get; private set; }

    /// <summary>Line of the file the current record starts on, from 1; lines inside quotes count.</summary>
    public int Line { get; private set; }

    /// <summary>Number of fields of the current record.</summary>
    public int Count => reader.FieldCount;

    /// <summary>Offset of the current record in bytes of UTF-8, for progress.</summary>
    public long Position => reader.ByteOffset;

    /// <summary>
    /// Moves to the next record. After <see cref="CsvDamage.TooLong"/> and <see cref="CsvDamage.Unreadable"/> there is none, and <see cref="Line"/> is where it would
    /// have started.
    /// </summary>
    public bool Read()
    {
        Damage = CsvDamage.None;
        used = 0;
        try
        {
            if (!reader.Read())
            {
                return false;
            }

            records++;
            Line = countsRecords ? records : (int)Math.Min(reader.LineNumber + linesBefore, int.MaxValue);
            return true;
        }
        catch (CsvFormatException exception)
        {
            // The reader recovers from bad quoting, so this is a record beyond the limit.
            Damage = CsvDamage.TooLong;
            Line = (int)Math.Min(exception.LineNumber + linesBefore, int.MaxValue);
            return false;
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException)
        {
            Damage = CsvDamage.Unreadable;
            return false;
        }
    }

    /// <summary>A field as it stands, in UTF-8; empty when the record has fewer. Valid until the next record.</summary>
    public ReadOnlySpan<byte> Bytes(int index) => reader.GetSpan(index);

    /// <summary>A field without surrounding blanks; empty when the record has fewer. Valid until the next record.</summary>
    public ReadOnlySpan<char> Field(int index)
    {
        var bytes = reader.GetSpan(index);
        if (bytes.IsEmpty)
        {
            return default;
        }

        if (bytes.Length > text.Length - used)
        {
            // What was handed out before still lies in the old one.
            text = new char[Math.Max(text.Length, bytes.Length * 2)];
            used = 0;
        }

        var field = text.AsSpan(used, Encoding.UTF8.GetChars(bytes, text.AsSpan(used)));
        used += field.Length;
        field = field.Trim();
        return countsRecords ? field.TrimEnd(SheetCsv.LostZeros) : field;
    }

    /// <summary>Whether a field is a number of a workbook that, as a build, may have lost zeros at its end.</summary>
    public bool MayHaveLostZeros(int index) => countsRecords && reader.GetSpan(index).EndsWith(LostZeros);

    /// <summary>The record as it stands, for people.</summary>
    public string Text()
    {
        var record = Encoding.UTF8.GetString(reader.RawRecord);
        return countsRecords ? record.Replace($"{SheetCsv.LostZeros}", "", StringComparison.Ordinal) : record;
    }

    /// <summary>Whether every field of the record is blank.</summary>
    public bool IsBlank()
    {
        for (var i = 0; i < reader.FieldCount; i++)
        {
            var field = reader.GetSpan(i);
            if (field is [> (byte)' ', ..] || field.IndexOfAnyExcept((byte)' ', (byte)'\t') >= 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Line and column at which a field of the current record stands: characters from 1 in a text, cells from 1 in a workbook.</summary>
    public (int Line, int Column) PlaceOf(int index)
    {
        if (countsRecords)
        {
            return (Line, index + 1);
        }

        if (index >= reader.FieldCount || !reader.RawRecord.Overlaps(reader.GetRawSpan(index), out var offset))
        {
            // An empty field has no bytes of its own, so it is looked for behind the one before it.
            return index > 0 && index < reader.FieldCount ? Behind(index - 1) : (Line, 1);
        }

        return PlaceAt(offset);
    }

    /// <inheritdoc/>
    public void Dispose() => reader.Dispose();

    private CsvReaderOptions Options(Encoding encoding, char? delimiter, int maxRecordBytes) => new()
    {
        Encoding = encoding,
        Separator = delimiter,
        DetectSeparatorHint = false,
        HasHeader = false,
        SkipEmptyLines = false,
        TrackLineNumbers = true,
        MaxRecordSize = maxRecordBytes,
        BufferSize = 1 << 18,
        IncludeValuesInExceptions = false,
        OnMalformedRecord = record => Damage = record.Reason == CsvMalformedReason.UnterminatedQuote ? CsvDamage.NeverClosed : CsvDamage.Quoting,
    };

    private (int Line, int Column) Behind(int index)
    {
        var offset = 1;
        for (var i = 0; i <= index; i++)
        {
            offset += reader.GetRawSpan(i).Length + (i < index ? 1 : 0);
        }

        return PlaceAt(Math.Min(offset, reader.RawRecord.Length));
    }

    private (int Line, int Column) PlaceAt(int offset)
    {
        var before = reader.RawRecord[..offset];
        var line = Line;
        var start = 0;
        for (var i = 0; i < before.Length; i++)
        {
            if (before[i] == '\n' || (before[i] == '\r' && (i + 1 == before.Length || before[i + 1] != '\n')))
            {
                line++;
                start = i + 1;
            }
        }

        return (line, Encoding.UTF8.GetCharCount(before[start..]) + 1);
    }
}
