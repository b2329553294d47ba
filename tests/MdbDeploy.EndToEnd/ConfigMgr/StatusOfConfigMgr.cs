using MdbDeploy.Lab;
using MdbDeploy.Targets.ConfigMgr;

namespace MdbDeploy.EndToEnd.ConfigMgr;

public class StatusOfConfigMgr
{
    [Fact]
    public async Task Onboarded_clients_are_reported_by_name_and_one_of_another_organisation_needs_attention()
    {
        await using var site = await TestSite.StartAsync(["PC-1", "PC-2"], habits: new LabHabits { AdminServicePageSize = 1 });
        var device = (await ConfigMgrStatus.ReadAsync(site.Connection, null, TestContext.Current.CancellationToken)).ShouldHaveSingleItem();
        device.DnsName.ShouldBe("pc-1.corp.contoso.example");
        device.EntraDeviceId.ShouldNotBeNull();
        device.IsOnboarded.ShouldBeTrue();
        device.IsHealthy.ShouldBeTrue();
        device.LastSeen.ShouldNotBeNull();

        var elsewhere = (await ConfigMgrStatus.ReadAsync(site.Connection, "00000000-0000-4000-8000-000000000001", TestContext.Current.CancellationToken)).ShouldHaveSingleItem();
        elsewhere.IsHealthy.ShouldBeFalse();
        elsewhere.Health.ShouldNotBeNull().ShouldContain("another organisation");
    }

    [Fact]
    public async Task A_site_without_any_report_has_none()
    {
        await using var site = await TestSite.StartAsync([]);
        (await ConfigMgrStatus.ReadAsync(site.Connection, null, TestContext.Current.CancellationToken)).ShouldBeEmpty();
    }
}
