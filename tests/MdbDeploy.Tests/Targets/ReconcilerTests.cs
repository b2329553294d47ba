using System.Text.Json.Nodes;
using CsCheck;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets;

namespace MdbDeploy.Tests.Targets;

public sealed class ReconcilerTests : IDisposable
{
    private readonly Site site = new();

    public void Dispose() => site.Dispose();

    [Fact]
    public async Task What_is_not_there_is_created_and_the_second_push_writes_nothing()
    {
        var bundle = Bundle();
        var first = await site.Push(bundle);
        first.IsComplete.ShouldBeTrue();
        first.Done.ShouldBe(4);
        first.RunId.ShouldBe("20261123T054500Z-memory");
        site.Target.The("policy", "MDB - edr")["assignments"]![0]!["target"]!["group"]!.ToString().ShouldBe("id-1");
        site.Target.The("group", "MDB - pilot")["members"]!.AsArray().Count.ShouldBe(2);
        var state = File.ReadAllText(site.StateFile);
        site.Target.Applied.Clear();

        var plan = await site.Plan(bundle);
        plan.Changes.ShouldAllBe(c => c.Kind == ChangeKind.None);
        plan.HasWrites.ShouldBeFalse();
        var second = await site.Push(bundle);
        second.RunId.ShouldBeNull();
        second.IsComplete.ShouldBeTrue();
        site.Target.Applied.ShouldBeEmpty();
        Directory.GetFiles(site.Runs).ShouldHaveSingleItem();
        File.ReadAllText(site.StateFile).ShouldBe(state);
    }

    [Fact]
    public async Task A_changed_bundle_updates_only_what_changed()
    {
        await site.Push(Wanted.State(Wanted.Object(Wanted.Policy, "edr", """{"a":1,"b":2}"""), Wanted.Object(Wanted.Policy, "other", """{"a":1}""")));
        var plan = await site.Plan(Wanted.State(Wanted.Object(Wanted.Policy, "edr", """{"a":1,"b":3}"""), Wanted.Object(Wanted.Policy, "other", """{"a":1}""")));
        var update = plan.Changes.Where(c => c.IsWrite).ShouldHaveSingleItem();
        update.Kind.ShouldBe(ChangeKind.Update);
        var field = update.Fields.ShouldHaveSingleItem();
        (field.Path, field.Actual!.ToString(), field.Desired!.ToString(), field.IsDrift).ShouldBe(("/b", "2", "3", false));
        update.Reason.ShouldBe("It differs from the bundle.");
    }

    [Fact]
    public async Task A_changed_secret_updates_and_shows_only_the_marker()
    {
        await site.Push(Wanted.State(Wanted.Object(Wanted.Policy, "edr", """{"secret":"first-blob"}""", sensitive: true)));
        site.Target.Hidden.Add("secret");
        (await site.Plan(Wanted.State(Wanted.Object(Wanted.Policy, "edr", """{"secret":"first-blob"}""", sensitive: true)))).HasWrites.ShouldBeFalse();

        var changed = Wanted.State(Wanted.Object(Wanted.Policy, "edr", """{"secret":"second-blob"}""", sensitive: true));
        var update = (await site.Plan(changed)).Changes.ShouldHaveSingleItem();
        update.Kind.ShouldBe(ChangeKind.Update);
        update.Fields.ShouldHaveSingleItem().Path.ShouldBe("/description");
        update.Reason.ShouldContain("does not read back");
        await site.Push(changed);
        site.Target.The("policy", "MDB - edr")["secret"]!.ToString().ShouldBe("second-blob");
    }

    [Fact]
    public async Task No_secret_is_written_to_journal_or_state_or_shown()
    {
        const string Secret = "ONBOARDING-BLOB-7c0f";
        var blob = Secret + new string('x', 2000);
        DesiredState Bundle(int version) => Wanted.State(Wanted.Object(Wanted.Policy, "edr",
            $$$"""{"secret":"{{{Secret}}}","elsewhere":"{{{blob}}}","version":{{{version}}},"settings":[{"key":"k","secret":{"deep":"{{{Secret}}}"}}]}""", sensitive: true));
        await site.Push(Bundle(1));
        site.Target.The("policy", "MDB - edr")["secret"] = Secret + "-tampered";
        site.Target.The("policy", "MDB - edr")["elsewhere"] = blob + "-tampered";
        var plan = await site.Plan(Bundle(1));
        plan.Changes.SelectMany(c => c.Fields).ShouldHaveSingleItem().Path.ShouldBe("/elsewhere");
        string.Concat(plan.Changes.SelectMany(c => c.Fields).Select(f => $"{f.Actual}{f.Desired}")).ShouldNotContain(Secret);
        await site.Push(Bundle(2));
        site.Target.Before = change => throw MemoryTarget.Refusal("no");
        await site.Push(Bundle(3));
        await site.Push(Wanted.State());
        site.AllWritten().ShouldNotContain(Secret);
        site.AllWritten().ShouldContain("sha256:");
    }

    [Fact]
    public async Task An_object_of_ours_that_nobody_desires_is_deleted_and_others_stay()
    {
        await site.Push(Wanted.State(Wanted.Object(Wanted.Policy, "old"), Wanted.Object(Wanted.Policy, "new")));
        site.Target.Add("policy", (JsonObject)JsonNode.Parse("""{"name":"of somebody else","description":"mine"}""")!);
        site.Target.Add("policy", (JsonObject)JsonNode.Parse("""{"name":"of another project","description":"mdbdeploy:fabrikam/memory/policy/x#0123456789abcdef"}""")!);
        var result = await site.Push(Wanted.State(Wanted.Object(Wanted.Policy, "new")));
        result.Steps.ShouldHaveSingleItem().Change.Kind.ShouldBe(ChangeKind.Delete);
        site.Target.Objects.Values.Select(o => o.Body["name"]!.ToString()).Order().ShouldBe(["MDB - new", "of another project", "of somebody else"]);
        File.ReadAllText(site.StateFile).ShouldNotContain("memory/policy/old");
    }

    [Fact]
    public async Task A_foreign_object_refuses_the_push_until_it_is_adopted()
    {
        site.Target.Add("policy", (JsonObject)JsonNode.Parse("""{"name":"MDB - edr","description":"by hand","a":5,"theirs":true}""")!);
        var bundle = Wanted.State(Wanted.Object(Wanted.Policy, "edr", """{"a":1}"""), Wanted.Object(Wanted.Policy, "other"));
        var plan = await site.Plan(bundle);
        var foreign = plan.Changes.Single(c => c.Address == "memory/policy/edr");
        foreign.Kind.ShouldBe(ChangeKind.Foreign);
        foreign.Desired.ShouldBeNull();
        foreign.Reason.ShouldContain("--adopt memory/policy/edr");
        plan.Diagnostics.ShouldHaveSingleItem().Problem.ShouldBe(Problems.ForeignObject);
        plan.IsRefused.ShouldBeTrue();

        var refused = await site.Push(bundle);
        refused.NotStarted.ShouldBe(1);
        refused.IsComplete.ShouldBeFalse();
        site.Target.Applied.ShouldBeEmpty();
        Directory.Exists(site.Runs).ShouldBeFalse();

        var adopted = await site.Push(bundle, "memory/policy/edr");
        adopted.Steps.Select(s => s.Change.Kind).ShouldBe([ChangeKind.Adopt, ChangeKind.Create]);
        var body = site.Target.The("policy", "MDB - edr");
        body["a"]!.GetValue<int>().ShouldBe(1);
        body["theirs"]!.GetValue<bool>().ShouldBeTrue();
        (await site.Plan(bundle)).HasWrites.ShouldBeFalse();
    }

    [Fact]
    public async Task An_object_with_the_marker_of_another_project_is_foreign()
    {
        site.Target.Add("policy", (JsonObject)JsonNode.Parse("""{"name":"MDB - edr","description":"mdbdeploy:fabrikam/memory/policy/edr#0123456789abcdef"}""")!);
        var change = (await site.Plan(Wanted.State(Wanted.Object(Wanted.Policy, "edr")))).Changes.ShouldHaveSingleItem();
        change.Kind.ShouldBe(ChangeKind.Foreign);
        change.Reason.ShouldContain("fabrikam/memory/policy/edr");
    }

    [Fact]
    public async Task Two_foreign_objects_of_one_name_cannot_be_adopted()
    {
        site.Target.Add("policy", (JsonObject)JsonNode.Parse("""{"name":"MDB - edr"}""")!);
        site.Target.Add("policy", (JsonObject)JsonNode.Parse("""{"name":"MDB - edr"}""")!);
        (await site.Plan(Wanted.State(Wanted.Object(Wanted.Policy, "edr")), "memory/policy/edr")).Changes.ShouldHaveSingleItem().Kind.ShouldBe(ChangeKind.Foreign);
    }

    [Fact]
    public async Task Adopting_what_the_bundle_does_not_hold_is_an_error()
    {
        var plan = await site.Plan(Wanted.State(Wanted.Object(Wanted.Policy, "edr")), "memory/policy/typo");
        plan.Diagnostics.ShouldHaveSingleItem().Problem.ShouldBe(Problems.AdoptUnknown);
        plan.IsRefused.ShouldBeTrue();
    }

    [Fact]
    public async Task What_somebody_else_changed_is_drift_and_is_set_back()
    {
        var bundle = Wanted.State(Wanted.Object(Wanted.Policy, "edr", """{"a":1}"""));
        await site.Push(bundle);
        site.Target.The("policy", "MDB - edr")["a"] = 9;
        var change = (await site.Plan(bundle)).Changes.ShouldHaveSingleItem();
        change.Kind.ShouldBe(ChangeKind.Update);
        change.Fields.ShouldHaveSingleItem().IsDrift.ShouldBeTrue();
        change.Reason.ShouldContain("Somebody else");
        await site.Push(bundle);
        site.Target.The("policy", "MDB - edr")["a"]!.GetValue<int>().ShouldBe(1);
    }

    [Fact]
    public async Task Drift_is_told_without_the_local_record_too()
    {
        var bundle = Wanted.State(Wanted.Object(Wanted.Policy, "edr", """{"a":1}"""));
        await site.Push(bundle);
        File.Delete(site.StateFile);
        site.Target.The("policy", "MDB - edr")["a"] = 9;
        (await site.Plan(bundle)).Changes.ShouldHaveSingleItem().Fields.ShouldHaveSingleItem().IsDrift.ShouldBeTrue();
    }

    [Fact]
    public async Task A_field_that_both_sides_changed_is_a_conflict_until_the_bundle_is_told_to_win()
    {
        await site.Push(Wanted.State(Wanted.Object(Wanted.Policy, "edr", """{"a":1,"b":1}""")));
        site.Target.The("policy", "MDB - edr")["a"] = 9;
        var bundle = Wanted.State(Wanted.Object(Wanted.Policy, "edr", """{"a":2,"b":2}"""));
        var plan = await site.Plan(bundle);
        plan.Changes.ShouldHaveSingleItem().Kind.ShouldBe(ChangeKind.Foreign);
        plan.Diagnostics.ShouldHaveSingleItem().Problem.ShouldBe(Problems.ConflictingChange);
        plan.Changes[0].Reason.ShouldContain("/a");
        plan.Changes[0].Reason.ShouldNotContain("/b");

        await site.Push(bundle, "memory/policy/edr");
        site.Target.The("policy", "MDB - edr")["a"]!.GetValue<int>().ShouldBe(2);
    }

    [Fact]
    public async Task A_push_from_another_machine_is_no_conflict()
    {
        using var colleague = new Site();
        await site.Push(Wanted.State(Wanted.Object(Wanted.Policy, "edr", """{"a":1}""")));
        foreach (var (id, item) in site.Target.Objects)
        {
            colleague.Target.Objects[id] = item;
        }

        await colleague.Push(Wanted.State(Wanted.Object(Wanted.Policy, "edr", """{"a":2}""")));
        var change = (await site.Plan(Wanted.State(Wanted.Object(Wanted.Policy, "edr", """{"a":3}""")))).Changes.ShouldHaveSingleItem();
        change.Kind.ShouldBe(ChangeKind.Update);
        change.Fields.ShouldHaveSingleItem().IsDrift.ShouldBeFalse();
    }

    [Fact]
    public async Task A_resource_whose_address_changed_is_renamed_not_made_anew()
    {
        await site.Push(Wanted.State(Wanted.Object(Wanted.Policy, "old", """{"name":"MDB - edr"}""")));
        var bundle = Wanted.State(Wanted.Object(Wanted.Policy, "new", """{"name":"MDB - edr"}"""));
        var change = (await site.Plan(bundle)).Changes.ShouldHaveSingleItem();
        change.Kind.ShouldBe(ChangeKind.Update);
        change.Reason.ShouldContain("memory/policy/old");
        await site.Push(bundle);
        (await site.Plan(bundle)).HasWrites.ShouldBeFalse();
        site.Target.Objects.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_copy_made_in_the_portal_is_reported_and_never_touched()
    {
        var bundle = Wanted.State(Wanted.Object(Wanted.Policy, "edr"));
        await site.Push(bundle);
        var copy = (JsonObject)site.Target.The("policy", "MDB - edr").DeepClone();
        copy["name"] = "Copy of MDB - edr";
        site.Target.Add("policy", copy);
        var plan = await site.Plan(bundle);
        plan.HasWrites.ShouldBeFalse();
        plan.Diagnostics.ShouldHaveSingleItem().Problem.ShouldBe(Problems.MarkerTwice);

        var gone = await site.Plan(Wanted.State());
        gone.Changes.ShouldHaveSingleItem().Actual!.Name.ShouldBe("MDB - edr");
        File.Delete(site.StateFile);
        (await site.Plan(Wanted.State())).Changes.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_field_that_only_creation_sets_is_reported_not_sent_for_ever()
    {
        await site.Push(Wanted.State(Wanted.Object(Wanted.Group, "pilot", """{"alias":"one"}""")));
        var bundle = Wanted.State(Wanted.Object(Wanted.Group, "pilot", """{"alias":"two"}"""));
        site.Target.OnlyAtCreation.Add("alias");
        await site.Push(bundle);
        var plan = await site.Plan(bundle);
        plan.HasWrites.ShouldBeFalse();
        plan.Diagnostics.ShouldHaveSingleItem().Problem.ShouldBe(Problems.CreateOnlyDiffers);
    }

    [Fact]
    public async Task A_later_need_a_circle_and_an_unknown_kind_are_errors_all_at_once()
    {
        var plan = await site.Plan(Wanted.State(
            Wanted.Object(Wanted.Group, "early", """{"needs":"{memory/policy/late}"}"""),
            Wanted.Object(Wanted.Policy, "late"),
            Wanted.Object(Wanted.Policy, "a", """{"needs":"{memory/policy/b}"}"""),
            Wanted.Object(Wanted.Policy, "b", """{"needs":"{memory/policy/a}"}"""),
            Wanted.Object(Wanted.Policy, "c", """{"needs":"{elsewhere/policy/a}"}"""),
            Wanted.Object(Wanted.Policy with { Name = "novelty" }, "d")));
        plan.Diagnostics.Select(d => d.Code).Order().ShouldBe(["MDB0703", "MDB0703", "MDB0703", "MDB0703", "MDB0705"]);
        plan.IsRefused.ShouldBeTrue();
    }

    [Fact]
    public async Task The_fingerprint_is_the_same_for_the_same_state_and_another_when_it_moved()
    {
        var bundle = Bundle();
        var reviewed = (await site.Plan(bundle)).Fingerprint;
        reviewed.ShouldMatch("^[0-9a-f]{64}$");
        (await site.Plan(bundle)).Fingerprint.ShouldBe(reviewed);
        site.Target.Add("policy", (JsonObject)JsonNode.Parse("""{"name":"MDB - edr"}""")!);
        (await site.Plan(bundle)).Fingerprint.ShouldNotBe(reviewed);

        using var other = new Site();
        await other.Push(bundle);
        var calm = (await other.Plan(bundle)).Fingerprint;
        other.Target.The("group", "MDB - pilot")["members"]!.AsArray().RemoveAt(0);
        (await other.Plan(bundle)).Fingerprint.ShouldNotBe(calm);
    }

    [Fact]
    public async Task Whatever_was_there_and_whatever_is_wanted_after_a_push_nothing_differs()
    {
        await Gen.Select(BodyComparisonTests.Bodies, BodyComparisonTests.Bodies, BodyComparisonTests.Bodies, Gen.Bool).SampleAsync(async (before, other, after, forget) =>
        {
            using var fresh = new Site();
            await fresh.Push(Wanted.State(Wanted.Object(Wanted.Policy, "a", before.ToJsonString()), Wanted.Object(Wanted.Policy, "b", other.ToJsonString())));
            if (forget)
            {
                File.Delete(fresh.StateFile);
            }

            var bundle = Wanted.State(Wanted.Object(Wanted.Policy, "a", after.ToJsonString()), Wanted.Object(Wanted.Policy, "c", other.ToJsonString()));
            (await fresh.Push(bundle)).IsComplete.ShouldBeTrue();
            (await fresh.Plan(bundle)).HasWrites.ShouldBeFalse();
        }, iter: 60);
    }

    internal static DesiredState Bundle() => Wanted.State(
        Wanted.Object(Wanted.Group, "pilot", ring: "pilot"),
        Wanted.Set(Wanted.Members, "pilot", "memory/group/pilot", """{"members":[{"id":"a","name":"LT-1"},{"id":"b","name":"LT-2"}]}""", ring: "pilot"),
        Wanted.Object(Wanted.Policy, "edr", """{"settings":[{"key":"x","value":1}]}"""),
        Wanted.Set(Wanted.Assignments, "edr", "memory/policy/edr", """{"assignments":[{"target":{"type":"group","group":"{memory/group/pilot}"}}]}"""));
}
