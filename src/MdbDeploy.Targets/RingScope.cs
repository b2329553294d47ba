using System.Collections.Immutable;
using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Targets.Comparison;

namespace MdbDeploy.Targets;

/// <summary>The part of a bundle that one ring needs.</summary>
/// <param name="Desired">The ring's resources, what they need, and what needs them for this ring.</param>
/// <param name="Partial">Addresses of sets narrowed to the ring's items.</param>
internal sealed record RingScope(DesiredState Desired, ImmutableHashSet<string> Partial)
{
    /// <summary>Selects the part. Null selects everything.</summary>
    public static RingScope Select(DesiredState desired, string? ring)
    {
        if (ring is null)
        {
            return new(desired, []);
        }

        var all = desired.Resources.ToDictionary(r => r.Address, StringComparer.Ordinal);
        var chosen = desired.Resources.Where(IsOfRing).ToDictionary(r => r.Address, StringComparer.Ordinal);

        // A set of all rings, such as the assignments of the one policy, takes part with the items that refer to this ring's resources: without them the ring would be
        // prepared and nothing deployed to it.
        var narrowed = desired.Resources.Where(r => r.Ring is null && desired.Kinds.TryGetValue(r.Kind, out var kind) && !kind.Sets.IsEmpty)
            .Select(r => Narrow(r, desired.Kinds[r.Kind])).OfType<Resource>().ToList();
        foreach (var set in narrowed)
        {
            chosen[set.Address] = set;
        }

        var open = new Queue<Resource>(chosen.Values);
        while (open.TryDequeue(out var resource))
        {
            // What is in an object that the ring needs, such as the rules of the collection that limits it, belongs to it.
            var within = desired.Resources.Where(r => r.Ring is null && IsSetOf(r, resource.Address)).Select(r => r.Address);
            foreach (var needed in resource.DependsOn.Concat(within).Where(address => !chosen.ContainsKey(address) && all.ContainsKey(address)).ToList())
            {
                chosen[needed] = all[needed];
                open.Enqueue(all[needed]);
            }
        }

        return new(desired with { Resources = [.. chosen.Values.OrderBy(r => r.Address, StringComparer.Ordinal)] }, [.. narrowed.Select(r => r.Address)]);

        bool IsOfRing(Resource resource) => string.Equals(resource.Ring, ring, StringComparison.OrdinalIgnoreCase);

        bool IsSetOf(Resource set, string owner) => desired.Kinds.TryGetValue(set.Kind, out var kind) && !kind.Sets.IsEmpty
            && ResourceDocument.Placeholders(set.Path).Contains(owner) && !RefersToAnyRing(set.Body);

        bool RefersToAnyRing(JsonNode body) => ResourceIds.Strings(body).SelectMany(ResourceDocument.Placeholders).Any(address => all.TryGetValue(address, out var r) && r.Ring is not null);

        Resource? Narrow(Resource set, ResourceKind kind)
        {
            var part = set with { Body = SetComparison.Where(kind, set.Body, RefersToRing) };
            return SetComparison.Keys(kind, part.Body).Any() ? part with { DependsOn = [.. ResourceIds.Unresolved(part).Order(StringComparer.Ordinal)] } : null;
        }

        bool RefersToRing(JsonNode? item) => ResourceIds.Strings(item).SelectMany(ResourceDocument.Placeholders).Any(address => all.TryGetValue(address, out var r) && IsOfRing(r));
    }
}
