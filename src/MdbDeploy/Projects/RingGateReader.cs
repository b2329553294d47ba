using System.Collections.Immutable;
using System.Globalization;
using MdbDeploy.Diagnostics;
using MdbDeploy.Yaml;

namespace MdbDeploy.Projects;

/// <summary>Reads the gates of the rings and finds those that could never open.</summary>
internal static class RingGateReader
{
    private static readonly string[] Moments = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd HH:mmK"];

    /// <summary>Reads the gate of one ring; null when it has none. A ring that says <c>when</c> and no <c>after</c> waits for the ring before it.</summary>
    /// <param name="map">The ring in mdbdeploy.yaml.</param>
    public static RingGate? Read(YamlMap map)
    {
        var (after, when, notBefore) = (map.Text("after"), map.Text("when"), map.Text("notBefore"));
        if (after is null && when is null && notBefore is null)
        {
            return null;
        }

        var conditions = ImmutableArray<GateCondition>.Empty;
        if (when is not null)
        {
            conditions = GateCondition.Parse(when, out var problem);
            if (problem is not null)
            {
                map.Report("when", problem, Problems.GateConditionInvalid);
            }
        }

        DateTimeOffset? earliest = null;
        if (notBefore is not null)
        {
            if (DateTimeOffset.TryParseExact(notBefore, Moments, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment))
            {
                earliest = moment;
            }
            else
            {
                map.Report("notBefore", "'notBefore' must be a date such as 2026-12-01, or a moment such as 2026-12-01T17:00+01:00. Without an offset it is UTC.");
            }
        }

        return new RingGate
        {
            After = after,
            When = conditions.IsEmpty && after is not null ? [GateCondition.AllOnboarded] : conditions,
            NotBefore = earliest,
            AfterAt = map.At(after is null ? "when" : "after"),
        };
    }

    /// <summary>Gives every gate the ring it waits for.</summary>
    public static ImmutableArray<RingSettings> Complete(ImmutableArray<RingSettings> rings) =>
    [
        .. rings.Select((ring, i) => i > 0 && ring.Gate is { After: null, When.IsEmpty: false } gate ? ring with { Gate = gate with { After = rings[i - 1].Name } } : ring),
    ];

    /// <summary>Rings that wait for a ring that does not exist, or for each other.</summary>
    public static IEnumerable<Diagnostic> Check(ImmutableArray<RingSettings> rings)
    {
        foreach (var ring in rings)
        {
            if (ring.Gate is { After: null, When.IsEmpty: false } first)
            {
                yield return Problems.GateWithoutRing.At(first.AfterAt, $"The ring '{ring.Name}' is the first and says 'when' without 'after': there is no ring before it to be measured.");
            }
            else if (ring.Gate is { After: { } after } gate)
            {
                if (Find(rings, after) is null)
                {
                    yield return Problems.GateWithoutRing.At(gate.AfterAt,
                        $"The ring '{ring.Name}' waits for '{after}', and there is no such ring.{(Nearest.To(after, rings.Select(r => r.Name)) is { } near ? $" Did you mean '{near}'?" : "")}");
                }
                else if (Cycle(rings, ring) is { } cycle)
                {
                    yield return Problems.GateCycle.At(gate.AfterAt, $"The gates wait for each other and would never open: {string.Join(" waits for ", cycle.Select(r => $"'{r.Name}'"))}.");
                }
            }
        }
    }

    private static RingSettings? Find(ImmutableArray<RingSettings> rings, string name) => rings.FirstOrDefault(ring => string.Equals(ring.Name, name, StringComparison.OrdinalIgnoreCase));

    // A cycle is told once, at the first of its rings.
    private static List<RingSettings>? Cycle(ImmutableArray<RingSettings> rings, RingSettings start)
    {
        var way = new List<RingSettings> { start };
        while (way[^1].Gate?.After is { } after && Find(rings, after) is { } next)
        {
            if (next == start)
            {
                return rings.First(way.Contains) == start ? [.. way, start] : null;
            }

            if (way.Contains(next))
            {
                return null;
            }

            way.Add(next);
        }

        return null;
    }
}
