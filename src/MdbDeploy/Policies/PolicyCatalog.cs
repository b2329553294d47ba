using System.Collections.Immutable;
using MdbDeploy.Diagnostics;
using MdbDeploy.Projects;
using MdbDeploy.Yaml;

namespace MdbDeploy.Policies;

/// <summary>The settings this tool knows, and the presets made of them.</summary>
/// <param name="Settings">Settings by identifier.</param>
/// <param name="Presets">Presets by name.</param>
public sealed record PolicyCatalog(ImmutableSortedDictionary<string, PolicySetting> Settings, ImmutableSortedDictionary<string, PolicyPreset> Presets)
{
    /// <summary>Reads <c>settings.csv</c> and every <c>*.yaml</c> of a folder.</summary>
    /// <param name="folder">The policies folder.</param>
    public static Outcome<PolicyCatalog> Read(string folder)
    {
        var diagnostics = new List<Diagnostic>();
        var presets = ImmutableSortedDictionary.CreateBuilder<string, PolicyPreset>(StringComparer.Ordinal);
        try
        {
            var path = Path.Combine(folder, SettingsFile.Name);
            if (!File.Exists(path))
            {
                return new(null, [Problems.PoliciesFolderMissing.At(new Location(path))]);
            }

            var settings = SettingsFile.Parse(File.ReadAllBytes(path), $"policies/{SettingsFile.Name}", diagnostics);
            foreach (var file in Directory.EnumerateFiles(folder, "*.yaml").Order(StringComparer.Ordinal))
            {
                var preset = ReadPreset(File.ReadAllText(file), Path.GetFileNameWithoutExtension(file), $"policies/{Path.GetFileName(file)}", settings, diagnostics);
                if (preset is not null)
                {
                    presets[preset.Name] = preset;
                }
            }

            return new(new(settings, presets.ToImmutable()), diagnostics);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            diagnostics.Add(Problems.PoliciesFolderMissing.At(new Location(folder), error.Message));
            return new(null, diagnostics);
        }
    }

    /// <summary>
    /// The settings of the presets a project names, each once, in the order of the presets. Two presets may give a setting the same value, not different ones.
    /// </summary>
    /// <param name="presets">Names of presets.</param>
    public Outcome<IReadOnlyList<PolicyValue>> Select(IEnumerable<string> presets)
    {
        var diagnostics = new List<Diagnostic>();
        var chosen = new List<PolicyValue>();
        var by = new Dictionary<string, (PolicyValue Value, string Preset)>(StringComparer.Ordinal);
        foreach (var name in presets.Distinct(StringComparer.Ordinal))
        {
            if (!Presets.TryGetValue(name, out var preset))
            {
                diagnostics.Add(Problems.PolicyPresetUnknown.At(new Location(ProjectReader.FileName, Subject: name),
                    $"There is no preset '{name}'. {(Nearest.To(name, Presets.Keys) is { } near ? $"Did you mean '{near}'?" : $"Known are: {string.Join(", ", Presets.Keys)}.")}"));
                continue;
            }

            foreach (var value in preset.Values)
            {
                if (by.TryAdd(value.Setting.Id, (value, name)))
                {
                    chosen.Add(value);
                }
                else if (by[value.Setting.Id] is var other && other.Value.Value != value.Value)
                {
                    diagnostics.Add(Problems.PolicyPresetsDisagree.At(Location.Of(value.Setting.Id),
                        $"'{other.Preset}' sets {value.Setting.Id} to {other.Value.Value}, and '{name}' sets it to {value.Value}."));
                }
            }
        }

        return new(chosen, diagnostics);
    }

    private static PolicyPreset? ReadPreset(string text, string name, string file, ImmutableSortedDictionary<string, PolicySetting> settings, List<Diagnostic> diagnostics)
    {
        var yaml = new YamlFile(file, Problems.PolicyPresetInvalid, Problems.PolicyPresetInvalid);
        PolicyPreset? preset = null;
        if (yaml.Parse(text) is { } root)
        {
            var values = root.Map("settings");
            preset = new(name, root.RequiredText("title"), root.Text("description") ?? "", values is null ? [] : [.. ReadValues(values, settings)]);
            root.Close();
        }

        diagnostics.AddRange(yaml.Diagnostics);
        return yaml.Diagnostics.Count == 0 ? preset : null;
    }

    private static List<PolicyValue> ReadValues(YamlMap map, ImmutableSortedDictionary<string, PolicySetting> settings)
    {
        var values = new List<PolicyValue>();
        foreach (var setting in map.Keys.Select(settings.GetValueOrDefault).OfType<PolicySetting>())
        {
            if (!setting.Allowed.IsSettable)
            {
                map.Report(setting.Id, $"'{setting.Id}' is not set by presets: {setting.Description}");
            }
            else if (map.Text(setting.Id) is { } value && setting.Allowed.Allow(value))
            {
                values.Add(new(setting, value));
            }
            else
            {
                map.Report(setting.Id, $"'{setting.Id}' may be {setting.Allowed.InWords}.");
            }
        }

        // Asking for every setting makes each of them a key that exists, so that what is left is unknown.
        foreach (var id in settings.Keys)
        {
            map.Allow(id);
        }

        map.Close();
        return values;
    }
}
