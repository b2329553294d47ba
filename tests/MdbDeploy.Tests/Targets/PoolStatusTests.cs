using MdbDeploy.Inventory;
using MdbDeploy.Packages;
using MdbDeploy.Projects;
using MdbDeploy.Targets.Status;
using MdbDeploy.Tests.Planning;

namespace MdbDeploy.Tests.Targets;

public class PoolStatusTests
{
    private static readonly Guid Organization = new("11111111-2222-4333-8444-555555555555");

    private static readonly DeploymentProject Project = Sample.Project with { Images = [new ImageSettings { Name = "w11-pool", Desktops = ["AVD-*"] }, new ImageSettings { Name = "rds", SingleEntry = false }] };

    private static readonly Device[] Fleet =
    [
        Desktop("VDI-001"), Desktop("VDI-002"), Desktop("VDI-003"), Desktop("VDI-004"), Desktop("VDI-STOCKHOLM-001"), Desktop("VDI-STOCKHOLM-002"),
        Desktop("RDS-1") with { Image = "rds" },
        Sample.Device("VDI-900") with { Vdi = VdiKind.Persistent, Join = JoinType.Domain },
        Sample.Device("W11-GOLD") with { IsGoldenImage = true },
    ];

    [Fact]
    public void Every_expected_name_and_every_entry_that_nobody_expects_is_found()
    {
        var findings = PoolStatus.Reconcile(Sample.Plan(Project, Fleet), Project, Organization,
        [
            Entry("VDI-001.corp.contoso.example", "a"),
            Entry("vdi-002", "old", day: 1), Entry("vdi-002.corp.contoso.example", "new", day: 2),
            Entry("vdi-003", "c") with { IsPotentialDuplicate = true },
            Entry("vdi-stockholm-0.corp", "d"),
            Entry("rds-1", "e"), Entry("rds-1", "f"),
            Entry("vdi-077", "g"), Entry("avd-x", "h"), Entry("vdi-900", "i"), Entry("w11-gold", "j"), Entry("lt-0001", "k"), Entry("vdi-", "l"),
            Entry("vdi-004", "m") with { Source = "Configuration Manager" },
        ]);
        findings.Select(f => $"{f.MachineName} {f.State} {f.Entries.Length}").ShouldBe(
        [
            "RDS-1 Expected 2", "VDI-001 Expected 1", "VDI-002 Duplicate 2", "VDI-003 Duplicate 1", "VDI-004 Waiting 0", "VDI-STOCKHOLM-0 Collision 1",
            "AVD-X Ghost 1", "VDI-077 Ghost 1", "W11-GOLD Image 1",
        ]);
        findings.Single(f => f.MachineName == "VDI-002").Detail.ShouldContain("the newest is new.");
        findings.Single(f => f.MachineName == "VDI-001").Desktop!.SenseGuid.ShouldBe(SenseGuid.Of(Organization, "VDI-001"));
        findings.Single(f => f.MachineName == "VDI-077").Detail.ShouldContain("VDI- and a number");
        findings.Single(f => f.MachineName == "AVD-X").Detail.ShouldContain("AVD-*");
    }

    [Fact]
    public void Without_a_pool_nothing_is_a_ghost()
    {
        PoolStatus.Reconcile(Sample.Plan(Sample.Project, Sample.Intune("LT-1")), Sample.Project, null, [Entry("lt-2", "a"), Entry("lt-2", "b")]).ShouldBeEmpty();
    }

    private static Device Desktop(string name) => Sample.Device(name) with { Vdi = VdiKind.NonPersistentSingle, Image = "w11-pool" };

    private static ReportedDevice Entry(string dnsName, string id, int day = 3) =>
        new() { Source = PoolStatus.DefenderSource, Id = id, DnsName = dnsName, IsOnboarded = true, LastSeen = new DateTimeOffset(2026, 11, day, 0, 0, 0, TimeSpan.Zero) };
}
