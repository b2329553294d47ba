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

    /// <summary>What is wrong so far.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics => diagnostics;

    /// <summary>Parses a text; null when it is no YAML or its root is no mapping.</summary>
    public YamlMap? Parse(string text)
    {
        var stream = new YamlStream();
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

    /// <summary>Reports a problem at a node.</summary>
    public void Report(YamlNode node, string message, Problem? problem = null) => diagnostics.Add((problem ?? content).At(At(node), message));
}
