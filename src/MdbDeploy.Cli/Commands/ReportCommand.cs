using System.Collections.Immutable;
using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Cli.Reports;
using MdbDeploy.Diagnostics;
using MdbDeploy.Rendering;
using MdbDeploy.Targets;
using MdbDeploy.Targets.Runs;
using MdbDeploy.Targets.Status;
using Spectre.Console;

namespace MdbDeploy.Cli.Commands;

/// <summary><c>report</c>: one self-contained page.</summary>
internal static class ReportCommand
{
    private const int MostDevicesAsJson = 100_000;
    private const string DevicesMark = "@@DEVICES@@";

    /// <summary>The command.</summary>
    public static Command Create(CommandLine line)
    {
        var project = GlobalOptions.Project();
        var asOf = GlobalOptions.AsOf();
        var offline = new Option<bool>("--offline") { Description = "Do not ask the live systems who is onboarded." };
        var command = new Command("report", "One self-contained page: roll-out per ring and method, what needs attention, every device. Writes out/report.html.") { project, asOf, offline };
        line.Handle(command, async run =>
        {
            var planned = await run.Pipeline.PlanAsync(run.Parsed.GetRequiredValue(project), run.Parsed.GetValue(asOf), run.Cancelled);
            // Of a large fleet plan.json is larger than anything reads; 'plan' writes it.
            PlanCommand.Write(planned, json: planned.Plan.Devices.Length <= MostDevicesAsJson);
            var (status, runs) = (OnboardingStatus.Compare(planned.Plan, []), History(planned));
            var failed = new List<Diagnostic>();
            IReadOnlyList<Change>? differences = null;
            if (!run.Parsed.GetValue(offline))
            {
                using var targets = LiveTargets.Open(planned.Project, LiveTargets.Configured(planned.Project), run.Time, LiveTargets.Secrets, run.Terminal.Tell, run.IsInsecure);
                var evidence = await StatusSources.ReadAsync(run, planned, targets, failed);
                // Half an answer is no point of a trend.
                (status, runs) = failed.Count == 0 ? StatusCommand.Remember(planned, evidence, planned.Project.Folder) : (OnboardingStatus.Compare(planned.Plan, evidence), runs);
                differences = await DifferencesAsync(run, planned, targets, status);
                planned.Diagnostics.AddRange(failed);
            }

            var (last, changes) = LastPush(planned.Project.Folder);
            var path = Write(run, planned, status, runs, changes, [], last, differences);
            run.Terminal.Diagnostics(planned.Diagnostics);
            run.Terminal.Line($"Written: {ConsoleText.Of(path)}");
            run.Terminal.Result(() => new JsonObject { ["report"] = path });
            return failed.Count == 0 ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    /// <summary>Writes report.html and returns its path.</summary>
    /// <param name="run">The run of the command.</param>
    /// <param name="planned">The plan.</param>
    /// <param name="status">Where every device stands.</param>
    /// <param name="runs">What earlier runs found.</param>
    /// <param name="changes">What the last push did.</param>
    /// <param name="next">What is left for people.</param>
    /// <param name="lastPush">Name and time of the last push.</param>
    /// <param name="differences">How the live systems differ from the bundle; null when they were not compared.</param>
    public static string Write(
        Run run, PlanningResult planned, ImmutableArray<DeviceStatus> status, ImmutableArray<StatusRun> runs, IReadOnlyList<Change> changes, IReadOnlyList<(string What, string Where)> next, string? lastPush = null, IReadOnlyList<Change>? differences = null)
    {
        var model = ReportModel.Of(new ReportInput
        {
            Organization = planned.Project.Organization,
            Version = Assets.Version,
            Plan = planned.Plan,
            Status = status,
            Runs = runs,
            Changes = changes,
            LastPush = lastPush,
            Differences = differences,
            Next = next,
            Packages = planned.Packages.Packages,
            Prerequisites = planned.Prerequisites,
            Diagnostics = planned.Diagnostics,
        });
        var html = Pipeline.Require(DocumentTemplate.Render(Path.Combine(run.Assets.Templates, "report"), "report.html.sbn", model, run.Cancelled), planned.Diagnostics);
        var path = Path.Combine(planned.OutFolder, "report.html");

        // The devices go past the template: they may be a million.
        var at = html.LastIndexOf(DevicesMark, StringComparison.Ordinal);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(Encoding.UTF8.GetBytes(html[..at]));
            DeviceColumns.Write(status, stream);
            stream.Write(Encoding.UTF8.GetBytes(html[(at + DevicesMark.Length)..]));
        });
        return path;
    }

    /// <summary>How the live systems differ from the bundle, held rings left out; null when nothing was rendered or a system did not answer.</summary>
    private static async Task<IReadOnlyList<Change>?> DifferencesAsync(Run run, PlanningResult planned, LiveTargets targets, ImmutableArray<DeviceStatus> status)
    {
        if (BundleFolder.Read(planned.OutFolder).Value is not { } bundle || targets.All.Count == 0)
        {
            return null;
        }

        try
        {
            var held = await Gates.HeldAsync(run, planned.Project, null, false, () => Task.FromResult(status));
            var compared = await new Deployment(run, planned.Project.Folder).CompareAsync(bundle, targets, new ReconcileOptions { Held = held });
            return [.. compared.SelectMany(t => t.Changes.Changes).Where(c => c.Kind != ChangeKind.None)];
        }
        catch (TargetException silent)
        {
            planned.Diagnostics.Add(Problems.NotCompared.At(silent.Diagnostic.Where, $"{silent.Diagnostic.Message} ({silent.Diagnostic.Code})"));
            return null;
        }
    }

    private static ImmutableArray<StatusRun> History(PlanningResult planned)
    {
        try
        {
            if (!File.Exists(Path.Combine(planned.Project.Folder, ".mdbdeploy", StatusHistory.FileName)))
            {
                return [];
            }

            using var history = StatusHistory.Open(planned.Project.Folder);
            return history.Runs(StatusCommand.RunsShown);
        }
        catch (TargetException unusable)
        {
            planned.Diagnostics.Add(unusable.Diagnostic);
            return [];
        }
    }

    // The newest journal, whatever target it was for.
    private static (string? Run, IReadOnlyList<Change> Changes) LastPush(string folder)
    {
        var runs = Path.Combine(folder, ".mdbdeploy", "runs");
        if (!Directory.Exists(runs) || Directory.EnumerateFiles(runs, "*.jsonl").Select(f => Path.GetFileNameWithoutExtension(f)).Max(StringComparer.Ordinal) is not { } newest || RunRecord.Read(runs, newest).Value is not { } record)
        {
            return (null, []);
        }

        return ($"Run {newest}; 'mdbdeploy rollback' undoes it.",
            [.. record.Steps.Select(step => new Change { Kind = step.Change, Address = step.Address, ResourceKind = step.Kind, Reason = step.RemoteId is null ? "It may not have been carried out." : "" })]);
    }
}
