using System.Buffers;
using System.Text;
using MdbDeploy.Inventory;

namespace MdbDeploy.Planning;

/// <summary>
/// Writes <c>plan.csv</c>, one line per device, so that Excel opens it by double click: UTF-8 with byte order mark, CR LF, commas. A text that a spreadsheet
/// would run as a formula gets an apostrophe in front (OWASP, CSV injection).
/// </summary>
public static class PlanCsv
{
    /// <summary>Devices that are formatted at a time.</summary>
    internal const int Block = 1 << 12;

    /// <summary>Writes the plan to a stream, which stays open. Every processor formats a block of devices while the blocks before are being written.</summary>
    public static void Write(Plan plan, Stream stream)
    {
        stream.Write(Encoding.UTF8.Preamble);
        stream.Write("name,fqdn,os,build,eligibility,method,ring,reason,attention,sources,offboarding\r\n"u8);
        var (lines, length) = (new PlanLines(plan.Devices), plan.Devices.Length);
        var buffers = Enumerable.Range(0, 2 * Environment.ProcessorCount).Select(_ => new ArrayBufferWriter<byte>()).ToArray();
        var (formatted, written) = (buffers.AsMemory(Environment.ProcessorCount), buffers.AsMemory(0, Environment.ProcessorCount));
        var writing = Task.CompletedTask;
        for (var start = 0; start < length; start += formatted.Length * Block)
        {
            var (first, round) = (start, formatted);
            Parallel.For(0, round.Length, i =>
            {
                var (buffer, from) = (round.Span[i], Math.Min(first + (i * Block), length));
                buffer.ResetWrittenCount();
                lines.Write(from, Math.Min(from + Block, length), buffer);
            });
            writing.GetAwaiter().GetResult();
            writing = Task.Run(() =>
            {
                foreach (var buffer in round.Span)
                {
                    stream.Write(buffer.WrittenSpan);
                }
            });
            (formatted, written) = (written, formatted);
        }

        writing.GetAwaiter().GetResult();
    }

    /// <summary>The rows a device comes from, as <c>file:line</c>.</summary>
    internal static string Sources(Device device) => Sources(device.Origins);

    /// <summary>Rows as <c>file:line</c>.</summary>
    internal static string Sources(IEnumerable<Origin> origins) => string.Join("; ", origins.Select(o => FormattableString.Invariant($"{o.File}:{o.Line}")));
}
