using System.Globalization;
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
    private const string CoManagement = "wmi/SMS_Client_ComanagementState";
    private const int NamesShown = 10;

    /// <summary>Endpoint Protection among the co-management workloads (learn.microsoft.com/intune/configmgr/comanage/how-to-monitor).</summary>
    private const int EndpointProtection = 32;

    // An address of HTTP.sys holds 16 KB at most; 20 names stay far below, whatever is in them. Beyond some hundred names, reading all records is cheaper.
    private const int NamesAtATime = 20;
    private const int MostNamesAskedFor = 400;

    private static readonly string[] Columns = ["Name", "ResourceID", "Client", "Obsolete", "Decommissioned"];

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
        var elsewhere = all.Count == 0 ? [] : await ElsewhereAsync(service, cancellationToken);
        return [.. named.SelectMany(r => Judge(r.Address, r.Names, byName).Concat(JudgeWorkload(r.Address, r.Names, byName, elsewhere)))];
    }

    /// <summary>ResourceIDs of the devices whose Endpoint Protection workload is with Intune. A site without co-management, or one that hides the class, has none.</summary>
    private static async Task<HashSet<string>> ElsewhereAsync(AdminService service, CancellationToken cancellationToken)
    {
        try
        {
            var states = await service.ListAsync(CoManagement, null, ["ResourceID", "MDMWorkloads"], cancellationToken);
            return states.Where(s => int.TryParse((s["MDMWorkloads"] ?? s["CoManagementFlags"])?.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var flags) && (flags & EndpointProtection) != 0)
                .Select(s => s["ResourceID"]?.ToString()).OfType<string>().ToHashSet(StringComparer.Ordinal);
        }
        catch (TargetException hidden) when (hidden.Diagnostic.Problem == Problems.NotVisible || hidden.Diagnostic.Problem == Problems.AccessDenied)
        {
            return [];
        }
    }

    private static IEnumerable<Diagnostic> JudgeWorkload(string address, List<string> names, ILookup<string, JsonObject> records, HashSet<string> elsewhere)
    {
        var list = names.Where(n => records[n].Any(r => r["ResourceID"]?.ToString() is { } id && elsewhere.Contains(id))).Order(StringComparer.OrdinalIgnoreCase).ToList();
        if (list.Count > 0)
        {
            yield return Problems.WorkloadElsewhere.At(Location.Of(address), $"{list.Count} of {names.Count} devices: {Problems.WorkloadElsewhere.Title.TrimEnd('.')}: {Shown(list)}.");
        }
    }

    private static string Shown(List<string> list) => string.Join(", ", list.Take(NamesShown)) + (list.Count > NamesShown ? $" and {list.Count - NamesShown} more" : "");

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
            yield return group.Key!.At(Location.Of(address), $"{list.Count} of {names.Count} devices: {group.Key.Title.TrimEnd('.')}: {Shown(list)}.");
        }
    }

    private static IEnumerable<string> NamesOf(JsonObject body) =>
        (body["rules"] as JsonArray ?? []).Select(MembershipRule.QueryOf).OfType<string>().SelectMany(QueryExpression.Names);

    // Booleans of WMI come as numbers in some classes.
    private static bool IsOn(JsonNode? value) => value?.ToString() is "1" or "true";
}
