using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using CsvHelper;
using MdbDeploy.Cli.Reports;
using MdbDeploy.Cli.Views;
using MdbDeploy.Planning;
using MdbDeploy.Targets.ConfigMgr;
using MdbDeploy.Targets.Graph;
using MdbDeploy.Targets.Status;
using Spectre.Console;

namespace MdbDeploy.Cli.Commands;

/// <summary><c>status</c>: expected against actually onboarded.</summary>
internal static class StatusCommand
{
    private static readonly CsvWriterOptions Csv = new() { WriteByteOrderMark = true, NewLine = "\r\n", Injection = CsvInjection.Escape };

    /// <summary>The command.</summary>
    public static Command Create(CommandLine line)
    {
        var project = GlobalOptions.Project();
        var asOf = GlobalOptions.AsOf();
        var command = new Command("status", "Who is onboarded now, per ring and method, as Defender and Configuration Manager report it. Writes out/status.csv.") { project, asOf };
        line.Handle(command, async run =>
        {
            var planned = await run.Pipeline.PlanAsync(run.Parsed.GetRequiredValue(project), run.Parsed.GetValue(asOf), run.Cancelled);
            using var targets = LiveTargets.Open(planned.Project, [], run.Time, LiveTargets.Secrets, run.Terminal.Tell, run.IsInsecure);
            var reported = await ReportedAsync(run, planned, targets);
            var status = OnboardingStatus.Compare(planned.Plan, reported);
            Write(planned, status);
            var pool = PoolStatus.Reconcile(planned.Plan, planned.Project, planned.Packages.OrganizationId, reported);
            Show(run.Terminal, planned.Plan, status);
            var gates = RingGates.Evaluate(planned.Project.Rings, status, run.Time.GetUtcNow());
            Gates.Show(run.Terminal, gates);
            PlanView.ShowAttention(run.Terminal, ReportModel.Attention(status));
            run.Terminal.Line($"Written: {Markup.Escape(Path.Combine(planned.OutFolder, "status.csv"))}");
            if (!pool.IsEmpty)
            {
                PoolView.Write(Path.Combine(planned.OutFolder, "pool-status.csv"), pool);
                PoolView.Show(run.Terminal, pool);
                run.Terminal.Line($"Written: {Markup.Escape(Path.Combine(planned.OutFolder, "pool-status.csv"))}");
            }

            run.Terminal.Result(() =>
            {
                var json = Json(status);
                json["gates"] = Gates.Json(gates);
                if (!pool.IsEmpty)
                {
                    json["pool"] = PoolView.Json(pool);
                }

                return json;
            });
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Plans, and asks all live systems of the project.</summary>
    public static async Task<ImmutableArray<DeviceStatus>> ReadAsync(Run run, string folder)
    {
        var planned = await run.Pipeline.PlanAsync(folder, null, run.Cancelled);
        using var targets = LiveTargets.Open(planned.Project, [], run.Time, LiveTargets.Secrets, run.Terminal.Tell);
        return await ReadAsync(run, planned, targets);
    }

    /// <summary>Asks the live systems and compares with the plan.</summary>
    public static async Task<ImmutableArray<DeviceStatus>> ReadAsync(Run run, PlanningResult planned, LiveTargets targets) =>
        OnboardingStatus.Compare(planned.Plan, await ReportedAsync(run, planned, targets));

    private static async Task<List<ReportedDevice>> ReportedAsync(Run run, PlanningResult planned, LiveTargets targets)
    {
        var reported = new List<ReportedDevice>();
        if (targets.Graph is { } graph)
        {
            reported.AddRange(await run.Terminal.StepAsync("Asking Defender who is onboarded", () => DefenderStatus.ReadAsync(graph.Defender, run.Cancelled)));
        }

        if (targets.ConfigMgr is { } configMgr)
        {
            reported.AddRange(await run.Terminal.StepAsync("Asking Configuration Manager who is onboarded", () => ConfigMgrStatus.ReadAsync(configMgr, planned.Packages.OrganizationId?.ToString("D"), run.Cancelled)));
        }

        return reported;
    }

    /// <summary>Writes status.csv.</summary>
    public static void Write(PlanningResult planned, ImmutableArray<DeviceStatus> status) => AtomicFile.Write(Path.Combine(planned.OutFolder, "status.csv"), stream =>
    {
        using var csv = CsvWriter.Create(stream, Csv, leaveOpen: true);
        csv.WriteHeader("name", "fqdn", "method", "ring", "state", "detail", "last seen");
        foreach (var device in status)
        {
            csv.WriteField(device.Planned.Device.Name);
            csv.WriteField(device.Planned.Device.Fqdn);
            csv.WriteField(device.Planned.Method);
            csv.WriteField(device.Planned.Ring);
            csv.WriteField(Word(device.State));
            csv.WriteField(device.Detail.ReplaceLineEndings(" "));
            csv.WriteField(device.LastSeen?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture));
            csv.EndRecord();
        }
    });

    /// <summary>Devices per state.</summary>
    public static JsonObject Json(ImmutableArray<DeviceStatus> status) =>
        new(Enum.GetValues<OnboardingState>().Select(state => KeyValuePair.Create(Word(state), (JsonNode?)status.Count(s => s.State == state))));

    private static void Show(Terminal terminal, Plan plan, ImmutableArray<DeviceStatus> status)
    {
        var table = new Table { Border = TableBorder.Rounded };
        table.AddColumns("Ring", "Method");
        foreach (var state in Enum.GetValues<OnboardingState>())
        {
            table.AddColumn(new TableColumn(Word(state)).RightAligned());
        }

        foreach (var ring in plan.Rings.Select(r => (string?)r.Name).Append(null))
        {
            foreach (var method in PlanView.MethodsOf(plan))
            {
                var devices = status.Where(s => s.Planned.Ring == ring && s.Planned.Method == method).ToList();
                if (devices.Count > 0)
                {
                    table.AddRow([Markup.Escape(ring ?? "no ring"), Markup.Escape(Methods.TitleOf(method)),
                        .. Enum.GetValues<OnboardingState>().Select(state => devices.Count(d => d.State == state) is var count && count > 0 ? count.ToString("N0", CultureInfo.InvariantCulture) : "·")]);
                }
            }
        }

        terminal.Console.Write(table);
    }

    private static string Word(OnboardingState state) => state switch
    {
        OnboardingState.Onboarded => "onboarded",
        OnboardingState.Waiting => "waiting",
        OnboardingState.Attention => "attention",
        _ => "not planned",
    };
}
