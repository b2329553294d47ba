using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Targets.ConfigMgr;

/// <summary>
/// Whether the devices that member queries name will become members and get policy: a query with a name that the site does not know is taken without
/// complaint and has no member.
/// </summary>
internal static class MembershipPreflight
{
    private const string Records = "wmi/SMS_R_System";
    private const int NamesShown = 10;

    // An address of HTTP.sys holds 16 KB at most; 20 names stay far below, whatever is in them. Beyond some hundred names, reading all records is cheaper.
    private const int NamesAtATime = 20;
    private const int MostNamesAskedFor = 400;

    private static readonly string[] Columns = ["Name", "Client", "Obsolete", "Decommissioned"];

    /// <summary>Looks the names of the desired queries up.</summary>
    /// <param name="service">The site.</param>
    /// <param name="rules">The resources that hold the rules.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>One diagnostic per resource and kind of trouble.</returns>
    /// <exception cref="TargetException">The records cannot be read.</exception>
    public static async Task<IReadOnlyList<Diagnostic>> CheckAsync(AdminService service, IReadOnlyList<Resource> rules, CancellationToken cancellationToken)
    {
        var named = rules.Select(r => (r.Address, Names: NamesOf(r.Body).Distinct(StringComparer.OrdinalIgnoreCase).ToList())).Where(r => r.Names.Count > 0).ToList();
        var all = named.SelectMany(r => r.Names).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        List<string?> filters = all.Count > MostNamesAskedFor
            ? [null]
            : [.. all.Chunk(NamesAtATime).Select(chunk => string.Join(" or ", chunk.Select(name => $"Name eq {AdminService.Quote(name)}")))];
        var records = new List<JsonObject>();
        foreach (var filter in filters)
        {
            records.AddRange(await service.ListAsync(Records, filter, Columns, cancellationToken));
        }

        var byName = records.ToLookup(r => r["Name"]?.ToString() ?? "", StringComparer.OrdinalIgnoreCase);
        return [.. named.SelectMany(r => Judge(r.Address, r.Names, byName))];
    }

    /// <summary>What is wrong with the named devices.</summary>
    /// <param name="address">Address of the resource that names them.</param>
    /// <param name="names">The names.</param>
    /// <param name="records">The site's discovery records by name.</param>
    internal static IEnumerable<Diagnostic> Judge(string address, IReadOnlyCollection<string> names, ILookup<string, JsonObject> records)
    {
        var judged = names.GroupBy(name => (records[name].ToList(), records[name].Where(r => !IsOn(r["Obsolete"]) && !IsOn(r["Decommissioned"])).ToList()) switch
        {
            ({ Count: 0 }, _) => Problems.DeviceNotInSite,
            (_, { Count: 0 }) => Problems.DeviceObsolete,
            (_, var current) when !current.Exists(r => IsOn(r["Client"])) => Problems.DeviceWithoutClient,
            (_, { Count: > 1 }) => Problems.DeviceNameTwice,
            _ => null,
        });
        foreach (var group in judged.Where(g => g.Key is not null).OrderBy(g => g.Key!.Code, StringComparer.Ordinal))
        {
            var list = group.Order(StringComparer.OrdinalIgnoreCase).ToList();
            var shown = string.Join(", ", list.Take(NamesShown)) + (list.Count > NamesShown ? $" and {list.Count - NamesShown} more" : "");
            yield return group.Key!.At(Location.Of(address), $"{list.Count} of {names.Count} devices: {group.Key.Title.TrimEnd('.')}: {shown}.");
        }
    }

    private static IEnumerable<string> NamesOf(JsonObject body) =>
        (body["rules"] as JsonArray ?? []).Select(MembershipRule.QueryOf).OfType<string>().SelectMany(QueryExpression.Names);

    // Booleans of WMI come as numbers in some classes.
    private static bool IsOn(JsonNode? value) => value?.ToString() is "1" or "true";
}
