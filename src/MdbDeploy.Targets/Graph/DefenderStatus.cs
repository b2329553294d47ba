using System.Text.Json;
using MdbDeploy.Targets.Http;
using MdbDeploy.Targets.Status;

namespace MdbDeploy.Targets.Graph;

/// <summary>Which devices Defender for Endpoint knows: <c>GET /api/machines</c> (learn.microsoft.com/defender-endpoint/api/get-machines).</summary>
public static class DefenderStatus
{
    /// <summary>
    /// Reads all machines, in pages of 10,000. A device that was onboarded again has several rows; those merged into another are left out, of the others the last seen counts.
    /// </summary>
    /// <param name="defender">Client of the API of Defender, see <see cref="GraphConnection.Defender"/>.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="TargetException">The machines could not be read.</exception>
    public static async Task<IReadOnlyList<ReportedDevice>> ReadAsync(RestClient defender, CancellationToken cancellationToken)
    {
        var machines = new List<ReportedDevice>();
        // No $top: with it the service takes the page for all that is wanted and names no next one.
        await foreach (var row in defender.ListAsync("api/machines", cancellationToken: cancellationToken))
        {
            if (Json.Text(row["mergedIntoMachineId"]) is { Length: > 0 })
            {
                continue;
            }

            var health = Json.Text(row["healthStatus"]);
            machines.Add(new ReportedDevice
            {
                Source = PoolStatus.DefenderSource,
                Id = Json.Text(row["id"]),
                IsPotentialDuplicate = row["isPotentialDuplication"]?.GetValueKind() == JsonValueKind.True,
                EntraDeviceId = Guid.TryParse(Json.Text(row["aadDeviceId"]), out var id) && id != Guid.Empty ? id : null,
                DnsName = Json.Text(row["computerDnsName"]),
                IsOnboarded = string.Equals(Json.Text(row["onboardingStatus"]), "Onboarded", StringComparison.OrdinalIgnoreCase),
                IsHealthy = string.Equals(health, "Active", StringComparison.OrdinalIgnoreCase),
                Health = health,
                LastSeen = Json.Time(row["lastSeen"]),
            });
        }

        return machines;
    }
}
