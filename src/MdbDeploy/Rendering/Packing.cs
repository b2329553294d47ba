using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;
using MdbDeploy.Formats;
using MdbDeploy.Yaml;

namespace MdbDeploy.Rendering;

/// <summary>What a packer gets.</summary>
/// <param name="Path">Path of the output in the bundle.</param>
/// <param name="Text">The rendered template.</param>
/// <param name="Files">The rendered parts, with paths relative to the packer's root.</param>
/// <param name="Template">The template, as messages name it.</param>
internal sealed record PackRequest(string Path, string Text, IReadOnlyList<RenderedFile> Files, string Template);

/// <summary>The packers that <c>packer:</c> in a channel.yaml may name: from rendered text to the bytes of a Windows format.</summary>
internal static class Packing
{
    private static readonly ImmutableSortedDictionary<string, Func<PackRequest, Outcome<IReadOnlyList<RenderedFile>>>> Packers =
        ImmutableSortedDictionary.CreateRange<string, Func<PackRequest, Outcome<IReadOnlyList<RenderedFile>>>>(StringComparer.Ordinal,
        [
            new("registry-pol", RegistryPolicy),
            new("gpmc-backup", Backup),
            new("group-policy-object", LiveObject),
            new("policy-definitions", TemplatePacking.Pack),
        ]);

    /// <summary>The names.</summary>
    public static IEnumerable<string> Names => Packers.Keys;

    /// <summary>Packs.</summary>
    /// <param name="packer">A name of <see cref="Names"/>.</param>
    /// <param name="request">What to pack.</param>
    public static Outcome<IReadOnlyList<RenderedFile>> Pack(string packer, PackRequest request) => Packers[packer](request);

    /// <summary>LGPO text to the computer side's registry.pol.</summary>
    private static Outcome<IReadOnlyList<RenderedFile>> RegistryPolicy(PackRequest request)
    {
        var policy = LgpoText.Read(request.Text, request.Template);
        if (!policy.Succeeded(out var entries))
        {
            return new(null, policy.Diagnostics);
        }

        return entries.User.Count > 0
            ? new(null, [Problems.PackingFailed.At(new Location(request.Template), "A registry.pol holds one side: write the user's settings with a template of their own.")])
            : new([new RenderedFile(request.Path, RegistryPol.Write(entries.Computer), IsSensitive: false)], policy.Diagnostics);
    }

    /// <summary>
    /// A Group Policy backup folder: the template says name, comment and identifiers, the parts are the files below <c>DomainSysvol\GPO</c>. What Windows would
    /// ignore silently is refused here.
    /// </summary>
    private static Outcome<IReadOnlyList<RenderedFile>> Backup(PackRequest request)
    {
        var yaml = new YamlFile(request.Template, Problems.PackingFailed, Problems.PackingFailed);
        if (yaml.Parse(request.Text) is not { } head)
        {
            return new(null, yaml.Diagnostics);
        }

        if (request.Files.GroupBy(f => f.Path, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            return new(null, [Problems.PackingFailed.At(new Location(request.Template), $"Two files of the backup have the path '{twice.Key}'.")]);
        }

        var backup = new GroupPolicyBackup
        {
            DisplayName = head.RequiredText("name"),
            Comment = head.Text("comment") ?? "",
            GpoGuid = Identifier(head, "gpo"),
            BackupId = Identifier(head, "backup"),
            Domain = head.Text("domain"),
            Options = GroupPolicyOptions.UserDisabled,
            Files = GroupPolicyBackup.NoFiles.AddRange(request.Files.Select(f => KeyValuePair.Create(f.Path, f.Content))),
        };
        head.Close();
        List<Diagnostic> diagnostics = [.. yaml.Diagnostics, .. GroupPolicyLint.Check(backup, request.Path)];
        if (diagnostics.Any(d => d.Severity == Severity.Error))
        {
            return new(null, diagnostics);
        }

        var written = GpmcBackup.Write(backup);
        diagnostics.AddRange(written.Diagnostics);
        var isSensitive = request.Files.Any(part => part.IsSensitive);
        return new(written.Value is not { } files ? null
            : [.. files.Select(f => new RenderedFile($"{request.Path}/{f.Key}", f.Value, isSensitive)), new RenderedFile($"{request.Path}.zip", GpmcBackupArchive.Write(files), isSensitive)], diagnostics);
    }

    /// <summary>
    /// A resource document of a Group Policy Object in Active Directory: the template gives all but the content; the parts are the files of its template. <c>settings</c>
    /// is what people compare, <c>files</c> what is written.
    /// </summary>
    private static Outcome<IReadOnlyList<RenderedFile>> LiveObject(PackRequest request)
    {
        try
        {
            if (JsonNode.Parse(request.Text) is not JsonObject document || document["body"] is not JsonObject body)
            {
                return new(null, [Problems.PackingFailed.At(new Location(request.Template), "It is no resource document: it has no 'body'.")]);
            }

            var settings = GroupPolicySettings.Of(request.Files.Select(f => KeyValuePair.Create(f.Path, f.Content)));
            body["settings"] = new JsonArray([.. settings.Select(s => (JsonNode)new JsonObject { ["name"] = ResourceDocument.Disarm(s.Name), ["value"] = ResourceDocument.Disarm(s.Value) })]);
            body["files"] = new JsonArray([.. request.Files.OrderBy(f => f.Path, StringComparer.Ordinal)
                .Select(f => (JsonNode)new JsonObject { ["path"] = f.Path, ["content"] = Convert.ToBase64String(f.Content.Span) })]);
            return new([new RenderedFile(request.Path, JsonText.ToBytes(document), request.Files.Any(f => f.IsSensitive))], []);
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            return new(null, [Problems.PackingFailed.At(new Location(request.Template), $"It is no resource document: {broken.Message}")]);
        }
    }

    private static Guid Identifier(YamlMap head, string key)
    {
        if (Guid.TryParse(head.RequiredText(key), out var id))
        {
            return id;
        }

        head.Report(key, $"'{key}' must be a GUID; the function guid 'name' makes one that is the same on every machine.");
        return Guid.Empty;
    }
}
