using System.Collections.Immutable;
using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets.Comparison;
using MdbDeploy.Targets.Runs;

namespace MdbDeploy.Targets;

/// <summary>Works out the changes from what is desired, what is there and what was sent last. A pure function: it reads and writes nothing.</summary>
internal sealed class ChangePlan
{
    private const string Waits = "It waits for 'mdbdeploy offboard'.";

    private readonly DesiredState whole;
    private readonly RingScope scope;
    private readonly Reading reading;
    private readonly LastApplied last;
    private readonly ReconcileOptions options;
    private readonly HashSet<string> wantedAddresses;
    private readonly Dictionary<string, string> ids = new(StringComparer.Ordinal);
    private readonly HashSet<string> taken = new(StringComparer.Ordinal);
    private readonly ImmutableArray<Diagnostic>.Builder diagnostics = ImmutableArray.CreateBuilder<Diagnostic>();

    private ChangePlan(DesiredState whole, RingScope scope, Reading reading, LastApplied last, ReconcileOptions options)
    {
        (this.whole, this.scope, this.reading, this.last, this.options) = (whole, scope, reading, last, options);
        wantedAddresses = whole.Resources.Select(r => r.Address).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Works out the changes.</summary>
    /// <param name="target">Name of the target.</param>
    /// <param name="whole">The whole bundle.</param>
    /// <param name="scope">The part of it that was read.</param>
    /// <param name="reading">What the target found.</param>
    /// <param name="last">What was sent last.</param>
    /// <param name="options">How to compare.</param>
    /// <param name="before">What was noticed before.</param>
    public static ChangeSet Make(
        string target, DesiredState whole, RingScope scope, Reading reading, LastApplied last, ReconcileOptions options, IEnumerable<Diagnostic> before) =>
        new ChangePlan(whole, scope, reading, last, options).Make(target, before);

    private ChangeSet Make(string target, IEnumerable<Diagnostic> before)
    {
        diagnostics.AddRange(before);
        diagnostics.AddRange(reading.Diagnostics);
        var wanted = reading.Desired.ToList();
        var depths = PushOrder.Depths(wanted, PhaseOf);
        CheckNeeds(wanted, depths);

        var live = wanted.ToDictionary(r => r.Address, Pick, StringComparer.Ordinal);
        foreach (var (address, found) in live)
        {
            if (found is { IsForeign: false, Live.RemoteId: var id })
            {
                ids[address] = id;
            }
        }

        var keys = WantedKeys(wanted);
        var changes = wanted.Select(resource => whole.Kinds[resource.Kind] is { Handler: "object" } kind
            ? ObjectChange(resource, kind, live[resource.Address])
            : SetChange(resource, whole.Kinds[resource.Kind], live[resource.Address]?.Live, keys[whole.Kinds[resource.Kind].Handler])).ToList();
        if (options.Ring is null)
        {
            changes.AddRange(Deletions());
        }

        changes = [.. changes.Select(Withhold)];
        TellWhatWaits(changes);
        var stages = PushOrder.Stages(changes, address => depths.GetValueOrDefault(address));
        return new ChangeSet(target, whole.Project, options.Ring, stages, scope.Partial, diagnostics.ToImmutable());
    }

    /// <summary>Leaves out what would offboard a device or go on with a ring that is held back. What takes devices away stays: it ends offboarding, or lets a device leave a ring.</summary>
    private Change Withhold(Change change)
    {
        var why = !options.Offboard && change.Offboards ? Waits
            : options.Ring is null && change.IsWrite && change.Desired?.Ring is { } ring && options.Held.Contains(ring) ? "Its ring is held back."
            : null;
        return why is null ? change
            : change.Fields.Where(f => f.Desired is null).ToImmutableArray() is { IsEmpty: false } removals && change.ResourceKind.Handler != "object"
                // What is not sent must not be written down as sent.
                ? change with { Fields = removals, Reason = SetReason(removals, 0), Desired = change.Desired! with { Body = SetComparison.Present(change.ResourceKind, change.Desired.Body, change.Actual?.Body) } }
                : change with { Kind = ChangeKind.None, Desired = null, Fields = [], Reason = why };
    }

    private void TellWhatWaits(List<Change> changes)
    {
        var waiting = changes.Where(c => ReferenceEquals(c.Reason, Waits)).Select(c => c.Address).ToList();
        if (waiting.Count > 0)
        {
            diagnostics.Add(Problems.OffboardingWaits.At(Location.Of(waiting[0]), $"{waiting.Count} {(waiting.Count == 1 ? "resource that offboards devices waits" : "resources that offboard devices wait")} for 'mdbdeploy offboard': {string.Join(", ", waiting)}."));
        }
    }

    private int PhaseOf(Resource resource) => whole.Kinds[resource.Kind].Phase;

    /// <summary>Whatever a resource needs must be there before it.</summary>
    private void CheckNeeds(List<Resource> wanted, Dictionary<string, int> depths)
    {
        var byAddress = wanted.ToDictionary(r => r.Address, StringComparer.Ordinal);
        foreach (var resource in wanted)
        {
            var needed = resource.DependsOn.FirstOrDefault(address => !byAddress.TryGetValue(address, out var other) || PhaseOf(other) > PhaseOf(resource));
            if (needed is not null)
            {
                diagnostics.Add(Problems.NeedIsNotThere.At(Location.Of(resource.Address), byAddress.ContainsKey(needed)
                    ? $"'{resource.Address}' needs '{needed}', whose kind comes in a later phase."
                    : $"'{resource.Address}' needs '{needed}', which this target does not hold."));
            }
            else if (!depths.ContainsKey(resource.Address))
            {
                diagnostics.Add(Problems.NeedIsNotThere.At(Location.Of(resource.Address), $"'{resource.Address}' needs itself, through {string.Join(", ", resource.DependsOn)}."));
            }
        }
    }

    /// <summary>The live object in the place of a desired one: ours if there is one, else whatever stands there.</summary>
    private Found? Pick(Resource resource)
    {
        var kind = whole.Kinds[resource.Kind];
        var candidates = reading.Live.Where(l => l.Address == resource.Address).ToList();
        if (kind.Handler != "object")
        {
            return candidates.Count == 0 ? null : new(candidates[0], IsForeign: false, Count: 1);
        }

        var name = resource.Body[kind.NameProperty]?.ToString();
        var ours = candidates.Where(l => IsOurs(l, resource.Address, kind))
            .OrderByDescending(l => l.Marker?.Address == resource.Address)
            .ThenByDescending(l => l.RemoteId == last.Of(resource.Address)?.RemoteId)
            .ThenByDescending(l => string.Equals(l.Name, name, StringComparison.OrdinalIgnoreCase))
            .ThenBy(l => l.RemoteId, StringComparer.Ordinal).ToList();
        foreach (var copy in ours.Skip(1).Where(l => l.Marker?.Address == resource.Address && l.RemoteId != ours[0].RemoteId))
        {
            diagnostics.Add(Problems.MarkerTwice.At(Location.Of(resource.Address), $"'{copy.Name}' ({copy.RemoteId}) carries the marker of '{resource.Address}' as well as '{ours[0].Name}' ({ours[0].RemoteId})."));
            taken.Add(copy.RemoteId);
        }

        var found = ours.Count > 0 ? new Found(ours[0], IsForeign: false, 1)
            : candidates.Count == 0 ? (Found?)null
            : new Found(candidates.OrderBy(l => l.RemoteId, StringComparer.Ordinal).First(), IsForeign: !(candidates.Count == 1 && options.Adopt.Contains(resource.Address)), candidates.Count);
        if (found is { Live.RemoteId: var id })
        {
            taken.Add(id);
        }

        return found;
    }

    /// <summary>
    /// Whether an object is ours: it carries the marker of this address, or of an address that nobody desires any more (then it was renamed). A kind without marker goes by
    /// the record of the last push.
    /// </summary>
    private bool IsOurs(LiveResource live, string address, ResourceKind kind) =>
        kind.MarkerProperty is null
            ? last.Of(address)?.RemoteId == live.RemoteId
            : live.Marker is { } marker && marker.Project == whole.Project && (marker.Address == address || !wantedAddresses.Contains(marker.Address));

    private Change ObjectChange(Resource resource, ResourceKind kind, Found? found)
    {
        var desired = ResourceIds.Resolve(Marked(resource, kind), IdOf);
        if (found is not { Live: var live })
        {
            return new Change { Kind = ChangeKind.Create, Address = resource.Address, ResourceKind = kind, Desired = desired, Reason = "It is not there yet." };
        }

        if (found.Value.IsForeign)
        {
            return Foreign(resource, kind, live, found.Value.Count);
        }

        var wantedMarker = MarkerOf(desired, kind);
        var isOurs = IsOurs(live, resource.Address, kind);
        var differences = Differences(desired, kind, live, isOurs, wantedMarker);
        var change = new Change
        {
            Kind = ChangeKind.Update,
            Address = resource.Address,
            ResourceKind = kind,
            Desired = desired,
            Actual = live,
            Fields = [.. differences.Select(d => d.Field)],
            Reason = "",
        };
        if (!isOurs)
        {
            return change with { Kind = ChangeKind.Adopt, Reason = "It was not made by this project and is taken over, because --adopt names it." };
        }

        if (differences.Where(d => d.IsConflict).Select(d => d.Field.Path).ToList() is { Count: > 0 } conflicts)
        {
            var fields = string.Join(", ", conflicts);
            if (options.Adopt.Contains(resource.Address))
            {
                return change with { Reason = $"The bundle and somebody else changed {fields}; the bundle wins, because --adopt names it." };
            }

            diagnostics.Add(Problems.ConflictingChange.At(Location.Of(resource.Address), $"The bundle and somebody else changed {fields} of '{live.Name}' since the last push."));
            return change with { Kind = ChangeKind.Foreign, Desired = null, Reason = $"The bundle and somebody else changed {fields} since the last push; --adopt {resource.Address} lets the bundle win." };
        }

        if (wantedMarker == live.Marker && differences.IsEmpty)
        {
            return change with { Kind = ChangeKind.None, Reason = "It is as desired." };
        }

        if (live.Marker is { } marker && marker.Address != resource.Address)
        {
            return change with { Reason = $"It was '{marker.Address}' before and takes this place." };
        }

        return differences.IsEmpty
            ? change with
            {
                Fields = [new FieldChange($"/{kind.MarkerProperty}", live.Marker?.ToString(), wantedMarker?.ToString(), IsDrift: false)],
                Reason = "A value that does not read back, such as a secret, changed in the bundle.",
            }
            : change with { Reason = ReasonOf(change.Fields) };
    }

    private static string ReasonOf(ImmutableArray<FieldChange> fields)
    {
        var drift = fields.Count(f => f.IsDrift);
        return drift == 0 ? "It differs from the bundle."
            : drift == fields.Length ? "Somebody else changed it since the last push."
            : "The bundle changed, and somebody else changed other fields since the last push.";
    }

    private ImmutableArray<FieldDifference> Differences(Resource desired, ResourceKind kind, LiveResource live, bool isOurs, Marker? wantedMarker)
    {
        var wanted = SecretMask.Mask(WithoutMarker(desired.Body, kind), kind, desired.Sensitive);
        var actual = SecretMask.Mask(WithoutMarker(live.Body, kind), kind, desired.Sensitive);

        // Another machine pushed since when the hash on the object is not the one we wrote down: then ours is not the last applied body. When the object carries the
        // very hash we desire, what we desire is what was sent.
        var applied = !isOurs ? null
            : last.Of(desired.Address) is { } record && record.RemoteId == live.RemoteId && record.Hash == live.Marker?.Hash ? WithoutMarker(record.Body, kind)
            : wantedMarker is not null && wantedMarker.Hash == live.Marker?.Hash ? wanted
            : null;
        foreach (var name in kind.CreateOnly)
        {
            if (wanted.TryGetPropertyValue(name, out var value) && actual.TryGetPropertyValue(name, out var there)
                && !BodyComparison.Matches(kind, JsonPointer.Root.Property(name), value, there))
            {
                diagnostics.Add(Problems.CreateOnlyDiffers.At(Location.Of(desired.Address), $"'{name}' of '{live.Name}' differs from the bundle and can only be given when the object is created."));
            }

            wanted.Remove(name);
        }

        return BodyComparison.Compare(kind, wanted, actual, applied);
    }

    private Change Foreign(Resource resource, ResourceKind kind, LiveResource live, int count)
    {
        var owner = live.Marker is { } marker ? $"carries the marker of '{marker.Project}/{marker.Address}'" : "does not carry this project's marker";
        var (what, advice) = count == 1
            ? ($"'{live.Name}' ({live.RemoteId}) stands in the place of '{resource.Address}' and {owner}.", $"--adopt {resource.Address} takes it over.")
            : ($"{count} objects named '{live.Name}' stand in the place of '{resource.Address}', none of them made by this project.", "Rename them, or change the bundle.");
        diagnostics.Add(Problems.ForeignObject.At(Location.Of(resource.Address), what));
        return new Change { Kind = ChangeKind.Foreign, Address = resource.Address, ResourceKind = kind, Actual = live, Reason = $"{what} {advice}" };
    }

    private Change SetChange(Resource resource, ResourceKind kind, LiveResource? live, IReadOnlySet<string> wantedElsewhere)
    {
        var desired = ResourceIds.Resolve(resource, IdOf);
        var applied = last.Of(resource.Address) is { } record && record.RemoteId == live?.RemoteId ? record.Body : null;
        var fields = SetComparison.Compare(kind, desired.Body, live?.Body, applied, wantedElsewhere, scope.Partial.Contains(resource.Address));
        var strangers = SetComparison.Strangers(kind, desired.Body, live?.Body, fields);
        return new Change
        {
            Kind = fields.IsEmpty ? ChangeKind.None : live is null ? ChangeKind.Create : ChangeKind.Update,
            Address = resource.Address,
            ResourceKind = kind,
            Desired = desired,
            Actual = live,
            Fields = fields,
            Reason = SetReason(fields, strangers),
        };
    }

    private static string SetReason(ImmutableArray<FieldChange> fields, int strangers)
    {
        var parts = new[]
        {
            (Count: fields.Count(f => f.Actual is null), What: "to add"),
            (Count: fields.Count(f => f.Desired is null), What: "to remove"),
            (Count: fields.Count(f => f is { Actual: not null, Desired: not null }), What: "to replace"),
            (Count: strangers, What: strangers == 1 ? "of somebody else stays" : "of somebody else stay"),
        };
        var text = string.Join(", ", parts.Where(p => p.Count > 0).Select(p => $"{p.Count} {p.What}"));
        return fields.IsEmpty && text.Length == 0 ? "It is as desired." : fields.IsEmpty ? $"It is as desired; {text}." : text + ".";
    }

    /// <summary>Objects that carry our marker though nobody desires them.</summary>
    private IEnumerable<Change> Deletions()
    {
        var orphans = reading.Live
            .Where(l => l.Marker is { } marker && marker.Project == whole.Project && !wantedAddresses.Contains(marker.Address) && !wantedAddresses.Contains(l.Address))
            .Where(l => whole.Kinds.TryGetValue(l.Kind, out var kind) && kind.Handler == "object" && !taken.Contains(l.RemoteId))
            // Two kinds may live in one set: the marker says which one it is.
            .OrderByDescending(l => l.Marker!.Address.Split('/')[1] == l.Kind).DistinctBy(l => l.RemoteId).GroupBy(l => l.Marker!.Address, StringComparer.Ordinal);
        foreach (var group in orphans)
        {
            // A copy made in a portal carries the marker along; only the record of the last push knows which one is ours.
            var ours = group.Count() == 1 ? group.First() : group.FirstOrDefault(l => l.RemoteId == last.Of(group.Key)?.RemoteId);
            foreach (var copy in group.Where(l => l != ours))
            {
                diagnostics.Add(Problems.MarkerTwice.At(Location.Of(group.Key), $"'{copy.Name}' ({copy.RemoteId}) is one of {group.Count()} objects that carry the marker of '{group.Key}', and is not deleted."));
            }

            if (ours is not null)
            {
                yield return new Change
                {
                    Kind = ChangeKind.Delete,
                    Address = group.Key,
                    ResourceKind = whole.Kinds[ours.Kind],
                    Actual = ours,
                    Reason = $"'{ours.Name}' carries this project's marker, and the bundle no longer wants it.",
                };
            }
        }
    }

    /// <summary>The keys that the bundle wants in any set of a kind or of one with the same handler, those outside the ring included: a device may move from a ring to offboarding.</summary>
    private Dictionary<string, HashSet<string>> WantedKeys(List<Resource> wanted) =>
        whole.Resources.Concat(wanted).Where(r => whole.Kinds.ContainsKey(r.Kind)).GroupBy(r => whole.Kinds[r.Kind].Handler, StringComparer.Ordinal).ToDictionary(
            group => group.Key,
            group => group.SelectMany(r => SetComparison.Keys(whole.Kinds[r.Kind], ResourceIds.Resolve(r, IdOf).Body)).ToHashSet(StringComparer.OrdinalIgnoreCase),
            StringComparer.Ordinal);

    private string? IdOf(string address) => ids.GetValueOrDefault(address);

    private Resource Marked(Resource resource, ResourceKind kind) =>
        kind.MarkerProperty is null || MarkerOf(resource, kind) is not null ? resource : ResourceDocument.Mark(resource, kind, whole.Project);

    private static Marker? MarkerOf(Resource resource, ResourceKind kind) =>
        kind.MarkerProperty is { } property ? Marker.Find(resource.Body[property]?.ToString()) : null;

    private static JsonObject WithoutMarker(JsonObject body, ResourceKind kind)
    {
        var copy = (JsonObject)body.DeepClone();
        if (kind.MarkerProperty is { } property)
        {
            copy[property] = Marker.Remove(copy[property]?.ToString());
        }

        return copy;
    }

    /// <summary>What stands in the place of a desired object.</summary>
    /// <param name="Live">The object.</param>
    /// <param name="IsForeign">Whether it is not ours and not to be taken over.</param>
    /// <param name="Count">How many such objects there are.</param>
    private readonly record struct Found(LiveResource Live, bool IsForeign, int Count);
}
