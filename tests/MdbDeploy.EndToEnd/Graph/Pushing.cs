using System.Net.Http.Json;
using System.Text.Json.Nodes;
using MdbDeploy.Lab;
using MdbDeploy.Targets;
using MdbDeploy.Targets.Graph;
using static MdbDeploy.EndToEnd.Graph.Contoso;
using static MdbDeploy.EndToEnd.Graph.GraphLab;

namespace MdbDeploy.EndToEnd.Graph;

public sealed class Pushing
{
    private static readonly LabDevice[] Computers = [.. Enumerable.Range(1, 60).Select(n => Computer($"LT-{n:00}", Id(n), $"SN{n:00}"))];

    [Fact]
    public async Task A_push_creates_groups_members_policy_and_assignments_and_a_second_one_writes_nothing()
    {
        await using var lab = await StartAsync(new LabOptions { Devices = Computers });
        var desired = State(Blob, ("pilot", Devices(1, 5)), ("broad", Devices(6, 55)));

        await lab.PushAsync(desired);

        lab.Group("MDB - Contoso - pilot").Members.Select(m => m.Name).Order().ShouldBe(["LT-01", "LT-02", "LT-03", "LT-04", "LT-05"]);
        lab.Group("MDB - Contoso - broad").Members.Count.ShouldBe(50);
        var policy = lab.Server.State.Policies.ShouldHaveSingleItem();
        lab.Server.State.Secret(policy.Id, "device_vendor_msft_windowsadvancedthreatprotection_onboarding").ShouldBe(Blob);
        policy.Targets.Select(t => (string)t["groupId"]!).ShouldBe([lab.Group("MDB - Contoso - pilot").Id, lab.Group("MDB - Contoso - broad").Id], ignoreOrder: true);

        // A new group may not be listed everywhere yet, which is the directory's habit and not a difference.
        await lab.WaitUntilReadableAsync();
        lab.Server.Requests.Clear();
        var second = await lab.PlanAsync(desired);

        second.Changes.Where(c => c.Kind != ChangeKind.None).Select(c => $"{c.Address} {c.Reason} {string.Join(',', c.Fields)}").ShouldBeEmpty();
        (await lab.PushAsync(desired)).Steps.ShouldBeEmpty();
        lab.Server.Requests.Writes.ShouldBeEmpty();
    }

    [Fact]
    public async Task Thirty_policies_of_others_do_not_hide_ours_on_the_second_page()
    {
        await using var lab = await StartAsync(new LabOptions { Devices = Computers });
        using var other = lab.Server.CreateClient();
        for (var n = 0; n < 30; n++)
        {
            var body = Policy(Blob).Body;
            body["name"] = $"Somebody's policy {n}";
            body["description"] = "Not ours";
            (await other.PostAsJsonAsync("beta/deviceManagement/configurationPolicies", body, Cancel)).EnsureSuccessStatusCode();
        }

        var desired = State(Policy(Blob));
        await lab.PushAsync(desired);
        await lab.PushAsync(desired);

        lab.Server.State.Policies.Count(p => p.Name == PolicyName).ShouldBe(1);
        lab.Server.State.Policies.Count.ShouldBe(31);
        lab.Server.State.Policies.Take(30).ShouldAllBe(p => p.Description == "Not ours");
    }

    [Fact]
    public async Task An_assignment_that_somebody_else_made_stays()
    {
        await using var lab = await StartAsync(new LabOptions { Devices = Computers });
        var desired = State(Blob, ("pilot", Devices(1, 2)));
        await lab.PushAsync(desired);
        var foreign = await lab.CreateForeignGroupAsync("Helpdesk");
        var policy = lab.Server.State.Policies.Single();
        using var other = lab.Server.CreateClient();
        var assignments = new JsonArray([.. policy.Targets.Select(t => (JsonNode)new JsonObject { ["target"] = t.DeepClone() }), Assignment(foreign)]);
        (await other.PostAsJsonAsync($"beta/deviceManagement/configurationPolicies('{policy.Id}')/assign", new JsonObject { ["assignments"] = assignments }, Cancel)).EnsureSuccessStatusCode();

        await lab.PushAsync(State(Blob, ("pilot", Devices(1, 2)), ("broad", Devices(3, 4))));
        lab.Server.State.Policies.Single().Targets.Select(t => (string)t["groupId"]!).ShouldBe(
            [lab.Group("MDB - Contoso - pilot").Id, lab.Group("MDB - Contoso - broad").Id, foreign], ignoreOrder: true);

        await lab.WaitUntilReadableAsync();
        await lab.PushAsync(State(Group("broad"), Members("broad", Devices(3, 4)), Policy(Blob), Assignments("broad")));
        lab.Server.State.Policies.Single().Targets.Select(t => (string)t["groupId"]!).ShouldBe([lab.Group("MDB - Contoso - broad").Id, foreign], ignoreOrder: true);
    }

    [Fact]
    public async Task A_blob_that_reads_back_as_a_token_is_no_drift_but_a_new_blob_is_sent()
    {
        await using var lab = await StartAsync(new LabOptions { Devices = Computers });
        await lab.PushAsync(State(Policy(Blob)));
        (await lab.PlanAsync(State(Policy(Blob)))).HasWrites.ShouldBeFalse();

        var other = Blob.Replace("RkFLRQ", "TkVVRVI", StringComparison.Ordinal);
        var plan = await lab.PlanAsync(State(Policy(other)));
        plan.Changes.ShouldHaveSingleItem().Kind.ShouldBe(ChangeKind.Update);
        await lab.PushAsync(State(Policy(other)));

        var policy = lab.Server.State.Policies.ShouldHaveSingleItem();
        lab.Server.Requests.Writes[^1].Method.ShouldBe("PUT");
        (await lab.PlanAsync(State(Policy(other)))).HasWrites.ShouldBeFalse();
        policy.Settings.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Devices_that_left_the_ring_are_removed_as_members_and_stay_devices()
    {
        await using var lab = await StartAsync(new LabOptions { Devices = Computers });
        await lab.PushAsync(State(Group("pilot"), Members("pilot", Devices(1, 45))));
        await lab.AddForeignMemberAsync("MDB - Contoso - pilot", "LT-60");
        await lab.WaitUntilReadableAsync();

        await lab.PushAsync(State(Group("pilot"), Members("pilot", Devices(3, 4))));

        lab.Group("MDB - Contoso - pilot").Members.Select(m => m.Name).Order().ShouldBe(["LT-03", "LT-04", "LT-60"]);
        using var other = lab.Server.CreateClient();
        (await other.GetFromJsonAsync<JsonObject>("beta/devices?$top=999", Cancel))!["value"]!.AsArray().Count.ShouldBe(60);
    }

    [Fact]
    public async Task A_group_renamed_in_the_portal_is_named_back_with_a_patch_of_that_field()
    {
        await using var lab = await StartAsync(new LabOptions { Devices = Computers });
        var desired = State(Group("pilot"));
        await lab.PushAsync(desired);
        await lab.WaitUntilReadableAsync();
        using var other = lab.Server.CreateClient();
        var id = lab.Server.State.Groups.Single().Id;
        (await other.PatchAsJsonAsync($"v1.0/groups/{id}", new JsonObject { ["displayName"] = "Renamed" }, Cancel)).EnsureSuccessStatusCode();

        await lab.PushAsync(desired);

        var group = lab.Server.State.Groups.ShouldHaveSingleItem();
        group.DisplayName.ShouldBe("MDB - Contoso - pilot");
        group.UniqueName.ShouldBe("mdbdeploy-contoso-pilot");
    }

    [Fact]
    public async Task What_nobody_wants_any_more_is_deleted_and_nothing_else()
    {
        await using var lab = await StartAsync(new LabOptions { Devices = Computers });
        await lab.PushAsync(State(Blob, ("pilot", Devices(1, 2)), ("broad", Devices(3, 4))));
        await lab.CreateForeignGroupAsync("Helpdesk");
        await lab.WaitUntilReadableAsync();

        await lab.PushAsync(State(Blob, ("broad", Devices(3, 4))));

        lab.Server.State.Groups.Select(g => g.DisplayName).Order().ShouldBe(["Helpdesk", "MDB - Contoso - broad"]);
        lab.Server.State.Policies.Single().Targets.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_group_of_the_same_name_without_our_marker_is_left_alone()
    {
        await using var lab = await StartAsync(new LabOptions { Devices = Computers });
        await lab.CreateForeignGroupAsync("MDB - Contoso - pilot");
        await lab.WaitUntilReadableAsync();
        lab.Server.Requests.Clear();

        var plan = await lab.PlanAsync(State(Group("pilot"), Members("pilot", Devices(1, 2))));

        plan.IsRefused.ShouldBeTrue();
        plan.Diagnostics.Select(d => d.Code).ShouldContain("MDB0701");
        lab.Server.Requests.Writes.ShouldBeEmpty();

        await lab.PushAsync(State(Group("pilot"), Members("pilot", Devices(1, 2))), new() { Adopt = ["intune/group/pilot"] });
        var group = lab.Server.State.Groups.ShouldHaveSingleItem();
        group.Members.Count.ShouldBe(2);
        group.Description!.ShouldContain("mdbdeploy:contoso/intune/group/pilot#");
    }

    [Theory]
    [InlineData(true, "", null)]
    [InlineData(false, Blob, null)]
    [InlineData(false, "", "MDB0772")]
    [InlineData(true, Blob, "MDB0773")]
    public async Task A_policy_that_contradicts_the_connector_is_reported(bool connectorEnabled, string blob, string? code)
    {
        await using var lab = await StartAsync(new LabOptions { Devices = Computers, ConnectorEnabled = connectorEnabled });

        var plan = await lab.PlanAsync(State(Policy(blob)));

        plan.Diagnostics.Select(d => d.Code).ShouldBe(code is null ? [] : [code]);
        plan.IsRefused.ShouldBe(code == "MDB0772");
        lab.Server.Requests.Writes.ShouldBeEmpty();
    }

    [Fact]
    public async Task Defender_and_intune_report_the_devices_they_know()
    {
        await using var lab = await StartAsync(new LabOptions { Devices = [.. Computers.Take(3), Computers[3] with { Onboarded = true }] });

        var machines = await DefenderStatus.ReadAsync(lab.Connection.Defender, Cancel);
        var managed = await IntuneStatus.ReadAsync(lab.Connection.Graph, Cancel).ToListAsync(Cancel);

        var machine = machines.ShouldHaveSingleItem();
        (machine.EntraDeviceId, machine.IsOnboarded, machine.IsHealthy).ShouldBe((Id(4), true, true));
        machine.LastSeen.ShouldNotBeNull();
        managed.Select(m => m.DeviceId).ShouldBe([Id(1), Id(2), Id(3), Id(4)]);
        managed.ShouldAllBe(m => m.LastSync != null);
    }

    private static JsonObject[] Devices(int first, int last) => [.. Enumerable.Range(first, last - first + 1).Select(n => Device($"LT-{n:00}", Id(n)))];
}
