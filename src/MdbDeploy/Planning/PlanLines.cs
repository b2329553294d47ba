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
    private const int Ahead = 16;

    private static readonly CsvWriterOptions Options = new() { NewLine = "\r\n", Injection = CsvInjection.Escape };

    // Cells of nothing else stand in the file as they are, unless a spreadsheet could take the first character for a formula.
    private static readonly SearchValues<byte> Plain = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."u8);

    private readonly DeviceRows rows = devices.Table.Rows;
    private readonly byte[]?[] suffixes = new byte[]?[devices.Table.Rows.Texts.Count];
    private readonly byte[]?[] systems = new byte[]?[devices.Table.Rows.SharedCount];
    private readonly ConcurrentDictionary<(int Name, OsFamily Os, WindowsBuild? Build), byte[]> systemCells = new();
    private readonly (byte[] Cells, byte[] Offboarding)[] decided = [.. devices.Outcomes.Select(outcome => (Decided(outcome), Encoding.UTF8.GetBytes(outcome.Offboarding ?? "")))];
    private readonly byte[]?[] files = [.. Enumerable.Range(0, devices.Table.Rows.FileCount).Select(source => FileCell(devices.Table.Rows.FileOf(source)))];

    /// <summary>Writes the lines of the devices at some positions.</summary>
    public void Write(int from, int end, LineBuffer buffer)
    {
        // Devices lie anywhere in memory.
        for (var at = from; at < end; at++)
        {
            devices.Fetch(Math.Min(at + (2 * Ahead), end - 1));
            rows.FetchOwn(devices.Table.RowOf(Math.Min(at + Ahead, end - 1)));
            var row = devices.Table.RowOf(at);
            var shared = rows.SharedOf(row);
            systems[shared] ??= System(shared);
            Write(row, shared, devices.OutcomeOfRow(row), buffer);
        }
    }

    private void Write(int row, int shared, int outcome, LineBuffer buffer)
    {
        var own = rows.Own(row);
        var (cells, offboarding) = decided[outcome];
        var name = own.Name;
        var isPlain = WriteText(buffer, name);
        buffer.Put((byte)',');
        if (own.HasFqdn)
        {
            // Its first label is nearly always the name.
            var host = own.Host;
            WriteFqdn(buffer, own, host, host == name ? isPlain : IsPlain(host));
        }

        buffer.Put(systems[shared]);
        buffer.Put(cells);
        WriteSources(buffer, row, own.Origins);
        buffer.Put((byte)',');
        WriteText(buffer, offboarding);
        buffer.Put("\r\n"u8);
    }

    private byte[] System(int shared)
    {
        var fields = rows.SharedAt(shared);
        return systemCells.GetOrAdd((fields.OsName, fields.Os, fields.Build), static (system, texts) =>
            Cells("", OneLine(texts[system.Name]) ?? DeviceWords.Of(system.Os), system.Build?.ToString(), ""), rows.Texts);
    }

    private static byte[] Decided(PlanOutcome outcome) =>
        Cells(DeviceWords.Of(outcome.Eligibility), outcome.Method, outcome.Ring, OneLine(string.Join(' ', outcome.Reasons)), OneLine(outcome.Attention), "");

    /// <summary>Writes a text; whether it is plain.</summary>
    private static bool WriteText(LineBuffer buffer, ReadOnlySpan<byte> text)
    {
        var isPlain = IsPlain(text);
        buffer.Put(isPlain || text.IsEmpty ? text : Cells(Encoding.UTF8.GetString(text)));
        return isPlain;
    }

    private void WriteFqdn(LineBuffer buffer, in PackedDevice own, ReadOnlySpan<byte> host, bool isPlain)
    {
        // What is plain is ASCII, and a DNS suffix behind a plain host is neither quoted nor a formula.
        var number = own.FqdnSuffix;
        if (isPlain && number != 0 && (suffixes[number] ??= Suffix(rows.Texts[number]!)) is { Length: > 0 } suffix)
        {
            Ascii.ToLower(host, buffer.Free(host.Length), out var length);
            buffer.Advance(length);
            buffer.Put(suffix);
        }
        else
        {
            buffer.Put(Cells(own.FqdnText(rows.Texts)));
        }
    }

    /// <summary>A DNS suffix with its dot; empty when it is not plain.</summary>
    private static byte[] Suffix(string suffix) => Encoding.UTF8.GetBytes(suffix) is var bytes && IsPlain(bytes) ? [(byte)'.', .. bytes] : [];

    /// <summary>The rows a device comes from, as <c>file:line</c>.</summary>
    private void WriteSources(LineBuffer buffer, int row, PackedOrigins several)
    {
        if (rows.SingleOrigin(row) is { } single)
        {
            if (files[single.Source] is { } file)
            {
                WriteOrigin(buffer, file, single.Line);
                return;
            }
        }
        else if (AreAllPlain(several))
        {
            for (var isFirst = true; several.MoveNext(); isFirst = false)
            {
                buffer.Put(isFirst ? default : "; "u8);
                WriteOrigin(buffer, files[several.Current.Source]!, several.Current.Line);
            }

            return;
        }

        buffer.Put(Cells(PlanCsv.Sources(rows.Origins(row))));
    }

    private bool AreAllPlain(PackedOrigins origins)
    {
        foreach (var origin in origins)
        {
            if (files[origin.Source] is null)
            {
                return false;
            }
        }

        return true;
    }

    private static void WriteOrigin(LineBuffer buffer, byte[] file, int line)
    {
        var bytes = buffer.Free(file.Length + 11);
        file.CopyTo(bytes);
        Utf8Formatter.TryFormat(line, bytes[file.Length..], out var digits);
        buffer.Advance(file.Length + digits);
    }

    /// <summary>A file's name with the colon behind it, when a cell that starts with it stands in the file as it is; else null.</summary>
    private static byte[]? FileCell(string file)
    {
        var sample = $"{file}:1; {file}:1";
        return Cells(sample).AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(sample)) ? Encoding.UTF8.GetBytes($"{file}:") : null;
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
