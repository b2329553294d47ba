using System.Globalization;

namespace MdbDeploy.Policies;

/// <summary>One setting in the words of every channel.</summary>
public static class PolicyWords
{
    /// <summary>What is known of a setting, as names and sentences in a fixed order.</summary>
    public static IReadOnlyList<(string Name, string Value)> Of(PolicySetting setting)
    {
        var some = new PolicyValue(setting, setting.Allowed.Choices.Select(c => c.Key.ToString(CultureInfo.InvariantCulture)).FirstOrDefault() ?? "");
        return
        [
            ("id", setting.Id),
            ("title", setting.Title),
            ("description", setting.Description),
            ("values", setting.Allowed.InWords),
            ("group policy", Join(RegistryChannel.Obstacle(some), setting.Registry is { } registry
                ? $@"HKLM\{registry.Key}{(registry.ValueName is { } name ? $@"\{name}" : ", an item a value")} ({registry.Type}){Map(setting, registry.Transform)}{(registry.With is { } with ? $@"; with {with.Value} = {with.Data} in HKLM\{with.Key}" : "")}"
                : "")),
            ("oma-uri", Join(OmaUriChannel.Obstacle(some), setting.Csp is { } node ? $"{node.Uri} ({node.Format}{(node.Part is { } part ? $", {part}" : "")})" : "")),
            ("intune", Join(SettingsCatalogChannel.Obstacle(some), setting.Catalog is { } definition
                ? $"{definition.Id} ({(definition.Template is { } template ? CatalogTemplates.All[template].Title : "settings catalogue")}){Map(setting, definition.Values)}"
                : "")),
            ("configuration manager", Join(AntimalwareXml.Obstacle(some), setting.ConfigurationManager ?? "")),
            ("windows", setting.Builds.Text.Length > 0 ? setting.Builds.Text : "every version"),
            ("tamper protection", setting.Locked is { } locked ? $"holds it at {setting.Allowed.Word(locked)}, whatever Group Policy says" : "does not hold it"),
            ("not verified", setting.Unverified.Count > 0 ? string.Join(", ", setting.Unverified) : "nothing: every part was looked up"),
            ("source", $"{setting.Source} ({setting.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)})"),
        ];
    }

    private static string Map(PolicySetting setting, ValueTransform transform)
    {
        var pairs = setting.Allowed.Choices.Select(choice => (Word: choice.Value.Length > 0 ? choice.Value : AllowedValues.Invariant(choice.Key), To: transform.Apply(AllowedValues.Invariant(choice.Key)))).ToList();
        return pairs.Count > 0 ? $": {string.Join(", ", pairs.Select(pair => $"{pair.Word} = {pair.To}"))}" : "";
    }

    private static string Join(string? obstacle, string fact) => obstacle is null ? fact : fact.Length == 0 ? $"not by this tool: {obstacle}" : $"{fact}; not by this tool: {obstacle}";
}
