using System.Globalization;
using System.Text.Json.Nodes;
using MdbDeploy.Bundles;

namespace MdbDeploy.Targets.ConfigMgr;

/// <summary>A device as a direct rule or a custom property names it.</summary>
/// <param name="Name">NetBIOS name.</param>
/// <param name="Domain">DNS domain, which decides between records of one name; null when the inventory does not know it.</param>
internal sealed record NamedDevice(string Name, string? Domain)
{
    /// <summary>The device in an item of a resource: <c>{"device":…,"domain":…}</c>; null when the item names none.</summary>
    public static NamedDevice? Of(JsonNode? item) =>
        item is JsonObject map && map.TryGetPropertyValue("device", out var name) && name is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0
            ? new NamedDevice(text, map.TryGetPropertyValue("domain", out var domain) ? domain?.ToString() : null)
            : null;
}

/// <summary>The site's discovery records (SMS_R_System) of the devices that a bundle names.</summary>
/// <param name="ByName">The records by name, without regard to case.</param>
internal sealed record DeviceRecords(ILookup<string, JsonObject> ByName)
{
    private const string Records = "wmi/SMS_R_System";

    // An address of HTTP.sys holds 16 KB at most; 20 names stay far below, whatever is in them. Beyond some hundred names, reading all records is cheaper.
    private const int NamesAtATime = 20;
    private const int MostNamesAskedFor = 400;

    private static readonly string[] Columns = ["Name", "ResourceID", "Client", "Obsolete", "Decommissioned", "FullDomainName"];

    /// <summary>The names in the queries, direct rules and properties of a resource.</summary>
    public static IEnumerable<string> NamesIn(JsonObject body)
    {
        var rules = body["rules"] as JsonArray ?? [];
        return rules.Select(MembershipRule.QueryOf).OfType<string>().SelectMany(QueryExpression.Names)
            .Concat(rules.Concat(body["devices"] as JsonArray ?? []).Select(NamedDevice.Of).OfType<NamedDevice>().Select(d => d.Name));
    }

    /// <summary>Whether a resource names devices that stand for one record each: by direct rules or a custom property.</summary>
    public static bool AreNamedOneByOne(JsonObject body) =>
        (body["rules"] as JsonArray ?? []).Concat(body["devices"] as JsonArray ?? []).Any(item => NamedDevice.Of(item) is not null);

    /// <summary>Reads the records of the devices that resources name.</summary>
    /// <param name="service">The site.</param>
    /// <param name="resources">The resources.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="TargetException">They cannot be read.</exception>
    public static async Task<DeviceRecords> ReadAsync(AdminService service, IEnumerable<Resource> resources, CancellationToken cancellationToken)
    {
        var names = resources.SelectMany(r => NamesIn(r.Body)).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        List<string?> filters = names.Count > MostNamesAskedFor
            ? [null]
            : [.. names.Chunk(NamesAtATime).Select(chunk => string.Join(" or ", chunk.Select(name => $"Name eq {AdminService.Quote(name)}")))];
        var records = new List<JsonObject>();
        foreach (var filter in filters)
        {
            records.AddRange(await service.ListAsync(Records, filter, Columns, cancellationToken));
        }

        return new DeviceRecords(records.ToLookup(r => r["Name"]?.ToString() ?? "", StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>The records of a device that are in use: neither obsolete nor decommissioned, with a client, and of its domain when several bear the name.</summary>
    public IReadOnlyList<JsonObject> InUse(NamedDevice device)
    {
        var clients = ByName[device.Name].Where(r => IsCurrent(r) && IsOn(r["Client"])).ToList();
        return clients.Count > 1 && device.Domain is { } domain && clients.FindAll(r => string.Equals(r["FullDomainName"]?.ToString(), domain, StringComparison.OrdinalIgnoreCase)) is { Count: > 0 } there ? there : clients;
    }

    /// <summary>
    /// The ResourceID of a device. When several records bear its name or none is in use, the one that stands there already stays: nobody leaves a ring because the site's records are
    /// unclear for a while.
    /// </summary>
    /// <param name="device">The device.</param>
    /// <param name="isThere">Whether a ResourceID is in the place already.</param>
    /// <returns>Null when there is no telling.</returns>
    public long? IdOf(NamedDevice device, Func<long, bool> isThere) =>
        InUse(device) is [var only] ? ResourceId(only) : ByName[device.Name].Select(ResourceId).FirstOrDefault(id => id is { } number && isThere(number));

    /// <summary>The ResourceID of a record or of a rule.</summary>
    public static long? ResourceId(JsonObject record) =>
        long.TryParse(record["ResourceID"]?.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;

    /// <summary>Whether a record is neither obsolete nor decommissioned.</summary>
    public static bool IsCurrent(JsonObject record) => !IsOn(record["Obsolete"]) && !IsOn(record["Decommissioned"]);

    /// <summary>Whether a value of WMI is true: booleans come as numbers in some classes.</summary>
    public static bool IsOn(JsonNode? value) => value?.ToString() is "1" or "true";
}
