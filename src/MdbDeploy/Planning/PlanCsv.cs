using System.Buffers;
using System.Buffers.Text;
using System.Text;
using CsvHelper;
using MdbDeploy.Inventory;

namespace MdbDeploy.Planning;

/// <summary>
/// Writes <c>plan.csv</c>, one line per device, so that Excel opens it by double click: UTF-8 with byte order mark, CR LF, commas. A text that a spreadsheet
/// would run as a formula gets an apostrophe in front (OWASP, CSV injection).
/// </summary>
public static class PlanCsv
{
    private const int Block = 1 << 16;

    private static readonly CsvWriterOptions Options = new() { NewLine = "\r\n", Injection = CsvInjection.Escape };

    // Cells of nothing else stand in the file as they are, unless a spreadsheet could take the first character for a formula.
    private static readonly SearchValues<byte> Plain = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."u8);

    /// <summary>Writes the plan to a stream, which stays open.</summary>
    public static void Write(Plan plan, Stream stream)
    {
        var (rows, outcomes) = (plan.Devices.Table.Rows, plan.Devices.Outcomes);
        var (systems, decided) = (new byte[]?[rows.SharedCount], new byte[]?[outcomes.Length]);
        var files = new Dictionary<string, byte[]?>(StringComparer.Ordinal);
        var buffer = new ArrayBufferWriter<byte>(Block * 2);
        buffer.Write(Encoding.UTF8.Preamble);
        buffer.Write("name,fqdn,os,build,eligibility,method,ring,reason,attention,sources,offboarding\r\n"u8);
        for (var i = 0; i < plan.Devices.Length; i++)
        {
            var row = plan.Devices.Table.RowOf(i);
            var (outcome, shared) = (plan.Devices.OutcomeOf(i), rows.SharedOf(row));
            var own = rows.Own(row);
            WriteText(buffer, own.Name);
            buffer.Write(","u8);
            WriteFqdn(buffer, own, rows.Texts);
            buffer.Write(systems[shared] ??= System(rows.Prototype(shared)));
            buffer.Write(decided[outcome] ??= Decided(outcomes[outcome]));
            WriteSources(buffer, rows, row, files);
            buffer.Write(","u8);
            WriteText(buffer, Encoding.UTF8.GetBytes(outcomes[outcome].Offboarding ?? ""));
            buffer.Write("\r\n"u8);
            if (buffer.WrittenCount > Block)
            {
                stream.Write(buffer.WrittenSpan);
                buffer.ResetWrittenCount();
            }
        }

        stream.Write(buffer.WrittenSpan);
    }

    /// <summary>The rows a device comes from, as <c>file:line</c>.</summary>
    internal static string Sources(Device device) => Sources(device.Origins);

    private static string Sources(IEnumerable<Origin> origins) => string.Join("; ", origins.Select(o => FormattableString.Invariant($"{o.File}:{o.Line}")));

    private static byte[] System(Device device) => Cells("", OneLine(device.OsName) ?? DeviceWords.Of(device.Os), device.Build?.ToString(), "");

    private static byte[] Decided(PlanOutcome outcome) =>
        Cells(DeviceWords.Of(outcome.Eligibility), outcome.Method, outcome.Ring, OneLine(string.Join(' ', outcome.Reasons)), OneLine(outcome.Attention), "");

    private static void WriteText(ArrayBufferWriter<byte> buffer, ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || IsPlain(text))
        {
            buffer.Write(text);
        }
        else
        {
            buffer.Write(Cells(Encoding.UTF8.GetString(text)));
        }
    }

    private static void WriteFqdn(ArrayBufferWriter<byte> buffer, in PackedDevice own, TextPool texts)
    {
        if (!own.HasFqdn)
        {
            return;
        }

        if (own.FqdnSuffix == 0 || !IsPlain(own.Host))
        {
            buffer.Write(Cells(own.FqdnText(texts)));
            return;
        }

        // What is plain is ASCII, and a DNS suffix behind a plain host is neither quoted nor a formula.
        var suffix = texts[own.FqdnSuffix]!;
        var bytes = buffer.GetSpan(own.Host.Length + 1 + (suffix.Length * 3));
        Ascii.ToLower(own.Host, bytes, out var length);
        bytes[length++] = (byte)'.';
        var end = Encoding.UTF8.GetBytes(suffix, bytes[length..]);
        if (IsPlain(bytes[..(length + end)]))
        {
            buffer.Advance(length + end);
        }
        else
        {
            buffer.Write(Cells(own.FqdnText(texts)));
        }
    }

    /// <summary>The rows a device comes from, as <c>file:line</c>.</summary>
    private static void WriteSources(ArrayBufferWriter<byte> buffer, DeviceRows rows, int row, Dictionary<string, byte[]?> files)
    {
        if (rows.SingleOrigin(row) is { } origin && FileOf(origin.File, files) is { } file)
        {
            var bytes = buffer.GetSpan(file.Length + 11);
            file.CopyTo(bytes);
            Utf8Formatter.TryFormat(origin.Line, bytes[file.Length..], out var digits);
            buffer.Advance(file.Length + digits);
        }
        else if (rows.Origins(row) is { IsEmpty: false } origins)
        {
            var text = Sources(origins);
            buffer.Write(origins.All(o => FileOf(o.File, files) is not null) ? Encoding.UTF8.GetBytes(text) : Cells(text));
        }
    }

    /// <summary>A file's name with the colon behind it, when a cell that starts with it stands in the file as it is; else null.</summary>
    private static byte[]? FileOf(string file, Dictionary<string, byte[]?> files)
    {
        if (!files.TryGetValue(file, out var known))
        {
            var sample = $"{file}:1; {file}:1";
            files.Add(file, known = Cells(sample).AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(sample)) ? Encoding.UTF8.GetBytes($"{file}:") : null);
        }

        return known;
    }

    private static bool IsPlain(ReadOnlySpan<byte> text) => text.Length > 0 && text[0] != '-' && text.IndexOfAnyExcept(Plain) < 0;

    /// <summary>Cells as they stand in the file.</summary>
    private static byte[] Cells(params ReadOnlySpan<string?> cells)
    {
        using var stream = new MemoryStream();
        using (var csv = CsvWriter.Create(stream, Options, leaveOpen: true))
        {
            foreach (var cell in cells)
            {
                csv.WriteField(cell);
            }

            csv.EndRecord();
        }

        return stream.ToArray()[..^2];
    }

    // A line break inside a cell is legal, and breaks every tool that reads by lines.
    private static string? OneLine(string? text) => text?.ReplaceLineEndings(" ");
}
