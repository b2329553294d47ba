using System.Collections.Immutable;
using MdbDeploy.Inventory;
using MdbDeploy.Packages;
using MdbDeploy.Planning;
using MdbDeploy.Projects;

namespace MdbDeploy.Tests.Planning;

public class PoolTests
{
    private static readonly Guid Organization = new("11111111-2222-4333-8444-555555555555");

    private static readonly DeploymentProject Project = Sample.Project with { Images = [new ImageSettings { Name = "w11-pool" }] };

    private static readonly PackageSet Packages = new([Sample.Package(PackageKind.Vdi) with { OrganizationId = Organization }]);

    [Theory]
    [InlineData("VDI-POOL-001", "2df463a1-155f-87c9-74c8-08f8fd842d9b")]
    [InlineData("vdi-pool-001", "2df463a1-155f-87c9-74c8-08f8fd842d9b")]
    [InlineData("VDI-POOL-002", "0fa0263d-46d0-08bb-204b-d3bd508fc1d4")]
    [InlineData("Win11-MCS-0001", "f4fb0a8a-5992-f0d9-0a79-395af2e0b9a2")]
    public void The_identity_is_that_of_the_name_as_windows_has_it(string name, string senseGuid) =>
        Of(Desktop(name)).ShouldHaveSingleItem().SenseGuid.ShouldBe(Guid.Parse(senseGuid));

    [Fact]
    public void With_a_new_entry_each_session_there_is_no_identity_to_expect()
    {
        var desktop = Of(Project with { Images = [new ImageSettings { Name = "w11-pool", SingleEntry = false }] }, Desktop("VDI-1"), Desktop("VDI-1") with { Domain = "other" });
        desktop.ShouldAllBe(d => d.SenseGuid == null && d.SharesIdentityWith.IsEmpty && d.Note == "A new identity in each session.");
    }

    [Theory]
    [InlineData("VDI-POOL-001", "corp", "VDI-POOL-001", "lab", "corp\\VDI-POOL-001, lab\\VDI-POOL-001", "the same name in two domains")]
    [InlineData("VDI-POOL-001", "corp", "vdi-pool-001", "corp", "corp\\VDI-POOL-001, corp\\vdi-pool-001", "the names differ in upper and lower case only")]
    [InlineData("VDI-STOCKHOLM-001", null, "VDI-STOCKHOLM-002", null, "VDI-STOCKHOLM-001, VDI-STOCKHOLM-002", "the first 15 characters of the names are the same")]
    public void Names_that_become_one_device_are_told_when_planning(string one, string? domain, string other, string? otherDomain, string who, string why)
    {
        var outcome = Plan(Desktop(one) with { Domain = domain }, Desktop(other) with { Domain = otherDomain });
        var problem = outcome.Diagnostics.Single(d => d.Code == "MDB0360");
        problem.Message.ShouldBe($"2 desktops ({who}) will be one device in the portal, called {Pool.MachineName(one)}: {why}.");
        problem.Where.File.ShouldBe("inventory.csv");
        Of(Desktop(one) with { Domain = domain }, Desktop(other) with { Domain = otherDomain }).ShouldAllBe(d => d.Note!.Contains("one device in the portal", StringComparison.Ordinal));
    }

    [Fact]
    public void Names_that_windows_cuts_are_told_once()
    {
        var outcome = Plan(Desktop("VDI-A-STOCKHOLM-1"), Desktop("VDI-B-STOCKHOLM-2"));
        outcome.Diagnostics.Single(d => d.Code == "MDB0361").Message.ShouldBe("2 pooled desktops have names of more than 15 characters: VDI-A-STOCKHOLM-1 becomes VDI-A-STOCKHOLM.");
        outcome.Diagnostics.ShouldNotContain(d => d.Code == "MDB0360");
    }

    [Fact]
    public void A_pool_of_thousands_of_collisions_is_told_in_a_few_lines()
    {
        var outcome = Plan([.. Enumerable.Range(0, 60).Select(i => Desktop($"VDI-{i / 2:D3}") with { Domain = i % 2 == 0 ? "a" : "b" })]);
        var problems = outcome.Diagnostics.Where(d => d.Code == "MDB0360").ToList();
        problems.Count.ShouldBe(21);
        problems[^1].Message.ShouldStartWith("10 more names collide");
    }

    [Fact]
    public void Desktops_of_no_image_are_told_unless_the_project_has_none()
    {
        Plan(Desktop("VDI-1") with { Image = "w10" }).Diagnostics.Single(d => d.Code == "MDB0362").Message.ShouldBe("1 pooled desktop names no image of the project, VDI-1 first, which names 'w10'.");
        Plan(Desktop("VDI-1") with { Image = "W11-Pool" }).Diagnostics.ShouldNotContain(d => d.Code == "MDB0362");
        Plan(Desktop("VDI-1") with { Image = null }).Diagnostics.ShouldNotContain(d => d.Code == "MDB0362");
        Sample.Outcome(Sample.Project, Desktop("VDI-1")).Diagnostics.ShouldNotContain(d => d.Code == "MDB0362");
    }

    [Fact]
    public void Multi_session_hosts_need_a_licence_that_the_project_names()
    {
        var host = Desktop("AVD-1") with { Edition = WindowsEdition.EnterpriseMultiSession };
        Plan(host).Diagnostics.Single(d => d.Code == "MDB0363").Message.ShouldContain("(https://learn.microsoft.com/defender-endpoint/onboard-windows-multi-session-device)");
        Sample.Outcome(Project with { Tenant = new TenantSettings { Licences = Licences.DefenderForServers } }, host).Diagnostics.ShouldNotContain(d => d.Code == "MDB0363");
        Plan(Desktop("VDI-1")).Diagnostics.ShouldNotContain(d => d.Code == "MDB0363");
    }

    [Fact]
    public void Non_persistent_desktops_never_go_to_security_settings_management()
    {
        SecuritySettingsManagement.Obstacle(Desktop("VDI-1")).ShouldBe("it is a non-persistent desktop");
        SecuritySettingsManagement.Obstacle(Desktop("VDI-1") with { Vdi = VdiKind.Persistent }).ShouldBeNull();
        Plan(Desktop("VDI-1") with { ManagedBy = Management.Defender }).Diagnostics.Single(d => d.Code == "MDB0364").Message
            .ShouldBe("1 device is managed by Defender's security settings management and must not be: VDI-1 first, since it is a non-persistent desktop (https://learn.microsoft.com/intune/intune-service/protect/mde-security-integration).");
    }

    [Theory]
    [InlineData(true, Management.None, true)]
    [InlineData(null, Management.Defender, true)]
    [InlineData(false, Management.Intune, false)]
    public void A_golden_image_that_any_state_shows_onboarded_is_an_error(bool? onboarded, Management managedBy, bool isError)
    {
        var outcome = Plan(Sample.Device("W11-GOLD") with { IsGoldenImage = true, IsOnboarded = onboarded, ManagedBy = managedBy });
        (outcome.Value is null).ShouldBe(isError);
        outcome.Diagnostics.Any(d => d.Code == "MDB0306").ShouldBe(isError);
    }

    private static Device Desktop(string name) => Sample.Device(name) with { Vdi = VdiKind.NonPersistentSingle, Image = "w11-pool" };

    private static ImmutableArray<PooledDesktop> Of(params Device[] devices) => Of(Project, devices);

    private static ImmutableArray<PooledDesktop> Of(DeploymentProject project, params Device[] devices) => Pool.Of(Sample.Plan(project, devices).Devices, project, Organization);

    private static Diagnostics.Outcome<Plan> Plan(params Device[] devices) => Planner.Plan(Sample.Fleet(devices), Project, Requirements.BuiltIn, Sample.Channels, Packages, Sample.AsOf);
}
