using System.CommandLine;
using System.Text.Json.Nodes;
using MdbDeploy.Cli.Views;
using MdbDeploy.Planning;
using Spectre.Console;

namespace MdbDeploy.Cli.Commands;

/// <summary><c>plan</c>: method and ring of every device, and why.</summary>
internal static class PlanCommand
{
    /// <summary>The command.</summary>
    public static Command Create(CommandLine line)
    {
        var project = GlobalOptions.Project();
        var asOf = GlobalOptions.AsOf();
        var explain = new Option<string?>("--explain") { Description = "Show how the plan of one device came about; writes nothing.", HelpName = "device" };
        var csvOnly = new Option<bool>("--csv-only") { Description = "Do not write plan.json: for a million devices it is a gigabyte." };
        var command = new Command("plan", "Eligibility, method and ring of every device, and why. Writes out/plan.csv, out/plan.json and out/problems.csv.") { project, asOf, explain, csvOnly };
        line.Handle(command, async run =>
        {
            var planned = await run.Pipeline.PlanAsync(run.Parsed.GetRequiredValue(project), run.Parsed.GetValue(asOf), run.Cancelled, listProblems: run.Parsed.GetValue(explain) is null);
            if (run.Parsed.GetValue(explain) is { } name)
            {
                return Explain(run, planned, name);
            }

            Write(planned, !run.Parsed.GetValue(csvOnly));
            run.Terminal.Diagnostics(planned.Diagnostics);
            PlanView.Show(run.Terminal, planned.Plan);
            PlanView.ShowAttention(run.Terminal, PlanView.Attention(planned.Plan));
            PrerequisitesView.Show(run.Terminal, planned.Prerequisites);
            run.Terminal.Line($"Written: {ConsoleText.Of(Path.Combine(planned.OutFolder, "plan.csv"))}");
            run.Terminal.Result(() =>
            {
                var result = PlanView.Json(planned.Plan);
                result["prerequisites"] = PrerequisitesView.Json(planned.Prerequisites);
                return result;
            });
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Writes plan.csv and, unless nobody wants it, plan.json.</summary>
    public static void Write(PlanningResult planned, bool json = true)
    {
        AtomicFile.Write(Path.Combine(planned.OutFolder, "plan.csv"), stream => PlanCsv.Write(planned.Plan, stream));
        if (json)
        {
            AtomicFile.Write(Path.Combine(planned.OutFolder, "plan.json"), stream => PlanJson.Write(planned.Plan, stream));
        }
    }

    private static int Explain(Run run, PlanningResult planned, string name)
    {
        var explanations = Pipeline.Require(
            Planner.Explain(planned.Fleet, planned.Project, Requirements.BuiltIn, planned.Methods, planned.Packages, planned.AsOf, name), []);
        var records = ProjectFiles.Records(planned.Project, planned.Fleet, explanations.Select(e => e.Planned.Device), run.Cancelled);
        foreach (var explanation in explanations)
        {
            ExplanationView.Show(run.Terminal, explanation, DeviceEvidence.Of(explanation.Planned.Device, records));
        }

        run.Terminal.Result(() => new JsonArray([.. explanations.Select(e => ExplanationView.Json(e, DeviceEvidence.Of(e.Planned.Device, records)))]));
        return ExitCode.Done;
    }
}
