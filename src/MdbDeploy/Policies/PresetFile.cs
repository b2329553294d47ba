using System.Collections.Immutable;
using MdbDeploy.Diagnostics;
using MdbDeploy.Yaml;

namespace MdbDeploy.Policies;

/// <summary>Reads a preset. Everything wrong is reported at once, with line and column.</summary>
internal static class PresetFile
{
    // The value of a setting that takes the stages of the preset's 'promote'.
    private const string Promoted = "promote";

    /// <summary>Reads a preset; null when it has errors.</summary>
    /// <param name="text">The YAML.</param>
    /// <param name="name">Name of the preset.</param>
    /// <param name="file">The file, as messages name it.</param>
    /// <param name="settings">The catalogue.</param>
    /// <param name="diagnostics">Gets what is wrong.</param>
    public static PolicyPreset? Read(string text, string name, string file, ImmutableSortedDictionary<string, PolicySetting> settings, List<Diagnostic> diagnostics)
    {
        var yaml = new YamlFile(file, Problems.PolicyPresetInvalid, Problems.PolicyPresetInvalid);
        PolicyPreset? preset = null;
        if (yaml.Parse(text) is { } root)
        {
            var stages = root.Texts(Promoted);
            preset = new PolicyPreset
            {
                Name = name,
                Title = root.RequiredText("title"),
                Description = root.Text("description") ?? "",
                Source = root.Text("source") ?? "",
                Overrides = root.Flag("overrides") ?? false,
                Entries = root.Map("settings") is { } values ? [.. ReadEntries(values, settings, stages)] : [],
            };
            root.Close();
        }

        diagnostics.AddRange(yaml.Diagnostics);
        return yaml.Diagnostics.Count == 0 ? preset : null;
    }

    private static List<PresetEntry> ReadEntries(YamlMap map, ImmutableSortedDictionary<string, PolicySetting> settings, ImmutableArray<string> promote)
    {
        var entries = new List<PresetEntry>();
        foreach (var setting in map.Keys.Select(settings.GetValueOrDefault).OfType<PolicySetting>())
        {
            if (!setting.Allowed.IsSettable)
            {
                map.Report(setting.Id, $"'{setting.Id}' is not set by presets: {setting.Description}");
            }
            else if (ReadStages(map, setting, promote) is { } stages)
            {
                entries.Add(new(setting, stages, map.At(setting.Id)));
            }
        }

        // Asking for every setting makes each of them a key that exists, so that what is left is unknown.
        foreach (var id in settings.Keys)
        {
            map.Allow(id);
        }

        map.Close();
        return entries;
    }

    private static ImmutableArray<string>? ReadStages(YamlMap map, PolicySetting setting, ImmutableArray<string> promote)
    {
        if (setting.Allowed.IsList)
        {
            return map.Texts(setting.Id) is { Length: > 0 } items && items.All(item => !item.Contains('|', StringComparison.Ordinal)) && setting.Allowed.Canonical(string.Join('|', items)) is { } list
                ? [list]
                : Refuse(map, setting);
        }

        if (map.Text(setting.Id) is not { } written)
        {
            return Refuse(map, setting);
        }

        if (written != Promoted || setting.Allowed.Type == SettingType.Text)
        {
            return setting.Allowed.Canonical(written) is { } value ? [value] : Refuse(map, setting);
        }

        if (promote.Length == 0)
        {
            map.Report(setting.Id, $"'{setting.Id}' is to be promoted, and the preset has no '{Promoted}' with the value of each ring.");
            return null;
        }

        // A stage that a setting has not: three rules know no warning, and are audited instead.
        var stages = promote.Select(stage => setting.Allowed.Canonical(stage) ?? (stage == "warn" ? setting.Allowed.Canonical("audit") : null)).ToList();
        return stages.Contains(null) ? Refuse(map, setting) : [.. stages.OfType<string>()];
    }

    private static ImmutableArray<string>? Refuse(YamlMap map, PolicySetting setting)
    {
        map.Report(setting.Id, $"'{setting.Id}' may be {setting.Allowed.InWords}.");
        return null;
    }
}
