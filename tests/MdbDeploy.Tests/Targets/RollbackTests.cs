using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets;
using MdbDeploy.Targets.Runs;

namespace MdbDeploy.Tests.Targets;

public sealed class RollbackTests : IDisposable
{
    private readonly Site site = new();

    public void Dispose() => site.Dispose();

    [Fact]
    public async Task What_a_run_created_is_deleted_and_what_it_added_is_taken_out()
    {
        await site.Push(Bundle("1", "2"));
        var before = Told();
        site.Time.Advance(TimeSpan.FromMinutes(1));
        var run = await site.Push(Wanted.State([.. Bundle("1", "3").Resources, Wanted.Object(Wanted.Policy, "new", """{"secret":"S3CRET"}"""), Wanted.Object(Wanted.Group, "late"), Members("late", "7")]));
        Told().ShouldNotBe(before);

        site.Time.Advance(TimeSpan.FromMinutes(1));
        var undone = await Undo(run.RunId!);
        undone.IsComplete.ShouldBeTrue();
        Told().ShouldBe(before);
        File.ReadAllText(Path.Combine(site.Runs, undone.RunId + ".jsonl")).ShouldContain($"\"rollbackOf\":\"{run.RunId}\"");
        site.AllWritten().ShouldNotContain("S3CRET");

        // Done is done: nothing is left, and the bundle of before has nothing to do.
        (await Plan(run.RunId!)).HasWrites.ShouldBeFalse();
        (await site.Plan(Bundle("1", "2"))).HasWrites.ShouldBeFalse();
    }

    [Fact]
    public async Task Items_of_a_set_stand_in_the_journal_once_and_are_read_as_they_were_when_they_stood_there_twice()
    {
        await site.Push(Bundle("1", "2"));
        site.Time.Advance(TimeSpan.FromMinutes(1));
        await Check(Bundle("1", "2", "3"), added: ["3"], isOnce: false);
        await Check(Bundle("4", "5"), added: ["4", "5"], isOnce: true);

        async Task Check(DesiredState bundle, string[] added, bool isOnce)
        {
            var run = await site.Push(bundle);
            site.Time.Advance(TimeSpan.FromMinutes(1));
            var file = Path.Combine(site.Runs, run.RunId + ".jsonl");
            var lines = File.ReadAllLines(file).Select(line => (JsonObject)JsonNode.Parse(line)!).ToList();
            var begin = lines.Single(line => line["event"]!.ToString() == "begin" && line["kind"]!.ToString() == Wanted.Members.Name);
            begin["fields"]!.AsArray().Count(f => f!["actual"] is null).ShouldBe(isOnce ? 0 : added.Length);
            var once = Step();
            once.Fields.Where(f => f.Actual is null).Select(f => f.Desired!["id"]!.ToString()).ShouldBe(added, ignoreOrder: true);

            // As versions before wrote it: every item as a field and in the body.
            begin.Remove("additions");
            begin["fields"] = new JsonArray([.. once.Fields.Select(f => (JsonNode)new JsonObject { ["path"] = f.Path, ["actual"] = f.Actual?.DeepClone(), ["desired"] = f.Desired?.DeepClone() })]);
            File.WriteAllLines(file, lines.Select(line => line.ToJsonString()));
            var twice = Step();
            twice.Fields.Select(f => $"{f.Path} {f.Actual?.ToJsonString()} {f.Desired?.ToJsonString()}").ShouldBe(once.Fields.Select(f => $"{f.Path} {f.Actual?.ToJsonString()} {f.Desired?.ToJsonString()}"));
            JsonNode.DeepEquals(twice.Resource!.Body, once.Resource!.Body).ShouldBeTrue();

            RunStep Step() => RunRecord.Read(site.Runs, run.RunId!).Value!.Steps.Single(step => step.Kind.Name == Wanted.Members.Name);
        }
    }

    [Fact]
    public async Task A_changed_field_is_put_back()
    {
        await site.Push(Wanted.State(Wanted.Object(Wanted.Group, "g", """{"name":"Old","color":"red","description":"Before."}""")));
        var before = Told();
        site.Time.Advance(TimeSpan.FromMinutes(1));
        var run = await site.Push(Wanted.State(Wanted.Object(Wanted.Group, "g", """{"name":"New","color":"blue","description":"After."}""")));
        site.Time.Advance(TimeSpan.FromMinutes(1));
        (await Undo(run.RunId!)).IsComplete.ShouldBeTrue();
        Told().ShouldBe(before);
        (await Plan(run.RunId!)).HasWrites.ShouldBeFalse();
    }

    [Fact]
    public async Task Where_somebody_changed_it_since_nothing_is_undone()
    {
        var run = await site.Push(Bundle("1"));
        site.Target.The("group", "MDB - g")["color"] = "green";
        site.Target.The("group", "MDB - g")["alias"] = "mine";
        (await Plan(run.RunId!)).IsRefused.ShouldBeFalse("a field that the run never wrote is no business of ours");

        site.Target.The("group", "MDB - g")["name"] = "Renamed";
        await Refused(run.RunId!, "/name");
    }

    [Fact]
    public async Task A_stranger_in_a_group_that_the_run_created_keeps_it()
    {
        var run = await site.Push(Bundle("1"));
        site.Target.The("group", "MDB - g")["members"]!.AsArray().Add(JsonNode.Parse("""{"id":"stranger"}"""));
        await Refused(run.RunId!, "stranger");
    }

    [Fact]
    public async Task A_run_that_a_later_one_built_on_is_refused()
    {
        var first = await site.Push(Wanted.State(Wanted.Object(Wanted.Group, "g")));
        site.Time.Advance(TimeSpan.FromMinutes(1));
        await site.Push(Wanted.State(Wanted.Object(Wanted.Group, "g", """{"color":"blue"}""")));
        await Refused(first.RunId!, "pushed again since");
    }

    [Fact]
    public async Task What_is_not_ours_any_more_is_left_alone()
    {
        var run = await site.Push(Wanted.State(Wanted.Object(Wanted.Group, "g")));
        site.Target.The("group", "MDB - g")["description"] = "Somebody took the marker out.";
        (await Plan(run.RunId!)).HasWrites.ShouldBeFalse();
    }

    [Fact]
    public async Task A_deleted_object_and_a_secret_are_not_made_up()
    {
        await site.Push(Wanted.State(Wanted.Object(Wanted.Group, "g"), Wanted.Object(Wanted.Policy, "p", """{"secret":"one"}""")));
        site.Time.Advance(TimeSpan.FromMinutes(1));
        var run = await site.Push(Wanted.State(Wanted.Object(Wanted.Policy, "p", """{"secret":"two"}""")));
        site.Time.Advance(TimeSpan.FromMinutes(1));
        var changes = await Plan(run.RunId!);
        changes.HasWrites.ShouldBeFalse();
        changes.IsRefused.ShouldBeFalse();
        changes.Diagnostics.Select(d => (d.Code, d.Where.Subject)).ShouldBe([("MDB0353", "memory/group/g"), ("MDB0353", "memory/policy/p")]);
    }

    [Fact]
    public async Task An_interrupted_run_and_an_interrupted_rollback_are_undone_all_the_same()
    {
        site.Target.After = change => _ = change.Address == "memory/members/g" ? throw MemoryTarget.Refusal("the answer was lost") : 0;
        var run = await site.Push(Bundle("1", "2"));
        run.IsComplete.ShouldBeFalse();
        site.Target.After = _ => { };
        site.Target.Before = change => change.Kind == ChangeKind.Delete ? throw MemoryTarget.Refusal("not now") : Task.CompletedTask;
        site.Time.Advance(TimeSpan.FromMinutes(1));
        (await Undo(run.RunId!)).IsComplete.ShouldBeFalse();
        site.Target.Before = _ => Task.CompletedTask;
        site.Time.Advance(TimeSpan.FromMinutes(1));
        (await Undo(run.RunId!)).IsComplete.ShouldBeTrue();
        site.Target.Objects.ShouldBeEmpty();
    }

    [Fact]
    public async Task It_never_offboards()
    {
        var kinds = Offboarding();
        await site.PushLeaving(kinds("1", "2"), offboard: true);
        site.Time.Advance(TimeSpan.FromMinutes(1));
        var run = await site.PushLeaving(kinds("1"), offboard: true);
        var changes = await Plan(run.RunId!);
        changes.HasWrites.ShouldBeFalse();
        changes.Diagnostics.ShouldHaveSingleItem().Message.ShouldContain("a rollback never offboards");
    }

    [Fact]
    public async Task Undoing_an_offboarding_takes_out_what_it_put_in()
    {
        var kinds = Offboarding();
        await site.PushLeaving(kinds(), offboard: true);
        site.Time.Advance(TimeSpan.FromMinutes(1));
        var run = await site.PushLeaving(kinds("1"), offboard: true);
        site.Time.Advance(TimeSpan.FromMinutes(1));
        (await Undo(run.RunId!)).IsComplete.ShouldBeTrue();
        site.Target.The("group", "MDB - off")["members"]!.AsArray().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("nowhere")]
    [InlineData("../../etc/passwd")]
    public async Task A_run_that_is_not_there_is_told(string run)
    {
        var outcome = await site.Reconciler.PlanRollbackAsync(run, TestContext.Current.CancellationToken);
        outcome.Value.ShouldBeNull();
        outcome.Diagnostics.ShouldHaveSingleItem().Code.ShouldBe("MDB0351");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"event\":\"start\"}")]
    [InlineData("{\"event\":\"start\",\"target\":\"memory\",\"project\":\"contoso\",\"kinds\":[{}]}")]
    [InlineData("{\"event\":\"start\",\"target\":\"memory\",\"project\":\"contoso\",\"kinds\":[]}\n{\"event\":\"begin\",\"address\":\"a\",\"kind\":\"gone\"}")]
    [InlineData("{\"event\":\"start\",\"target\":1,\"project\":\"contoso\",\"kinds\":7}")]
    [InlineData("{\"event\":\"start\",\"target\":\"memory\",\"project\":\"contoso\",\"kinds\":[]}\n\0\0\0\n{\"event\":\"end\"}")]
    public async Task A_damaged_journal_is_told(string journal)
    {
        Directory.CreateDirectory(site.Runs);
        await File.WriteAllTextAsync(Path.Combine(site.Runs, "bad.jsonl"), journal, TestContext.Current.CancellationToken);
        (await site.Reconciler.PlanRollbackAsync("bad", TestContext.Current.CancellationToken)).Diagnostics.ShouldHaveSingleItem().Code.ShouldBe("MDB0351");
    }

    private static Func<string[], DesiredState> OffboardingKinds()
    {
        var members = Wanted.Members with { Name = "leaving", Offboards = true };
        var kinds = new[] { Wanted.Group, members }.ToDictionary(k => k.Name);
        return ids => new DesiredState("contoso", [Wanted.Object(Wanted.Group, "off"), Wanted.Set(members, "off", "memory/group/off", Items(ids))], kinds);
    }

    private delegate DesiredState Leaving(params string[] ids);

    private static Leaving Offboarding() => new(OffboardingKinds());

    private static DesiredState Bundle(params string[] members) => Wanted.State(Wanted.Object(Wanted.Group, "g"), Members("g", members), Wanted.Object(Wanted.Policy, "p"));

    private static Resource Members(string group, params string[] ids) => Wanted.Set(Wanted.Members, group, $"memory/group/{group}", Items(ids));

    private static string Items(IEnumerable<string> ids) => $$"""{"members":[{{string.Join(',', ids.Select(i => $$"""{"id":"{{i}}"}"""))}}]}""";

    private string Told() => string.Join('\n', site.Target.Objects.Values.Select(o => $"{o.Kind} {o.Body.ToJsonString()}").Order(StringComparer.Ordinal));

    private async Task<ChangeSet> Plan(string run)
    {
        var outcome = await site.Reconciler.PlanRollbackAsync(run, TestContext.Current.CancellationToken);
        outcome.Value.ShouldNotBeNull(string.Join('\n', outcome.Diagnostics));
        return outcome.Value;
    }

    private async Task<PushResult> Undo(string run) => await site.Reconciler.ApplyAsync(await Plan(run), null, TestContext.Current.CancellationToken);

    private async Task Refused(string run, string words)
    {
        var before = Told();
        var changes = await Plan(run);
        changes.Diagnostics.ShouldContain(d => d.Code == "MDB0352" && d.Severity == Severity.Error && d.Message.Contains(words, StringComparison.Ordinal));
        (await site.Reconciler.ApplyAsync(changes, null, TestContext.Current.CancellationToken)).Done.ShouldBe(0);
        Told().ShouldBe(before);
    }
}
