using System.Text.Json.Nodes;
using MdbDeploy.Lab;

namespace MdbDeploy.EndToEnd.Commands;

/// <summary>What <c>doctor</c> finds before anything is written.</summary>
public class DoctorTests
{
    [Fact]
    public async Task Everything_that_a_push_needs_is_looked_at_and_nothing_is_written()
    {
        await using var test = await LabbedProject.StartAsync();
        var checks = await DoctorAsync(test, exitCode: 0);
        checks.Where(c => c["system"]!.ToString() == "Microsoft Graph").Select(c => $"{c["what"]}: {c["verdict"]}").ShouldBe(
            ["sign-in: passed", "policies and profiles: passed", "devices in Intune: passed", "connector to Defender: passed", "groups: passed", "directory devices: passed", "clock: passed"]);
        Find(checks, "groups").ShouldBe("readable and writable");
        Find(checks, "connector to Defender").ShouldBe("readable; Intune and Defender were never connected");
        Find(checks, "site").ShouldBe("readable; site P01");
        Find(checks, "limiting collection SMSDM003").ShouldContain("members");
        checks.Single(c => c["what"]!.ToString() == "rights to write")["verdict"]!.ToString().ShouldBe("unknown");
        test.Lab.Requests.Writes.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_permission_that_is_missing_is_named_for_reading_and_for_writing()
    {
        await using var test = await LabbedProject.StartAsync(options: o => o with
        {
            Habits = o.Habits with { MissingPermissions = new HashSet<string> { "DeviceManagementServiceConfig.Read.All", "Group.ReadWrite.All", "DeviceManagementConfiguration.ReadWrite.All" } },
        });
        var checks = await DoctorAsync(test, exitCode: 1);
        Find(checks, "connector to Defender").ShouldContain("Needs DeviceManagementServiceConfig.Read.All.");
        // Who only looks holds no right to write: told, and no failure.
        Find(checks, "groups").ShouldContain("not writable: 'push' needs Group.ReadWrite.All");
        Find(checks, "policies and profiles").ShouldContain("not writable: 'push' needs DeviceManagementConfiguration.ReadWrite.All");
        checks.Where(c => c["verdict"]!.ToString() == "failed").ShouldHaveSingleItem();
        test.Lab.Requests.Writes.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_clock_that_is_wrong_is_told_with_its_direction()
    {
        await using var test = await LabbedProject.StartAsync(options: o => o with { Time = new Behind(TimeSpan.FromMinutes(21)) });
        var checks = await DoctorAsync(test, exitCode: 1);
        checks.Where(c => c["what"]!.ToString() == "clock").Select(c => c["finding"]!.ToString()).ShouldAllBe(finding => finding.StartsWith("this machine's clock is 21 minutes ahead", StringComparison.Ordinal));
        checks.Count(c => c["what"]!.ToString() == "clock").ShouldBe(3);
    }

    [Fact]
    public async Task An_account_that_is_no_administrative_user_of_the_site_or_sees_no_limiting_collection_is_told_so()
    {
        await using var none = await LabbedProject.StartAsync(options: o => o with { SiteRole = SiteRole.None });
        Find(await DoctorAsync(none, exitCode: 1), "site").ShouldContain("not an administrative user");

        await using var test = await LabbedProject.StartAsync();
        test.Project.SetYaml("targets", $$"""{ configmgr: { server: localhost, siteCode: X99, auth: bearer, endpoint: '{{test.Lab.BaseAddress}}AdminService_TokenAuth/', caFile: lab-ca.pem, limitingCollection: P0199999 }, graph: { tenantId: {{test.Lab.TenantId}}, clientId: {{test.Lab.ClientId}}, auth: client-secret, endpoint: '{{test.Lab.BaseAddress}}', authority: '{{test.Lab.BaseAddress}}', defenderApi: '{{test.Lab.BaseAddress}}', caFile: lab-ca.pem } }""");
        var checks = await DoctorAsync(test, exitCode: 1, "--target", "configmgr");
        Find(checks, "site").ShouldBe("readable; it is site P01, and mdbdeploy.yaml says X99");
        Find(checks, "limiting collection P0199999").ShouldStartWith("GET wmi/SMS_Collection('P0199999'): 404");
        checks.ShouldNotContain(c => c["system"]!.ToString() == "Microsoft Graph");
    }

    [Theory]
    [InlineData(1, "failed", "--target", "active-directory")]
    [InlineData(0, "warning")]
    public async Task A_domain_that_cannot_be_reached_is_told_and_fails_where_it_was_named(int exitCode, string verdict, params string[] more)
    {
        using var project = await Project.NewAsync();
        project.SetYaml("targets", "{ activeDirectory: { domain: corp.invalid.example, server: dc1.corp.invalid.example } }");
        var doctor = await project.RunAsync(["doctor", "--json", .. more]);
        doctor.ExitCode.ShouldBe(exitCode, doctor.Output + doctor.Error);
        var domain = doctor.JsonArray().Where(c => c["system"]!.ToString() == "Active Directory").ShouldHaveSingleItem();
        domain["what"]!.ToString().ShouldBe("domain controller");
        domain["verdict"]!.ToString().ShouldBe(verdict);
        domain["finding"]!.ToString().ShouldContain("cannot be reached");
    }

    private static async Task<List<JsonObject>> DoctorAsync(LabbedProject test, int exitCode, params string[] more)
    {
        var doctor = await test.RunAsync(["doctor", "--json", .. more]);
        doctor.ExitCode.ShouldBe(exitCode, doctor.Output + doctor.Error);
        (doctor.Output + doctor.Error).ShouldNotContain(test.Lab.ClientSecret);
        return doctor.JsonArray();
    }

    private static string Find(List<JsonObject> checks, string what) => checks.Single(c => c["what"]!.ToString() == what)["finding"]!.ToString();

    /// <summary>A clock that is behind.</summary>
    private sealed class Behind(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() - by;
    }
}
