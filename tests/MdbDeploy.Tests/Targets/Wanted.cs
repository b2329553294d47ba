using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Targets;

namespace MdbDeploy.Tests.Targets;

/// <summary>Small bundles: a root, groups that need it, policies and member sets.</summary>
internal static class Wanted
{
    public static readonly ResourceKind Group = new()
    {
        Name = "group",
        Title = "Group",
        Handler = "object",
        Phase = 10,
        Collection = "groups",
        NameProperty = "name",
        MarkerProperty = "description",
        CreateOnly = ["alias"],
    };

    public static readonly ResourceKind Members = new()
    {
        Name = "members",
        Title = "Members",
        Handler = "members",
        Phase = 20,
        Collection = "groups",
        Sets = Sets("/members", "id"),
        OwnItemPrefix = "MDB ",
    };

    public static readonly ResourceKind Policy = new()
    {
        Name = "policy",
        Title = "Policy",
        Handler = "object",
        Phase = 30,
        Collection = "policies",
        NameProperty = "name",
        MarkerProperty = "description",
        Sets = Sets("/settings", "key"),
        WriteOnly = ["/secret", "/settings/*/secret"],
    };

    public static readonly ResourceKind Assignments = new()
    {
        Name = "assignments",
        Title = "Assignments",
        Handler = "assignments",
        Phase = 40,
        Collection = "policies",
        Sets = Sets("/assignments", "target.group"),
    };

    public static readonly IReadOnlyDictionary<string, ResourceKind> Kinds = new[] { Group, Members, Policy, Assignments }.ToDictionary(k => k.Name);

    public static DesiredState State(params Resource[] resources) => new("contoso", resources, Kinds);

    public static Resource Object(ResourceKind kind, string name, string properties = "{}", string? ring = null, bool sensitive = false)
    {
        var body = (JsonObject)JsonNode.Parse(properties)!;
        body["name"] ??= $"MDB - {name}";
        body["description"] ??= $"About {name}.";
        var resource = Read($"memory/{kind.Name}/{name}", kind.Name, ring, kind.Collection, body, sensitive);
        return ResourceDocument.Mark(resource, kind, "contoso");
    }

    public static Resource Set(ResourceKind kind, string name, string parent, string body, string? ring = null) =>
        Read($"memory/{kind.Name}/{name}", kind.Name, ring, $"{kind.Collection}/{{{parent}}}", (JsonObject)JsonNode.Parse(body)!, sensitive: false);

    private static Resource Read(string address, string kind, string? ring, string path, JsonObject body, bool sensitive)
    {
        var document = new JsonObject { ["address"] = address, ["kind"] = kind, ["ring"] = ring, ["method"] = "POST", ["path"] = path, ["body"] = body };
        return ResourceDocument.Read(System.Text.Encoding.UTF8.GetBytes(document.ToJsonString()), "memory", $"memory/{address.Split('/')[^1]}.json", sensitive);
    }

    private static System.Collections.Immutable.ImmutableSortedDictionary<string, string> Sets(string pointer, string key) =>
        System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty.Add(pointer, key);
}
