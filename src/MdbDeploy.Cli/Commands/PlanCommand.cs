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
        var explain = new Option<string?>("--explain") { Description = "Show how the plan of one device came about.", HelpName = "device" };
        var command = new Command("plan", "Eligibility, method and ring of every device, and why. Writes out/plan.csv and out/plan.json.") { project, asOf, explain };
        line.Handle(command, async run =>
        {
            var planned = await run.Pipeline.PlanAsync(run.Parsed.GetRequiredValue(project), run.Parsed.GetValue(asOf), run.Cancelled);
            if (run.Parsed.GetValue(explain) is { } name)
            {
                return Explain(run, planned, name);
            }

            Directory.CreateDirectory(planned.OutFolder);
            Write(planned);
            run.Terminal.Diagnostics(planned.Diagnostics);
            PlanView.Show(run.Terminal, planned.Plan);
            PlanView.ShowAttention(run.Terminal, PlanView.Attention(planned.Plan));
            run.Terminal.Line($"Written: {Markup.Escape(Path.Combine(planned.OutFolder, "plan.csv"))}");
            run.Terminal.Result(() => PlanView.Json(planned.Plan));
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Writes plan.csv and plan.json.</summary>
    public static void Write(PlanningResult planned)
    {
        Directory.CreateDirectory(planned.OutFolder);
        AtomicFile.Write(Path.Combine(planned.OutFolder, "plan.csv"), PlanCsv.Write(planned.Plan));
        AtomicFile.Write(Path.Combine(planned.OutFolder, "plan.json"), PlanJson.Write(planned.Plan));
    }

    private static int Explain(Run run, PlanningResult planned, string name)
    {
        var found = planned.Plan.Devices.Where(d => string.Equals(d.Device.Name, name, StringComparison.OrdinalIgnoreCase) || string.Equals(d.Device.Fqdn, name, StringComparison.OrdinalIgnoreCase)).ToList();
        if (found.Count == 0)
        {
            var near = Yaml.Nearest.To(name, planned.Plan.Devices.Select(d => d.Device.Name));
            run.Terminal.Line($"No device '{Markup.Escape(name)}' in the inventory.{(near is null ? "" : $" Did you mean '{Markup.Escape(near)}'?")}");
            return ExitCode.Failed;
        }

        return ExitCode.Done;
    }
}
