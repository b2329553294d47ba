using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MdbDeploy.Rendering;

namespace MdbDeploy.Bundles;

/// <summary>The JSON document of a resource: <c>{ "address", "kind", "ring"?, "after"?, "method", "path", "body" }</c>.</summary>
public static partial class ResourceDocument
{
    /// <summary>Reads a document.</summary>
    /// <param name="json">The document.</param>
    /// <param name="target">Name of the target it is pushed to.</param>
    /// <param name="file">Its path within the bundle.</param>
    /// <param name="sensitive">Whether it holds a secret.</param>
    /// <exception cref="FormatException">It is no such document; the message says what is missing.</exception>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static Resource Read(ReadOnlySpan<byte> json, string target, string file, bool sensitive)
    {
        var document = JsonNode.Parse(json) as JsonObject ?? throw new FormatException("a resource document is a JSON object");
        var address = Text(document, "address");
        if (!AddressPattern.IsMatch(address))
        {
            throw new FormatException($"the address '{address}' is not of the form channel/kind/name or channel/kind/name[ring]");
        }

        var body = document["body"] as JsonObject ?? throw new FormatException("the property 'body' is missing or no object");
        var path = Text(document, "path");
        ImmutableArray<string> after = [.. Strings(document["after"])];
        return new Resource
        {
            Address = address,
            Kind = Text(document, "kind"),
            Target = target,
            Ring = document["ring"]?.GetValue<string>(),
            Method = Text(document, "method"),
            Path = path,
            Body = (JsonObject)body.DeepClone(),
            After = after,
            DependsOn = [.. Placeholders(path).Concat(Strings(body).SelectMany(Placeholders)).Concat(after).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            Sensitive = sensitive,
            File = file,
        };
    }

    /// <summary>The bytes of a resource's document.</summary>
    public static byte[] Write(Resource resource)
    {
        var document = new JsonObject { ["address"] = resource.Address, ["kind"] = resource.Kind };
        if (resource.Ring is not null)
        {
            document["ring"] = resource.Ring;
        }

        if (!resource.After.IsEmpty)
        {
            document["after"] = new JsonArray([.. resource.After.Select(address => (JsonNode)address)]);
        }

        document["method"] = resource.Method;
        document["path"] = resource.Path;
        document["body"] = resource.Body.DeepClone();
        return JsonText.ToBytes(document);
    }

    /// <summary>The resource with its ownership marker as last line of the marker property.</summary>
    public static Resource Mark(Resource resource, ResourceKind kind, string project)
    {
        if (kind.MarkerProperty is not { } property)
        {
            return resource;
        }

        var body = (JsonObject)resource.Body.DeepClone();
        body[property] = new Marker(project, resource.Address, Hash(resource.Body)).AppendTo(body[property]?.GetValue<string>());
        return resource with { Body = body };
    }

    /// <summary>First 16 hexadecimal digits of the SHA-256 of a body: changes when anything in it changes, a secret included.</summary>
    public static string Hash(JsonObject body) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body.ToJsonString(JsonText.Compact))).AsSpan(0, 8));

    /// <summary>The addresses in the <c>{address}</c> placeholders of a text.</summary>
    public static IEnumerable<string> Placeholders(string text) =>
        PlaceholderPattern.Matches(text).Select(match => match.Groups["address"].Value);

    /// <summary>The text with each placeholder replaced by what <paramref name="idOf"/> says; null leaves it.</summary>
    public static string Resolve(string text, Func<string, string?> idOf) =>
        text.Contains('{', StringComparison.Ordinal) ? PlaceholderPattern.Replace(text, match => idOf(match.Groups["address"].Value) ?? match.Value) : text;

    /// <summary>
    /// A value from outside that shall not be taken for a placeholder: the brace of what looks like one becomes U+FFFD. No computer, group or ring can bear such a
    /// name; an inventory that holds one is broken or hostile.
    /// </summary>
    public static string Disarm(string value) => PlaceholderPattern.Replace(value, match => "\uFFFD" + match.Value[1..]);

    private static string Text(JsonObject document, string property) =>
        document[property] is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0
            ? text
            : throw new FormatException($"the property '{property}' is missing or no text");

    private static IEnumerable<string> Strings(JsonNode? node) => node switch
    {
        JsonObject map => map.SelectMany(pair => Strings(pair.Value)),
        JsonArray list => list.SelectMany(Strings),
        JsonValue value when value.TryGetValue<string>(out var text) => [text],
        _ => [],
    };

    [GeneratedRegex(@"^[a-z0-9-]+/[a-z0-9-]+/[A-Za-z0-9._-]+(\[[A-Za-z0-9 ._-]+\])?$", RegexOptions.CultureInvariant)]
    private static partial Regex AddressPattern { get; }

    // Only what looks like an address: {GUID}s and JSON in a text are not placeholders.
    [GeneratedRegex(@"\{(?<address>[a-z0-9-]+/[a-z0-9-]+/[A-Za-z0-9._-]+(\[[A-Za-z0-9 ._-]+\])?)\}", RegexOptions.CultureInvariant)]
    private static partial Regex PlaceholderPattern { get; }
}
