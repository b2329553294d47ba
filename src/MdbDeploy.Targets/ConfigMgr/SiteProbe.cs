using System.Text.Json;
using System.Text.Json.Nodes;
using MdbDeploy.Targets.Http;

namespace MdbDeploy.Targets.ConfigMgr;

/// <summary>
/// Asks a real site what no public page answers, with reads only. What comes back is reduced to its shape: names and types of properties, counts, status codes, and the few
/// values below that tell versions and kinds. Names of devices, people, servers and collections, ids and addresses stay out.
/// </summary>
public static class SiteProbe
{
    private static readonly HashSet<string> Kept = new(StringComparer.OrdinalIgnoreCase)
    {
        "Version", "BuildNumber", "Type", "CurrentStatus", "RelationshipType", "RefreshType", "CollectionType", "@odata.type", "ReturnValue", "CategoryInstance_UniqueIDs", "AssignmentType", "CIType",
    };

    private static readonly (string Id, string Question, string Path)[] Questions =
    [
        ("version", "Version and kind of the site", "wmi/SMS_Site?$select=Version,BuildNumber,Type"),
        ("static-get", "Status of a static method without parameters", "wmi/SMS_Identification.GetProviderVersion"),
        ("P2", "Lazy properties in a list: null or absent", "wmi/SMS_Collection?$top=1"),
        ("P2-case", "Names of properties of a device", "wmi/SMS_R_System?$top=1"),
        ("P4", "Answer to an unknown property in a filter", "wmi/SMS_R_System?$filter=MdbDeployProbe eq 1&$top=1"),
        ("P4-key", "Answer to a key that does not exist", "wmi/SMS_Collection('XXX00000')"),
        ("P4-class", "Answer to a class that does not exist", "wmi/SMS_MdbDeployProbe"),
        ("P7", "Defender policies: class and properties", "wmi/SMS_AdvancedThreatProtectionSettings?$top=1"),
        ("P7-policy", "Configuration policies: class and properties", "wmi/SMS_ConfigurationPolicy?$top=1"),
        ("P6", "Deployments of policies: class and properties", "wmi/SMS_ConfigurationPolicyAssignment?$top=1"),
        ("P10", "Size of a page, and whether there is a next one", "wmi/SMS_R_System?$select=ResourceID"),
        ("count", "$count of a class", "wmi/SMS_Collection/$count"),
        ("dependencies", "Kinds of dependency between collections", "wmi/SMS_CollectionDependencies?$top=50"),
        ("membership", "Rows of membership", "wmi/SMS_FullCollectionMembership?$filter=CollectionID eq 'SMSDM003'&$top=1"),
        ("health", "What clients report of Defender", "wmi/SMS_G_System_AdvancedThreatProtectionHealthStatus?$top=1"),
        ("comanagement", "Co-management workloads", "wmi/SMS_Client_ComanagementState?$top=1"),
        ("folders", "Folders of the console", "wmi/SMS_ObjectContainerNode?$filter=ObjectType eq 5000&$top=1"),
        ("deployments", "Deployments", "wmi/SMS_DeploymentInfo?$top=1"),
        ("extension", "Custom properties of devices", "wmi/SMS_G_System_ExtensionData?$top=1"),
        ("curated", "Entities of v1.0", "v1.0/"),
    ];

    private static readonly string[] NotAsked =
    [
        "P1 status of PUT and PATCH", "P5 DeleteMembershipRules", "P8 ValidateQuery and VerifyNoCircularDependencies", "P9 longest query", "P11 maintenance windows", "P12 RefreshType without a schedule",
    ];

    /// <summary>Asks.</summary>
    /// <param name="client">The site.</param>
    /// <param name="progress">Told of each question; null when nobody watches.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What may be sent back.</returns>
    /// <exception cref="TargetException">The site cannot be reached, or signing in failed.</exception>
    public static async Task<JsonObject> RunAsync(RestClient client, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        var answers = new JsonArray();
        foreach (var (id, question, path) in Questions)
        {
            progress?.Report(question);
            answers.Add((JsonNode)Told(id, question, path, await client.SendAsync(RestRequest.Get(path), cancellationToken)));
        }

        if (await RulesAsync(client, cancellationToken) is { } rules)
        {
            answers.Add((JsonNode)rules);
        }

        return new JsonObject
        {
            ["about"] = "Answers of a Configuration Manager AdminService to reads, reduced to names and types of properties. It holds no names of devices, people, servers or collections, no ids and no secrets; look before you send it.",
            ["answers"] = answers,
            ["notAsked"] = new JsonArray([.. NotAsked.Select(n => (JsonNode)$"{n}: would write")]),
        };
    }

    /// <summary>P3: how the rules of a collection look when they are read: of the first one that has some.</summary>
    private static async Task<JsonObject?> RulesAsync(RestClient client, CancellationToken cancellationToken)
    {
        var list = await client.SendAsync(RestRequest.Get("wmi/SMS_Collection?$select=CollectionID&$filter=CollectionType eq 2"), cancellationToken);
        foreach (var id in ((list.Body as JsonObject)?["value"] as JsonArray ?? []).Select(r => (r as JsonObject)?["CollectionID"]?.ToString()).OfType<string>().Where(id => !BuiltIn.Is(id)).Take(25))
        {
            var answer = await client.SendAsync(RestRequest.Get(AdminService.Keyed("wmi/SMS_Collection", id)), cancellationToken);
            if (((answer.Body as JsonObject)?["value"] as JsonArray)?.FirstOrDefault() is JsonObject collection && collection["CollectionRules"] is JsonArray { Count: > 0 })
            {
                return Told("P3", "Rules of a collection, read by its key", "wmi/SMS_Collection('...')", answer);
            }
        }

        return null;
    }

    private static JsonObject Told(string id, string question, string path, RestResponse answer) => new()
    {
        ["id"] = id,
        ["question"] = question,
        ["request"] = $"GET {path}",
        ["status"] = answer.Status,
        ["contentType"] = answer.Header("Content-Type"),
        ["answer"] = answer.Body is { } body ? Shape(body, null) : answer.Text.Length == 0 ? "empty" : "not JSON",
    };

    private static JsonNode? Shape(JsonNode? node, string? name) => node switch
    {
        null => "null",
        JsonObject map when name == "error" => new JsonObject { ["code"] = map["code"]?.ToString(), ["message"] = Kind(map["message"]) },
        JsonObject map => new JsonObject(map.Select(p => KeyValuePair.Create(p.Key, Shape(p.Value, p.Key)))),
        // The kinds of objects in a list, each once.
        JsonArray list => new JsonObject
        {
            ["count"] = list.Count,
            ["kinds"] = new JsonArray([.. list.Select(i => Shape(i, name)).DistinctBy(i => i?.ToJsonString()).Take(10).Select(i => i?.DeepClone())]),
        },
        _ when name is not null && Kept.Contains(name) => node.DeepClone(),
        _ when name == "__LAZYPROPERTIES" => node.DeepClone(),
        _ => Kind(node),
    };

    private static string Kind(JsonNode? node) => node?.GetValueKind() switch
    {
        null or JsonValueKind.Null => "null",
        JsonValueKind.String => "text",
        JsonValueKind.Number => "number",
        JsonValueKind.True or JsonValueKind.False => "yes or no",
        var other => other.ToString()!,
    };
}
