using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using MdbDeploy.Lab;

namespace MdbDeploy.EndToEnd.Lab;

public class AdminService
{
    private const string Wmi = "AdminService_TokenAuth/wmi";

    [Fact]
    public async Task Windows_sign_in_is_challenged_and_NTLM_refused()
    {
        await using var lab = await LabTest.StartAsync();
        lab.Http.DefaultRequestHeaders.Authorization = null;
        var anonymous = await lab.Get("AdminService/wmi/SMS_Site");
        anonymous.Status.ShouldBe(HttpStatusCode.Unauthorized);
        anonymous.Headers["WWW-Authenticate"].ShouldBe("Negotiate");

        lab.Http.DefaultRequestHeaders.Authorization = new("Negotiate", "TlRMTVNTUAABAAAAl4II4gAAAAAAAAAAAAAAAAAAAAAKAGFKAAAADw==");
        var ntlm = await lab.Get("AdminService/wmi/SMS_Site");
        ntlm.Status.ShouldBe(HttpStatusCode.Unauthorized);
        ntlm.Headers["WWW-Authenticate"].ShouldBe("Negotiate");

        lab.Http.DefaultRequestHeaders.Authorization = null;
        (await lab.Get($"{Wmi}/SMS_Site")).Headers["WWW-Authenticate"].ShouldBe("Bearer");
    }

    [Fact]
    public async Task A_keyed_read_comes_in_an_array_with_its_lazy_properties_and_a_list_without_them()
    {
        await using var lab = await LabTest.StartAsync();
        var created = await lab.Post($"{Wmi}/SMS_Collection", Collection("Pilot"));
        created.Status.ShouldBe(HttpStatusCode.Created, created.Text);
        var id = (string)created.Json["CollectionID"]!;
        id.ShouldMatch("^P01[0-9A-F]{5}$");
        ((int)created.Json["CurrentStatus"]!).ShouldBe(5);
        ((string)created.Json["__PATH"]!).ShouldEndWith($"SMS_Collection.CollectionID=\"{id}\"");

        await Add(lab, id, """{"@odata.type":"#AdminService.SMS_CollectionRuleQuery","RuleName":"MDB names 001","QueryExpression":"select * from SMS_R_System"}""");
        foreach (var keyed in new[] { $"{Wmi}/SMS_Collection('{id}')", $"{Wmi}/sms_collection/{id}" })
        {
            var row = (await lab.Get(keyed)).Rows.Single();
            row["CollectionRules"]!.AsArray().Count.ShouldBe(1);
            row["__QUALIFIER_SECURITYVERBS"]!.GetValue<int>().ShouldBe(-1);
        }

        var listed = (await lab.Get($"{Wmi}/SMS_Collection/?$filter=Name eq 'pilot'")).Rows.Single();
        listed["CollectionRules"].ShouldBeNull();
        listed["__QUALIFIER_SECURITYVERBS"].ShouldBeNull();
        (await lab.Get($"{Wmi}/SMS_Collection('P0100FFF')")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await lab.Get($"{Wmi}/SMS_Collection/$count")).Text.ShouldBe("3");
    }

    [Fact]
    public async Task Members_come_when_the_evaluation_is_done_and_the_count_a_little_earlier()
    {
        await using var lab = await LabTest.StartAsync(devices: 5);
        var id = (string)(await lab.Post($"{Wmi}/SMS_Collection", Collection("Pilot"))).Json["CollectionID"]!;
        await Add(lab, id, """{"@odata.type":"#AdminService.SMS_CollectionRuleQuery","RuleName":"names","QueryExpression":"select SMS_R_System.Name from SMS_R_System where SMS_R_System.Name in (\"PC-001\",\"PC-003\",\"NOT-THERE\") and SMS_R_System.Client = 1"}""");
        (await lab.Post($"{Wmi}/SMS_Collection('{id}')/AdminService.RequestRefresh", "{}")).Status.ShouldBe(HttpStatusCode.Created);
        (await Members(lab, id)).ShouldBeEmpty();

        lab.Time.Advance(TimeSpan.FromMilliseconds(100));
        (await lab.Get($"{Wmi}/SMS_Collection('{id}')")).Rows.Single()["MemberCount"]!.GetValue<int>().ShouldBe(2);
        (await Members(lab, id)).ShouldBeEmpty();

        lab.Time.Advance(TimeSpan.FromMilliseconds(100));
        (await Members(lab, id)).ShouldBe(["PC-001", "PC-003"]);
        (await lab.Get($"{Wmi}/SMS_Collection('{id}')")).Rows.Single()["CurrentStatus"]!.GetValue<int>().ShouldBe(1);
        (await lab.Get($"{Wmi}/SMS_CM_RES_COLL_{id}?$select=Name,ResourceID")).Rows.Count().ShouldBe(2);
    }

    [Fact]
    public async Task Collections_that_are_limited_included_or_excluded_follow()
    {
        await using var lab = await LabTest.StartAsync(devices: 4);
        var root = (string)(await lab.Post($"{Wmi}/SMS_Collection", Collection("Root"))).Json["CollectionID"]!;
        var excluded = (string)(await lab.Post($"{Wmi}/SMS_Collection", Collection("Excluded", root))).Json["CollectionID"]!;
        var ring = (string)(await lab.Post($"{Wmi}/SMS_Collection", Collection("Ring", root))).Json["CollectionID"]!;
        await Add(lab, root, """{"@odata.type":"#AdminService.SMS_CollectionRuleQuery","RuleName":"all but three","QueryExpression":"select * from SMS_R_System where Name <> 'PC-003'"}""");
        await Add(lab, excluded, $$"""{"@odata.type":"#AdminService.SMS_CollectionRuleDirect","RuleName":"PC-001","ResourceClassName":"SMS_R_System","ResourceID":{{await ResourceId(lab, "PC-001")}}}""");
        await Add(lab, ring, """{"@odata.type":"#AdminService.SMS_CollectionRuleIncludeCollection","RuleName":"everybody","IncludeCollectionID":"SMS00001"}""");
        await Add(lab, ring, $$"""{"@odata.type":"#AdminService.SMS_CollectionRuleExcludeCollection","RuleName":"excluded","ExcludeCollectionID":"{{excluded}}"}""");
        lab.Time.Advance(TimeSpan.FromSeconds(2));

        (await Members(lab, ring)).ShouldBe(["PC-000", "PC-002"]);
        (await lab.Get($"{Wmi}/SMS_CollectionDependencies?$filter=DependentCollectionID eq '{ring}'")).Rows.Select(r => (int)r["RelationshipType"]!).ShouldBe([1, 2, 3]);
        (await lab.Delete($"{Wmi}/SMS_Collection('{root}')")).Status.ShouldBe(HttpStatusCode.InternalServerError);
        (await lab.Delete($"{Wmi}/SMS_Collection('{ring}')")).Status.ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task A_query_rule_gets_another_SELECT_list_and_an_id_and_is_deleted_by_the_whole_of_it()
    {
        await using var lab = await LabTest.StartAsync();
        var id = (string)(await lab.Post($"{Wmi}/SMS_Collection", Collection("Pilot"))).Json["CollectionID"]!;
        const string Sent = """{"@odata.type":"#AdminService.SMS_CollectionRuleQuery","RuleName":"names","QueryExpression":"select Name from  SMS_R_System where Name='x'"}""";
        await Add(lab, id, Sent);
        var rule = (await lab.Get($"{Wmi}/SMS_Collection('{id}')")).Rows.Single()["CollectionRules"]![0]!;
        ((string)rule["QueryExpression"]!).ShouldBe("select SMS_R_SYSTEM.ResourceID,SMS_R_SYSTEM.ResourceType,SMS_R_SYSTEM.Name,SMS_R_SYSTEM.SMSUniqueIdentifier,SMS_R_SYSTEM.ResourceDomainORWorkgroup,SMS_R_SYSTEM.Client from  SMS_R_System where Name='x'");
        ((int)rule["QueryID"]!).ShouldBe(1);

        (await Act(lab, id, "AddMembershipRule", Sent)).Status.ShouldBe(HttpStatusCode.InternalServerError);
        (await Act(lab, id, "DeleteMembershipRule", Sent)).Status.ShouldBe(HttpStatusCode.InternalServerError);
        (await Act(lab, id, "DeleteMembershipRule", rule.ToJsonString())).Status.ShouldBe(HttpStatusCode.Created);
        lab.Server.State.Collections.Single(c => c.Id == id).Rules.ShouldBeEmpty();
    }

    [Fact]
    public async Task Bulk_rules_and_rules_without_a_type_or_in_another_wrapper_are_not_understood()
    {
        await using var lab = await LabTest.StartAsync();
        var id = (string)(await lab.Post($"{Wmi}/SMS_Collection", Collection("Pilot"))).Json["CollectionID"]!;
        const string Rule = """{"@odata.type":"#AdminService.SMS_CollectionRuleDirect","RuleName":"PC-001","ResourceClassName":"SMS_R_System","ResourceID":16777220}""";
        var bulk = await lab.Post($"{Wmi}/SMS_Collection('{id}')/AdminService.AddMembershipRules", $$"""{"collectionRules":[{{Rule}}]}""");
        bulk.Status.ShouldBe(HttpStatusCode.NotFound);
        bulk.Error.ShouldStartWith("ODataParameterReader.ReadAsync or ODataParameterReader.Read was called in the 'ResourceSet' state.");
        ((string)bulk.Json["error"]!["code"]!).ShouldBe("404");

        (await lab.Post($"{Wmi}/SMS_Collection('{id}')/AdminService.AddMembershipRule", $$"""{"rule":{{Rule}}}""")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await Act(lab, id, "AddMembershipRule", """{"RuleName":"PC-001","ResourceClassName":"SMS_R_System","ResourceID":16777220}""")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await Act(lab, id, "AddMembershipRule", Rule)).Json["ReturnValue"]!.GetValue<int>().ShouldBe(0);
    }

    [Fact]
    public async Task What_the_provider_refuses_is_a_500()
    {
        await using var lab = await LabTest.StartAsync();
        var id = (string)(await lab.Post($"{Wmi}/SMS_Collection", Collection("Pilot"))).Json["CollectionID"]!;
        async Task Refused(Task<Reply> reply, string word)
        {
            (await reply).Status.ShouldBe(HttpStatusCode.InternalServerError);
            (await reply).Error.ShouldContain(word);
        }

        await Refused(lab.Post($"{Wmi}/SMS_Collection", Collection("PILOT")), "already exists");
        await Refused(lab.Post($"{Wmi}/SMS_Collection", Collection("Other", "P0100FFF")), "does not exist");
        await Refused(lab.Post($"{Wmi}/SMS_Collection", """{"Name":"S","CollectionType":2,"LimitToCollectionID":"SMSDM003","RefreshSchedule":[]}"""), "RefreshSchedule");
        await Refused(lab.Put($"{Wmi}/SMS_Collection('{id}')", $$"""{"CollectionID":"{{id}}","Name":"S","CollectionType":2}"""), "missing");
        await Refused(Act(lab, "SMSDM003", "AddMembershipRule", """{"@odata.type":"#AdminService.SMS_CollectionRuleQuery","RuleName":"q","QueryExpression":"select * from SMS_R_System"}"""), "built-in");
        await Refused(Act(lab, id, "AddMembershipRule", """{"@odata.type":"#AdminService.SMS_CollectionRuleDirect","RuleName":"x","ResourceClassName":"SMS_R_System","ResourceID":1}"""), "does not exist");
        await Refused(Act(lab, id, "AddMembershipRule", $$"""{"@odata.type":"#AdminService.SMS_CollectionRuleIncludeCollection","RuleName":"x","IncludeCollectionID":"{{id}}"}"""), "itself");

        (await lab.Put($"{Wmi}/SMS_Collection('{id}')", $$"""{"CollectionID":"{{id}}","Name":"Renamed","CollectionType":2,"LimitToCollectionID":"SMS00001","RefreshType":1,"Comment":"c"}""")).Status.ShouldBe(HttpStatusCode.OK);
        lab.Server.State.Collections.Single(c => c.Id == id).ShouldSatisfyAllConditions(c => c.Name.ShouldBe("Renamed"), c => c.LimitTo.ShouldBe("SMS00001"), c => c.Comment.ShouldBe("c"));
    }

    [Fact]
    public async Task A_POST_without_length_is_a_411_and_a_static_GET_a_201()
    {
        await using var lab = await LabTest.StartAsync();
        var id = (string)(await lab.Post($"{Wmi}/SMS_Collection", Collection("Pilot"))).Json["CollectionID"]!;
        // HttpClient always says Content-Length: 0, other clients do not.
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, lab.Server.BaseAddress.Port, TestContext.Current.CancellationToken);
        await using var tls = new SslStream(tcp.GetStream());
        using var handler = lab.Server.CreateHandler();
        handler.SslOptions.TargetHost = "localhost";
        await tls.AuthenticateAsClientAsync(handler.SslOptions, TestContext.Current.CancellationToken);
        await tls.WriteAsync(Encoding.ASCII.GetBytes($"POST /{Wmi}/SMS_Collection('{id}')/AdminService.RequestRefresh HTTP/1.1\r\nHost: localhost:{lab.Server.BaseAddress.Port}\r\nAuthorization: {lab.Http.DefaultRequestHeaders.Authorization}\r\n\r\n"), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(tls);
        (await reader.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldBe("HTTP/1.1 411 Length Required");

        (await lab.Get($"{Wmi}/SMS_Identification.GetSiteID")).Status.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Lists_are_filtered_cut_and_paged()
    {
        await using var lab = await LabTest.StartAsync(new LabOptions { Habits = new LabHabits { AdminServicePageSize = 2 } }, devices: 5);
        var first = await lab.Get($"{Wmi}/SMS_R_System?$filter=startswith(Name,'PC-') and Obsolete eq 0 and not (Name eq 'PC-000')&$select=Name&$orderby=Name desc&$top=3");
        first.Rows.Select(r => (string)r["Name"]!).ShouldBe(["PC-004", "PC-003"]);
        var second = await lab.Get((string)first.Json["@odata.nextLink"]!);
        second.Rows.Select(r => (string)r["Name"]!).ShouldBe(["PC-002"]);
        (await lab.Get($"{Wmi}/SMS_R_System?$filter=SMSAssignedSites/any(s: s eq 'P01') and contains(Name,'-002')")).Rows.Count().ShouldBe(1);
        (await lab.Get($"{Wmi}/SMS_R_System?$filter=Colour eq 'blue'")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await lab.Get($"{Wmi}/SMS_NoSuchClass")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await lab.Get($"{Wmi}/SMS_CombinedDeviceResources?$filter=Name eq 'PC-001'")).Rows.Single()["IsClient"]!.GetValue<bool>().ShouldBeTrue();
    }

    [Fact]
    public async Task A_collection_is_put_into_a_folder_and_moved()
    {
        await using var lab = await LabTest.StartAsync();
        var id = (string)(await lab.Post($"{Wmi}/SMS_Collection", Collection("Pilot"))).Json["CollectionID"]!;
        async Task<int> Folder(string name) => (int)(await lab.Post($"{Wmi}/SMS_ObjectContainerNode", $$"""{"Name":"{{name}}","ObjectType":5000,"ParentContainerNodeID":0}""")).Json["ContainerNodeID"]!;
        var (one, two) = (await Folder("one"), await Folder("two"));
        (await lab.Post($"{Wmi}/SMS_ObjectContainerItem", $$"""{"InstanceKey":"{{id}}","ContainerNodeID":{{one}},"ObjectType":5000}""")).Status.ShouldBe(HttpStatusCode.Created);
        (await lab.Post($"{Wmi}/SMS_ObjectContainerItem.MoveMembers", $$"""{"InstanceKeys":["{{id}}"],"ContainerNodeID":{{one}},"TargetContainerNodeID":{{two}},"ObjectType":5000}""")).Status.ShouldBe(HttpStatusCode.Created);
        (await lab.Get($"{Wmi}/SMS_ObjectContainerItem?$filter=InstanceKey eq '{id}'")).Rows.Single()["ContainerNodeID"]!.GetValue<int>().ShouldBe(two);
    }

    internal static string Collection(string name, string limitTo = "SMSDM003") =>
        new JsonObject { ["Name"] = name, ["CollectionType"] = 2, ["LimitToCollectionID"] = limitTo, ["RefreshType"] = 4, ["Comment"] = "test" }.ToJsonString();

    private static Task<Reply> Act(LabTest lab, string id, string action, string rule) =>
        lab.Post($"{Wmi}/SMS_Collection('{id}')/AdminService.{action}", $$"""{"collectionRule":{{rule}}}""");

    private static async Task Add(LabTest lab, string id, string rule)
    {
        var reply = await Act(lab, id, "AddMembershipRule", rule);
        reply.Status.ShouldBe(HttpStatusCode.Created, reply.Text);
    }

    private static async Task<string[]> Members(LabTest lab, string id) =>
        [.. (await lab.Get($"{Wmi}/SMS_FullCollectionMembership?$filter=CollectionID eq '{id}'&$orderby=Name")).Rows.Select(r => (string)r["Name"]!)];

    private static async Task<int> ResourceId(LabTest lab, string name) =>
        (int)(await lab.Get($"{Wmi}/SMS_R_System?$filter=Name eq '{name}'")).Rows.Single()["ResourceId"]!;
}
