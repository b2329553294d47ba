using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets.Http;

namespace MdbDeploy.Targets.Graph;

/// <summary>
/// The link between Intune and Defender. Whether a policy may take the blob from it or must carry one depends on its state. It is only ever read: writing it through
/// Graph has broken the link of tenants (KelvinTegelaar/CIPP-API issue 2611).
/// </summary>
internal sealed class Connector(GraphClient graph)
{
    // The same in all tenants.
    internal const string Path = "deviceManagement/mobileThreatDefenseConnectors/fc780465-2017-40d4-a0c5-307022471b92";

    private const string Choice = "device_vendor_msft_windowsadvancedthreatprotection_configurationtype_";

    /// <summary>Compares what the policies expect of the connector with its state. Asks nothing when no policy expects anything.</summary>
    public async Task<IReadOnlyList<Diagnostic>> CheckAsync(IEnumerable<Resource> resources, CancellationToken cancellationToken)
    {
        var users = resources.Select(r => (r.Address, Option: Option(r.Body))).Where(u => u.Option is "autofromconnector" or "onboard").ToList();
        if (users.Count == 0)
        {
            return [];
        }

        var response = await graph.SendAsync(RestRequest.Get(Path), cancellationToken);
        if (response.Status == 403)
        {
            return [Problems.ConnectorStateUnknown.At(Location.Of(users[0].Address), RestError.Read(response).ToString())];
        }

        // A tenant that was never connected has none.
        var connector = response.Status == 404 ? [] : response.EnsureSuccess().AsObject();
        var state = response.Status == 404 ? "unavailable" : Json.Text(connector["partnerState"]) ?? "unknown";
        // Unresponsive: it was connected, and Defender has not been heard of for some days.
        var isEnabled = state is "enabled" or "unresponsive";
        var attach = connector["microsoftDefenderForEndpointAttachEnabled"] is JsonValue value && value.TryGetValue<bool>(out var isOn) && !isOn
            ? new[] { Problems.SecurityManagementOff.At(Location.Of("security settings management"), "Intune says microsoftDefenderForEndpointAttachEnabled: false.") }
            : [];
        return [.. attach, .. users.Where(u => isEnabled != (u.Option == "autofromconnector")).Select(u => isEnabled
            ? Problems.ConnectorEnabledButBlobUsed.At(Location.Of(u.Address), $"'{u.Address}' carries an onboarding blob, though the connector between Intune and Defender is enabled.")
            : Problems.ConnectorNotEnabled.At(Location.Of(u.Address), $"'{u.Address}' takes the onboarding blob from the connector between Intune and Defender, whose state is '{state}'."))];
    }

    /// <summary>The option that a policy chooses: <c>autofromconnector</c>, <c>onboard</c> or <c>offboard</c>; null when it is no onboarding policy.</summary>
    public static string? Option(JsonObject body) =>
        ResourceIds.Strings(body).FirstOrDefault(s => s.StartsWith(Choice, StringComparison.OrdinalIgnoreCase))?[Choice.Length..].ToLowerInvariant();
}
