using System.Net;
using System.Text.Json.Nodes;
using MdbDeploy.Lab;

namespace MdbDeploy.EndToEnd.Lab;

public class Wql
{
    private static readonly string[] Names = ["PC-001", "PC_001", "SRV'1", "VDI-07", "VDI-1x"];

    [Theory]
    [InlineData("Name in (\"pc-001\", \"VDI-07\")", "PC-001 VDI-07")]
    [InlineData("Name like 'PC_001'", "PC-001 PC_001")]
    [InlineData("Name like 'PC[_]001'", "PC_001")]
    [InlineData("Name like 'VDI-[0-9][^a-z]'", "VDI-07")]
    [InlineData("Name not like '%1' and not Name = 'VDI-1x'", "VDI-07")]
    [InlineData("SMS_R_System.Name = 'SRV\\'1' or SMS_R_System.Name = \"SRV'1\"", "SRV'1")]
    [InlineData("Name = 'SRV''1'", "SRV'1")]
    [InlineData("(Client = 1 and Obsolete = 0) and (Name = 'PC-001' or Build like '10.0.2%') and Name <> 'PC_001'", "PC-001 SRV'1 VDI-07 VDI-1x")]
    [InlineData("SerialNumber is null", "PC_001 SRV'1 VDI-07 VDI-1x")]
    [InlineData("SerialNumber is not null", "PC-001")]
    [InlineData("Client <> 1 or Client is null", "")]
    public async Task A_rule_collects_whom_its_condition_names(string where, string expected) =>
        (await Collect($"select * from SMS_R_System where {where}")).ShouldBe(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    [Fact]
    public async Task A_join_with_the_health_of_Defender_collects_the_onboarded() =>
        (await Collect("select SMS_R_System.Name from SMS_R_System inner join SMS_G_System_AdvancedThreatProtectionHealthStatus on SMS_G_System_AdvancedThreatProtectionHealthStatus.ResourceId = SMS_R_System.ResourceId where SMS_G_System_AdvancedThreatProtectionHealthStatus.OnboardingState = 1"))
            .ShouldBe(["VDI-07"]);

    [Theory]
    [InlineData("select * from SMS_R_System where Name in ('PC-001'")]
    [InlineData("select * from SMS_R_User")]
    [InlineData("Name = 'PC-001'")]
    [InlineData("select * from SMS_R_System where Name = PC-001")]
    public async Task A_query_that_is_none_is_taken_and_collects_nobody(string query) => (await Collect(query)).ShouldBeEmpty();

    private static async Task<string[]> Collect(string query)
    {
        const string Wmi = "AdminService_TokenAuth/wmi/SMS_Collection";
        await using var lab = await LabTest.StartAsync(new LabOptions
        {
            Devices = [.. Names.Select(n => new LabDevice { Name = n, InConfigMgr = true, Onboarded = n == "VDI-07", Serial = n == "PC-001" ? "S1" : null })],
        });
        var id = (string)(await lab.Post(Wmi, AdminService.Collection("Rule"))).Json["CollectionID"]!;
        var rule = new JsonObject { ["@odata.type"] = "#AdminService.SMS_CollectionRuleQuery", ["RuleName"] = "rule", ["QueryExpression"] = query };
        (await lab.Post($"{Wmi}('{id}')/AdminService.AddMembershipRule", new JsonObject { ["collectionRule"] = rule }.ToJsonString())).Status.ShouldBe(HttpStatusCode.Created);
        lab.Time.Advance(TimeSpan.FromSeconds(1));
        return [.. lab.Server.State.Collections.Single(c => c.Id == id).Members];
    }
}
