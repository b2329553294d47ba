using System.Globalization;
using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Targets.ConfigMgr;

/// <summary>
/// Whether the devices that rules and properties name will become members and get policy: a query with a name that the site does not know is taken without complaint and has no
/// member.
/// </summary>
internal static class MembershipPreflight
{
    private const string CoManagement = "wmi/SMS_Client_ComanagementState";
    private const int NamesShown = 10;

    /// <summary>Endpoint Protection among the co-management workloads (learn.microsoft.com/intune/configmgr/comanage/how-to-monitor).</summary>
    private const int EndpointProtection = 32;

    /// <summary>Judges the devices that resources name.</summary>
    /// <param name="service">The site.</param>
    /// <param name="resources">The resources that hold rules or properties.</param>
    /// <param name="records">The site's records of the devices.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>One diagnostic per resource and kind of trouble.</returns>
    /// <exception cref="TargetException">The site cannot be read.</exception>
    public static async Task<IReadOnlyList<Diagnostic>> CheckAsync(AdminService service, IReadOnlyList<Resource> resources, DeviceRecords records, CancellationToken cancellationToken)
    {
        var named = resources.Select(r => (r.Address, r.Body, Names: DeviceRecords.NamesIn(r.Body).Distinct(StringComparer.OrdinalIgnoreCase).ToList())).Where(r => r.Names.Count > 0).ToList();
        var elsewhere = named.Count == 0 ? [] : await ElsewhereAsync(service, cancellationToken);
        return [.. named.SelectMany(r => Judge(r.Address, r.Names, records.ByName, DeviceRecords.AreNamedOneByOne(r.Body) ? Ambiguous(r.Body, records) : null)
            .Concat(JudgeWorkload(r.Address, r.Names, records.ByName, elsewhere)))];
    }

    /// <summary>What is wrong with the named devices.</summary>
    /// <param name="address">Address of the resource that names them.</param>
    /// <param name="names">The names.</param>
    /// <param name="records">The site's discovery records by name.</param>
    /// <param name="ambiguous">Names of which no single record could be chosen, where one must be; null where all records of a name are meant.</param>
    internal static IEnumerable<Diagnostic> Judge(string address, IReadOnlyCollection<string> names, ILookup<string, JsonObject> records, IReadOnlySet<string>? ambiguous = null)
    {
        var judged = names.GroupBy(name => (records[name].ToList(), records[name].Where(DeviceRecords.IsCurrent).ToList()) switch
        {
            ({ Count: 0 }, _) => Problems.DeviceNotInSite,
            (_, { Count: 0 }) => Problems.DeviceObsolete,
            (_, var current) when !current.Exists(r => DeviceRecords.IsOn(r["Client"])) => Problems.DeviceWithoutClient,
            (_, { Count: > 1 }) when ambiguous is null => Problems.DeviceNameTwice,
            _ when ambiguous?.Contains(name) == true => Problems.DeviceRecordUnclear,
            _ => null,
        });
        foreach (var group in judged.Where(g => g.Key is not null).OrderBy(g => g.Key!.Code, StringComparer.Ordinal))
        {
            var list = group.Order(StringComparer.OrdinalIgnoreCase).ToList();
            yield return group.Key!.At(Location.Of(address), $"{list.Count} of {names.Count} devices: {group.Key.Title.TrimEnd('.')}: {Shown(list)}.");
        }
    }

    private static HashSet<string> Ambiguous(JsonObject body, DeviceRecords records) =>
        (body["rules"] as JsonArray ?? []).Concat(body["devices"] as JsonArray ?? []).Select(NamedDevice.Of).OfType<NamedDevice>()
            .Where(d => records.InUse(d).Count > 1).Select(d => d.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);

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
}
