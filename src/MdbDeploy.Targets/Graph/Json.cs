using System.Globalization;
using System.Text.Json.Nodes;

namespace MdbDeploy.Targets.Graph;

/// <summary>Reads values of answers that may be anything.</summary>
internal static class Json
{
    /// <summary>A text; null when it is absent or something else.</summary>
    public static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>A time in ISO 8601; null when it is absent, none, or the year 1 that Graph sends for never.</summary>
    public static DateTimeOffset? Time(JsonNode? node) =>
        DateTimeOffset.TryParse(Text(node), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) && time.Year > 1 ? time : null;
}
