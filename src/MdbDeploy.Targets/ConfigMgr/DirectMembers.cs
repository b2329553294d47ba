using System.Globalization;
using System.Text.Json.Nodes;
using MdbDeploy.Bundles;

namespace MdbDeploy.Targets.ConfigMgr;

/// <summary>
/// Puts ResourceIDs where a bundle names devices: a ResourceID is the site's own and changes when a device is re-imaged, so that it stands in no file. A device whose record is
/// unclear or missing is left out.
/// </summary>
internal static class DirectMembers
{
    /// <summary>A resource with the ResourceIDs of the devices in its rules and properties.</summary>
    /// <param name="resource">The resource as rendered.</param>
    /// <param name="records">The site's records.</param>
    /// <param name="there">The ResourceIDs that its counterpart on the site has already.</param>
    public static Resource Resolve(Resource resource, DeviceRecords records, IReadOnlySet<long> there)
    {
        if (!DeviceRecords.AreNamedOneByOne(resource.Body))
        {
            return resource;
        }

        var body = new JsonObject(resource.Body.Where(p => p.Value is not JsonArray).Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone())));
        foreach (var (property, list) in resource.Body)
        {
            if (list is JsonArray items)
            {
                var (taken, names) = (new HashSet<long>(), new HashSet<string>(StringComparer.OrdinalIgnoreCase));
                body[property] = new JsonArray([.. items.Select(item => Resolve(item, records, there, taken, names)).OfType<JsonNode>()]);
            }
        }

        return resource with { Body = body };
    }

    /// <summary>The ResourceIDs in the rules or devices of a live resource.</summary>
    public static HashSet<long> IdsIn(JsonArray? items) => (items ?? []).OfType<JsonObject>().Select(DeviceRecords.ResourceId).OfType<long>().ToHashSet();

    private static JsonNode? Resolve(JsonNode? item, DeviceRecords records, IReadOnlySet<long> there, HashSet<long> taken, HashSet<string> names)
    {
        if (NamedDevice.Of(item) is not { } device)
        {
            return item?.DeepClone();
        }

        // Two devices of the inventory may turn out to be one record.
        if (records.IdOf(device, there.Contains) is not { } id || !taken.Add(id))
        {
            return null;
        }

        var resolved = new JsonObject(((JsonObject)item!).Where(p => p.Key is not ("device" or "domain")).Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone())));
        resolved["ResourceID"] = id;
        if (resolved["RuleName"]?.ToString() is { } name && !names.Add(name))
        {
            // Devices of one name in two domains: a set needs a name for each.
            resolved["RuleName"] = string.Create(CultureInfo.InvariantCulture, $"{name} {id}");
        }

        return resolved;
    }
}
