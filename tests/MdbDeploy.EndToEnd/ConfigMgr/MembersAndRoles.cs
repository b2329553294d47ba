using System.Text.Json.Nodes;
using MdbDeploy.Diagnostics;
using MdbDeploy.Lab;
using MdbDeploy.Targets;
using MdbDeploy.Targets.ConfigMgr;

namespace MdbDeploy.EndToEnd.ConfigMgr;

public class MembersAndRoles
{
    [Fact]
    public async Task Members_are_awaited_until_their_rows_are_there()
    {
        await using var site = await TestSite.StartAsync(evaluation: TimeSpan.FromMilliseconds(400));
        var bundle = Rings.Of(("pilot", ["PC-1", "PC-2", "NOT-THERE"]));
        (await site.Push(bundle)).IsComplete.ShouldBeTrue();
        (await Await(site, bundle, TimeSpan.Zero)).IsComplete.ShouldBeFalse("201 makes nobody a member, nor has the collection that limits it any yet");

        var looks = new List<MembershipProgress>();
        var there = await Await(site, bundle, TimeSpan.FromSeconds(30), new Recorder(looks));
        there.Missing.ShouldBeEmpty();
        there.Expected.ShouldBe(2);
        looks.Count.ShouldBeGreaterThan(1);
        looks[^1].ShouldBe(new MembershipProgress(2, 2));
        site.The("MDB - pilot").Members.Order().ShouldBe(["PC-1", "PC-2"]);
    }

    [Fact]
    public async Task Who_is_excluded_or_has_no_client_is_not_waited_for()
    {
        await using var site = await TestSite.StartAsync(seed: d => d with { WithoutClient = d.Name == "PC-2" });
        var bundle = Rings.Of(("pilot", ["PC-1", "PC-2", "PC-3"]));
        await site.Push(bundle);
        await site.AddRuleElsewhere(site.The("MDB - excluded").Id, Rings.Query("by hand", "PC-3"));
        var members = await Await(site, bundle, TimeSpan.FromSeconds(30));
        members.Missing.ShouldBeEmpty();
        members.Expected.ShouldBe(1);
    }

    [Fact]
    public async Task Devices_whose_workload_Intune_has_that_are_obsolete_or_no_clients_are_told_before_anything_is_pushed()
    {
        await using var site = await TestSite.StartAsync(["ELSEWHERE", "HERE", "OLD", "BARE"], seed: d => d with
        {
            CoManagementFlags = d.Name == "ELSEWHERE" ? 1 + 32 : d.Name == "HERE" ? 1 + 16 : 0,
            Obsolete = d.Name == "OLD",
            WithoutClient = d.Name == "BARE",
        });
        var plan = await site.Plan(Rings.Of(("pilot", ["ELSEWHERE", "HERE", "OLD", "BARE"])));
        plan.IsRefused.ShouldBeFalse();
        plan.Diagnostics.Select(d => (d.Problem, d.Message.Split(": ")[^1])).ShouldBe(
            [(Problems.DeviceWithoutClient, "BARE."), (Problems.DeviceObsolete, "OLD."), (Problems.WorkloadElsewhere, "ELSEWHERE.")]);
    }

    [Fact]
    public async Task What_the_account_may_not_see_is_not_found_or_not_visible()
    {
        await using var site = await TestSite.StartAsync(role: SiteRole.Limited);
        var result = await site.Push(Rings.State(Rings.Rules("x", ["PC-1"], collection: "SMSDM00A")));
        result.Diagnostics.ShouldHaveSingleItem().Problem.ShouldBe(Problems.BuiltInCollection);
        var hidden = await site.Push(Rings.State(Rings.Rules("y", ["PC-1"], collection: "P0100FFF")));
        hidden.Diagnostics.ShouldHaveSingleItem().Message.ShouldContain("not found or is not visible");
    }

    [Fact]
    public async Task An_account_that_may_only_read_gets_the_providers_words_and_nothing_is_made()
    {
        await using var site = await TestSite.StartAsync(role: SiteRole.ReadOnly);
        var result = await site.Push(Rings.State(Rings.Collection("pilot")));
        result.Diagnostics.ShouldHaveSingleItem().Message.ShouldContain("sufficient permissions");
        site.Lab.State.Collections.Count.ShouldBe(2);
    }

    [Fact]
    public async Task An_account_that_is_no_administrative_user_is_told_so()
    {
        await using var site = await TestSite.StartAsync(role: SiteRole.None);
        (await Should.ThrowAsync<TargetException>(() => site.Plan(Rings.Of()))).Diagnostic.Problem.ShouldBe(Problems.AccessDenied);
    }

    [Fact]
    public async Task Collections_are_moved_into_the_folder_also_from_another_one_and_a_second_push_moves_nothing()
    {
        await using var site = await TestSite.StartAsync();
        var bundle = Rings.Of(("pilot", ["PC-1"]));
        await site.Push(bundle);
        var other = (await site.Elsewhere(HttpMethod.Post, "SMS_ObjectContainerNode", new JsonObject { ["Name"] = "Other", ["ObjectType"] = 5000, ["ParentContainerNodeID"] = 0 }))["ContainerNodeID"]!.GetValue<int>();
        await site.Elsewhere(HttpMethod.Post, "SMS_ObjectContainerItem", new JsonObject { ["InstanceKey"] = site.The("MDB - pilot").Id, ["ContainerNodeID"] = other, ["ObjectType"] = 5000 });

        var placed = Rings.WithFolder(bundle, "Our folder", "root", "excluded", "pilot");
        var result = await site.Push(placed);
        result.IsComplete.ShouldBeTrue(string.Join('\n', result.Diagnostics));
        foreach (var name in new[] { "MDB - root", "MDB - excluded", "MDB - pilot" })
        {
            (await PathOf(site, name)).ShouldBe("/Our folder");
        }

        site.Lab.Requests.Clear();
        (await site.Plan(placed)).HasWrites.ShouldBeFalse();
        (await site.Push(placed)).Steps.ShouldBeEmpty();
        site.Lab.Requests.Writes.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("500:POST:/AdminService_TokenAuth/wmi/SMS_ObjectContainerNode:1")]
    [InlineData("lost-answer:POST:/AdminService_TokenAuth/wmi/SMS_ObjectContainerItem:1")]
    public async Task A_folder_that_cannot_be_made_or_whose_answer_is_lost_spoils_nothing_else(string faults)
    {
        await using var site = await TestSite.StartAsync(faults: faults);
        var bundle = Rings.WithFolder(Rings.Of(("pilot", ["PC-1"])), "Our folder", "pilot");
        var result = await site.Push(bundle);
        result.Steps.Where(s => s.State != StepState.Done).Select(s => s.Change.Address).ShouldBeSubsetOf(["configmgr/folder/collections"]);
        site.The("MDB - pilot").Members.ShouldBe(["PC-1"]);
        for (var push = 0; push < 3 && (await site.Plan(bundle)).HasWrites; push++)
        {
            await site.Push(bundle);
        }

        (await PathOf(site, "MDB - pilot")).ShouldBe("/Our folder");
    }

    [Fact]
    public async Task Requests_grow_with_the_queries_and_not_with_the_devices()
    {
        string[] names = [.. Enumerable.Range(0, 900).Select(i => $"PC-{i:0000}")];
        await using var site = await TestSite.StartAsync(names);
        var chunked = Rings.Chunked(150, ("pilot", names[..100]), ("early", names[100..300]), ("broad", names[300..]));
        await site.Push(Rings.Of());
        site.Lab.Requests.Clear();
        (await site.Push(chunked)).IsComplete.ShouldBeTrue();
        // 1 + 2 + 4 queries, 3 exclusions, 3 collections, 3 evaluations.
        site.Lab.Requests.Writes.Count.ShouldBe(7 + 3 + 3 + 3);
        site.Lab.Requests.Entries.Count.ShouldBeLessThan(60);
        site.The("MDB - broad").Members.Count.ShouldBe(600);
        site.Lab.Requests.Clear();
        (await site.Push(chunked)).Steps.ShouldBeEmpty();
        site.Lab.Requests.Writes.ShouldBeEmpty();
    }

    private static async Task<CollectionMembers> Await(TestSite site, DesiredState bundle, TimeSpan atMost, IProgress<MembershipProgress>? progress = null) =>
        (await site.Target.AwaitMembersAsync(bundle, ["configmgr/collection-rules/pilot"], atMost, TimeProvider.System, progress, TestContext.Current.CancellationToken)).ShouldHaveSingleItem();

    private static async Task<string> PathOf(TestSite site, string name) =>
        (await site.Elsewhere(HttpMethod.Get, $"SMS_Collection('{site.The(name).Id}')"))["value"]![0]!["ObjectPath"]!.ToString();

    private sealed class Recorder(List<MembershipProgress> looks) : IProgress<MembershipProgress>
    {
        public void Report(MembershipProgress value) => looks.Add(value);
    }
}
