using System.Collections.Immutable;
using MdbDeploy.Bundles;

namespace MdbDeploy.Targets;

/// <summary>
/// The order of changes: by phase, then by how deep a resource's needs go within its phase, then by address. Deletions come after that and in reverse. Offboarding
/// stands around it: what ends it comes first of all, what does it last of all, so that no device is in both sets at any moment.
/// </summary>
internal static class PushOrder
{
    /// <summary>How many resources of the same phase must exist before each one; a resource that needs itself, directly or not, is left out.</summary>
    public static Dictionary<string, int> Depths(IReadOnlyCollection<Resource> resources, Func<Resource, int> phaseOf)
    {
        var all = resources.ToDictionary(r => r.Address, StringComparer.Ordinal);
        var depths = new Dictionary<string, int>(StringComparer.Ordinal);
        var open = resources.ToList();

        // As many rounds as the deepest chain is long: what never settles is a circle.
        while (open.Count > 0)
        {
            var settled = open.Where(r => Neighbours(r).All(n => depths.ContainsKey(n))).ToList();
            if (settled.Count == 0)
            {
                break;
            }

            foreach (var resource in settled)
            {
                depths[resource.Address] = Neighbours(resource).Select(n => depths[n] + 1).DefaultIfEmpty(0).Max();
            }

            open.RemoveAll(r => depths.ContainsKey(r.Address));
        }

        return depths;

        IEnumerable<string> Neighbours(Resource resource) =>
            resource.DependsOn.Where(needed => all.TryGetValue(needed, out var other) && phaseOf(other) == phaseOf(resource));
    }

    /// <summary>The changes in stages; those of one stage may run side by side.</summary>
    /// <param name="changes">The changes.</param>
    /// <param name="depthOf">Depth of a desired resource within its phase.</param>
    public static ImmutableArray<ImmutableArray<Change>> Stages(IReadOnlyCollection<Change> changes, Func<string, int> depthOf)
    {
        var deletions = changes.Where(c => c.Kind == ChangeKind.Delete).ToList();
        var ending = changes.Where(c => c.ResourceKind.Offboards && !c.Offboards).ToHashSet();
        return
        [
            .. Backward(deletions.Where(ending.Contains)),
            .. Forward(changes.Where(c => c.Kind != ChangeKind.Delete && ending.Contains(c))),
            .. Forward(changes.Where(c => c.Kind != ChangeKind.Delete && !c.ResourceKind.Offboards)),
            .. Backward(deletions.Where(c => !ending.Contains(c))),
            .. Forward(changes.Where(c => c.Offboards)),
        ];

        IEnumerable<ImmutableArray<Change>> Forward(IEnumerable<Change> writes) => writes
            .GroupBy(c => (c.ResourceKind.Phase, Depth: depthOf(c.Address))).OrderBy(g => g.Key)
            .Select(stage => stage.OrderBy(c => c.Address, StringComparer.Ordinal).ToImmutableArray());

        IEnumerable<ImmutableArray<Change>> Backward(IEnumerable<Change> writes) => writes
            .GroupBy(c => (c.ResourceKind.Phase, Depth: References(c, []))).OrderByDescending(g => g.Key)
            .Select(stage => stage.OrderByDescending(c => c.Address, StringComparer.Ordinal).ToImmutableArray());

        // Nobody desires these any more, so their needs are read from the objects themselves: whoever names another one's id goes first.
        int References(Change change, ImmutableHashSet<Change> seen) =>
            ReferencedBy(change, deletions).Where(other => !seen.Contains(other)).Select(other => References(other, seen.Add(change)) + 1).DefaultIfEmpty(0).Max();
    }

    /// <summary>The other changes whose object the object of this one names by its id.</summary>
    public static IEnumerable<Change> ReferencedBy(Change change, IEnumerable<Change> others)
    {
        var strings = ResourceIds.Strings(change.Actual?.Body).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return others.Where(other => other != change && other.Actual is { } live && strings.Contains(live.RemoteId));
    }
}
