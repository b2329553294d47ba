using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;
using MdbDeploy.Planning;
using Scriban.Runtime;

namespace MdbDeploy.Rendering;

/// <summary>Renders one channel: every output, as often as it asks for.</summary>
internal sealed class ChannelRenderer
{
    private readonly RenderInput input;
    private readonly Channel channel;
    private readonly List<Diagnostic> diagnostics;
    private readonly TemplateSet templates;
    private readonly ScriptObject model;
    private readonly PlannedDevices devices;

    /// <summary>Prepares the channel's model.</summary>
    public ChannelRenderer(RenderInput input, Channel channel, List<Diagnostic> diagnostics, CancellationToken cancellationToken)
    {
        this.input = input;
        this.channel = channel;
        this.diagnostics = diagnostics;
        devices = input.DevicesOf(channel);
        templates = new TemplateSet(channel, cancellationToken);
        model = TemplateModel.ForChannel(input, channel, devices);
    }

    /// <summary>Whether there is anything to render.</summary>
    public bool IsNeeded => channel.When switch
    {
        ChannelCondition.Devices => devices.Count > 0 && (!channel.Offboards || input.PackageOf(channel) is not null),
        ChannelCondition.Images => input.Project.Images.Length > 0,
        _ => true,
    };

    /// <summary>Renders the outputs. What goes wrong is added to the diagnostics; the other outputs are still rendered, so that all is reported at once.</summary>
    public IEnumerable<BundleFile> Render()
    {
        foreach (var output in channel.Outputs)
        {
            foreach (var (ring, scope) in Scopes(output.Each))
            {
                foreach (var file in Try(output, () => RenderOutput(output, scope)))
                {
                    yield return ToBundleFile(output, file, ring);
                }
            }
        }
    }

    private IEnumerable<(string? Ring, ScriptObject Model)> Scopes(OutputScope each) => each switch
    {
        OutputScope.Ring => List("rings").Select(ring => ((string?)ring["name"], InRing(ring))),
        OutputScope.RingPolicy => List("rings").SelectMany(ring => ((ScriptArray)ring["policies"]!).Cast<ScriptObject>().Select(policy =>
        {
            var scope = InRing(ring);
            scope["policy"] = policy;
            return ((string?)ring["name"], scope);
        })),
        OutputScope.SettingsPolicy => List("settings_policies").Select(policy =>
        {
            var scope = With("settings_policy", policy);
            scope["settings"] = policy["settings"];
            // One that serves a single ring goes and waits with it.
            return (policy["rings"] is ScriptArray { Count: 1 } only ? (string?)((ScriptObject)only[0]!)["name"] : null, scope);
        }),
        OutputScope.Batch => List("batches").Select(batch => ((string?)null, With("batch", batch))),
        OutputScope.Image => List("images").Select(image => ((string?)null, With("image", image))),
        OutputScope.Device => List("devices").Select(device => ((string?)null, With("device", device))),
        _ => [(null, model)],
    };

    private List<RenderedFile> RenderOutput(ChannelOutput output, ScriptObject scope)
    {
        if (output.When is { } when && templates.RenderLine($"{{{{ {when} }}}}", output.Line, scope, text => text) != "true")
        {
            if (output.Otherwise is { } otherwise)
            {
                diagnostics.Add(Problems.OutputSkipped.At(new Location(channel.File, output.Line), $"{channel.Title}: {otherwise}"));
            }

            return [];
        }

        var path = templates.RenderLine(output.Path, output.Line, scope, Escaping.PathSegment);
        if (path.Length == 0 || path[0] == '/' || path.Contains('\\', StringComparison.Ordinal) || path.Contains(':', StringComparison.Ordinal)
            || path.Split('/').Any(segment => segment is "" or "." or ".."))
        {
            throw new TemplateProblem(Problems.OutputPathInvalid.At(new Location(channel.File, output.Line), $"The path '{path}' is not a relative path within the bundle."));
        }

        if (output.Copy is { } copy)
        {
            return CopyFromPackage(output, path, copy);
        }

        var (text, secret) = RenderTemplate(output, path, With(scope, "file", Path.GetFileNameWithoutExtension(path)));
        if (output.Packer is not { } packer)
        {
            return [new RenderedFile(path, TextPacking.ToBytes(text, output), secret)];
        }

        var parts = output.Files.SelectMany(part => RenderOutput(part, scope)).ToList();
        var packed = Packing.Pack(packer, new PackRequest(path, text, parts, $"templates/{channel.Folder}/{output.Template}"));
        diagnostics.AddRange(packed.Diagnostics);
        return packed.Value is null ? [] : [.. packed.Value.Select(file => file with { IsSensitive = file.IsSensitive || secret })];
    }

    private (string Text, bool WroteSecret) RenderTemplate(ChannelOutput output, string path, ScriptObject scope)
    {
        var typed = output.Packer is null ? path : output.Template!.Replace(".sbn", "", StringComparison.Ordinal);
        var escape = Escaping.OfName(output.Escape ?? Escaping.NameForFile(typed) ?? "")
            ?? throw new TemplateProblem(Problems.NoEscaper.At(new Location(channel.File, output.Line), $"No escaper is known for '{typed}'."));
        // References between resources stand in the template's own text, never in a value.
        return templates.Render(output.Template!, scope, output.IsResource ? text => escape(ResourceDocument.Disarm(text)) : escape);
    }

    private List<RenderedFile> CopyFromPackage(ChannelOutput output, string path, string copy)
    {
        if (input.PackageOf(channel) is not { } package)
        {
            diagnostics.Add(Problems.OutputSkipped.At(new Location(channel.File, output.Line),
                $"{channel.Title}: '{path}' was left out, since there is no {(channel.Package is { } needed ? needed.ToString() : "such")} onboarding package in '{input.Project.Packages}'."));
            return [];
        }

        var files = package.Files.Where(f => copy == "*" || string.Equals(f.Path.Split('/')[^1], copy, StringComparison.OrdinalIgnoreCase)).ToList();
        if (files.Count == 0)
        {
            throw new TemplateProblem(Problems.OutputSkipped.At(new Location(channel.File, output.Line), $"{channel.Title}: the package '{package.Source}' holds no file '{copy}'."));
        }

        // A package's files carry the tenant's blob: all of them are sensitive.
        return [.. files.Select(f => new RenderedFile(copy == "*" ? $"{path}/{f.Path}" : path, f.Content, IsSensitive: true))];
    }

    private BundleFile ToBundleFile(ChannelOutput output, RenderedFile file, string? ring)
    {
        if (!output.IsResource)
        {
            return new BundleFile(file.Path, file.Content, channel.Name, file.IsSensitive, null);
        }

        try
        {
            var resource = ResourceDocument.Read(file.Content.Span, channel.Target!, file.Path, file.IsSensitive) with { Ring = ring };
            var kind = channel.Kinds.FirstOrDefault(k => k.Name == resource.Kind)
                ?? throw new FormatException($"the kind '{resource.Kind}' is not declared in {channel.File}");
            resource = ResourceDocument.Mark(resource, kind, input.Project.Id);
            return new BundleFile(file.Path, ResourceDocument.Write(resource), channel.Name, file.IsSensitive, resource);
        }
        catch (Exception broken) when (broken is FormatException or System.Text.Json.JsonException or InvalidOperationException)
        {
            diagnostics.Add(Problems.ResourceInvalid.At(new Location($"templates/{channel.Folder}/{output.Template}"), $"'{file.Path}': {broken.Message.TrimEnd('.')}."));
            return new BundleFile(file.Path, file.Content, channel.Name, file.IsSensitive, null);
        }
    }

    private List<RenderedFile> Try(ChannelOutput output, Func<List<RenderedFile>> render)
    {
        try
        {
            return render();
        }
        catch (TemplateProblem problem)
        {
            diagnostics.Add(problem.Diagnostic);
            return [];
        }
    }

    private IEnumerable<ScriptObject> List(string name) => ((ScriptArray)model[name]!).Cast<ScriptObject>();

    // In a ring, 'settings' are the ring's own.
    private ScriptObject InRing(ScriptObject ring)
    {
        var scope = With("ring", ring);
        scope["settings"] = ring["settings"];
        return scope;
    }

    private ScriptObject With(string name, object value) => With(model, name, value);

    private static ScriptObject With(ScriptObject outer, string name, object value)
    {
        var scope = new ScriptObject();
        foreach (var (key, member) in outer)
        {
            scope[key] = member;
        }

        scope[name] = value;
        return scope;
    }
}
