using CsCheck;
using MdbDeploy.Bundles;
using MdbDeploy.Targets;

namespace MdbDeploy.Tests.Targets;

/// <summary>No device is in both sets at any moment: what ends offboarding comes first, what does it comes last and only after everything else succeeded.</summary>
public sealed class OffboardingOrderTests : IDisposable
{
    private static readonly ResourceKind Leaving = Wanted.Members with { Name = "leaving", Offboards = true };

    private static readonly ResourceKind LeavingPolicy = Wanted.Policy with { Name = "leaving-policy", Offboards = true };

    private static readonly Dictionary<string, ResourceKind> Kinds = new[] { Wanted.Group, Wanted.Members, Wanted.Policy, Leaving, LeavingPolicy }.ToDictionary(k => k.Name);

    private readonly Site site = new();

    public void Dispose() => site.Dispose();

    [Fact]
    public async Task A_device_leaves_its_ring_before_it_is_offboarded_and_its_ring_may_vanish_for_that()
    {
        await site.PushLeaving(State(["1", "2"], null));
        site.Target.Applied.Clear();
        (await site.PushLeaving(State(null, ["1"]), offboard: true)).IsComplete.ShouldBeTrue();
        site.Target.Applied.Select(c => $"{(char)c.Kind}{c.Address}").ToArray().ShouldBe(
            ["+memory/group/off", "-memory/group/ring", "+memory/leaving/off", "+memory/leaving-policy/off"]);
    }

    [Fact]
    public async Task What_ends_offboarding_comes_before_a_device_comes_back()
    {
        await site.PushLeaving(State(["1"], ["2"]), offboard: true);
        site.Target.Applied.Clear();
        (await site.PushLeaving(State(["1", "2"], null))).IsComplete.ShouldBeTrue();
        site.Target.Applied.Select(c => $"{(char)c.Kind}{c.Address}").ToArray().ShouldBe(["-memory/leaving-policy/off", "~memory/members/ring", "-memory/group/off"]);
    }

    [Fact]
    public async Task Nothing_is_offboarded_when_anything_before_failed()
    {
        await site.PushLeaving(State(["1", "2"], null));
        site.Target.Before = change => change.Address == "memory/members/ring" ? throw MemoryTarget.Refusal("no") : Task.CompletedTask;
        var result = await site.PushLeaving(State(["2"], ["1"]), offboard: true);
        result.Steps.Where(s => s.Change.ResourceKind.Offboards).ShouldAllBe(s => s.State == StepState.Skipped);
        site.Target.Before = _ => Task.CompletedTask;
        (await site.PushLeaving(State(["2"], ["1"]), offboard: true)).IsComplete.ShouldBeTrue();
        site.Target.The("group", "MDB - off")["members"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_plain_push_does_everything_but_offboard_and_says_so()
    {
        await site.PushLeaving(State(["1", "2"], null));
        var changes = await site.PlanLeaving(State(["2"], ["1"]));
        changes.Diagnostics.ShouldHaveSingleItem().Code.ShouldBe("MDB0349");
        changes.IsRefused.ShouldBeFalse();
        await site.PushLeaving(State(["2"], ["1"]));
        site.Target.The("group", "MDB - ring")["members"]!.AsArray().Count.ShouldBe(1);
        site.Target.The("group", "MDB - off").ContainsKey("members").ShouldBeFalse();
        site.Target.Objects.Values.ShouldNotContain(o => o.Kind == "leaving-policy");

        // It waits, and is not a difference that a second push would try again.
        (await site.PlanLeaving(State(["2"], ["1"]))).HasWrites.ShouldBeFalse();
    }

    [Fact]
    public async Task A_plain_push_takes_out_of_offboarding_and_puts_nobody_in()
    {
        await site.PushLeaving(State(["1"], ["2", "3"]), offboard: true);
        await site.PushLeaving(State(["1", "2"], ["3", "4"]));
        Items("off").ShouldBe(["3"]);
        Items("ring").ShouldBe(["1", "2"]);
    }

    [Fact]
    public async Task A_ring_that_is_held_back_lets_devices_go_and_takes_none()
    {
        var state = Gated(["1", "2"], null);
        await site.PushLeaving(state);
        site.Target.Applied.Clear();
        var held = await site.Reconciler.PlanAsync(Gated(["2", "3"], ["1"]), new ReconcileOptions { Offboard = true, Held = ["later"] }, TestContext.Current.CancellationToken);
        (await site.Reconciler.ApplyAsync(held, null, TestContext.Current.CancellationToken)).IsComplete.ShouldBeTrue();
        Items("ring").ShouldBe(["2"]);
        Items("off").ShouldBe(["1"]);

        // A ring that was never pushed stays unmade, and what refers to it waits.
        using var fresh = new Site();
        held = await fresh.Reconciler.PlanAsync(Gated(["2"], ["1"]), new ReconcileOptions { Offboard = true, Held = ["later"] }, TestContext.Current.CancellationToken);
        (await fresh.Reconciler.ApplyAsync(held, null, TestContext.Current.CancellationToken)).IsComplete.ShouldBeTrue();
        fresh.Target.Objects.Values.Select(o => o.Body["name"]!.ToString()).Order().ShouldBe(["MDB - off", "MDB - off", "MDB - onboarding"]);
        fresh.Target.The("policy", "MDB - onboarding").ContainsKey("assignments").ShouldBeFalse();
    }

    private static DesiredState Gated(string[] ring, string[]? leaving)
    {
        var state = State(null, leaving);
        return state with
        {
            Resources =
            [
                .. state.Resources,
                Wanted.Object(Wanted.Group, "ring", ring: "later"),
                Wanted.Set(Wanted.Members, "ring", "memory/group/ring", Members(ring), ring: "later"),
                Wanted.Object(Wanted.Policy, "onboarding"),
                Wanted.Set(Wanted.Assignments, "onboarding", "memory/policy/onboarding", "{\"assignments\":[{\"target\":{\"group\":\"{memory/group/ring}\"}}]}"),
            ],
            Kinds = Kinds.Append(KeyValuePair.Create(Wanted.Assignments.Name, Wanted.Assignments)).ToDictionary(),
        };
    }

    [Fact]
    public void Without_the_record_of_earlier_pushes_a_device_still_leaves_its_ring() =>
        Gen.Select(Gen.Int[0, 7].Array[0, 6], Gen.Int[0, 7].Array[0, 6]).Sample((stay, leave) =>
        {
            using var other = new Site();
            string[] leaving = [.. leave.Distinct().Select(i => $"{i}")];
            string[] staying = [.. stay.Distinct().Select(i => $"{i}").Except(leaving)];
            other.PushLeaving(State(["0", "1", "2", "3"], [])).GetAwaiter().GetResult();
            File.Delete(other.StateFile);
            other.PushLeaving(State(staying, leaving), offboard: true).GetAwaiter().GetResult();
            Items(other, "ring").Intersect(leaving).ShouldBeEmpty();
            Items(other, "off").Order().ShouldBe(leaving.Order());
        }, iter: 60);

    private static DesiredState State(string[]? ring, string[]? leaving)
    {
        var resources = new List<Resource>();
        if (ring is not null)
        {
            resources.AddRange([Wanted.Object(Wanted.Group, "ring"), Wanted.Set(Wanted.Members, "ring", "memory/group/ring", Members(ring))]);
        }

        if (leaving is not null)
        {
            resources.AddRange([Wanted.Object(Wanted.Group, "off"), Wanted.Set(Leaving, "off", "memory/group/off", Members(leaving)), Wanted.Object(LeavingPolicy, "off")]);
        }

        return new DesiredState("contoso", resources, Kinds);
    }

    private static string Members(IEnumerable<string> ids) => $$"""{"members":[{{string.Join(',', ids.Select(i => $$"""{"id":"{{i}}"}"""))}}]}""";

    private string[] Items(string group) => Items(site, group);

    private static string[] Items(Site of, string group) => [.. of.Target.The("group", $"MDB - {group}")["members"]?.AsArray().Select(m => m!["id"]!.GetValue<string>()) ?? []];
}
