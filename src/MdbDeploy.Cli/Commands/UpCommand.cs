using System.CommandLine;
using System.Text.Json.Nodes;
using MdbDeploy.Cli.Views;
using MdbDeploy.Targets;
using MdbDeploy.Targets.Status;

namespace MdbDeploy.Cli.Commands;

/// <summary><c>up</c>: plan, render, push, status, report in one go; with <c>--lab</c> against the lab.</summary>
internal static class UpCommand
{
    private const string Demo = "mdbdeploy-demo";

    /// <summary>The command.</summary>
    public static Command Create(CommandLine line)
    {
        var project = new Argument<string?>("project")
        {
            Description = "Folder with mdbdeploy.yaml. When left out: the current folder, or with --lab and none there, a sample in ./" + Demo + ".",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var lab = new Option<bool>("--lab") { Description = "Start the lab and push into it instead of the real systems." };
        var faults = new Option<string?>("--faults") { Description = "With --lab: faults to inject, for example '429:0.1'.", HelpName = "spec" };
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask before pushing." };
        var asOf = GlobalOptions.AsOf();
        var command = new Command("up", "Plan, render, push, status and report in one go.") { project, lab, faults, yes, asOf };
        line.Handle(command, async run =>
        {
            var inLab = run.Parsed.GetValue(lab);
            var planned = await run.Pipeline.PlanAsync(Folder(run, run.Parsed.GetValue(project), inLab), run.Parsed.GetValue(asOf), run.Cancelled, listProblems: true);
            PlanCommand.Write(planned);
            run.Terminal.Diagnostics(planned.Diagnostics);
            if (!inLab)
            {
                return await UpAsync(run, planned, LiveTargets.Secrets, planned.Project.Folder, inLab: false, ask: !run.Parsed.GetValue(yes));
            }

            await using var server = await run.Terminal.StepAsync("Starting the lab", () => LabSession.StartAsync(planned.Fleet, planned.Packages, planned.Project, run.Time, 0, run.Parsed.GetValue(faults), run.Cancelled));
            var rehearsal = Path.Combine(planned.Project.Folder, ".mdbdeploy", $"lab-{server.BaseAddress.Port}");
            try
            {
                return await UpAsync(run, planned with { Project = LabSession.PointAt(server, planned.Project, rehearsal) }, name => name == "MDBDEPLOY_CLIENT_SECRET" ? server.ClientSecret : null, rehearsal, inLab: true, ask: false);
            }
            finally
            {
                // What was pushed into a lab dies with it; so does the record of it.
                if (Directory.Exists(rehearsal))
                {
                    Directory.Delete(rehearsal, recursive: true);
                }
            }
        });
        return command;
    }

    private static async Task<int> UpAsync(Run run, PlanningResult planned, Func<string, string?> secrets, string stateFolder, bool inLab, bool ask)
    {
        var bundle = await run.Pipeline.RenderAsync(planned, run.Cancelled);
        run.Terminal.Diagnostics(planned.Diagnostics);
        using var targets = LiveTargets.Open(planned.Project, [], run.Time, secrets, run.Terminal.Tell, run.IsInsecure);
        using var alone = PushLock.Take(stateFolder);
        var deployment = new Deployment(run, stateFolder);
        // The lab starts with nothing onboarded: its rehearsal shows every ring.
        var held = await Gates.HeldAsync(run, planned.Project, null, ignore: inLab, () => StatusCommand.ReadAsync(run, planned, targets));
        var compared = await deployment.CompareAsync(bundle, targets, new ReconcileOptions { Held = held });
        foreach (var target in compared)
        {
            run.Terminal.Diagnostics(target.Changes.Diagnostics);
            planned.Diagnostics.AddRange(target.Changes.Diagnostics);
        }

        var writes = compared.Sum(t => t.Changes.Changes.Count(c => c.IsWrite));
        if (ask && writes > 0)
        {
            foreach (var target in compared)
            {
                ChangesView.Show(run.Terminal, Deployment.Title(target.Target), target.Changes.Changes);
            }

            if (!PushCommand.Confirmed(run, writes))
            {
                return ExitCode.Failed;
            }
        }

        var results = new JsonObject();
        var changes = new List<Change>();
        var complete = true;
        foreach (var target in compared)
        {
            var result = await deployment.ApplyAsync(target);
            Deployment.ShowUnfinished(run.Terminal, result);
            run.Terminal.Diagnostics(result.Diagnostics.Except(target.Changes.Diagnostics));
            planned.Diagnostics.AddRange(result.Diagnostics.Except(target.Changes.Diagnostics));
            results[target.Target] = Deployment.Json(result);
            changes.AddRange(result.Steps.Where(s => s.State == StepState.Done).Select(s => s.Change));
            complete &= result.IsComplete;
            run.Cancelled.ThrowIfCancellationRequested();
        }

        if (complete)
        {
            await deployment.AwaitMembersAsync(bundle, targets, compared, all: false, TimeSpan.FromSeconds(Deployment.MembersAtMost));
        }

        var evidence = await StatusSources.ReadAsync(run, planned, targets, failed: null);
        var (status, runs) = StatusCommand.Remember(planned, evidence, stateFolder);
        StatusView.Write(planned, status, OnboardingStatus.Strays(planned.Plan, evidence.Reported));
        var report = ReportCommand.Write(run, planned, status, runs, changes, Summary.NextSteps(bundle, planned.Plan));
        Summary.Show(run.Terminal, planned, bundle, status, changes, report);
        run.Terminal.Result(() => new JsonObject
        {
            ["project"] = planned.Project.Folder,
            ["plan"] = PlanView.Json(planned.Plan),
            ["push"] = results,
            ["status"] = StatusView.States(status),
            ["report"] = report,
        });
        return complete ? ExitCode.Done : ExitCode.Partial;
    }

    private static string Folder(Run run, string? named, bool inLab)
    {
        if (named is not null || !inLab || File.Exists("mdbdeploy.yaml"))
        {
            return named ?? ".";
        }

        if (!File.Exists(Path.Combine(Demo, "mdbdeploy.yaml")))
        {
            NewCommand.Scaffold(run, Demo);
            run.Terminal.Line($"Made a sample project in [bold]./{Demo}[/].");
        }

        return Demo;
    }
}
