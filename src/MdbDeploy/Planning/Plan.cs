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
            kinds.Add(new PlanOutcome(devices[i].Eligibility, devices[i].Method, devices[i].Offboarding, devices[i].Ring, devices[i].Reasons, devices[i].Attention));
        }

        return new PlannedDevices(DeviceTable.Of(table), outcomes, kinds.MoveToImmutable());
    }

    /// <summary>Those that are to be onboarded by a method.</summary>
    public PlannedDevices OnboardedBy(string method) => Where(outcome => outcome.Method == method);

    /// <summary>Those that are to be offboarded by a method.</summary>
    public PlannedDevices OffboardedBy(string method) => Where(outcome => outcome.Offboarding == method);

    /// <summary>How many devices have each of <see cref="Outcomes"/>.</summary>
    internal int[] Tally()
    {
        var tally = new int[Outcomes.Length];
        foreach (var outcome in outcomes)
        {
            tally[outcome]++;
        }

        return tally;
    }

    /// <summary>Number of devices with an outcome.</summary>
    internal int CountOf(Func<PlanOutcome, bool> which) => Tally().Where((_, outcome) => which(Outcomes[outcome])).Sum();

    /// <summary>
    /// The devices with an outcome and with some shared fields. Both questions are asked once per outcome and combination of fields, and no object is made for a device that is not
    /// among them: with a million devices that is what a pass costs.
    /// </summary>
    /// <param name="outcome">Whether an outcome is wanted; null takes all.</param>
    /// <param name="shared">Whether a device is wanted, which has no name, ids, owner or date; null takes all.</param>
    internal IEnumerable<PlannedDevice> Matching(Func<PlanOutcome, bool>? outcome, Func<Device, bool>? shared = null) => IndicesOf(outcome, shared).Select(i => this[i]);

    /// <summary>How many devices <see cref="Matching"/> gives.</summary>
    internal int CountMatching(Func<PlanOutcome, bool>? outcome, Func<Device, bool>? shared = null) => IndicesOf(outcome, shared).Count();

    private IEnumerable<int> IndicesOf(Func<PlanOutcome, bool>? outcome, Func<Device, bool>? shared)
    {
        var wanted = Outcomes.Select(o => outcome is null || outcome(o)).ToArray();
        if (!wanted.Contains(true))
        {
            yield break;
        }

        var known = new bool?[shared is null ? 0 : Table.Rows.SharedCount];
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (wanted[outcomes[i]] && (shared is null || (known[Table.Rows.SharedOf(Table.RowOf(i))] ??= shared(Table.Prototype(i)))))
            {
                yield return i;
            }
        }
    }

    private PlannedDevices Where(Func<PlanOutcome, bool> which)
    {
        var indices = IndicesOf(which, null).ToArray();
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

    /// <summary>How many devices were ever seen, and when the last of them was.</summary>
    internal (int Devices, DateTimeOffset Newest) LastSeen()
    {
        var (devices, newest) = (0, DateTimeOffset.MinValue);
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (Table.Rows.LastSeen(Table.RowOf(i)) is { } seen)
            {
                (devices, newest) = (devices + 1, seen > newest ? seen : newest);
            }
        }

        return (devices, newest);
    }

    /// <summary>The owners of some devices, ignoring case: how many devices each has, and the position of the first.</summary>
    internal IReadOnlyCollection<(int Devices, int First)> CountOwners(Func<PlanOutcome, bool> outcome, Func<Device, bool> shared)
    {
        // By 64 bits of hash: two of a million owners fall together once in ten million fleets, and a count would be one off.
        var owners = new Dictionary<ulong, (int Devices, int First)>();
        foreach (var i in IndicesOf(outcome, shared))
        {
            var owner = Table.Rows.Own(Table.RowOf(i)).Owner;
            if (!owner.IsEmpty)
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
internal sealed record PlanOutcome(Eligibility Eligibility, string Method, string? Offboarding, string? Ring, ImmutableArray<string> Reasons, string? Attention);

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
        (Eligibility, Method, Offboarding, Ring, Reasons, Attention) = outcome;
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
