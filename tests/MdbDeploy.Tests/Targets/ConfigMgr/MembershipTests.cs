using System.Text.Json.Nodes;
using MdbDeploy.Targets.ConfigMgr;

namespace MdbDeploy.Tests.Targets.ConfigMgr;

public class MembershipTests
{
    private const string Query = """{"@odata.type":"#AdminService.SMS_CollectionRuleQuery","RuleName":"MDB names 001","QueryExpression":"select a from SMS_R_System where x = 1"}""";

    [Theory]
    [InlineData("""{"@odata.type":"#AdminService.SMS_CollectionRuleQuery","RuleName":"mdb NAMES 001","QueryExpression":"select b from SMS_R_System where x = 2","QueryID":7}""", true, false)]
    [InlineData("""{"@odata.type":"#AdminService.SMS_CollectionRuleQuery","RuleName":"MDB names 001","QueryExpression":"select b from SMS_R_System where x = 1","QueryID":7}""", true, true)]
    [InlineData("""{"@odata.type":"#AdminService.SMS_CollectionRuleDirect","RuleName":"MDB names 001","ResourceClassName":"SMS_R_System","ResourceID":1}""", false, false)]
    [InlineData("""{"@odata.type":"#AdminService.SMS_CollectionRuleQuery","RuleName":"other","QueryExpression":"select a from SMS_R_System where x = 1"}""", false, false)]
    public void A_query_is_known_by_its_name_and_never_mixed_up_with_another_kind(string live, bool same, bool asDesired)
    {
        MembershipRule.IsSame(JsonNode.Parse(Query), JsonNode.Parse(live)).ShouldBe(same);
        MembershipRule.IsAsDesired(JsonNode.Parse(live), JsonNode.Parse(Query)).ShouldBe(asDesired);
    }

    [Fact]
    public void Include_and_exclude_rules_are_known_by_what_they_point_at()
    {
        var desired = JsonNode.Parse("""{"RuleName":"MDB excluded","ExcludeCollectionID":"P0100014"}""")!.AsObject();
        var live = JsonNode.Parse("""{"RuleName":"MDB - Contoso - Excluded","ExcludeCollectionID":"p0100014"}""")!.AsObject();
        MembershipRule.IsAsDesired(live, desired).ShouldBeTrue();
        MembershipRule.InWordsOf(live, desired)["RuleName"]!.ToString().ShouldBe("MDB excluded");
        MembershipRule.IsSame(desired, JsonNode.Parse("""{"RuleName":"MDB excluded","IncludeCollectionID":"P0100014"}""")).ShouldBeFalse();
    }

    [Fact]
    public void A_rule_is_deleted_as_it_was_read_without_nulls_and_annotations()
    {
        var live = JsonNode.Parse("""{"@odata.type":"#AdminService.SMS_CollectionRuleQuery","RuleName":"r","QueryExpression":"q","QueryID":3,"Nothing":null,"QueryID@odata.type":"#Int64"}""")!.AsObject();
        MembershipRule.AsReadBack(live).Select(p => p.Key).ShouldBe(["@odata.type", "RuleName", "QueryExpression", "QueryID"]);
    }

    [Fact]
    public void Each_name_is_judged_by_its_current_records()
    {
        var records = """
            [
              {"Name":"GOOD","Client":1,"Obsolete":0},
              {"Name":"REBUILT","Client":1,"Obsolete":1}, {"Name":"rebuilt","Client":true,"Obsolete":false},
              {"Name":"BARE","Client":0,"Obsolete":0}, {"Name":"NULL","Client":null,"Obsolete":null},
              {"Name":"OLD","Client":1,"Obsolete":1}, {"Name":"GONE","Client":1,"Obsolete":0,"Decommissioned":1},
              {"Name":"TWIN","Client":1,"Obsolete":0}, {"Name":"TWIN","Client":1,"Obsolete":0}
            ]
            """;
        var byName = JsonNode.Parse(records)!.AsArray().Select(r => r!.AsObject()).ToLookup(r => r["Name"]!.ToString(), StringComparer.OrdinalIgnoreCase);
        MembershipPreflight.Judge("a", ["GOOD", "REBUILT", "BARE", "NULL", "OLD", "GONE", "TWIN", "NEVER"], byName).Select(d => $"{d.Code} {d.Message[(d.Message.LastIndexOf(':') + 2)..]}").ShouldBe(
        [
            "MDB0734 NEVER.", "MDB0735 BARE, NULL.", "MDB0736 GONE, OLD.", "MDB0737 TWIN.",
        ]);
    }

    [Fact]
    public void Settings_have_defaults_and_every_error_is_reported_at_once()
    {
        var settings = ConfigMgrSettings.Read(Parse("""{"server":"cm01.contoso.example","siteCode":"p01","caFile":"ca.pem"}"""), "/project").Value.ShouldNotBeNull();
        settings.BaseAddress.ShouldBe(new Uri("https://cm01.contoso.example/AdminService/"));
        settings.UsesToken.ShouldBeFalse();
        settings.SiteCode.ShouldBe("P01");
        settings.LimitingCollection.ShouldBe("SMSDM003");
        settings.CaFile.ShouldBe(Path.Combine("/project", "ca.pem"));

        var token = ConfigMgrSettings.Read(Parse("""{"server":"cm01.contoso.example","auth":"bearer"}"""), "/project").Value.ShouldNotBeNull();
        token.BaseAddress.ShouldBe(new Uri("https://cm01.contoso.example/AdminService_TokenAuth/"));
        token.Scope.ShouldBe("https://cm01.contoso.example/.default");
        ConfigMgrSettings.Read(Parse("""{"endpoint":"https://cm01.contoso.example:8443/Other"}"""), "/").Value.ShouldNotBeNull().BaseAddress.ShouldBe(new Uri("https://cm01.contoso.example:8443/Other/"));

        ConfigMgrSettings.Read(Parse("""{"server":"bad host","siteCode":"TOOLONG","auth":"basic","limitingCollection":"x","endpoint":"http://a/","scope":"api://x","colour":"red"}"""), "/")
            .Diagnostics.Select(d => d.Where.Subject).Order(StringComparer.Ordinal).ShouldBe(
            [
                "targets.configmgr.auth", "targets.configmgr.colour", "targets.configmgr.endpoint", "targets.configmgr.limitingCollection",
                "targets.configmgr.scope", "targets.configmgr.server", "targets.configmgr.siteCode",
            ]);
        ConfigMgrSettings.Read([], "/").Diagnostics.ShouldHaveSingleItem().Code.ShouldBe("MDB0761");
    }

    [Theory]
    [InlineData("10.0.0.5")]
    [InlineData("cm01")]
    public void A_server_that_Kerberos_cannot_know_is_an_error(string server) =>
        ConfigMgrSettings.Read(new JsonObject { ["server"] = server }, "/").Diagnostics.ShouldHaveSingleItem().Message.ShouldContain("Kerberos");

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}
