using System.Collections.Immutable;
using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets.Comparison;
using MdbDeploy.Targets.Runs;

namespace MdbDeploy.Targets;

/// <summary>
/// Works out the changes that undo a run: what it created is deleted, what it added is taken out, what it took out or changed is put back. Only what that run wrote, and only
/// where it still stands as the run left it. It never offboards a device, and never makes up what the journal does not hold (secrets, deleted objects). Pure.
/// </summary>
internal sealed class Rollback
{
    private readonly RunRecord run;
    private readonly Reading reading;
    private readonly LastApplied last;
    private readonly HashSet<string> created;
    private readonly HashSet<string> deletedIds;
    private readonly List<Diagnostic> diagnostics = [];

    private Rollback(RunRecord run, Reading reading, LastApplied last)
    {
        (this.run, this.reading, this.last) = (run, reading, last);
        deletedIds = run.Steps.Where(s => s.Change == ChangeKind.Delete).Select(s => s.RemoteId).OfType<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
        created = run.Steps.Where(s => s.Kind.Handler == "object" && s.Change == ChangeKind.Create).Select(s => s.Address).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>The changes that are left to be done.</summary>
    /// <param name="run">What the run did.</param>
    /// <param name="reading">What is there now.</param>
    /// <param name="last">What was sent last.</param>
    public static ChangeSet Make(RunRecord run, Reading reading, LastApplied last) => new Rollback(run, reading, last).Make();

    private ChangeSet Make()
    {
        var changes = run.Steps.Reverse().Select(Undo).OfType<Change>().ToList();
        return new ChangeSet(run.Target, run.Project, ring: null, PushOrder.Stages(changes, _ => 0), [], [.. diagnostics]) { RollbackOf = run.RunId };
    }

    private Change? Undo(RunStep step) => step switch
    {
        { Change: ChangeKind.Delete } => Impossible(step, "it deleted the object, and what was in it is not kept: bring back the inputs of then, render and push."),
        { Kind.Handler: "object", Change: ChangeKind.Create } => UndoCreation(step),
        { Kind.Handler: "object" } => UndoUpdate(step),
        _ => UndoSet(step),
    };

    private Change? UndoCreation(RunStep step)
    {
        if (Ours(step) is not { } live)
        {
            return Nothing(step, null, "It is gone already.");
        }

        if (step.RemoteId is { } id && id != live.RemoteId)
        {
            return Changed(step, $"'{live.Name}' is another object than the run made");
        }

        // The hash stands for everything that was sent, secrets included; people change fields and leave the marker.
        var differing = Differing(step, live);
        return live.Marker?.Hash != Sent(step)?.Hash ? Changed(step, $"'{live.Name}' was pushed again since")
            : differing.Count > 0 ? Changed(step, $"somebody changed {string.Join(", ", differing)} of '{live.Name}'")
            : new Change { Kind = ChangeKind.Delete, Address = step.Address, ResourceKind = step.Kind, Actual = live, Reason = $"The run created '{live.Name}'." };
    }

    private Change? UndoUpdate(RunStep step)
    {
        if (Ours(step) is not { } live)
        {
            return Changed(step, "the object is not there any more, or does not carry this project's marker");
        }

        if (step.Kind.Offboards || !step.Kind.WriteOnly.IsEmpty || step.Fields.Any(f => f.Path.LastIndexOf('/') != 0))
        {
            return Impossible(step, step.Kind.Offboards ? "a rollback never offboards." : "the values before are not kept, since they may hold secrets: bring back the inputs of then, render and push.");
        }

        var isBefore = live.Marker == step.Before && step.Fields.All(f => JsonNode.DeepEquals(live.Body[f.Path[1..]], f.Actual) || f.Path[1..] == step.Kind.MarkerProperty);
        if (isBefore && step.Before is not null)
        {
            return Nothing(step, live, "It is as before already.");
        }

        var differing = step.Fields.Where(f => f.Path[1..] != step.Kind.MarkerProperty && !BodyComparison.Matches(step.Kind, JsonPointer.Root.Property(f.Path[1..]), f.Desired, live.Body[f.Path[1..]])).Select(f => f.Path).ToList();
        if (live.Marker?.Hash != Sent(step)?.Hash || differing.Count > 0)
        {
            return Changed(step, differing.Count > 0 ? $"somebody changed {string.Join(", ", differing)} of '{live.Name}'" : $"'{live.Name}' was pushed again since");
        }

        var body = new JsonObject(step.Fields.Select(f => KeyValuePair.Create(f.Path[1..], f.Actual?.DeepClone())));
        if (step.Kind.MarkerProperty is { } property)
        {
            var text = step.Fields.FirstOrDefault(f => f.Path[1..] == property) is { } described ? Marker.Remove(described.Actual?.ToString()) : Marker.Remove(live.Body[property]?.ToString());
            body[property] = step.Before?.AppendTo(text) ?? text;
        }

        return new Change
        {
            Kind = ChangeKind.Update,
            Address = step.Address,
            ResourceKind = step.Kind,
            Desired = step.Resource! with { Body = body },
            Actual = live,
            Fields = [.. step.Fields.Select(Inverse)],
            Reason = "The run changed it.",
        };
    }

    private Change? UndoSet(RunStep step)
    {
        var live = reading.Live.FirstOrDefault(l => l.Address == step.Address && l.Kind == step.Kind.Name);
        if (live is null)
        {
            return Nothing(step, null, "What it belongs to is gone already.");
        }

        if (step.Resource!.DependsOn.FirstOrDefault() is { } owner && created.Contains(owner))
        {
            // It goes with its owner, unless somebody else uses it by now.
            var strangers = SetComparison.Keys(step.Kind, live.Body).Except(SetComparison.Keys(step.Kind, step.Resource.Body), StringComparer.OrdinalIgnoreCase).ToList();
            return strangers.Count > 0 ? Changed(step, $"somebody added {string.Join(", ", strangers.Take(3))} to what the run created") : Nothing(step, live, "It goes with what the run created.");
        }

        var fields = ImmutableArray.CreateBuilder<FieldChange>();
        foreach (var (pointer, keyPath) in step.Kind.Sets)
        {
            var there = KeyedSet.Of(SetComparison.At(live.Body, pointer), keyPath);
            foreach (var field in step.Fields.Where(f => f.Path.StartsWith(pointer + "/", StringComparison.Ordinal)))
            {
                var key = KeyedSet.KeyOf(field.Desired ?? field.Actual, keyPath) ?? "";
                var found = there.GetValueOrDefault(key);
                var isAsSent = Same(step.Kind, pointer, key, field.Desired, found);
                if (Same(step.Kind, pointer, key, field.Actual, found) || ResourceIds.Strings(field.Actual).Any(deletedIds.Contains))
                {
                    // It is as before, or it named an object that the run deleted, which was told already.
                    continue;
                }

                if (!isAsSent)
                {
                    return Changed(step, $"somebody changed '{key}' in it");
                }

                fields.Add(Inverse(field) with { Actual = found?.DeepClone() });
            }
        }

        if (step.Kind.Offboards && fields.Any(f => f.Desired is not null))
        {
            return Impossible(step, "it took devices out of offboarding, and a rollback never offboards.");
        }

        return fields.Count == 0 ? Nothing(step, live, "It is as before already.") : new Change
        {
            Kind = ChangeKind.Update,
            Address = step.Address,
            ResourceKind = step.Kind,
            Desired = step.Resource with { Path = ResourceDocument.Resolve(step.Resource.Path, _ => live.RemoteId), Body = Before(step, fields) },
            Actual = live,
            Fields = fields.ToImmutable(),
            Reason = $"The run changed it: {fields.Count(f => f.Desired is null)} to remove, {fields.Count(f => f.Desired is not null)} to put back.",
        };
    }

    /// <summary>What was ours before: what is recorded now, with the run's items undone.</summary>
    private JsonObject Before(RunStep step, ImmutableArray<FieldChange>.Builder fields)
    {
        var body = (JsonObject)(last.Of(step.Address)?.Body ?? step.Resource!.Body).DeepClone();
        foreach (var (pointer, keyPath) in step.Kind.Sets)
        {
            var gone = fields.Where(f => f.Desired is null).Select(f => KeyedSet.KeyOf(f.Actual, keyPath)).ToHashSet(StringComparer.OrdinalIgnoreCase);
            body = SetComparison.Where(step.Kind, body, item => !gone.Contains(KeyedSet.KeyOf(item, keyPath)));
            body[pointer[1..]] = KeyedSet.Union(SetComparison.At(body, pointer), [.. fields.Select(f => f.Desired?.DeepClone()).Where(d => d is not null)], keyPath);
        }

        return body;
    }

    private static FieldChange Inverse(FieldChange field) => field with { Actual = field.Desired?.DeepClone(), Desired = field.Actual?.DeepClone() };

    private static bool Same(ResourceKind kind, string pointer, string key, JsonNode? one, JsonNode? other) =>
        (one, other) switch
        {
            (null, null) => true,
            (null, _) or (_, null) => false,
            // A server says less of an item than was sent.
            (JsonObject wanted, JsonObject there) => BodyComparison.Matches(kind, new JsonPointer(pointer, pointer).Element(key), new JsonObject(wanted.Where(p => there.ContainsKey(p.Key)).Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone()))), there),
            _ => JsonNode.DeepEquals(one, other),
        };

    private static List<string> Differing(RunStep step, LiveResource live)
    {
        var wanted = (JsonObject)step.Resource!.Body.DeepClone();
        var actual = SecretMask.Mask(live.Body, step.Kind, step.Resource.Sensitive);
        if (step.Kind.MarkerProperty is { } property)
        {
            wanted[property] = Marker.Remove(wanted[property]?.ToString());
            actual[property] = Marker.Remove(actual[property]?.ToString());
        }

        return [.. BodyComparison.Compare(step.Kind, wanted, actual, null).Select(d => d.Field.Path)];
    }

    /// <summary>The object that carries the marker of this step's address.</summary>
    private LiveResource? Ours(RunStep step) => reading.Live
        .Where(l => l.Marker is { } marker && marker.Project == run.Project && marker.Address == step.Address)
        .OrderByDescending(l => l.RemoteId == step.RemoteId).ThenBy(l => l.RemoteId, StringComparer.Ordinal).FirstOrDefault();

    private static Marker? Sent(RunStep step) => step.Kind.MarkerProperty is { } property ? Marker.Find(step.Resource?.Body[property]?.ToString()) : null;

    private static Change Nothing(RunStep step, LiveResource? live, string why) =>
        new() { Kind = ChangeKind.None, Address = step.Address, ResourceKind = step.Kind, Actual = live, Reason = why };

    private Change? Changed(RunStep step, string why)
    {
        diagnostics.Add(Problems.ChangedSinceRun.At(Location.Of(step.Address), $"'{step.Address}' is not as the run left it: {why}."));
        return null;
    }

    private Change? Impossible(RunStep step, string why)
    {
        diagnostics.Add(Problems.CannotBeUndone.At(Location.Of(step.Address), $"'{step.Address}' stays as the run left it: {why}"));
        return null;
    }
}
