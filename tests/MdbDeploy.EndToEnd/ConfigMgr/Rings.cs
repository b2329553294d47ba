using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Rendering;
using MdbDeploy.Targets;

namespace MdbDeploy.EndToEnd.ConfigMgr;

/// <summary>Bundles of the shape that the channel renders: a root, an excluded and a ring collection each, and the rings' rules.</summary>
internal static class Rings
{
    private static readonly ResourceKind CollectionKind = new()
    {
        Name = "collection",
        Title = "Device collection",
        Handler = "object",
        Phase = 10,
        Collection = "wmi/SMS_Collection",
        NameProperty = "Name",
        IdProperty = "CollectionID",
        MarkerProperty = "Comment",
        Update = "PUT",
        CreateOnly = ["CollectionType"],
    };

    private static readonly ResourceKind RulesKind = new()
    {
        Name = "collection-rules",
        Title = "Membership rules of a collection",
        Handler = "rules",
        Phase = 20,
        Collection = "wmi/SMS_Collection",
        Sets = ImmutableSortedDictionary<string, string>.Empty.Add("/rules", "RuleName"),
        OwnItemPrefix = "MDB ",
    };

    private static readonly ResourceKind FolderKind = new()
    {
        Name = "folder",
        Title = "Folder",
        Handler = "folder",
        Phase = 90,
        Collection = "wmi/SMS_ObjectContainerNode",
        NameProperty = "Name",
        IdProperty = "ContainerNodeID",
        Sets = ImmutableSortedDictionary<string, string>.Empty.Add("/collections", "CollectionID"),
    };

    private static readonly ResourceKind PropertyKind = new()
    {
        Name = "device-property",
        Title = "Custom property of devices",
        Handler = "properties",
        Phase = 15,
        Collection = "v1.0/Device",
        Sets = ImmutableSortedDictionary<string, string>.Empty.Add("/devices", "ResourceID"),
        OwnItemPrefix = "",
    };

    private static readonly Dictionary<string, ResourceKind> Kinds = new[] { CollectionKind, RulesKind, FolderKind, PropertyKind }.ToDictionary(k => k.Name);

    /// <summary>Root, excluded and rings with their device names.</summary>
    public static DesiredState Of(params (string Ring, string[] Names)[] rings) => State(
    [
        Collection("root"),
        Read("configmgr/collection-rules/root", "collection-rules", "wmi/SMS_Collection('{configmgr/collection/root}')/AdminService.AddMembershipRule", new JsonObject
        {
            ["rules"] = new JsonArray(new JsonObject { ["@odata.type"] = "#AdminService.SMS_CollectionRuleIncludeCollection", ["RuleName"] = "MDB everybody", ["IncludeCollectionID"] = "SMSDM003" }),
        }),
        Collection("excluded", limitTo: "{configmgr/collection/root}"),
        .. rings.SelectMany(r => new[] { Collection(r.Ring, limitTo: "{configmgr/collection/root}"), Rules(r.Ring, [.. r.Names]) }),
    ]);

    /// <summary>The same with as many names to a query as the channel has.</summary>
    public static DesiredState Chunked(int size, params (string Ring, string[] Names)[] rings) => State(
    [
        .. Of([.. rings.Select(r => (r.Ring, Array.Empty<string>()))]).Resources.Where(r => !rings.Any(ring => r.Address == $"configmgr/collection-rules/{ring.Ring}")),
        .. rings.Select(r => Rules(r.Ring, [.. r.Names], size: size)),
    ]);

    /// <summary>Rings whose devices are members by direct rules; a device is a name, or a name and a domain: NAME@DOMAIN.</summary>
    public static DesiredState ByDirectRules(params (string Ring, string[] Devices)[] rings) => State(
        [.. rings.SelectMany(r => new[]
        {
            Collection(r.Ring),
            Read($"configmgr/collection-rules/{r.Ring}", "collection-rules", $"wmi/SMS_Collection('{{configmgr/collection/{r.Ring}}}')/AdminService.AddMembershipRule", new JsonObject
            {
                ["rules"] = new JsonArray([.. r.Devices.Select(d => (JsonNode)Named(d, new JsonObject { ["@odata.type"] = "#AdminService.SMS_CollectionRuleDirect", ["RuleName"] = $"MDB device {d.Split('@')[0]}", ["ResourceClassName"] = "SMS_R_System" }))]),
            }),
        })]);

    /// <summary>Rings whose devices are members by a custom property.</summary>
    public static DesiredState ByProperty(params (string Ring, string[] Devices)[] rings) => State(
        [.. rings.SelectMany(r => new[]
        {
            Collection(r.Ring),
            Read($"configmgr/device-property/{r.Ring}", "device-property", "v1.0/Device", new JsonObject
            {
                ["Property"] = "MdbDeploy.contoso.Ring",
                ["Value"] = r.Ring,
                ["devices"] = new JsonArray([.. r.Devices.Select(d => (JsonNode)Named(d, []))]),
            }),
            Read($"configmgr/collection-rules/{r.Ring}", "collection-rules", $"wmi/SMS_Collection('{{configmgr/collection/{r.Ring}}}')/AdminService.AddMembershipRule", new JsonObject
            {
                ["rules"] = new JsonArray(new JsonObject
                {
                    ["@odata.type"] = "#AdminService.SMS_CollectionRuleQuery",
                    ["RuleName"] = "MDB ring",
                    ["QueryExpression"] = "select SMS_R_SYSTEM.Name from SMS_R_System inner join SMS_G_System_ExtensionData on SMS_G_System_ExtensionData.ResourceId = SMS_R_System.ResourceId where SMS_R_System.Client = 1 and "
                        + $"SMS_G_System_ExtensionData.PropertyName = 'MdbDeploy.contoso.Ring' and SMS_G_System_ExtensionData.PropertyValue = '{r.Ring}'",
                }),
            }),
        })]);

    /// <summary>The same with a folder that some collections lie in.</summary>
    public static DesiredState WithFolder(DesiredState bundle, string folder, params string[] collections) => State(
    [
        .. bundle.Resources,
        Read("configmgr/folder/collections", "folder", "wmi/SMS_ObjectContainerNode", new JsonObject
        {
            ["Name"] = folder,
            ["collections"] = new JsonArray([.. collections.Select(c => (JsonNode)new JsonObject { ["CollectionID"] = $"{{configmgr/collection/{c}}}" })]),
        }),
    ]);

    public static DesiredState State(params Resource[] resources) => new("contoso", resources, Kinds);

    public static Resource Collection(string name, string limitTo = "SMSDM003", string? title = null) => ResourceDocument.Mark(
        Read($"configmgr/collection/{name}", "collection", "wmi/SMS_Collection", new JsonObject
        {
            ["Name"] = title ?? $"MDB - {name}",
            ["CollectionType"] = 2,
            ["LimitToCollectionID"] = limitTo,
            ["RefreshType"] = 4,
            ["Comment"] = $"Ring {name}.",
        }), CollectionKind, "contoso");

    public static Resource Rules(string ring, IReadOnlyList<string> names, string? collection = null, int size = 2) =>
        Read($"configmgr/collection-rules/{ring}", "collection-rules", $"wmi/SMS_Collection('{collection ?? $"{{configmgr/collection/{ring}}}"}')/AdminService.AddMembershipRule", new JsonObject
        {
            ["rules"] = new JsonArray(
            [
                .. names.Chunk(size).Select((chunk, index) => (JsonNode)Query($"MDB names {index + 1:000}", chunk)),
                .. collection is null
                    ? [new JsonObject { ["@odata.type"] = "#AdminService.SMS_CollectionRuleExcludeCollection", ["RuleName"] = "MDB excluded", ["ExcludeCollectionID"] = "{configmgr/collection/excluded}" }]
                    : Array.Empty<JsonNode>(),
            ]),
        });

    public static JsonObject Query(string ruleName, params string[] names) => new()
    {
        ["@odata.type"] = "#AdminService.SMS_CollectionRuleQuery",
        ["RuleName"] = ruleName,
        ["QueryExpression"] = $"select SMS_R_SYSTEM.Name from SMS_R_System where SMS_R_System.Client = 1 and SMS_R_System.Name in ({string.Join(",", names.Select(n => $"'{Escaping.Wql(n)}'"))})",
    };

    public static JsonObject Direct(string ruleName, int resourceId) => new()
    {
        ["@odata.type"] = "#AdminService.SMS_CollectionRuleDirect",
        ["RuleName"] = ruleName,
        ["ResourceClassName"] = "SMS_R_System",
        ["ResourceID"] = resourceId,
    };

    private static JsonObject Named(string device, JsonObject item)
    {
        item["device"] = device.Split('@')[0];
        if (device.Split('@') is [_, var domain])
        {
            item["domain"] = domain;
        }

        return item;
    }

    private static Resource Read(string address, string kind, string path, JsonObject body) => ResourceDocument.Read(
        Encoding.UTF8.GetBytes(new JsonObject { ["address"] = address, ["kind"] = kind, ["method"] = "POST", ["path"] = path, ["body"] = body }.ToJsonString()),
        "configmgr", $"configmgr/{kind}.{address.Split('/')[^1]}.json", sensitive: false);
}
