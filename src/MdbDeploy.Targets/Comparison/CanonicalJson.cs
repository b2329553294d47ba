using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using MdbDeploy.Rendering;

namespace MdbDeploy.Targets.Comparison;

/// <summary>One text for all spellings of the same JSON: properties in ordinal order, no blanks, LF line ends. What hashes are taken of.</summary>
internal static class CanonicalJson
{
    /// <summary>The canonical text.</summary>
    public static string Of(JsonNode? node)
    {
        var text = new StringBuilder();
        Append(text, node);
        return text.ToString();
    }

    /// <summary>SHA-256 of the canonical text, as <c>sha256:</c> and 64 lower-case hexadecimal digits.</summary>
    public static string Hash(JsonNode? node) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Of(node))));

    /// <summary>The text with LF line ends: services return CRLF for LF and the other way round.</summary>
    public static string Lines(string text) => text.Contains('\r', StringComparison.Ordinal) ? text.ReplaceLineEndings("\n") : text;

    private static void Append(StringBuilder text, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                text.Append('{');
                foreach (var (index, (name, value)) in map.OrderBy(p => p.Key, StringComparer.Ordinal).Index())
                {
                    text.Append(index == 0 ? "" : ",").Append(JsonValue.Create(name).ToJsonString(JsonText.Compact)).Append(':');
                    Append(text, value);
                }

                text.Append('}');
                break;
            case JsonArray list:
                text.Append('[');
                foreach (var (index, value) in list.Index())
                {
                    text.Append(index == 0 ? "" : ",");
                    Append(text, value);
                }

                text.Append(']');
                break;
            case JsonValue value when value.TryGetValue<string>(out var characters):
                text.Append(JsonValue.Create(Lines(characters)).ToJsonString(JsonText.Compact));
                break;
            default:
                text.Append(node?.ToJsonString(JsonText.Compact) ?? "null");
                break;
        }
    }
}
