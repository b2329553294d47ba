using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace MdbDeploy.Bundles;

/// <summary><c>bundle.json</c>: the hash of every input and artifact, and for what is pushed its address, phase and dependencies. Holds no secret.</summary>
public static class BundleManifest
{
    /// <summary>Name of the manifest in the bundle.</summary>
    public const string FileName = "bundle.json";

    /// <summary>Version of this file's form.</summary>
    public const int Format = 1;

    /// <summary>The manifest of a bundle.</summary>
    public static JsonObject Write(Bundle bundle) => new()
    {
        ["format"] = Format,
        ["project"] = bundle.Project,
        ["organization"] = bundle.Organization,
        ["sources"] = new JsonObject(bundle.Sources.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)s.Value))),
        ["kinds"] = new JsonObject(bundle.Kinds.Select(target => KeyValuePair.Create(target.Key, (JsonNode?)new JsonArray([.. target.Value.Select(Kind)])))),
        ["artifacts"] = new JsonArray([.. bundle.Files.Select(file => Artifact(bundle, file))]),
    };

    /// <summary>The kinds of a manifest, by target.</summary>
    public static ImmutableSortedDictionary<string, ImmutableArray<ResourceKind>> ReadKinds(JsonObject manifest) =>
        manifest["kinds"]!.AsObject().ToImmutableSortedDictionary(p => p.Key, p => p.Value!.AsArray().Select(k => ReadKind(k!.AsObject())).ToImmutableArray(), StringComparer.Ordinal);

    /// <summary>SHA-256 of bytes, lower-case hexadecimal.</summary>
    public static string Sha256Of(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private static JsonObject Artifact(Bundle bundle, BundleFile file)
    {
        var artifact = new JsonObject
        {
            ["path"] = file.Path,
            ["sha256"] = Sha256Of(file.Content.Span),
            ["bytes"] = file.Content.Length,
            ["channel"] = file.Channel,
            ["sensitive"] = file.IsSensitive,
        };
        if (file.Resource is { } resource)
        {
            artifact["target"] = resource.Target;
            artifact["address"] = resource.Address;
            artifact["kind"] = resource.Kind;
            artifact["ring"] = resource.Ring;
            artifact["phase"] = bundle.Kinds[resource.Target].First(k => k.Name == resource.Kind).Phase;
            artifact["dependsOn"] = Strings(resource.DependsOn);
        }

        return artifact;
    }

    /// <summary>A kind as JSON.</summary>
    public static JsonObject Kind(ResourceKind kind) => new()
    {
        ["name"] = kind.Name,
        ["title"] = kind.Title,
        ["handler"] = kind.Handler,
        ["phase"] = kind.Phase,
        ["collection"] = kind.Collection,
        ["nameProperty"] = kind.NameProperty,
        ["idProperty"] = kind.IdProperty,
        ["markerProperty"] = kind.MarkerProperty,
        ["update"] = kind.Update,
        ["expand"] = kind.Expand,
        ["createOnly"] = Strings(kind.CreateOnly),
        ["writeOnly"] = Strings(kind.WriteOnly),
        ["sets"] = new JsonObject(kind.Sets.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)s.Value))),
        ["ownItemPrefix"] = kind.OwnItemPrefix,
        ["offboards"] = kind.Offboards,
    };

    /// <summary>A kind from what <see cref="Kind"/> wrote.</summary>
    public static ResourceKind ReadKind(JsonObject kind) => new()
    {
        Name = Text(kind, "name"),
        Title = Text(kind, "title"),
        Handler = Text(kind, "handler"),
        Phase = kind["phase"]!.GetValue<int>(),
        Collection = Text(kind, "collection"),
        NameProperty = Text(kind, "nameProperty"),
        IdProperty = Text(kind, "idProperty"),
        MarkerProperty = kind["markerProperty"]?.GetValue<string>(),
        Update = Text(kind, "update"),
        Expand = kind["expand"]?.GetValue<string>(),
        CreateOnly = [.. kind["createOnly"]!.AsArray().Select(s => s!.GetValue<string>())],
        WriteOnly = [.. kind["writeOnly"]!.AsArray().Select(s => s!.GetValue<string>())],
        Sets = kind["sets"]!.AsObject().ToImmutableSortedDictionary(s => s.Key, s => s.Value!.GetValue<string>(), StringComparer.Ordinal),
        OwnItemPrefix = kind["ownItemPrefix"]?.GetValue<string>(),
        Offboards = kind["offboards"]?.GetValue<bool>() ?? false,
    };

    private static string Text(JsonObject map, string property) => map[property]!.GetValue<string>();

    private static JsonArray Strings(ImmutableArray<string> texts) => [.. texts.Select(t => (JsonNode?)t)];
}
