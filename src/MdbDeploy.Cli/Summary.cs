using System.Globalization;
using System.Text.RegularExpressions;
using MdbDeploy.Bundles;
using MdbDeploy.Cli.Reports;
using MdbDeploy.Cli.Views;
using MdbDeploy.Planning;
using MdbDeploy.Targets;
using MdbDeploy.Targets.Status;
using Spectre.Console;

namespace MdbDeploy.Cli;

/// <summary>What a person reads at the end of <c>up</c>.</summary>
internal static partial class Summary
{
    /// <summary>What the bundle leaves for people to do: a sentence, and the file that does it.</summary>
    public static IReadOnlyList<(string What, string Where)> NextSteps(Bundle bundle, Plan plan)
    {
        var steps = new List<(string, string)>();
        foreach (var (method, file, what) in new[]
        {
            (Methods.ConfigurationManager, "configmgr/hand-off/Deploy-MdbPolicy.ps1", "Configuration Manager: create the Defender policy and deploy it to the rings (no REST route does that)"),
            (Methods.GroupPolicy, "gpo/New-MdbShare.ps1", "Group Policy: make the read-only share with the onboarding script"),
            (Methods.GroupPolicy, "gpo/Import-MdbGpo.ps1", "Group Policy: import and link the Group Policy Objects"),
            (Methods.LocalScript, "local-script/batch-01/README.md", "Local script: run it on each device"),
        })
        {
            if (plan.Devices.CountOf(o => o.Method == method) > 0 && bundle.Files.Any(f => f.Path == file))
            {
                steps.Add((what, $"out/bundle/{file}"));
            }
        }

        var until = bundle.Files.Select(f => ValidUntil.Match(f.Path)).FirstOrDefault(m => m.Success) is { } match ? $" (package valid until {match.Groups["day"].Value})" : "";
        foreach (var (method, file, what) in new[]
        {
            (Methods.Intune, "intune/offboarding/README.md", "Microsoft Intune: 'mdbdeploy offboard' offboards the marked devices"),
            (Methods.ConfigurationManager, "configmgr/offboarding/hand-off/Deploy-MdbOffboarding.ps1", "Configuration Manager: create the offboarding policy and deploy it, once 'mdbdeploy offboard' filled the collection"),
            (Methods.GroupPolicy, "gpo/offboarding/Import-MdbOffboardingGpo.ps1", "Group Policy: import and link the offboarding policy, after onboarding is out of the way"),
            (Methods.VdiScript, "vdi/offboarding/README.md", "Virtual desktops: offboard and clean the image"),
            (Methods.LocalScript, "local-script/offboarding/batch-01/README.md", "Local script: offboard each device"),
        })
        {
            if (plan.Devices.CountOf(o => o.Offboarding == method) > 0 && bundle.Files.Any(f => f.Path == file))
            {
                steps.Add((what + until, $"out/bundle/{file}"));
            }
        }

        steps.AddRange(bundle.Files.Where(f => f.Path.StartsWith("vdi/", StringComparison.Ordinal) && f.Path.EndsWith("/Stage-MdbImage.ps1", StringComparison.Ordinal))
            .Select(f => ($"Golden image {f.Path.Split('/')[1]}: stage the start-up files, then seal only when Test-MdbGoldenImage.ps1 passes", $"out/bundle/{f.Path}")));
        return steps;
    }

    /// <summary>Shows it.</summary>
    public static void Show(Terminal terminal, PlanningResult planned, Bundle bundle, IReadOnlyList<DeviceStatus> status, IReadOnlyList<Change> changes, string report)
    {
        terminal.Line();
        terminal.Console.Write(new Rule($"[bold]{ConsoleText.Of(planned.Project.Organization)}[/]: Microsoft Defender for Business roll-out") { Justification = Justify.Left });
        PlanView.Show(terminal, planned.Plan);
        var made = changes.Where(c => c.Kind == ChangeKind.Create).GroupBy(c => c.ResourceKind.Title).OrderBy(g => g.Min(c => c.ResourceKind.Phase)).Select(g => $"{g.Count()} × {g.Key}").ToList();
        terminal.Line(made.Count == 0 ? "Created      nothing: everything is as desired" : $"Created      {ConsoleText.Of(string.Join(", ", made))}");
        terminal.Line($"Onboarded    [green]{Number(status, OnboardingState.Onboarded)}[/] now, [blue]{Number(status, OnboardingState.Waiting)}[/] waiting, "
            + $"[yellow]{Number(status, OnboardingState.Attention)}[/] need attention, {Number(status, OnboardingState.NotPlanned)} left out by plan");
        terminal.Line();
        PlanView.ShowAttention(terminal, ReportModel.Attention(status));
        var next = NextSteps(bundle, planned.Plan);
        if (next.Count > 0)
        {
            terminal.Line("[bold]Left for you[/]");
            foreach (var (what, where) in next)
            {
                terminal.Line($"  {ConsoleText.Of(what)}");
                terminal.Line($"    [grey]{ConsoleText.Of(where)}[/]");
            }
        }

        terminal.Line();
        terminal.Line($"Report       {ConsoleText.Of(report)}");
        terminal.Line($"Plan         {ConsoleText.Of(Path.Combine(planned.OutFolder, "plan.csv"))}");
        terminal.Line($"Bundle       {ConsoleText.Of(Path.Combine(planned.OutFolder, "bundle"))}");
        terminal.Line($"One device   mdbdeploy plan {ConsoleText.Of(Short(planned.Project.Folder))} --explain {ConsoleText.Of(Example(planned.Plan))}");
    }

    [GeneratedRegex(@"valid_until_(?<day>\d{4}-\d{2}-\d{2})", RegexOptions.CultureInvariant)]
    private static partial Regex ValidUntil { get; }

    // A device that somebody may well ask about: one that needs attention, with a name that needs no quotes.
    private static string Example(Plan plan) =>
        plan.Devices.Where(d => d.Device.Name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')).OrderByDescending(d => d.Attention is not null).FirstOrDefault()?.Device.Name ?? "NAME";

    private static string Short(string folder) => Path.GetRelativePath(Environment.CurrentDirectory, folder) is { Length: > 0 } relative && !relative.StartsWith("..", StringComparison.Ordinal) ? relative : folder;

    private static string Number(IEnumerable<DeviceStatus> status, OnboardingState state) => status.Count(s => s.State == state).ToString("N0", CultureInfo.InvariantCulture);
}
