using MdbDeploy.Inventory;
using MdbDeploy.Planning;
using MdbDeploy.Projects;

namespace MdbDeploy.Tests.Planning;

public class RoutingTests
{
    private static readonly TenantSettings Automatic = new() { AutomaticOnboarding = true };

    public static TheoryData<string, Device, string, string> BuiltInRules => new()
    {
        { "non-persistent desktop", Sample.Intune() with { Vdi = VdiKind.NonPersistentSingle }, Methods.VdiScript, "It is a non-persistent virtual desktop: the start-up script in its image onboards it at every start." },
        { "non-persistent, many entries", Sample.Device() with { Vdi = VdiKind.NonPersistentMultiple, Join = JoinType.Domain }, Methods.VdiScript, "It is a non-persistent virtual desktop: the start-up script in its image onboards it at every start." },
        { "persistent desktop", Sample.Intune() with { Vdi = VdiKind.Persistent }, Methods.Intune, "It is enrolled in Intune, so Intune onboards it." },
        { "domain controller", Sample.Device() with { Role = DeviceRole.DomainController, Os = OsFamily.WindowsServer, Build = new(20348, 2461), ManagedBy = Management.ConfigurationManager }, Methods.GroupPolicy, "It is a domain controller: Group Policy reaches it, and Defender's security settings management does not support domain controllers." },
        { "Intune", Sample.Intune() with { Join = JoinType.Hybrid }, Methods.Intune, "It is enrolled in Intune, so Intune onboards it." },
        { "co-managed", Sample.Device() with { ManagedBy = Management.Intune | Management.ConfigurationManager }, Methods.Intune, "It is managed by Intune and Configuration Manager together (co-management), so Intune onboards it." },
        { "Configuration Manager", Sample.Device() with { ManagedBy = Management.ConfigurationManager, Join = JoinType.Domain }, Methods.ConfigurationManager, "It has a Configuration Manager client, so Configuration Manager onboards it." },
        { "domain", Sample.Device() with { Join = JoinType.Domain }, Methods.GroupPolicy, "It is joined to Active Directory and managed by nothing else, so Group Policy onboards it." },
        { "hybrid", Sample.Device() with { Join = JoinType.Hybrid }, Methods.GroupPolicy, "It is hybrid joined and managed by nothing else, so Group Policy onboards it." },
        { "Defender's own management", Sample.Device() with { Join = JoinType.Domain, ManagedBy = Management.Defender }, Methods.GroupPolicy, "It is joined to Active Directory and managed by nothing else, so Group Policy onboards it." },
        { "other MDM", Sample.Device() with { ManagedBy = Management.OtherMdm }, Methods.OtherMdm, "Another MDM manages it, so that MDM's custom profile onboards it." },
        { "other MDM in a domain", Sample.Device() with { ManagedBy = Management.OtherMdm, Join = JoinType.Domain }, Methods.GroupPolicy, "It is joined to Active Directory and managed by nothing else, so Group Policy onboards it." },
        { "nothing", Sample.Device() with { Join = JoinType.Entra }, Methods.LocalScript, "Nothing else reaches it, and few enough devices are left for the local script." },
        { "asks for one", Sample.Intune() with { RequestedMethod = Methods.GroupPolicy }, Methods.GroupPolicy, "The inventory asks for Group Policy." },
        { "asks for a channel's own", Sample.Intune() with { RequestedMethod = "jamf" }, "jamf", "The inventory asks for jamf." },
        { "asks for none", Sample.Intune() with { RequestedMethod = Methods.None }, Methods.None, "The inventory asks for no onboarding." },
        { "asks for another than its VDI kind", Sample.Intune() with { RequestedMethod = Methods.Intune, Vdi = VdiKind.NonPersistentSingle }, Methods.Intune, "The inventory asks for Microsoft Intune." },
    };

    [Theory]
    [MemberData(nameof(BuiltInRules))]
    public void A_built_in_rule_chooses_the_method(string situation, Device device, string method, string reason)
    {
        var planned = Sample.Single(device);
        planned.Method.ShouldBe(method, situation);
        planned.Reasons.ShouldContain(reason);
        planned.Ring.ShouldBe(method == Methods.None ? null : "broad");
        planned.Attention.ShouldBeNull();
    }

    public static TheoryData<string, Device, string?> Never => new()
    {
        { "It is a golden image, which must never be onboarded; its desktops onboard themselves.", Sample.Intune() with { IsGoldenImage = true }, null },
        { "It is disabled, so it is set aside.", Sample.Intune() with { State = DeviceState.Disabled }, "Set aside: disabled." },
        { "It is retired, so it is set aside.", Sample.Intune() with { State = DeviceState.Retired }, "Set aside: retired." },
        { "It was last seen on 2026-10-09, more than 45 days before 2026-11-23, so it is set aside as stale.", Sample.Intune() with { LastSeen = Sample.AsOf.AddDays(-45).AddSeconds(-1) }, "Set aside: not seen since 2026-10-09. Remove the record, or bring the device back." },
        { "It does not meet the requirements, so it is not onboarded.", Sample.Intune() with { Edition = WindowsEdition.Home }, "Windows Home is not supported; change the edition to Pro first. (https://learn.microsoft.com/defender-endpoint/minimum-requirements)" },
    };

    [Theory]
    [MemberData(nameof(Never))]
    public void What_must_not_be_onboarded_is_not_whatever_anybody_asks_for(string reason, Device device, string? attention)
    {
        foreach (var project in new[] { Sample.Project, Sample.WithRouting(("true", Methods.Intune)) })
        {
            foreach (var wish in new[] { null, Methods.Intune, Methods.LocalScript, "jamf" })
            {
                var planned = Sample.Single(device with { RequestedMethod = wish, RequestedRing = "broad" }, project);
                (planned.Method, planned.Ring, planned.Attention).ShouldBe((Methods.None, null, attention));
                planned.Reasons[^1].ShouldBe(reason);
            }
        }
    }

    [Fact]
    public void A_device_seen_at_the_limit_or_in_the_future_or_never_is_not_stale()
    {
        Sample.Single(Sample.Intune() with { LastSeen = Sample.AsOf.AddDays(-45) }).Method.ShouldBe(Methods.Intune);
        Sample.Single(Sample.Intune() with { LastSeen = Sample.AsOf.AddDays(45) }).Method.ShouldBe(Methods.Intune);
        Sample.Single(Sample.Intune() with { LastSeen = null }).Method.ShouldBe(Methods.Intune);
        Sample.Single(Sample.Intune() with { LastSeen = DateTimeOffset.MinValue }).Method.ShouldBe(Methods.None);
    }

    [Fact]
    public void A_stale_or_disabled_phone_needs_nobodys_attention()
    {
        var phone = Sample.Intune() with { Os = OsFamily.Ios, LastSeen = DateTimeOffset.MinValue };
        (Sample.Single(phone).Method, Sample.Single(phone).Attention).ShouldBe((Methods.None, null));
        Sample.Single(phone with { State = DeviceState.Disabled }).Attention.ShouldBeNull();
    }

    [Fact]
    public void An_onboarded_golden_image_is_an_error_and_there_is_no_plan()
    {
        var outcome = Sample.Outcome(Sample.Project, Sample.Intune("A"), Sample.Intune("GOLD") with { IsGoldenImage = true, IsOnboarded = true, Origins = [new("defender.csv", 7)] });
        outcome.Value.ShouldBeNull();
        outcome.Diagnostics.ShouldHaveSingleItem().ToString().ShouldBe("defender.csv(7): error MDB0306: The golden image GOLD is onboarded, so every desktop made from it would share its identity.");
    }

    [Fact]
    public void Automatic_onboarding_takes_enrolled_devices_without_a_ring_and_leaves_the_others()
    {
        var project = Sample.WithRings(new RingSettings { Name = "pilot", Max = 1 }, new RingSettings { Name = "broad" }) with { Tenant = Automatic };
        var plan = Sample.Plan(project, Sample.Intune("A"), Sample.Device("B") with { Join = JoinType.Domain }, Sample.Intune("C") with { Vdi = VdiKind.NonPersistentSingle });
        plan.Devices.Select(d => (d.Method, d.Ring)).ShouldBe([(Methods.Automatic, null), (Methods.GroupPolicy, "pilot"), (Methods.Automatic, null)]);
        plan.Devices[0].Reasons[^1].ShouldBe("It is enrolled in Intune, and the tenant onboards every enrolled device by itself; there is nothing to deploy and no ring.");
        plan.Diagnostics.Select(d => d.ToString()).ShouldBe([
            "mdbdeploy.yaml: warning MDB0305: The ring 'broad' holds no device.",
            "mdbdeploy.yaml: warning MDB0313: Automatic onboarding takes 2 enrolled devices at once, so they are in none of the 2 rings.",
        ]);
    }

    [Fact]
    public void What_automatic_onboarding_would_take_against_the_plan_needs_attention()
    {
        var project = Sample.Project with { Tenant = Automatic };
        Sample.Single(Sample.Intune() with { RequestedMethod = Methods.None }, project).Attention.ShouldBe("It is enrolled in Intune: the tenant's automatic onboarding takes it whatever the inventory asks for.");
        Sample.Single(Sample.Intune(), project with { Routing = [new("true", Methods.GroupPolicy, 5)] }).Attention.ShouldBe("It is enrolled in Intune: the tenant's automatic onboarding takes it whatever the project's rule says.");
        Sample.Single(Sample.Intune(), project with { Routing = [new("true", Methods.Automatic, 5)] }).Attention.ShouldBeNull();
        Sample.Single(Sample.Device() with { Join = JoinType.Domain }, project with { Routing = [new("true", Methods.GroupPolicy, 5)] }).Attention.ShouldBeNull();
        Sample.Single(Sample.Intune() with { IsGoldenImage = true }, project).Attention.ShouldBe("This golden image is enrolled in Intune, and automatic onboarding would take it.");
    }

    [Fact]
    public void A_tenant_that_does_not_use_Intune_sends_nothing_there()
    {
        var project = Sample.Project with { Tenant = new TenantSettings { UsesIntune = false } };
        Sample.Single(Sample.Intune() with { Join = JoinType.Hybrid }, project).Method.ShouldBe(Methods.GroupPolicy);
    }

    [Fact]
    public void The_projects_rules_come_before_the_built_in_ones_in_their_order()
    {
        var project = Sample.WithRouting(("site == 'OSL' and join == 'domain'", Methods.GroupPolicy), ("tags contains 'Mac'", "jamf"), ("site == 'OSL'", Methods.LocalScript));
        var oslo = Sample.Intune() with { Site = "OSL" };
        Sample.Single(oslo with { Join = JoinType.Domain }, project).Method.ShouldBe(Methods.GroupPolicy);
        var planned = Sample.Single(oslo with { RequestedMethod = Methods.Intune }, project);
        planned.Method.ShouldBe(Methods.LocalScript);
        planned.Reasons[1].ShouldBe("The project's rule \"site == 'OSL'\" (line 12 of mdbdeploy.yaml) sends it to Local script.");
        Sample.Single(Sample.Intune(), project).Method.ShouldBe(Methods.Intune);
    }

    [Fact]
    public void A_channel_of_ones_own_may_serve_another_system_and_a_built_in_method_may_not()
    {
        var mac = Sample.Device() with { Os = OsFamily.MacOS, Tags = ["Mac"] };
        Sample.Single(mac, Sample.WithRouting(("os == 'macos'", "jamf"))).Method.ShouldBe("jamf");
        Sample.Single(mac, Sample.WithRouting(("os == 'macos'", Methods.Intune))).Method.ShouldBe(Methods.None);
    }

    [Fact]
    public void Ten_devices_that_nothing_reaches_get_the_local_script_and_an_eleventh_none_of_them()
    {
        var ten = Enumerable.Range(1, 10).Select(i => Sample.Device($"WG-{i:00}")).ToList();
        Sample.Plan(Sample.Project, ten).Devices.ShouldAllBe(d => d.Method == Methods.LocalScript && d.Attention == null);

        var plan = Sample.Plan(Sample.Project, [.. ten, Sample.Device("WG-11")]);
        plan.Devices.ShouldAllBe(d => d.Method == Methods.None && d.Ring == null
            && d.Attention == "Neither managed nor joined to a domain, and 11 devices are left for the local script, which serves at most 10: enrol or join it, or name it in the method column.");
        plan.Diagnostics.ShouldHaveSingleItem().ToString().ShouldBe("inventory.csv(2): warning MDB0309: 11 devices are neither managed nor joined to a domain, and the local script serves at most 10: they are not onboarded (https://learn.microsoft.com/defender-endpoint/configure-endpoints-script).");
    }

    [Fact]
    public void Devices_named_for_the_local_script_count_and_keep_it()
    {
        var named = Enumerable.Range(1, 9).Select(i => Sample.Intune($"A-{i}") with { RequestedMethod = Methods.LocalScript }).ToList();
        Sample.Plan(Sample.Project, [.. named, Sample.Device("B")]).Devices.ShouldAllBe(d => d.Method == Methods.LocalScript);

        var plan = Sample.Plan(Sample.Project, [.. named, Sample.Device("B"), Sample.Device("C")]);
        plan.Devices.Count(d => d.Method == Methods.LocalScript).ShouldBe(9);
        plan.Devices.Count(d => d.Method == Methods.None).ShouldBe(2);

        var twelve = Enumerable.Range(1, 12).Select(i => Sample.Intune($"A-{i:00}") with { RequestedMethod = Methods.LocalScript }).ToList();
        var refused = Sample.Outcome(Sample.Project, twelve);
        refused.Value.ShouldBeNull();
        refused.Diagnostics.ShouldHaveSingleItem().ToString().ShouldBe("inventory.csv(2): error MDB0348: 12 devices are to be onboarded by the local script, which is meant for at most 10 (https://learn.microsoft.com/defender-endpoint/configure-endpoints-script). 12 of them are enrolled in Intune, so Microsoft Intune reaches them.");
        Sample.Plan(Sample.Project with { SplitLocalScript = true }, twelve).Devices.ShouldAllBe(d => d.Method == Methods.LocalScript);
        Sample.Plan(Sample.Project with { SplitLocalScript = true }, twelve.Select(d => d with { RequestedMethod = null, ManagedBy = default })).Devices.ShouldAllBe(d => d.Method == Methods.LocalScript);
    }

    [Fact]
    public void A_method_that_cannot_be_used_is_told_once_and_the_rules_decide()
    {
        var plan = Sample.Plan(Sample.Project,
            Sample.Intune("A") with { RequestedMethod = "intunes", Origins = [new("b.csv", 9)] },
            Sample.Intune("B") with { RequestedMethod = "intunes" },
            Sample.Intune("C") with { RequestedMethod = Methods.Automatic, Origins = [new("b.csv", 11)] });
        plan.Devices.ShouldAllBe(d => d.Method == Methods.Intune);
        plan.Diagnostics.Select(d => d.ToString()).ShouldBe([
            "b.csv(11): warning MDB0303: C asks for 'automatic', and the project says 'onboarding: manual'.",
            "b.csv(9): warning MDB0303: 2 devices, A first, ask for the method 'intunes', which does not exist. Did you mean 'intune'?",
        ]);
    }

    [Fact]
    public void Mistakes_in_rules_and_rings_are_told_before_anything_is_planned()
    {
        var project = Sample.WithRouting(("sit == 'OSL'", Methods.Intune), ("true", "gruop-policy"), ("true", Methods.Automatic)) with
        {
            Rings = [new RingSettings { Name = "pilot", Match = "tags = 'x'", MatchAt = new("mdbdeploy.yaml", 5, 22) }, new RingSettings { Name = "late", Match = "(", Line = 7 }],
        };
        Sample.Outcome(project, Sample.Device()).Diagnostics.Select(d => d.ToString()).ShouldBe([
            "mdbdeploy.yaml(10,13): error MDB0301: In \"sit == 'OSL'\", at character 1: there is no field 'sit'; did you mean 'site', or the text 'sit' in quotes?",
            "mdbdeploy.yaml(5,22): error MDB0301: In \"tags = 'x'\", at character 1: a single = compares nothing: write ==.",
            "mdbdeploy.yaml(7): error MDB0301: In \"(\", at character 2: it cannot be read from here on.",
            "mdbdeploy.yaml(11,40): error MDB0302: There is no method 'gruop-policy'. Did you mean 'group-policy'?",
            "mdbdeploy.yaml(12,40): error MDB0302: 'automatic' is no choice for single devices: it is the tenant's answer for all of them, and the project says 'onboarding: manual'.",
        ]);
    }

    [Fact]
    public void A_device_that_is_onboarded_already_stays_planned_and_says_so() =>
        Sample.Single(Sample.Intune() with { IsOnboarded = true }).Reasons.ShouldContain("A source says that it is onboarded already.");

    [Theory]
    [InlineData("  - when: >\n      site == 'OSL' and\n      buid > 5\n    method: intune", "mdbdeploy.yaml(6)", 19)]
    [InlineData("  - when: |\n\n      site == 'OSL' and\n\n      buid > 5\n    method: intune", "mdbdeploy.yaml(8)", 20)]
    [InlineData("  - when: site == 'OSL'\n      and\n      buid > 5\n    method: intune", "mdbdeploy.yaml(6)", 19)]
    [InlineData("  - { when: \"site == 'OSL'\n      and buid > 5\", method: intune }", "mdbdeploy.yaml(5)", 19)]
    [InlineData("  - { when: 'site == ''OSL''\n      and buid > 5', method: intune }", "mdbdeploy.yaml(5)", 19)]
    [InlineData("  - { when: \"sit == 'OSL'\n      and build > 5\", method: intune }", "mdbdeploy.yaml(4)", 1)]
    [InlineData("  - { when: \"buid > 5\", method: intune }", "mdbdeploy.yaml(4,13)", 1)]
    public void A_mistake_in_a_condition_of_several_lines_is_told_on_its_line(string rule, string place, int character)
    {
        var read = ProjectReader.Parse($"organization: Contoso\ninventory: a.csv\nrouting:\n{rule}\n", "/project");
        read.Diagnostics.ShouldBeEmpty();
        var problem = Sample.Outcome(read.Value.ShouldNotBeNull(), Sample.Intune()).Diagnostics.ShouldHaveSingleItem();
        (problem.Code, problem.Where.ToString()).ShouldBe(("MDB0301", place));
        problem.Message.ShouldContain($"at character {character}: there is no field '");
    }
}
