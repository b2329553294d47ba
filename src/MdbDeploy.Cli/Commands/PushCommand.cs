using System.CommandLine;
using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Cli.Views;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets;
using Spectre.Console;

namespace MdbDeploy.Cli.Commands;

/// <summary><c>push</c>: carries out exactly the bundle.</summary>
internal static class PushCommand
{
    /// <summary>The command.</summary>
    public static Command Create(CommandLine line)
    {
        var project = GlobalOptions.Project();
        var target = GlobalOptions.Target();
        var ring = new Option<string?>("--ring") { Description = "Only this ring.", HelpName = "name" };
        var whatIf = new Option<bool>("--what-if") { Description = "Show what would be done and do nothing; exit code 2 when something would." };
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask." };
        var resume = new Option<bool>("--resume") { Description = "Continue a push that ended early: reads the live systems again and does what is left. Does not ask." };
        var adopt = new Option<string[]>("--adopt") { Description = "Take over the object that stands at this address without our marker, or let the bundle win a conflict. May be given several times.", HelpName = "address" };
        var expect = new Option<string?>("--expect") { Description = "Refuse when the changes are not those that 'diff' showed with this fingerprint.", HelpName = "fingerprint" };
        var wait = new Option<int>("--wait") { Description = "Seconds to wait for devices to become members of Configuration Manager collections; 0 does not wait.", HelpName = "seconds", DefaultValueFactory = _ => Deployment.MembersAtMost };
        var ignoreGates = new Option<bool>("--ignore-gates") { Description = "Push rings whose gates ('after', 'when', 'notBefore') are closed too." };
        var command = new Command("push", "Carries out the bundle at the live systems: exactly what was rendered, nothing that is not ours.")
        {
            project, target, ring, whatIf, yes, resume, adopt, expect, ignoreGates, wait,
        };
        line.Handle(command, async run => (await CarryOutAsync(run, new PushRequest
        {
            Folder = run.Parsed.GetRequiredValue(project),
            Targets = run.Parsed.GetValue(target) ?? [],
            Ring = run.Parsed.GetValue(ring),
            WhatIf = run.Parsed.GetValue(whatIf),
            Asks = !run.Parsed.GetValue(yes) && !run.Parsed.GetValue(resume),
            Adopt = run.Parsed.GetValue(adopt) ?? [],
            Expect = run.Parsed.GetValue(expect),
            Wait = TimeSpan.FromSeconds(run.Parsed.GetValue(wait)),
            WaitsForUnchanged = run.Parsed.GetResult(wait) is { Implicit: false },
            IgnoreGates = run.Parsed.GetValue(ignoreGates),
        })).ExitCode);
        return command;
    }

    /// <summary>Compares the bundle with the live systems, asks, and carries out the changes; or only compares.</summary>
    /// <exception cref="InputException">The input has errors, a gate is closed, or the state moved since it was reviewed.</exception>
    /// <exception cref="TargetException">A live system could not be read.</exception>
    public static async Task<PushOutcome> CarryOutAsync(Run run, PushRequest request)
    {
        var settings = Pipeline.ReadProject(request.Folder);
        var bundle = Pipeline.Require(BundleFolder.Read(Path.Combine(settings.Folder, settings.Out)), []);
        using var targets = LiveTargets.Open(settings, request.Targets, run.Time, LiveTargets.Secrets, run.Terminal.Tell, run.IsInsecure);
        using var alone = request.WhatIf ? null : PushLock.Take(settings.Folder);
        var deployment = new Deployment(run, settings.Folder);
        var held = await Gates.HeldAsync(run, settings, request.Ring, request.IgnoreGates, () => StatusCommand.ReadAsync(run, request.Folder));
        var compared = await deployment.CompareAsync(bundle, targets, new ReconcileOptions { Ring = request.Ring, Held = held, Adopt = [.. request.Adopt] });
        if (request.WhatIf)
        {
            return new PushOutcome(DiffCommand.Show(run, compared), compared, []);
        }

        if (request.Expect is { } expected && expected != DiffCommand.Fingerprint(compared))
        {
            throw new InputException([Problems.StateMovedSinceReview.At(Location.None, $"The changes are '{DiffCommand.Fingerprint(compared)}', not '{expected}'.")]);
        }

        var (code, results) = await PushAsync(run, deployment, compared, request.Asks);
        if (code == ExitCode.Done && request.Wait > TimeSpan.Zero)
        {
            await deployment.AwaitMembersAsync(bundle, targets, compared, all: request.WaitsForUnchanged, request.Wait);
        }

        return new PushOutcome(code, compared, results);
    }

    /// <summary>Shows the changes, asks, and carries them out.</summary>
    /// <param name="run">The run of the command.</param>
    /// <param name="deployment">Carries them out.</param>
    /// <param name="compared">The changes.</param>
    /// <param name="ask">Whether to ask before.</param>
    /// <param name="again">The command that continues when it ends early.</param>
    /// <returns>The exit code, and what was done at each target, in their order; nothing when the push was refused.</returns>
    public static async Task<(int ExitCode, IReadOnlyList<PushResult> Results)> PushAsync(Run run, Deployment deployment, IReadOnlyList<TargetChanges> compared, bool ask, string again = "mdbdeploy push --resume")
    {
        foreach (var target in compared)
        {
            ChangesView.Show(run.Terminal, Deployment.Title(target.Target), target.Changes.Changes);
            run.Terminal.Diagnostics(target.Changes.Diagnostics);
        }

        if (compared.Any(t => t.Changes.IsRefused))
        {
            run.Terminal.Line("[red]Nothing was pushed.[/]");
            run.Terminal.Result(() => new JsonObject { ["pushed"] = false });
            return (ExitCode.Failed, []);
        }

        var writes = compared.Sum(t => t.Changes.Changes.Count(c => c.IsWrite));
        if (writes > 0 && ask && !Confirmed(run, writes))
        {
            return (ExitCode.Failed, []);
        }

        var results = new List<PushResult>();
        var complete = true;
        foreach (var target in compared)
        {
            var result = await deployment.ApplyAsync(target);
            results.Add(result);
            Deployment.ShowUnfinished(run.Terminal, result);
            run.Terminal.Diagnostics(result.Diagnostics.Except(target.Changes.Diagnostics));
            complete &= result.IsComplete;
            run.Terminal.Line(result.Steps.IsEmpty
                ? $"{Deployment.Title(target.Target)}: everything is as desired, nothing was written."
                : $"{Deployment.Title(target.Target)}: [green]{result.Done} done[/]{(result.IsComplete ? "" : $", [red]{result.Failed} failed, {result.Skipped} skipped, {result.Waiting} waiting for approval, {result.NotStarted} not started[/]")}.{(result.RunId is null ? "" : $" [grey]run {result.RunId}[/]")}");
            run.Cancelled.ThrowIfCancellationRequested();
        }

        run.Terminal.Result(() => new JsonObject(compared.Zip(results, (t, result) => KeyValuePair.Create(t.Target, (JsonNode?)Deployment.Json(result)))));
        if (!complete)
        {
            run.Terminal.Line($"Continue with: {again}");
        }

        return (complete ? ExitCode.Done : ExitCode.Partial, results);
    }

    /// <summary>Asks before writing; where nobody is there to ask, says how to go on.</summary>
    public static bool Confirmed(Run run, int writes)
    {
        if (!run.Terminal.IsInteractive)
        {
            run.Terminal.Line($"{writes} changes wait. Nobody is there to ask: repeat with --yes.");
            return false;
        }

        return run.Terminal.Console.Confirm($"Carry out {writes} {(writes == 1 ? "change" : "changes")}?", defaultValue: false);
    }
}

/// <summary>What to push, and how.</summary>
internal sealed record PushRequest
{
    /// <summary>The project.</summary>
    public required string Folder { get; init; }

    /// <summary>Names of the targets; empty for all that the project names.</summary>
    public IReadOnlyCollection<string> Targets { get; init; } = [];

    /// <summary>Only this ring; null for all.</summary>
    public string? Ring { get; init; }

    /// <summary>Whether to compare only.</summary>
    public bool WhatIf { get; init; }

    /// <summary>Whether to ask before writing.</summary>
    public bool Asks { get; init; }

    /// <summary>Addresses to take over.</summary>
    public IReadOnlyCollection<string> Adopt { get; init; } = [];

    /// <summary>The fingerprint that the changes must have; null for any.</summary>
    public string? Expect { get; init; }

    /// <summary>How long to wait for members of collections.</summary>
    public TimeSpan Wait { get; init; }

    /// <summary>Whether to wait also for collections whose rules are as desired already.</summary>
    public bool WaitsForUnchanged { get; init; }

    /// <summary>Whether to push rings whose gates are closed.</summary>
    public bool IgnoreGates { get; init; }
}

/// <summary>What came of a push.</summary>
/// <param name="ExitCode">The exit code of the command.</param>
/// <param name="Compared">The changes, by target.</param>
/// <param name="Results">What was done at each of these targets; empty when nothing was to be done, or nothing might.</param>
internal sealed record PushOutcome(int ExitCode, IReadOnlyList<TargetChanges> Compared, IReadOnlyList<PushResult> Results);
