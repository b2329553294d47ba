using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets;

namespace MdbDeploy.Tests.Targets;

public sealed class SetTests : IDisposable
{
    private readonly Site site = new();

    public void Dispose() => site.Dispose();

    [Fact]
    public async Task Strangers_in_a_set_stay_and_are_counted()
    {
        await site.Push(Group("a", "b"));
        Items().Add(JsonNode.Parse("""{"id":"stranger"}"""));
        var plan = await site.Plan(Group("b", "c"));
        var change = plan.Changes.Single(c => c.IsWrite);
        change.Fields.Select(f => f.Path).ShouldBe(["/members/c", "/members/a"]);
        change.Reason.ShouldBe("1 to add, 1 to remove, 1 of somebody else stays.");
        await site.Push(Group("b", "c"));
        Keys().ShouldBe(["b", "c", "stranger"]);
        var calm = await site.Plan(Group("b", "c"));
        calm.HasWrites.ShouldBeFalse();
        calm.Changes[^1].Reason.ShouldBe("It is as desired; 1 of somebody else stays.");
    }

    [Fact]
    public async Task A_set_that_a_killed_push_began_to_fill_is_ours_however_often_it_is_killed()
    {
        await site.Push(Group("a"));
        Items().Add(JsonNode.Parse("""{"id":"stranger"}"""));
        var state = await File.ReadAllTextAsync(site.StateFile, TestContext.Current.CancellationToken);
        await KillAsync(await site.Push(Group("a", "b")), state, "memory/members/g");
        await RemovesAsync();

        // The next one is killed before it comes to the set.
        var other = Wanted.State([.. Group("a").Resources, Wanted.Object(Wanted.Group, "h")]);
        site.Target.Before = async change => state = change.Address == "memory/group/h" ? await File.ReadAllTextAsync(site.StateFile) : state;
        await KillAsync(await site.Push(other), state, "memory/group/h");
        site.Target.Before = _ => Task.CompletedTask;
        Items().Add(JsonNode.Parse("""{"id":"b"}"""));
        await RemovesAsync();

        await site.Push(Group("a"));
        Keys().ShouldBe(["a", "stranger"]);

        async Task RemovesAsync() => (await site.Plan(Group("a"))).Changes.Single(c => c.IsWrite && c.Address == "memory/members/g").Fields.Select(f => f.Path).ShouldBe(["/members/b"]);
    }

    [Fact]
    public async Task What_a_killed_push_claimed_is_ours_until_the_next_push_has_looked_and_not_for_ever()
    {
        await site.Push(Group("a"));
        var state = await File.ReadAllTextAsync(site.StateFile, TestContext.Current.CancellationToken);
        await KillAsync(await site.Push(Group("a", "b")), state, "memory/members/g");
        (await Removed()).ShouldBe(["/members/b"]);
        Items().RemoveAt(1);
        // It has nothing to write, and so there is no newer journal.
        (await site.Push(Group("a"))).Steps.ShouldBeEmpty();
        Items().Add(JsonNode.Parse("""{"id":"b"}"""));
        (await Removed()).ShouldBeEmpty();

        async Task<IEnumerable<string>> Removed() => (await site.Plan(Group("a"))).Changes.Where(c => c.IsWrite).SelectMany(c => c.Fields).Select(f => f.Path);
    }

    [Fact]
    public async Task A_push_that_was_killed_before_it_began_anything_says_nothing()
    {
        var run = await site.Push(Group("a"));
        var journal = Path.Combine(site.Runs, run.RunId + ".jsonl");
        var start = (await File.ReadAllLinesAsync(journal, TestContext.Current.CancellationToken))[0];
        foreach (var torn in new[] { "", start[..20], start, start + "\n" })
        {
            await File.WriteAllTextAsync(journal, torn, TestContext.Current.CancellationToken);
            (await site.Plan(Group("a"))).Diagnostics.ShouldBeEmpty(torn);
        }
    }

    [Fact]
    public async Task A_damaged_journal_of_a_killed_push_keeps_nobody_from_pushing()
    {
        var run = await site.Push(Group("a", "b"));
        await KillAsync(run, await File.ReadAllTextAsync(site.StateFile, TestContext.Current.CancellationToken), "memory/members/g");
        var journal = Path.Combine(site.Runs, run.RunId + ".jsonl");
        var whole = await File.ReadAllTextAsync(journal, TestContext.Current.CancellationToken);
        // Values of another type, words nobody knows, names that stand twice, and any other character.
        (string Text, string Other)[] planted =
        [
            ("\"create\"", "\"conjure\""), ("\"create\"", "7"), ("\"kind\":", "\"change\":"), ("\"owner\":", "\"address\":"), ("\"owner\":\"", "\"owner\":[],\"x\":\""),
            ("\"body\":{", "\"body\":7,\"x\":{"), ("\"additions\":\"body\"", "\"additions\":[]"), ("\"members\":[", "\"members\":null,\"x\":["), ("\"kinds\":[", "\"kinds\":[7,"), ("\"contoso\"", "null"),
        ];
        var told = 0;
        foreach (var (text, other) in planted)
        {
            whole.ShouldContain(text);
            await File.WriteAllTextAsync(journal, whole.Replace(text, other, StringComparison.Ordinal), TestContext.Current.CancellationToken);
            var plan = await site.Plan(Group("a", "b"));
            plan.IsRefused.ShouldBeFalse(text);
            told += plan.Diagnostics.Count(d => d.Problem == Problems.StateUnreadable && d.Where.File == journal);
        }

        told.ShouldBeGreaterThan(5);

        for (var place = 0; place < whole.Length; place++)
        {
            await File.WriteAllTextAsync(journal, $"{whole[..place]}{(place % 2 == 0 ? "" : "}")}{whole[(place + 1)..]}", TestContext.Current.CancellationToken);
            (await site.Plan(Group("a", "b"))).IsRefused.ShouldBeFalse($"{place}");
        }

        (await site.Push(Group("a", "b"))).IsComplete.ShouldBeTrue();
    }

    /// <summary>Leaves what a run that was killed after a step began has on disk.</summary>
    private async Task KillAsync(PushResult run, string state, string step)
    {
        await File.WriteAllTextAsync(site.StateFile, state);
        var journal = Path.Combine(site.Runs, run.RunId + ".jsonl");
        var lines = await File.ReadAllLinesAsync(journal);
        var begin = Array.FindIndex(lines, line => line.Contains("\"begin\"", StringComparison.Ordinal) && line.Contains(step, StringComparison.Ordinal));
        await File.WriteAllLinesAsync(journal, lines[..(begin + 1)]);
    }

    [Fact]
    public async Task An_item_that_somebody_removed_comes_back_as_drift()
    {
        await site.Push(Group("a", "b"));
        Items().RemoveAt(0);
        var field = (await site.Plan(Group("a", "b"))).Changes.Single(c => c.IsWrite).Fields.ShouldHaveSingleItem();
        (field.Path, field.IsDrift).ShouldBe(("/members/a", true));
    }

    [Fact]
    public async Task An_item_with_another_value_is_replaced()
    {
        await site.Push(Group("a"));
        Items()[0]!["query"] = "tampered";
        var wanted = Wanted.State(Wanted.Object(Wanted.Group, "g"), Wanted.Set(Wanted.Members, "g", "memory/group/g", """{"members":[{"id":"A","query":"ours"}]}"""));
        var field = (await site.Plan(wanted)).Changes.Single(c => c.IsWrite).Fields.ShouldHaveSingleItem();
        field.Actual!["query"]!.ToString().ShouldBe("tampered");
        field.Desired!["query"]!.ToString().ShouldBe("ours");
    }

    [Fact]
    public async Task Items_with_our_prefix_are_ours_without_any_record()
    {
        await site.Push(Group("MDB names 001", "MDB names 002"));
        Items().Add(JsonNode.Parse("""{"id":"their rule"}"""));
        File.Delete(site.StateFile);
        await site.Push(Group("MDB names 001"));
        Keys().ShouldBe(["MDB names 001", "their rule"]);
    }

    [Fact]
    public async Task A_device_that_changed_rings_leaves_its_old_ring_without_any_record()
    {
        DesiredState Rings(string pilot, string broad) => Wanted.State(
            Wanted.Object(Wanted.Group, "pilot"),
            Wanted.Object(Wanted.Group, "broad"),
            Wanted.Set(Wanted.Members, "pilot", "memory/group/pilot", $$"""{"members":[{{pilot}}]}"""),
            Wanted.Set(Wanted.Members, "broad", "memory/group/broad", $$"""{"members":[{{broad}}]}"""));
        await site.Push(Rings("""{"id":"x"},{"id":"y"}""", """{"id":"z"}"""));
        File.Delete(site.StateFile);
        await site.Push(Rings("""{"id":"y"}""", """{"id":"z"},{"id":"x"}"""));
        Keys("pilot").ShouldBe(["y"]);
        Keys("broad").ShouldBe(["x", "z"]);
    }

    [Fact]
    public async Task Items_of_a_change_that_was_killed_in_the_middle_are_still_ours()
    {
        await site.Push(Group("a"));
        site.Target.After = change => throw new InvalidOperationException("the process was killed here");
        await Should.ThrowAsync<InvalidOperationException>(() => site.Push(Group("a", "b")));
        site.Target.After = _ => { };
        await site.Push(Group("a"));
        Keys().ShouldBe(["a"]);
    }

    [Fact]
    public async Task One_ring_is_pushed_with_what_it_needs_and_nothing_outside_it_is_touched()
    {
        var bundle = Rings();
        var plan = await site.PlanRing(bundle, "PILOT");
        plan.Changes.Select(c => c.Address).ShouldBe(["memory/group/pilot", "memory/members/pilot", "memory/policy/edr", "memory/assignments/edr"]);
        await site.Reconciler.ApplyAsync(plan, null, TestContext.Current.CancellationToken);
        Assigned().ShouldBe(["id-1"]);

        await site.Push(bundle);
        Assigned().Count().ShouldBe(2);
        site.Target.Add("policy", (JsonObject)JsonNode.Parse("""{"name":"left over","description":"mdbdeploy:contoso/memory/policy/left-over#0123456789abcdef"}""")!);
        (await site.PlanRing(bundle, "pilot")).HasWrites.ShouldBeFalse();
        var again = await site.Reconciler.ApplyAsync(await site.PlanRing(bundle, "broad"), null, TestContext.Current.CancellationToken);
        again.Steps.ShouldBeEmpty();
        (await site.Plan(bundle)).Changes.Where(c => c.IsWrite).ShouldHaveSingleItem().Kind.ShouldBe(ChangeKind.Delete);
    }

    [Fact]
    public async Task The_assignments_of_other_rings_stay_ours_when_one_ring_is_pushed()
    {
        await site.Push(Rings());
        await site.Reconciler.ApplyAsync(await site.PlanRing(Rings(), "pilot"), null, TestContext.Current.CancellationToken);
        var withoutBroad = Rings().Resources.Where(r => r.Address != "memory/assignments/edr")
            .Append(Wanted.Set(Wanted.Assignments, "edr", "memory/policy/edr", """{"assignments":[{"target":{"group":"{memory/group/pilot}"}}]}"""));
        await site.Push(Wanted.State([.. withoutBroad]));
        Assigned().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_ring_that_is_held_back_is_neither_made_nor_assigned_and_the_rest_is_pushed()
    {
        var plan = await site.PlanHolding(Rings(), "BROAD");
        plan.Changes.Where(c => c.IsWrite).Select(c => c.Address).ShouldBe(["memory/group/pilot", "memory/members/pilot", "memory/policy/edr", "memory/assignments/edr"]);
        plan.Changes.Single(c => c.Address == "memory/group/broad").Reason.ShouldBe("Its ring is held back.");
        await site.Reconciler.ApplyAsync(plan, null, TestContext.Current.CancellationToken);
        Assigned().ShouldBe(["id-1"]);
        (await site.PlanHolding(Rings(), "broad")).HasWrites.ShouldBeFalse();
    }

    [Fact]
    public async Task A_ring_that_was_pushed_and_is_held_back_later_stays_as_it_is_while_what_nobody_desires_goes()
    {
        await site.Push(Rings());
        site.Target.Add("policy", (JsonObject)JsonNode.Parse("""{"name":"left over","description":"mdbdeploy:contoso/memory/policy/left-over#0123456789abcdef"}""")!);
        var plan = await site.PlanHolding(Rings(), "broad");
        plan.Changes.Where(c => c.IsWrite).ShouldHaveSingleItem().Kind.ShouldBe(ChangeKind.Delete);
        await site.Reconciler.ApplyAsync(plan, null, TestContext.Current.CancellationToken);
        Assigned().Count().ShouldBe(2);
        (await site.Plan(Rings())).HasWrites.ShouldBeFalse();
    }

    [Fact]
    public async Task A_device_leaves_a_ring_that_is_held_back_and_none_comes_in()
    {
        DesiredState With(string members) => Wanted.State(
            Wanted.Object(Wanted.Group, "broad", ring: "broad"), Wanted.Set(Wanted.Members, "broad", "memory/group/broad", $$"""{"members":[{{members}}]}""", ring: "broad"));
        await site.Push(With("""{"id":"x"},{"id":"y"}"""));
        var plan = await site.PlanHolding(With("""{"id":"y"},{"id":"z"}"""), "broad");
        plan.Changes.Single(c => c.IsWrite).Fields.ShouldHaveSingleItem().Path.ShouldBe("/members/x");
        await site.Reconciler.ApplyAsync(plan, null, TestContext.Current.CancellationToken);
        Keys("broad").ShouldBe(["y"]);
        (await site.Plan(With("""{"id":"y"},{"id":"z"}"""))).Changes.Single(c => c.IsWrite).Fields.ShouldHaveSingleItem().IsDrift.ShouldBeFalse();
        await site.Push(With("""{"id":"y"},{"id":"z"}"""));
        Keys("broad").ShouldBe(["y", "z"]);
    }

    [Fact]
    public async Task What_comes_after_a_set_waits_for_it_and_pulls_in_nothing_that_is_held_back()
    {
        var shared = Wanted.Set(Wanted.Members, "shared", "memory/group/all", """{"members":[{"id":"{memory/group/pilot}"},{"id":"{memory/group/broad}"}]}""");
        Resource After(string ring) => Wanted.Object(Wanted.Policy, $"after-{ring}", ring: ring) is var policy ? policy with { After = ["memory/members/shared"], DependsOn = ["memory/members/shared"] } : throw new InvalidOperationException();
        var state = Wanted.State(Wanted.Object(Wanted.Group, "all"), Wanted.Object(Wanted.Group, "pilot", ring: "pilot"), Wanted.Object(Wanted.Group, "broad", ring: "broad"), shared, After("pilot"), After("broad"));

        var held = await site.PlanHolding(state, "pilot", "broad");
        held.Changes.Where(c => c.IsWrite).Select(c => c.Address).ShouldBe(["memory/group/all"]);

        var one = await site.PlanHolding(state, "broad");
        one.Changes.Where(c => c.IsWrite).Select(c => c.Address).ShouldBe(["memory/group/all", "memory/group/pilot", "memory/members/shared", "memory/policy/after-pilot"]);
        one.Changes.Single(c => c.Address == "memory/members/shared").Fields.Length.ShouldBe(1);
        ResourceDocument.Read(ResourceDocument.Write(After("pilot")), "memory", "f", false).DependsOn.ShouldBe(["memory/members/shared"]);
    }

    [Fact]
    public async Task Nothing_held_back_is_everything()
    {
        var plan = await site.PlanHolding(Rings());
        plan.Fingerprint.ShouldBe((await site.Plan(Rings())).Fingerprint);
    }

    [Fact]
    public async Task A_ring_that_nothing_belongs_to_is_an_error()
    {
        var plan = await site.PlanRing(Rings(), "nobody");
        plan.Diagnostics.ShouldHaveSingleItem().Problem.ShouldBe(Problems.RingUnknown);
    }

    private static DesiredState Rings() => Wanted.State(
        Wanted.Object(Wanted.Group, "pilot", ring: "pilot"),
        Wanted.Object(Wanted.Group, "broad", ring: "broad"),
        Wanted.Set(Wanted.Members, "pilot", "memory/group/pilot", """{"members":[{"id":"x"}]}""", ring: "pilot"),
        Wanted.Object(Wanted.Policy, "edr"),
        Wanted.Set(Wanted.Assignments, "edr", "memory/policy/edr", """{"assignments":[{"target":{"group":"{memory/group/broad}"}},{"target":{"group":"{memory/group/pilot}"}}]}"""));

    private static DesiredState Group(params string[] members) => Wanted.State(
        Wanted.Object(Wanted.Group, "g"),
        Wanted.Set(Wanted.Members, "g", "memory/group/g", new JsonObject { ["members"] = new JsonArray([.. members.Select(m => (JsonNode)new JsonObject { ["id"] = m })]) }.ToJsonString()));

    private IEnumerable<string> Assigned() => site.Target.The("policy", "MDB - edr")["assignments"]!.AsArray().Select(a => a!["target"]!["group"]!.ToString()).Order();

    private JsonArray Items(string group = "g") => site.Target.The("group", "MDB - " + group)["members"]!.AsArray();

    private IEnumerable<string> Keys(string group = "g") => Items(group).Select(i => i!["id"]!.ToString()).Order(StringComparer.Ordinal);
}
