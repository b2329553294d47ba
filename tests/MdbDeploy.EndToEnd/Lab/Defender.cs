using System.Net;
using MdbDeploy.Lab;

namespace MdbDeploy.EndToEnd.Lab;

public class Defender
{
    private const string Policies = "beta/deviceManagement/configurationPolicies";

    [Fact]
    public async Task A_device_that_an_assigned_policy_reaches_is_onboarded_and_no_other()
    {
        await using var lab = await LabTest.StartAsync(new LabOptions
        {
            Devices =
            [
                new LabDevice { Name = "MEMBER", Fqdn = "Member.corp.contoso.example", InEntra = true, InIntune = true, InConfigMgr = true },
                new LabDevice { Name = "NOT-ENROLLED", InEntra = true, InConfigMgr = true },
                new LabDevice { Name = "OUTSIDE", InEntra = true, InIntune = true },
                new LabDevice { Name = "SEEDED", Onboarded = true, InConfigMgr = true },
            ],
        });
        (await Machines(lab)).ShouldBe(["seeded"]);

        var devices = await lab.ObjectIds();
        var group = await lab.CreateGroup("ring");
        await lab.Patch($"beta/groups/{group}", Graph.Bind(devices[0], devices[1]));
        var policy = (string)(await lab.Post(Policies, Lab.Policies.Onboard("EDR"))).Json["id"]!;
        (await Machines(lab)).ShouldBe(["seeded"]);

        await lab.Post($"{Policies}/{policy}/assign", Lab.Policies.Assign(group));
        (await Machines(lab)).ShouldBe(["member.corp.contoso.example", "seeded"]);
        (await lab.Get("AdminService_TokenAuth/wmi/SMS_G_System_AdvancedThreatProtectionHealthStatus?$filter=OnboardingState eq 1")).Rows.Count().ShouldBe(2);
        var machine = (await lab.Get("api/machines?$filter=onboardingStatus eq 'Onboarded' and healthStatus eq 'Active' and computerDnsName eq 'member.corp.contoso.example'")).Rows.Single();
        Guid.Parse((string)machine["aadDeviceId"]!).ShouldBe(lab.Server.State.Groups.Single().Members[0].DeviceId);

        // Taking the policy away does not offboard.
        await lab.Delete($"{Policies}/{policy}");
        (await Machines(lab)).Length.ShouldBe(2);
    }

    [Fact]
    public async Task An_exclusion_keeps_devices_out_and_offboarding_silences_them()
    {
        await using var lab = await LabTest.StartAsync();
        var devices = await lab.ObjectIds();
        var (ring, excluded) = (await lab.CreateGroup("ring"), await lab.CreateGroup("excluded"));
        await lab.Patch($"beta/groups/{ring}", Graph.Bind(devices));
        await lab.Patch($"beta/groups/{excluded}", Graph.Bind(devices[0]));
        var policy = (string)(await lab.Post(Policies, Lab.Policies.Onboard("EDR"))).Json["id"]!;
        await lab.Post($"{Policies}/{policy}/assign", Lab.Policies.Assign(ring, excluded).Replace($"groupAssignmentTarget\",\"groupId\":\"{excluded}", $"exclusionGroupAssignmentTarget\",\"groupId\":\"{excluded}", StringComparison.Ordinal));
        (await Machines(lab)).ShouldBe(["pc-001.corp.contoso.example", "pc-002.corp.contoso.example"]);

        var id = (string)(await lab.Get("api/machines")).Rows.First()["id"]!;
        id.ShouldMatch("^[0-9a-f]{40}$");
        (await lab.Delete($"{Policies}/{policy}")).Status.ShouldBe(HttpStatusCode.NoContent);
        (await lab.Post($"api/machines/{id}/offboard", "{}")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await lab.Post($"api/machines/{id}/offboard", """{"Comment":"test"}""")).Status.ShouldBe(HttpStatusCode.Created);
        (await lab.Get($"api/machines/{id}")).Json["healthStatus"]!.GetValue<string>().ShouldBe("Inactive");
    }

    private static async Task<string[]> Machines(LabTest lab) =>
        [.. (await lab.Get("api/machines")).Rows.Select(r => (string)r["computerDnsName"]!).Order(StringComparer.Ordinal)];
}
