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
    /// <summary>Name of the folder with a project's own presets.</summary>
    public const string ProjectFolder = "policies";

    /// <summary>Reads <c>settings.csv</c> and every preset of a folder, and the presets of a project, which replace presets of the same name.</summary>
    /// <param name="folder">The policies folder of the tool.</param>
    /// <param name="project">Folder of a project; null when there is none.</param>
    public static Outcome<PolicyCatalog> Read(string folder, string? project = null)
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
            string[] folders = project is not null && Directory.Exists(Path.Combine(project, ProjectFolder)) ? [folder, Path.Combine(project, ProjectFolder)] : [folder];
            foreach (var file in folders.SelectMany(f => Directory.EnumerateFiles(f, "*.yaml").Order(StringComparer.Ordinal)))
            {
                if (PresetFile.Read(File.ReadAllText(file), Path.GetFileNameWithoutExtension(file), $"policies/{Path.GetFileName(file)}", settings, diagnostics) is { } preset)
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

    /// <summary>A preset of a file that stands anywhere.</summary>
    /// <param name="file">Path of the YAML file.</param>
    public Outcome<PolicyPreset> ReadPreset(string file)
    {
        var diagnostics = new List<Diagnostic>();
        try
        {
            return new(PresetFile.Read(File.ReadAllText(file), Path.GetFileNameWithoutExtension(file), file, Settings, diagnostics), diagnostics);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new(null, [Problems.PolicyFileUnreadable.At(new Location(file), error.Message)]);
        }
    }

    /// <summary>
    /// The settings of the presets a project names, each once, in the order of the presets. Two presets may give a setting the same value; different ones only
    /// when the later says that it overrides.
    /// </summary>
    /// <param name="presets">Names of presets.</param>
    public Outcome<PolicySelection> Select(IEnumerable<string> presets)
    {
        var diagnostics = new List<Diagnostic>();
        var chosen = new List<PresetEntry>();
        var by = new Dictionary<string, (int Index, string Preset)>(StringComparer.Ordinal);
        foreach (var name in presets.Distinct(StringComparer.Ordinal))
        {
            if (!Presets.TryGetValue(name, out var preset))
            {
                diagnostics.Add(Problems.PolicyPresetUnknown.At(new Location(ProjectReader.FileName, Subject: name),
                    $"There is no preset '{name}'. {(Nearest.To(name, Presets.Keys) is { } near ? $"Did you mean '{near}'?" : $"Known are: {string.Join(", ", Presets.Keys)}.")}"));
                continue;
            }

            foreach (var entry in preset.Entries)
            {
                if (by.TryAdd(entry.Setting.Id, (chosen.Count, name)))
                {
                    chosen.Add(entry);
                }
                else if (by[entry.Setting.Id] is var (index, other) && preset.Overrides)
                {
                    chosen[index] = entry;
                    by[entry.Setting.Id] = (index, name);
                }
                else if (!chosen[index].Stages.SequenceEqual(entry.Stages, StringComparer.Ordinal))
                {
                    diagnostics.Add(Problems.PolicyPresetsDisagree.At(entry.At with { Subject = entry.Setting.Id },
                        $"'{other}' sets {entry.Setting.Id} to {Words(chosen[index])}, and '{name}' sets it to {Words(entry)}."));
                }
            }
        }

        return new(new([.. chosen]), diagnostics);
    }

    private static string Words(PresetEntry entry) => string.Join(", ", entry.Stages.Select(entry.Setting.Allowed.Word));
}
