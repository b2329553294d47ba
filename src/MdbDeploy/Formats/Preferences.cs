using System.Xml.Linq;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Formats;

/// <summary>What all kinds of Group Policy Preferences share (MS-GPPREF 2.2.1.1): items with a class identifier, a name, properties and targeting.</summary>
public static class Preferences
{
    /// <summary>What clients would ignore, apply to others than meant, or give away, in a file of any kind. Tasks have more, see <see cref="ScheduledTasks.Lint"/>.</summary>
    /// <param name="content">The bytes.</param>
    /// <param name="side">The side whose policy holds the file.</param>
    /// <param name="file">The file, as messages name it.</param>
    public static IEnumerable<Diagnostic> Lint(ReadOnlyMemory<byte> content, GroupPolicySide side, string file)
    {
        var document = XmlContent.Read(content, file, Problems.RegistryPreferencesUnreadable);
        if (document.Value?.Root is not { } root)
        {
            return document.Diagnostics;
        }

        IEnumerable<Diagnostic> own = root.Name == "RegistrySettings" ? RegistryPreferences.Read(content, file).Diagnostics : [];
        var items = root.DescendantsAndSelf().Where(e => e.Attribute("clsid") is not null);
        return [.. own, .. Passwords(root, "An item", file), .. items.SelectMany(item => Targeting.Lint(item, $"the item '{item.Attribute("name")?.Value}'", side, file))];
    }

    /// <summary>Passwords, which anybody in the domain can read (MS14-025).</summary>
    /// <param name="element">Where to look.</param>
    /// <param name="what">The item, at the beginning of a sentence.</param>
    /// <param name="file">The file, as messages name it.</param>
    internal static IEnumerable<Diagnostic> Passwords(XElement element, string what, string file) =>
        element.DescendantsAndSelf().Attributes().Where(a => a.Name.LocalName.Equals("cpassword", StringComparison.OrdinalIgnoreCase) && a.Value.Length > 0)
            .Select(password => Problems.PasswordInPreferences.At(XmlContent.Where(password, file), $"{what} holds a password."));
}
