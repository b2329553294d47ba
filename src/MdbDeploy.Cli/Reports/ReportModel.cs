using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using MdbDeploy.Cli.Views;
using MdbDeploy.Diagnostics;
using MdbDeploy.Packages;
using MdbDeploy.Planning;
using MdbDeploy.Targets;
using MdbDeploy.Targets.Status;

namespace MdbDeploy.Cli.Reports;

/// <summary>What the report shows.</summary>
internal sealed record ReportInput
{
    /// <summary>Name of the organisation.</summary>
    public required string Organization { get; init; }

    /// <summary>Version of the tool.</summary>
    public required string Version { get; init; }

    /// <summary>The plan.</summary>
    public required Plan Plan { get; init; }

    /// <summary>Where each device stands, in the plan's order.</summary>
    public required ImmutableArray<DeviceStatus> Status { get; init; }

    /// <summary>The changes of the last push; empty when nothing was pushed.</summary>
    public IReadOnlyList<Change> Changes { get; init; } = [];

    /// <summary>How the live systems differ from what was rendered; null when they were not compared.</summary>
    public IReadOnlyList<Change>? Differences { get; init; }

    /// <summary>What is left for people to do: what, and the file or command.</summary>
    public IReadOnlyList<(string What, string Where)> Next { get; init; } = [];

    /// <summary>Name and time of the last push; null when there was none.</summary>
    public string? LastPush { get; init; }

    /// <summary>What earlier runs of <c>status</c> found, oldest first.</summary>
    public ImmutableArray<StatusRun> Runs { get; init; } = [];

    /// <summary>The packages.</summary>
    public required IReadOnlyList<OnboardingPackage> Packages { get; init; }

    /// <summary>What must be in place first.</summary>
    public required Prerequisites Prerequisites { get; init; }

    /// <summary>Everything noticed in the input.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics { get; init; } = [];
}

/// <summary>Turns a report's input into the members its template sees. The template decides how things look, this decides what they are.</summary>
internal static class ReportModel
{
    // The chart's bars start right of the method titles and end left of the counts, in its 1000 units.
    private const double BarsFrom = 250;
    private const double BarsWidth = 560;

    /// <summary>The model.</summary>
    public static JsonObject Of(ReportInput input)
    {
        var methods = PlanView.MethodsOf(input.Plan);
        var ringMethods = methods.Where(m => input.Plan.Devices.CountOf(o => o.Method == m && o.Ring is not null) > 0).ToList();
        return new JsonObject
        {
            ["organization"] = input.Organization,
            ["version"] = input.Version,
            ["as_of"] = input.Plan.AsOf.ToString("d MMMM yyyy, HH:mm 'UTC'", CultureInfo.InvariantCulture),
            ["totals"] = new JsonObject
            {
                ["devices"] = Number(input.Status.Length),
                ["planned"] = Number(input.Plan.Devices.CountOf(o => o.Method != Methods.None)),
                ["onboarded"] = Number(Count(input.Status, OnboardingState.Onboarded)),
                ["waiting"] = Number(Count(input.Status, OnboardingState.Waiting)),
                ["attention"] = Number(Count(input.Status, OnboardingState.Attention)),
            },
            ["methods"] = new JsonArray([.. methods.Select((method, row) => (JsonNode)Method(method, row, [.. input.Status.Where(s => s.Planned.Method == method)], input.Status.Length))]),
            ["ring_methods"] = new JsonArray([.. ringMethods.Select(m => (JsonNode?)Methods.TitleOf(m))]),
            ["rings"] = new JsonArray([.. input.Plan.Rings.Where(r => r.Devices > 0).Select(ring => (JsonNode)Ring(ring, ringMethods, [.. input.Status.Where(s => s.Planned.Ring == ring.Name)]))]),
            ["attention"] = new JsonArray([.. Attention(input.Status).Select(g => (JsonNode)new JsonObject { ["count"] = Number(g.Devices), ["why"] = g.Why, ["names"] = PlanView.Short(g.Names, g.Devices) })]),
            ["next"] = new JsonArray([.. input.Next.Select(n => (JsonNode)new JsonObject { ["what"] = n.What, ["where"] = n.Where })]),
            ["changes"] = new JsonArray([.. input.Changes.Where(c => c.Kind != ChangeKind.None).Select(c => (JsonNode)Change(c))]),
            ["differences"] = input.Differences is null ? null : new JsonArray([.. input.Differences.Select(c => (JsonNode)Difference(c))]),
            ["diagnostics"] = new JsonArray([.. Diagnostics(input.Diagnostics)]),
            ["rollout"] = RolloutChart.Of([.. input.Plan.Rings], input.Runs),
            ["last_push"] = input.LastPush,
            ["packages"] = new JsonArray([.. input.Packages.Select(p => (JsonNode)Package(p, input.Plan.AsOf))]),
            ["prerequisites"] = new JsonArray([.. input.Prerequisites.Steps.Select(s => (JsonNode)new JsonObject { ["title"] = s.Title, ["detail"] = s.Detail })]),
        };
    }

    /// <summary>Devices that a person should look at, grouped by why: those in trouble, and those that wait though something about them could not be checked.</summary>
    public static IReadOnlyList<AttentionGroup> Attention(IEnumerable<DeviceStatus> status) =>
    [
        .. status.Where(s => s.State == OnboardingState.Attention || (s.State == OnboardingState.Waiting && s.Planned.Attention is not null)).GroupBy(s => s.Detail, StringComparer.Ordinal)
            .Select(g => new AttentionGroup(g.Key, g.Count(), g.Select(s => s.Planned.Device.Name)))
            .OrderByDescending(g => g.Devices).ThenBy(g => g.Why, StringComparer.Ordinal),
    ];

    private static JsonObject Method(string method, int row, IReadOnlyList<DeviceStatus> devices, int all)
    {
        var parts = new JsonArray();
        var x = BarsFrom;
        foreach (var state in Enum.GetValues<OnboardingState>())
        {
            var count = Count(devices, state);
            if (count == 0)
            {
                continue;
            }

            // A sliver stays visible: one device among thousands is still one device.
            var width = Math.Max(3, BarsWidth * count / Math.Max(1, all));
            parts.Add((JsonNode)new JsonObject
            {
                ["state"] = Css(state),
                ["label"] = Label(state),
                ["count"] = Number(count),
                ["x"] = Round(x),
                ["y"] = (row * 34) + 8,
                ["width"] = Round(width),
            });
            x += width + 1;
        }

        return new JsonObject
        {
            ["title"] = Methods.TitleOf(method),
            ["devices"] = Number(devices.Count),
            ["onboarded"] = Number(Count(devices, OnboardingState.Onboarded)),
            ["parts"] = parts,
        };
    }

    private static JsonObject Ring(PlannedRing ring, IEnumerable<string> methods, IReadOnlyList<DeviceStatus> devices) => new()
    {
        ["name"] = ring.Name,
        ["devices"] = Number(ring.Devices),
        ["counts"] = new JsonArray([.. methods.Select(m => (JsonNode?)Number(devices.Count(d => d.Planned.Method == m)))]),
        ["onboarded"] = Number(Count(devices, OnboardingState.Onboarded)),
    };

    private static JsonObject Change(Change change) => Row(
        change,
        change.Kind switch
        {
            ChangeKind.Create => "created",
            ChangeKind.Update => "updated",
            ChangeKind.Delete => "deleted",
            ChangeKind.Adopt => "taken over",
            _ => "left alone",
        },
        change.Reason);

    /// <summary>What a push would do, and which fields somebody else changed since the last one.</summary>
    private static JsonObject Difference(Change change)
    {
        var drift = change.Fields.Where(f => f.IsDrift).Select(f => f.Path).ToList();
        return Row(
            change,
            change.Kind switch
            {
                ChangeKind.Create => "is missing",
                ChangeKind.Delete => "is no longer wanted",
                ChangeKind.Foreign => "is somebody else's",
                _ => "differs",
            },
            drift.Count == 0 ? change.Reason : $"changed outside mdbdeploy: {string.Join(", ", drift.Take(3))}{(drift.Count > 3 ? string.Create(CultureInfo.InvariantCulture, $" and {drift.Count - 3} more") : "")}");
    }

    private static JsonObject Row(Change change, string what, string reason) =>
        new() { ["what"] = what, ["title"] = change.ResourceKind.Title, ["address"] = change.Address, ["reason"] = reason };

    private static IEnumerable<JsonNode> Diagnostics(IEnumerable<Diagnostic> diagnostics) =>
        diagnostics.GroupBy(d => d.Problem).OrderByDescending(g => g.Key.Severity).ThenBy(g => g.Key.Code, StringComparer.Ordinal).Select(group =>
        {
            var first = group.First();
            return (JsonNode)new JsonObject
            {
                ["code"] = first.Code,
                ["css"] = first.Severity switch { Severity.Error => "error", Severity.Warning => "attention", _ => "none" },
                ["where"] = first.Where.ToString(),
                ["message"] = first.Message,
                ["advice"] = first.Advice,
                ["more"] = group.Count() - 1,
            };
        });

    private static JsonObject Package(OnboardingPackage package, DateTimeOffset asOf) => new()
    {
        ["title"] = package.Title,
        ["source"] = package.Source,
        ["expires"] = package.Expires is { } expires ? $"{(expires <= asOf ? "expired on " : "")}{Day(expires)}" : "no end",
        ["css"] = package.Expires - asOf is { } left && left < TimeSpan.FromHours(48) ? "error" : "",
        ["certificate"] = package.CertificateExpires is { } certificate ? Day(certificate) : "",
    };

    private static string Day(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    private static string Css(OnboardingState state) => state switch
    {
        OnboardingState.Onboarded => "onboarded",
        OnboardingState.Waiting => "waiting",
        OnboardingState.Attention => "attention",
        _ => "none",
    };

    private static string Label(OnboardingState state) => state switch
    {
        OnboardingState.Onboarded => "onboarded",
        OnboardingState.Waiting => "waiting",
        OnboardingState.Attention => "need attention",
        _ => "not onboarded by plan",
    };

    private static int Count(IEnumerable<DeviceStatus> status, OnboardingState state) => status.Count(s => s.State == state);

    private static string Number(int number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Round(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
