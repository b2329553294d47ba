using CsCheck;
using MdbDeploy.Inventory;
using MdbDeploy.Projects;

namespace MdbDeploy.Tests.Planning;

/// <summary>What holds for every plan, however the devices are held.</summary>
public class PlanProperties
{
    private static readonly Gen<Device> AnyDevice =
        Gen.Select(Gen.Int[0, 5000], Gen.OneOf("", "Pilot", "OSL"), Gen.Enum<Management>(), Gen.Enum<JoinType>(), Gen.Int[0, 90])
            .Select((number, tag, managedBy, join, days) => Sample.Device($"PC-{number:D4}") with
            {
                Tags = tag.Length == 0 ? [] : [tag],
                ManagedBy = managedBy,
                Join = join,
                LastSeen = Sample.AsOf.AddDays(-days),
            });

    [Fact]
    public void A_rule_on_the_name_decides_as_one_on_shared_fields_does() =>
        AnyDevice.Array[1, 40].Sample(devices =>
        {
            // The first rule makes every device be asked on its own; what it adds holds for none.
            var own = Sample.Plan(Sample.WithRouting(("name == 'nobody'", "jamf"), ("tags contains 'OSL'", "group-policy")), devices);
            var shared = Sample.Plan(Sample.WithRouting(("tags contains 'nobody'", "jamf"), ("tags contains 'OSL'", "group-policy")), devices);
            own.Devices.Select(d => (d.Method, d.Ring, d.Eligibility, d.Attention)).ShouldBe(shared.Devices.Select(d => (d.Method, d.Ring, d.Eligibility, d.Attention)));
        });

    [Fact]
    public void The_devices_of_all_outcomes_are_the_devices_of_the_fleet() =>
        AnyDevice.Array[0, 60].Sample(devices =>
        {
            var plan = Sample.Plan(Sample.Project, devices);
            plan.Devices.Tally().Sum(t => t.Devices).ShouldBe(devices.Length);
            plan.Devices.Outcomes.Select(outcome => outcome.Method).Distinct().Sum(method => plan.Devices.OnboardedBy(method).Length).ShouldBe(devices.Length);
        });

    [Fact]
    public void A_name_to_offboard_takes_that_device_and_leaves_all_others_as_they_were() =>
        Gen.Select(AnyDevice.Array[1, 40], Gen.Int[0, 39], Gen.Int[0, 2]).Sample((devices, number, form) =>
        {
            var fleet = devices.Select(device => device with { Domain = "CORP", Fqdn = $"{device.Name.ToLowerInvariant()}.corp.example" }).DistinctBy(device => device.Name).ToList();
            var leaving = fleet[number % fleet.Count];
            var name = form switch { 0 => leaving.Name.ToLowerInvariant(), 1 => $"corp\\{leaving.Name}", _ => leaving.Fqdn!.ToUpperInvariant() };
            // The condition that looks at names makes every device be asked on its own.
            var byName = Sample.Plan(Sample.Project with { SplitLocalScript = true, Offboard = new OffboardSettings { Names = [(name, default)] } }, fleet);
            var byCondition = Sample.Plan(Sample.Project with { SplitLocalScript = true, Offboard = new OffboardSettings { Match = $"name == '{leaving.Name}'" } }, fleet);
            byName.Devices.Select(d => (d.Method, d.Offboarding, d.Ring, d.Eligibility)).ShouldBe(byCondition.Devices.Select(d => (d.Method, d.Offboarding, d.Ring, d.Eligibility)));
            byName.Devices.Where(d => d.Reasons.Any(reason => reason.Contains("names it", StringComparison.Ordinal))).ShouldHaveSingleItem().Device.Name.ShouldBe(leaving.Name);
        });
}
