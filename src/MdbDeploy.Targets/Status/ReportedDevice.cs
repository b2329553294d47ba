namespace MdbDeploy.Targets.Status;

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

    /// <summary>Whether it reports to another organisation than the project's package.</summary>
    public bool IsElsewhere { get; init; }

    /// <summary>Whether the sensor works.</summary>
    public bool IsHealthy { get; init; } = true;

    /// <summary>The system's own word for the sensor's health.</summary>
    public string? Health { get; init; }

    /// <summary>When the system last heard from it.</summary>
    public DateTimeOffset? LastSeen { get; init; }
}
