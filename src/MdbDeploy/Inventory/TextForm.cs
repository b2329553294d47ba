using System.Text;

namespace MdbDeploy.Inventory;

/// <summary>
/// How the text of an export is written: its encoding, and the lines before the header that are not part of the table. PowerShell 5.1 starts with
/// <c>#TYPE …</c>, Excel understands <c>sep=;</c>.
/// </summary>
internal sealed record TextForm
{
    /// <summary>Encoding of the text.</summary>
    public required Encoding Encoding { get; init; }

    /// <summary>Name of the encoding, for people.</summary>
    public required string Label { get; init; }

    /// <summary>Offset in bytes at which the table starts.</summary>
    public required int Start { get; init; }

    /// <summary>Lines before <see cref="Start"/>.</summary>
    public required int LinesBefore { get; init; }

    /// <summary>Length of the file in bytes.</summary>
    public required long Length { get; init; }

    /// <summary>Delimiter that a <c>sep=</c> line asks for, or null.</summary>
    public char? Separator { get; init; }

    /// <summary>A <c>sep=</c> line that asks for something unusable, or null.</summary>
    public string? BadSeparator { get; init; }

    /// <summary>Whether only the start of the file was looked at, which is ASCII: UTF-8 unless what follows shows something else.</summary>
    public bool IsAssumed { get; init; }

    /// <summary>Line of the first byte that is not UTF-8, although the file is not UTF-16; 0 when there is none.</summary>
    public int FirstInvalidLine { get; init; }

    /// <summary>Whether the file is UTF-8 without a damaged byte.</summary>
    public bool IsValidUtf8 => Encoding is UTF8Encoding && FirstInvalidLine == 0;

    /// <summary>Whether the file was taken for Windows-1252 because it is nothing else.</summary>
    public bool IsWindows1252 => Encoding.CodePage == 1252;

    /// <summary>What the file is instead of text, in words; null for text.</summary>
    public string? NotText { get; init; }

    /// <summary>Reads the whole file: its encoding can depend on its last byte.</summary>
    /// <param name="open">Opens the file at its start; asked once more when it is not UTF-8, to count the lines before the first byte that is not.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="OperationCanceledException">Reading was stopped.</exception>
    public static TextForm Of(Func<Stream> open, CancellationToken cancellation)
    {
        TextScan scan;
        using (var stream = open())
        {
            scan = TextScan.Of(stream, cancellation);
        }

        var form = Of(scan.Head, scan.Length, scan.Utf8.IsUtf8);
        return form.Encoding is not UnicodeEncoding && scan.Utf8.FirstDamage is { } damage ? form with { FirstInvalidLine = LineAt(open, damage) } : form;
    }

    /// <summary>
    /// The form of a file of which nothing but its start is looked at; null when that does not suffice, since it is not ASCII, but for a byte order mark. Nearly every inventory is ASCII to its end, which whoever
    /// reads its rows finds out on the way.
    /// </summary>
    /// <param name="stream">The file.</param>
    /// <param name="start">How many bytes must be ASCII.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static TextForm? Assume(Stream stream, int start)
    {
        if (!stream.CanSeek || stream.Length < start)
        {
            return null;
        }

        var head = new byte[Math.Max(start, TextScan.MostHead)];
        head = head[..stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
        var text = head.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? head.AsSpan(Encoding.UTF8.Preamble.Length) : head;
        return Ascii.IsValid(text) && Of(head.AsSpan(0, Math.Min(head.Length, TextScan.MostHead)), stream.Length, isUtf8: true) is { Encoding: UTF8Encoding } form
            ? form with { IsAssumed = stream.Length > head.Length }
            : null;
    }

    private static TextForm Of(ReadOnlySpan<byte> head, long length, bool isUtf8)
    {
        var (encoding, label, bom) = EncodingOf(head, isUtf8);
        return new TextForm { Encoding = encoding, Label = label, Start = bom, LinesBefore = 0, Length = length, NotText = ForeignFormat.Of(head) }.SkipPreamble(head);
    }

    private static (Encoding Encoding, string Label, int Bom) EncodingOf(ReadOnlySpan<byte> head, bool isUtf8)
    {
        if (head.StartsWith(Encoding.UTF8.Preamble))
        {
            return (new UTF8Encoding(false), "utf-8 with BOM", 3);
        }

        if (head.StartsWith(Encoding.Unicode.Preamble))
        {
            return (Encoding.Unicode, "utf-16 little-endian", 2);
        }

        if (head.StartsWith(Encoding.BigEndianUnicode.Preamble))
        {
            return (Encoding.BigEndianUnicode, "utf-16 big-endian", 2);
        }

        // Latin text in UTF-16 has a zero in every second byte, and text of any other encoding has none at all.
        var sample = head[..Math.Min(head.Length, 512)];
        int even = 0, odd = 0;
        for (var i = 0; i < sample.Length; i++)
        {
            if (sample[i] == 0)
            {
                _ = (i & 1) == 0 ? even++ : odd++;
            }
        }

        if (odd * 10 > sample.Length * 4 && even * 20 < sample.Length)
        {
            return (Encoding.Unicode, "utf-16 little-endian without BOM", 0);
        }

        if (even * 10 > sample.Length * 4 && odd * 20 < sample.Length)
        {
            return (Encoding.BigEndianUnicode, "utf-16 big-endian without BOM", 0);
        }

        return isUtf8
            ? (new UTF8Encoding(false), "utf-8", 0)
            : (CodePagesEncodingProvider.Instance.GetEncoding(1252)!, "windows-1252", 0);
    }

    private TextForm SkipPreamble(ReadOnlySpan<byte> head)
    {
        var form = this;
        var unit = Encoding is UnicodeEncoding ? 2 : 1;

        // One line of each kind, in either order.
        for (var i = 0; i < 2; i++)
        {
            var rest = head[Math.Min(form.Start, head.Length)..];
            var end = LineEnd(rest, unit, Encoding.Equals(Encoding.BigEndianUnicode), out var next);
            var line = Encoding.GetString(rest[..end]).Trim().Trim('"');
            if (line.StartsWith("#TYPE ", StringComparison.OrdinalIgnoreCase))
            {
                form = form with { Start = form.Start + next, LinesBefore = form.LinesBefore + 1 };
            }
            else if (line.StartsWith("sep=", StringComparison.OrdinalIgnoreCase))
            {
                var separator = line.Length == 4 && line.EndsWith('=') ? "\t" : line[4..];
                var usable = separator is [var c] && char.IsAscii(c) && !char.IsLetterOrDigit(c) && c is not ('"' or '\r' or '\n' or '\0');
                form = form with
                {
                    Start = form.Start + next,
                    LinesBefore = form.LinesBefore + 1,
                    Separator = usable ? separator[0] : form.Separator,
                    BadSeparator = usable ? form.BadSeparator : line,
                };
            }
            else
            {
                break;
            }
        }

        return form;
    }

    private static int LineEnd(ReadOnlySpan<byte> text, int unit, bool bigEndian, out int next)
    {
        for (var i = 0; i + unit <= text.Length; i += unit)
        {
            if (Unit(text, i) is var c && c is '\r' or '\n')
            {
                var end = i;
                i += unit;
                next = c == '\r' && i + unit <= text.Length && Unit(text, i) == '\n' ? i + unit : i;
                return end;
            }
        }

        next = text.Length;
        return text.Length;

        int Unit(ReadOnlySpan<byte> bytes, int at) =>
            unit == 1 ? bytes[at] : bigEndian ? (bytes[at] << 8) | bytes[at + 1] : bytes[at] | (bytes[at + 1] << 8);
    }

    /// <summary>Line in which a byte stands.</summary>
    private static int LineAt(Func<Stream> open, long offset)
    {
        using var stream = open();
        var (line, buffer) = (1, new byte[1 << 16]);
        while (offset > 0 && stream.Read(buffer, 0, (int)Math.Min(offset, buffer.Length)) is > 0 and var count)
        {
            line += buffer.AsSpan(0, count).Count((byte)'\n');
            offset -= count;
        }

        return line;
    }
}
