using System.Collections.Immutable;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;
using MdbDeploy.Lab;
using MdbDeploy.Targets;
using MdbDeploy.Targets.Graph;
using MdbDeploy.Targets.Http;

namespace MdbDeploy.EndToEnd.Graph;

/// <summary>A lab, and the real target with the real sign-in over TLS against it.</summary>
internal sealed class GraphLab : IAsyncDisposable
{
    private readonly TimeProvider time;
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("mdbdeploy-graph-");

    private GraphLab(LabServer server, LabOptions options, Action<JsonObject>? settings, string? secret)
    {
        Server = server;
        var caFile = Path.Combine(folder.FullName, "lab-ca.pem");
        File.WriteAllText(caFile, server.AuthorityPem);
        var json = new JsonObject
        {
            ["tenantId"] = server.TenantId,
            ["clientId"] = server.ClientId,
            ["auth"] = "client-secret",
            ["endpoint"] = server.BaseAddress.AbsoluteUri,
            ["authority"] = server.BaseAddress.AbsoluteUri,
            ["defenderApi"] = server.BaseAddress.AbsoluteUri,
            ["caFile"] = "lab-ca.pem",
        };
        settings?.Invoke(json);
        GraphSettings.Read(json, folder.FullName).Succeeded(out var read).ShouldBeTrue();
        SignIn.Create(read!.SignIn, name => name == "MDBDEPLOY_CLIENT_SECRET" ? secret ?? server.ClientSecret : null, _ => { }).Succeeded(out var credential).ShouldBeTrue();
        Connection = new GraphConnection(read, credential!, options.Time, options: Quick(server.BaseAddress));
        time = options.Time;
        (Target, Reconciler) = Open();
    }

    /// <summary>What another process finds: the same connection and folder, and nothing in memory.</summary>
    public Another Reopen() => new(Open().Reconciler);

    public string ApprovalsFile => Path.Combine(folder.FullName, ".mdbdeploy", "graph.approvals.json");

    private (GraphTarget Target, Reconciler Reconciler) Open()
    {
        var target = new GraphTarget(
            Connection.Graph, time, new GraphOptions { FirstWait = TimeSpan.FromMilliseconds(20), LongestWait = TimeSpan.FromMilliseconds(200), Patience = TimeSpan.FromSeconds(30) }, ApprovalsFile);
        return (target, new Reconciler(target, folder.FullName, time));
    }

    /// <summary>Another process of the same project.</summary>
    internal sealed record Another(Reconciler Reconciler) : IDisposable
    {
        public Task<ChangeSet> PlanAsync(DesiredState desired) => Reconciler.PlanAsync(desired, new(), Cancel);

        public void Dispose()
        {
        }
    }

    public LabServer Server { get; }

    public GraphConnection Connection { get; }

    public GraphTarget Target { get; }

    public Reconciler Reconciler { get; }

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<GraphLab> StartAsync(LabOptions options, Action<JsonObject>? settings = null, string? secret = null) =>
        new(await LabServer.StartAsync(options, Cancel), options, settings, secret);

    public static RestOptions Quick(Uri address) => new()
    {
        BaseAddress = address,
        FirstDelay = TimeSpan.FromMilliseconds(20),
        LongestDelay = TimeSpan.FromMilliseconds(200),
    };

    /// <summary>Plans and pushes; fails the test when the push is refused or incomplete.</summary>
    public async Task<PushResult> PushAsync(DesiredState desired, ReconcileOptions? options = null)
    {
        var changes = await Reconciler.PlanAsync(desired, options ?? new(), Cancel);
        var result = await Reconciler.ApplyAsync(changes, null, Cancel);
        result.Steps.Where(s => s.State != StepState.Done).Select(s => $"{s.Change.Address}: {s.State} {s.Note}").ShouldBeEmpty();
        result.Diagnostics.Where(d => d.Severity == Severity.Error).Select(d => d.ToString()).ShouldBeEmpty();
        return result;
    }

    public Task<ChangeSet> PlanAsync(DesiredState desired) => Reconciler.PlanAsync(desired, new(), Cancel);

    /// <summary>Waits until Graph lists every group that was made.</summary>
    public async Task WaitUntilReadableAsync()
    {
        using var client = Server.CreateClient();
        while (true)
        {
            // Whatever faults are injected strike this request too.
            using var response = await client.GetAsync(new Uri("beta/groups?$top=999", UriKind.Relative), Cancel);
            if (response.IsSuccessStatusCode && (await response.Content.ReadFromJsonAsync<JsonObject>(Cancel))!["value"]!.AsArray().Count >= Server.State.Groups.Count)
            {
                return;
            }

            await Task.Delay(20, Cancel);
        }
    }

    /// <summary>Somebody else creates a group.</summary>
    public async Task<string> CreateForeignGroupAsync(string name)
    {
        using var client = Server.CreateClient();
        var body = new JsonObject
        {
            ["displayName"] = name,
            ["mailEnabled"] = false,
            ["mailNickname"] = "somebody",
            ["securityEnabled"] = true,
            ["groupTypes"] = new JsonArray(),
        };
        using var response = await client.PostAsJsonAsync("v1.0/groups", body, Cancel);
        return (string)(await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonObject>(Cancel))!["id"]!;
    }

    /// <summary>Somebody else adds a device to a group.</summary>
    public async Task AddForeignMemberAsync(string group, string device)
    {
        using var client = Server.CreateClient();
        var found = await client.GetFromJsonAsync<JsonObject>($"v1.0/devices?$filter=displayName eq '{device}'", Cancel);
        var body = new JsonObject { ["@odata.id"] = $"https://graph.microsoft.com/v1.0/directoryObjects/{found!["value"]![0]!["id"]}" };
        (await client.PostAsJsonAsync($"v1.0/groups/{Group(group).Id}/members/$ref", body, Cancel)).EnsureSuccessStatusCode();
    }

    public LabGroup Group(string name) => Server.State.Groups.Single(g => g.DisplayName == name);

    public async ValueTask DisposeAsync()
    {
        Connection.Dispose();
        await Server.DisposeAsync();
        folder.Delete(recursive: true);
    }
}

/// <summary>What the Intune channel renders: two rings and a policy.</summary>
internal static class Contoso
{
    public const string Project = "contoso";
    public const string Blob = """{"body":"RkFLRQ==","sig":"RkFLRQ==","sha256sig":"RkFLRQ==","cert":"RkFLRQ==","chain":["RkFLRQ=="]}""";
    public const string PolicyName = "MDB - Contoso - EDR onboarding";

    private const string Csp = "device_vendor_msft_windowsadvancedthreatprotection_";

    public static ImmutableDictionary<string, ResourceKind> Kinds { get; } = new ResourceKind[]
    {
        new()
        {
            Name = "group", Title = "Entra group", Handler = "object", Phase = 10, Collection = "groups", MarkerProperty = "description",
            CreateOnly = ["mailNickname", "groupTypes", "mailEnabled", "securityEnabled", "uniqueName"],
        },
        new()
        {
            Name = "group-members", Title = "Members", Handler = "members", Phase = 20, Collection = "groups",
            Sets = ImmutableSortedDictionary<string, string>.Empty.Add("/members", "entraDeviceId"),
        },
        new()
        {
            Name = "configuration-policy", Title = "Intune policy", Handler = "object", Phase = 30, Collection = "deviceManagement/configurationPolicies", NameProperty = "name",
            MarkerProperty = "description", Update = "PUT", Expand = "$expand=settings",
            WriteOnly =
            [
                "/settings/*/settingInstance/choiceSettingValue/children/*/simpleSettingValue/value",
                "/settings/*/settingInstance/choiceSettingValue/children/*/simpleSettingValue/valueState",
            ],
            Sets = ImmutableSortedDictionary<string, string>.Empty.Add("/settings", "settingInstance.settingDefinitionId"),
        },
        new()
        {
            Name = "policy-assignments", Title = "Assignments", Handler = "assignments", Phase = 40, Collection = "deviceManagement/configurationPolicies",
            Sets = ImmutableSortedDictionary<string, string>.Empty.Add("/assignments", "target.groupId"),
        },
    }.ToImmutableDictionary(k => k.Name);

    public static DesiredState State(params Resource[] resources) => new(Project, resources, Kinds);

    /// <summary>Everything: the rings with their devices, the policy, its assignments.</summary>
    public static DesiredState State(string blob, params (string Ring, JsonObject[] Devices)[] rings) => State(
    [
        .. rings.Select(r => Group(r.Ring)),
        .. rings.Select(r => Members(r.Ring, r.Devices)),
        Policy(blob),
        Assignments([.. rings.Select(r => r.Ring)]),
    ]);

    public static Resource Group(string ring) => Document($$"""
        {
          "address": "intune/group/{{ring}}", "kind": "group", "ring": "{{ring}}", "method": "POST", "path": "groups",
          "body": {
            "displayName": "MDB - Contoso - {{ring}}", "uniqueName": "mdbdeploy-contoso-{{ring}}", "mailEnabled": false, "mailNickname": "mdbdeploy-contoso-{{ring}}",
            "securityEnabled": true, "groupTypes": [], "description": "Devices of ring {{ring}}."
          }
        }
        """);

    public static Resource Members(string ring, params JsonObject[] devices) => Document(new JsonObject
    {
        ["address"] = $"intune/group-members/{ring}",
        ["kind"] = "group-members",
        ["ring"] = ring,
        ["method"] = "PATCH",
        ["path"] = $"groups/{{intune/group/{ring}}}",
        ["body"] = new JsonObject { ["members"] = new JsonArray([.. devices.Select(d => d.DeepClone())]) },
    }.ToJsonString());

    public static JsonObject Device(string name, Guid? entra = null, string? intune = null, string? serial = null) =>
        new() { ["name"] = name, ["entraDeviceId"] = entra?.ToString(), ["intuneDeviceId"] = intune, ["serial"] = serial };

    public static Resource Policy(string blob, string? description = null)
    {
        var auto = blob.Length == 0;
        return Document(new JsonObject
        {
            ["address"] = "intune/configuration-policy/edr-onboarding",
            ["kind"] = "configuration-policy",
            ["method"] = "POST",
            ["path"] = "deviceManagement/configurationPolicies",
            ["body"] = new JsonObject
            {
                ["name"] = PolicyName,
                ["description"] = description ?? "Onboards the devices of the assigned rings.",
                ["platforms"] = "windows10",
                ["technologies"] = "mdm,microsoftSense",
                ["roleScopeTagIds"] = new JsonArray("0"),
                ["templateReference"] = new JsonObject { ["templateId"] = "0385b795-0f2f-44ac-8602-9f65bf6adede_1" },
                ["settings"] = new JsonArray(
                    Choice("configurationtype", auto ? "autofromconnector" : "onboard", "23ab0ea3-1b12-429a-8ed0-7390cf699160", "e5c7c98c-c854-4140-836e-bd22db59d651", new JsonObject
                    {
                        ["@odata.type"] = "#microsoft.graph.deviceManagementConfigurationSimpleSettingInstance",
                        ["settingDefinitionId"] = Csp + (auto ? "onboarding_fromconnector" : "onboarding"),
                        ["simpleSettingValue"] = new JsonObject
                        {
                            ["@odata.type"] = "#microsoft.graph.deviceManagementConfigurationSecretSettingValue",
                            ["value"] = auto ? "Microsoft ATP connector enabled" : blob,
                            ["valueState"] = "notEncrypted",
                        },
                    }),
                    Choice("configuration_samplesharing", "1", "6998c81e-2814-4f5e-b492-a6159128a97b", "f72c326c-7c5b-4224-b890-0b9b54522bd9", null)),
            },
        }.ToJsonString(), sensitive: true);
    }

    public static Resource Assignments(params string[] rings) => Document(new JsonObject
    {
        ["address"] = "intune/policy-assignments/edr-onboarding",
        ["kind"] = "policy-assignments",
        ["method"] = "POST",
        ["path"] = "deviceManagement/configurationPolicies('{intune/configuration-policy/edr-onboarding}')/assign",
        ["body"] = new JsonObject { ["assignments"] = new JsonArray([.. rings.Select(r => (JsonNode)Assignment($"{{intune/group/{r}}}"))]) },
    }.ToJsonString());

    public static JsonObject Assignment(string groupId) =>
        new() { ["target"] = new JsonObject { ["@odata.type"] = "#microsoft.graph.groupAssignmentTarget", ["groupId"] = groupId } };

    public static LabDevice Computer(string name, Guid? entra = null, string? serial = null, bool inIntune = true, DateTimeOffset? lastSeen = null) =>
        new() { Name = name, EntraDeviceId = entra, Serial = serial, InEntra = true, InIntune = inIntune, LastSeen = lastSeen, OsVersion = "10.0.26100.4652" };

    public static Guid Id(int number) => new(number, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);

    private static JsonObject Choice(string setting, string value, string instance, string valueTemplate, JsonObject? child) => new()
    {
        ["@odata.type"] = "#microsoft.graph.deviceManagementConfigurationSetting",
        ["settingInstance"] = new JsonObject
        {
            ["@odata.type"] = "#microsoft.graph.deviceManagementConfigurationChoiceSettingInstance",
            ["settingDefinitionId"] = Csp + setting,
            ["settingInstanceTemplateReference"] = new JsonObject { ["settingInstanceTemplateId"] = instance },
            ["choiceSettingValue"] = new JsonObject
            {
                ["@odata.type"] = "#microsoft.graph.deviceManagementConfigurationChoiceSettingValue",
                ["value"] = $"{Csp}{setting}_{value}",
                ["settingValueTemplateReference"] = new JsonObject { ["settingValueTemplateId"] = valueTemplate },
                ["children"] = child is null ? new JsonArray() : new JsonArray(child),
            },
        },
    };

    private static Resource Document(string json, bool sensitive = false)
    {
        var resource = ResourceDocument.Read(System.Text.Encoding.UTF8.GetBytes(json), "graph", "intune/x.json", sensitive);
        return ResourceDocument.Mark(resource, Kinds[resource.Kind], Project);
    }
}
