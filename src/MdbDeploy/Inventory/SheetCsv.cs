using System.Globalization;
using System.Text;
using ExcelDataReader;

namespace MdbDeploy.Inventory;

/// <summary>A sheet of a workbook as CSV: a record per row, blank rows too, so that the number of a record is the number of its row.</summary>
internal sealed class SheetCsv : ReadOnlyStream
{
    /// <summary>
    /// Ends a number that, where it is a build, may have lost zeros of its revision: 17763.6530 kept as a number is 17763.653. No text of a workbook holds this character
    /// (XML 1.0, 2.2).
    /// </summary>
    public const char LostZeros = '\uFFFF';

    private const int MostRows = 1_048_576;

    // Builds have been below 30000 since Windows 7, and days above 30000 since 1982: no number is both.
    private const double FirstBuild = 7600;
    private const double LastBuild = 29_999;
    private const int DigitsOfRevision = 4;

    private readonly Stream file;
    private readonly IExcelDataReader reader;
    private readonly int mostRecordBytes;
    private readonly StringBuilder row = new();
    private byte[] pending = [];
    private int used;
    private int rows;

    /// <summary>Opens a sheet; the file is closed with it.</summary>
    /// <param name="file">The workbook.</param>
    /// <param name="sheet">Name of the sheet.</param>
    /// <param name="mostRecordBytes">A record that is longer is cut off, since nobody reads further.</param>
    public SheetCsv(Stream file, string sheet, int mostRecordBytes)
    {
        this.file = file;
        this.mostRecordBytes = mostRecordBytes;
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

                if (++rows > MostRows)
                {
                    throw new IOException("a sheet has at most 1,048,576 rows");
                }

                pending = Encoding.UTF8.GetBytes(Record());
                used = 0;
            }
            catch (Exception exception) when (exception is not IOException)
            {
                throw new IOException($"the sheet is damaged: {RowNotes.Show(exception.Message, 200)}", exception);
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

        for (var i = 0; i < last && row.Length <= mostRecordBytes; i++)
        {
            row.Append(i > 0 ? "," : "").Append('"').Append(Text(i).Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
        }

        return row.Append('\n').ToString();
    }

    /// <summary>A cell as an export would write it: dates as ISO 8601, numbers without thousands. Errors are empty.</summary>
    private string Text(int column) => reader.GetValue(column) switch
    {
        null => "",
        string text => text,
        // The first day is what Excel makes of a time without a date.
        DateTime { Year: < 1900, TimeOfDay.Ticks: > 0 } time => time.ToString("HH:mm:ss", CultureInfo.InvariantCulture),
        DateTime date => date.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture),
        double number => Number(number, reader.GetNumberFormatString(column) ?? ""),
        var value => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    /// <summary>
    /// A number with the zeros, the exponent or the percent sign that its format shows (ECMA-376 part 1, 18.8.31), since those are what somebody typed: 00123, 5E10, 10%. No digit is lost
    /// otherwise, whatever the format hides.
    /// </summary>
    private static string Number(double number, string format)
    {
        var digits = number == Math.Truncate(number) && Math.Abs(number) < 1e15
            ? number.ToString("F0", CultureInfo.InvariantCulture)
            : number.ToString("R", CultureInfo.InvariantCulture);
        if (format.Contains("E+", StringComparison.OrdinalIgnoreCase))
        {
            return number.ToString("0.##############E+0", CultureInfo.InvariantCulture);
        }

        if (format.EndsWith('%'))
        {
            return $"{((decimal)Math.Clamp(number, -1e15, 1e15) * 100).ToString("0.######", CultureInfo.InvariantCulture)}%";
        }

        if (format.Length > 0 && format.AsSpan().IndexOfAnyExcept('0', '.') < 0 && format.AsSpan().Count('.') < 2 && format[^1] != '.'
            && number.ToString(format, CultureInfo.InvariantCulture) is var padded && padded.Length > digits.Length && padded.Contains(digits, StringComparison.Ordinal))
        {
            digits = number == Math.Truncate(number) ? padded.Split('.')[0] : padded;
        }

        return number is >= FirstBuild and <= LastBuild && digits.IndexOf('.') is > 0 and var dot && digits.Length - dot - 1 < DigitsOfRevision ? digits + LostZeros : digits;
    }
}
