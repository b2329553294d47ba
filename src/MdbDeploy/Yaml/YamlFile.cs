using System.Collections.Immutable;
using MdbDeploy.Diagnostics;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace MdbDeploy.Yaml;

/// <summary>A YAML file being read: hands out its root and collects what is wrong with it, all at once, with line and column.</summary>
/// <param name="file">The file, as messages name it.</param>
/// <param name="syntax">Problem to report for a file that is no YAML.</param>
/// <param name="content">Problem to report for a value that is missing, unknown or of the wrong type.</param>
internal sealed class YamlFile(string file, Problem syntax, Problem content)
{
    private readonly List<Diagnostic> diagnostics = [];
    private string[] rows = [];

    /// <summary>What is wrong so far.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics => diagnostics;

    /// <summary>Parses a text; null when it is no YAML or its root is no mapping.</summary>
    public YamlMap? Parse(string text)
    {
        var stream = new YamlStream();
        rows = text.Split('\n');
        try
        {
            if (YamlShape.Refuse(text) is var (message, mark))
            {
                diagnostics.Add(syntax.At(new Location(file, (int)mark.Line, (int)mark.Column), message));
                return null;
            }

            stream.Load(new StringReader(text));
        }
        catch (YamlException broken)
        {
            diagnostics.Add(syntax.At(new Location(file, (int)broken.Start.Line, (int)broken.Start.Column), $"This is not valid YAML: {broken.InnerException?.Message ?? broken.Message}"));
            return null;
        }

        if (stream.Documents.Count > 0 && stream.Documents[0].RootNode is YamlMappingNode root)
        {
            return new YamlMap(this, root, "the file");
        }

        diagnostics.Add(content.At(new Location(file, 1, 1), "The file holds no settings: it must be a mapping of keys to values."));
        return null;
    }

    /// <summary>Where a node stands.</summary>
    public Location At(YamlNode node) => new(file, (int)node.Start.Line, (int)node.Start.Column);

    /// <summary>The line of each character of a text that stands on several lines; empty when it stands on one.</summary>
    public ImmutableArray<int> Lines(YamlScalarNode text)
    {
        var (line, last) = ((int)text.Start.Line, (int)text.End.Line);
        if (line == last || text.Value is not { } value)
        {
            return [];
        }

        // Folding changes blanks only, so the other characters are counted.
        var left = text.Style is ScalarStyle.Literal or ScalarStyle.Folded ? 0 : Characters(rows[line - 1][((int)text.Start.Column - 1)..], text.Style) - (text.Style == ScalarStyle.Plain ? 0 : 1);
        var lines = ImmutableArray.CreateBuilder<int>(value.Length);
        foreach (var character in value)
        {
            if (!char.IsWhiteSpace(character))
            {
                for (; left == 0 && line < last; line++)
                {
                    left = line < rows.Length ? Characters(rows[line], text.Style) : 0;
                }

                left--;
            }

            lines.Add(line);
        }

        return lines.ToImmutable();
    }

    /// <summary>Reports a problem at a node.</summary>
    public void Report(YamlNode node, string message, Problem? problem = null) => diagnostics.Add((problem ?? content).At(At(node), message));

    private static int Characters(string row, ScalarStyle style) =>
        (style switch
        {
            ScalarStyle.SingleQuoted => row.Replace("''", "'", StringComparison.Ordinal),
            ScalarStyle.DoubleQuoted => row.Replace("\\\\", "\\", StringComparison.Ordinal).Replace("\\\"", "\"", StringComparison.Ordinal),
            _ => row,
        }).Count(character => !char.IsWhiteSpace(character));
}
