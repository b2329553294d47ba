using System.Collections.Immutable;
using MdbDeploy.Planning;
using MdbDeploy.Projects;
using MdbDeploy.Targets.Status;

namespace MdbDeploy.Tests.Targets.Status;

public class RingGatesTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("onboarded >= 95%", 19, 1, 0, true)]
    [InlineData("onboarded >= 95%", 18, 2, 0, false)]
    [InlineData("onboarded > 95%", 19, 1, 0, false)]
    [InlineData("onboarded >= 19", 19, 1, 0, true)]
    [InlineData("onboarded >= 95% and attention <= 1%", 19, 0, 1, false)]
    [InlineData("waiting < 2 and attention <= 5%", 18, 1, 1, true)]
    [InlineData("onboarded >= 33.33%", 1, 2, 0, true)]
    public void A_gate_opens_when_the_ring_before_it_is_far_enough(string when, int onboarded, int waiting, int attention, bool open)
    {
        var gate = Gate(when, [.. States("pilot", onboarded, waiting, attention)]);
        gate.IsOpen.ShouldBe(open, gate.Why);
    }

    [Fact]
    public void A_closed_gate_says_what_is_asked_and_what_there_is() =>
        Gate("onboarded >= 95%", [.. States("pilot", 18, 2, 0)]).Why.ShouldBe("It waits for 'pilot': onboarded >= 95% is asked, and 18 of 20 devices (90%) are onboarded.");

    [Fact]
    public void A_ring_without_devices_proves_nothing_and_keeps_the_gate_closed() =>
        Gate("onboarded >= 0%", []).ShouldBe(new GateState("broad", false, "It waits for 'pilot', which has no devices: correct that ring, or wait for another."));

    [Fact]
    public void Devices_of_other_rings_and_those_that_are_not_onboarded_do_not_count() =>
        Gate("onboarded >= 100%", [.. States("pilot", 1, 0, 0), .. States("broad", 0, 50, 0), Status("pilot", OnboardingState.NotPlanned, Methods.None)]).IsOpen.ShouldBeTrue();

    [Fact]
    public void A_gate_without_a_condition_asks_for_all_of_the_ring()
    {
        RingGates.Evaluate(Rings(after: "pilot", when: null), [.. States("pilot", 19, 1, 0)], Now)[0].IsOpen.ShouldBeFalse();
        RingGates.Evaluate(Rings(after: "pilot", when: null), [.. States("pilot", 20, 0, 0)], Now)[0].IsOpen.ShouldBeTrue();
    }

    [Fact]
    public void A_moment_alone_opens_the_gate_when_it_comes()
    {
        var rings = Read("  - { name: pilot, notBefore: 2026-11-23T10:00+01:00 }\n");
        RingGates.Evaluate(rings, [], Now).ShouldHaveSingleItem().IsOpen.ShouldBeTrue();
        RingGates.Evaluate(rings, [], Now.AddSeconds(-1))[0].ShouldBe(new GateState("pilot", false, "It is not pushed before 2026-11-23 09:00 UTC."));
    }

    private static GateState Gate(string when, ImmutableArray<DeviceStatus> status) => RingGates.Evaluate(Rings(null, when), status, Now).ShouldHaveSingleItem();

    private static ImmutableArray<RingSettings> Rings(string? after, string? when) =>
        Read($"  - {{ name: pilot }}\n  - {{ name: broad{(after is null ? "" : $", after: {after}")}{(when is null ? "" : $", when: '{when}'")} }}\n");

    private static ImmutableArray<RingSettings> Read(string rings)
    {
        var outcome = ProjectReader.Parse("organization: Contoso\ninventory: devices.csv\nrings:\n" + rings, "/project");
        outcome.Diagnostics.ShouldBeEmpty();
        return outcome.Value!.Rings;
    }

    private static IEnumerable<DeviceStatus> States(string ring, int onboarded, int waiting, int attention) =>
    [
        .. Enumerable.Repeat(Status(ring, OnboardingState.Onboarded), onboarded),
        .. Enumerable.Repeat(Status(ring, OnboardingState.Waiting), waiting),
        .. Enumerable.Repeat(Status(ring, OnboardingState.Attention), attention),
    ];

    private static DeviceStatus Status(string ring, OnboardingState state, string method = Methods.Intune) =>
        new(new PlannedDevice { Device = Planning.Sample.Device("PC"), Eligibility = Eligibility.Eligible, Method = method, Ring = ring, Reasons = ["."] }, state, "", null);
}
