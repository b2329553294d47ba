using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using MdbDeploy.Bundles;

namespace MdbDeploy.Targets;

/// <summary>Replaces <c>{address}</c> placeholders by remote ids, once those are known.</summary>
internal static class ResourceIds
{
    /// <summary>The resource with each placeholder replaced that <paramref name="idOf"/> knows; the others stay as they are.</summary>
    public static Resource Resolve(Resource resource, Func<string, string?> idOf) => resource with
    {
        Path = ResourceDocument.Resolve(resource.Path, idOf),
        // A member list of thousands holds no placeholder, and need not be copied.
        Body = HasPlaceholder(resource.Body) ? (JsonObject)Resolve(resource.Body, idOf)! : resource.Body,
    };

    /// <summary>The change with each placeholder replaced that <paramref name="idOf"/> knows.</summary>
    public static Change Resolve(Change change, Func<string, string?> idOf)
    {
        var desired = change.Desired is null ? null : Resolve(change.Desired, idOf);
        // Fields are parts of the body: where it has no placeholder, they have none.
        var isInBody = desired is not null && !ReferenceEquals(desired.Body, change.Desired!.Body);
        return change with
        {
            Desired = desired,
            Fields = isInBody || change.Fields.Any(f => MayHold(f.Path))
                ? [.. change.Fields.Select(f => f with { Path = ResourceDocument.Resolve(f.Path, idOf), Desired = HasPlaceholder(f.Desired) ? Resolve(f.Desired, idOf) : f.Desired })]
                : change.Fields,
        };
    }

    /// <summary>The addresses of the placeholders that a resource still holds.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="original">What it was resolved from: a body that was not copied held none, and is not searched again.</param>
    public static IEnumerable<string> Unresolved(Resource resource, Resource? original = null) =>
        ResourceDocument.Placeholders(resource.Path)
            .Concat(ReferenceEquals(resource.Body, original?.Body) || !HasPlaceholder(resource.Body) ? [] : Strings(resource.Body).SelectMany(ResourceDocument.Placeholders)).Distinct(StringComparer.Ordinal);

    /// <summary>All strings of a body, at any depth.</summary>
    public static IEnumerable<string> Strings(JsonNode? node) => node switch
    {
        JsonObject map => map.SelectMany(pair => Strings(pair.Value)),
        JsonArray list => list.SelectMany(Strings),
        JsonValue value when value.TryGetValue<string>(out var text) => [text],
        _ => [],
    };

    // Not through Strings, whose nested iterators cost more than all else of a push of thousands of members.
    private static bool HasPlaceholder(JsonNode? node) => node switch
    {
        JsonObject map => map.Any(pair => HasPlaceholder(pair.Value)),
        JsonArray list => list.Any(HasPlaceholder),
        // Without making a string of what was read from a file: a brace stands there as it is, or as an escape.
        JsonValue value when value.TryGetValue<JsonElement>(out var element) =>
            element.ValueKind == JsonValueKind.String && JsonMarshal.GetRawUtf8Value(element).IndexOfAny((byte)'{', (byte)'\\') >= 0 && MayHold(element.GetString()!),
        JsonValue value => value.TryGetValue<string>(out var text) && MayHold(text),
        _ => false,
    };

    private static bool MayHold(string text) => text.Contains('{', StringComparison.Ordinal);

    private static JsonNode? Resolve(JsonNode? node, Func<string, string?> idOf) => node switch
    {
        JsonObject map => new JsonObject(map.Select(pair => KeyValuePair.Create(pair.Key, Resolve(pair.Value, idOf)))),
        JsonArray list => new JsonArray([.. list.Select(item => Resolve(item, idOf))]),
        JsonValue value when value.TryGetValue<string>(out var text) && text.Contains('{', StringComparison.Ordinal) => ResourceDocument.Resolve(text, idOf),
        _ => node?.DeepClone(),
    };
}
