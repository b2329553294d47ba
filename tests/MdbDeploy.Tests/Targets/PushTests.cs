using MdbDeploy.Diagnostics;
using MdbDeploy.Targets;
using MdbDeploy.Targets.Runs;

namespace MdbDeploy.Tests.Targets;

public sealed class PushTests : IDisposable
{
    private readonly Site site = new();

    public void Dispose() => site.Dispose();

    [Fact]
    public async Task Steps_go_by_phase_then_depth_then_address_and_deletions_come_last_in_reverse()
    {
        var groups = Wanted.State(
            Wanted.Object(Wanted.Group, "a-needs-z", """{"limit":"{memory/group/z-root}"}"""),
            Wanted.Object(Wanted.Group, "z-root"),
            Wanted.Object(Wanted.Group, "b"),
            Wanted.Set(Wanted.Members, "b", "memory/group/b", """{"members":[{"id":"1"}]}"""),
            Wanted.Object(Wanted.Policy, "p", """{"group":"{memory/group/b}"}"""));
        await site.Push(groups);
        // Those of one stage run side by side, so that their order among themselves is anybody's.
        site.Target.Applied.Take(2).Select(c => c.Address).ShouldBe(["memory/group/b", "memory/group/z-root"], ignoreOrder: true);
        site.Target.Applied.Skip(2).Select(c => c.Address).ShouldBe(["memory/group/a-needs-z", "memory/members/b", "memory/policy/p"]);
        var root = site.Target.Objects.Single(o => o.Value.Body["name"]!.ToString() == "MDB - z-root").Key;
        site.Target.The("group", "MDB - a-needs-z")["limit"]!.ToString().ShouldBe(root);
        site.Target.Applied.Clear();

        var next = Wanted.State(Wanted.Object(Wanted.Policy, "q"));
        await site.Push(next);
        var steps = site.Target.Applied.Select(c => $"{(char)c.Kind}{c.Address}").ToList();
        steps.Take(2).ShouldBe(["+memory/policy/q", "-memory/policy/p"]);
        steps.IndexOf("-memory/group/a-needs-z").ShouldBeLessThan(steps.IndexOf("-memory/group/z-root"));
        steps.Skip(2).ShouldBe(["-memory/group/a-needs-z", "-memory/group/z-root", "-memory/group/b"], ignoreOrder: true);
    }

    [Fact]
    public async Task At_most_four_steps_run_at_a_time()
    {
        var arrived = new TaskCompletionSource();
        var count = 0;
        site.Target.Before = async _ =>
        {
            if (Interlocked.Increment(ref count) == 4)
            {
                arrived.SetResult();
            }

            await arrived.Task;
        };
        var result = await site.Push(Wanted.State([.. Enumerable.Range(0, 20).Select(i => Wanted.Object(Wanted.Policy, $"p{i}"))]));
        result.Done.ShouldBe(20);
        site.Target.MostAtATime.ShouldBe(4);
    }

    [Fact]
    public async Task A_failure_skips_what_needs_it_the_rest_goes_on_and_pushing_again_converges()
    {
        var bundle = Wanted.State([.. ReconcilerTests.Bundle().Resources, Wanted.Object(Wanted.Policy, "unrelated")]);
        site.Target.Before = change => change.Address == "memory/group/pilot" ? throw MemoryTarget.Refusal("the server said no") : Task.CompletedTask;
        var partial = await site.Push(bundle);
        partial.Steps.ToDictionary(s => s.Change.Address, s => s.State).ShouldBe(new Dictionary<string, StepState>
        {
            ["memory/group/pilot"] = StepState.Failed,
            ["memory/members/pilot"] = StepState.Skipped,
            ["memory/policy/edr"] = StepState.Done,
            ["memory/policy/unrelated"] = StepState.Done,
            ["memory/assignments/edr"] = StepState.Skipped,
        }, ignoreOrder: true);
        partial.Steps.Single(s => s.Change.Address == "memory/members/pilot").Note.ShouldBe("It was skipped because 'memory/group/pilot' was not carried out.");
        partial.IsComplete.ShouldBeFalse();
        partial.Diagnostics.ShouldHaveSingleItem().Message.ShouldBe("the server said no");
        Journal.Unfinished(site.Runs, "memory").ShouldBe(partial.RunId);

        site.Target.Before = _ => Task.CompletedTask;
        site.Target.Applied.Clear();
        var rest = await site.Push(bundle);
        rest.IsComplete.ShouldBeTrue();
        rest.RunId.ShouldBe("20261123T054500Z-memory-2");
        site.Target.Applied.Select(c => c.Address).Order().ShouldBe(["memory/assignments/edr", "memory/group/pilot", "memory/members/pilot"]);
        (await site.Plan(bundle)).HasWrites.ShouldBeFalse();
        Journal.Unfinished(site.Runs, "memory").ShouldBeNull();
    }

    [Fact]
    public async Task A_failed_deletion_leaves_what_it_still_names()
    {
        await site.Push(Wanted.State(Wanted.Object(Wanted.Group, "child", """{"limit":"{memory/group/root}"}"""), Wanted.Object(Wanted.Group, "root")));
        site.Target.Before = change => change.Address == "memory/group/child" ? throw MemoryTarget.Refusal("in use") : Task.CompletedTask;
        var result = await site.Push(Wanted.State());
        result.Steps.Select(s => (s.Change.Address, s.State)).ShouldBe([("memory/group/child", StepState.Failed), ("memory/group/root", StepState.Skipped)]);
        site.Target.Objects.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_lost_answer_is_found_again_not_repeated()
    {
        site.Target.After = change => throw MemoryTarget.Refusal("the answer was lost");
        await site.Push(Wanted.State(Wanted.Object(Wanted.Policy, "edr")));
        site.Target.After = _ => { };
        (await site.Push(Wanted.State(Wanted.Object(Wanted.Policy, "edr")))).IsComplete.ShouldBeTrue();
        site.Target.Objects.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Cancelling_ends_between_steps_and_pushing_again_completes()
    {
        using var cancel = new CancellationTokenSource();
        var bundle = ReconcilerTests.Bundle();
        site.Target.After = change => cancel.Cancel();
        var result = await site.Reconciler.ApplyAsync(await site.Plan(bundle), null, cancel.Token);
        result.IsCancelled.ShouldBeTrue();
        result.Done.ShouldBe(1);
        result.NotStarted.ShouldBe(3);
        var journal = Journal.Read(Path.Combine(site.Runs, result.RunId + ".jsonl"));
        journal.Select(l => l["event"]!.ToString()).ShouldBe(["start", "begin", "done", "end"]);
        Journal.Unfinished(site.Runs, "memory").ShouldBe(result.RunId);

        site.Target.After = _ => { };
        (await site.Push(bundle)).Done.ShouldBe(3);
        (await site.Plan(bundle)).HasWrites.ShouldBeFalse();
    }

    [Fact]
    public async Task A_step_that_is_interrupted_counts_as_not_started()
    {
        using var cancel = new CancellationTokenSource();
        site.Target.Before = async _ => await cancel.CancelAsync();
        var result = await site.Reconciler.ApplyAsync(await site.Plan(Wanted.State(Wanted.Object(Wanted.Policy, "edr"))), null, cancel.Token);
        var step = result.Steps.ShouldHaveSingleItem();
        step.State.ShouldBe(StepState.NotStarted);
        step.Note!.ShouldContain("interrupted");
        site.Target.Objects.ShouldBeEmpty();
    }

    [Fact]
    public async Task Progress_tells_each_step_when_it_begins_and_ends()
    {
        var told = new List<string>();
        var plan = await site.Plan(ReconcilerTests.Bundle());
        await site.Reconciler.ApplyAsync(plan, new Watch(p => told.Add($"{p.Finished}/{p.Total} {p.Change.Address} {p.State}")), TestContext.Current.CancellationToken);
        told.Count.ShouldBe(8);
        told[0].ShouldBe("0/4 memory/group/pilot ");
        told[1].ShouldBe("1/4 memory/group/pilot Done");
        told[^1].ShouldBe("4/4 memory/assignments/edr Done");
    }

    [Fact]
    public async Task The_journal_says_what_was_done_and_survives_a_torn_last_line()
    {
        var result = await site.Push(ReconcilerTests.Bundle());
        var file = Path.Combine(site.Runs, result.RunId + ".jsonl");
        var whole = Journal.Read(file);
        whole.Count.ShouldBe(10);
        whole[0]["fingerprint"]!.ToString().ShouldMatch("^[0-9a-f]{64}$");
        whole[0]["time"]!.ToString().ShouldBe("2026-11-23T05:45:00.000Z");
        whole[1]["change"]!.ToString().ShouldBe("create");
        whole[2]["remoteId"]!.ToString().ShouldBe("id-1");

        var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        for (var length = bytes.Length - 1; length > bytes.Length - 60; length--)
        {
            await File.WriteAllBytesAsync(file, bytes[..length], TestContext.Current.CancellationToken);
            Journal.Read(file).Count.ShouldBeInRange(9, 10);
            if (length < bytes.Length - 2)
            {
                Journal.Unfinished(site.Runs, "memory").ShouldBe(result.RunId);
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("""{"format":1,"project":"fabrikam","resources":{}}""")]
    [InlineData("""{"format":1,"project":"contoso","resources":{"memory/policy/edr":{}}}""")]
    [InlineData("""{"format":1,"project":7}""")]
    public async Task A_damaged_record_of_the_last_push_costs_a_warning_and_nothing_else(string content)
    {
        var bundle = ReconcilerTests.Bundle();
        await site.Push(bundle);
        File.WriteAllText(site.StateFile, content);
        var plan = await site.Plan(bundle);
        plan.HasWrites.ShouldBeFalse();
        plan.IsRefused.ShouldBeFalse();
        plan.Diagnostics.ShouldHaveSingleItem().Problem.ShouldBe(Problems.StateUnreadable);
        await site.Push(bundle);
        (await site.Plan(bundle)).Diagnostics.ShouldBeEmpty();
    }

    private sealed class Watch(Action<PushProgress> told) : IProgress<PushProgress>
    {
        public void Report(PushProgress value) => told(value);
    }
}
