using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets.Http;

namespace MdbDeploy.Targets.Graph;

/// <summary>
/// Endpoint detection and response policies of others (people, other tools, Defender itself makes one for all devices) that reach the same devices as ours. A device gets the
/// union of all that reach it; of contradicting values it gets none.
/// </summary>
internal sealed class PolicyConflicts(GraphClient graph)
{
    private const string Collection = "deviceManagement/configurationPolicies";
    private const string Family = "endpointSecurityEndpointDetectionAndResponse";

    private readonly Dictionary<string, HashSet<string>> memberIds = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Finds them. Asks for one list when there are none.</summary>
    /// <param name="desired">What the bundle wants, member lists resolved.</param>
    /// <param name="live">What was read of it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<Diagnostic>> FindAsync(DesiredState desired, IReadOnlyList<LiveResource> live, CancellationToken cancellationToken)
    {
        var found = new List<Diagnostic>();
        var ours = desired.Resources.Where(r => desired.Kinds[r.Kind] is { Handler: "object", Collection: Collection } && Connector.Option(r.Body) is "onboard" or "autofromconnector").ToList();
        if (ours.Count == 0)
        {
            return found;
        }

        var filter = ODataText.Equal("templateReference/templateFamily", Family);
        await foreach (var row in graph.ListAsync($"{Collection}?$filter={filter}&$select=id,name,description", cancellationToken))
        {
            if (Json.Text(row["id"]) is not { } id || Marker.Find(Json.Text(row["description"]))?.Project == desired.Project || live.Any(l => l.RemoteId == id && l.Marker is not null))
            {
                continue;
            }

            var name = Json.Text(row["name"]) ?? id;
            var targets = new List<JsonObject>();
            await foreach (var assignment in graph.ListAsync($"{Collection}('{Uri.EscapeDataString(id)}')/assignments", cancellationToken))
            {
                targets.Add(assignment["target"] as JsonObject ?? []);
            }

            foreach (var policy in ours)
            {
                var shared = await SharedAsync(Devices(desired, policy), targets, cancellationToken);
                if (shared.Count > 0 && await graph.FindAsync($"{Collection}('{Uri.EscapeDataString(id)}')?$expand=settings", cancellationToken) is { } whole)
                {
                    found.Add(Union(policy, Json.Text(policy.Body["name"]) ?? policy.Address, whole, name, shared));
                }
            }
        }

        return found;
    }

    /// <summary>The devices that our policy is for, by Entra device id: the members of the groups that it is assigned to, without those of the groups that it excludes.</summary>
    private static Dictionary<string, string> Devices(DesiredState desired, Resource policy)
    {
        var byAddress = desired.Resources.ToDictionary(r => r.Address, StringComparer.Ordinal);
        var assignments = desired.Resources.Where(r => r.DependsOn.Contains(policy.Address)).SelectMany(r => r.Body["assignments"] as JsonArray ?? []).OfType<JsonObject>().ToList();
        var devices = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (isExcluded, group) in assignments.Select(a => (IsExcluded(a["target"] as JsonObject ?? []), a)).OrderBy(a => a.Item1))
        {
            var groups = ResourceIds.Strings(group).SelectMany(ResourceDocument.Placeholders).ToHashSet(StringComparer.Ordinal);
            foreach (var member in desired.Resources.Where(r => desired.Kinds[r.Kind].Handler == "members" && r.DependsOn.Any(groups.Contains))
                .SelectMany(r => r.Body["members"] as JsonArray ?? []).OfType<JsonObject>())
            {
                if (Json.Text(member["entraDeviceId"]) is not { } id)
                {
                    continue;
                }

                if (isExcluded)
                {
                    devices.Remove(id);
                }
                else
                {
                    devices[id] = Json.Text(member["name"]) ?? id;
                }
            }
        }

        return devices;
    }

    /// <summary>Names of our devices that the targets of the other policy reach. A policy for users may reach any of them.</summary>
    private async Task<List<string>> SharedAsync(Dictionary<string, string> devices, List<JsonObject> targets, CancellationToken cancellationToken)
    {
        var (reached, excluded) = (new HashSet<string>(StringComparer.OrdinalIgnoreCase), new HashSet<string>(StringComparer.OrdinalIgnoreCase));
        foreach (var target in targets)
        {
            var into = IsExcluded(target) ? excluded : reached;
            into.UnionWith(Json.Text(target["groupId"]) is { } group ? await MembersAsync(group, cancellationToken) : target.ContainsKey("collectionId") ? [] : devices.Keys);
        }

        return [.. devices.Where(d => reached.Contains(d.Key) && !excluded.Contains(d.Key)).Select(d => d.Value)];
    }

    private async Task<HashSet<string>> MembersAsync(string group, CancellationToken cancellationToken)
    {
        if (memberIds.TryGetValue(group, out var known))
        {
            return known;
        }

        var ids = memberIds[group] = new(StringComparer.OrdinalIgnoreCase);
        try
        {
            await foreach (var row in graph.ListAsync($"groups/{Uri.EscapeDataString(group)}/transitiveMembers/microsoft.graph.device?$select=id,deviceId&$top=999", cancellationToken))
            {
                ids.Add(Json.Text(row["deviceId"]) ?? "");
            }
        }
        catch (RefusedException e) when (e.Error.Status == 404)
        {
            // The group was deleted and its assignment left.
        }

        return ids;
    }

    private static bool IsExcluded(JsonObject target) => Json.Text(target["@odata.type"])?.Contains("exclusion", StringComparison.OrdinalIgnoreCase) == true;

    private static Diagnostic Union(Resource policy, string ourName, JsonObject theirs, string theirName, List<string> shared)
    {
        var (mine, other) = (Values(policy.Body), Values(theirs));
        var parts = mine.Keys.Union(other.Keys, StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal).Select(setting => (mine.GetValueOrDefault(setting), other.GetValueOrDefault(setting)) switch
        {
            ({ } a, { } b) when a == b => new Part($"{setting} = {a} (both)", false),
            ({ } a, { } b) => new Part($"{setting} = {a} by '{ourName}' against {b} by '{theirName}', so neither", true),
            ({ } a, _) => new Part($"{setting} = {a} ('{ourName}')", false),
            (_, var b) => new Part($"{setting} = {b} ('{theirName}')", false),
        }).ToList();
        var problem = parts.Exists(p => p.IsConflict) ? Problems.PoliciesConflict : Problems.PoliciesOverlap;
        return problem.At(
            Location.Of(policy.Address),
            $"'{theirName}' reaches {shared.Count} {(shared.Count == 1 ? "device" : "devices")} of '{ourName}' as well: {Names.Of(shared)}. There the two together give {string.Join("; ", parts.Select(p => p.Text))}.");
    }

    /// <summary>What a policy sets, in short words. Secrets are left out: they cannot be compared.</summary>
    private static Dictionary<string, string> Values(JsonObject policy)
    {
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var instance in (policy["settings"] as JsonArray ?? []).OfType<JsonObject>().Select(s => s["settingInstance"] as JsonObject).OfType<JsonObject>())
        {
            if (Json.Text(instance["settingDefinitionId"]) is { } id)
            {
                var value = Json.Text((instance["choiceSettingValue"] as JsonObject)?["value"]) ?? (instance["simpleSettingValue"] as JsonObject)?["value"]?.ToString() ?? "something else";
                values[id.Split('_')[^1]] = value.StartsWith(id + "_", StringComparison.OrdinalIgnoreCase) ? value[(id.Length + 1)..] : value;
            }
        }

        return values;
    }

    /// <summary>What the union says of one setting.</summary>
    private readonly record struct Part(string Text, bool IsConflict);
}
