using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace MdbDeploy.Lab.Graph;

/// <summary>
/// <c>deviceManagement/reports</c>, beta only: what became of a policy on devices, and whose antivirus needs attention. Tables that describe themselves, sent as application/octet-stream.
/// </summary>
internal sealed partial class Reports(LabState state)
{
    private const int MostRows = 1000;

    private static readonly string[] PolicyColumns = ["IntuneDeviceId", "DeviceName", "UPN", "PolicyId", "ReportStatus", "PspdpuLastModifiedTimeUtc"];

    private static readonly string[] AgentColumns =
        ["DeviceId", "DeviceName", "DeviceState", "MalwareProtectionEnabled", "RealTimeProtectionEnabled", "SignatureUpdateOverdue", "CriticalFailure", "PendingReboot", "PendingFullScan", "LastReportedDateTime", "UPN"];

    public LabAnswer Answer(LabRequest request, string[] rest) => (request.Method, rest) switch
    {
        ("POST", ["getConfigurationPolicyDevicesReport"]) => Table(request, PolicyColumns, PolicyDevices),
        ("POST", ["getUnhealthyDefenderAgentsReport"]) => Table(request, AgentColumns, UnhealthyAgents),
        (_, ["getConfigurationPolicyDevicesReport" or "getUnhealthyDefenderAgentsReport"]) => throw GraphException.NoMethod(),
        _ => throw GraphException.NoSegment(rest.LastOrDefault() ?? "reports"),
    };

    private IEnumerable<Dictionary<string, JsonNode?>> PolicyDevices(string? filter)
    {
        var id = PolicyFilter().Match(filter ?? "") is { Success: true } match ? match.Groups["id"].Value : throw GraphException.BadRequest("The report needs a filter by PolicyId.");
        var policy = state.ConfigurationPolicies.FirstOrDefault(p => p.Id == id);
        return policy is null ? [] : state.Onboarding.Reached(policy).Select(computer => new Dictionary<string, JsonNode?>
        {
            ["IntuneDeviceId"] = computer.ManagedDeviceId,
            ["DeviceName"] = computer.Seed.Name,
            ["UPN"] = "",
            ["PolicyId"] = id,
            ["ReportStatus"] = state.Onboarding.Outcome(computer),
            ["PspdpuLastModifiedTimeUtc"] = Timestamp.Of(state.Now),
        });
    }

    private IEnumerable<Dictionary<string, JsonNode?>> UnhealthyAgents(string? filter) => filter is not null
        ? throw GraphException.BadRequest("The lab's report takes no filter.")
        : state.Computers.Where(c => c.Seed is { InIntune: true, AntivirusOff: true }).Select(computer => new Dictionary<string, JsonNode?>
        {
            ["DeviceId"] = computer.ManagedDeviceId,
            ["DeviceName"] = computer.Seed.Name,
            ["DeviceState"] = "Critical",
            ["MalwareProtectionEnabled"] = true,
            ["RealTimeProtectionEnabled"] = false,
            ["SignatureUpdateOverdue"] = true,
            ["CriticalFailure"] = false,
            ["PendingReboot"] = false,
            ["PendingFullScan"] = false,
            ["LastReportedDateTime"] = Timestamp.Of(computer.LastSeen),
            ["UPN"] = "",
        });

    private static LabAnswer Table(LabRequest request, string[] columns, Func<string?, IEnumerable<Dictionary<string, JsonNode?>>> rows)
    {
        var body = request.ReadObject() ?? throw GraphException.BadRequest("Unable to read JSON request payload.");
        if (body.Select(p => p.Key).FirstOrDefault(k => k is not ("name" or "select" or "search" or "groupBy" or "orderBy" or "skip" or "top" or "sessionId" or "filter")) is { } unknown)
        {
            throw GraphException.BadRequest($"The parameter '{unknown}' in the request payload is not a valid parameter for the operation.");
        }

        var selected = Names(body, "select") is { Count: > 0 } asked ? asked : [.. columns];
        if (selected.Concat(Names(body, "orderBy")).FirstOrDefault(c => !columns.Contains(c)) is { } other)
        {
            throw GraphException.BadRequest($"The column '{other}' does not exist in the report.");
        }

        var (skip, top) = (Number(body, "skip") ?? 0, Number(body, "top") ?? 50);
        if (skip < 0 || top is < 1 or > MostRows)
        {
            throw GraphException.BadRequest($"skip must not be negative, and top be 1 to {MostRows.ToString(CultureInfo.InvariantCulture)}.");
        }

        var all = rows((string?)body["filter"]).OrderBy(r => string.Concat(Names(body, "orderBy").Select(c => r[c])), StringComparer.Ordinal).ToList();
        var table = new JsonObject
        {
            ["TotalRowCount"] = all.Count,
            // Not in the order asked for: clients must read the schema.
            ["Schema"] = new JsonArray([.. selected.Order(StringComparer.Ordinal).Select(c => (JsonNode)new JsonObject { ["Column"] = c, ["PropertyType"] = "String" })]),
            ["Values"] = new JsonArray([.. all.Skip(skip).Take(top).Select(row => (JsonNode)new JsonArray([.. selected.Order(StringComparer.Ordinal).Select(c => row[c])]))]),
            ["SessionId"] = "",
        };
        return new LabAnswer(200) { Text = ("application/octet-stream", table.ToJsonString()) };
    }

    private static List<string> Names(JsonObject body, string property) => body[property] switch
    {
        null => [],
        JsonArray list when list.All(n => n is JsonValue value && value.TryGetValue<string>(out _)) => [.. list.Select(n => (string)n!)],
        _ => throw GraphException.BadRequest($"'{property}' must be a list of columns."),
    };

    private static int? Number(JsonObject body, string property) =>
        body[property] is not { } node ? null : node is JsonValue value && value.TryGetValue<int>(out var number) ? number : throw GraphException.BadRequest($"'{property}' must be a number.");

    [GeneratedRegex(@"^\(?PolicyId eq '(?<id>[0-9a-f-]{36})'\)?$")]
    private static partial Regex PolicyFilter();
}
