using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using MdbDeploy.Diagnostics;
using YamlDotNet.RepresentationModel;

namespace MdbDeploy.Yaml;

/// <summary>A mapping of a YAML file. Every key asked for is known; <see cref="Close"/> reports the others.</summary>
internal sealed class YamlMap(YamlFile file, YamlMappingNode node, string what)
{
    private readonly HashSet<string> known = new(StringComparer.Ordinal);

    /// <summary>Line of the mapping, counted from 1.</summary>
    public int Line => (int)node.Start.Line;

    /// <summary>Where the value of a key stands; the mapping itself when it has none.</summary>
    public Location At(string key) => file.At(Node(key) ?? node);

    /// <summary>The line of each character of a text that stands on several lines; empty when it stands on one, or is none.</summary>
    public ImmutableArray<int> Lines(string key) => Node(key) is YamlScalarNode text ? file.Lines(text) : [];

    /// <summary>Reports a problem at the value of a key.</summary>
    public void Report(string key, string message, Problem? problem = null) => file.Report(Node(key) ?? node, message, problem);

    /// <summary>The keys, in file order.</summary>
    public IEnumerable<string> Keys => node.Children.Keys.OfType<YamlScalarNode>().Select(k => k.Value ?? "");

    /// <summary>Makes a key known without reading it.</summary>
    public void Allow(string key) => known.Add(key);

    /// <summary>A text; null when absent or no text.</summary>
    public string? Text(string key) => Node(key) switch
    {
        null => null,
        YamlScalarNode { Value: { } value } => value,
        var other => Wrong<string>(other, key, "a text"),
    };

    /// <summary>A text that must be there; empty when it is not, which is reported.</summary>
    public string RequiredText(string key)
    {
        if (Text(key) is { Length: > 0 } text)
        {
            return text;
        }

        file.Report(Node(key) ?? node, $"{Capital(what)} needs '{key}'.");
        return "";
    }

    /// <summary>A truth value; null when absent or none.</summary>
    public bool? Flag(string key) => Node(key) switch
    {
        null => null,
        YamlScalarNode { Value: "true" or "yes" or "on" } => true,
        YamlScalarNode { Value: "false" or "no" or "off" } => false,
        var other => Wrong<bool?>(other, key, "true or false"),
    };

    /// <summary>A whole number within bounds; null when absent or none.</summary>
    public int? Number(string key, int least, int most) => Node(key) switch
    {
        null => null,
        YamlScalarNode { Value: { } value } when int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most => number,
        var other => Wrong<int?>(other, key, string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}")),
    };

    /// <summary>A number within bounds, with or without decimals; null when absent or none.</summary>
    public double? Real(string key, double least, double most) => Node(key) switch
    {
        null => null,
        YamlScalarNode { Value: { } value } when double.TryParse(value, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most => number,
        var other => Wrong<double?>(other, key, string.Create(CultureInfo.InvariantCulture, $"a number from {least} to {most}")),
    };

    /// <summary>One of several names; null when absent or another.</summary>
    public T? Choice<T>(string key, IReadOnlyDictionary<string, T> choices)
        where T : struct => Node(key) switch
        {
            null => null,
            YamlScalarNode { Value: { } value } when choices.TryGetValue(value, out var choice) => choice,
            var other => Wrong<T?>(other, key, $"one of {string.Join(", ", choices.Keys.Order(StringComparer.Ordinal))}"),
        };

    /// <summary>A list of texts; a single text counts as a list of one. Empty when absent.</summary>
    public ImmutableArray<string> Texts(string key) => [.. LocatedTexts(key).Select(text => text.Text)];

    /// <summary>A list of texts with the place of each; a single text counts as a list of one. Empty when absent.</summary>
    public ImmutableArray<(string Text, Location At)> LocatedTexts(string key) => Node(key) switch
    {
        null => [],
        YamlScalarNode { Value: { } single } scalar => [(single, file.At(scalar))],
        YamlSequenceNode list when list.Children.All(c => c is YamlScalarNode { Value: not null }) => [.. list.Children.Select(c => (((YamlScalarNode)c).Value!, file.At(c)))],
        var other => Wrong<ImmutableArray<(string, Location)>?>(other, key, "a text or a list of texts") ?? [],
    };

    /// <summary>A list of texts that must hold at least one; a missing or empty one is reported.</summary>
    public ImmutableArray<(string Text, Location At)> RequiredTexts(string key)
    {
        if (Node(key) is null or YamlSequenceNode { Children.Count: 0 })
        {
            file.Report(Node(key) ?? node, $"{Capital(what)} needs '{key}'.");
            return [];
        }

        return LocatedTexts(key);
    }

    /// <summary>A mapping; null when absent or none.</summary>
    public YamlMap? Map(string key) => Node(key) switch
    {
        null => null,
        YamlMappingNode map => new YamlMap(file, map, $"'{key}'"),
        var other => Wrong<YamlMap>(other, key, "a mapping"),
    };

    /// <summary>A list of mappings; empty when absent.</summary>
    public IEnumerable<YamlMap> Maps(string key)
    {
        switch (Node(key))
        {
            case null:
                yield break;
            case YamlSequenceNode list:
                foreach (var item in list.Children)
                {
                    if (item is YamlMappingNode map)
                    {
                        yield return new YamlMap(file, map, $"an entry of '{key}'");
                    }
                    else
                    {
                        Wrong<string>(item, key, "a list of mappings");
                    }
                }

                break;
            case var other:
                Wrong<string>(other, key, "a list of mappings");
                break;
        }
    }

    /// <summary>Whatever stands at a key, as JSON: scalars as texts, numbers and truth values where they look like it.</summary>
    public JsonNode? Json(string key) => Node(key) is { } value ? ToJson(value) : null;

    /// <summary>Reports every key for which a condition holds, here and in everything below.</summary>
    public void ReportKeys(Func<string, bool> condition, Func<string, string> message, Problem problem) => ReportKeys(node, condition, message, problem);

    /// <summary>Reports every key that nobody asked for, with the nearest one that exists.</summary>
    /// <param name="except">Keys that were reported already; null when none were.</param>
    public void Close(Func<string, bool>? except = null)
    {
        foreach (var other in node.Children.Keys.Where(k => k is not YamlScalarNode))
        {
            file.Report(other, $"{Capital(what)} has a key that is no text.");
        }

        foreach (var key in node.Children.Keys.OfType<YamlScalarNode>().Where(k => !known.Contains(k.Value ?? "") && except?.Invoke(k.Value ?? "") != true))
        {
            var near = Nearest.To(key.Value ?? "", known);
            file.Report(key, $"{Capital(what)} has no key '{key.Value}'. {(near is null ? $"Known are: {string.Join(", ", known.Order(StringComparer.Ordinal))}." : $"Did you mean '{near}'?")}");
        }
    }

    private void ReportKeys(YamlNode at, Func<string, bool> condition, Func<string, string> message, Problem problem)
    {
        switch (at)
        {
            case YamlMappingNode map:
                foreach (var (key, value) in map.Children)
                {
                    if (key is YamlScalarNode { Value: { } name } && condition(name))
                    {
                        file.Report(key, message(name), problem);
                    }

                    ReportKeys(value, condition, message, problem);
                }

                break;
            case YamlSequenceNode list:
                foreach (var item in list.Children)
                {
                    ReportKeys(item, condition, message, problem);
                }

                break;
            default:
                break;
        }
    }

    private YamlNode? Node(string key)
    {
        known.Add(key);
        return node.Children.TryGetValue(new YamlScalarNode(key), out var value) && value is not YamlScalarNode { Value: null or "" or "~" or "null", Style: YamlDotNet.Core.ScalarStyle.Plain } ? value : null;
    }

    private T? Wrong<T>(YamlNode at, string key, string expected)
    {
        // A text where a mapping belongs may be anything, even a secret.
        var shown = at is YamlScalarNode { Value: { Length: <= 60 } value } && !expected.Contains("mapping", StringComparison.Ordinal);
        file.Report(at, $"'{key}' must be {expected}{(shown ? $", not '{((YamlScalarNode)at).Value}'" : "")}.");
        return default;
    }

    private static JsonNode? ToJson(YamlNode value) => value switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(p => KeyValuePair.Create(p.Key.ToString(), ToJson(p.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(ToJson)]),
        YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain, Value: "true" } => true,
        YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain, Value: "false" } => false,
        YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain, Value: { } text } when int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number.ToString(CultureInfo.InvariantCulture) == text => number, // not 007, which may be a site code
        YamlScalarNode { Value: { } text } => text,
        _ => null,
    };

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
