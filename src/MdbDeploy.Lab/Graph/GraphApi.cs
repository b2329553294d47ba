using System.Text.Json.Nodes;
using MdbDeploy.Lab.Entra;
using MdbDeploy.Lab.OData;

namespace MdbDeploy.Lab.Graph;

/// <summary>Microsoft Graph: checks the token, finds the handler, words the errors.</summary>
internal sealed class GraphApi(LabState state, AccessTokens tokens, Func<LabRequest, LabAnswer> respond)
{
    private readonly GraphBatch batch = new(respond);
    private readonly Groups groups = new(state);
    private readonly Devices devices = new(state);
    private readonly ConfigurationPolicies policies = new(state);
    private readonly DeviceConfigurations profiles = new(state);
    private readonly AssignmentFilters filters = new(state);
    private readonly Reports reports = new(state);
    private readonly ServiceLimits limits = new(state);

    public LabAnswer Answer(LabRequest request)
    {
        var (clientId, problem) = tokens.Check(request.Header("Authorization"), audience => audience is "https://graph.microsoft.com" || request.Origin == audience);
        if (clientId is null)
        {
            return GraphErrors.Error(request, state, 401, "InvalidAuthenticationToken", problem!).With("WWW-Authenticate", "Bearer");
        }

        if (limits.Refuse(request) is { } wait)
        {
            var busy = Error(request, 429, "TooManyRequests", "Too many requests have been made within the given timeframe.");
            return wait > TimeSpan.Zero ? busy.With("Retry-After", Math.Ceiling(wait.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture)) : busy;
        }

        LabAnswer answer;
        try
        {
            Permissions.Require(request, state.Options.Habits.MissingPermissions);
            answer = state.Approvals.Intercept(request, Error) ?? Route(request);
        }
        catch (ODataException e)
        {
            answer = Error(request, 400, "BadRequest", e.Message);
        }
        catch (GraphException e)
        {
            answer = Error(request, e.Status, e.Code, e.Message);
        }

        return answer.With("request-id", state.NewId().ToString());
    }

    /// <summary>An error in the words of the part of Graph that the request went to.</summary>
    public LabAnswer Error(LabRequest request, int status, string code, string message) =>
        request.Segments is [_, "deviceManagement", ..]
            ? GraphErrors.Intune(request, state, status, code, message)
            : GraphErrors.Error(request, state, status, code, message);

    private LabAnswer Route(LabRequest request) => request.Segments switch
    {
        [_, "$batch"] => batch.Answer(request),
        [_, "groups", .. var rest] => groups.Answer(request, rest),
        [_, "devices", .. var rest] => devices.Directory(request, rest),
        [_, "deviceManagement", "managedDevices", .. var rest] => devices.Managed(request, rest),
        ["beta", "deviceManagement", "configurationPolicies", .. var rest] => policies.Answer(request, rest),
        [_, "deviceManagement", "deviceConfigurations", .. var rest] => profiles.Answer(request, rest),
        ["beta", "deviceManagement", "assignmentFilters", .. var rest] => filters.Answer(request, rest),
        ["beta", "deviceManagement", "operationApprovalRequests", .. var rest] => state.Approvals.Answer(request, rest),
        ["beta", "deviceManagement", "reports", .. var rest] => reports.Answer(request, rest),
        [_, "deviceManagement", "mobileThreatDefenseConnectors", .. var rest] => Connectors(request, rest),
        [_, "deviceManagement", var segment, ..] => throw GraphException.NoSegment(segment),
        [_, var segment, ..] => throw GraphException.NoSegment(segment),
        _ => throw GraphException.NoSegment(""),
    };

    /// <summary>The link between Intune and Defender; its id is the same in all tenants. A tenant that was never connected has none.</summary>
    private LabAnswer Connectors(LabRequest request, string[] rest)
    {
        const string Id = "fc780465-2017-40d4-a0c5-307022471b92";
        if (request.Method != "GET")
        {
            throw new GraphException(403, "Forbidden", "The lab's connector is switched by its options, and MdbDeploy only reads it.");
        }

        var connectors = state.Options.ConnectorEnabled || state.Options.ConnectorState is not null
            ? new[]
            {
                new JsonObject
                {
                    ["id"] = Id,
                    ["lastHeartbeatDateTime"] = Timestamp.Of(state.Now),
                    ["partnerState"] = state.Options.ConnectorState ?? "enabled",
                    ["androidEnabled"] = false,
                    ["iosEnabled"] = false,
                    ["macEnabled"] = false,
                    ["windowsEnabled"] = true,
                    ["androidDeviceBlockedOnMissingPartnerData"] = false,
                    ["iosDeviceBlockedOnMissingPartnerData"] = false,
                    ["macDeviceBlockedOnMissingPartnerData"] = false,
                    ["windowsDeviceBlockedOnMissingPartnerData"] = false,
                    ["partnerUnsupportedOsVersionBlocked"] = false,
                    ["partnerUnresponsivenessThresholdInDays"] = 7,
                    ["microsoftDefenderForEndpointAttachEnabled"] = state.Options.AttachEnabled,
                },
            }
            : [];
        return rest switch
        {
            [] => GraphPage.List(request, "deviceManagement/mobileThreatDefenseConnectors", connectors, 100, 1000),
            [var id] => connectors.FirstOrDefault(c => (string?)c["id"] == id) is { } found
                ? GraphPage.Single(request, "deviceManagement/mobileThreatDefenseConnectors", found)
                : throw new GraphException(404, "ResourceNotFound", $"The connector '{id}' was not found."),
            _ => throw GraphException.NoSegment(rest[1]),
        };
    }
}
