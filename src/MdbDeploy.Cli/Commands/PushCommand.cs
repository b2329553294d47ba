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
        line.Handle(command, async run =>
        {
            var folder = run.Parsed.GetRequiredValue(project);
            var settings = Pipeline.ReadProject(folder);
            var bundle = Pipeline.Require(BundleFolder.Read(Path.Combine(settings.Folder, settings.Out)), []);
            using var targets = LiveTargets.Open(settings, run.Parsed.GetValue(target) ?? [], run.Time, LiveTargets.Secrets, run.Terminal.Tell, run.IsInsecure);
            using var alone = run.Parsed.GetValue(whatIf) ? null : PushLock.Take(settings.Folder);
            var deployment = new Deployment(run, settings.Folder);
            var held = await Gates.HeldAsync(run, settings, run.Parsed.GetValue(ring), run.Parsed.GetValue(ignoreGates), () => StatusCommand.ReadAsync(run, folder));
            var compared = await deployment.CompareAsync(bundle, targets, new ReconcileOptions
            {
                Ring = run.Parsed.GetValue(ring),
                Held = held,
                Adopt = [.. run.Parsed.GetValue(adopt) ?? []],
            });
            if (run.Parsed.GetValue(whatIf))
            {
                return DiffCommand.Show(run, compared);
            }

            if (run.Parsed.GetValue(expect) is { } expected && expected != DiffCommand.Fingerprint(compared))
            {
                throw new InputException([Problems.StateMovedSinceReview.At(Location.None, $"The changes are '{DiffCommand.Fingerprint(compared)}', not '{expected}'.")]);
            }

            var code = await PushAsync(run, deployment, compared, ask: !run.Parsed.GetValue(yes) && !run.Parsed.GetValue(resume));
            if (code == ExitCode.Done && run.Parsed.GetValue(wait) > 0)
            {
                await deployment.AwaitMembersAsync(bundle, targets, compared, all: run.Parsed.GetResult(wait) is { Implicit: false }, TimeSpan.FromSeconds(run.Parsed.GetValue(wait)));
            }

            return code;
        });
        return command;
    }

    /// <summary>Shows the changes, asks, and carries them out.</summary>
    /// <param name="run">The run of the command.</param>
    /// <param name="deployment">Carries them out.</param>
    /// <param name="compared">The changes.</param>
    /// <param name="ask">Whether to ask before.</param>
    /// <param name="again">The command that continues when it ends early.</param>
    public static async Task<int> PushAsync(Run run, Deployment deployment, IReadOnlyList<TargetChanges> compared, bool ask, string again = "mdbdeploy push --resume")
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
            return ExitCode.Failed;
        }

        var writes = compared.Sum(t => t.Changes.Changes.Count(c => c.IsWrite));
        if (writes > 0 && ask && !Confirmed(run, writes))
        {
            return ExitCode.Failed;
        }

        var results = new JsonObject();
        var complete = true;
        foreach (var target in compared)
        {
            var result = await deployment.ApplyAsync(target);
            results[target.Target] = Deployment.Json(result);
            Deployment.ShowUnfinished(run.Terminal, result);
            run.Terminal.Diagnostics(result.Diagnostics.Except(target.Changes.Diagnostics));
            complete &= result.IsComplete;
            run.Terminal.Line(result.Steps.IsEmpty
                ? $"{Deployment.Title(target.Target)}: everything is as desired, nothing was written."
                : $"{Deployment.Title(target.Target)}: [green]{result.Done} done[/]{(result.IsComplete ? "" : $", [red]{result.Failed} failed, {result.Skipped} skipped, {result.Waiting} waiting for approval, {result.NotStarted} not started[/]")}.{(result.RunId is null ? "" : $" [grey]run {result.RunId}[/]")}");
            run.Cancelled.ThrowIfCancellationRequested();
        }

        run.Terminal.Result(() => results);
        if (!complete)
        {
            run.Terminal.Line($"Continue with: {again}");
        }

        return complete ? ExitCode.Done : ExitCode.Partial;
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
