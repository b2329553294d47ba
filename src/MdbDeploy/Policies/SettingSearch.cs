using MdbDeploy.Yaml;

namespace MdbDeploy.Policies;

/// <summary>Finds a setting by what people know of it: its identifier, or its name in any channel.</summary>
public static class SettingSearch
{
    private const int Most = 5;

    /// <summary>
    /// The settings that a text names exactly: by identifier, name of the registry value, identifier of the rule, OMA-URI or its last part, or definition of the settings catalogue. Case does
    /// not matter. Several settings may share a name.
    /// </summary>
    /// <param name="text">What somebody looks for.</param>
    /// <param name="catalog">The catalogue.</param>
    public static IReadOnlyList<PolicySetting> Exactly(string text, PolicyCatalog catalog) =>
        catalog.Settings.TryGetValue(text, out var setting) ? [setting] : [.. catalog.Settings.Values.Where(s => Names(s).Contains(text.Trim(), StringComparer.OrdinalIgnoreCase))];

    /// <summary>Up to five settings that a text may mean, best first: a misspelt identifier, or a part of a name or title.</summary>
    /// <param name="text">What somebody looks for.</param>
    /// <param name="catalog">The catalogue.</param>
    public static IReadOnlyList<PolicySetting> Near(string text, PolicyCatalog catalog)
    {
        var misspelt = Nearest.AllTo(text, catalog.Settings.Keys).Select(id => catalog.Settings[id]);
        var named = text.Trim().Length < 3 ? [] : catalog.Settings.Values.Where(s => Names(s).Append(s.Title).Any(name => name.Contains(text.Trim(), StringComparison.OrdinalIgnoreCase)));
        return [.. misspelt.Concat(named).Distinct().Take(Most)];
    }

    private static IEnumerable<string> Names(PolicySetting setting)
    {
        yield return setting.Id;
        if (setting.Registry?.ValueName is { } value)
        {
            yield return value;
        }

        if (setting.Csp is { } node)
        {
            yield return node.Uri;
            yield return node.Uri[(node.Uri.LastIndexOf('/') + 1)..];
            if (node.Part is { } part)
            {
                yield return part;
            }
        }

        if (setting.Catalog is { } definition)
        {
            yield return definition.Id;
        }
    }
}
