using MdbDeploy.Bundles;
using MdbDeploy.Targets.Http;
using MdbDeploy.Targets.Status;

namespace MdbDeploy.Targets.Graph;

/// <summary>
/// What Intune says of its devices: when it last heard from them, what became of our onboarding policies on them, and whose antivirus needs attention. A policy arrives with the next
/// check-in, every 8 hours, so the first tells a device that waits from one that is off, and the second one that waits from one that refuses.
/// </summary>
public static class IntuneStatus
{
    private const string Policies = "deviceManagement/configurationPolicies";
    private const string Profiles = "deviceManagement/deviceConfigurations";

    /// <summary>What the addresses of policies that onboard end with, in templates/intune.</summary>
    private const string Onboards = "-onboarding";

    /// <summary>Reads all Windows devices that Intune manages.</summary>
    /// <param name="graph">Client of Graph, see <see cref="GraphConnection.Graph"/>.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="TargetException">The devices could not be read.</exception>
    public static IAsyncEnumerable<ManagedDevice> ReadAsync(RestClient graph, CancellationToken cancellationToken) =>
        graph.ListAsync($"deviceManagement/managedDevices?{ManagedDevice.Select}", cancellationToken: cancellationToken).Select(ManagedDevice.Read).OfType<ManagedDevice>();

    /// <summary>
    /// Reads what became of the project's onboarding policies on devices: of policies of the settings catalogue from their report, of custom profiles from their list of device statuses
    /// (learn.microsoft.com/graph/api/intune-deviceconfig-deviceconfigurationdevicestatus-list).
    /// </summary>
    /// <param name="graph">Client of Graph.</param>
    /// <param name="project">Identifier of the deployment project, which its policies carry in their ownership markers.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="TargetException">They could not be read.</exception>
    public static async Task<IReadOnlyList<PolicyReport>> ReadPoliciesAsync(RestClient graph, string project, CancellationToken cancellationToken)
    {
        var reports = new List<PolicyReport>();
        foreach (var (id, name) in await OursAsync(graph, Policies, "name", project, cancellationToken))
        {
            string[] columns = ["IntuneDeviceId", "DeviceName", "ReportStatus", "PspdpuLastModifiedTimeUtc"];
            await foreach (var row in IntuneReports.ReadAsync(graph, "getConfigurationPolicyDevicesReport", columns, $"(PolicyId eq '{id}')", cancellationToken))
            {
                reports.Add(new PolicyReport(name, row.Text("IntuneDeviceId"), row.Text("DeviceName") ?? "", Outcome(row.Text("ReportStatus")), row.Time("PspdpuLastModifiedTimeUtc")));
            }
        }

        foreach (var (id, name) in await OursAsync(graph, Profiles, "displayName", project, cancellationToken))
        {
            await foreach (var row in graph.ListAsync($"{Profiles}/{Uri.EscapeDataString(id)}/deviceStatuses?$select=deviceDisplayName,status,lastReportedDateTime", cancellationToken: cancellationToken))
            {
                reports.Add(new PolicyReport(name, null, Json.Text(row["deviceDisplayName"]) ?? "", Outcome(Json.Text(row["status"])), Json.Time(row["lastReportedDateTime"])));
            }
        }

        return reports;
    }

    /// <summary>Reads whose antivirus needs attention, as Intune reports it.</summary>
    /// <param name="graph">Client of Graph.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="TargetException">The report could not be read.</exception>
    public static async Task<IReadOnlyList<AntivirusReport>> ReadAntivirusAsync(RestClient graph, CancellationToken cancellationToken)
    {
        string[] columns = ["DeviceId", "DeviceName", "MalwareProtectionEnabled", "RealTimeProtectionEnabled", "SignatureUpdateOverdue", "CriticalFailure", "PendingReboot"];
        var reports = new List<AntivirusReport>();
        await foreach (var row in IntuneReports.ReadAsync(graph, "getUnhealthyDefenderAgentsReport", columns, filter: null, cancellationToken))
        {
            IEnumerable<string?> problems =
            [
                row.Flag("MalwareProtectionEnabled") == false ? "malware protection is off" : null,
                row.Flag("RealTimeProtectionEnabled") == false ? "real-time protection is off" : null,
                row.Flag("SignatureUpdateOverdue") == true ? "its security intelligence is old" : null,
                row.Flag("CriticalFailure") == true ? "it reports a critical failure" : null,
                row.Flag("PendingReboot") == true ? "it waits for a restart" : null,
            ];
            if (row.Text("DeviceId") is { } id && string.Join(", ", problems.Where(p => p is not null)) is { Length: > 0 } text)
            {
                reports.Add(new AntivirusReport(id, text));
            }
        }

        return reports;
    }

    /// <summary>
    /// Puts together what was read. Policies are found by Intune's id of the device, where they give none by its name unless several devices bear it; of several reports the newest counts,
    /// since a user's and the system's stand side by side.
    /// </summary>
    public static IReadOnlyList<CheckIn> Combine(IReadOnlyList<ManagedDevice> devices, IEnumerable<PolicyReport> policies, IEnumerable<AntivirusReport> antivirus)
    {
        var newest = policies.OrderBy(p => p.Time ?? DateTimeOffset.MinValue).ThenBy(p => p.Outcome).ToList();
        var byId = Last(newest.Where(p => p.IntuneDeviceId is not null), p => p.IntuneDeviceId!);
        var byName = Last(newest.Where(p => p.IntuneDeviceId is null), p => p.DeviceName);
        var names = devices.GroupBy(d => d.Name, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() == 1).Select(g => g.Key).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var problems = Last(antivirus, a => a.IntuneDeviceId);
        return [.. devices.Select(device => new CheckIn(device.DeviceId, device.Name, device.LastSync)
        {
            Policy = byId.GetValueOrDefault(device.Id) ?? (names.Contains(device.Name) ? byName.GetValueOrDefault(device.Name) : null),
            Antivirus = problems.GetValueOrDefault(device.Id)?.Problems,
        })];
    }

    private static Dictionary<string, T> Last<T>(IEnumerable<T> items, Func<T, string> key)
    {
        var last = new Dictionary<string, T>(StringComparer.OrdinalIgnoreCase);
        foreach (var item in items)
        {
            last[key(item)] = item;
        }

        return last;
    }

    private static async Task<List<(string Id, string Name)>> OursAsync(RestClient graph, string collection, string name, string project, CancellationToken cancellationToken) =>
        await graph.ListAsync($"{collection}?$select=id,{name},description", cancellationToken: cancellationToken)
            .Where(row => Marker.Find(Json.Text(row["description"])) is { } marker && marker.Project == project && marker.Address.EndsWith(Onboards, StringComparison.Ordinal))
            .Select(row => (Json.Text(row["id"]) ?? "", Json.Text(row[name]) ?? "")).ToListAsync(cancellationToken);

    /// <summary>A status by name or by number: reports give either, and the list of device statuses has names of its own for the same.</summary>
    private static PolicyOutcome Outcome(string? status) => status?.ToUpperInvariant() switch
    {
        "SUCCEEDED" or "COMPLIANT" or "REMEDIATED" or "2" or "3" => PolicyOutcome.Succeeded,
        "ERROR" or "NONCOMPLIANT" or "4" or "5" => PolicyOutcome.Failed,
        "CONFLICT" or "6" => PolicyOutcome.Conflict,
        "NOTAPPLICABLE" or "NOT APPLICABLE" or "1" => PolicyOutcome.NotApplicable,
        _ => PolicyOutcome.Pending,
    };
}
