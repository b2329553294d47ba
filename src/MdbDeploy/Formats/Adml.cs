using System.Collections.Immutable;
using System.Xml.Linq;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Formats;

/// <summary>The texts of an <see cref="AdmxFile"/> in one language; it has the same base name and stands in a folder named after the language (en-US).</summary>
public sealed record AdmlFile
{
    /// <summary>Title of the file.</summary>
    public required string DisplayName { get; init; }

    /// <summary>Description of the file.</summary>
    public required string Description { get; init; }

    /// <summary>Version, at least the one that the template asks for.</summary>
    public string Revision { get; init; } = "1.0";

    /// <summary>Texts by identifier, in the order of the file.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Strings { get; init; } = [];

    /// <summary>What the editor shows for policies with elements.</summary>
    public ImmutableArray<AdmlPresentation> Presentations { get; init; } = [];
}

/// <summary>What the editor shows for a policy.</summary>
/// <param name="Id">Identifier.</param>
/// <param name="Controls">From top to bottom.</param>
public sealed record AdmlPresentation(string Id, ImmutableArray<AdmlControl> Controls);

/// <summary>One line of it.</summary>
public sealed record AdmlControl
{
    /// <summary><c>text</c>, <c>checkBox</c>, <c>decimalTextBox</c>, <c>longDecimalTextBox</c>, <c>textBox</c>, <c>multiTextBox</c>, <c>dropdownList</c>, <c>comboBox</c> or <c>listBox</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The element that it fills in; null for a text.</summary>
    public string? RefId { get; init; }

    /// <summary>Its label, or the text.</summary>
    public string Label { get; init; } = "";

    /// <summary>What it shows first (number, text, <c>true</c>, place of an item); null for nothing.</summary>
    public string? Default { get; init; }

    /// <summary>What a comboBox suggests.</summary>
    public ImmutableArray<string> Suggestions { get; init; } = [];

    /// <summary>All other attributes: <c>spin</c>, <c>spinStep</c>, <c>noSort</c>, <c>showAsDialog</c>, <c>defaultHeight</c>.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Options { get; init; } = [];
}

/// <summary>Reads and writes <see cref="AdmlFile"/>s, as <see cref="Admx"/> does with templates.</summary>
public static class Adml
{
    // Where the value shown first stands: an attribute of the control, or an element within it.
    private static readonly ImmutableDictionary<string, (string Name, bool IsElement)> Defaults = ImmutableDictionary.CreateRange(StringComparer.Ordinal,
    [
        KeyValuePair.Create("checkBox", ("defaultChecked", false)), KeyValuePair.Create("decimalTextBox", ("defaultValue", false)), KeyValuePair.Create("longDecimalTextBox", ("defaultValue", false)),
        KeyValuePair.Create("dropdownList", ("defaultItem", false)), KeyValuePair.Create("textBox", ("defaultValue", true)), KeyValuePair.Create("comboBox", ("default", true)),
    ]);

    private static readonly ImmutableArray<string> Kinds =
        ["text", "checkBox", "decimalTextBox", "longDecimalTextBox", "textBox", "multiTextBox", "dropdownList", "comboBox", "listBox"];

    /// <summary>The bytes of a file. Characters that XML cannot hold become U+FFFD.</summary>
    /// <exception cref="ArgumentException">A control is of a kind that the format does not know.</exception>
    public static byte[] Write(AdmlFile file)
    {
        var resources = new XElement(Admx.Schema + "resources");
        if (!file.Strings.IsEmpty)
        {
            resources.Add(new XElement(Admx.Schema + "stringTable", file.Strings.Select(s => Text("string", s.Value, new XAttribute("id", s.Key)))));
        }

        if (!file.Presentations.IsEmpty)
        {
            resources.Add(new XElement(Admx.Schema + "presentationTable",
                file.Presentations.Select(p => new XElement(Admx.Schema + "presentation", new XAttribute("id", p.Id), p.Controls.Select(Control)))));
        }

        return XmlContent.Write(new XElement(Admx.Schema + "policyDefinitionResources", new XAttribute("revision", file.Revision), new XAttribute("schemaVersion", "1.0"),
            Text("displayName", file.DisplayName), Text("description", file.Description), resources), "  ");
    }

    /// <summary>Reads a file. Everything that is missing is reported.</summary>
    /// <param name="content">The bytes.</param>
    /// <param name="file">The file, as messages name it.</param>
    public static Outcome<AdmlFile> Read(ReadOnlyMemory<byte> content, string file)
    {
        var document = XmlContent.Read(content, file, Problems.TemplateUnreadable);
        if (document.Value?.Root is not { } root)
        {
            return new(null, document.Diagnostics);
        }

        if (root.Name.LocalName != "policyDefinitionResources")
        {
            return new(null, [Problems.TemplateUnreadable.At(XmlContent.Where(root, file), $"Its root is '{root.Name.LocalName}', not 'policyDefinitionResources'.")]);
        }

        var diagnostics = new List<Diagnostic>();
        var resources = Children(root, "resources").FirstOrDefault();
        return new(new AdmlFile
        {
            DisplayName = Children(root, "displayName").FirstOrDefault()?.Value ?? "",
            Description = Children(root, "description").FirstOrDefault()?.Value ?? "",
            Revision = Required(root, "revision"),
            Strings = [.. Children(resources, "stringTable").SelectMany(t => Children(t, "string")).Select(s => KeyValuePair.Create(Required(s, "id"), s.Value))],
            Presentations = [.. Children(resources, "presentationTable").SelectMany(t => Children(t, "presentation"))
                .Select(p => new AdmlPresentation(Required(p, "id"), [.. p.Elements().Select(ReadControl).OfType<AdmlControl>()]))],
        }, diagnostics);

        AdmlControl? ReadControl(XElement control)
        {
            var kind = control.Name.LocalName;
            if (!Kinds.Contains(kind))
            {
                diagnostics.Add(Problems.TemplateUnreadable.At(XmlContent.Where(control, file), $"'{kind}' is no control of a presentation."));
                return null;
            }

            var standard = Defaults.GetValueOrDefault(kind);
            return new AdmlControl
            {
                Kind = kind,
                RefId = kind == "text" ? null : Required(control, "refId"),
                Label = kind is "textBox" or "comboBox" ? Children(control, "label").FirstOrDefault()?.Value ?? "" : control.Value,
                Default = standard.Name is null ? null : standard.IsElement ? Children(control, standard.Name).FirstOrDefault()?.Value : control.Attribute(standard.Name)?.Value,
                Suggestions = [.. Children(control, "suggestion").Select(s => s.Value)],
                Options = [.. control.Attributes().Where(a => a.Name.NamespaceName.Length == 0 && a.Name.LocalName != "refId" && a.Name.LocalName != standard.Name).Select(a => KeyValuePair.Create(a.Name.LocalName, a.Value))],
            };
        }

        string Required(XElement element, string attribute)
        {
            if (element.Attribute(attribute) is { } found)
            {
                return found.Value;
            }

            diagnostics.Add(Problems.TemplateUnreadable.At(XmlContent.Where(element, file), $"'{element.Name.LocalName}' lacks the attribute '{attribute}'."));
            return "";
        }
    }

    private static XElement Control(AdmlControl control)
    {
        if (!Kinds.Contains(control.Kind))
        {
            throw new ArgumentException($"'{control.Kind}' is no control of a presentation.", nameof(control));
        }

        var element = new XElement(Admx.Schema + control.Kind, control.RefId is { } id ? new XAttribute("refId", id) : null);
        var standard = Defaults.GetValueOrDefault(control.Kind);
        if (control.Default is { } first && standard is { Name: not null, IsElement: false })
        {
            element.Add(new XAttribute(standard.Name, XmlContent.Clean(first)));
        }

        element.Add(control.Options.Select(o => new XAttribute(o.Key, XmlContent.Clean(o.Value))));
        if (control.Kind is "textBox" or "comboBox")
        {
            element.Add(Text("label", control.Label), control.Default is { } text ? Text(control.Kind == "comboBox" ? "default" : "defaultValue", text) : null, control.Suggestions.Select(s => Text("suggestion", s)));
        }
        else
        {
            element.Add(XmlContent.Clean(control.Label));
        }

        return element;
    }

    private static XElement Text(string name, string text, params ReadOnlySpan<XAttribute> attributes) => new(Admx.Schema + name, attributes.ToArray(), XmlContent.Clean(text));

    private static IEnumerable<XElement> Children(XElement? parent, string name) => parent?.Elements().Where(e => e.Name.LocalName == name) ?? [];
}
