using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Xml.Linq;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Formats;

/// <summary>A setting of a Group Policy Object as a person would name it.</summary>
/// <param name="Name">What is set: <c>registry KEY!VALUE</c> with the side before it, or the path of a file of the template.</param>
/// <param name="Value">Its value: for registry policy the action of LGPO text, for XML the text without layout, for other files their SHA-256.</param>
public sealed record GroupPolicySetting(string Name, string Value);

/// <summary>
/// What the files of a Group Policy template set, so that two templates can be compared by meaning: another order of registry policy, another layout of XML and another
/// case of a path make no difference.
/// </summary>
public static class GroupPolicySettings
{
    /// <summary>The settings of files, ordered by name. A file that cannot be read stands for itself by its hash.</summary>
    /// <param name="files">The files by path below the template, with <c>/</c>; <c>GPT.INI</c> and <c>GPO.cmt</c> set nothing and are left out.</param>
    public static ImmutableArray<GroupPolicySetting> Of(IEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>> files) =>
        [.. files.Where(f => !IsAbout(f.Key)).SelectMany(f => Of(f.Key, f.Value.Span.ToArray())).OrderBy(s => s.Name, StringComparer.OrdinalIgnoreCase)];

    private static bool IsAbout(string path) => path.Equals("GPT.INI", StringComparison.OrdinalIgnoreCase) || path.Equals("GPO.cmt", StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<GroupPolicySetting> Of(string path, byte[] content)
    {
        if (path.EndsWith("/registry.pol", StringComparison.OrdinalIgnoreCase) && RegistryPol.Read(content, path).Succeeded(out var entries))
        {
            var side = path.Split('/')[0];
            return entries.Select(entry => new GroupPolicySetting($"{side} registry {entry.Key}!{entry.ValueName}", $"{entry.Type} {Convert.ToHexStringLower(entry.Data.Span)}"));
        }

        return path.EndsWith(".xml", StringComparison.OrdinalIgnoreCase) && Canonical(path, content) is { } xml
            ? [new GroupPolicySetting(path, xml)]
            : [new GroupPolicySetting(path, Convert.ToHexStringLower(SHA256.HashData(content)))];
    }

    private static string? Canonical(string path, byte[] content)
    {
        if (!XmlContent.Read(content, path, Problems.ScheduledTasksUnreadable).Succeeded(out var document))
        {
            return null;
        }

        foreach (var element in document.Descendants())
        {
            // When the console saved it is no setting.
            var attributes = element.Attributes().Where(a => a.Name.LocalName != "changed").OrderBy(a => a.Name.ToString(), StringComparer.Ordinal).Select(a => new XAttribute(a)).ToList();
            element.ReplaceAttributes(attributes);
        }

        document.Root!.DescendantNodes().OfType<XText>().Where(text => text.Parent!.HasElements && string.IsNullOrWhiteSpace(text.Value)).ToList().ForEach(text => text.Remove());
        return document.Root!.ToString(SaveOptions.DisableFormatting);
    }
}
