using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Policies;

/// <summary>A settings catalogue policy of Intune: the settings of one template.</summary>
/// <param name="Name">Name of the template, as <see cref="CatalogTemplates"/> has it.</param>
/// <param name="Template">The template.</param>
/// <param name="Settings">The <c>settings</c> of the policy.</param>
public sealed record CatalogPolicy(string Name, CatalogTemplate Template, JsonArray Settings);

/// <summary>
/// Settings catalogue policies (https://learn.microsoft.com/graph/api/resources/intune-deviceconfigv2-devicemanagementconfigurationpolicy): a choice names its option,
/// a number and a text stand as simple values, a list as a collection, rules as children of a group, the settings of a firewall profile as children of its switch.
/// </summary>
public static class SettingsCatalogChannel
{
    /// <summary>Name for people.</summary>
    public const string Title = "Intune settings catalogue";

    private const string Type = "#microsoft.graph.deviceManagementConfiguration";

    /// <summary>Why the settings catalogue cannot express a value; null when it can.</summary>
    public static string? Obstacle(PolicyValue value) => value.Setting switch
    {
        { Catalog: null } => "no definition of the settings catalogue is known for it",
        var setting when setting.Unverified.Contains("catalog") => "its definition of the settings catalogue is not verified",
        _ => null,
    };

    /// <summary>The policies, one a template, ordered by its name; warnings for what cannot be expressed.</summary>
    public static Outcome<IReadOnlyList<CatalogPolicy>> Write(IEnumerable<PolicyValue> values)
    {
        var diagnostics = new List<Diagnostic>();
        void Cannot(PolicyValue value, string why) =>
            diagnostics.Add(Problems.SettingNotExpressible.At(Location.Of(value.Setting.Id), $"The {Title} cannot set {value.Setting.Id} to {value.Word}: {why}."));

        var possible = new List<PolicyValue>();
        foreach (var value in values)
        {
            if (Obstacle(value) is { } obstacle)
            {
                Cannot(value, obstacle);
            }
            else
            {
                possible.Add(value);
            }
        }

        var parents = possible.ToDictionary(value => value.Setting.Catalog!.Id, StringComparer.Ordinal);
        var policies = new List<CatalogPolicy>();
        foreach (var group in possible.GroupBy(value => value.Setting.Catalog!.Template ?? CatalogTemplates.Plain, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            var instances = new Dictionary<string, JsonArray>(StringComparer.Ordinal);
            var settings = new JsonArray();
            void AddSetting(JsonObject instance) => settings.Add((JsonNode)new JsonObject { ["@odata.type"] = $"{Type}Setting", ["settingInstance"] = instance });

            foreach (var value in group.Where(value => value.Setting.Catalog!.Parent is null))
            {
                var instance = Instance(value);
                AddSetting(instance);
                if (instance["choiceSettingValue"]?["children"] is JsonArray children)
                {
                    instances[value.Setting.Catalog!.Id] = children;
                }
            }

            foreach (var value in group.Where(value => value.Setting.Catalog!.Parent is not null))
            {
                var parent = value.Setting.Catalog!.Parent!;
                if (!instances.TryGetValue(parent, out var children) && CatalogTemplates.Groups.TryGetValue(parent, out var template))
                {
                    children = instances[parent] = [];
                    AddSetting(new JsonObject
                    {
                        ["@odata.type"] = $"{Type}GroupSettingCollectionInstance",
                        ["settingDefinitionId"] = parent,
                        ["settingInstanceTemplateReference"] = new JsonObject { ["settingInstanceTemplateId"] = template },
                        ["groupSettingCollectionValue"] = new JsonArray(new JsonObject { ["children"] = children }),
                    });
                }

                // The options of a firewall profile appear below "on" only.
                if (children is null || (parents.TryGetValue(parent, out var above) && above.Value != "1"))
                {
                    Cannot(value, $"it is part of '{parent}', which must be on in the same policy");
                    continue;
                }

                children.Add((JsonNode)Instance(value));
            }

            if (settings.Count > 0)
            {
                policies.Add(new(group.Key, CatalogTemplates.All[group.Key], settings));
            }
        }

        return new(policies, diagnostics);
    }

    /// <summary>Reads a policy, as Graph and the portal export it.</summary>
    /// <param name="policy">The policy, with its <c>settings</c>.</param>
    /// <param name="settings">The catalogue.</param>
    /// <param name="file">Where it stands, for messages.</param>
    public static PolicyReading Read(JsonObject policy, ImmutableSortedDictionary<string, PolicySetting> settings, string file)
    {
        var draft = new PolicyDraft(Title);
        var byId = settings.Values.Where(s => s.Catalog is not null).ToDictionary(s => s.Catalog!.Id, StringComparer.OrdinalIgnoreCase);
        foreach (var setting in JsonRead.Maps(policy, "settings"))
        {
            if (JsonRead.Map(setting, "settingInstance") is { } instance)
            {
                ReadInstance(instance, byId, draft, file, depth: 0);
            }
        }

        return draft.Finish();
    }

    private static JsonObject Instance(PolicyValue value)
    {
        var definition = value.Setting.Catalog!;
        var instance = new JsonObject { ["@odata.type"] = "", ["settingDefinitionId"] = definition.Id };
        if (definition.InstanceTemplate is { } template)
        {
            instance["settingInstanceTemplateReference"] = new JsonObject { ["settingInstanceTemplateId"] = template };
        }

        JsonObject Simple(string type, JsonNode data) => WithTemplate(definition, new JsonObject { ["@odata.type"] = $"{Type}{type}SettingValue", ["value"] = data });
        switch (value.Setting.Allowed.Type)
        {
            case SettingType.Switch or SettingType.Choice:
                instance["@odata.type"] = $"{Type}ChoiceSettingInstance";
                var choice = WithTemplate(definition, new JsonObject { ["@odata.type"] = $"{Type}ChoiceSettingValue", ["value"] = $"{definition.Id}_{definition.Values.Apply(value.Value)}" });
                choice["children"] = new JsonArray();
                instance["choiceSettingValue"] = choice;
                break;
            case SettingType.List:
                instance["@odata.type"] = $"{Type}SimpleSettingCollectionInstance";
                instance["simpleSettingCollectionValue"] = new JsonArray([.. value.Value.Split('|').Select(item => (JsonNode)new JsonObject { ["@odata.type"] = $"{Type}StringSettingValue", ["value"] = item })]);
                break;
            case SettingType.Number:
                instance["@odata.type"] = $"{Type}SimpleSettingInstance";
                instance["simpleSettingValue"] = Simple("Integer", int.Parse(value.Value, NumberStyles.None, CultureInfo.InvariantCulture));
                break;
            default:
                instance["@odata.type"] = $"{Type}SimpleSettingInstance";
                instance["simpleSettingValue"] = Simple("String", value.Value);
                break;
        }

        return instance;
    }

    private static JsonObject WithTemplate(CatalogDefinition definition, JsonObject value)
    {
        if (definition.ValueTemplate is { } template)
        {
            value["settingValueTemplateReference"] = new JsonObject { ["settingValueTemplateId"] = template };
        }

        return value;
    }

    private static void ReadInstance(JsonObject instance, Dictionary<string, PolicySetting> byId, PolicyDraft draft, string file, int depth)
    {
        // Anybody's file: real policies nest three levels deep.
        if (depth > 16)
        {
            return;
        }

        var id = JsonRead.Text(instance, "settingDefinitionId") ?? "";
        var at = new Location(file, Subject: id);
        var choice = JsonRead.Map(instance, "choiceSettingValue");
        var groups = JsonRead.Maps(instance, "groupSettingCollectionValue").ToList();
        if (JsonRead.Map(instance, "groupSettingValue") is { } single)
        {
            groups.Add(single);
        }

        if (byId.TryGetValue(id, out var setting))
        {
            draft.Add(setting, Value(instance, choice, setting), at);
        }
        else if (groups.Count == 0)
        {
            draft.NotUnderstood($"'{id}' is no setting of the catalogue.", at);
        }

        foreach (var child in groups.Append(choice).SelectMany(value => JsonRead.Maps(value, "children")))
        {
            ReadInstance(child, byId, draft, file, depth + 1);
        }
    }

    private static string? Value(JsonObject instance, JsonObject? choice, PolicySetting setting)
    {
        if (setting.Allowed.Type is SettingType.Switch or SettingType.Choice)
        {
            var option = JsonRead.Text(choice, "value");
            var prefix = $"{setting.Catalog!.Id}_";
            return option?.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) == true ? setting.Catalog.Values.Revert(option[prefix.Length..]) : null;
        }

        return setting.Allowed.IsList
            ? string.Join('|', JsonRead.Maps(instance, "simpleSettingCollectionValue").Select(item => JsonRead.Text(item, "value") ?? ""))
            : JsonRead.Text(JsonRead.Map(instance, "simpleSettingValue"), "value");
    }
}
