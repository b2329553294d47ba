using System.Collections.Immutable;
using System.Globalization;
using MdbDeploy.Planning;
using MdbDeploy.Projects;

namespace MdbDeploy.Targets.Status;

/// <summary>Which rings may be pushed now. A pure function of the project, the status and the time.</summary>
public static class RingGates
{
    /// <summary>Looks at every ring that has a gate.</summary>
    /// <param name="rings">The rings of the project.</param>
    /// <param name="status">Where every device stands.</param>
    /// <param name="now">The time.</param>
    public static ImmutableArray<GateState> Evaluate(ImmutableArray<RingSettings> rings, ImmutableArray<DeviceStatus> status, DateTimeOffset now)
    {
        var counts = rings.ToDictionary(ring => ring.Name, _ => new RingCount(), StringComparer.OrdinalIgnoreCase);
        foreach (var device in status)
        {
            if (device.Planned is { Ring: { } ring, Method: not Methods.None } && counts.TryGetValue(ring, out var count))
            {
                count.Add(device.State);
            }
        }

        return [.. rings.Where(ring => ring.Gate is not null).Select(ring => Evaluate(ring.Name, ring.Gate!, counts, now))];
    }

    private static GateState Evaluate(string ring, RingGate gate, Dictionary<string, RingCount> counts, DateTimeOffset now)
    {
        if (gate.NotBefore is { } moment && now < moment)
        {
            return new(ring, false, string.Create(CultureInfo.InvariantCulture, $"It is not pushed before {moment.UtcDateTime:yyyy-MM-dd HH:mm} UTC."));
        }

        if (gate.After is not { } after || !counts.TryGetValue(after, out var count))
        {
            return new(ring, true, "Its moment has come.");
        }

        if (count.All == 0)
        {
            // Nothing was proven. Opening would let a misspelt 'match' of the first ring send everything to everybody.
            return new(ring, false, $"It waits for '{after}', which has no devices: correct that ring, or wait for another.");
        }

        var failed = gate.When.FirstOrDefault(condition => !condition.Holds(count.Of(condition.Count), count.All));
        return failed is null
            ? new(ring, true, $"'{after}': {count.Text(GateCount.Onboarded)}.")
            : new(ring, false, $"It waits for '{after}': {failed} is asked, and {count.Text(failed.Count)}.");
    }

    private sealed class RingCount
    {
        private readonly int[] states = new int[Enum.GetValues<OnboardingState>().Length];

        public int All { get; private set; }

        public void Add(OnboardingState state)
        {
            states[(int)state]++;
            All++;
        }

        public int Of(GateCount what) => states[(int)(what switch
        {
            GateCount.Onboarded => OnboardingState.Onboarded,
            GateCount.Waiting => OnboardingState.Waiting,
            _ => OnboardingState.Attention,
        })];

        public string Text(GateCount what) => string.Create(CultureInfo.InvariantCulture,
            $"{Of(what)} of {All} {(All == 1 ? "device" : "devices")} ({Of(what) * 100.0 / All:0.#}%) {(what switch { GateCount.Onboarded => "are onboarded", GateCount.Waiting => "wait", _ => "need attention" })}");
    }
}

/// <summary>Whether a ring may be pushed.</summary>
/// <param name="Ring">Name of the ring.</param>
/// <param name="IsOpen">Whether it may.</param>
/// <param name="Why">Why, as a sentence with the numbers it was decided by.</param>
public sealed record GateState(string Ring, bool IsOpen, string Why);
