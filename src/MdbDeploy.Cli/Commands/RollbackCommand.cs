using System.CommandLine;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets;
using MdbDeploy.Targets.Runs;

namespace MdbDeploy.Cli.Commands;

/// <summary><c>rollback</c>: undoes one run from its journal.</summary>
internal static class RollbackCommand
{
    /// <summary>The command.</summary>
    public static Command Create(CommandLine line)
    {
        var what = new Argument<string[]>("project run") { Description = "Name of the run, as push shows it; before it, if need be, the folder with mdbdeploy.yaml.", Arity = new ArgumentArity(1, 2) };
        var whatIf = new Option<bool>("--what-if") { Description = "Show what would be undone and do nothing; exit code 2 when something would." };
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask." };
        var command = new Command("rollback", "Undoes one run: only what that run wrote, only where it still stands as the run left it. Never offboards a device. Repeat it to resume.") { what, whatIf, yes };
        line.Handle(command, async run =>
        {
            var words = run.Parsed.GetRequiredValue(what);
            var settings = Pipeline.ReadProject(words.Length == 2 ? words[0] : ".");
            var runId = words[^1].EndsWith(".jsonl", StringComparison.Ordinal) ? Path.GetFileNameWithoutExtension(words[^1]) : words[^1];
            var record = Pipeline.Require(RunRecord.Read(Path.Combine(settings.Folder, ".mdbdeploy", "runs"), runId), []);
            if (record.Project != settings.Id)
            {
                throw new InputException([Problems.RunUnknown.At(Location.Of(runId), $"The run is of the project '{record.Project}', not of '{settings.Id}'.")]);
            }

            using var targets = LiveTargets.Open(settings, [record.Target], run.Time, LiveTargets.Secrets, run.Terminal.Tell);
            using var alone = run.Parsed.GetValue(whatIf) ? null : PushLock.Take(settings.Folder);
            var target = targets.All.Single(t => t.Name == record.Target);
            var reconciler = new Reconciler(target, settings.Folder, run.Time);
            var diagnostics = new List<Diagnostic>();
            var changes = Pipeline.Require(await run.Terminal.StepAsync($"Reading {Deployment.Title(target.Name)}", () => reconciler.PlanRollbackAsync(runId, run.Cancelled)), diagnostics);
            run.Terminal.Diagnostics(diagnostics);
            IReadOnlyList<TargetChanges> compared = [new TargetChanges(target.Name, reconciler, changes)];
            if (run.Parsed.GetValue(whatIf))
            {
                return DiffCommand.Show(run, compared);
            }

            var (exitCode, _) = await PushCommand.PushAsync(run, new Deployment(run, settings.Folder), compared, ask: !run.Parsed.GetValue(yes), again: $"mdbdeploy rollback {runId}");
            return exitCode == ExitCode.Done && changes.Diagnostics.Any(d => d.Code == Problems.CannotBeUndone.Code) ? ExitCode.Differences : exitCode;
        });
        return command;
    }
}
