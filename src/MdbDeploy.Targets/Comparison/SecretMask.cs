using System.Text.Json.Nodes;
using MdbDeploy.Bundles;

namespace MdbDeploy.Targets.Comparison;

/// <summary>
/// Replaces secrets in a body by their SHA-256, before anything is compared, shown or written down. Two equal secrets have equal masks, so that masked bodies
/// compare as the bodies themselves would.
/// </summary>
internal static class SecretMask
{
    // An onboarding blob is some thousand characters; nothing else that a sensitive resource holds in one string comes near that.
    private const int LongestShown = 256;

    /// <summary>The body itself when it can hold no secret, else <see cref="Mask"/>: to be read only.</summary>
    public static JsonObject Shown(JsonObject body, ResourceKind kind, bool sensitive) => kind.WriteOnly.IsEmpty && !sensitive ? body : Mask(body, kind, sensitive);

    /// <summary>A copy of the body without its secrets: what the kind declares as write-only and, in a sensitive resource, every long string wherever it stands.</summary>
    public static JsonObject Mask(JsonObject body, ResourceKind kind, bool sensitive)
    {
        var copy = (JsonObject)body.DeepClone();
        Walk(copy, JsonPointer.Root, kind, sensitive);
        return copy;
    }

    private static void Walk(JsonNode? node, JsonPointer at, ResourceKind kind, bool sensitive)
    {
        if (node is JsonObject map)
        {
            foreach (var (name, value) in map.ToList())
            {
                var pointer = at.Property(name);
                if (IsSecret(value, pointer, kind, sensitive))
                {
                    map[name] = CanonicalJson.Hash(value);
                }
                else
                {
                    Walk(value, pointer, kind, sensitive);
                }
            }
        }
        else if (node is JsonArray list)
        {
            for (var index = 0; index < list.Count; index++)
            {
                var pointer = at.Element("*");
                if (IsSecret(list[index], pointer, kind, sensitive))
                {
                    list[index] = CanonicalJson.Hash(list[index]);
                }
                else
                {
                    Walk(list[index], pointer, kind, sensitive);
                }
            }
        }
    }

    private static bool IsSecret(JsonNode? value, JsonPointer at, ResourceKind kind, bool sensitive) =>
        value is not null
        && (kind.WriteOnly.Contains(at.Pattern)
            || (sensitive && value is JsonValue leaf && leaf.TryGetValue<string>(out var text) && text.Length > LongestShown));
}
