using System.Collections;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
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

/// <summary>
/// The planned devices. What was decided is held once for all devices it was decided for; a <see cref="PlannedDevice"/> is made when it is asked for.
/// </summary>
[CollectionBuilder(typeof(PlannedDevices), nameof(Of))]
public sealed class PlannedDevices : IReadOnlyList<PlannedDevice>
{
    private readonly int[] outcomes;

    internal PlannedDevices(DeviceTable table, int[] outcomes, ImmutableArray<PlanOutcome> kinds)
    {
        Table = table;
        this.outcomes = outcomes;
        Outcomes = kinds;
    }

    /// <summary>Number of devices.</summary>
    public int Length => outcomes.Length;

    /// <summary>Number of devices.</summary>
    public int Count => outcomes.Length;

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => outcomes.Length == 0;

    /// <summary>The devices.</summary>
    internal DeviceTable Table { get; }

    /// <summary>Everything that was decided for some device.</summary>
    internal ImmutableArray<PlanOutcome> Outcomes { get; }

    /// <summary>The planned device at a position.</summary>
    public PlannedDevice this[int index] => new(Table, index, Outcomes[outcomes[index]]);

    /// <summary>The planned devices given, in their order.</summary>
    public static PlannedDevices Of(ReadOnlySpan<PlannedDevice> devices)
    {
        var (table, outcomes) = (new Device[devices.Length], new int[devices.Length]);
        var kinds = ImmutableArray.CreateBuilder<PlanOutcome>(devices.Length);
        for (var i = 0; i < devices.Length; i++)
        {
            (table[i], outcomes[i]) = (devices[i].Device, i);
            kinds.Add(new PlanOutcome(devices[i].Eligibility, devices[i].Method, devices[i].Ring, devices[i].Reasons, devices[i].Attention, devices[i].Offboarding));
        }

        return new PlannedDevices(DeviceTable.Of(table), outcomes, kinds.MoveToImmutable());
    }

    /// <summary>Those that a method onboards, or offboards.</summary>
    /// <param name="method">The method.</param>
    /// <param name="offboarding">Whether those are meant that it offboards.</param>
    public PlannedDevices With(string method, bool offboarding = false)
    {
        var indices = Enumerable.Range(0, Length).Where(i => (offboarding ? Outcomes[outcomes[i]].Offboarding : Outcomes[outcomes[i]].Method) == method).ToArray();
        return new PlannedDevices(Table.At(indices), [.. indices.Select(i => outcomes[i])], Outcomes);
    }

    /// <inheritdoc/>
    public IEnumerator<PlannedDevice> GetEnumerator()
    {
        for (var i = 0; i < outcomes.Length; i++)
        {
            yield return this[i];
        }
    }

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The owners of some devices, ignoring case: how many devices each has, and the position of the first.</summary>
    internal IReadOnlyCollection<(int Devices, int First)> CountOwners(Func<PlannedDevice, bool> which)
    {
        // By 64 bits of hash: two of a million owners fall together once in ten million fleets, and a count would be one off.
        var owners = new Dictionary<ulong, (int Devices, int First)>();
        for (var i = 0; i < outcomes.Length; i++)
        {
            var owner = Table.Rows.Own(Table.RowOf(i)).Owner;
            if (!owner.IsEmpty && which(this[i]))
            {
                ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(owners, RowKey.LongHashOf(owner), out var exists);
                known = exists ? known with { Devices = known.Devices + 1 } : (1, i);
            }
        }

        return owners.Values;
    }

    /// <summary>Index of what was decided for the device at a position.</summary>
    internal int OutcomeOf(int index) => outcomes[index];
}

/// <summary>What was decided for some devices.</summary>
internal sealed record PlanOutcome(Eligibility Eligibility, string Method, string? Ring, ImmutableArray<string> Reasons, string? Attention, string? Offboarding);

/// <summary>What is planned for one device.</summary>
public sealed record PlannedDevice
{
    private readonly DeviceTable? table;
    private readonly int index;
    private Device? device;

    /// <summary>Plans a device.</summary>
    public PlannedDevice()
    {
    }

    /// <summary>The device at a position of a table, made when it is asked for.</summary>
    [SetsRequiredMembers]
#pragma warning disable CS8618 // Device is made when it is asked for.
    internal PlannedDevice(DeviceTable table, int index, PlanOutcome outcome)
#pragma warning restore CS8618
    {
        this.table = table;
        this.index = index;
        (Eligibility, Method, Ring, Reasons, Attention, Offboarding) = outcome;
    }

    /// <summary>The device.</summary>
    public required Device Device { get => device ??= table![index]; init => device = value; }

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

    /// <summary>The device as far as it shares its fields with others, which needs no new object: no name, ids, owner or date.</summary>
    internal Device Shared => device ?? table!.Prototype(index);

    /// <summary>When the device was last seen.</summary>
    internal DateTimeOffset? LastSeen => device is { } made ? made.LastSeen : table!.Rows.LastSeen(table.RowOf(index));
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
