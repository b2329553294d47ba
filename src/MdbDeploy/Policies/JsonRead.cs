using System.Text.Json;
using System.Text.Json.Nodes;

namespace MdbDeploy.Policies;

/// <summary>Reads JSON that anybody may have written, without throwing on a type that is not the one expected.</summary>
internal static class JsonRead
{
    /// <summary>A text, a number or a truth value as text; null when absent or anything else.</summary>
    public static string? Text(JsonNode? node, string name) => node is JsonObject map && map.TryGetPropertyValue(name, out var value) ? Text(value) : null;

    /// <summary>A scalar as text; null for anything else.</summary>
    public static string? Text(JsonNode? node) => node?.GetValueKind() switch
    {
        JsonValueKind.String => node.GetValue<string>(),
        JsonValueKind.Number => node.ToJsonString(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => null,
    };

    /// <summary>An object; null when absent or anything else.</summary>
    public static JsonObject? Map(JsonNode? node, string name) => (node as JsonObject)?[name] as JsonObject;

    /// <summary>The objects of an array; none when absent or anything else.</summary>
    public static IEnumerable<JsonObject> Maps(JsonNode? node, string name) => (node as JsonObject)?[name] is JsonArray array ? array.OfType<JsonObject>() : [];
}
