using System.Text.Json.Nodes;

namespace MdbDeploy.Targets.Comparison;

/// <summary>An array whose order means nothing, by the key of its elements. Keys are compared without regard to case, as GUIDs and rule names are.</summary>
internal static class KeyedSet
{
    /// <summary>The elements by key. One without a key goes by its place (<c>#0</c>), a second one with the same key gets <c>#2</c> after it.</summary>
    /// <param name="set">The array; null is an empty one.</param>
    /// <param name="keyPath">Dotted path of the property that identifies an element.</param>
    public static Dictionary<string, JsonNode?> Of(JsonArray? set, string keyPath)
    {
        var elements = new Dictionary<string, JsonNode?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (index, element) in (set ?? []).Index())
        {
            var key = KeyOf(element, keyPath) ?? $"#{index}";
            var unique = key;
            for (var count = 2; !elements.TryAdd(unique, element); count++)
            {
                unique = $"{key}#{count}";
            }
        }

        return elements;
    }

    /// <summary>The key of an element; null when it has none.</summary>
    public static string? KeyOf(JsonNode? element, string keyPath)
    {
        foreach (var name in keyPath.Split('.'))
        {
            element = element is JsonObject map && map.TryGetPropertyValue(name, out var value) ? value : null;
        }

        return element is JsonValue key && key.ToString() is { Length: > 0 } text ? text : null;
    }

    /// <summary>The elements of both; where both have a key, the second one's.</summary>
    public static JsonArray Union(JsonArray? first, JsonArray? second, string keyPath)
    {
        var elements = Of(first, keyPath);
        foreach (var (key, element) in Of(second, keyPath))
        {
            elements[key] = element;
        }

        return [.. elements.OrderBy(e => e.Key, StringComparer.OrdinalIgnoreCase).Select(e => e.Value?.DeepClone())];
    }
}
