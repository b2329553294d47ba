using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using MdbDeploy.Lab;
using MdbDeploy.Targets;
using static MdbDeploy.EndToEnd.Graph.Contoso;
using static MdbDeploy.EndToEnd.Graph.GraphLab;

namespace MdbDeploy.EndToEnd.Graph;

/// <summary>The services' habits, one by one.</summary>
public sealed class Habits
{
    private static readonly LabDevice[] Computers = [.. Enumerable.Range(1, 8).Select(n => Computer($"LT-{n:00}", Id(n), $"SN{n:00}"))];

    private static DesiredState Everything => State(Blob, ("pilot", Devices(1, 3)), ("broad", Devices(4, 8)));

    [Fact]
    public async Task What_needs_a_second_administrator_waits_and_a_later_push_continues_it()
    {
        await using var lab = await StartAsync(new LabOptions { Devices = Computers, Habits = new() { Approval = true } });

        // The policy, then its assignments: each write needs an approval of its own.
        var first = await lab.Reconciler.ApplyAsync(await lab.PlanAsync(Everything), null, Cancel);
        (first.Waiting, first.Failed, first.Skipped, first.IsComplete).ShouldBe((1, 0, 1, false), string.Join("; ", first.Steps.Select(s => $"{s.Change.Address} {s.State} {s.Note}")));
        first.Diagnostics.ShouldHaveSingleItem().Code.ShouldBe("MDB0713");
        lab.Server.State.Policies.ShouldBeEmpty();

        // Nobody has decided yet, and another process asks: nothing is requested twice.
        using (var again = lab.Reopen())
        {
            await lab.WaitUntilReadableAsync();
            (await again.Reconciler.ApplyAsync(await again.PlanAsync(Everything), null, Cancel)).Waiting.ShouldBe(1);
        }

        lab.Server.State.Decide("approved").ShouldBe(1);
        using (var again = lab.Reopen())
        {
            var second = await again.Reconciler.ApplyAsync(await again.PlanAsync(Everything), null, Cancel);
            (second.Done, second.Waiting).ShouldBe((1, 1));
            lab.Server.State.Decide("approved").ShouldBe(1);
            (await again.Reconciler.ApplyAsync(await again.PlanAsync(Everything), null, Cancel)).IsComplete.ShouldBeTrue();
            (await again.PlanAsync(Everything)).HasWrites.ShouldBeFalse();
        }

        lab.Server.State.Policies.ShouldHaveSingleItem().Targets.Count.ShouldBe(2);
        File.ReadAllText(lab.ApprovalsFile).ShouldNotContain("RkFLRQ");
    }

    [Theory]
    [InlineData("rejected")]
    [InlineData("expired")]
    public async Task What_is_not_approved_is_told_and_asked_for_anew(string decision)
    {
        await using var lab = await StartAsync(new LabOptions { Devices = Computers, Habits = new() { Approval = true } });
        await lab.Reconciler.ApplyAsync(await lab.PlanAsync(Everything), null, Cancel);
        await lab.WaitUntilReadableAsync();
        lab.Server.State.Decide(decision);

        var told = await lab.Reconciler.ApplyAsync(await lab.PlanAsync(Everything), null, Cancel);
        var anew = await lab.Reconciler.ApplyAsync(await lab.PlanAsync(Everything), null, Cancel);

        told.Diagnostics.ShouldHaveSingleItem().Code.ShouldBe("MDB0714");
        told.Diagnostics[0].Message.ShouldContain(decision);
        anew.Waiting.ShouldBe(1, string.Join("; ", anew.Steps.Select(s => $"{s.Change.Address} {s.State} {s.Note}")));
    }

    [Fact]
    public async Task A_missing_permission_is_no_approval()
    {
        await using var lab = await StartAsync(new LabOptions { Devices = Computers, Habits = new() { MissingPermissions = new HashSet<string> { "DeviceManagementConfiguration.ReadWrite.All" } } });

        var result = await lab.Reconciler.ApplyAsync(await lab.PlanAsync(Everything), null, Cancel);

        (result.Failed, result.Waiting).ShouldBe((1, 0));
        result.Diagnostics.ShouldHaveSingleItem().Code.ShouldBe("MDB0754");
        result.Diagnostics[0].Message.ShouldContain("DeviceManagementConfiguration.ReadWrite.All");
    }

    [Fact]
    public async Task A_connector_that_may_not_be_read_is_unknown_and_not_absent()
    {
        await using var lab = await StartAsync(new LabOptions { Devices = Computers, Habits = new() { MissingPermissions = new HashSet<string> { "DeviceManagementServiceConfig.Read.All" } } });

        var plan = await lab.PlanAsync(Everything);

        plan.Diagnostics.ShouldHaveSingleItem().Code.ShouldBe("MDB0774");
        plan.IsRefused.ShouldBeFalse();
    }

    [Theory]
    [InlineData("enabled", true, "")]
    [InlineData("unresponsive", true, "")]
    [InlineData("notSetUp", true, "MDB0772")]
    [InlineData("error", true, "MDB0772")]
    [InlineData("enabled", false, "MDB0712")]
    public async Task The_connectors_state_decides(string state, bool attach, string code)
    {
        await using var lab = await StartAsync(new LabOptions { Devices = Computers, ConnectorState = state, AttachEnabled = attach });

        (await lab.PlanAsync(State(Policy("")))).Diagnostics.Select(d => d.Code).ShouldBe(code.Length == 0 ? [] : [code]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Limits_that_were_used_up_by_somebody_else_are_waited_through(bool saysWhen)
    {
        var habits = new LabHabits { Limits = new() { IntuneWrites = 1, IntuneWindow = TimeSpan.FromMilliseconds(400), DirectoryWrites = 2, DirectoryWindow = TimeSpan.FromMilliseconds(400), SaysWhen = saysWhen } };
        await using var lab = await StartAsync(new LabOptions { Devices = Computers, Habits = habits });

        await lab.PushAsync(Everything);

        lab.Server.Requests.Entries.ShouldContain(e => e.Status == 429);
        lab.Group("MDB - Contoso - broad").Members.Count.ShouldBe(5);
        lab.Server.State.Policies.ShouldHaveSingleItem().Targets.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Policies_beyond_the_first_page_of_25_are_seen()
    {
        await using var lab = await StartAsync(new LabOptions { Devices = Computers });
        using (var other = lab.Server.CreateClient())
        {
            for (var n = 0; n < 30; n++)
            {
                await CreateForeignPolicyAsync(other, $"Somebody's {n}");
            }
        }

        await lab.PushAsync(Everything);
        await lab.WaitUntilReadableAsync();

        (await lab.PlanAsync(Everything)).HasWrites.ShouldBeFalse();
        lab.Server.State.Policies.Count(p => p.Name == PolicyName).ShouldBe(1);
    }

    [Fact]
    public async Task A_policy_that_is_listed_late_is_not_made_twice()
    {
        await using var lab = await StartAsync(new LabOptions
        {
            Devices = Computers,
            Faults = "lost-answer:POST:/beta/deviceManagement/configurationPolicies:1",
            Habits = new() { PolicyDelay = TimeSpan.FromMilliseconds(100) },
        });

        await lab.PushAsync(Everything);

        lab.Server.State.Policies.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task A_changed_policy_and_its_rings_arrive_whether_or_not_settings_can_be_patched_and_assignments_replace(bool refusesSettingPatch, bool assignReplaces)
    {
        await using var lab = await StartAsync(new LabOptions { Devices = Computers, Habits = new() { RefusesSettingPatch = refusesSettingPatch, AssignReplaces = assignReplaces } });
        await lab.PushAsync(State(Blob, ("pilot", Devices(1, 2))));
        await lab.WaitUntilReadableAsync();
        var desired = State(Blob.Replace("RkFLRQ", "TkVVRVI", StringComparison.Ordinal), ("pilot", Devices(1, 2)), ("broad", Devices(3, 4)));
        var result = await lab.PushAsync(desired);
        result.IsComplete.ShouldBeTrue(string.Join('\n', result.Diagnostics));
        lab.Server.State.Policies.ShouldHaveSingleItem().Targets.Select(t => (string)t["groupId"]!).ShouldBe([lab.Group("MDB - Contoso - pilot").Id, lab.Group("MDB - Contoso - broad").Id], ignoreOrder: true);
        await lab.WaitUntilReadableAsync();
        (await lab.PlanAsync(desired)).HasWrites.ShouldBeFalse();
    }

    [Fact]
    public async Task Expanded_assignments_that_come_back_empty_are_read_by_themselves()
    {
        await using var lab = await StartAsync(new LabOptions { Devices = Computers, Habits = new() { ExpandsNoAssignments = true, UnknownProperties = false, HideSecrets = false } });
        await lab.PushAsync(Everything);
        await lab.WaitUntilReadableAsync();
        lab.Server.Requests.Clear();
        (await lab.PlanAsync(Everything)).HasWrites.ShouldBeFalse();
        lab.Server.Requests.Entries.ShouldContain(e => e.Method == "GET" && e.Path.EndsWith("/assignments", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_fresh_push_shows_no_drift_whatever_the_service_adds_when_it_is_read(bool habits)
    {
        await using var lab = await StartAsync(new LabOptions
        {
            Devices = Computers,
            Habits = new() { UnknownProperties = habits, HideSecrets = habits, ExpandsNoAssignments = habits },
        });
        await lab.PushAsync(Everything);
        await lab.WaitUntilReadableAsync();

        (await lab.PlanAsync(Everything)).Changes.ShouldAllBe(c => c.Kind == ChangeKind.None);
    }

    [Fact]
    public async Task Policies_of_others_are_shown_as_the_union_that_a_device_gets()
    {
        await using var lab = await StartAsync(new LabOptions { Devices = Computers, ConnectorEnabled = true });
        await lab.CreateForeignGroupAsync("Somebody's laptops");
        await lab.WaitUntilReadableAsync();
        await lab.AddForeignMemberAsync("Somebody's laptops", "LT-02");
        using var other = lab.Server.CreateClient();
        await CreateForeignPolicyAsync(other, "Elsewhere");
        var theirs = await CreateForeignPolicyAsync(other, "Default EDR policy");
        await AssignAsync(other, theirs, lab.Group("Somebody's laptops").Id);
        var desired = State("", ("pilot", Devices(1, 3)));

        var plan = await lab.PlanAsync(desired);

        var conflict = plan.Diagnostics.ShouldHaveSingleItem();
        conflict.Code.ShouldBe("MDB0715");
        conflict.Message.ShouldContain("'Default EDR policy' reaches 1 device");
        conflict.Message.ShouldContain("LT-02");
        conflict.Message.ShouldContain($"configurationtype = autofromconnector by '{PolicyName}' against onboard by 'Default EDR policy'");
        conflict.Message.ShouldContain("samplesharing = 1 (both)");
        conflict.Message.ShouldNotContain("RkFLRQ");
        plan.IsRefused.ShouldBeFalse();

        await lab.PushAsync(desired);
        lab.Server.State.Policies.Single(p => p.Name == "Default EDR policy").Targets.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_policy_for_all_devices_that_says_the_same_is_no_conflict()
    {
        await using var lab = await StartAsync(new LabOptions { Devices = Computers });
        using var other = lab.Server.CreateClient();
        await AssignAsync(other, await CreateForeignPolicyAsync(other, "Same"), group: null);

        var plan = await lab.PlanAsync(State(Blob, ("pilot", Devices(1, 3))));

        plan.Diagnostics.ShouldHaveSingleItem().Code.ShouldBe("MDB0716");
        plan.Diagnostics[0].Message.ShouldContain("3 devices");
    }

    [Fact]
    public async Task A_second_push_of_many_devices_only_reads_their_groups()
    {
        LabDevice[] computers = [.. Enumerable.Range(1, 2500).Select(n => Computer($"LT-{n:0000}", Id(n)))];
        await using var lab = await StartAsync(new LabOptions { Devices = computers });
        var desired = State(Blob, ("pilot", [.. computers[..500].Select(c => Device(c.Name, c.EntraDeviceId))]), ("broad", [.. computers[500..].Select(c => Device(c.Name, c.EntraDeviceId))]));
        await lab.PushAsync(desired);
        // 3 pages of devices; 2 groups; 2 + 5 batches of 400; policy, assignments; the few lists that say what is there; and one look whether the new groups are known.
        lab.Server.Requests.Entries.Count(e => !e.InBatch && !e.Path.EndsWith("/token", StringComparison.Ordinal)).ShouldBeLessThanOrEqualTo(3 + 2 + 7 + 2 + 5 + 12);
        await lab.WaitUntilReadableAsync();
        lab.Server.Requests.Clear();

        await lab.PushAsync(desired);

        lab.Server.Requests.Writes.ShouldBeEmpty();
        lab.Server.Requests.Entries.Count(e => e.Path.Contains("/members", StringComparison.Ordinal)).ShouldBe(1 + 3);
        lab.Server.Requests.Entries.Count.ShouldBeLessThanOrEqualTo(1 + 3 + 6);
    }

    private static async Task<string> CreateForeignPolicyAsync(HttpClient client, string name)
    {
        var body = Policy(Blob).Body.DeepClone().AsObject();
        body["name"] = name;
        body["description"] = "Made by hand.";
        using var answer = await client.PostAsJsonAsync("beta/deviceManagement/configurationPolicies", body, Cancel);
        answer.StatusCode.ShouldBe(HttpStatusCode.Created);
        return (string)(await answer.Content.ReadFromJsonAsync<JsonObject>(Cancel))!["id"]!;
    }

    private static async Task AssignAsync(HttpClient client, string policy, string? group)
    {
        var target = group is null
            ? new JsonObject { ["@odata.type"] = "#microsoft.graph.allDevicesAssignmentTarget" }
            : new JsonObject { ["@odata.type"] = "#microsoft.graph.groupAssignmentTarget", ["groupId"] = group };
        using var answer = await client.PostAsJsonAsync($"beta/deviceManagement/configurationPolicies('{policy}')/assign", new JsonObject { ["assignments"] = new JsonArray(new JsonObject { ["target"] = target }) }, Cancel);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static JsonObject[] Devices(int first, int last) => [.. Enumerable.Range(first, last - first + 1).Select(n => Device($"LT-{n:00}", Id(n)))];
}
