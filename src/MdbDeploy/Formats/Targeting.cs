using System.Collections.Immutable;
using System.Xml.Linq;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Formats;

/// <summary>A filter of item-level targeting (MS-GPPREF 2.2.1.1, "Common XML schema": the child elements of <c>Filters</c>).</summary>
public sealed record TargetingFilter
{
    /// <summary>Element, such as <c>FilterComputer</c>. Clients compare its case: a wrong one makes the item apply nowhere.</summary>
    public required string Element { get; init; }

    /// <summary>How it combines with those before it, from left to right: OR when true, AND otherwise.</summary>
    public bool IsOr { get; init; }

    /// <summary>Whether it holds when the condition does not.</summary>
    public bool IsNot { get; init; }

    /// <summary>All other attributes, in the order of the file.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Attributes { get; init; } = [];

    /// <summary>The filters within a <c>FilterCollection</c>.</summary>
    public ImmutableArray<TargetingFilter> Filters { get; init; } = [];

    /// <summary>Its name attribute, or empty.</summary>
    public string Name => this["name"];

    /// <summary>An attribute, or empty.</summary>
    /// <param name="attribute">Name of the attribute.</param>
    public string this[string attribute] => Attributes.FirstOrDefault(a => a.Key == attribute).Value ?? "";

    /// <summary>The computer's NetBIOS name; <c>?</c> and <c>*</c> match anything. The other type, DNS, compares addresses and not names.</summary>
    public static TargetingFilter Computer(string name) => new() { Element = "FilterComputer", Attributes = [new("type", "NETBIOS"), new("name", name)] };

    /// <summary>The computer's organisational unit or one above it.</summary>
    /// <param name="distinguishedName">The unit.</param>
    public static TargetingFilter ComputerUnit(string distinguishedName) =>
        new() { Element = "FilterOrgUnit", Attributes = [new("name", distinguishedName), new("userContext", "0"), new("directMember", "0")] };

    /// <summary>A security group that the computer is a member of.</summary>
    /// <param name="name"><c>DOMAIN\group</c>.</param>
    /// <param name="sid">Its security identifier, or empty: then the name decides.</param>
    public static TargetingFilter ComputerGroup(string name, string sid = "") => new()
    {
        Element = "FilterGroup",
        Attributes = [new("name", name), new("sid", sid), new("userContext", "0"), new("primaryGroup", "0"), new("localGroup", "0")],
    };

    /// <summary>A WMI query that finds something.</summary>
    public static TargetingFilter Wmi(WmiQuery query) =>
        new() { Element = "FilterWmi", Attributes = [new("query", query.Query), new("nameSpace", query.Namespace), new("property", ""), new("variableName", "")] };

    /// <summary>Applies the item once per computer, ever.</summary>
    /// <param name="id">What the computer remembers.</param>
    public static TargetingFilter Once(Guid id) => new() { Element = "FilterRunOnce", Attributes = [new("hidden", "1"), new("id", GpmcBackup.Braced(id))] };

    /// <summary>Filters in brackets.</summary>
    public static TargetingFilter Collection(params ReadOnlySpan<TargetingFilter> filters) => new() { Element = Targeting.CollectionElement, Filters = [.. filters] };
}

/// <summary>
/// Item-level targeting of Group Policy Preferences: which computers or users an item applies to. <see cref="Lint"/> finds what makes an item apply nowhere, or to others
/// than meant, while the client reports success.
/// </summary>
public static class Targeting
{
    /// <summary>Brackets around filters.</summary>
    internal const string CollectionElement = "FilterCollection";

    // Deeper ones come from nobody who means well.
    private const int Deepest = 50;

    private static readonly ImmutableArray<string> Known =
    [
        "FilterBattery", CollectionElement, "FilterComputer", "FilterCpu", "FilterDate", "FilterDisk", "FilterDomain", "FilterFile", "FilterGroup", "FilterIpRange",
        "FilterLanguage", "FilterLdap", "FilterMacRange", "FilterMsi", "FilterOrgUnit", "FilterOs", "FilterPcmcia", "FilterPortable", "FilterProcMode", "FilterRam",
        "FilterRegistry", "FilterRunOnce", "FilterSite", "FilterTerminal", "FilterTime", "FilterUser", "FilterVariable", "FilterWmi", "FilterDun",
    ];

    /// <summary>The filters of an item.</summary>
    /// <param name="item">An element that may hold <c>Filters</c>.</param>
    internal static ImmutableArray<TargetingFilter> Read(XElement item) => [.. item.Elements("Filters").Elements().Select(filter => Read(filter, Deepest))];

    /// <summary>The element <c>Filters</c>; null when there are none.</summary>
    internal static XElement? Write(IReadOnlyList<TargetingFilter> filters) => filters.Count == 0 ? null : new XElement("Filters", filters.Select(Write));

    /// <summary>What makes an item apply nowhere, or to others than meant.</summary>
    /// <param name="item">The item.</param>
    /// <param name="what">The item, as messages name it: <c>the task 'x'</c>.</param>
    /// <param name="side">The side whose policy holds it.</param>
    /// <param name="file">The file, as messages name it.</param>
    internal static IEnumerable<Diagnostic> Lint(XElement item, string what, GroupPolicySide side, string file)
    {
        foreach (var container in item.Elements().Where(e => e.Name.LocalName.Equals("Filters", StringComparison.OrdinalIgnoreCase)))
        {
            if (container.Name != "Filters")
            {
                yield return Problems.TargetingNameWrong.At(XmlContent.Where(container, file), $"'{container.Name.LocalName}' of {what} must be written 'Filters'.");
            }

            foreach (var filter in container.Descendants())
            {
                var element = filter.Name.LocalName;
                var known = Known.FirstOrDefault(f => f.Equals(element, StringComparison.OrdinalIgnoreCase));
                if (known is not null && filter.Name != known)
                {
                    yield return Problems.TargetingNameWrong.At(XmlContent.Where(filter, file), $"'{element}' of {what} must be written '{known}'.");
                }

                // The attribute's default is 1 on an organisational unit (MS-GPPREF), and Group Policy Management always writes it.
                var context = Text(filter, "userContext");
                if (side == GroupPolicySide.Machine && (context == "1" || (known is "FilterOrgUnit" or "FilterGroup" && context != "0")))
                {
                    yield return Problems.TargetingReadsUser.At(XmlContent.Where(filter, file), $"{element} '{Text(filter, "name")}' of {what} compares the user, since userContext is not 0.");
                }

                if (known == "FilterComputer" && Text(filter, "type") == "DNS")
                {
                    yield return Problems.TargetingFragile.At(XmlContent.Where(filter, file), $"FilterComputer '{Text(filter, "name")}' of {what} has type DNS.");
                }
            }
        }
    }

    private static TargetingFilter Read(XElement filter, int depth) => new()
    {
        Element = filter.Name.LocalName,
        IsOr = Text(filter, "bool").Equals("OR", StringComparison.OrdinalIgnoreCase),
        IsNot = Text(filter, "not") == "1",
        Attributes = [.. filter.Attributes().Where(a => a.Name.NamespaceName.Length == 0 && a.Name.LocalName is not ("bool" or "not")).Select(a => KeyValuePair.Create(a.Name.LocalName, a.Value))],
        Filters = depth == 0 ? [] : [.. filter.Elements().Select(inner => Read(inner, depth - 1))],
    };

    private static XElement Write(TargetingFilter filter) => new(filter.Element, new XAttribute("bool", filter.IsOr ? "OR" : "AND"), new XAttribute("not", filter.IsNot ? "1" : "0"),
        filter.Attributes.Select(a => new XAttribute(a.Key, XmlContent.Clean(a.Value))), filter.Filters.Select(Write));

    private static string Text(XElement element, string attribute) => element.Attribute(attribute)?.Value ?? "";
}
