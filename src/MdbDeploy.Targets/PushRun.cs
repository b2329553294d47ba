using System.Collections.Immutable;
using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets.Comparison;
using MdbDeploy.Targets.Runs;

namespace MdbDeploy.Targets;

/// <summary>One run of a push: carries out the stages of a change set one after the other, each step written down before and after.</summary>
internal sealed class PushRun
{
    /// <summary>Requests at a time that both Graph and the AdminService bear without throttling one client.</summary>
    private const int StepsAtATime = 4;

    private readonly ITarget target;
    private readonly ChangeSet changes;
    private readonly LastApplied last;
    private readonly Journal journal;
    private readonly IProgress<PushProgress>? progress;
    private readonly ImmutableArray<Change> writes;
    private readonly Dictionary<string, PushStep> steps;
    private readonly Dictionary<string, string> ids;
    private readonly List<Diagnostic> problems = [];
    private readonly Lock turn = new();

    public PushRun(ITarget target, ChangeSet changes, LastApplied last, Journal journal, IProgress<PushProgress>? progress)
    {
        (this.target, this.changes, this.last, this.journal, this.progress) = (target, changes, last, journal, progress);
        writes = [.. changes.Changes.Where(c => c.IsWrite)];
        steps = writes.ToDictionary(Key, c => new PushStep(c, StepState.NotStarted, "It was not come to."), StringComparer.Ordinal);
        ids = changes.Changes.Where(c => c is { Desired: not null, Actual: not null }).ToDictionary(c => c.Address, c => c.Actual!.RemoteId, StringComparer.Ordinal);
    }

    /// <summary>Carries out the run. Cancelling ends it between two steps; what began is finished or can be begun again.</summary>
    public async Task<PushResult> CarryOutAsync(CancellationToken cancellationToken)
    {
        journal.Note("start", new JsonObject
        {
            ["run"] = journal.RunId,
            ["target"] = target.Name,
            ["project"] = changes.Project,
            ["ring"] = changes.Ring,
            ["fingerprint"] = changes.Fingerprint,
            ["steps"] = writes.Length,
            ["rollbackOf"] = changes.RollbackOf,
            ["kinds"] = new JsonArray([.. changes.Changes.Select(c => c.ResourceKind).DistinctBy(k => k.Name).Select(k => (JsonNode)BundleManifest.Kind(k))]),
        });
        try
        {
            foreach (var stage in changes.Stages)
            {
                await Parallel.ForEachAsync(stage.Where(c => c.IsWrite), new ParallelOptions { MaxDegreeOfParallelism = StepsAtATime, CancellationToken = CancellationToken.None },
                    async (change, _) => await StepAsync(change, cancellationToken));
            }
        }
        finally
        {
            last.Save();
        }

        var result = new PushResult
        {
            RunId = journal.RunId,
            Steps = [.. writes.Select(c => steps[Key(c)])],
            Diagnostics = [.. changes.Diagnostics, .. problems.OrderBy(p => p.Where.Subject, StringComparer.Ordinal)],
            IsCancelled = cancellationToken.IsCancellationRequested,
        };
        journal.Append("end", new JsonObject
        {
            ["done"] = result.Done,
            ["failed"] = result.Failed,
            ["skipped"] = result.Skipped,
            ["waiting"] = result.Waiting,
            ["notStarted"] = result.NotStarted,
            ["cancelled"] = result.IsCancelled,
        });
        return result;
    }

    private async Task StepAsync(Change planned, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return;
        }

        if (BlockedBy(planned) is { } blocker)
        {
            journal.Note("skipped", Line(planned, new() { ["because"] = blocker }));
            Finish(planned, StepState.Skipped, $"It was skipped because '{blocker}' was not carried out.");
            return;
        }

        var change = ResourceIds.Resolve(planned, IdOf);
        progress?.Report(new PushProgress(CountFinished(), writes.Length, change, null));
        Begin(planned, change);
        try
        {
            if (change.Desired is { } desired && ResourceIds.Unresolved(desired, planned.Desired!).FirstOrDefault() is { } unknown)
            {
                throw new TargetException(Problems.NeedIsNotThere.At(Location.Of(change.Address), $"'{change.Address}' needs the id of '{unknown}', which nobody knows."));
            }

            Done(change, await target.ApplyAsync(change, cancellationToken));
            Finish(planned, StepState.Done, null);
        }
        catch (WaitingException waiting)
        {
            var problem = waiting.Diagnostic with { Where = Location.Of(change.Address) };
            journal.Note("waiting", Line(change, new() { ["code"] = problem.Code, ["message"] = problem.Message }));
            lock (turn)
            {
                problems.Add(problem);
            }

            Finish(planned, StepState.Waiting, problem.Message);
        }
        catch (TargetException refused)
        {
            var problem = refused.Diagnostic.Where == Location.None ? refused.Diagnostic with { Where = Location.Of(change.Address) } : refused.Diagnostic;
            journal.Note("failed", Line(change, new() { ["code"] = problem.Code, ["message"] = problem.Message }));
            lock (turn)
            {
                problems.Add(problem);
            }

            Finish(planned, StepState.Failed, problem.Message);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            lock (turn)
            {
                steps[Key(planned)] = new PushStep(planned, StepState.NotStarted, "It was interrupted; pushing again completes it.");
            }
        }
    }

    /// <summary>
    /// Writes down what a step is about to do. Items of a set carry no marker, so the set is claimed with that: a kill in the middle does not make strangers of them.
    /// </summary>
    private void Begin(Change planned, Change change)
    {
        var line = Line(change, new()
        {
            ["change"] = change.Kind.ToString().ToLowerInvariant(),
            ["kind"] = change.ResourceKind.Name,
            ["remoteId"] = change.Actual?.RemoteId,
            ["name"] = change.Actual?.Name,
        });
        if (change.Desired is { } desired)
        {
            // With the address of its owner in place of the id, so that a rollback finds it again.
            line["path"] = WithAddresses(planned.Desired!);
            line["sensitive"] = desired.Sensitive;
            if (OwnerOf(planned, change) is { } owner)
            {
                line["owner"] = owner;
                last.Claim(change.Address, change.ResourceKind, owner, desired.Body);
            }
        }

        if (change.Actual?.Marker is { } marker)
        {
            line["marker"] = marker.ToString();
        }

        // Items of a set are thousands. When each of them changes, those that are new need not be told twice.
        var body = change.Desired is { } wanted ? SecretMask.Shown(wanted.Body, change.ResourceKind, wanted.Sensitive) : null;
        var isToldByBody = body is not null && ReferenceEquals(body, change.Desired!.Body) && RunRecord.IsToldByBody(change.ResourceKind, body, change.Fields);
        if (isToldByBody)
        {
            line["additions"] = "body";
        }

        journal.Append("begin", line, writer =>
        {
            writer.WriteStartArray("fields");
            foreach (var field in change.Fields.Where(f => !isToldByBody || f.Actual is not null))
            {
                writer.WriteStartObject();
                writer.WriteString("path", field.Path);
                Journal.Write(writer, "actual", field.Actual);
                Journal.Write(writer, "desired", field.Desired);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            if (body is not null)
            {
                Journal.Write(writer, "body", body);
            }
        });
    }

    /// <summary>Id of the object that a set belongs to; null for an object.</summary>
    private string? OwnerOf(Change planned, Change change) =>
        change.ResourceKind.Handler == "object" ? null : change.Actual?.RemoteId ?? ResourceDocument.Placeholders(planned.Desired!.Path).Select(IdOf).FirstOrDefault();

    private string WithAddresses(Resource resource)
    {
        lock (turn)
        {
            return resource.DependsOn.Aggregate(resource.Path, (path, address) => ids.TryGetValue(address, out var id) ? path.Replace(id, $"{{{address}}}", StringComparison.Ordinal) : path);
        }
    }

    private void Done(Change change, string? remoteId)
    {
        // On disk at the end only: of an object the live system tells, of a set this run's journal.
        if (change.Desired is { } desired && remoteId is not null)
        {
            lock (turn)
            {
                ids[change.Address] = remoteId;
            }

            last.Record(change.Address, AppliedBody(changes, last, change.ResourceKind, desired, remoteId));
        }
        else
        {
            last.Forget(change.Address);
        }

        journal.Note("done", Line(change, new() { ["remoteId"] = remoteId }));
    }

    /// <summary>What the record of the last push says of a resource that is as desired. Of a set of which only the ring's items were looked at, the others stay recorded.</summary>
    public static AppliedResource AppliedBody(ChangeSet changes, LastApplied last, ResourceKind kind, Resource desired, string remoteId)
    {
        var body = SecretMask.Shown(desired.Body, kind, desired.Sensitive);
        var hash = kind.MarkerProperty is { } property ? Marker.Find(desired.Body[property]?.ToString())?.Hash : null;
        var before = last.Of(desired.Address);
        return new AppliedResource(remoteId, hash, changes.Partial.Contains(desired.Address) && before?.RemoteId == remoteId
            ? SetComparison.Union(kind, before.Body, body)
            : body);
    }

    /// <summary>The failed or skipped write that this one needs; null when there is none.</summary>
    private string? BlockedBy(Change change)
    {
        lock (turn)
        {
            // A deletion needs that whoever still names the object was deleted first.
            var needs = change.Kind == ChangeKind.Delete
                ? writes.Where(w => w.Kind == ChangeKind.Delete && PushOrder.ReferencedBy(w, [change]).Any())
                : writes.Where(w => w.Kind != ChangeKind.Delete && change.Desired!.DependsOn.Contains(w.Address));
            // A device that could not be taken out of onboarding is not offboarded: then nothing is.
            needs = change.Offboards ? needs.Concat(writes.Where(w => !w.Offboards)) : needs;
            return needs.FirstOrDefault(w => steps[Key(w)].State is StepState.Failed or StepState.Skipped or StepState.Waiting)?.Address;
        }
    }

    private string? IdOf(string address)
    {
        lock (turn)
        {
            return ids.GetValueOrDefault(address);
        }
    }

    private void Finish(Change change, StepState state, string? note)
    {
        lock (turn)
        {
            steps[Key(change)] = new PushStep(change, state, note);
        }

        progress?.Report(new PushProgress(CountFinished(), writes.Length, change, state));
    }

    private int CountFinished()
    {
        lock (turn)
        {
            return steps.Values.Count(s => s.State != StepState.NotStarted);
        }
    }

    // An address may be created anew and its old object deleted in one run.
    private static string Key(Change change) => $"{(char)change.Kind}{change.Address}";

    private static JsonObject Line(Change change, JsonObject fields)
    {
        fields.Insert(0, "address", change.Address);
        return fields;
    }
}
