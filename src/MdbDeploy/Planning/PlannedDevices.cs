using System.Collections;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MdbDeploy.Inventory;

namespace MdbDeploy.Planning;

/// <summary>
/// The planned devices. What was decided is held once for all devices it was decided for; a <see cref="PlannedDevice"/> is made when it is asked for.
/// </summary>
[CollectionBuilder(typeof(PlannedDevices), nameof(Of))]
public sealed class PlannedDevices : IReadOnlyList<PlannedDevice>
{
    // No more than there are rows in a block, so that a table for each block costs less than its rows.
    private const int MostPairs = 1 << 14;

    // By row of the table.
    private readonly int[] outcomes;
    private ImmutableArray<DeviceGroup> groups;

    internal PlannedDevices(DeviceTable table, int[] outcomes, ImmutableArray<PlanOutcome> kinds)
    {
        Table = table;
        this.outcomes = outcomes;
        Outcomes = kinds;
    }

    /// <summary>Number of devices.</summary>
    public int Length => Table.Length;

    /// <summary>Number of devices.</summary>
    public int Count => Table.Length;

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => Table.Length == 0;

    /// <summary>The devices.</summary>
    internal DeviceTable Table { get; }

    /// <summary>Everything that was decided for some device.</summary>
    internal ImmutableArray<PlanOutcome> Outcomes { get; }

    private ImmutableArray<DeviceGroup> Groups => groups.IsDefault ? groups = FindGroups() : groups;

    /// <summary>The planned device at a position.</summary>
    public PlannedDevice this[int index] => new(Table.Rows, Table.RowOf(index), Outcomes[OutcomeOf(index)]);

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

    /// <summary>What was decided, each with the number of devices it was decided for, which is at least one.</summary>
    public IReadOnlyList<(PlanOutcome Outcome, int Devices)> Tally() =>
        [.. Groups.GroupBy(group => group.Outcome).OrderBy(groups => groups.Key).Select(groups => (Outcomes[groups.Key], groups.Sum(group => group.Devices)))];

    /// <summary>Number of devices with an outcome.</summary>
    public int CountOf(Func<PlanOutcome, bool> which) => CountMatching(which);

    /// <summary>
    /// The devices with an outcome and with some shared fields. Both questions are asked once per outcome and combination of fields, and no object is made for a device that is not
    /// among them: with a million devices that is what a pass costs.
    /// </summary>
    /// <param name="outcome">Whether an outcome is wanted; null takes all.</param>
    /// <param name="shared">Whether a device is wanted, which has no name, ids, owner or date; null takes all.</param>
    public IEnumerable<PlannedDevice> Matching(Func<PlanOutcome, bool>? outcome, Func<Device, bool>? shared = null) =>
        Rows(outcome, shared).Select(row => new PlannedDevice(Table.Rows, row, Outcomes[outcomes[row]]));

    /// <summary>Whether <see cref="Matching"/> gives the device of a row; to be asked by several threads.</summary>
    internal Func<int, bool> IsAmong(Func<PlanOutcome, bool>? outcome, Func<Device, bool>? shared = null)
    {
        var (wantedOutcomes, wantedShared) = (new bool[Outcomes.Length], new bool[Table.Rows.SharedCount]);
        foreach (var group in Wanted(outcome, shared))
        {
            (wantedOutcomes[group.Outcome], wantedShared[group.Shared]) = (true, true);
        }

        return row => wantedOutcomes[outcomes[row]] && wantedShared[Table.Rows.SharedOf(row)];
    }

    /// <summary>How many devices <see cref="Matching"/> gives. No device is looked at.</summary>
    internal int CountMatching(Func<PlanOutcome, bool>? outcome, Func<Device, bool>? shared = null) => Wanted(outcome, shared).Sum(group => group.Devices);

    private IEnumerable<DeviceGroup> Wanted(Func<PlanOutcome, bool>? outcome, Func<Device, bool>? shared) =>
        Groups.Where(group => (outcome is null || outcome(Outcomes[group.Outcome])) && (shared is null || shared(Table.Rows.Prototype(group.Shared))));

    private IEnumerable<int> Rows(Func<PlanOutcome, bool>? outcome, Func<Device, bool>? shared) =>
        Wanted(outcome, shared).Any() ? Table.Ordered.Where(IsAmong(outcome, shared)) : [];

    /// <summary>The devices by outcome and shared fields.</summary>
    private ImmutableArray<DeviceGroup> FindGroups()
    {
        if (Table.Length == Table.Rows.Count && (long)Outcomes.Length * Table.Rows.SharedCount <= MostPairs)
        {
            return CountPairs();
        }

        var counts = new Dictionary<(int Outcome, int Shared), int>();
        foreach (var row in Table.Unordered)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(counts, (outcomes[row], Table.Rows.SharedOf(row)), out _)++;
        }

        return [.. counts.Select(pair => new DeviceGroup(pair.Key.Outcome, pair.Key.Shared, pair.Value))];
    }

    private ImmutableArray<DeviceGroup> CountPairs()
    {
        var (rows, all) = (Table.Rows, new int[Outcomes.Length * Table.Rows.SharedCount]);
        rows.InBlocks((from, end) =>
        {
            var some = new int[all.Length];
            for (var row = from; row < end; row++)
            {
                some[(outcomes[row] * rows.SharedCount) + rows.SharedOf(row)]++;
            }

            lock (all)
            {
                for (var pair = 0; pair < all.Length; pair++)
                {
                    all[pair] += some[pair];
                }
            }
        });
        return [.. all.Select((count, pair) => new DeviceGroup(pair / rows.SharedCount, pair % rows.SharedCount, count)).Where(group => group.Devices > 0)];
    }

    private PlannedDevices Where(Func<PlanOutcome, bool> which) => new(new DeviceTable(Table.Rows, [.. Rows(which, null)]), outcomes, Outcomes);

    /// <inheritdoc/>
    public IEnumerator<PlannedDevice> GetEnumerator()
    {
        for (var i = 0; i < Table.Length; i++)
        {
            yield return this[i];
        }
    }

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>How many devices were ever seen, and when the last of them was.</summary>
    internal (int Devices, DateTimeOffset Newest) LastSeen()
    {
        var (devices, newest) = (0, 0L);
        foreach (var row in Table.Unordered)
        {
            if (Table.Rows.LastSeenTicks(row) is >= 0 and var seen)
            {
                (devices, newest) = (devices + 1, Math.Max(newest, seen));
            }
        }

        return (devices, new DateTimeOffset(newest, TimeSpan.Zero));
    }

    /// <summary>Index of what was decided for the device at a position.</summary>
    internal int OutcomeOf(int index) => outcomes[Table.RowOf(index)];

    /// <summary>Tells that the device at a position, and what was decided for it, will be asked for soon.</summary>
    internal void Fetch(int index)
    {
        var row = Table.RowOf(index);
        Memory.Fetch(ref outcomes[row]);
        Table.Rows.Fetch(row);
    }

    /// <summary>Index of what was decided for the device of a row.</summary>
    internal int OutcomeOfRow(int row) => outcomes[row];

    /// <summary>Devices that have outcome and shared fields in common.</summary>
    private readonly record struct DeviceGroup(int Outcome, int Shared, int Devices);
}
