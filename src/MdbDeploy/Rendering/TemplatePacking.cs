using MdbDeploy.Diagnostics;
using MdbDeploy.Formats;
using MdbDeploy.Policies;
using MdbDeploy.Yaml;
using Scriban.Runtime;

namespace MdbDeploy.Rendering;

/// <summary>
/// The packer <c>policy-definitions</c>: from YAML with a title and identifiers of the catalogue's settings to an administrative template and its English texts, as the policy
/// editor's folder PolicyDefinitions holds them.
/// </summary>
internal static class TemplatePacking
{
    /// <summary>The settings of the catalogue that Group Policy can express, as the YAML template gets them: <c>catalogue[]</c>.</summary>
    public static ScriptArray ModelOf(IEnumerable<PolicySetting> settings) => new(settings.Where(s => s.Registry is not null && s.Allowed.IsSettable && !s.Unverified.Contains("gpo") && !s.Unverified.Contains("row"))
        .Select(s => new ScriptObject
        {
            ["id"] = s.Id,
            ["title"] = s.Title,
            ["description"] = s.Description,
            ["key"] = s.Registry!.Key,
            ["value"] = s.Registry.ValueName,
            ["type"] = s.Registry.Type,
            ["choices"] = new ScriptArray(s.Allowed.Choices.Select(choice => new ScriptObject
            {
                ["data"] = s.Registry.Transform.Apply(AllowedValues.Invariant(choice.Key)),
                ["label"] = choice.Value.Length > 0 ? choice.Value : AllowedValues.Invariant(choice.Key),
            })),
            ["switch"] = s.Allowed.Type == SettingType.Switch,
            ["least"] = s.Allowed.Range.Least,
            ["most"] = s.Allowed.Range.Most,
        }));

    /// <summary>Packs.</summary>
    public static Outcome<IReadOnlyList<RenderedFile>> Pack(PackRequest request)
    {
        var yaml = new YamlFile(request.Template, Problems.PackingFailed, Problems.PackingFailed);
        if (yaml.Parse(request.Text) is not { } head)
        {
            return new(null, yaml.Diagnostics);
        }

        var file = head.RequiredText("file");
        var (template, texts) = AdmxSettings.Make(head.RequiredText("prefix"), head.RequiredText("namespace"), head.RequiredText("title"), head.RequiredText("supported"),
            [.. head.Maps("settings").Select(Setting)]);
        head.Close();
        List<Diagnostic> diagnostics = [.. yaml.Diagnostics, .. AdmxLint.Check(template, texts, request.Template)
            .Select(d => Problems.PackingFailed.At(new Location(request.Template), d.Message))];
        return new(
        [
            new RenderedFile($"{request.Path}/{file}.admx", Admx.Write(template), IsSensitive: false),
            new RenderedFile($"{request.Path}/en-US/{file}.adml", Adml.Write(texts), IsSensitive: false),
        ], diagnostics);
    }

    private static AdmxSetting Setting(YamlMap map)
    {
        var setting = new AdmxSetting
        {
            Id = map.RequiredText("id"),
            Title = map.RequiredText("title"),
            Explanation = map.RequiredText("explanation"),
            Key = map.RequiredText("key"),
            ValueName = map.Text("value") is { Length: > 0 } name ? name : null,
            IsText = map.Text("type") != "DWORD",
            Choices = [.. map.Maps("choices").Select(Choice)],
            IsSwitch = map.Text("switch") == "true",
            Least = (uint)(map.Number("least", 0, int.MaxValue) ?? 0),
            Most = (uint)(map.Number("most", 0, int.MaxValue) ?? int.MaxValue),
        };
        map.Close();
        return setting;
    }

    private static KeyValuePair<string, string> Choice(YamlMap map)
    {
        var choice = KeyValuePair.Create(map.RequiredText("data"), map.RequiredText("label"));
        map.Close();
        return choice;
    }
}
