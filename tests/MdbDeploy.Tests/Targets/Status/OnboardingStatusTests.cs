using System.Collections.Immutable;
using CsCheck;
using MdbDeploy.Inventory;
using MdbDeploy.Planning;
using MdbDeploy.Targets.Graph;
using MdbDeploy.Targets.Status;

namespace MdbDeploy.Tests.Targets.Status;

public class OnboardingStatusTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_device_that_defender_hears_from_is_onboarded() => Of(Report()).ShouldBe((DeviceCondition.Onboarded, OnboardingState.Onboarded));

    [Fact]
    public void A_device_of_another_organisation_is_that_before_all_else() =>
        Of(Report() with { IsElsewhere = true, IsHealthy = false, IsPotentialDuplicate = true, Health = "reports to another organisation, x" }).ShouldBe((DeviceCondition.WrongOrganization, OnboardingState.Attention));

    [Theory]
    [InlineData("ImpairedCommunication", DeviceCondition.Failed)]
    [InlineData("NoSensorData", DeviceCondition.Failed)]
    [InlineData("Inactive", DeviceCondition.Unreachable)]
    [InlineData("something new", DeviceCondition.Failed)]
    public void A_sensor_that_does_not_work_needs_a_person(string health, DeviceCondition condition) =>
        Of(Report() with { IsHealthy = false, Health = health }).ShouldBe((condition, OnboardingState.Attention));

    [Fact]
    public void A_week_of_silence_is_unreachable_and_a_day_less_is_not()
    {
        Of(Report() with { LastSeen = Now.AddDays(-8) }).Condition.ShouldBe(DeviceCondition.Unreachable);
        Of(Report() with { LastSeen = Now.AddDays(-6) }).Condition.ShouldBe(DeviceCondition.Onboarded);
    }

    [Fact]
    public void Two_live_entries_of_one_name_are_a_duplicate_and_an_old_one_beside_a_live_one_is_not()
    {
        var (first, second) = (Report() with { Id = "1" }, Report() with { Id = "2" });
        One(new StatusEvidence { Reported = [first, second], Now = Now }).Condition.ShouldBe(DeviceCondition.Duplicate);
        One(new StatusEvidence { Reported = [first with { IsHealthy = false, Health = "Inactive", LastSeen = Now.AddDays(-30) }, second], Now = Now }).Condition.ShouldBe(DeviceCondition.Onboarded);
    }

    [Fact]
    public void A_device_that_the_plan_leaves_out_is_unexpected_when_it_is_onboarded()
    {
        Of(Report(), Planned(Methods.None)).ShouldBe((DeviceCondition.Unexpected, OnboardingState.Onboarded));
        Of(Report(), Planned(Methods.None) with { Offboarding = Methods.Intune }).ShouldBe((DeviceCondition.Unexpected, OnboardingState.Attention));
        Of(null, Planned(Methods.None)).ShouldBe((DeviceCondition.NotPlanned, OnboardingState.NotPlanned));
    }

    [Fact]
    public void A_script_that_failed_is_decoded_and_a_later_success_waits()
    {
        ScriptResult failure = new("PC", Now.AddHours(-2), 15, false, "The service Sense did not start."), success = new("pc", Now.AddHours(-1), 0, true, "Onboarded.");
        var failed = One(new StatusEvidence { Results = [failure], Now = Now });
        (failed.Condition, failed.Detail).ShouldBe((DeviceCondition.Failed, "The script ended with code 15 on 2026-11-23 07:00 UTC: The service Sense did not start."));
        var waits = One(new StatusEvidence { Results = [success, failure], Now = Now });
        (waits.Condition, waits.Detail).ShouldBe((DeviceCondition.Waiting, "The script ended well on 2026-11-23 08:00 UTC; no system reports the device yet."));
    }

    [Fact]
    public void A_check_on_the_device_says_why_it_waits_or_what_failed()
    {
        var check = new ScriptResult("PC", Now.AddHours(-1), 1, true, "NonCompliant: OnboardingState is absent.") { IsCheck = true };
        var waits = One(new StatusEvidence { Results = [check], Now = Now });
        (waits.Condition, waits.Detail).ShouldBe((DeviceCondition.Waiting, "The check on the device said on 2026-11-23 08:00 UTC: NonCompliant: OnboardingState is absent."));
        var fails = One(new StatusEvidence { Results = [check with { Succeeded = false, Meaning = "NonCompliant: The service Sense is Stopped.", IsOnboarded = true }], Now = Now });
        (fails.Condition, fails.Detail).ShouldBe((DeviceCondition.Failed, "The check on the device said on 2026-11-23 08:00 UTC: NonCompliant: The service Sense is Stopped."));
        var well = One(new StatusEvidence { Results = [check with { ExitCode = 0, Meaning = "Compliant", IsOnboarded = true }], Now = Now });
        (well.Condition, well.Detail).ShouldBe((DeviceCondition.Waiting, "The device itself said on 2026-11-23 08:00 UTC that it is onboarded; no system reports it yet."));
    }

    [Fact]
    public void A_device_that_named_another_organisation_itself_is_not_waited_for()
    {
        Guid ours = new("11111111-0000-4000-8000-000000000001"), theirs = new("22222222-0000-4000-8000-000000000002");
        var result = new ScriptResult("PC", Now.AddHours(-1), 0, true, "Onboarded.") { IsOnboarded = true, OrganizationId = theirs };
        One(new StatusEvidence { Results = [result], OrganizationId = ours, Now = Now }).Condition.ShouldBe(DeviceCondition.WrongOrganization);
        One(new StatusEvidence { Results = [result], Now = Now }).Condition.ShouldBe(DeviceCondition.Waiting, "nobody knows which organisation is ours");
        var waits = One(new StatusEvidence { Results = [result with { OrganizationId = ours }], OrganizationId = ours, Now = Now });
        (waits.Condition, waits.Detail).ShouldBe((DeviceCondition.Waiting, "The script ended well on 2026-11-23 08:00 UTC, and the device said that it is onboarded; no system reports the device yet."));
    }

    [Fact]
    public void Intune_tells_a_device_that_waits_from_one_that_is_off_and_one_it_does_not_manage()
    {
        var planned = Planned(Methods.Intune);
        One(new StatusEvidence { CheckIns = [new(null, "PC", Now.AddHours(-3))], Now = Now }, planned).Condition.ShouldBe(DeviceCondition.Waiting);
        One(new StatusEvidence { CheckIns = [new(null, "PC", Now.AddDays(-9))], Now = Now }, planned).Condition.ShouldBe(DeviceCondition.Unreachable);
        One(new StatusEvidence { CheckIns = [new(null, "PC", null)], Now = Now }, planned).Condition.ShouldBe(DeviceCondition.Unreachable);
        One(new StatusEvidence { CheckIns = [], Now = Now }, planned).Condition.ShouldBe(DeviceCondition.Failed);
        One(new StatusEvidence { Now = Now }, planned).Condition.ShouldBe(DeviceCondition.Waiting);
    }

    [Theory]
    [InlineData(PolicyOutcome.Pending, DeviceCondition.Waiting, "No system reports it yet.")]
    [InlineData(PolicyOutcome.Succeeded, DeviceCondition.Waiting, "Intune applied 'Onboarding' on 2026-11-23 08:00 UTC. No system reports the device yet.")]
    [InlineData(PolicyOutcome.Failed, DeviceCondition.Failed, "Intune could not apply 'Onboarding' (2026-11-23 08:00 UTC)")]
    [InlineData(PolicyOutcome.Conflict, DeviceCondition.Failed, "Intune reports a conflict over 'Onboarding'")]
    [InlineData(PolicyOutcome.NotApplicable, DeviceCondition.Failed, "does not apply to it")]
    public void What_became_of_the_policy_tells_a_device_that_waits_from_one_that_refuses(PolicyOutcome outcome, DeviceCondition condition, string words)
    {
        var heard = new CheckIn(null, "PC", Now.AddHours(-1)) { Policy = new PolicyReport("Onboarding", "i", "PC", outcome, Now.AddHours(-1)) };
        var status = One(new StatusEvidence { CheckIns = [heard], Now = Now }, Planned(Methods.Intune));
        status.Condition.ShouldBe(condition);
        status.Detail.ShouldContain(words);
        One(new StatusEvidence { CheckIns = [heard], Reported = [Report()], Now = Now }, Planned(Methods.Intune)).Condition.ShouldBe(DeviceCondition.Onboarded, "what Defender sees counts more than a report of a policy");
    }

    [Fact]
    public void Policies_are_found_by_the_id_of_Intune_and_by_a_name_that_one_device_bears_and_the_newest_counts()
    {
        ManagedDevice[] devices = [new("a", null, "PC", null, Now), new("b", null, "TWIN", null, Now), new("c", null, "twin", null, Now), new("d", null, "LONE", null, Now)];
        PolicyReport[] policies =
        [
            new("P", "a", "PC", PolicyOutcome.Succeeded, Now), new("P", "a", "PC", PolicyOutcome.Failed, Now.AddDays(-1)),
            new("O", null, "Twin", PolicyOutcome.Failed, Now), new("O", null, "lone", PolicyOutcome.Conflict, Now),
        ];
        var heard = IntuneStatus.Combine(devices, policies, [new AntivirusReport("B", "real-time protection is off")]);
        heard.Select(c => c.Policy?.Outcome).ShouldBe([PolicyOutcome.Succeeded, null, null, PolicyOutcome.Conflict]);
        heard.Select(c => c.Antivirus).ShouldBe([null, "real-time protection is off", null, null]);
    }

    [Theory]
    [InlineData(1, "Waiting since 2026-11-23 08:00 UTC: devices ask Intune")]
    [InlineData(49, "longer than is normal: devices ask Intune")]
    public void Waiting_says_since_when_and_what_is_normal(int hours, string words)
    {
        var since = ImmutableDictionary<string, ConditionSince>.Empty.Add("pc", new(DeviceCondition.Waiting, Now.AddHours(-hours)));
        var status = One(new StatusEvidence { Since = since, Now = Now }, Planned(Methods.Intune));
        status.Delay.ShouldNotBeNull().ShouldContain(words);
        status.Since.ShouldBe(Now.AddHours(-hours));
    }

    [Fact]
    public void Entries_of_nobody_are_unexpected_while_they_report_and_ghosts_when_they_do_not()
    {
        var plan = PlanOf(Planned(Methods.Intune));
        var strays = OnboardingStatus.Strays(plan, [Report(), Report() with { DnsName = "lost.corp.example", Id = "l" }, Report() with { DnsName = "old", Id = "o", IsHealthy = false }]);
        strays.Select(s => (s.Entry.DnsName, s.Condition)).ShouldBe([("lost.corp.example", DeviceCondition.Unexpected), ("old", DeviceCondition.Ghost)]);
    }

    [Fact]
    public void A_device_of_the_same_name_in_another_domain_is_a_stray_where_the_inventory_names_domains()
    {
        var planned = Planned(Methods.Intune);
        ReportedDevice[] entries = [Report() with { EntraDeviceId = null, DnsName = "pc.other.example", Id = "x" }, Report() with { EntraDeviceId = null, DnsName = "PC", Id = "y" }];
        OnboardingStatus.Strays(PlanOf(planned with { Device = planned.Device with { Fqdn = "pc.corp.example" } }), entries).Select(s => s.Entry.Id).ShouldBe(["x"]);
        OnboardingStatus.Strays(PlanOf(planned with { Device = planned.Device with { Fqdn = null } }), entries).ShouldBeEmpty();
        Guid id = new("33333333-0000-4000-8000-000000000003");
        OnboardingStatus.Strays(PlanOf(planned with { Device = planned.Device with { Fqdn = "pc.corp.example", EntraDeviceId = id } }), [entries[0] with { EntraDeviceId = id }]).ShouldBeEmpty();
    }

    [Fact]
    public void Every_device_is_in_exactly_one_condition_whatever_is_reported()
    {
        var names = Gen.Int[0, 4].Select(i => new[] { "pc", "PC.corp.example", "pc2", "", "x.y" }[i]);
        var reports = Gen.Select(names, Gen.Bool, Gen.Bool, Gen.Bool, Gen.Int[-400, 1], Gen.Int[0, 3].Select(i => new[] { null, "Active", "Inactive", "odd" }[i]), (name, onboarded, healthy, elsewhere, days, health) => new ReportedDevice
        {
            Source = PoolStatus.DefenderSource,
            DnsName = name,
            IsOnboarded = onboarded,
            IsHealthy = healthy,
            IsElsewhere = elsewhere,
            Health = health,
            LastSeen = Now.AddDays(days),
            Id = days.ToString(System.Globalization.CultureInfo.InvariantCulture),
        }).Array[0, 6];
        var methods = Gen.Int[0, 3].Select(i => new[] { Methods.None, Methods.Intune, Methods.GroupPolicy, Methods.LocalScript }[i]);
        Gen.Select(reports, methods.Array[1, 4]).Sample((reported, planned) =>
        {
            var plan = PlanOf([.. planned.Select(method => Planned(method))]);
            var status = OnboardingStatus.Compare(plan, new StatusEvidence { Reported = reported, Now = Now });
            status.Length.ShouldBe(plan.Devices.Length);
            status.ShouldAllBe(s => s.Detail.Length > 0 && (s.Condition != DeviceCondition.Onboarded || s.State == OnboardingState.Onboarded));
        }, iter: 500);
    }

    private static (DeviceCondition Condition, OnboardingState State) Of(ReportedDevice? report, PlannedDevice? planned = null)
    {
        var status = One(new StatusEvidence { Reported = report is null ? [] : [report], Now = Now }, planned);
        return (status.Condition, status.State);
    }

    private static DeviceStatus One(StatusEvidence evidence, PlannedDevice? planned = null) => OnboardingStatus.Compare(PlanOf(planned ?? Planned(Methods.LocalScript)), evidence).ShouldHaveSingleItem();

    private static Plan PlanOf(params PlannedDevice[] devices) => new(Now, [.. devices], [], []);

    private static PlannedDevice Planned(string method) => new() { Device = new Device { Name = "PC" }, Eligibility = Eligibility.Eligible, Method = method, Ring = "pilot", Reasons = ["Because."] };

    private static ReportedDevice Report() => new() { Source = PoolStatus.DefenderSource, Id = "1", DnsName = "pc", IsOnboarded = true, Health = "Active", LastSeen = Now.AddMinutes(-5) };
}
