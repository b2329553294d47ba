using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Planning;

/// <summary>Writes <c>plan.json</c>: the plan for programs. UTF-8 without byte order mark, two blanks, LF, a last line end.</summary>
public static class PlanJson
{
    private const int MostBytesPending = 1 << 16;

    private static readonly JsonWriterOptions Options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    /// <summary>Writes the plan to a stream, which stays open.</summary>
    public static void Write(Plan plan, Stream stream)
    {
        using (var json = new Utf8JsonWriter(stream, Options))
        {
            json.WriteStartObject();
            json.WriteNumber("version", 1);
            json.WriteString("asOf", plan.AsOf.ToUniversalTime());
            json.WriteStartArray("rings");
            foreach (var ring in plan.Rings)
            {
                json.WriteStartObject();
                json.WriteString("name", ring.Name);
                json.WriteNumber("devices", ring.Devices);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("devices");
            foreach (var planned in plan.Devices)
            {
                WriteDevice(json, planned);
                if (json.BytesPending > MostBytesPending)
                {
                    // Otherwise the writer keeps all of a million devices, twice, until it ends.
                    json.Flush();
                }
            }

            json.WriteEndArray();
            json.WriteStartArray("diagnostics");
            foreach (var diagnostic in plan.Diagnostics)
            {
                WriteDiagnostic(json, diagnostic);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
    }

    private static void WriteDevice(Utf8JsonWriter json, PlannedDevice planned)
    {
        var device = planned.Device;
        json.WriteStartObject();
        json.WriteString("name", device.Name);
        json.WriteString("fqdn", device.Fqdn);
        json.WriteString("domain", device.Domain);
        json.WriteString("identity", device.Identity);
        json.WriteString("os", DeviceWords.Of(device.Os));
        json.WriteString("osName", device.OsName);
        json.WriteString("edition", DeviceWords.Of(device.Edition));
        json.WriteString("build", device.Build?.ToString());
        json.WriteString("eligibility", DeviceWords.Of(planned.Eligibility));
        json.WriteString("method", planned.Method);
        json.WriteString("ring", planned.Ring);
        json.WriteString("offboarding", planned.Offboarding);
        json.WriteStartArray("reasons");
        foreach (var reason in planned.Reasons)
        {
            json.WriteStringValue(reason);
        }

        json.WriteEndArray();
        json.WriteString("attention", planned.Attention);
        json.WriteStartArray("sources");
        foreach (var origin in device.Origins)
        {
            json.WriteStartObject();
            json.WriteString("file", origin.File);
            json.WriteNumber("line", origin.Line);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteDiagnostic(Utf8JsonWriter json, Diagnostic diagnostic)
    {
        json.WriteStartObject();
        json.WriteString("code", diagnostic.Code);
        json.WriteString("severity", diagnostic.Severity.ToString().ToLowerInvariant());
        json.WriteString("message", diagnostic.Message);
        json.WriteString("advice", diagnostic.Advice);
        json.WriteString("file", diagnostic.Where.File);
        json.WriteNumber("line", diagnostic.Where.Line);
        json.WriteNumber("column", diagnostic.Where.Column);
        json.WriteString("subject", diagnostic.Where.Subject);
        json.WriteEndObject();
    }
}
