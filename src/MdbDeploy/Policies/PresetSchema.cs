using System.Text.Json.Nodes;

namespace MdbDeploy.Policies;

/// <summary>The JSON schema of presets, made of the catalogue, so that editors complete settings and their values.</summary>
public static class PresetSchema
{
    /// <summary>Name of the file beside the catalogue.</summary>
    public const string FileName = "preset.schema.json";

    /// <summary>The schema (draft 2020-12).</summary>
    public static JsonObject Write(PolicyCatalog catalog) => new()
    {
        ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
        ["title"] = "Policy preset of MdbDeploy",
        ["type"] = "object",
        ["required"] = new JsonArray("title"),
        ["additionalProperties"] = false,
        ["properties"] = new JsonObject
        {
            ["title"] = Text("Title for people."),
            ["description"] = Text("What it is for; one line."),
            ["source"] = Text("The page the values come from."),
            ["overrides"] = new JsonObject { ["description"] = "Values win over those of presets named before this one.", ["type"] = "boolean" },
            ["promote"] = new JsonObject { ["description"] = "The value of each ring, first ring first, for settings whose value is 'promote'; the last serves all further rings.", ["type"] = "array", ["items"] = new JsonObject { ["type"] = new JsonArray("string", "integer") } },
            ["settings"] = new JsonObject
            {
                ["type"] = "object",
                ["additionalProperties"] = false,
                ["properties"] = new JsonObject(catalog.Settings.Values.Where(s => s.Allowed.IsSettable).Select(s => KeyValuePair.Create(s.Id, (JsonNode?)Setting(s)))),
            },
        },
    };

    private static JsonObject Setting(PolicySetting setting)
    {
        var schema = Text($"{setting.Title}. {setting.Description}");
        schema.Remove("type");
        var allowed = setting.Allowed;
        switch (allowed.Type)
        {
            case SettingType.Switch or SettingType.Choice:
                var values = new JsonArray([.. allowed.Choices.Select(c => (JsonNode?)c.Value).Where(word => word!.GetValue<string>().Length > 0), .. allowed.Choices.Select(c => (JsonNode?)c.Key), "promote"]);
                if (allowed.Type == SettingType.Switch)
                {
                    values.Add((JsonNode)true);
                    values.Add((JsonNode)false);
                }

                schema["enum"] = values;
                break;
            case SettingType.Number:
                schema["type"] = "integer";
                schema["minimum"] = allowed.Range.Least;
                schema["maximum"] = allowed.Range.Most;
                break;
            case SettingType.List:
                schema["type"] = "array";
                schema["items"] = new JsonObject { ["type"] = "string", ["pattern"] = "^[^|]+$" };
                break;
            default:
                schema["type"] = "string";
                schema["minLength"] = allowed.Range.Least;
                schema["maxLength"] = allowed.Range.Most;
                break;
        }

        return schema;
    }

    private static JsonObject Text(string description) => new() { ["description"] = description, ["type"] = "string" };
}
