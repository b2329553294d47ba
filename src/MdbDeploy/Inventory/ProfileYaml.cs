using System.Collections.Immutable;
using MdbDeploy.Diagnostics;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace MdbDeploy.Inventory;

/// <summary>Reads import profiles; everything wrong is reported with its line and column.</summary>
internal sealed class ProfileYaml(string file, ICollection<Diagnostic> problems)
{
    private bool failed;

    public static ImportProfile? Parse(string yaml, string file, ICollection<Diagnostic> problems)
    {
        var reader = new ProfileYaml(file, problems);
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(yaml));
        }
        catch (YamlException exception)
        {
            reader.Fail(exception.Start, $"The profile is not YAML: {exception.Message}");
            return null;
        }

        if (stream.Documents is not [{ RootNode: YamlMappingNode root }])
        {
            reader.Fail(Mark.Empty, "The profile is not one YAML mapping.");
            return null;
        }

        var profile = reader.Profile(root);
        return reader.failed ? null : profile;
    }

    /// <summary>Text to word, by field: the form of <c>values</c> in a profile and of the common values.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<KeyValuePair<string, string>>> Lists(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return ((YamlMappingNode)stream.Documents[0].RootNode).Children.ToDictionary(
            pair => ((YamlScalarNode)pair.Key).Value!,
            pair => (IReadOnlyList<KeyValuePair<string, string>>)(pair.Value is YamlMappingNode map
                ? [.. map.Children.Select(child => KeyValuePair.Create(((YamlScalarNode)child.Key).Value!, ((YamlScalarNode)child.Value).Value ?? ""))]
                : [.. ((YamlSequenceNode)pair.Value).Children.Select(child => KeyValuePair.Create(((YamlScalarNode)child).Value!, ""))]),
            StringComparer.Ordinal);
    }

    private ImportProfile Profile(YamlMappingNode root)
    {
        string? id = null, title = null;
        var fallback = false;
        ImmutableArray<ImmutableArray<string>> required = [];
        ImmutableArray<string> ignored = [];
        ImmutableArray<ProfileColumn> columns = [];
        var constants = ImmutableSortedDictionary<DeviceField, string>.Empty;
        foreach (var (key, value) in root.Children)
        {
            switch (Text(key))
            {
                case "id":
                    id = Text(value);
                    break;
                case "title":
                    title = Text(value);
                    break;
                case "source":
                    // Where the facts come from: for people only.
                    Text(value);
                    break;
                case "fallback":
                    fallback = Text(value) == "true";
                    break;
                case "required":
                    required = [.. Items(value).Select(Texts)];
                    break;
                case "ignored":
                    ignored = Texts(value);
                    break;
                case "columns":
                    columns = [.. Items(value).Select(Column).OfType<ProfileColumn>()];
                    break;
                case "constants":
                    constants = Constants(value);
                    break;
                default:
                    Fail(key.Start, $"'{key}' is not known here; a profile has id, title, source, required, columns, ignored, constants and fallback.");
                    break;
            }
        }

        if (string.IsNullOrEmpty(id) || string.IsNullOrEmpty(title))
        {
            Fail(root.Start, "A profile needs an id and a title.");
        }

        if (!columns.Any(column => column.Field is DeviceField.Name or DeviceField.Fqdn or DeviceField.DistinguishedName))
        {
            Fail(root.Start, "No column of the profile gives the device's name (name, fqdn or distinguished-name).");
        }

        return new ImportProfile
        {
            Id = id ?? "",
            Title = title ?? "",
            Required = required,
            Ignored = ignored,
            Columns = columns,
            Constants = constants,
            Fallback = fallback,
        };
    }

    private ProfileColumn? Column(YamlNode node)
    {
        if (node is not YamlMappingNode map)
        {
            Fail(node.Start, "A column is a mapping with field, from and, where needed, values.");
            return null;
        }

        DeviceField? field = null;
        ImmutableArray<string> from = [];
        YamlNode? values = null;
        foreach (var (key, value) in map.Children)
        {
            switch (Text(key))
            {
                case "field":
                    field = Field(value);
                    break;
                case "from":
                    from = Texts(value);
                    break;
                case "values":
                    values = value;
                    break;
                default:
                    Fail(key.Start, $"'{key}' is not known here; a column has field, from and values.");
                    break;
            }
        }

        if (field is not { } known || from.IsEmpty)
        {
            Fail(node.Start, "A column needs a field and at least one header in from.");
            return null;
        }

        return new ProfileColumn(known, from, values is null ? [] : Values(known, values));
    }

    private ImmutableArray<KeyValuePair<string, string>> Values(DeviceField field, YamlNode node)
    {
        var values = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        foreach (var (key, value) in Pairs(node))
        {
            values.Add(KeyValuePair.Create(Text(key), Word(field, value)));
        }

        return values.DrainToImmutable();
    }

    private ImmutableSortedDictionary<DeviceField, string> Constants(YamlNode node)
    {
        var constants = ImmutableSortedDictionary.CreateBuilder<DeviceField, string>();
        foreach (var (key, value) in Pairs(node))
        {
            if (Field(key) is { } field)
            {
                if (DeviceFields.HasWords(field))
                {
                    constants[field] = Word(field, value);
                }
                else
                {
                    Fail(key.Start, $"{DeviceFields.NameOf(field)} cannot be a constant.");
                }
            }
        }

        return constants.ToImmutable();
    }

    private DeviceField? Field(YamlNode node)
    {
        if (DeviceFields.TryParse(Text(node), out var field))
        {
            return field;
        }

        Fail(node.Start, $"'{node}' is no device field; they are {string.Join(", ", Enum.GetValues<DeviceField>().Select(DeviceFields.NameOf))}.");
        return null;
    }

    private string Word(DeviceField field, YamlNode node)
    {
        var word = Text(node);
        if (DeviceFields.HasWords(field) && !DeviceFields.TryCode(field, word, out _))
        {
            Fail(node.Start, $"'{word}' is no value of {DeviceFields.NameOf(field)}; they are {string.Join(", ", DeviceFields.WordsOf(field))}.");
            return "";
        }

        return word;
    }

    private IEnumerable<KeyValuePair<YamlNode, YamlNode>> Pairs(YamlNode node)
    {
        if (node is YamlMappingNode map)
        {
            return map.Children;
        }

        Fail(node.Start, "A mapping is expected here.");
        return [];
    }

    private IEnumerable<YamlNode> Items(YamlNode node)
    {
        if (node is YamlSequenceNode list)
        {
            return list.Children;
        }

        Fail(node.Start, "A list is expected here.");
        return [];
    }

    private ImmutableArray<string> Texts(YamlNode node) => [.. Items(node).Select(Text)];

    private string Text(YamlNode node)
    {
        if (node is YamlScalarNode { Value: { } value })
        {
            return value;
        }

        Fail(node.Start, "A text is expected here.");
        return "";
    }

    private void Fail(Mark where, string message)
    {
        failed = true;
        problems.Add(Problems.ImportProfileIsInvalid.At(new Location(file, (int)where.Line, (int)where.Column), message));
    }
}
