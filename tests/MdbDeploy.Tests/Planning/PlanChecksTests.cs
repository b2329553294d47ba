using System.Collections.Immutable;
using System.Text.Json.Nodes;
using MdbDeploy.Inventory;
using MdbDeploy.Packages;
using MdbDeploy.Planning;
using MdbDeploy.Projects;

namespace MdbDeploy.Tests.Planning;

public class PlanChecksTests
{
    private static readonly Device[] OneOfEach =
    [
        Sample.Intune("A"),
        Sample.Device("B") with { ManagedBy = Management.ConfigurationManager },
        Sample.Device("C") with { Join = JoinType.Domain },
        Sample.Device("D") with { Vdi = VdiKind.NonPersistentSingle },
        Sample.Device("E"),
        Sample.Device("F") with { ManagedBy = Management.OtherMdm },
        Sample.Device("G") with { RequestedMethod = "jamf" },
        Sample.Device("H") with { IsGoldenImage = true },
    ];

    [Fact]
    public void A_missing_package_is_told_with_the_way_through_the_portal()
    {
        const string Path = "in the Defender portal, Settings > Endpoints > Device management > Onboarding, choose Windows 10 and 11, the deployment method";
        Messages(new PackageSet([])).ShouldBe([
            $"MDB0307 1 device is planned for Configuration Manager and its package is missing: {Path} 'Microsoft Endpoint Configuration Manager current branch and later', and Download onboarding package.",
            $"MDB0307 1 device is planned for Group Policy and its package is missing: {Path} 'Group policy', and Download onboarding package.",
            $"MDB0307 1 device is planned for Microsoft Intune and its package is missing: {Path} 'Mobile Device Management / Microsoft Intune', and Download onboarding package.",
            $"MDB0307 1 device is planned for Local script and its package is missing: {Path} 'Local Script (for up to 10 devices)', and Download onboarding package.",
            $"MDB0307 1 device is planned for Other MDM and its package is missing: {Path} 'Mobile Device Management / Microsoft Intune', and Download onboarding package.",
            $"MDB0307 1 device is planned for VDI start-up script and its package is missing: {Path} 'VDI onboarding scripts for non-persistent endpoints', and Download onboarding package.",
        ]);
    }

    [Fact]
    public void An_inventory_in_which_nothing_was_seen_lately_is_called_old()
    {
        Device[] devices = [Sample.Intune("A") with { LastSeen = Sample.AsOf.AddDays(-400) }, Sample.Intune("B") with { LastSeen = Sample.AsOf.AddDays(-368) }];
        Sample.Outcome(Sample.Project, devices).Diagnostics.Single(d => d.Code == "MDB0315").Message.ShouldContain("2025-11-20, 368 days ago");
        Sample.Outcome(Sample.Project, [.. devices, Sample.Intune("C") with { LastSeen = Sample.AsOf }]).Diagnostics.ShouldNotContain(d => d.Code == "MDB0315");
    }

    [Fact]
    public void Packages_that_are_there_or_were_not_read_are_no_matter()
    {
        Messages(new PackageSet([Sample.Package(PackageKind.OnboardingFile), Sample.Package(PackageKind.GroupPolicy), Sample.Package(PackageKind.LocalScript), Sample.Package(PackageKind.Vdi)])).ShouldBeEmpty();
        Messages(null).ShouldBeEmpty();
    }

    [Fact]
    public void An_offboarding_package_does_not_stand_in_for_an_onboarding_one() =>
        Messages(new PackageSet([Sample.Package(PackageKind.GroupPolicy) with { IsOffboarding = true }])).Count(m => m.Contains("Group Policy", StringComparison.Ordinal)).ShouldBe(1);

    [Fact]
    public void With_the_connector_Intune_needs_no_package()
    {
        var project = Sample.Project with { Tenant = new() { Connector = true } };
        Planner.Plan(Sample.Fleet(Sample.Intune()), project, Requirements.BuiltIn, Sample.Channels, new PackageSet([]), Sample.AsOf).Diagnostics.ShouldBeEmpty();
    }

    [Fact]
    public void A_method_that_no_channel_renders_is_told() =>
        Planner.Plan(Sample.Fleet(OneOfEach[5], Sample.Intune("X")), Sample.Project, Requirements.BuiltIn, new HashSet<string> { Methods.Intune }, null, Sample.AsOf)
            .Diagnostics.ShouldHaveSingleItem().ToString().ShouldBe("other-mdm: warning MDB0308: No channel renders 'other-mdm', so nothing is written for 1 device.");

    [Fact]
    public void Limits_of_the_licence_are_told_when_they_are_passed()
    {
        IEnumerable<Device> Owned(int users) => Enumerable.Range(0, users).Select(i => Sample.Intune($"D{i:000}") with { Owner = $"user{i}@contoso.example" });
        Sample.Plan(Sample.Project, Owned(300)).Diagnostics.ShouldBeEmpty();
        Sample.Plan(Sample.Project, Owned(301)).Diagnostics.ShouldHaveSingleItem().ToString()
            .ShouldBe("licences: warning MDB0310: The planned devices belong to 301 users; Defender for Business serves at most 300 (https://learn.microsoft.com/defender-business/mdb-faq).");

        IEnumerable<Device> Of(string owner, int count) => Enumerable.Range(0, count).Select(i => Sample.Intune($"{owner}-{i}") with { Owner = owner });
        Sample.Plan(Sample.Project, Of("a@x", 5)).Diagnostics.ShouldBeEmpty();
        Sample.Plan(Sample.Project, [.. Of("a@x", 6), .. Of("b@x", 7), .. Of("c@x", 5)]).Diagnostics.ShouldHaveSingleItem().ToString()
            .ShouldBe("b@x: warning MDB0311: 2 users own more than the 5 devices that a licence covers; b@x owns 7 (https://learn.microsoft.com/defender-business/mdb-faq).");
        // What is not onboarded needs no licence.
        Sample.Plan(Sample.Project, Of("a@x", 6).Select(d => d with { State = DeviceState.Retired })).Diagnostics.ShouldBeEmpty();

        IEnumerable<Device> Servers(int count) => Enumerable.Range(0, count).Select(i => Sample.Device($"S{i}") with { Os = OsFamily.WindowsServer, Build = new(20348, 2461), Join = JoinType.Domain });
        Sample.Plan(Sample.Project, Servers(60)).Diagnostics.ShouldBeEmpty();
        Sample.Plan(Sample.Project, Servers(61)).Diagnostics.ShouldHaveSingleItem().Code.ShouldBe("MDB0312");
    }

    [Theory]
    [InlineData("{\"domain\":\"corp.contoso.example\",\"targeting\":\"unit\"}", 2, true)]
    [InlineData("{\"domain\":\"corp.contoso.example\",\"targeting\":\"unit\"}", 1, false)]
    [InlineData("{\"domain\":\"corp.contoso.example\",\"targeting\":\"auto\"}", 2, false)]
    [InlineData("{\"domain\":\"corp.contoso.example\"}", 2, false)]
    [InlineData("{\"targeting\":\"unit\"}", 2, false)]
    public void Rings_of_Group_Policy_that_whole_units_do_not_keep_apart_are_told(string directory, int rings, bool told)
    {
        var project = Sample.Project with
        {
            Rings = [.. Enumerable.Range(1, rings).Select(n => new RingSettings { Name = $"ring-{n}" })],
            Targets = ImmutableSortedDictionary<string, JsonObject>.Empty.Add("activeDirectory", (JsonObject)JsonNode.Parse(directory)!),
        };
        Device[] devices = [.. Enumerable.Range(1, rings).Select(n => Sample.Device($"PC-{n}") with { Join = JoinType.Domain, RequestedRing = $"ring-{n}" }), Sample.Intune("X") with { RequestedRing = "ring-1" }];
        Sample.Plan(project, devices).Diagnostics.Select(d => d.Code).ShouldBe(told ? ["MDB0316"] : []);
    }

    private static List<string> Messages(PackageSet? packages) =>
        [.. Planner.Plan(Sample.Fleet(OneOfEach), Sample.Project, Requirements.BuiltIn, Sample.Channels, packages, Sample.AsOf).Diagnostics.Select(d => $"{d.Code} {d.Message}")];
}
