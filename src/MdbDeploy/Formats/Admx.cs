using System.Globalization;
using System.Xml.Linq;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Formats;

/// <summary>
/// Reads and writes <see cref="AdmxFile"/>s. Written: UTF-8 without byte order mark, CR LF, in the order of elements that the schema asks for. Read: also the
/// files of Windows itself, which know other name spaces, none, and attributes that the schema lacks.
/// </summary>
public static class Admx
{
    /// <summary>The schema's name space.</summary>
    internal static readonly XNamespace Schema = "http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions";

    /// <summary>The bytes of a file.</summary>
    public static byte[] Write(AdmxFile file)
    {
        var root = new XElement(Schema + "policyDefinitions", new XAttribute("revision", file.Revision), new XAttribute("schemaVersion", "1.0"),
            new XElement(Schema + "policyNamespaces", Space("target", file.Prefix, file.Namespace), file.Using.Select(other => Space("using", other.Prefix, other.Namespace))),
            new XElement(Schema + "resources", new XAttribute("minRequiredRevision", file.MinRequiredRevision)));
        if (!file.SupportedOn.IsEmpty)
        {
            root.Add(new XElement(Schema + "supportedOn", new XElement(Schema + "definitions",
                file.SupportedOn.Select(s => new XElement(Schema + "definition", new XAttribute("name", s.Name), new XAttribute("displayName", s.DisplayName))))));
        }

        if (!file.Categories.IsEmpty)
        {
            root.Add(new XElement(Schema + "categories", file.Categories.Select(c => new XElement(Schema + "category",
                new XAttribute("name", c.Name), new XAttribute("displayName", c.DisplayName), Optional("explainText", c.ExplainText), Reference("parentCategory", c.Parent)))));
        }

        if (!file.Policies.IsEmpty)
        {
            root.Add(new XElement(Schema + "policies", file.Policies.Select(Policy)));
        }

        return XmlContent.Write(root, "  ");
    }

    /// <summary>Reads a file. Everything that is missing or of the wrong type is reported.</summary>
    /// <param name="content">The bytes.</param>
    /// <param name="file">The file, as messages name it.</param>
    public static Outcome<AdmxFile> Read(ReadOnlyMemory<byte> content, string file)
    {
        var document = XmlContent.Read(content, file, Problems.TemplateUnreadable);
        if (document.Value?.Root is not { } root)
        {
            return new(null, document.Diagnostics);
        }

        var reader = new Reader(file);
        return reader.ReadRoot(root);
    }

    private static XElement Space(string name, string prefix, string space) => new(Schema + name, new XAttribute("prefix", prefix), new XAttribute("namespace", space));

    private static XElement Policy(AdmxPolicy policy) => new(Schema + "policy", new XAttribute("name", policy.Name), new XAttribute("class", policy.Class),
        new XAttribute("displayName", policy.DisplayName), Optional("explainText", policy.ExplainText), Optional("presentation", policy.Presentation),
        new XAttribute("key", policy.Key), Optional("valueName", policy.ValueName), Reference("parentCategory", policy.Category), Reference("supportedOn", policy.SupportedOn),
        Value("enabledValue", policy.EnabledValue), Value("disabledValue", policy.DisabledValue), List("enabledList", policy.EnabledList), List("disabledList", policy.DisabledList),
        policy.Elements.IsEmpty ? null : new XElement(Schema + "elements", policy.Elements.Select(Element)));

    private static XElement Element(AdmxElement element)
    {
        var value = element as AdmxValueElement;
        var common = new object?[] { new XAttribute("id", element.Id), Optional("key", element.Key), value is null ? null : new XAttribute("valueName", value.ValueName), Flag("required", value?.IsRequired == true) };
        return element switch
        {
            AdmxBoolean tick => new(Schema + "boolean", common, Value("trueValue", tick.TrueValue), Value("falseValue", tick.FalseValue), List("trueList", tick.TrueList), List("falseList", tick.FalseList)),
            AdmxDecimal number => new(Schema + (number.IsLong ? "longDecimal" : "decimal"), common, Number("minValue", number.MinValue, 0), Number("maxValue", number.MaxValue, 9999),
                Flag("storeAsText", number.IsText), Flag("soft", number.IsSoft)),
            AdmxText text => new(Schema + "text", common, Number("maxLength", text.MaxLength, 1023), Flag("expandable", text.IsExpandable), Flag("soft", text.IsSoft)),
            AdmxMultiText lines => new(Schema + "multiText", common, Number("maxLength", lines.MaxLength, 1023), Number("maxStrings", lines.MaxStrings, 0), Flag("soft", lines.IsSoft)),
            AdmxChoice choice => new(Schema + "enum", common, choice.Items.Select(item =>
                new XElement(Schema + "item", new XAttribute("displayName", item.DisplayName), Value("value", item.Value), List("valueList", item.ValueList)))),
            AdmxList list => new XElement(Schema + "list", common, Optional("valuePrefix", list.ValuePrefix), Flag("additive", list.IsAdditive), Flag("expandable", list.IsExpandable), Flag("explicitValue", list.HasNames)),
            _ => throw new ArgumentOutOfRangeException(nameof(element), element, "An element of another kind."),
        };
    }

    private static XElement? Value(string name, AdmxValue? value) => value is null ? null : new XElement(Schema + name, value switch
    {
        { Number: { } number } => new XElement(Schema + (value.IsLong ? "longDecimal" : "decimal"), new XAttribute("value", number.ToString(CultureInfo.InvariantCulture))),
        { Text: { } text } => new XElement(Schema + "string", XmlContent.Clean(text)),
        _ => new XElement(Schema + "delete"),
    });

    private static XElement? List(string name, AdmxValueList? list) => list is null ? null : new XElement(Schema + name, Optional("defaultKey", list.DefaultKey),
        list.Items.Select(item => new XElement(Schema + "item", Optional("key", item.Key), new XAttribute("valueName", item.ValueName), Value("value", item.Value))));

    private static XElement? Reference(string name, string? target) => target is null ? null : new XElement(Schema + name, new XAttribute("ref", target));

    private static XAttribute? Optional(string name, string? value) => value is null ? null : new XAttribute(name, XmlContent.Clean(value));

    private static XAttribute? Flag(string name, bool value) => value ? new XAttribute(name, "true") : null;

    private static XAttribute? Number(string name, ulong value, ulong standard) => value == standard ? null : new XAttribute(name, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>Reads elements by their local names, since files disagree on the name space.</summary>
    private sealed class Reader(string file)
    {
        private readonly List<Diagnostic> diagnostics = [];

        public Outcome<AdmxFile> ReadRoot(XElement root)
        {
            if (root.Name.LocalName != "policyDefinitions")
            {
                return new(null, [Problems.TemplateUnreadable.At(XmlContent.Where(root, file), $"Its root is '{root.Name.LocalName}', not 'policyDefinitions'.")]);
            }

            var target = Child(Child(root, "policyNamespaces"), "target");
            if (target is null)
            {
                Report(root, "It has no policyNamespaces with a target.");
            }

            return new(new AdmxFile
            {
                Prefix = target is null ? "" : Required(target, "prefix"),
                Namespace = target is null ? "" : Required(target, "namespace"),
                Using = [.. Children(Child(root, "policyNamespaces"), "using").Select(other => new AdmxNamespace(Required(other, "prefix"), Required(other, "namespace")))],
                Revision = Required(root, "revision"),
                MinRequiredRevision = Child(root, "resources") is { } resources ? Required(resources, "minRequiredRevision") : Report(root, "It has no resources."),
                SupportedOn = [.. Children(Child(Child(root, "supportedOn"), "definitions"), "definition").Select(s => new AdmxSupport(Required(s, "name"), Required(s, "displayName")))],
                Categories = [.. Children(Child(root, "categories"), "category").Select(c =>
                    new AdmxCategory(Required(c, "name"), Required(c, "displayName"), Target(c, "parentCategory"), Text(c, "explainText")))],
                Policies = [.. Children(Child(root, "policies"), "policy").Select(ReadPolicy)],
            }, diagnostics);
        }

        private AdmxPolicy ReadPolicy(XElement policy) => new()
        {
            Name = Required(policy, "name"),
            Class = Required(policy, "class") is var side && side is "Machine" or "User" or "Both" ? side : Report(policy, $"The class '{side}' is not Machine, User or Both."),
            DisplayName = Required(policy, "displayName"),
            ExplainText = Text(policy, "explainText"),
            Presentation = Text(policy, "presentation"),
            Key = Required(policy, "key"),
            ValueName = Text(policy, "valueName"),
            Category = Target(policy, "parentCategory"),
            SupportedOn = Target(policy, "supportedOn"),
            EnabledValue = OptionalValue(policy, "enabledValue"),
            DisabledValue = OptionalValue(policy, "disabledValue"),
            EnabledList = OptionalList(policy, "enabledList"),
            DisabledList = OptionalList(policy, "disabledList"),
            Elements = [.. Child(policy, "elements")?.Elements().Select(ReadElement).OfType<AdmxElement>() ?? []],
        };

        private AdmxElement? ReadElement(XElement element)
        {
            var (id, key, name, required) = (Required(element, "id"), Text(element, "key"), Text(element, "valueName") ?? "", IsSet(element, "required"));
            return element.Name.LocalName switch
            {
                "boolean" => new AdmxBoolean
                {
                    Id = id,
                    Key = key,
                    ValueName = name,
                    IsRequired = required,
                    TrueValue = OptionalValue(element, "trueValue"),
                    FalseValue = OptionalValue(element, "falseValue"),
                    TrueList = OptionalList(element, "trueList"),
                    FalseList = OptionalList(element, "falseList"),
                },
                "decimal" or "longDecimal" => new AdmxDecimal
                {
                    Id = id,
                    Key = key,
                    ValueName = name,
                    IsRequired = required,
                    IsLong = element.Name.LocalName == "longDecimal",
                    MinValue = Number(element, "minValue", 0, ulong.MaxValue),
                    MaxValue = Number(element, "maxValue", 9999, ulong.MaxValue),
                    IsText = IsSet(element, "storeAsText"),
                    IsSoft = IsSet(element, "soft"),
                },
                "text" => new AdmxText
                {
                    Id = id,
                    Key = key,
                    ValueName = name,
                    IsRequired = required,
                    MaxLength = (uint)Number(element, "maxLength", 1023, uint.MaxValue),
                    IsExpandable = IsSet(element, "expandable"),
                    IsSoft = IsSet(element, "soft"),
                },
                "multiText" => new AdmxMultiText
                {
                    Id = id,
                    Key = key,
                    ValueName = name,
                    IsRequired = required,
                    MaxLength = (uint)Number(element, "maxLength", 1023, uint.MaxValue),
                    MaxStrings = (uint)Number(element, "maxStrings", 0, uint.MaxValue),
                    IsSoft = IsSet(element, "soft"),
                },
                "enum" => new AdmxChoice
                {
                    Id = id,
                    Key = key,
                    ValueName = name,
                    IsRequired = required,
                    Items = [.. Children(element, "item").Select(item => new AdmxChoiceItem(Required(item, "displayName"), RequiredValue(item), OptionalList(item, "valueList")))],
                },
                "list" => new AdmxList
                {
                    Id = id,
                    Key = key,
                    ValuePrefix = Text(element, "valuePrefix"),
                    IsAdditive = IsSet(element, "additive"),
                    IsExpandable = IsSet(element, "expandable"),
                    HasNames = IsSet(element, "explicitValue"),
                },
                var other => Unknown(other),
            };

            AdmxElement? Unknown(string other)
            {
                Report(element, $"'{other}' is no element of a policy.");
                return null;
            }
        }

        private AdmxValue? OptionalValue(XElement parent, string name) => Child(parent, name) is { } value ? ReadValue(value) : null;

        private AdmxValue RequiredValue(XElement parent)
        {
            if (OptionalValue(parent, "value") is { } value)
            {
                return value;
            }

            Report(parent, $"'{parent.Name.LocalName}' has no value.");
            return AdmxValue.Delete;
        }

        private AdmxValue ReadValue(XElement value)
        {
            switch (value.Elements().FirstOrDefault())
            {
                case { Name.LocalName: "decimal" } number:
                    return AdmxValue.Of((uint)Number(number, "value", null, uint.MaxValue));
                case { Name.LocalName: "longDecimal" } number:
                    return AdmxValue.OfLong(Number(number, "value", null, ulong.MaxValue));
                case { Name.LocalName: "string" } text:
                    return AdmxValue.Of(text.Value);
                case { Name.LocalName: "delete" }:
                    return AdmxValue.Delete;
                default:
                    Report(value, $"'{value.Name.LocalName}' holds neither decimal, longDecimal, string nor delete.");
                    return AdmxValue.Delete;
            }
        }

        private AdmxValueList? OptionalList(XElement parent, string name) => Child(parent, name) is { } list
            ? new AdmxValueList([.. Children(list, "item").Select(item => new AdmxValueItem(Required(item, "valueName"), RequiredValue(item), Text(item, "key")))], Text(list, "defaultKey"))
            : null;

        private string Required(XElement element, string attribute) => Text(element, attribute) ?? Report(element, $"'{element.Name.LocalName}' lacks the attribute '{attribute}'.");

        private string? Target(XElement element, string name) => Child(element, name) is { } reference ? Required(reference, "ref") : null;

        private bool IsSet(XElement element, string attribute) => Text(element, attribute)?.Trim() switch
        {
            null or "false" or "0" => false,
            "true" or "1" => true,
            var other => Report(element, $"'{attribute}' is '{other}', neither true nor false.").Length > 0,
        };

        private ulong Number(XElement element, string attribute, ulong? standard, ulong most)
        {
            if (Text(element, attribute) is not { } text)
            {
                if (standard is null)
                {
                    Required(element, attribute);
                }

                return standard ?? 0;
            }

            if (ulong.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most)
            {
                return number;
            }

            Report(element, $"'{attribute}' is '{text}', not a whole number up to {most.ToString(CultureInfo.InvariantCulture)}.");
            return 0;
        }

        private string Report(XElement where, string message)
        {
            diagnostics.Add(Problems.TemplateUnreadable.At(XmlContent.Where(where, file), message));
            return "";
        }

        private static string? Text(XElement element, string attribute) => element.Attribute(attribute)?.Value;

        private static XElement? Child(XElement? parent, string name) => Children(parent, name).FirstOrDefault();

        private static IEnumerable<XElement> Children(XElement? parent, string name) => parent?.Elements().Where(e => e.Name.LocalName == name) ?? [];
    }
}
