using System.Text.Json.Nodes;

namespace MdbDeploy.Lab.Graph;

/// <summary>
/// <c>deviceManagement/deviceConfigurations</c>, v1.0 and beta. The lab takes one type of them, <c>windows10CustomConfiguration</c>. A list shows the properties that all types
/// share; texts of settings read back as asterisks (learn.microsoft.com/graph/api/resources/intune-deviceconfig-omasettingstring).
/// </summary>
internal sealed class DeviceConfigurations(LabState state)
{
    private const string Set = "deviceManagement/deviceConfigurations";
    private const string Type = "windows10CustomConfiguration";
    private const int MostSettings = 1000;

    private static readonly string[] Common = ["@odata.type", "id", "displayName", "description", "createdDateTime", "lastModifiedDateTime", "version", "assignments"];

    private static readonly string[] Changeable = ["displayName", "description"];

    private int PageSize => state.Options.Habits.PolicyPageSize;

    public LabAnswer Answer(LabRequest request, string[] rest) => (request.Method, rest) switch
    {
        ("GET", []) => List(request),
        ("POST", []) => Create(request, Body(request)),
        ("GET", [var id]) => GraphPage.Single(request with { Query = new([]) }, Set, Read(Find(id), request.Query.List("$expand").Contains("assignments"))),
        ("PATCH", [var id]) => Update(Find(id), Body(request)),
        ("DELETE", [var id]) => Delete(Find(id)),
        ("GET", [var id, "assignments"]) => GraphPage.List(request, $"{Set}('{id}')/assignments", Find(id).Assignments, PageSize, 1000),
        ("GET", [var id, "deviceStatuses"]) => Statuses(request, Find(id)),
        ("POST", [var id, "assign"]) => Assignments.Assign(request, state, Find(id), "assignProfile", "deviceConfigurationAssignment"),
        (_, [] or [_] or [_, "assignments" or "assign" or "deviceStatuses"]) => throw GraphException.NoMethod(),
        _ => throw GraphException.NoSegment(rest[^1]),
    };

    private LabAnswer List(LabRequest request)
    {
        if (request.Query.List("$select").FirstOrDefault(n => !Common.Contains(n)) is { } unknown)
        {
            throw GraphException.BadRequest($"Could not find a property named '{unknown}' on type 'microsoft.graph.deviceConfiguration'.");
        }

        return GraphPage.List(request, Set, state.DeviceConfigurations.Select(p => Read(p, false)), PageSize, 1000);
    }

    /// <summary>What became of the profile on devices, which it names; their ids do not stand in a property (learn.microsoft.com/graph/api/resources/intune-deviceconfig-deviceconfigurationdevicestatus).</summary>
    private LabAnswer Statuses(LabRequest request, DeviceConfiguration profile) => GraphPage.List(request, $"{Set}('{profile.Id}')/deviceStatuses", state.Onboarding.Reached(profile).Select(computer => new JsonObject
    {
        ["id"] = $"{profile.Id}_{computer.ManagedDeviceId}",
        ["deviceDisplayName"] = computer.Seed.Name,
        ["userName"] = "System account",
        ["deviceModel"] = null,
        ["platform"] = 0,
        ["complianceGracePeriodExpirationDateTime"] = Timestamp.Of(state.Now),
        ["status"] = state.Onboarding.Outcome(computer) switch { "Succeeded" => "compliant", "Error" => "error", "Conflict" => "conflict", "NotApplicable" => "notApplicable", _ => "unknown" },
        ["lastReportedDateTime"] = Timestamp.Of(state.Now),
        ["userPrincipalName"] = "System account",
    }), PageSize, 1000);

    private LabAnswer Create(LabRequest request, JsonObject body)
    {
        Check(body, partial: false);
        var profile = new DeviceConfiguration { Id = state.NewId().ToString(), Properties = [], Settings = body["omaSettings"]?.DeepClone().AsArray() ?? [] };
        profile.Properties["@odata.type"] = $"#microsoft.graph.{Type}";
        profile.Properties["id"] = profile.Id;
        profile.Properties["displayName"] = body["displayName"]!.DeepClone();
        profile.Properties["description"] = body["description"]?.DeepClone();
        profile.Properties["createdDateTime"] = Timestamp.Of(state.Now);
        profile.Properties["lastModifiedDateTime"] = Timestamp.Of(state.Now);
        profile.Properties["version"] = 1;
        state.DeviceConfigurations.Add(profile);
        return GraphPage.Single(request with { Query = new([]) }, Set, Read(profile, false), 201);
    }

    /// <summary>Settings are replaced as a whole.</summary>
    private LabAnswer Update(DeviceConfiguration profile, JsonObject body)
    {
        Check(body, partial: true);
        foreach (var name in Changeable.Where(body.ContainsKey))
        {
            profile.Properties[name] = body[name]?.DeepClone();
        }

        if (body["omaSettings"] is JsonArray settings)
        {
            profile.Settings = settings.DeepClone().AsArray();
        }

        profile.Properties["version"] = (int)profile.Properties["version"]! + 1;
        profile.Properties["lastModifiedDateTime"] = Timestamp.Of(state.Now);
        return new LabAnswer(204);
    }

    private LabAnswer Delete(DeviceConfiguration profile)
    {
        state.DeviceConfigurations.Remove(profile);
        return new LabAnswer(204);
    }

    private static void Check(JsonObject body, bool partial)
    {
        GraphSchema.Check(body, "deviceConfiguration", partial);
        if (body["omaSettings"] is JsonArray { Count: > MostSettings })
        {
            throw GraphException.BadRequest($"A custom profile holds at most {MostSettings} settings.");
        }
    }

    private JsonObject Read(DeviceConfiguration profile, bool withAssignments)
    {
        var row = profile.Properties.DeepClone().AsObject();
        row["omaSettings"] = new JsonArray([.. profile.Settings.Select(s => (JsonNode)ReadSetting(s!.AsObject()))]);
        if (withAssignments)
        {
            row["assignments"] = state.Options.Habits.ExpandsNoAssignments ? [] : new JsonArray([.. profile.Assignments.Select(a => a.DeepClone())]);
        }

        return row;
    }

    private JsonObject ReadSetting(JsonObject setting)
    {
        var read = setting.DeepClone().AsObject();
        read.TryAdd("description", null);
        var isText = (string?)setting["@odata.type"] == "#microsoft.graph.omaSettingString" && state.Options.Habits.HideSecrets;
        read["isEncrypted"] = isText;
        read["secretReferenceValueId"] = null;
        if (isText)
        {
            read["value"] = "****";
            read["secretReferenceValueId"] = LabState.Invent($"secret {setting["omaUri"]}").ToString();
        }

        return read;
    }

    private DeviceConfiguration Find(string id) =>
        state.DeviceConfigurations.Find(p => p.Id == id) ?? throw new GraphException(404, "ResourceNotFound", $"The configuration '{id}' was not found");

    private static JsonObject Body(LabRequest request) => request.ReadObject() ?? throw GraphException.BadRequest("Unable to read JSON request payload.");
}
