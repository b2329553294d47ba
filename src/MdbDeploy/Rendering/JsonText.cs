using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MdbDeploy.Rendering;

/// <summary>How this tool writes JSON files: UTF-8 without BOM, two blanks, LF, a last line end. The same on every operating system.</summary>
public static class JsonText
{
    /// <summary>One line.</summary>
    public static JsonSerializerOptions Compact { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One line as UTF-8. Not through the serializer, which needs reflection.</summary>
    public static ReadOnlyMemory<byte> ToCompactBytes(JsonNode node)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = Compact.Encoder }))
        {
            node.WriteTo(writer);
        }

        return buffer.WrittenMemory;
    }

    /// <summary>One line that may stand inside an HTML script element: no <c>&lt;</c>, <c>&gt;</c>, <c>&amp;</c> or quote in it.</summary>
    public static JsonSerializerOptions ForScript { get; } = new() { Encoder = JavaScriptEncoder.Default };

    private static readonly JsonSerializerOptions Indented = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        NewLine = "\n",
    };

    /// <summary>The bytes of a JSON file.</summary>
    public static byte[] ToBytes(JsonNode node) => Encoding.UTF8.GetBytes(node.ToJsonString(Indented) + "\n");
}
