using MdbDeploy.Inventory;
using MdbDeploy.Planning;
using MdbDeploy.Policies;

namespace MdbDeploy.Tests.Planning;

public class PolicyConflictsTests
{
    private static readonly PolicyCatalog Catalog = PolicyCatalog.Read(Path.Combine(Repository.Root, "policies")).Value!;

    [Fact]
    public void A_setting_that_the_devices_of_a_ring_do_not_know_is_told() =>
        Find([Device(Methods.Intune) with { Role = DeviceRole.Client, Build = new(15063, null) }, Device(Methods.Intune) with { Role = DeviceRole.Client, Build = new(22631, null) }, Device(Methods.Intune)], [("asr.9e6c4e1f", "1")])
            .ShouldHaveSingleItem().ShouldBe("MDB0136 1 device of ring 'pilot' do not know asr.9e6c4e1f (Credentials in lsass.exe), which needs client>=17134 server.");

    [Theory]
    [InlineData("1", true)]
    [InlineData("6", true)]
    [InlineData("2", false)]
    public void The_rule_against_PsExec_breaks_Configuration_Manager_clients(string mode, bool breaks) =>
        Find([Device(Methods.Intune) with { ManagedBy = Management.Intune | Management.ConfigurationManager, Role = DeviceRole.Server }], [("asr.d1e49aac", mode)]).Any(d => d.StartsWith("MDB0164", StringComparison.Ordinal)).ShouldBe(breaks);

    [Fact]
    public void A_group_policy_that_says_something_else_than_Intune_is_told_with_the_winner()
    {
        var gpo = new ImportedPolicy("Old", PolicyChannel.GroupPolicy, new([new(Catalog.Settings["av.pua"], "0"), new(Catalog.Settings["eg.np"], "1")], []));
        Find([Device(Methods.Intune) with { Join = JoinType.Hybrid }, Device(Methods.Intune) with { Join = JoinType.Entra }], [("av.pua", "1"), ("eg.np", "1")], gpo)
            .ShouldHaveSingleItem().ShouldBe("MDB0165 1 device get av.pua = block from ring 'pilot' (Intune) and off from 'Old' (Group Policy). Group Policy wins on the device.");
    }

    [Fact]
    public void Group_policy_against_tamper_protection_is_told_only_where_it_weakens()
    {
        Find([Device(Methods.GroupPolicy)], [("av.rtp", "1")]).ShouldBeEmpty();
        Find([Device(Methods.Intune)], [("av.rtp", "0")]).ShouldBeEmpty();
        Find([Device(Methods.GroupPolicy)], [("av.rtp", "0")]).ShouldHaveSingleItem().ShouldBe("MDB0167 Group Policy sets av.rtp to off on 1 device (ring 'pilot'), and tamper protection holds it at on.");
    }

    [Fact]
    public void Hardening_that_switches_off_what_Defender_needs_is_told()
    {
        var gpo = new ImportedPolicy("Hard", PolicyChannel.GroupPolicy, PolicyReading.Empty) { DisabledServices = ["DiagTrack", "Spooler", "sense"], RegistryValues = [@"software\policies\microsoft\windows defender\disableantispyware"] };
        Find([Device(Methods.GroupPolicy) with { Join = JoinType.Domain }], [], gpo).ShouldBe([
            "MDB0166 'Hard' holds DisableAntiSpyware, which must not be there at all, not even as 0; it reaches 1 device.",
            "MDB0166 'Hard' switches DiagTrack off, which onboarding needs before Windows 10 1809; it reaches 1 device.",
            "MDB0166 'Hard' switches sense off; it reaches 1 device.",
        ]);
    }

    [Fact]
    public void Two_existing_policies_of_different_channels_are_held_against_each_other() =>
        Find([Device(Methods.None) with { Join = JoinType.Domain, ManagedBy = Management.ConfigurationManager }], [],
            new ImportedPolicy("A", PolicyChannel.GroupPolicy, new([new(Catalog.Settings["av.pua"], "0")], [])), new ImportedPolicy("B", PolicyChannel.ConfigurationManager, new([new(Catalog.Settings["av.pua"], "1")], [])))
            .ShouldHaveSingleItem().ShouldStartWith("MDB0165 1 device get av.pua = off from 'A' (Group Policy) and block from 'B' (Configuration Manager).");

    // The method stands in the tag, so that a test reads as one line a device.
    private static Device Device(string method) => new() { Name = "PC", Tags = [method] };

    private static List<string> Find(Device[] devices, (string Id, string Value)[] values, params ImportedPolicy[] existing)
    {
        var planned = devices.Select(d => new PlannedDevice { Device = d, Eligibility = Eligibility.Eligible, Method = d.Tags[0], Ring = "pilot", Reasons = [] });
        var plan = new Plan(DateTimeOffset.UnixEpoch, [.. planned], [new PlannedRing("pilot", 0, devices.Length)], []);
        var selection = new PolicySelection([.. values.Select(v => new PresetEntry(Catalog.Settings[v.Id], [v.Value], default))]);
        return [.. PolicyConflicts.Find(plan, selection, existing).Select(d => $"{d.Code} {d.Message}")];
    }
}
