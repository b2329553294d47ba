using System.Collections.Immutable;
using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Targets.Comparison;

namespace MdbDeploy.Targets;

/// <summary>The part of a bundle that a push looks at: one ring, or everything, but of sets that serve all rings not the items of those that are held back.</summary>
/// <param name="Desired">The chosen resources, and what they need.</param>
/// <param name="Partial">Addresses of sets narrowed to the items of the chosen rings.</param>
internal sealed record RingScope(DesiredState Desired, ImmutableHashSet<string> Partial)
{
    /// <summary>Selects the part.</summary>
    /// <param name="desired">The whole bundle.</param>
    /// <param name="ring">Only this ring; null for all.</param>
    /// <param name="held">Rings that are held back, unless <paramref name="ring"/> names one. Their own resources take part: what leaves them must be seen.</param>
    public static RingScope Select(DesiredState desired, string? ring, ImmutableHashSet<string> held)
    {
        if (ring is null && held.IsEmpty)
        {
            return new(desired, []);
        }

        var all = desired.Resources.ToDictionary(r => r.Address, StringComparer.Ordinal);
        var isShared = (Resource r) => r.Ring is null && desired.Kinds.TryGetValue(r.Kind, out var kind) && !kind.Sets.IsEmpty;
        var chosen = desired.Resources.Where(r => !isShared(r) && IsChosen(r)).ToDictionary(r => r.Address, StringComparer.Ordinal);

        // A set of all rings, such as the assignments of the one policy, takes part with the items of the chosen rings: without them a ring would be prepared and
        // nothing deployed to it.
        var partial = ImmutableHashSet.CreateBuilder<string>();
        foreach (var set in desired.Resources.Where(isShared))
        {
            var (part, isWhole, isEmpty) = Narrow(set, desired.Kinds[set.Kind]);
            if (!isEmpty)
            {
                chosen[set.Address] = part;
                if (!isWhole)
                {
                    partial.Add(set.Address);
                }
            }
        }

        var open = new Queue<Resource>(chosen.Values);
        while (open.TryDequeue(out var resource))
        {
            // What is in an object that the ring needs, such as the rules of the collection that limits it, belongs to it.
            var within = desired.Resources.Where(r => r.Ring is null && IsSetOf(r, resource.Address)).Select(r => r.Address);
            foreach (var needed in resource.DependsOn.Concat(within).Where(address => !chosen.ContainsKey(address) && all.ContainsKey(address)).ToList())
            {
                // Of a set, what is held back stays behind also when something needs the set.
                var (part, isWhole, _) = ring is null && isShared(all[needed]) ? Narrow(all[needed], desired.Kinds[all[needed].Kind]) : (all[needed], true, false);
                chosen[needed] = part;
                open.Enqueue(part);
                if (!isWhole)
                {
                    partial.Add(needed);
                }
            }
        }

        return new(desired with { Resources = [.. chosen.Values.OrderBy(r => r.Address, StringComparer.Ordinal)] }, partial.ToImmutable());

        bool IsOf(Resource resource, string name) => string.Equals(resource.Ring, name, StringComparison.OrdinalIgnoreCase);

        bool IsSetOf(Resource set, string owner) => desired.Kinds.TryGetValue(set.Kind, out var kind) && !kind.Sets.IsEmpty
            && ResourceDocument.Placeholders(set.Path).Contains(owner) && !RefersToAnyRing(set.Body);

        bool RefersToAnyRing(JsonNode body) => ResourceIds.Strings(body).SelectMany(ResourceDocument.Placeholders).Any(address => all.TryGetValue(address, out var r) && r.Ring is not null);

        bool IsChosen(Resource resource) => ring is null || IsOf(resource, ring);

        (Resource Part, bool IsWhole, bool IsEmpty) Narrow(Resource set, ResourceKind kind)
        {
            var body = SetComparison.Where(kind, set.Body, IsItemChosen);
            var left = SetComparison.Keys(kind, body).Count();
            if (ring is not null && left > 0 && kind.Handler != "folder")
            {
                // What holds for every ring, such as the exclusion of a group, holds for this one. A folder only says where things lie.
                body = SetComparison.Where(kind, set.Body, item => IsItemChosen(item) || IsForEveryRing(item));
            }

            if (ring is null && left == SetComparison.Keys(kind, set.Body).Count())
            {
                return (set, true, false);
            }

            var part = set with { Body = body };
            return (part with { DependsOn = [.. ResourceIds.Unresolved(part).Concat(set.After).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)] }, false, left == 0);
        }

        // For one ring, what refers to it; otherwise what refers to none that is held.
        bool IsItemChosen(JsonNode? item) => ring is null ? !Referred(item).Exists(r => held.Any(name => IsOf(r, name))) : Referred(item).Exists(IsChosen);

        bool IsForEveryRing(JsonNode? item) => Referred(item) is { Count: > 0 } referred && referred.TrueForAll(r => r.Ring is null);

        List<Resource> Referred(JsonNode? item) =>
            [.. ResourceIds.Strings(item).SelectMany(ResourceDocument.Placeholders).Select(address => all.GetValueOrDefault(address)).OfType<Resource>()];
    }
}
