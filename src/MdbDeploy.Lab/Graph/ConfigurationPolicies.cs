using System.Text.Json.Nodes;
using MdbDeploy.Lab.Defender;

namespace MdbDeploy.Lab.Graph;

/// <summary>
/// Policies of the settings catalogue, beta only: <c>deviceManagement/configurationPolicies</c>. A policy is replaced whole by PUT, which the metadata does not list; the
/// PATCH on a setting, which it does list, has no route.
/// </summary>
internal sealed class ConfigurationPolicies(LabState state)
{
    private const string Set = "deviceManagement/configurationPolicies";

    private static readonly string[] Filters = ["name", "platforms", "technologies", "templateReference/templateFamily", "templateReference/templateId", "createdDateTime", "lastModifiedDateTime"];

    private int PageSize => state.Options.Habits.PolicyPageSize;

    public LabAnswer Answer(LabRequest request, string[] rest) => (request.Method, rest) switch
    {
        ("GET", []) => List(request),
        ("POST", []) => Create(request),
        ("GET", [var id]) => Get(request, Find(id)),
        ("PUT", [var id]) => Replace(Find(id), Body(request)),
        ("PATCH", [var id]) => Update(request, Find(id)),
        ("DELETE", [var id]) => Delete(Find(id)),
        ("GET", [var id, "settings"]) => GraphPage.List(request, $"{Set}('{id}')/settings", Find(id).Settings.Select(s => s!.AsObject()), PageSize, 1000),
        ("PATCH", [_, "settings", _]) when state.Options.Habits.RefusesSettingPatch => throw GraphException.BadRequest("No OData route exists that match template ~/singleton/navigation/key/navigation/key with http verb PATCH for request."),
        ("PATCH", [var id, "settings", var setting]) => UpdateSetting(Find(id), setting, Body(request)),
        ("GET", [var id, "assignments"]) => GraphPage.List(request, $"{Set}('{id}')/assignments", Find(id).Assignments, PageSize, 1000),
        ("POST", [var id, "assign"]) => Assign(request, Find(id)),
        (_, [] or [_] or [_, "settings" or "assignments" or "assign"]) => throw GraphException.NoMethod(),
        _ => throw GraphException.NoSegment(rest[^1]),
    };

    private LabAnswer List(LabRequest request)
    {
        IntuneQuery.Check(request, Template, Filters, "deviceManagementConfigurationPolicy");
        var expand = request.Query.List("$expand");
        return GraphPage.List(request, Set, state.ConfigurationPolicies.Where(p => p.VisibleFrom <= state.Now).Select(p => Read(p, expand.Contains("settings"), expand.Contains("assignments") ? p.Assignments : null)), PageSize, 1000);
    }

    private LabAnswer Get(LabRequest request, ConfigurationPolicy policy)
    {
        PropertyNames.Check(request, Template, "deviceManagementConfigurationPolicy");
        var expand = request.Query.List("$expand");
        if (expand.FirstOrDefault(e => e is not ("settings" or "assignments")) is { } unknown)
        {
            throw GraphException.BadRequest($"Could not find a property named '{unknown}' on type 'microsoft.graph.deviceManagementConfigurationPolicy'.");
        }

        // Expanded on one policy the assignments came back empty in August 2026; clients have to read /assignments.
        return GraphPage.Single(request, Set, Read(policy, expand.Contains("settings"), !expand.Contains("assignments") ? null : state.Options.Habits.ExpandsNoAssignments ? [] : policy.Assignments));
    }

    private LabAnswer Create(LabRequest request)
    {
        var body = Body(request);
        Check(body);
        var policy = new ConfigurationPolicy { Id = state.NewId().ToString(), Properties = [], Settings = [], VisibleFrom = state.Now + state.Options.Habits.PolicyDelay };
        policy.Properties = Properties(body, policy.Id, Timestamp.Of(state.Now));
        policy.Settings = Settings(policy, body);
        state.ConfigurationPolicies.Add(policy);
        return GraphPage.Single(request, Set, Read(policy, withSettings: false, assignments: null), 201);
    }

    private LabAnswer Replace(ConfigurationPolicy policy, JsonObject body)
    {
        Check(body);
        var settings = Settings(policy, body);
        policy.Properties = Properties(body, policy.Id, (string)policy.Properties["createdDateTime"]!);
        policy.Settings = settings;
        return new LabAnswer(204);
    }

    /// <summary>Name, description and scope tags only.</summary>
    private LabAnswer Update(LabRequest request, ConfigurationPolicy policy)
    {
        var body = Body(request);
        GraphSchema.Check(body, "deviceManagementConfigurationPolicy", partial: true);
        if (body.Select(p => p.Key).FirstOrDefault(k => k is not ("@odata.type" or "name" or "description" or "roleScopeTagIds")) is { } other)
        {
            throw GraphException.BadRequest($"Patching the property '{other}' is not supported on this policy.");
        }

        foreach (var (name, value) in body.Where(p => p.Key != "@odata.type"))
        {
            policy.Properties[name] = value?.DeepClone();
        }

        policy.Properties["lastModifiedDateTime"] = Timestamp.Of(state.Now);
        return new LabAnswer(204);
    }

    private LabAnswer Delete(ConfigurationPolicy policy)
    {
        state.ConfigurationPolicies.Remove(policy);
        return new LabAnswer(204);
    }

    private LabAnswer Assign(LabRequest request, ConfigurationPolicy policy)
    {
        var answer = Assignments.Assign(request, state, policy, "assign", "deviceManagementConfigurationPolicyAssignment");
        policy.Properties["isAssigned"] = policy.Assignments.Count > 0;
        return answer;
    }

    private void Check(JsonObject body)
    {
        GraphSchema.Check(body, "deviceManagementConfigurationPolicy");
        if ((string?)body["name"] is not { Length: > 0 and <= 1000 })
        {
            throw GraphException.BadRequest("The name of a policy must have 1 to 1000 characters.");
        }

        if (body["settings"]!.AsArray().GroupBy(s => (string)s!["settingInstance"]!["settingDefinitionId"]!).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw GraphException.BadRequest($"The setting '{twice.Key}' occurs twice.");
        }

        EndpointDetectionTemplate.Check(body, state.Options.ConnectorEnabled);
    }

    private JsonObject Properties(JsonObject body, string id, string created)
    {
        var reference = body["templateReference"];
        var templateId = (string?)reference?["templateId"] ?? "";
        var settings = body["settings"]!.AsArray();
        var properties = new JsonObject
        {
            ["createdDateTime"] = created,
            ["creationSource"] = null,
            ["description"] = (string?)body["description"] ?? "",
            ["lastModifiedDateTime"] = Timestamp.Of(state.Now),
            ["name"] = (string)body["name"]!,
            ["platforms"] = GraphSchema.Canonical("deviceManagementConfigurationPolicy", "platforms", (string)body["platforms"]!),
            ["priorityMetaData"] = null,
            ["roleScopeTagIds"] = body["roleScopeTagIds"]?.DeepClone() is JsonArray { Count: > 0 } tags ? tags : new JsonArray("0"),
            ["settingCount"] = settings.Count,
            ["technologies"] = GraphSchema.Canonical("deviceManagementConfigurationPolicy", "technologies", (string)body["technologies"]!),
            ["disableEntraGroupPolicyAssignment"] = false,
            ["id"] = id,
            ["isAssigned"] = state.ConfigurationPolicies.Find(p => p.Id == id)?.Assignments.Count > 0,
            ["templateReference"] = new JsonObject
            {
                ["templateId"] = templateId,
                ["templateFamily"] = EndpointDetectionTemplate.Family(templateId),
                ["templateDisplayName"] = EndpointDetectionTemplate.DisplayName(templateId),
                ["templateDisplayVersion"] = templateId.Length > 0 ? "Version 1" : null,
            },
        };
        if (state.Options.Habits.UnknownProperties)
        {
            // Came in mid-2026 without notice: clients must not stumble over properties they do not know.
            properties["auditRuleInformation"] = null;
        }

        return properties;
    }

    private LabAnswer UpdateSetting(ConfigurationPolicy policy, string id, JsonObject body)
    {
        GraphSchema.Check(body, "deviceManagementConfigurationSetting", partial: true);
        var setting = policy.Settings.FirstOrDefault(s => (string?)s!["id"] == id)?.AsObject() ?? throw new GraphException(404, "ResourceNotFound", $"The setting '{id}' was not found");
        var instance = body["settingInstance"]!.DeepClone().AsObject();
        Complete(policy, instance);
        setting["settingInstance"] = instance;
        return new LabAnswer(204);
    }

    /// <summary>The settings as they read back: numbered, with tokens for the secrets.</summary>
    private JsonArray Settings(ConfigurationPolicy policy, JsonObject body)
    {
        var number = 0;
        var settings = new JsonArray();
        foreach (var setting in body["settings"]!.AsArray())
        {
            var read = new JsonObject { ["id"] = (number++).ToString(System.Globalization.CultureInfo.InvariantCulture), ["settingInstance"] = setting!["settingInstance"]!.DeepClone() };
            Complete(policy, read["settingInstance"]!.AsObject());
            settings.Add((JsonNode)read);
        }

        return settings;
    }

    private void Complete(ConfigurationPolicy policy, JsonObject instance)
    {
        instance.TryAdd("settingInstanceTemplateReference", null);
        foreach (var (_, node) in instance.ToList())
        {
            foreach (var value in node is JsonArray items ? items.OfType<JsonObject>() : node is JsonObject one ? [one] : [])
            {
                if ((string?)value["@odata.type"] == "#microsoft.graph.deviceManagementConfigurationSecretSettingValue")
                {
                    Hide(policy, (string)instance["settingDefinitionId"]!, value);
                }

                foreach (var child in value["children"] is JsonArray children ? children.OfType<JsonObject>() : [])
                {
                    Complete(policy, child);
                }
            }
        }
    }

    private void Hide(ConfigurationPolicy policy, string definition, JsonObject value)
    {
        var valueState = GraphSchema.Canonical("deviceManagementConfigurationSecretSettingValue", "valueState", (string)value["valueState"]!);
        var text = (string)value["value"]!;
        if (valueState == "encryptedValueToken")
        {
            // A token is good only where it was given: an exported policy cannot be imported as it is (IntuneBackupAndRestore issue 60).
            if (!policy.Secrets.ContainsKey(text))
            {
                throw GraphException.BadRequest("The encrypted value token of a secret setting is not known.");
            }

            value["valueState"] = "encryptedValueToken";
            return;
        }

        if (valueState == "invalid")
        {
            throw GraphException.BadRequest("The value state of a secret setting must be notEncrypted.");
        }

        var token = state.NewId().ToString();
        policy.Secrets[token] = new Secret(definition, text);
        if (state.Options.Habits.HideSecrets)
        {
            value["value"] = token;
            value["valueState"] = "encryptedValueToken";
        }
    }

    private static JsonObject Read(ConfigurationPolicy policy, bool withSettings, List<JsonObject>? assignments)
    {
        var row = policy.Properties.DeepClone().AsObject();
        if (withSettings)
        {
            row["settings"] = policy.Settings.DeepClone();
        }

        if (assignments is not null)
        {
            row["assignments"] = new JsonArray([.. assignments.Select(a => a.DeepClone())]);
        }

        return row;
    }

    private ConfigurationPolicy Find(string id) =>
        state.ConfigurationPolicies.Find(p => p.Id == id) ?? throw new GraphException(404, "ResourceNotFound", $"The policy '{id}' was not found");

    private static JsonObject Body(LabRequest request) =>
        request.ReadObject() ?? throw GraphException.BadRequest("Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.");

    private static JsonObject Template { get; } = new()
    {
        ["id"] = null,
        ["name"] = null,
        ["description"] = null,
        ["platforms"] = null,
        ["technologies"] = null,
        ["createdDateTime"] = null,
        ["lastModifiedDateTime"] = null,
        ["settingCount"] = null,
        ["roleScopeTagIds"] = null,
        ["isAssigned"] = null,
        ["creationSource"] = null,
        ["priorityMetaData"] = null,
        ["templateReference"] = null,
        ["settings"] = null,
        ["assignments"] = null,
    };
}
