using System.Text;

namespace MdbDeploy.Policies;

/// <summary>Writes a preset as a person would: words for choices, lists below each other.</summary>
public static class PresetText
{
    /// <summary>The YAML, with LF line ends; <see cref="PolicyCatalog.ReadPreset"/> reads it back to the same values.</summary>
    /// <param name="title">Title of the preset.</param>
    /// <param name="description">Where it comes from.</param>
    /// <param name="values">The settings.</param>
    public static string Write(string title, string description, IEnumerable<PolicyValue> values)
    {
        var text = new StringBuilder();
        var settings = values.ToList();
        text.Append("title: ").Append(Quoted(title)).Append("\ndescription: ").Append(Quoted(description)).Append(settings.Count > 0 ? "\nsettings:\n" : "\nsettings: {}\n");
        foreach (var value in settings)
        {
            text.Append("  ").Append(value.Setting.Id).Append(':');
            if (value.Setting.Allowed.IsList)
            {
                text.Append('\n').AppendJoin("", value.Value.Split('|').Select(item => $"    - {Quoted(item)}\n"));
            }
            else
            {
                text.Append(' ').Append(value.Setting.Allowed.IsNumber ? value.Word : Quoted(value.Value)).Append('\n');
            }
        }

        return text.ToString();
    }

    // In single quotes only the quote itself is special; control characters, line ends among them, become blanks.
    private static string Quoted(string text) => $"'{new string([.. text.Select(c => char.IsControl(c) ? ' ' : c)]).Replace("'", "''", StringComparison.Ordinal)}'";
}
