using System.Management.Automation;
using System.Reflection;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using MdbDeploy.Cmdlets;

namespace MdbDeploy.Tests.PowerShellModule;

/// <summary>
/// The help of the cmdlets, made of the comments on their classes and parameters, so that there is one text of each
/// (learn.microsoft.com/powershell/scripting/developer/help/writing-help-for-windows-powershell-cmdlets).
/// </summary>
internal static class CmdletHelp
{
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Commands = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    /// <summary>The help file.</summary>
    public static string Write()
    {
        var comments = XDocument.Load(Path.ChangeExtension(typeof(MdbCmdlet).Assembly.Location, ".xml")).Descendants("member").ToDictionary(m => m.Attribute("name")!.Value);
        var root = new XElement(
            XName.Get("helpItems", "http://msh"), new XAttribute("schema", "maml"),
            ModuleSession.Cmdlets.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => Command(c.Key, c.Value, comments)));
        var text = new StringBuilder();
        using (var writer = XmlWriter.Create(text, new XmlWriterSettings { Indent = true, NewLineChars = "\n", OmitXmlDeclaration = true }))
        {
            root.Save(writer);
        }

        return $"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n{text}\n";
    }

    private static XElement Command(string name, Type type, Dictionary<string, XElement> comments)
    {
        var comment = comments[$"T:{type.FullName}"];
        var told = Text(comment.Element("summary")!)[$"{name}: ".Length..];
        var description = new XElement(Maml + "description", new XElement(Maml + "para", char.ToUpperInvariant(told[0]) + told[1..]));
        XElement[] consent = type.GetCustomAttribute<CmdletAttribute>()!.SupportsShouldProcess
            ? [Switch("WhatIf", "Tells what would be done, and writes nothing."), Switch("Confirm", "Asks before anything is done.")]
            : [];
        var parameters = type.GetProperties()
            .Select(p => (Property: p, p.GetCustomAttribute<ParameterAttribute>()?.Position))
            .Where(p => p.Position is not null).OrderBy(p => p.Position < 0).ThenBy(p => p.Property.Name, StringComparer.Ordinal).Select(p => p.Property).ToList();
        return new XElement(
            Commands + "command",
            new XAttribute(XNamespace.Xmlns + "maml", Maml), new XAttribute(XNamespace.Xmlns + "command", Commands), new XAttribute(XNamespace.Xmlns + "dev", Dev),
            new XElement(
                Commands + "details",
                new XElement(Commands + "name", name), new XElement(Commands + "verb", name.Split('-')[0]), new XElement(Commands + "noun", name.Split('-')[1]),
                description),
            description,
            new XElement(Commands + "syntax", new XElement(Commands + "syntaxItem", new XElement(Maml + "name", name), parameters.Select(p => Parameter(p, null)), consent)),
            new XElement(Commands + "parameters", parameters.Select(p => Parameter(p, comments[$"P:{p.DeclaringType!.FullName}.{p.Name}"].Element("summary"))), consent),
            new XElement(Commands + "returnValues", type.GetCustomAttributes<OutputTypeAttribute>().SelectMany(o => o.Type).Select(given => new XElement(
                Commands + "returnValue", new XElement(Dev + "type", new XElement(Maml + "name", given.Name)), new XElement(Maml + "description", Paragraph(comments[$"T:{given.Type.FullName}"].Element("summary")!))))),
            new XElement(Commands + "examples", comment.Elements("example").Select((example, n) => new XElement(
                Commands + "example", new XElement(Maml + "title", $"Example {n + 1}"), new XElement(Dev + "code", example.Element("code")!.Value),
                new XElement(Dev + "remarks", Paragraph(example.Element("para")!))))));
    }

    private static XElement Parameter(PropertyInfo property, XElement? summary)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var position = property.GetCustomAttribute<ParameterAttribute>()!.Position;
        return Parameter(property.Name, summary, type.Name, position < 0 ? "named" : $"{position}");
    }

    private static XElement Switch(string name, string text) => Parameter(name, new XElement("summary", text), nameof(SwitchParameter), "named");

    private static XElement Parameter(string name, XElement? summary, string type, string position) => new(
        Commands + "parameter",
        new XAttribute("required", "false"), new XAttribute("globbing", "false"), new XAttribute("pipelineInput", "False"), new XAttribute("position", position),
        new XElement(Maml + "name", name),
        summary is null ? null : new XElement(Maml + "description", Paragraph(summary)),
        type == nameof(SwitchParameter) ? null : new XElement(Commands + "parameterValue", new XAttribute("required", "true"), type),
        new XElement(Dev + "type", new XElement(Maml + "name", type)));

    private static XElement Paragraph(XElement comment) => new(Maml + "para", Text(comment));

    private static string Text(XElement comment) => string.Join(' ', string.Concat(comment.DescendantNodes().Select(n => n switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" } see => see.Attribute("cref")!.Value.Split('.')[^1],
        _ => "",
    })).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
