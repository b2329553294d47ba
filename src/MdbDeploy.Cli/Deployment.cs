using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets;
using MdbDeploy.Targets.ConfigMgr;
using MdbDeploy.Targets.Runs;
using Spectre.Console;

namespace MdbDeploy.Cli;

/// <summary>A bundle against live systems: what differs, and carrying it out.</summary>
/// <param name="run">The run of the command.</param>
/// <param name="stateFolder">Folder whose <c>.mdbdeploy</c> keeps journal and state: the project's, or another for rehearsals.</param>
internal sealed class Deployment(Run run, string stateFolder)
{
    /// <summary>Compares the bundle with every target that it has resources for.</summary>
    public async Task<IReadOnlyList<TargetChanges>> CompareAsync(Bundle bundle, LiveTargets targets, ReconcileOptions options)
    {
        var compared = new List<TargetChanges>();
        var isAnywhere = targets.All.Any(target => HasRing(bundle, target.Name, options.Ring));
        foreach (var target in targets.All)
        {
            var resources = bundle.ResourcesOf(target.Name).ToList();
            if (!bundle.Kinds.TryGetValue(target.Name, out var kinds) || (isAnywhere && !HasRing(bundle, target.Name, options.Ring)))
            {
                continue;
            }

            var reconciler = new Reconciler(target, stateFolder, run.Time);
            var desired = new DesiredState(bundle.Project, resources, kinds.ToDictionary(k => k.Name, StringComparer.Ordinal));
            var mine = options with { Adopt = [.. options.Adopt.Where(address => resources.Any(r => r.Address == address))] };
            var changes = await run.Terminal.StepAsync($"Reading {Title(target.Name)}", () => reconciler.PlanAsync(desired, mine, run.Cancelled));
            if (changes.HasWrites && Journal.Unfinished(reconciler.RunsFolder, target.Name) is { } unfinished)
            {
                run.Terminal.Line($"The push {ConsoleText.Of(unfinished)} ended early; what it left is part of what follows.");
            }

            compared.Add(new TargetChanges(target.Name, reconciler, changes));
        }

        return compared;
    }

    // A ring whose devices all come in through one target is no mistake at the others.
    private static bool HasRing(Bundle bundle, string target, string? ring) =>
        ring is null || bundle.ResourcesOf(target).Any(resource => string.Equals(resource.Ring, ring, StringComparison.OrdinalIgnoreCase));

    /// <summary>Carries out the changes of one target, with a progress bar on a terminal and plain lines in a pipe.</summary>
    public async Task<PushResult> ApplyAsync(TargetChanges target)
    {
        if (!run.Terminal.IsInteractive || !target.Changes.HasWrites)
        {
            return await target.Reconciler.ApplyAsync(target.Changes, new PlainProgress(run.Terminal), run.Cancelled);
        }

        return await run.Terminal.Console.Progress().StartAsync(async progress =>
        {
            var bar = progress.AddTask(ConsoleText.Of(Title(target.Target)), maxValue: Math.Max(1, target.Changes.Changes.Count(c => c.IsWrite)));
            return await target.Reconciler.ApplyAsync(target.Changes, new Progress<PushProgress>(p => bar.Value = p.Finished), run.Cancelled);
        });
    }

    /// <summary>Seconds that are waited for members of collections when nobody says otherwise.</summary>
    public const int MembersAtMost = 120;

    /// <summary>Waits until the devices of the rings that were written, or of all, are members of their collections; says what is missing.</summary>
    public async Task AwaitMembersAsync(Bundle bundle, LiveTargets targets, IReadOnlyList<TargetChanges> compared, bool all, TimeSpan atMost)
    {
        if (targets.All.OfType<ConfigMgrTarget>().FirstOrDefault() is not { } target || !bundle.Kinds.TryGetValue(target.Name, out var kinds))
        {
            return;
        }

        // A property that was set moves members between collections whose rules stay as they are.
        var changes = compared.Where(t => t.Target == target.Name).SelectMany(t => t.Changes.Changes).ToList();
        all |= changes.Exists(c => c.IsWrite && c.ResourceKind.Handler == "properties");
        var rules = changes.Where(c => c.ResourceKind.Handler == "rules" && (all || c.IsWrite)).Select(c => c.Address).ToHashSet(StringComparer.Ordinal);
        if (rules.Count == 0)
        {
            return;
        }

        var desired = new DesiredState(bundle.Project, [.. bundle.ResourcesOf(target.Name)], kinds.ToDictionary(k => k.Name, StringComparer.Ordinal));
        var found = !run.Terminal.IsInteractive
            ? await target.AwaitMembersAsync(desired, rules, atMost, run.Time, null, run.Cancelled)
            : await run.Terminal.Console.Progress().StartAsync(async progress =>
            {
                var bar = progress.AddTask("Members of collections", maxValue: 1);
                return await target.AwaitMembersAsync(desired, rules, atMost, run.Time, new Progress<MembershipProgress>(p => (bar.MaxValue, bar.Value) = (Math.Max(1, p.Expected), p.There)), run.Cancelled);
            });
        foreach (var collection in found)
        {
            run.Terminal.Line(ConsoleText.Of($"  {collection.Collection}: {collection.Expected - collection.Missing.Length} of {collection.Expected} devices are members."));
        }

        run.Terminal.Diagnostics([.. found.Where(c => !c.IsComplete).Select(c => Problems.MembersNotThere.At(
            Location.Of(c.Address), $"After {atMost.TotalSeconds:0} s {c.Missing.Length} of {c.Expected} devices are not members of '{c.Collection}'{(c.IsEvaluated ? "" : ", which is still being evaluated")}{(c.Missing.IsEmpty ? "" : $": {string.Join(", ", c.Missing.Take(10))}{(c.Missing.Length > 10 ? " ..." : "")}")}."))]);
    }

    /// <summary>Title of a target for people.</summary>
    public static string Title(string target) => target switch
    {
        "graph" => "Microsoft Graph",
        "configmgr" => "Configuration Manager",
        "active-directory" => "Active Directory",
        _ => target,
    };

    /// <summary>Numbers of a push for <c>--json</c>.</summary>
    public static JsonObject Json(PushResult result) => new()
    {
        ["run"] = result.RunId,
        ["done"] = result.Done,
        ["failed"] = result.Failed,
        ["skipped"] = result.Skipped,
        ["waiting"] = result.Waiting,
        ["notStarted"] = result.NotStarted,
        ["complete"] = result.IsComplete,
    };

    /// <summary>Shows the steps that were not carried out.</summary>
    public static void ShowUnfinished(Terminal terminal, PushResult result)
    {
        foreach (var step in result.Steps.Where(s => s.State != StepState.Done))
        {
            terminal.Line($"  [red]{step.State.ToString().ToLowerInvariant()}[/] {ConsoleText.Of(step.Change.Address)}: {ConsoleText.Of(step.Note ?? "")}");
        }
    }

    private sealed class PlainProgress(Terminal terminal) : IProgress<PushProgress>
    {
        public void Report(PushProgress value)
        {
            if (value.State is { } state)
            {
                lock (terminal)
                {
                    terminal.Step(
                        $"  {(char)value.Change.Kind} {ConsoleText.Of(value.Change.Address)}{(state == StepState.Done ? "" : $" [red]{state.ToString().ToLowerInvariant()}[/]")}",
                        100 * value.Finished / Math.Max(1, value.Total));
                }
            }
        }
    }
}

/// <summary>What has to happen at one target.</summary>
/// <param name="Target">Name of the target.</param>
/// <param name="Reconciler">Carries it out.</param>
/// <param name="Changes">The changes.</param>
internal sealed record TargetChanges(string Target, Reconciler Reconciler, ChangeSet Changes);
