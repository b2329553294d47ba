using System.Collections.Immutable;
using MdbDeploy.Inventory;
using MdbDeploy.Planning;

namespace MdbDeploy.Targets.Status;

/// <summary>Expected against actual: which planned devices a live system reports as onboarded. A pure function of the plan and what was read.</summary>
public static class OnboardingStatus
{
    /// <summary>Compares a plan with what the live systems report.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="reported">Every device that any system reports. Several reports of one device are normal: old records stay after re-onboarding, the newest counts.</param>
    public static ImmutableArray<DeviceStatus> Compare(Plan plan, IEnumerable<ReportedDevice> reported)
    {
        var byId = new Dictionary<Guid, ReportedDevice>();
        var byDns = new Dictionary<string, ReportedDevice>(StringComparer.OrdinalIgnoreCase);
        var byName = new Dictionary<string, ReportedDevice>(StringComparer.OrdinalIgnoreCase);
        var ambiguous = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var device in reported.OrderBy(d => d.LastSeen ?? DateTimeOffset.MinValue))
        {
            if (device.EntraDeviceId is { } id && id != Guid.Empty)
            {
                byId[id] = device;
            }

            if (device.DnsName is not { Length: > 0 } dns)
            {
                continue;
            }

            byDns[dns] = device;
            var name = dns.Split('.')[0];
            if (byName.TryGetValue(name, out var other) && !string.Equals(other.DnsName, dns, StringComparison.OrdinalIgnoreCase))
            {
                ambiguous.Add(name);
            }

            byName[name] = device;
        }

        return [.. plan.Devices.Select(planned => Status(planned, Find(planned.Device)))];

        // Names alone decide only where nothing better is known and nobody else bears the name.
        ReportedDevice? Find(Device device) =>
            device.EntraDeviceId is { } id && byId.TryGetValue(id, out var found) ? found
            : device.Fqdn is { } fqdn && byDns.TryGetValue(fqdn, out found) ? found
            : !ambiguous.Contains(device.Name) && byName.TryGetValue(device.Name, out found) && !Contradicts(device, found) ? found
            : null;
    }

    private static bool Contradicts(Device device, ReportedDevice found) =>
        (device.EntraDeviceId is { } id && found.EntraDeviceId is { } other && other != Guid.Empty && id != other)
        || (device.Fqdn is { } fqdn && found.DnsName is { } dns && dns.Contains('.', StringComparison.Ordinal) && !string.Equals(fqdn, dns, StringComparison.OrdinalIgnoreCase));

    private static DeviceStatus Status(PlannedDevice planned, ReportedDevice? found)
    {
        var expected = planned.Method != Methods.None;
        var (state, detail) = (expected, found) switch
        {
            (_, { IsOnboarded: true }) when planned.Device.IsGoldenImage => (OnboardingState.Attention, $"{found.Source} reports this golden image as onboarded: every clone will share its identity."),
            (_, { IsOnboarded: true }) when planned.Offboarding is not null => (OnboardingState.Attention, $"To be offboarded, and {found.Source} still reports it as onboarded."),
            (_, { IsOnboarded: true, IsHealthy: false }) => (OnboardingState.Attention, $"Onboarded, but {found.Source} reports '{found.Health}'."),
            (true, { IsOnboarded: true }) => (OnboardingState.Onboarded, $"{found.Source} reports it as onboarded."),
            (false, { IsOnboarded: true }) => (OnboardingState.Onboarded, $"{found.Source} reports it as onboarded, though the plan leaves it out."),
            (true, null) => (OnboardingState.Waiting, planned.Attention ?? "No system reports it yet."),
            (true, _) => (OnboardingState.Waiting, $"{found!.Source} knows it, not onboarded yet."),
            _ => planned.Attention is { } reason ? (OnboardingState.Attention, reason) : (OnboardingState.NotPlanned, planned.Reasons[^1]),
        };
        return new DeviceStatus(planned, state, detail, found?.LastSeen);
    }
}

/// <summary>A device as a live system reports it.</summary>
public sealed record ReportedDevice
{
    /// <summary>The system, for people: <c>Defender</c>, <c>Configuration Manager</c>.</summary>
    public required string Source { get; init; }

    /// <summary>The system's own identifier of the entry; null when it has none.</summary>
    public string? Id { get; init; }

    /// <summary>Whether the system itself takes the entry for a duplicate of another.</summary>
    public bool IsPotentialDuplicate { get; init; }

    /// <summary>Entra device id; null when the system does not know it.</summary>
    public Guid? EntraDeviceId { get; init; }

    /// <summary>DNS name, or the bare computer name where the system knows no more.</summary>
    public string? DnsName { get; init; }

    /// <summary>Whether it is onboarded.</summary>
    public required bool IsOnboarded { get; init; }

    /// <summary>Whether the sensor works.</summary>
    public bool IsHealthy { get; init; } = true;

    /// <summary>The system's own word for the sensor's health.</summary>
    public string? Health { get; init; }

    /// <summary>When the system last heard from it.</summary>
    public DateTimeOffset? LastSeen { get; init; }
}

/// <summary>Where one device stands.</summary>
/// <param name="Planned">The device and its plan.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Detail">Why, in a sentence.</param>
/// <param name="LastSeen">When a live system last heard from it.</param>
public sealed record DeviceStatus(PlannedDevice Planned, OnboardingState State, string Detail, DateTimeOffset? LastSeen);

/// <summary>Where a device stands.</summary>
public enum OnboardingState
{
    /// <summary>A live system reports it as onboarded.</summary>
    Onboarded,

    /// <summary>It is planned and nothing is in the way; no system reports it yet.</summary>
    Waiting,

    /// <summary>A person should look.</summary>
    Attention,

    /// <summary>The plan leaves it out, rightly.</summary>
    NotPlanned,
}
