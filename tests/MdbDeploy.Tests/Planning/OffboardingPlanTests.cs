using System.Collections.Immutable;
using CsCheck;
using MdbDeploy.Diagnostics;
using MdbDeploy.Inventory;
using MdbDeploy.Packages;
using MdbDeploy.Planning;
using MdbDeploy.Projects;

namespace MdbDeploy.Tests.Planning;

public class OffboardingPlanTests
{
    private static readonly Device Marked = Sample.Intune("OLD-1") with { State = DeviceState.Offboard };

    [Fact]
    public void What_reaches_a_device_offboards_it_whatever_else_is_the_matter_with_it()
    {
        Offboarding(Marked).ShouldBe(Methods.Intune);
        Offboarding(Marked with { LastSeen = Sample.AsOf.AddYears(-1), Edition = WindowsEdition.Home, Build = null }).ShouldBe(Methods.Intune);
        Offboarding(Marked with { ManagedBy = Management.ConfigurationManager }).ShouldBe(Methods.ConfigurationManager);
        Offboarding(Marked with { ManagedBy = default, Join = JoinType.Domain }).ShouldBe(Methods.GroupPolicy);
        Offboarding(Marked with { Vdi = VdiKind.NonPersistentSingle }).ShouldBe(Methods.VdiScript);
        Offboarding(Marked with { ManagedBy = default }).ShouldBe(Methods.LocalScript);
        Offboarding(Marked with { RequestedMethod = Methods.GroupPolicy }).ShouldBe(Methods.GroupPolicy);
        Offboarding(Marked with { RequestedMethod = Methods.None }).ShouldBe(Methods.Intune);
        Offboarding(Marked with { Os = OsFamily.MacOS }).ShouldBeNull();
        Offboarding(Marked with { IsGoldenImage = true, IsOnboarded = true }).ShouldBe(Methods.VdiScript);
    }

    [Fact]
    public void It_says_why()
    {
        var planned = Sample.Single(Marked);
        (planned.Method, planned.Ring, planned.Attention).ShouldBe((Methods.None, null, null));
        planned.Reasons[^1].ShouldBe("The inventory marks it for offboarding. It is enrolled in Intune, so Intune offboards it.");
    }

    [Fact]
    public void What_automatic_onboarding_would_bring_back_needs_attention_whatever_offboards_it()
    {
        var project = Sample.Project with { Tenant = new() { AutomaticOnboarding = true } };
        foreach (var (device, routing) in new (Device, RoutingRule[])[] { (Marked, []), (Marked with { RequestedMethod = Methods.GroupPolicy }, []), (Marked, [new("true", Methods.GroupPolicy, 1)]) })
        {
            var planned = Sample.Single(device, project with { Routing = [.. routing] });
            planned.Offboarding.ShouldNotBeNull();
            planned.Attention.ShouldBe("The tenant onboards every enrolled device by itself: take it out of that policy, or it comes back.");
        }

        Sample.Single(Marked with { ManagedBy = Management.ConfigurationManager }, project).Attention.ShouldBeNull();
    }

    [Fact]
    public void The_project_may_name_devices_and_fulfil_conditions()
    {
        var project = Sample.Project with
        {
            Offboard = new OffboardSettings
            {
                Names = [("a", At(3)), ("CONTOSO\\B", At(4)), ("c.contoso.example", At(5)), ("gone", At(6))],
                Match = "tags contains 'Sold'",
            },
        };
        var plan = Sample.Plan(project,
            Sample.Intune("A"), Sample.Intune("B") with { Domain = "CONTOSO" }, Sample.Intune("B") with { Domain = "FABRIKAM", EntraDeviceId = StableGuid.Of("x", "y") },
            Sample.Intune("C") with { Fqdn = "c.contoso.example" }, Sample.Intune("D") with { Tags = ["Sold"] }, Sample.Intune("E"));
        plan.Devices.Select(d => d.Offboarding).ShouldBe([Methods.Intune, Methods.Intune, null, Methods.Intune, Methods.Intune, null]);
        plan.Diagnostics.ShouldHaveSingleItem().ToString().ShouldBe("mdbdeploy.yaml(6): warning MDB0340: 'gone' is not in the inventory.");
        plan.Devices[4].Reasons[^1].ShouldStartWith("'offboard' in mdbdeploy.yaml takes it: \"tags contains 'Sold'\" holds.");
    }

    [Fact]
    public void A_name_that_means_two_devices_and_a_broken_condition_are_errors()
    {
        var project = Sample.Project with { Offboard = new OffboardSettings { Names = [("A", At(3))], Match = "tags contains" } };
        var outcome = Sample.Outcome(project, Sample.Intune("A") with { Domain = "X" }, Sample.Intune("A") with { Domain = "Y", EntraDeviceId = null });
        outcome.Value.ShouldBeNull();
        outcome.Diagnostics.Select(d => d.Code).ShouldBe(["MDB0301", "MDB0341"]);
    }

    [Theory]
    [InlineData("old-1", Management.Intune, Management.ConfigurationManager, true)]
    [InlineData("OLD-1", Management.Intune, Management.Intune, false)]
    [InlineData("OLD-1", Management.None, Management.Intune, true)]
    [InlineData("OLD-2", Management.ConfigurationManager, Management.ConfigurationManager, false)]
    public void A_name_that_is_onboarded_and_offboarded_is_refused_where_names_decide(string name, Management staying, Management leaving, bool refused)
    {
        var outcome = Sample.Outcome(Sample.Project, Marked with { ManagedBy = leaving }, Sample.Device(name) with { ManagedBy = staying, Domain = "OTHER", EntraDeviceId = StableGuid.Of("other", name) });
        outcome.Diagnostics.Select(d => d.Code).ShouldBe(refused ? ["MDB0346"] : []);
        (outcome.Value is null).ShouldBe(refused);
    }

    [Fact]
    public void No_device_is_ever_in_both_sets() =>
        AnyFleet.Sample(fleet =>
        {
            var outcome = Sample.Outcome(Sample.Project with
            {
                SplitLocalScript = true,
                Offboard = new OffboardSettings { Match = "tags contains 'Sold'" },
                Routing = [new RoutingRule("site == 'OSL'", Methods.GroupPolicy, 1), new RoutingRule("site == 'STO'", Methods.None, 2)],
            }, fleet);
            if (outcome.Value is not { } plan)
            {
                outcome.Diagnostics.ShouldContain(d => d.Severity == Severity.Error);
                return;
            }

            plan.Devices.Where(d => d.Offboarding is not null).ShouldAllBe(d => d.Method == Methods.None && d.Ring == null);
            plan.Devices.ShouldAllBe(d => d.Offboarding != Methods.None && d.Offboarding != Methods.Automatic);
            plan.Devices.Where(d => d.Device.State == DeviceState.Offboard || d.Device.Tags.Contains("Sold")).ShouldAllBe(d => d.Method == Methods.None);
            var byName = plan.Devices.Where(d => d.Method is not (Methods.None or Methods.Intune)).Select(d => d.Device.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
            plan.Devices.Where(d => d.Offboarding is not null).ShouldAllBe(d => !byName.Contains(d.Device.Name));
        }, iter: 500);

    [Theory]
    [InlineData(-1, "MDB0344", "MDB0343")]
    [InlineData(47, "MDB0345", null)]
    [InlineData(49, null, null)]
    public void Packages_are_judged_by_the_clock(int hoursLeft, string? inPlan, string? refused)
    {
        var packages = new PackageSet([Sample.Package(PackageKind.OnboardingFile) with { IsOffboarding = true, Expires = Sample.AsOf.AddHours(hoursLeft) }]);
        var plan = Planner.Plan(Sample.Fleet(Marked), Sample.Project, Requirements.BuiltIn, Sample.Channels, packages, Sample.AsOf).Value!;
        plan.Diagnostics.Select(d => d.Code).ShouldBe(inPlan is null ? [] : [inPlan]);
        plan.Diagnostics.ShouldAllBe(d => d.Severity == Severity.Warning);
        OffboardingChecks.Refusals(plan, Sample.Project, packages, Sample.AsOf).Select(d => d.Code).ShouldBe(refused is null ? [] : [refused]);
    }

    [Fact]
    public void A_missing_package_is_told_and_the_unattended_script_serves_people_too()
    {
        Plan(new PackageSet([])).Diagnostics.ShouldHaveSingleItem().Code.ShouldBe("MDB0342");
        var unattended = Sample.Package(PackageKind.GroupPolicy) with { IsOffboarding = true };
        Plan(new PackageSet([unattended])).Diagnostics.ShouldBeEmpty();

        static Plan Plan(PackageSet packages) => Planner.Plan(Sample.Fleet(Marked with { ManagedBy = default }), Sample.Project, Requirements.BuiltIn, Sample.Channels, packages, Sample.AsOf).Value!;
    }

    [Fact]
    public void A_script_that_asks_is_refused_where_nobody_can_answer()
    {
        var asking = Sample.Package(PackageKind.Vdi) with { IsInteractive = true };
        var outcome = Planner.Plan(Sample.Fleet(Sample.Device() with { Vdi = VdiKind.NonPersistentSingle }), Sample.Project, Requirements.BuiltIn, Sample.Channels, new PackageSet([asking]), Sample.AsOf);
        outcome.Value.ShouldBeNull();
        outcome.Diagnostics.ShouldHaveSingleItem().Code.ShouldBe("MDB0347");

        var local = Sample.Package(PackageKind.LocalScript) with { IsInteractive = true };
        Planner.Plan(Sample.Fleet(Sample.Device()), Sample.Project, Requirements.BuiltIn, Sample.Channels, new PackageSet([local]), Sample.AsOf).Diagnostics.ShouldBeEmpty();
    }

    private static readonly Gen<ImmutableArray<Device>> AnyFleet = (
        from number in Gen.Int[0, 30]
        from domain in OneOf("A", "B")
        from managed in OneOf(Management.None, Management.Intune, Management.ConfigurationManager)
        from joined in Gen.Enum<JoinType>()
        from state in OneOf(DeviceState.Active, DeviceState.Active, DeviceState.Disabled, DeviceState.Offboard)
        from tags in OneOf("", "Sold")
        from site in OneOf("OSL", "STO", "BGO")
        from golden in OneOf(false, false, false, true)
        select Sample.Device($"D{number:00}") with
        {
            EntraDeviceId = StableGuid.Of(domain, $"{number}"),
            Domain = domain,
            ManagedBy = managed,
            Join = joined,
            State = state,
            Tags = tags.Length == 0 ? [] : [tags],
            Site = site,
            IsGoldenImage = golden,
        }).Array[0, 12].Select(devices => devices.DistinctBy(d => d.Identity).ToImmutableArray());

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static string? Offboarding(Device device) => Sample.Single(device).Offboarding;

    private static Location At(int line) => new("mdbdeploy.yaml", line);
}
