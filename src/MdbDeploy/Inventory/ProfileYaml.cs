using System.Collections.Immutable;
using MdbDeploy.Diagnostics;
using MdbDeploy.Yaml;

namespace MdbDeploy.Inventory;

/// <summary>Reads import profiles; everything wrong is reported at once, with line and column.</summary>
internal static class ProfileYaml
{
    /// <summary>Reads a profile; null when something is wrong, which is added to the problems.</summary>
    public static ImportProfile? Parse(string yaml, string name, ICollection<Diagnostic> problems)
    {
        var file = new YamlFile(name, Problems.ImportProfileIsInvalid, Problems.ImportProfileIsInvalid);
        var profile = file.Parse(yaml) is { } root ? Profile(root) : null;
        foreach (var problem in file.Diagnostics)
        {
            problems.Add(problem);
        }

        return file.Diagnostics.Count == 0 ? profile : null;
    }

    private static ImportProfile Profile(YamlMap root)
    {
        // Where the facts come from is for people only, but belongs to every profile.
        root.RequiredText("source");
        var profile = new ImportProfile
        {
            Id = root.RequiredText("id"),
            Title = root.RequiredText("title"),
            Fallback = root.Flag("fallback") ?? false,
            RowsAtMost = root.Number("rowsAtMost", 1, int.MaxValue),
            Required = [.. root.Maps("required").Select(Group).ToList()],
            Ignored = root.Texts("ignored"),
            Columns = [.. root.Maps("columns").Select(Column).OfType<ProfileColumn>()],
            Constants = Constants(root.Map("constants")),
        };
        if (!profile.Columns.Any(column => DeviceFields.NamesDevice(column.Field)))
        {
            root.Report("columns", "No column gives the device's name: one must have the field name, fqdn or distinguished-name.");
        }

        root.Close();
        return profile;
    }

    private static ImmutableArray<string> Group(YamlMap map)
    {
        var group = map.Texts("any");
        map.Close();
        return group;
    }

    private static ProfileColumn? Column(YamlMap map)
    {
        var name = map.RequiredText("field");
        var from = map.Texts("from");
        var values = map.Map("values");
        map.Close();
        if (from.IsEmpty)
        {
            map.Report("from", "A column needs at least one header in 'from'.");
        }

        if (!DeviceFields.TryParse(name, out var field))
        {
            map.Report("field", $"'{name}' is no device field. Known are: {string.Join(", ", DeviceFields.Names)}.");
            return null;
        }

        return new ProfileColumn(field, from, values is null ? [] : [.. values.Keys.Select(text => KeyValuePair.Create(text, Word(field, values, text)))]);
    }

    private static ImmutableSortedDictionary<DeviceField, string> Constants(YamlMap? map)
    {
        var constants = ImmutableSortedDictionary.CreateBuilder<DeviceField, string>();
        foreach (var name in map?.Keys ?? [])
        {
            if (DeviceFields.TryParse(name, out var field) && DeviceFields.HasWords(field))
            {
                constants[field] = Word(field, map!, name);
            }
            else
            {
                var known = Enum.GetValues<DeviceField>().Where(DeviceFields.HasWords).Select(DeviceFields.NameOf);
                map!.Report(name, $"'{name}' cannot be a constant. Known are: {string.Join(", ", known)}.");
            }
        }

        return constants.ToImmutable();
    }

    private static string Word(DeviceField field, YamlMap map, string key)
    {
        var word = map.Text(key) ?? "";
        if (DeviceFields.HasWords(field) && !DeviceFields.TryCode(field, word, out _))
        {
            map.Report(key, $"'{word}' is no value of {DeviceFields.NameOf(field)}. Known are: {string.Join(", ", DeviceFields.WordsOf(field))}.");
            return "";
        }

        return word;
    }
}
