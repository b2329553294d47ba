using System.CommandLine;
using System.Text.Json.Nodes;
using MdbDeploy.Cli.Views;
using MdbDeploy.Diagnostics;
using MdbDeploy.Packages;
using MdbDeploy.Planning;
using MdbDeploy.Targets;
using Spectre.Console;

namespace MdbDeploy.Cli.Commands;

/// <summary><c>offboard</c>: the same pipeline for the devices marked for it. The only command that offboards.</summary>
internal static class OffboardCommand
{
    /// <summary>The command.</summary>
    public static Command Create(CommandLine line)
    {
        var project = GlobalOptions.Project();
        var target = GlobalOptions.Target();
        var whatIf = new Option<bool>("--what-if") { Description = "Render, show what would be done and do nothing; exit code 2 when something would." };
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask." };
        var adopt = new Option<string[]>("--adopt") { Description = "Take over the object that stands at this address without our marker. May be given several times.", HelpName = "address" };
        var command = new Command("offboard", "Plans, renders and pushes, and offboards the devices marked for it: state 'offboard' in the inventory, or 'offboard:' in mdbdeploy.yaml. Repeat it to resume.")
        {
            project, target, whatIf, yes, adopt,
        };
        line.Handle(command, async run =>
        {
            var planned = await run.Pipeline.PlanAsync(run.Parsed.GetRequiredValue(project), null, run.Cancelled);
            var refused = OffboardingChecks.Refusals(planned.Plan, planned.Project, planned.Packages, run.Time.GetUtcNow());
            if (refused.Count > 0)
            {
                throw new InputException([.. planned.Diagnostics.Where(d => d.Code != Problems.OffboardingLeftOut.Code), .. refused]);
            }

            var leaving = planned.Plan.Devices.Matching(o => o.Offboarding is not null).ToList();
            if (leaving.Count == 0)
            {
                run.Terminal.Diagnostics(planned.Diagnostics.Where(d => d.Code == Problems.OffboardNameUnknown.Code));
                run.Terminal.Line("No device is marked for offboarding: nothing was written.");
                run.Terminal.Result(() => new JsonObject { ["offboarding"] = new JsonArray() });
                return ExitCode.Done;
            }

            var bundle = await run.Pipeline.RenderAsync(planned, run.Cancelled);
            PlanCommand.Write(planned);
            run.Terminal.Diagnostics(planned.Diagnostics);
            Show(run.Terminal, leaving, planned);
            foreach (var (what, where) in Summary.NextSteps(bundle, planned.Plan).Where(s => s.Where.Contains("/offboarding/", StringComparison.Ordinal) && !s.Where.Contains("/intune/", StringComparison.Ordinal)))
            {
                run.Terminal.Line($"  [grey]left for you:[/] {ConsoleText.Of(what)} [grey]{ConsoleText.Of(where)}[/]");
            }

            using var targets = LiveTargets.Open(planned.Project, run.Parsed.GetValue(target) ?? [], run.Time, LiveTargets.Secrets, run.Terminal.Tell);
            using var alone = run.Parsed.GetValue(whatIf) ? null : PushLock.Take(planned.Project.Folder);
            var deployment = new Deployment(run, planned.Project.Folder);
            // A device leaves its onboarding ring in the same push; rings that wait for their gates go on waiting.
            var held = await Gates.HeldAsync(run, planned.Project, null, ignore: false, () => StatusCommand.ReadAsync(run, planned.Project.Folder));
            var compared = await deployment.CompareAsync(bundle, targets, new ReconcileOptions { Offboard = true, Held = held, Adopt = [.. run.Parsed.GetValue(adopt) ?? []] });
            return run.Parsed.GetValue(whatIf)
                ? DiffCommand.Show(run, compared)
                : (await PushCommand.PushAsync(run, deployment, compared, ask: !run.Parsed.GetValue(yes), again: "mdbdeploy offboard")).ExitCode;
        });
        return command;
    }

    private static void Show(Terminal terminal, List<PlannedDevice> leaving, PlanningResult planned)
    {
        foreach (var group in leaving.GroupBy(d => d.Offboarding!, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            var package = OffboardingChecks.PackageOf(group.Key, planned.Packages);
            terminal.Line($"[bold]Offboarding by {ConsoleText.Of(Methods.TitleOf(group.Key))}[/]: {group.Count()} ({ConsoleText.Of(PlanView.Short([.. group.Select(d => d.Device.Name)]))}), "
                + ConsoleText.Of(package is null ? "no package" : $"package valid until {Until(package)}"));
        }
    }

    private static string Until(OnboardingPackage package) => package.Expires?.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", System.Globalization.CultureInfo.InvariantCulture) ?? "a day that it does not say";
}
