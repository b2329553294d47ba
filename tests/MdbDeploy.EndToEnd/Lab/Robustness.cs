using System.Net;
using System.Text.Json.Nodes;
using MdbDeploy.Lab;

namespace MdbDeploy.EndToEnd.Lab;

/// <summary>Whatever arrives, a service answers in its own words; a defect of the lab would look like one of the client.</summary>
public class Robustness
{
    private static readonly string[] Values = ["null", "\"\"", "\"x\"", "-1", "1.5", "12345678901234567890", "true", "[]", "[null]", "[[]]", "{}", "{\"@odata.type\":7}", "{\"@odata.type\":\"#microsoft.graph.group\"}"];

    private static readonly (string Method, string Path, string Body)[] Requests =
    [
        ("POST", "beta/groups", """{"displayName":"g","description":"d","mailEnabled":false,"mailNickname":"g","securityEnabled":true,"groupTypes":["x"],"members@odata.bind":["https://graph.microsoft.com/v1.0/directoryObjects/7"]}"""),
        ("PATCH", "beta/groups(uniqueName='u')", """{"displayName":"g","uniqueName":"u","members@odata.bind":[]}"""),
        ("POST", "beta/groups/7/members/$ref", """{"@odata.id":"https://graph.microsoft.com/v1.0/directoryObjects/7"}"""),
        ("POST", "beta/deviceManagement/configurationPolicies", Policies.Onboard("EDR")),
        ("POST", "beta/$batch", """{"requests":[{"id":"1","method":"GET","url":"/groups","headers":{"a":"b"},"dependsOn":[]},{"id":"2","method":"POST","url":"groups","dependsOn":["1"],"headers":{"Content-Type":"application/json"},"body":{}}]}"""),
        ("POST", "AdminService_TokenAuth/wmi/SMS_Collection", """{"Name":"c","CollectionType":2,"LimitToCollectionID":"SMSDM003","RefreshType":4,"Comment":"c"}"""),
        ("POST", "AdminService_TokenAuth/wmi/SMS_Collection('P0100014')/AdminService.AddMembershipRule", """{"collectionRule":{"@odata.type":"#AdminService.SMS_CollectionRuleDirect","RuleName":"r","ResourceClassName":"SMS_R_System","ResourceID":16777219}}"""),
        ("POST", "AdminService_TokenAuth/wmi/SMS_ObjectContainerNode", """{"Name":"f","ObjectType":5000,"ParentContainerNodeID":0}"""),
        ("POST", "AdminService_TokenAuth/wmi/SMS_ObjectContainerItem.MoveMembers", """{"InstanceKeys":["P0100014"],"ContainerNodeID":0,"TargetContainerNodeID":0,"ObjectType":5000}"""),
        ("POST", "api/machines/7/offboard", """{"Comment":"c"}"""),
    ];

    [Fact]
    public async Task A_body_with_any_one_value_replaced_is_answered_by_the_service()
    {
        await using var lab = await LabTest.StartAsync();
        await lab.Post("AdminService_TokenAuth/wmi/SMS_Collection", AdminService.Collection("base"));
        await Parallel.ForEachAsync(
            from request in Requests
            from at in Enumerable.Range(0, Nodes(JsonNode.Parse(request.Body)!).Count)
            from value in Values
            select (request, body: Replace(request.Body, at, value)),
            TestContext.Current.CancellationToken,
            async (sent, _) =>
            {
                var reply = await lab.Send(new HttpMethod(sent.request.Method), sent.request.Path, sent.body, ("Prefer", "create-if-missing"));
                reply.Text.ShouldNotStartWith("Defect", customMessage: sent.body);
                if (reply.Status >= HttpStatusCode.BadRequest)
                {
                    reply.Json["error"]!["message"]!.GetValue<string>().ShouldNotBeEmpty();
                }
            });
    }

    [Fact]
    public async Task An_address_made_of_odd_pieces_is_answered_by_the_service()
    {
        await using var lab = await LabTest.StartAsync();
        string[] roots = ["beta/groups", "beta/devices", "beta/deviceManagement/managedDevices", "beta/deviceManagement/configurationPolicies", "api/machines", "AdminService_TokenAuth/wmi/SMS_Collection", "AdminService_TokenAuth/wmi/SMS_R_System"];
        string[] keys = ["", "/", "('", "(')", "('a''b')", "()", "(a='')", "(=)", "/$count", "(16777219)", "/members", "('x')/settings/0", "/%2F%27", "//"];
        string[] queries = ["", "?", "?$filter=", "?$filter=a eq", "?$filter=(((", "?$filter=Name eq 'x' or", "?$filter=Name/any(x: x eq", "?$filter=not not Name eq null", "?$top=-1", "?$top=99999999999999", "?$skiptoken=!", "?$skiptoken=LTE=", "?$select=,", "?$orderby= ", "?$expand=x", "?$filter=displayName eq 'x' and displayName in ('a',1)"];
        await Parallel.ForEachAsync(
            (from root in roots from key in keys from query in queries select (method: HttpMethod.Get, address: root + key + query))
                .Concat(from method in new[] { HttpMethod.Post, HttpMethod.Put, HttpMethod.Patch, HttpMethod.Delete } from root in roots from key in keys select (method, address: root + key)),
            TestContext.Current.CancellationToken,
            async (sent, _) =>
            {
                var reply = await lab.Send(sent.method, sent.address, sent.method == HttpMethod.Get ? null : "{}");
                reply.Text.ShouldNotStartWith("Defect", customMessage: $"{sent.method} {sent.address}");
            });
    }

    [Fact]
    public async Task Many_at_once_lose_nothing()
    {
        await using var lab = await LabTest.StartAsync(new LabOptions { Faults = "429:0.1" });
        var replies = await Task.WhenAll(Enumerable.Range(0, 200).Select(n => lab.Post("beta/groups", $$"""{"displayName":"g{{n}}","mailEnabled":false,"mailNickname":"g{{n}}","securityEnabled":true}""")));
        replies.Count(r => r.Status == HttpStatusCode.TooManyRequests).ShouldBe(20);
        lab.Server.State.Groups.Select(g => g.DisplayName).Distinct().Count().ShouldBe(180);
        lab.Server.Requests.Writes.Count.ShouldBe(200);
    }

    /// <summary>The JSON with the value at one place, counted in document order, replaced.</summary>
    private static string Replace(string json, int at, string value)
    {
        var root = JsonNode.Parse(json)!;
        var target = Nodes(root)[at];
        if (target.Parent is null)
        {
            return value;
        }

        target.ReplaceWith(JsonNode.Parse(value));
        return root.ToJsonString();
    }

    private static List<JsonNode> Nodes(JsonNode root) =>
        [root, .. (root switch { JsonObject o => o.Select(p => p.Value), JsonArray a => a, _ => [] }).OfType<JsonNode>().SelectMany(Nodes)];
}
