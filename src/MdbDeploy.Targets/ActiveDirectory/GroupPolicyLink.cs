using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace MdbDeploy.Targets.ActiveDirectory;

/// <summary>A link in the attribute <c>gPLink</c> of a domain, site or organisational unit (MS-GPOL 2.2.2).</summary>
/// <param name="Gpo">Identifier of the Group Policy Object: braces, upper case.</param>
/// <param name="Options">0 as usual, 1 switched off, 2 enforced, 3 both.</param>
/// <param name="Text">The link as it stands in the attribute.</param>
internal sealed partial record GroupPolicyLink(string Gpo, int Options, string Text)
{
    /// <summary>Reads an attribute; what is no link is left out.</summary>
    public static ImmutableArray<GroupPolicyLink> Parse(string? attribute) =>
        [.. Pattern.Matches(attribute ?? "").Select(m => new GroupPolicyLink(m.Groups["gpo"].Value.ToUpperInvariant(), int.Parse(m.Groups["options"].Value, CultureInfo.InvariantCulture), m.Value))];

    /// <summary>The attribute with links added and taken away; all others keep their text and order. A new link comes first, which is the lowest precedence, as New-GPLink does it.</summary>
    /// <param name="attribute">The attribute as it is.</param>
    /// <param name="add">Distinguished names of the objects to link.</param>
    /// <param name="remove">Identifiers of the objects to take away.</param>
    public static string Change(string? attribute, IEnumerable<string> add, IReadOnlySet<string> remove)
    {
        var text = attribute ?? "";
        foreach (var link in Parse(text).Where(link => remove.Contains(link.Gpo)))
        {
            text = text.Replace(link.Text, "", StringComparison.Ordinal);
        }

        return string.Concat(add.Select(name => $"[LDAP://{name};0]")) + text;
    }

    [GeneratedRegex(@"\[LDAP://CN=(?<gpo>\{[0-9A-F-]{36}\}),[^\];]*;(?<options>\d{1,9})\]", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Pattern { get; }
}
