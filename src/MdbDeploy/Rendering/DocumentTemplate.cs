using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using MdbDeploy.Diagnostics;
using Scriban.Runtime;

namespace MdbDeploy.Rendering;

/// <summary>Renders a single document, such as the report, from a folder of templates and a JSON model, in the same sandbox as the channels.</summary>
public static class DocumentTemplate
{
    /// <summary>Renders a template.</summary>
    /// <param name="folder">Folder with the template and whatever it includes.</param>
    /// <param name="template">File name of the template; the extension before <c>.sbn</c> chooses the escaper.</param>
    /// <param name="model">The members that the template sees.</param>
    /// <param name="cancellationToken">Ends the rendering.</param>
    public static Outcome<string> Render(string folder, string template, JsonObject model, CancellationToken cancellationToken = default)
    {
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
        if (!File.Exists(Path.Combine(folder, template)))
        {
            return new(null, [Problems.TemplatesFolderMissing.At(new Location($"templates/{name}/{template}"), $"The template '{template}' does not exist.")]);
        }

        var set = new TemplateSet(new Channel
        {
            Name = name,
            Folder = name,
            Title = name,
            Outputs = [],
            Templates = Directory.EnumerateFiles(folder, "*.sbn").ToImmutableSortedDictionary(file => Path.GetFileName(file), File.ReadAllText, StringComparer.Ordinal),
            File = $"templates/{name}",
        }, cancellationToken);
        var escape = Escaping.OfName(Escaping.NameForFile(Path.GetFileNameWithoutExtension(template)) ?? "");
        if (escape is null)
        {
            return new(null, [Problems.NoEscaper.At(new Location($"templates/{name}/{template}"))]);
        }

        try
        {
            return new(set.Render(template, (ScriptObject)ToScript(model)!, escape).Text, []);
        }
        catch (TemplateProblem problem)
        {
            return new(null, [problem.Diagnostic]);
        }
    }

    private static object? ToScript(JsonNode? node) => node switch
    {
        JsonObject map => ToScript(map),
        JsonArray list => new ScriptArray(list.Select(ToScript)),
        JsonValue value => value.GetValueKind() switch
        {
            JsonValueKind.String => value.GetValue<string>(),
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Number => value.TryGetValue<long>(out var whole) ? whole : value.TryGetValue<int>(out var number) ? (long)number : value.GetValue<double>(),
            _ => null,
        },
        _ => null,
    };

    private static ScriptObject ToScript(JsonObject map)
    {
        var result = new ScriptObject();
        foreach (var (key, value) in map)
        {
            result[key] = ToScript(value);
        }

        return result;
    }
}
