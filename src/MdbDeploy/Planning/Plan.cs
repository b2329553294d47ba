using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using MdbDeploy.Diagnostics;
using MdbDeploy.Inventory;

namespace MdbDeploy.Planning;

/// <summary>The answer for every device: which method, in which ring, and why. A pure function of inventory, project, requirements and time.</summary>
/// <param name="AsOf">The moment staleness was judged at.</param>
/// <param name="Devices">Every device of the fleet, in the fleet's order.</param>
/// <param name="Rings">The rings, in roll-out order.</param>
/// <param name="Diagnostics">What the planner noticed: limits, rings that match nothing, missing packages.</param>
public sealed record Plan(
    DateTimeOffset AsOf,
    PlannedDevices Devices,
    ImmutableArray<PlannedRing> Rings,
    ImmutableArray<Diagnostic> Diagnostics);

/// <summary>What was decided for some devices; see <see cref="PlannedDevice"/> for what each of these says of one.</summary>
/// <param name="Eligibility">Whether they meet the requirements.</param>
/// <param name="Method">Onboarding method.</param>
/// <param name="Offboarding">The method by which they are offboarded; null when they are not.</param>
/// <param name="Ring">Name of the ring; null when they are in none.</param>
/// <param name="Reasons">The reasons, in the order in which they were decided.</param>
/// <param name="Attention">Why a person should look at them; null when nobody needs to.</param>
public sealed record PlanOutcome(Eligibility Eligibility, string Method, string? Offboarding, string? Ring, ImmutableArray<string> Reasons, string? Attention);

/// <summary>What is planned for one device.</summary>
public sealed record PlannedDevice
{
    private readonly DeviceRows? rows;
    private readonly int row;
    private Device? device;

    /// <summary>Plans a device.</summary>
    public PlannedDevice()
    {
    }

    /// <summary>The device of a row, made when it is asked for.</summary>
    [SetsRequiredMembers]
#pragma warning disable CS8618 // Device is made when it is asked for.
    internal PlannedDevice(DeviceRows rows, int row, PlanOutcome outcome)
#pragma warning restore CS8618
    {
        this.rows = rows;
        this.row = row;
        (Eligibility, Method, Offboarding, Ring, Reasons, Attention) = outcome;
    }

    /// <summary>The device.</summary>
    public required Device Device { get => device ??= rows!.Device(row); init => device = value; }

    /// <summary>Whether it meets the requirements.</summary>
    public required Eligibility Eligibility { get; init; }

    /// <summary>Onboarding method, a name of <see cref="Methods"/> or of a channel.</summary>
    public required string Method { get; init; }

    /// <summary>
    /// The method by which it is offboarded; null when it is not. A device that is offboarded has the <see cref="Method"/> <see cref="Methods.None"/> and no
    /// <see cref="Ring"/>: it is never in both sets.
    /// </summary>
    public string? Offboarding { get; init; }

    /// <summary>Name of the ring; null when the device is in none.</summary>
    public string? Ring { get; init; }

    /// <summary>The reasons, in the order in which they were decided: requirements, method, ring. Sentences.</summary>
    public required ImmutableArray<string> Reasons { get; init; }

    /// <summary>Why a person should look at this device; null when nobody needs to.</summary>
    public string? Attention { get; init; }
}

/// <summary>A ring and how many devices came into it.</summary>
/// <param name="Name">Name of the ring.</param>
/// <param name="Index">Position in roll-out order, from 0.</param>
/// <param name="Devices">Number of devices.</param>
public sealed record PlannedRing(string Name, int Index, int Devices);

/// <summary>Whether a device meets the requirements. Unknown is a third answer, never a pass.</summary>
public enum Eligibility
{
    /// <summary>All requirements are met.</summary>
    Eligible,

    /// <summary>A requirement could not be checked with what the inventory says.</summary>
    Unknown,

    /// <summary>A requirement is not met.</summary>
    Ineligible,
}
