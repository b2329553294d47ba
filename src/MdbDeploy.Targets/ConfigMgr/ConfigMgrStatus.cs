using System.Globalization;
using System.Text.Json.Nodes;
using MdbDeploy.Targets.Status;

namespace MdbDeploy.Targets.ConfigMgr;

/// <summary>What clients report to Configuration Manager of Defender.</summary>
public static class ConfigMgrStatus
{
    private const string Source = "Configuration Manager";

    // WMI's "never" (1970-01-01, 1980-01-01) comes as a date.
    private static readonly DateTimeOffset Never = new(1981, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// Reads SMS_G_System_AdvancedThreatProtectionHealthStatus (hardware inventory: as old as the device's last one) and joins the names by ResourceID.
    /// </summary>
    /// <param name="connection">The site.</param>
    /// <param name="organizationId">Organisation of the onboarding package; a device that reports to another one needs attention. Null does not compare.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="TargetException">The site could not be read.</exception>
    public static async Task<IReadOnlyList<ReportedDevice>> ReadAsync(ConfigMgrConnection connection, string? organizationId, CancellationToken cancellationToken)
    {
        var service = new AdminService(connection.Client);
        var health = await service.ListAsync("wmi/SMS_G_System_AdvancedThreatProtectionHealthStatus", null, [], cancellationToken);
        if (health.Count == 0)
        {
            return [];
        }

        var systems = await service.ListAsync("wmi/SMS_R_System", null, ["ResourceId", "Name", "FullDomainName", "AADDeviceID", "Obsolete"], cancellationToken);
        var byId = systems.Where(s => s["ResourceId"] is not null).DistinctBy(s => s["ResourceId"]!.ToString()).ToDictionary(s => s["ResourceId"]!.ToString(), StringComparer.Ordinal);
        return [.. health.Select(h => byId.TryGetValue(h["ResourceID"]?.ToString() ?? "", out var system) ? Device(h, system, organizationId) : null).OfType<ReportedDevice>()];
    }

    private static ReportedDevice Device(JsonObject health, JsonObject system, string? organizationId)
    {
        var senses = IsOn(health["SenseIsRunning"]);
        var organization = health["OrgId"]?.ToString();
        var isElsewhere = organizationId is not null && organization is { Length: > 0 } && !string.Equals(organization, organizationId, StringComparison.OrdinalIgnoreCase);
        return new ReportedDevice
        {
            Source = Source,
            EntraDeviceId = Guid.TryParse(system["AADDeviceID"]?.ToString(), out var id) && id != Guid.Empty ? id : null,
            DnsName = DnsName(system),
            IsOnboarded = IsOn(health["OnboardingState"]),
            IsElsewhere = isElsewhere,
            IsHealthy = senses && !isElsewhere,
            Health = isElsewhere ? $"reports to another organisation, {organization}" : senses ? "running" : "the sensor is not running",
            LastSeen = LastSeen(health["LastConnected"]),
        };
    }

    private static string? DnsName(JsonObject system) =>
        (system["Name"]?.ToString(), system["FullDomainName"]?.ToString()) switch
        {
            (null or "", _) => null,
            var (name, domain) when !string.IsNullOrEmpty(domain) => $"{name}.{domain}".ToLowerInvariant(),
            var (name, _) => name,
        };

    private static DateTimeOffset? LastSeen(JsonNode? value) =>
        DateTimeOffset.TryParse(value?.ToString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) && time > Never ? time.ToUniversalTime() : null;

    // Booleans of WMI come as numbers in some classes.
    private static bool IsOn(JsonNode? value) => value?.ToString() is "1" or "true";
}
