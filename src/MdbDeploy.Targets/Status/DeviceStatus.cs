using MdbDeploy.Planning;

namespace MdbDeploy.Targets.Status;

/// <summary>Where one device stands.</summary>
/// <param name="Planned">The device and its plan.</param>
/// <param name="State">Where it stands, in four words.</param>
/// <param name="Detail">Why, in a sentence or two, and what to do.</param>
/// <param name="LastSeen">When a live system last heard from it.</param>
public sealed record DeviceStatus(PlannedDevice Planned, OnboardingState State, string Detail, DateTimeOffset? LastSeen)
{
    /// <summary>Where it stands, in detail.</summary>
    public DeviceCondition Condition { get; init; } = State switch
    {
        OnboardingState.Onboarded => DeviceCondition.Onboarded,
        OnboardingState.Waiting => DeviceCondition.Waiting,
        OnboardingState.Attention => DeviceCondition.Failed,
        _ => DeviceCondition.NotPlanned,
    };

    /// <summary>Of one that waits: since when, and what is normal, in a sentence; null where the history does not tell.</summary>
    public string? Delay { get; init; }

    /// <summary>All that is to be said of it.</summary>
    public string Told => Delay is null ? Detail : $"{Detail} {Delay}";

    /// <summary>Since when it has been in this condition, as far as the history tells; null when it does not.</summary>
    public DateTimeOffset? Since { get; init; }
}

/// <summary>Where a device stands, as gates and charts count it.</summary>
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

/// <summary>Where a device stands, in detail. The numbers are kept in the history: they never change their meaning.</summary>
public enum DeviceCondition
{
    /// <summary>A live system reports it as onboarded, and its sensor works.</summary>
    Onboarded = 0,

    /// <summary>It is planned and not onboarded yet.</summary>
    Waiting = 1,

    /// <summary>Onboarding failed, or the sensor does not work.</summary>
    Failed = 2,

    /// <summary>No system has heard from it for longer than is normal.</summary>
    Unreachable = 3,

    /// <summary>It reports to another organisation than the project's.</summary>
    WrongOrganization = 4,

    /// <summary>It has several entries.</summary>
    Duplicate = 5,

    /// <summary>It is onboarded, and the plan leaves it out.</summary>
    Unexpected = 6,

    /// <summary>The plan leaves it out, rightly.</summary>
    NotPlanned = 7,

    /// <summary>An entry that no longer reports, of no device of the inventory.</summary>
    Ghost = 8,
}
