using MdbDeploy.Targets.Checks;
using MdbDeploy.Targets.Http;

namespace MdbDeploy.Targets.Graph;

/// <summary>
/// Sign-in, clock and rights of a tenant, by reading one row of everything that a push and <c>status</c> touch, and by what the token says it allows: whether a write is allowed, no read
/// tells. Permissions: learn.microsoft.com/graph/permissions-reference.
/// </summary>
public static class GraphCheck
{
    private const string Graph = "Microsoft Graph";
    private const string Defender = "Defender";
    private const string Consent = "The bundle's intune/app-registration says how an administrator grants it.";

    // Device.ReadWrite.All is what an application needs to make devices members of a group; a person needs to read them only.
    private static readonly Area[] Areas =
    [
        new("policies and profiles", "deviceManagement/configurationPolicies?$top=1", "DeviceManagementConfiguration", Written.Always),
        new("devices in Intune", "deviceManagement/managedDevices?$top=1&$select=id", "DeviceManagementManagedDevices", Written.Never),
        new("connector to Defender", Connector.Path, "DeviceManagementServiceConfig", Written.Never),
        new("groups", "groups?$top=1&$select=id", "Group", Written.Always),
        new("directory devices", "devices?$top=1&$select=id", "Device", Written.ByApplications),
    ];

    private enum Written
    {
        Never,
        ByApplications,
        Always,
    }

    /// <summary>Looks. Writes nothing.</summary>
    /// <param name="connection">The tenant.</param>
    /// <param name="time">This machine's clock.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<IReadOnlyList<TargetCheck>> RunAsync(GraphConnection connection, TimeProvider time, CancellationToken cancellationToken) =>
    [
        .. await SystemAsync(Graph, connection.Graph, connection.GraphPermissionsAsync, Areas, time, cancellationToken),
        .. await SystemAsync(Defender, connection.Defender, connection.DefenderPermissionsAsync, [new("machines", "api/machines?$top=1", "Machine", Written.Never)], time, cancellationToken),
    ];

    private static async Task<List<TargetCheck>> SystemAsync(
        string system, RestClient client, Func<CancellationToken, Task<GrantedPermissions?>> signIn, Area[] areas, TimeProvider time, CancellationToken cancellationToken)
    {
        GrantedPermissions? granted;
        try
        {
            granted = await signIn(cancellationToken);
        }
        catch (TargetException failed)
        {
            return [new(system, "sign-in", Verdict.Failed, $"{failed.Diagnostic.Message} {failed.Diagnostic.Problem.Advice}")];
        }

        var checks = new List<TargetCheck> { new(system, "sign-in", Verdict.Passed, granted is null ? "signed in" : granted.IsApplication ? "signed in as an application" : "signed in as a person") };
        DateTimeOffset? theirs = null;
        foreach (var area in areas)
        {
            try
            {
                var answer = await client.SendAsync(RestRequest.Get(area.Path), cancellationToken);
                theirs = Clock.Of(answer.Header("Date")) ?? theirs;
                checks.Add(Judge(system, area, answer, granted));
            }
            catch (TargetException failed)
            {
                checks.Add(new(system, area.What, Verdict.Failed, failed.Diagnostic.Message));
            }
        }

        return [.. checks, Clock.Check(system, theirs, time.GetUtcNow())];
    }

    private static TargetCheck Judge(string system, Area area, RestResponse answer, GrantedPermissions? granted)
    {
        TargetCheck Found(Verdict verdict, string finding) => new(system, area.What, verdict, finding);
        var isConnector = area.Path == Connector.Path;
        if (!answer.IsSuccess && !(isConnector && answer.Status == 404))
        {
            return Found(Verdict.Failed, answer.Status == 403 ? $"{RestError.Read(answer)}. Needs {area.Permission}.Read.All. {Consent}" : RestError.Read(answer).ToString());
        }

        var read = !isConnector ? "readable" : answer.Status == 404 ? "readable; Intune and Defender were never connected" : $"readable; its state is '{Json.Text(answer.AsObject()["partnerState"]) ?? "unknown"}'";
        if (area.Written == Written.Never || (area.Written == Written.ByApplications && granted is { IsApplication: false }))
        {
            return Found(Verdict.Passed, read);
        }

        var needed = $"{area.Permission}.ReadWrite.All";
        // Directory.ReadWrite.All holds those of groups and devices.
        return granted is null ? Found(Verdict.Unknown, $"{read}; only a write tells whether {needed} was granted")
            : granted.Names.Contains(needed) || (!area.Path.StartsWith("deviceManagement", StringComparison.Ordinal) && granted.Names.Contains("Directory.ReadWrite.All")) ? Found(Verdict.Passed, $"{read} and writable")
            : Found(Verdict.Warning, $"{read}, not writable: 'push' needs {needed}. {Consent}");
    }

    private sealed record Area(string What, string Path, string Permission, Written Written);
}
