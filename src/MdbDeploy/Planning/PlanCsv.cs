using System.Text;
using MdbDeploy.Inventory;

namespace MdbDeploy.Planning;

/// <summary>
/// Writes <c>plan.csv</c>, one line per device, so that Excel opens it by double click: UTF-8 with byte order mark, CR LF, commas. A text that a spreadsheet
/// would run as a formula gets an apostrophe in front (OWASP, CSV injection).
/// </summary>
public static class PlanCsv
{
    /// <summary>Devices that are formatted at a time: what they come to stays in a processor's own cache until it is written.</summary>
    internal const int Block = 1 << 10;

    /// <summary>Writes the plan to a stream, which stays open. Every processor formats blocks of devices, and they are written in order.</summary>
    public static void Write(Plan plan, Stream stream)
    {
        stream.Write(Encoding.UTF8.Preamble);
        stream.Write("name,fqdn,os,build,eligibility,method,ring,reason,attention,sources,offboarding\r\n"u8);
        var (lines, length) = (new PlanLines(plan.Devices), plan.Devices.Length);
        LinesInOrder.Write(stream, Environment.ProcessorCount, (length + Block - 1) / Block, (block, buffer) => lines.Write(block * Block, Math.Min((block + 1) * Block, length), buffer));
    }

    /// <summary>The rows a device comes from, as <c>file:line</c>.</summary>
    internal static string Sources(Device device) => Sources(device.Origins);

    /// <summary>Rows as <c>file:line</c>.</summary>
    internal static string Sources(IEnumerable<Origin> origins) => string.Join("; ", origins.Select(o => FormattableString.Invariant($"{o.File}:{o.Line}")));
}
