using System.CommandLine;
using System.Text.Json.Nodes;
using MdbDeploy.Cli.Reports;
using MdbDeploy.Rendering;
using MdbDeploy.Targets;
using MdbDeploy.Targets.Status;
using Spectre.Console;

namespace MdbDeploy.Cli.Commands;

/// <summary><c>report</c>: one self-contained page.</summary>
internal static class ReportCommand
{
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
            PlanCommand.Write(planned);
            var status = OnboardingStatus.Compare(planned.Plan, []);
            if (!run.Parsed.GetValue(offline))
            {
                using var targets = LiveTargets.Open(planned.Project, [], run.Time, LiveTargets.Secrets, run.Terminal.Tell, run.IsInsecure);
                status = await StatusCommand.ReadAsync(run, planned, targets);
            }

            var path = Write(run, planned, status, [], []);
            run.Terminal.Diagnostics(planned.Diagnostics);
            run.Terminal.Line($"Written: {Markup.Escape(path)}");
            run.Terminal.Result(() => new JsonObject { ["report"] = path });
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Writes report.html and returns its path.</summary>
    public static string Write(Run run, PlanningResult planned, System.Collections.Immutable.ImmutableArray<DeviceStatus> status, IReadOnlyList<Change> changes, IReadOnlyList<(string What, string Where)> next)
    {
        var model = ReportModel.Of(new ReportInput
        {
            Organization = planned.Project.Organization,
            Version = Assets.Version,
            Plan = planned.Plan,
            Status = status,
            Changes = changes,
            Next = next,
            Diagnostics = planned.Diagnostics,
        });
        var html = Pipeline.Require(DocumentTemplate.Render(Path.Combine(run.Assets.Templates, "report"), "report.html.sbn", model, run.Cancelled), planned.Diagnostics);
        var path = Path.Combine(planned.OutFolder, "report.html");
        AtomicFile.Write(path, System.Text.Encoding.UTF8.GetBytes(html));
        return path;
    }
}
