using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets.Runs;

namespace MdbDeploy.Targets;

/// <summary>
/// Brings a live system to what the bundle wants: reads, compares, orders, carries out, writes down, resumes. The same for every target; what it must know of a kind
/// of resource is data.
/// </summary>
/// <param name="target">The live system.</param>
/// <param name="projectFolder">Folder of the deployment project; records go to its sub-folder <c>.mdbdeploy</c>.</param>
/// <param name="time">The clock, for names of runs and times in the journal.</param>
public sealed class Reconciler(ITarget target, string projectFolder, TimeProvider time)
{
    private string StateFile => Path.Combine(projectFolder, ".mdbdeploy", $"{target.Name}.state.json");

    /// <summary>The folder of journals, <c>.mdbdeploy/runs</c>.</summary>
    public string RunsFolder => Path.Combine(projectFolder, ".mdbdeploy", "runs");

    /// <summary>Reads the live system and works out what has to happen. Writes nothing.</summary>
    /// <param name="desired">What the bundle wants of this target.</param>
    /// <param name="options">How to compare.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="TargetException">The system could not be read.</exception>
    public async Task<ChangeSet> PlanAsync(DesiredState desired, ReconcileOptions options, CancellationToken cancellationToken)
    {
        var diagnostics = new List<Diagnostic>();
        foreach (var resource in desired.Resources.Where(r => !desired.Kinds.ContainsKey(r.Kind)))
        {
            diagnostics.Add(Problems.KindUnknown.At(new Location(resource.File, Subject: resource.Address), $"'{resource.Address}' is of the kind '{resource.Kind}', which the bundle does not declare."));
        }

        desired = desired with { Resources = [.. desired.Resources.Where(r => desired.Kinds.ContainsKey(r.Kind))] };
        foreach (var address in options.Adopt.Where(a => desired.Resources.All(r => r.Address != a)).Order(StringComparer.Ordinal))
        {
            diagnostics.Add(Problems.AdoptUnknown.At(Location.Of(address), $"--adopt names '{address}', which is not among the resources of '{target.Name}'."));
        }

        var scope = RingScope.Select(desired, options.Ring, options.Held);
        if (options.Ring is not null && scope.Desired.Resources.Count == 0)
        {
            diagnostics.Add(Problems.RingUnknown.At(Location.Of(options.Ring), $"No resource of '{target.Name}' belongs to the ring '{options.Ring}'."));
        }

        var last = LastPush(desired.Project, diagnostics);
        var reading = await target.ReadAsync(scope.Desired, cancellationToken);
        return ChangePlan.Make(target.Name, desired, scope, reading, last, options, diagnostics);
    }

    /// <summary>
    /// Carries out a change set. What fails leaves out only what needs it; pushing again continues. A set that is refused (<see cref="ChangeSet.IsRefused"/>) writes nothing.
    /// </summary>
    /// <param name="changes">The changes, as reviewed.</param>
    /// <param name="progress">Told of every step; null when nobody watches.</param>
    /// <param name="cancellationToken">Ends the push between two requests. The result says what was not come to.</param>
    public async Task<PushResult> ApplyAsync(ChangeSet changes, IProgress<PushProgress>? progress, CancellationToken cancellationToken)
    {
        if (changes.IsRefused)
        {
            return new PushResult
            {
                Steps = [.. changes.Changes.Where(c => c.IsWrite).Select(c => new PushStep(c, StepState.NotStarted, "The push was refused."))],
                Diagnostics = changes.Diagnostics,
            };
        }

        var last = LastPush(changes.Project, []);
        RecordUnchanged(changes, last);
        if (!changes.HasWrites)
        {
            return new PushResult { Steps = [], Diagnostics = changes.Diagnostics };
        }

        using var journal = Journal.Create(RunsFolder, target.Name, time);
        return await new PushRun(target, changes, last, journal, progress).CarryOutAsync(cancellationToken);
    }

    /// <summary>Reads the live system and works out what has to happen to undo a run. Writes nothing; <see cref="ApplyAsync"/> carries it out, and what is undone already is left out.</summary>
    /// <param name="runId">Name of the run.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="TargetException">The system could not be read.</exception>
    public async Task<Outcome<ChangeSet>> PlanRollbackAsync(string runId, CancellationToken cancellationToken)
    {
        var read = RunRecord.Read(RunsFolder, runId);
        if (!read.Succeeded(out var run))
        {
            return new(null, read.Diagnostics);
        }

        var resources = run.Steps.Select(s => s.Resource).OfType<Resource>().DistinctBy(r => r.Address).ToList();
        var reading = await target.ReadAsync(new DesiredState(run.Project, resources, run.Kinds), cancellationToken);
        var diagnostics = new List<Diagnostic>();
        return new(Rollback.Make(run, reading, LastPush(run.Project, diagnostics)), diagnostics);
    }

    /// <summary>What was sent last, by the last run that came to its end and by one that was interrupted since.</summary>
    private LastApplied LastPush(string project, ICollection<Diagnostic> diagnostics)
    {
        var last = LastApplied.Load(StateFile, project, diagnostics);
        if (Journal.Interrupted(RunsFolder, target.Name) is { } run)
        {
            last.TakeOver(RunsFolder, run, diagnostics);
        }

        return last;
    }

    /// <summary>What is as desired already was sent by somebody, perhaps from another machine: from now on its drift can be told.</summary>
    private static void RecordUnchanged(ChangeSet changes, LastApplied last)
    {
        foreach (var change in changes.Changes)
        {
            if (change is { Kind: ChangeKind.None, Desired: { } desired, Actual: { } live })
            {
                last.Record(change.Address, PushRun.AppliedBody(changes, last, change.ResourceKind, desired, live.RemoteId));
            }
        }

        last.Save();
    }
}
