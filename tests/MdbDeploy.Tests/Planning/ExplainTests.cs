using MdbDeploy.Inventory;
using MdbDeploy.Planning;
using MdbDeploy.Projects;

namespace MdbDeploy.Tests.Planning;

public class ExplainTests
{
    private static readonly DeploymentProject Project = Sample.WithRouting(("site == 'OSL' and tags contains 'x'", Methods.LocalScript)) with
    {
        Rings = [new RingSettings { Name = "pilot", Match = "tags contains 'Pilot'" }, new RingSettings { Name = "early", Percent = 0 }, new RingSettings { Name = "broad" }, new RingSettings { Name = "never" }],
    };

    [Fact]
    public void Every_rule_that_was_tried_is_told_with_its_outcome_up_to_the_one_that_decided()
    {
        var device = Sample.Device() with { Site = "STO", Join = JoinType.Domain, LastSeen = Sample.AsOf.AddDays(-3) };
        var explanation = Explain(device.Name, device).ShouldHaveSingleItem();
        explanation.Planned.Method.ShouldBe(Methods.GroupPolicy);
        explanation.Steps.Select(s => $"{(s.Applied ? "x" : "-")} {s.Rule} {s.Outcome}").ShouldBe([
            "x Does it meet the requirements? Windows 11 23H2 (Pro) meets the requirements.",
            "- Is it to be offboarded? Neither the inventory nor the project says so.",
            "- Is it a golden image? Does not apply.",
            "- Is it disabled or retired? Does not apply.",
            "- Was it not seen for more than 45 days? No: last seen on 2026-11-20.",
            "- Is it Windows that does not meet the requirements? Windows 11 23H2 (Pro) meets the requirements.",
            "- routing[0]: site == 'OSL' and tags contains 'x' -> local-script? Does not hold: site is 'STO', tags is empty.",
            "- Is its operating system out of scope? Does not apply.",
            "- Does the inventory ask for a method? No source asks for one.",
            "- Parts 1 and 2: does the tenant onboard every enrolled device by itself, and is it enrolled in Intune? The project says 'onboarding: manual'.",
            "- Is it a non-persistent virtual desktop? Does not apply.",
            "- Is it a domain controller? Does not apply.",
            "- Is it enrolled in Intune? No source says so.",
            "- Does it have a Configuration Manager client? Does not apply.",
            "x Is it joined to a domain? It is joined to Active Directory and managed by nothing else, so Group Policy onboards it.",
            "- Ring 'pilot' Its match \"tags contains 'Pilot'\" does not hold: tags is empty.",
            "- Ring 'early' Its place in the ring's order is 92.04 of 100, and the ring takes those below 0.",
            "x Ring 'broad' Ring 'broad' takes all that are left.",
        ]);
        explanation.Steps.Select(s => s.Stage).ShouldBeInOrder();
    }

    [Theory]
    [InlineData("lt-0001$")]
    [InlineData(@"\\LT-0001")]
    [InlineData(@"CORP\LT-0001$")]
    [InlineData("lt-0001.corp.example.")]
    [InlineData(" LT-0001 ")]
    public void A_device_is_found_by_its_name_in_every_form_that_sources_write(string name) =>
        Explain(name, Sample.Device("LT-0001") with { Domain = "CORP", Fqdn = "lt-0001.corp.example" }, Sample.Device("LT-0002")).ShouldHaveSingleItem().Planned.Device.Name.ShouldBe("LT-0001");

    [Fact]
    public void The_last_resort_is_a_rule_too()
    {
        var steps = Explain("LT-0001", Sample.Device()).ShouldHaveSingleItem().Steps;
        steps.Single(s => s is { Stage: PlanStage.Method, Applied: true }).Rule.ShouldBe("Does nothing else reach it, and are at most 10 such devices left for the local script?");

        var many = Enumerable.Range(0, 11).Select(i => Sample.Device($"W{i}")).ToArray();
        steps = Explain("W3", many).ShouldHaveSingleItem().Steps;
        steps[^1].ShouldBe(new ExplainedStep(PlanStage.Method, "Does nothing else reach it, and are at most 10 such devices left for the local script?", false,
            "Neither managed nor joined to a domain, and 11 devices are left for the local script, which serves at most 10: enrol or join it, or name it in the method column."));
    }

    [Fact]
    public void A_ring_of_limited_size_tells_who_did_not_fit()
    {
        var project = Sample.WithRings(new RingSettings { Name = "pilot", Max = 1 }, new RingSettings { Name = "broad" });
        var devices = new[] { Sample.Intune("A"), Sample.Intune("B") };
        var explained = devices.SelectMany(d => Planner.Explain(Sample.Fleet(devices), project, Requirements.BuiltIn, Sample.Channels, null, Sample.AsOf, d.Name).Value!).ToList();
        var rings = explained.Select(e => e.Steps.Where(s => s.Stage == PlanStage.Ring).ToList()).OrderBy(s => s.Count).ToList();
        rings[0].Single().ShouldBe(new ExplainedStep(PlanStage.Ring, "Ring 'pilot'", true, "Ring 'pilot': chosen, among at most 1."));
        rings[1].Select(s => (s.Applied, s.Outcome)).ShouldBe([(false, "The ring takes 1, and others come first in its order."), (true, "Ring 'broad' takes all that are left.")]);
    }

    [Fact]
    public void Explaining_and_planning_agree()
    {
        var devices = Enumerable.Range(0, 60).Select(i => Sample.Intune($"D{i:00}") with { Tags = i % 7 == 0 ? ["Pilot"] : [], RequestedRing = i % 11 == 0 ? "broad" : null }).ToArray();
        var plan = Sample.Plan(Project, devices);
        foreach (var planned in plan.Devices)
        {
            var explanation = Explain(planned.Device.Name, devices).ShouldHaveSingleItem();
            explanation.Planned.Ring.ShouldBe(planned.Ring);
            explanation.Planned.Reasons.ShouldBe(planned.Reasons);
            explanation.Steps.Single(s => s is { Stage: PlanStage.Ring, Applied: true }).Rule.ShouldBe($"Ring '{planned.Ring}'");
        }
    }

    [Theory]
    [InlineData("lt-1", 2)]
    [InlineData("LT-1.B.EXAMPLE", 1)]
    [InlineData(@"a\LT-1", 1)]
    public void A_device_is_found_by_name_dns_name_and_domain(string name, int count)
    {
        var devices = new[] { Sample.Device("LT-1") with { Domain = "A" }, Sample.Device("LT-1") with { Domain = "B", Fqdn = "lt-1.b.example" }, Sample.Device("LT-2") };
        Explain(name, devices).Count.ShouldBe(count);
    }

    [Fact]
    public void A_name_that_nobody_has_is_told_with_the_nearest() =>
        Planner.Explain(Sample.Fleet(Sample.Device("LT-0001"), Sample.Device("SRV-9")), Project, Requirements.BuiltIn, Sample.Channels, null, Sample.AsOf, "LT-001")
            .Diagnostics.ShouldHaveSingleItem().ToString().ShouldBe("LT-001: error MDB0314: No device is called 'LT-001'. Did you mean 'LT-0001'?");

    private static IReadOnlyList<PlanExplanation> Explain(string name, params Device[] devices) =>
        Planner.Explain(Sample.Fleet(devices), Project, Requirements.BuiltIn, Sample.Channels, null, Sample.AsOf, name).Value.ShouldNotBeNull();
}
