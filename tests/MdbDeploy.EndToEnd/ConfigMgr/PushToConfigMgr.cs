using System.Text.Json.Nodes;
using MdbDeploy.Diagnostics;
using MdbDeploy.Lab;
using MdbDeploy.Targets;

namespace MdbDeploy.EndToEnd.ConfigMgr;

public class PushToConfigMgr
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Collections_and_rules_are_created_members_come_and_a_second_push_writes_nothing(bool lazyAsNull)
    {
        await using var site = await TestSite.StartAsync(habits: new LabHabits { LazyPropertiesAsNull = lazyAsNull, AdminServicePageSize = 2 });
        var bundle = Rings.Of(("pilot", ["PC-1", "PC-2", "PC-3"]), ("broad", []));
        var first = await site.Push(bundle);
        first.IsComplete.ShouldBeTrue(string.Join('\n', first.Diagnostics));
        first.Done.ShouldBe(7);

        var pilot = site.The("MDB - pilot");
        pilot.LimitTo.ShouldBe(site.The("MDB - root").Id);
        pilot.Comment.ShouldNotBeNull().ShouldMatch("^Ring pilot\\.\nmdbdeploy:contoso/configmgr/collection/pilot#[0-9a-f]{16}$");
        pilot.Rules.Select(r => r["RuleName"]!.ToString()).ShouldBe(["MDB excluded", "MDB names 001", "MDB names 002"]);
        pilot.Rules[0]["ExcludeCollectionID"]!.ToString().ShouldBe(site.The("MDB - excluded").Id);
        site.Lab.Requests.Writes.Count(w => w.Path.EndsWith("RequestRefresh", StringComparison.Ordinal)).ShouldBe(3);
        pilot.Members.Order().ShouldBe(["PC-1", "PC-2", "PC-3"]);
        site.Lab.Requests.Writes.ShouldNotContain(w => w.Path.EndsWith("Rules", StringComparison.Ordinal));

        site.Lab.Requests.Clear();
        var plan = await site.Plan(bundle);
        plan.Changes.ShouldAllBe(c => c.Kind == ChangeKind.None);
        (await site.Push(bundle)).RunId.ShouldBeNull();
        site.Lab.Requests.Writes.ShouldBeEmpty();

        // Nor from a colleague's machine, which has no record.
        Directory.Delete(Path.Combine(site.Folder, ".mdbdeploy"), recursive: true);
        (await site.Push(bundle)).Steps.ShouldBeEmpty();
        site.Lab.Requests.Writes.ShouldBeEmpty();
    }

    [Fact]
    public async Task Hostile_device_names_stay_names()
    {
        string[] names = ["O'Brien", "say \"x\"", "50%_[a-z]", "back\\slash", "a') or 1 = 1 --", "comma,(name)", "amp&and#hash+plus"];
        await using var site = await TestSite.StartAsync([.. names, "BYSTANDER"]);
        var bundle = Rings.State(Rings.Collection("pilot"), Rings.Rules("pilot", names, collection: "{configmgr/collection/pilot}"));
        var result = await site.Push(bundle);
        result.Diagnostics.ShouldBeEmpty();
        await site.Elsewhere(HttpMethod.Get, "SMS_Site");
        site.The("MDB - pilot").Members.Order(StringComparer.Ordinal).ShouldBe(names.Order(StringComparer.Ordinal));
        (await site.Plan(bundle)).HasWrites.ShouldBeFalse();
    }

    [Fact]
    public async Task Names_that_will_not_become_members_are_reported_together()
    {
        await using var site = await TestSite.StartAsync(["PC-1", "TWIN", "TWIN"]);
        var missing = Enumerable.Range(0, 12).Select(i => $"GONE-{i:00}").ToArray();
        var plan = await site.Plan(Rings.Of(("pilot", ["PC-1", "TWIN", .. missing])));
        plan.IsRefused.ShouldBeFalse();
        plan.Diagnostics.Select(d => d.Problem).ShouldBe([Problems.DeviceNotInSite, Problems.DeviceNameTwice]);
        plan.Diagnostics[0].Message.ShouldStartWith("12 of 14 devices:");
        plan.Diagnostics[0].Message.ShouldEndWith("GONE-09 and 2 more.");
        plan.Diagnostics[0].Where.Subject.ShouldBe("configmgr/collection-rules/pilot");
        plan.Diagnostics[1].Message.ShouldEndWith("TWIN.");
    }

    [Fact]
    public async Task Many_names_are_looked_up_in_one_list()
    {
        var names = Enumerable.Range(0, 450).Select(i => $"PC-{i:000}").ToArray();
        await using var site = await TestSite.StartAsync(names.Skip(1));
        var plan = await site.Plan(Rings.Of(("pilot", names)));
        plan.Diagnostics.ShouldHaveSingleItem().Message.ShouldEndWith(": PC-000.");
        site.Lab.Requests.Entries.Count(e => e.Path.EndsWith("SMS_R_System", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task A_foreign_collection_of_the_same_name_is_refused_and_adopted_only_by_name()
    {
        await using var site = await TestSite.StartAsync();
        var id = await site.CreateElsewhere("mdb - PILOT", "SMS00001");
        await site.AddRuleElsewhere(id, Rings.Query("their names", "PC-3"));
        var bundle = Rings.Of(("pilot", ["PC-1"]));
        site.Lab.Requests.Clear();
        var refused = await site.Push(bundle);
        refused.Diagnostics.ShouldContain(d => d.Problem == Problems.ForeignObject);
        site.Lab.Requests.Writes.ShouldBeEmpty();

        var adopted = await site.Push(bundle, "configmgr/collection/pilot");
        adopted.IsComplete.ShouldBeTrue(string.Join('\n', adopted.Diagnostics));
        var pilot = site.The("MDB - pilot");
        pilot.Id.ShouldBe(id);
        pilot.LimitTo.ShouldBe(site.The("MDB - root").Id);
        pilot.Rules.Select(r => r["RuleName"]!.ToString()).ShouldBe(["their names", "MDB excluded", "MDB names 001"]);
        (await site.Plan(bundle)).HasWrites.ShouldBeFalse();
    }

    [Fact]
    public async Task Changed_names_exchange_rules_and_leave_those_of_others()
    {
        await using var site = await TestSite.StartAsync();
        await site.Push(Rings.Of(("pilot", ["PC-1", "PC-2", "PC-3"])));
        var id = site.The("MDB - pilot").Id;
        await site.AddRuleElsewhere(id, Rings.Direct("PC-3", 16777221));
        site.Lab.Requests.Clear();
        var result = await site.Push(Rings.Of(("pilot", ["PC-2"])));
        result.Steps.ShouldHaveSingleItem().Change.Reason.ShouldBe("1 to remove, 1 to replace, 1 of somebody else stays.");
        site.The("MDB - pilot").Rules.Select(r => r["RuleName"]!.ToString()).ShouldBe(["MDB excluded", "PC-3", "MDB names 001"]);
        site.The("MDB - pilot").Members.Order().ShouldBe(["PC-2", "PC-3"]);
        site.Lab.Requests.Writes.Select(w => w.Path.Split('.')[^1]).ShouldBe(["DeleteMembershipRule", "AddMembershipRule", "DeleteMembershipRule", "RequestRefresh"]);
    }

    [Fact]
    public async Task What_a_colleague_changed_is_told_as_drift_and_set_back()
    {
        await using var site = await TestSite.StartAsync();
        var bundle = Rings.Of(("pilot", ["PC-1"]));
        await site.Push(bundle);
        var pilot = site.The("MDB - pilot");
        await site.Elsewhere(HttpMethod.Put, $"SMS_Collection('{pilot.Id}')", new JsonObject
        {
            ["CollectionID"] = pilot.Id,
            ["Name"] = pilot.Name,
            ["CollectionType"] = 2,
            ["LimitToCollectionID"] = "SMS00001",
            ["RefreshType"] = 1,
            ["Comment"] = pilot.Comment,
        });
        var change = (await site.Plan(bundle)).Changes.Where(c => c.IsWrite).ShouldHaveSingleItem();
        change.Fields.Select(f => f.Path).Order().ShouldBe(["/LimitToCollectionID", "/RefreshType"]);
        change.Fields.ShouldAllBe(f => f.IsDrift);
        (await site.Push(bundle)).IsComplete.ShouldBeTrue();
        site.The("MDB - pilot").LimitTo.ShouldBe(site.The("MDB - root").Id);
    }

    [Fact]
    public async Task A_ring_that_is_gone_is_deleted_and_what_others_build_on_stays()
    {
        await using var site = await TestSite.StartAsync();
        await site.Push(Rings.Of(("pilot", ["PC-1"]), ("broad", ["PC-2"])));
        await site.CreateElsewhere("theirs", site.The("MDB - broad").Id);

        var result = await site.Push(Rings.State());
        result.Steps.ToDictionary(s => s.Change.Address, s => s.State).ShouldBe(new Dictionary<string, StepState>
        {
            ["configmgr/collection/pilot"] = StepState.Done,
            ["configmgr/collection/broad"] = StepState.Failed,
            ["configmgr/collection/excluded"] = StepState.Skipped,
            ["configmgr/collection/root"] = StepState.Skipped,
        }, ignoreOrder: true);
        var inUse = result.Diagnostics.ShouldHaveSingleItem();
        inUse.Problem.ShouldBe(Problems.CollectionInUse);
        inUse.Message.ShouldContain(site.The("theirs").Id);

        await site.Elsewhere(HttpMethod.Delete, $"SMS_Collection('{site.The("theirs").Id}')");
        (await site.Push(Rings.State())).IsComplete.ShouldBeTrue();
        site.Lab.State.Collections.Select(c => c.Id).ShouldBe(["SMS00001", "SMSDM003"]);
    }

    [Fact]
    public async Task Built_in_collections_and_those_of_others_are_never_written()
    {
        await using var site = await TestSite.StartAsync();
        var theirs = await site.CreateElsewhere("theirs");
        site.Lab.Requests.Clear();
        var result = await site.Push(Rings.State(Rings.Rules("builtin", ["PC-1"], collection: "SMSDM003"), Rings.Rules("theirs", ["PC-1"], collection: theirs)));
        result.Diagnostics.Select(d => d.Problem).ShouldBe([Problems.BuiltInCollection, Problems.ForeignObject]);

        var named = await site.Push(Rings.State(Rings.Collection("all", title: "All Systems")), "configmgr/collection/all");
        named.Diagnostics.ShouldHaveSingleItem().Problem.ShouldBe(Problems.BuiltInCollection);
        site.Lab.Requests.Writes.ShouldBeEmpty();
    }

    [Fact]
    public async Task Property_names_in_another_case_change_nothing()
    {
        await using var site = await TestSite.StartAsync();
        var bundle = Rings.Of(("pilot", ["PC-1"]));
        site.MeddleWith(inner => new Meddler(inner, (_, text) => text
            .Replace("\"CollectionID\"", "\"collectionId\"", StringComparison.Ordinal).Replace("\"RuleName\"", "\"ruleName\"", StringComparison.Ordinal)
            .Replace("\"Comment\"", "\"comment\"", StringComparison.Ordinal).Replace("\"LimitToCollectionID\"", "\"LimitToCollectionId\"", StringComparison.Ordinal)
            .Replace("\"CollectionRules\"", "\"collectionRules\"", StringComparison.Ordinal).Replace("\"Name\"", "\"name\"", StringComparison.Ordinal)));
        (await site.Push(bundle)).IsComplete.ShouldBeTrue();
        site.Lab.Requests.Clear();
        var plan = await site.Plan(bundle);
        plan.Diagnostics.ShouldBeEmpty();
        plan.HasWrites.ShouldBeFalse();
    }

    [Fact]
    public async Task A_provider_that_renames_rules_by_their_collection_changes_nothing()
    {
        await using var site = await TestSite.StartAsync();
        var bundle = Rings.Of(("pilot", ["PC-1"]));
        await site.Push(bundle);
        site.MeddleWith(inner => new Meddler(inner, (_, text) => text.Replace("\"MDB excluded\"", "\"MDB - excluded\"", StringComparison.Ordinal)));
        (await site.Plan(bundle)).HasWrites.ShouldBeFalse();
    }

    [Fact]
    public async Task At_most_four_requests_are_under_way()
    {
        await using var site = await TestSite.StartAsync();
        Counter? counter = null;
        site.MeddleWith(inner => counter = new Counter(inner));
        var bundle = Rings.Of([.. Enumerable.Range(0, 12).Select(i => ($"ring{i:00}", new[] { "PC-1" }))]);
        (await site.Push(bundle)).IsComplete.ShouldBeTrue();
        (await site.Plan(bundle)).HasWrites.ShouldBeFalse();
        counter!.Most.ShouldBeInRange(2, 4);
    }
}
