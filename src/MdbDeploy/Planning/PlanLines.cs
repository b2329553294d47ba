using System.Buffers;
using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Text;
using CsvHelper;
using MdbDeploy.Inventory;

namespace MdbDeploy.Planning;

/// <summary>The lines of <c>plan.csv</c>. What devices share is formatted once; several threads may write at the same time.</summary>
internal sealed class PlanLines(PlannedDevices devices)
{
    private static readonly CsvWriterOptions Options = new() { NewLine = "\r\n", Injection = CsvInjection.Escape };

    // Cells of nothing else stand in the file as they are, unless a spreadsheet could take the first character for a formula.
    private static readonly SearchValues<byte> Plain = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."u8);

    private readonly DeviceRows rows = devices.Table.Rows;
    private readonly byte[]?[] systems = new byte[]?[devices.Table.Rows.SharedCount];
    private readonly (byte[] Cells, byte[] Offboarding)[] decided = [.. devices.Outcomes.Select(outcome => (Decided(outcome), Encoding.UTF8.GetBytes(outcome.Offboarding ?? "")))];
    private readonly ConcurrentDictionary<int, byte[]?> files = new();

    /// <summary>Writes the lines of the devices at some positions.</summary>
    public void Write(int from, int end, ArrayBufferWriter<byte> buffer)
    {
        for (var i = from; i < end; i++)
        {
            var row = devices.Table.RowOf(i);
            var shared = rows.SharedOf(row);
            var own = rows.Own(row);
            var (cells, offboarding) = decided[devices.OutcomeOf(i)];
            WriteText(buffer, own.Name);
            buffer.Write(","u8);
            WriteFqdn(buffer, own, rows.Texts);
            buffer.Write(systems[shared] ??= System(rows.Prototype(shared)));
            buffer.Write(cells);
            WriteSources(buffer, row, own.Origins);
            buffer.Write(","u8);
            WriteText(buffer, offboarding);
            buffer.Write("\r\n"u8);
        }
    }

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
    private void WriteSources(ArrayBufferWriter<byte> buffer, int row, PackedOrigins several)
    {
        if (rows.SingleOrigin(row) is { } single)
        {
            if (FileOf(single.Source) is { } file)
            {
                WriteOrigin(buffer, file, single.Line);
                return;
            }
        }
        else if (AreAllPlain(several))
        {
            for (var isFirst = true; several.MoveNext(); isFirst = false)
            {
                buffer.Write(isFirst ? default : "; "u8);
                WriteOrigin(buffer, FileOf(several.Current.Source)!, several.Current.Line);
            }

            return;
        }

        buffer.Write(Cells(PlanCsv.Sources(rows.Origins(row))));
    }

    private bool AreAllPlain(PackedOrigins origins)
    {
        foreach (var origin in origins)
        {
            if (FileOf(origin.Source) is null)
            {
                return false;
            }
        }

        return true;
    }

    private static void WriteOrigin(ArrayBufferWriter<byte> buffer, byte[] file, int line)
    {
        var bytes = buffer.GetSpan(file.Length + 11);
        file.CopyTo(bytes);
        Utf8Formatter.TryFormat(line, bytes[file.Length..], out var digits);
        buffer.Advance(file.Length + digits);
    }

    /// <summary>A file's name with the colon behind it, when a cell that starts with it stands in the file as it is; else null.</summary>
    private byte[]? FileOf(int source) => files.GetOrAdd(source, static (source, rows) =>
    {
        var file = rows.FileOf(source);
        var sample = $"{file}:1; {file}:1";
        return Cells(sample).AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(sample)) ? Encoding.UTF8.GetBytes($"{file}:") : null;
    }, rows);

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
