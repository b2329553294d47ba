using CsvHelper;
using MdbDeploy.Inventory;

namespace MdbDeploy.Planning;

/// <summary>
/// Writes <c>plan.csv</c>, one line per device, so that Excel opens it by double click: UTF-8 with byte order mark, CR LF, commas. A text that a spreadsheet
/// would run as a formula gets an apostrophe in front (OWASP, CSV injection).
/// </summary>
public static class PlanCsv
{
    private static readonly CsvWriterOptions Options = new() { WriteByteOrderMark = true, NewLine = "\r\n", Injection = CsvInjection.Escape };

    /// <summary>Writes the plan to a stream, which stays open.</summary>
    public static void Write(Plan plan, Stream stream)
    {
        using var csv = CsvWriter.Create(stream, Options, leaveOpen: true);
        csv.WriteHeader("name", "fqdn", "os", "build", "eligibility", "method", "ring", "reason", "attention", "sources", "offboarding");
        foreach (var planned in plan.Devices)
        {
            var device = planned.Device;
            csv.WriteField(device.Name);
            csv.WriteField(device.Fqdn);
            csv.WriteField(OneLine(device.OsName) ?? DeviceWords.Of(device.Os));
            csv.WriteField(device.Build?.ToString());
            csv.WriteField(DeviceWords.Of(planned.Eligibility));
            csv.WriteField(planned.Method);
            csv.WriteField(planned.Ring);
            csv.WriteField(OneLine(string.Join(' ', planned.Reasons)));
            csv.WriteField(OneLine(planned.Attention));
            csv.WriteField(Sources(device));
            csv.WriteField(planned.Offboarding);
            csv.EndRecord();
        }
    }

    /// <summary>The rows a device comes from, as <c>file:line</c>.</summary>
    internal static string Sources(Device device) => string.Join("; ", device.Origins.Select(origin => FormattableString.Invariant($"{origin.File}:{origin.Line}")));

    // A line break inside a cell is legal, and breaks every tool that reads by lines.
    private static string? OneLine(string? text) => text?.ReplaceLineEndings(" ");
}
