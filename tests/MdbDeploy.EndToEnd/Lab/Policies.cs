using System.Net;
using System.Text.Json.Nodes;
using MdbDeploy.Lab;

namespace MdbDeploy.EndToEnd.Lab;

public class Policies
{
    private const string Base = "beta/deviceManagement/configurationPolicies";

    [Fact]
    public async Task A_secret_reads_back_as_a_token_and_the_lab_still_has_it()
    {
        await using var lab = await LabTest.StartAsync();
        var created = await lab.Post(Base, Onboard("EDR", blob: "{\"body\":\"synthetic\"}"));
        created.Status.ShouldBe(HttpStatusCode.Created, created.Text);
        var id = (string)created.Json["id"]!;
        created.Json.ContainsKey("settings").ShouldBeFalse();

        var secret = Secret(await lab.Get($"{Base}('{id}')?$expand=settings"));
        ((string)secret["valueState"]!).ShouldBe("encryptedValueToken");
        Guid.TryParse((string)secret["value"]!, out _).ShouldBeTrue();
        lab.Server.State.Secret(id, "device_vendor_msft_windowsadvancedthreatprotection_onboarding").ShouldBe("{\"body\":\"synthetic\"}");

        // An exported policy cannot be imported as it is; put back where it came from, its token stands for the secret.
        var exported = JsonNode.Parse(Onboard("Copy"))!.AsObject();
        exported["settings"]![0]!["settingInstance"]!["choiceSettingValue"]!["children"]![0]!["simpleSettingValue"] = secret.DeepClone();
        (await lab.Post(Base, exported.ToJsonString())).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await lab.Put($"{Base}/{id}", exported.ToJsonString())).Status.ShouldBe(HttpStatusCode.NoContent);
        lab.Server.State.Policies.Single().Name.ShouldBe("Copy");
    }

    [Fact]
    public async Task A_read_shows_more_than_was_sent_and_flags_in_the_order_of_the_schema()
    {
        await using var lab = await LabTest.StartAsync();
        var id = (string)(await lab.Post(Base, Onboard("EDR").Replace("mdm,microsoftSense", "MicrosoftSense, mdm", StringComparison.Ordinal))).Json["id"]!;
        var read = (await lab.Get($"{Base}/{id}")).Json;
        ((string)read["technologies"]!).ShouldBe("mdm,microsoftSense");
        ((string)read["templateReference"]!["templateFamily"]!).ShouldBe("endpointSecurityEndpointDetectionAndResponse");
        read["roleScopeTagIds"]!.ToJsonString().ShouldBe("""["0"]""");
        read.ContainsKey("auditRuleInformation").ShouldBeTrue();
    }

    [Fact]
    public async Task The_list_has_25_policies_a_page()
    {
        await using var lab = await LabTest.StartAsync();
        for (var n = 0; n < 30; n++)
        {
            (await lab.Post(Base, Onboard($"Policy {n}"))).Status.ShouldBe(HttpStatusCode.Created);
        }

        var first = await lab.Get(Base);
        first.Rows.Count().ShouldBe(25);
        var second = await lab.Get((string)first.Json["@odata.nextLink"]!);
        second.Rows.Count().ShouldBe(5);
        second.Json.ContainsKey("@odata.nextLink").ShouldBeFalse();
        (await lab.Get($"{Base}?$filter=name eq 'Policy 29'")).Rows.Count().ShouldBe(1);
    }

    [Fact]
    public async Task Assign_replaces_the_whole_set_and_expanding_it_on_one_policy_shows_nothing()
    {
        await using var lab = await LabTest.StartAsync();
        var (one, two) = (await lab.CreateGroup("one"), await lab.CreateGroup("two"));
        var id = (string)(await lab.Post(Base, Onboard("EDR"))).Json["id"]!;
        (await lab.Post($"{Base}('{id}')/assign", Assign(one))).Rows.Count().ShouldBe(1);
        (await lab.Post($"{Base}/{id}/assign", Assign(two))).Rows.Count().ShouldBe(1);

        var assignments = await lab.Get($"{Base}/{id}/assignments");
        ((string)assignments.Rows.Single()["target"]!["groupId"]!).ShouldBe(two);
        (await lab.Get($"{Base}/{id}?$expand=assignments")).Json["assignments"]!.AsArray().ShouldBeEmpty();
        (await lab.Get($"{Base}/{id}")).Json["isAssigned"]!.GetValue<bool>().ShouldBeTrue();

        (await lab.Post($"{Base}/{id}/assign", Assign(Guid.NewGuid().ToString()))).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await lab.Post($"{Base}/{id}/assign", """{"assignments":[]}""")).Status.ShouldBe(HttpStatusCode.OK);
        (await lab.Get($"{Base}/{id}")).Json["isAssigned"]!.GetValue<bool>().ShouldBeFalse();
    }

    [Fact]
    public async Task A_setting_cannot_be_patched_although_the_metadata_says_so()
    {
        await using var lab = await LabTest.StartAsync();
        var id = (string)(await lab.Post(Base, Onboard("EDR"))).Json["id"]!;
        var reply = await lab.Patch($"{Base}/{id}/settings/0", "{}");
        reply.Status.ShouldBe(HttpStatusCode.BadRequest);
        ((string)reply.Json["error"]!["message"]!).ShouldStartWith("{");
        reply.Error.ShouldContain("No OData route exists that match template ~/singleton/navigation/key/navigation/key with http verb PATCH");
        reply.Error.ShouldContain("Activity ID:");
    }

    [Theory]
    [InlineData("\"name\":\"EDR\"", "\"displayName\":\"EDR\"", "displayName")]
    [InlineData("\"platforms\":\"windows10\"", "\"platforms\":\"windows11\"", "platforms")]
    [InlineData("\"platforms\":\"windows10\"", "\"platforms\":10", "platforms")]
    [InlineData("\"settings\":[", "\"isAssigned\":false,\"settings\":[", "isAssigned")]
    [InlineData("ChoiceSettingInstance\"", "ChoiceSettingInstanc\"", "ChoiceSettingInstanc")]
    [InlineData("\"@odata.type\":\"#microsoft.graph.deviceManagementConfigurationChoiceSettingInstance\",", "", "abstract")]
    [InlineData("_onboard\"", "_offboard\"", "_offboarding")]
    [InlineData("\"valueState\":\"notEncrypted\"", "\"valueState\":\"plain\"", "valueState")]
    [InlineData("\"name\":\"EDR\"", "\"name\":\"EDR\",\"name\":\"EDR\"", "valid JSON")]
    public async Task What_does_not_fit_the_schema_is_refused(string good, string bad, string word)
    {
        await using var lab = await LabTest.StartAsync();
        var body = Onboard("EDR");
        body.ShouldContain(good);
        var reply = await lab.Post(Base, body.Replace(good, bad, StringComparison.Ordinal));
        reply.Status.ShouldBe(HttpStatusCode.BadRequest);
        reply.Error.ShouldContain(word);
        reply.Text.ShouldNotContain("synthetic");
        lab.Server.State.Policies.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_policies_are_beta_only()
    {
        await using var lab = await LabTest.StartAsync();
        var reply = await lab.Get("v1.0/deviceManagement/configurationPolicies");
        reply.Status.ShouldBe(HttpStatusCode.BadRequest);
        reply.Error.ShouldContain("Resource not found for the segment 'configurationPolicies'");
    }

    [Fact]
    public async Task The_connector_is_not_there_until_it_is_switched_on_and_auto_from_connector_needs_it()
    {
        const string Connector = "beta/deviceManagement/mobileThreatDefenseConnectors/fc780465-2017-40d4-a0c5-307022471b92";
        await using var without = await LabTest.StartAsync();
        (await without.Get(Connector)).Status.ShouldBe(HttpStatusCode.NotFound);
        (await without.Post(Base, AutoFromConnector("EDR"))).Status.ShouldBe(HttpStatusCode.BadRequest);

        await using var with = await LabTest.StartAsync(new LabOptions { ConnectorEnabled = true });
        ((string)(await with.Get(Connector)).Json["partnerState"]!).ShouldBe("enabled");
        (await with.Post(Base, AutoFromConnector("EDR"))).Status.ShouldBe(HttpStatusCode.Created);
    }

    internal static string Assign(params string[] groups) =>
        new JsonObject
        {
            ["assignments"] = new JsonArray([.. groups.Select(g => new JsonObject
            {
                ["target"] = new JsonObject { ["@odata.type"] = "#microsoft.graph.groupAssignmentTarget", ["groupId"] = g },
            })]),
        }.ToJsonString();

    internal static string Onboard(string name, string blob = "synthetic") => Policy(name, "onboard", "onboarding", blob);

    internal static string AutoFromConnector(string name) => Policy(name, "autofromconnector", "onboarding_fromconnector", "Microsoft ATP connector enabled");

    internal static string Policy(string name, string option, string child, string value)
    {
        const string Csp = "device_vendor_msft_windowsadvancedthreatprotection_";
        return new JsonObject
        {
            ["name"] = name,
            ["platforms"] = "windows10",
            ["technologies"] = "mdm,microsoftSense",
            ["templateReference"] = new JsonObject { ["templateId"] = "0385b795-0f2f-44ac-8602-9f65bf6adede_1" },
            ["settings"] = new JsonArray(new JsonObject
            {
                ["settingInstance"] = new JsonObject
                {
                    ["@odata.type"] = "#microsoft.graph.deviceManagementConfigurationChoiceSettingInstance",
                    ["settingDefinitionId"] = $"{Csp}configurationtype",
                    ["choiceSettingValue"] = new JsonObject
                    {
                        ["value"] = $"{Csp}configurationtype_{option}",
                        ["children"] = new JsonArray(new JsonObject
                        {
                            ["@odata.type"] = "#microsoft.graph.deviceManagementConfigurationSimpleSettingInstance",
                            ["settingDefinitionId"] = $"{Csp}{child}",
                            ["simpleSettingValue"] = new JsonObject
                            {
                                ["@odata.type"] = "#microsoft.graph.deviceManagementConfigurationSecretSettingValue",
                                ["value"] = value,
                                ["valueState"] = "notEncrypted",
                            },
                        }),
                    },
                },
            }),
        }.ToJsonString();
    }

    private static JsonNode Secret(Reply policy) =>
        policy.Json["settings"]![0]!["settingInstance"]!["choiceSettingValue"]!["children"]![0]!["simpleSettingValue"]!;
}
