using System.Collections.Immutable;
using System.Globalization;
using MdbDeploy.Policies;
using Scriban.Runtime;

namespace MdbDeploy.Rendering;

/// <summary>
/// The Group Policy Objects that hold settings: one for each combination of presets, and for each stage of presets that are promoted ring by ring. Which value wins is
/// decided before, so that the order of links decides nothing. As templates see them: <c>settings_policies[]</c> with <c>name</c>, <c>slug</c>, <c>settings[]</c> and <c>rings[]</c>.
/// </summary>
internal static class SettingsPolicies
{
    // A display name has at most 255 characters, most of which stay for the organisation; a backup's path has 260 on Windows.
    private const int NameLength = 120;
    private const int SlugLength = 40;

    /// <summary>The policies of rings that have settings, in the order of rings. Gives each ring the member <c>settings_policy</c>: the slug of its policy, or null.</summary>
    public static ScriptArray Of(RenderInput input, ScriptArray rings)
    {
        var stages = Stages(input.Policies);
        var policies = new ScriptArray();
        foreach (var group in rings.Cast<ScriptObject>().Where(HasSettings).GroupBy(ring => stages[Math.Min((int)ring["index"]!, stages.Length - 1)]))
        {
            var name = Name(input.Project.Policies, stages.Distinct().Count() > 1 ? group.Key : null);
            var slug = Shortened(TemplateModel.Slug(name), SlugLength, name);
            policies.Add(new ScriptObject
            {
                ["name"] = Shortened(name, NameLength, name),
                ["slug"] = slug,
                ["settings"] = group.First()["settings"],
                ["rings"] = new ScriptArray(group),
            });
            foreach (var ring in group)
            {
                ring["settings_policy"] = slug;
            }
        }

        return policies;
    }

    private static bool HasSettings(ScriptObject ring)
    {
        ring["settings_policy"] = null;
        return ring["settings"] is ScriptArray { Count: > 0 };
    }

    /// <summary>For each position of a ring the first one with the same registry values: so that its name does not depend on which rings have devices.</summary>
    private static ImmutableArray<int> Stages(PolicySelection policies)
    {
        var values = Enumerable.Range(0, policies.Entries.Select(e => e.Stages.Length).DefaultIfEmpty(1).Max())
            .Select(position => RegistryChannel.Write(policies.InRing(position)).Value!.ToList()).ToList();
        return [.. values.Select(at => values.FindIndex(at.SequenceEqual))];
    }

    private static string Name(ImmutableArray<string> presets, int? stage) =>
        (presets.IsEmpty ? "policies" : string.Join(" + ", presets)) + (stage is { } position ? string.Create(CultureInfo.InvariantCulture, $" (stage {position + 1})") : "");

    // What is cut off, or no letter at all, is told apart by digits made of the whole.
    private static string Shortened(string text, int length, string whole) =>
        text.Length is > 0 && text.Length <= length ? text : $"{text[..Math.Min(text.Length, length - 9)].TrimEnd('-', ' ')}-{StableGuid.Of("settings-policy", whole).ToString("N")[..8]}".TrimStart('-');
}
