using System.Collections.Immutable;
using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;
using MdbDeploy.Packages;
using MdbDeploy.Yaml;

namespace MdbDeploy.Rendering;

/// <summary>Reads the channels: every folder below templates/ that holds a <c>channel.yaml</c>, and beside it perhaps an <c>offboarding.yaml</c>.</summary>
public static class ChannelCatalog
{
    private const string OffboardingFile = "offboarding.yaml";

    private static readonly Dictionary<string, OutputScope> Scopes = new(StringComparer.Ordinal)
    {
        ["run"] = OutputScope.Run,
        ["ring"] = OutputScope.Ring,
        ["ring-policy"] = OutputScope.RingPolicy,
        ["settings-policy"] = OutputScope.SettingsPolicy,
        ["batch"] = OutputScope.Batch,
        ["image"] = OutputScope.Image,
        ["device"] = OutputScope.Device,
    };

    private static readonly Dictionary<string, TextEncoding> Encodings = new(StringComparer.Ordinal)
    {
        ["utf-8"] = TextEncoding.Utf8,
        ["utf-8-bom"] = TextEncoding.Utf8Bom,
        ["utf-16-bom"] = TextEncoding.Utf16Bom,
    };

    private static readonly Dictionary<string, bool> LineEnds = new(StringComparer.Ordinal) { ["crlf"] = true, ["lf"] = false };

    private static readonly Dictionary<string, ChannelCondition> Conditions = new(StringComparer.Ordinal)
    {
        ["devices"] = ChannelCondition.Devices,
        ["images"] = ChannelCondition.Images,
        ["always"] = ChannelCondition.Always,
        ["project"] = ChannelCondition.Project,
    };

    private static readonly Dictionary<string, PackageKind> PackageKinds = new(StringComparer.Ordinal)
    {
        ["group-policy"] = PackageKind.GroupPolicy,
        ["local-script"] = PackageKind.LocalScript,
        ["onboarding-file"] = PackageKind.OnboardingFile,
        ["vdi"] = PackageKind.Vdi,
        ["macos"] = PackageKind.MacOS,
        ["linux"] = PackageKind.Linux,
    };

    // What Windows tools read gets CR LF and, where Windows PowerShell 5.1 reads it, a byte order mark.
    private static readonly string[] CrlfExtensions = [".ps1", ".psm1", ".psd1", ".cmd", ".bat", ".ini", ".inf", ".xml", ".txt", ".lgpo", ".mof", ".csv"];

    /// <summary>Reads all channels of a folder, ordered by name.</summary>
    /// <param name="templates">The templates folder.</param>
    public static Outcome<IReadOnlyList<Channel>> Read(string templates)
    {
        var diagnostics = new List<Diagnostic>();
        var channels = ImmutableArray.CreateBuilder<Channel>();
        if (!Directory.Exists(templates))
        {
            diagnostics.Add(Problems.TemplatesFolderMissing.At(new Location(templates)));
            return new(null, diagnostics);
        }

        foreach (var folder in Directory.EnumerateDirectories(templates).Order(StringComparer.Ordinal))
        {
            if (File.Exists(Path.Combine(folder, "channel.yaml")) && ReadChannel(folder, diagnostics) is { } channel)
            {
                var leaving = File.Exists(Path.Combine(folder, OffboardingFile)) ? ReadOffboarding(folder, channel, diagnostics) : null;
                channels.Add(leaving is null ? channel : channel with { Kinds = leaving.Kinds });
                if (leaving is not null)
                {
                    channels.Add(leaving);
                }
            }
        }

        return new(channels.ToImmutable(), diagnostics);
    }

    /// <summary>The part of a channel that offboards: same method and target, kinds of its own besides the channel's, another package, other outputs.</summary>
    private static Channel? ReadOffboarding(string folder, Channel channel, List<Diagnostic> diagnostics)
    {
        var label = $"templates/{channel.Folder}/{OffboardingFile}";
        var yaml = new YamlFile(label, Problems.ChannelFileInvalid, Problems.ChannelFileInvalid);
        if (yaml.Parse(File.ReadAllText(Path.Combine(folder, OffboardingFile))) is not { } root)
        {
            diagnostics.AddRange(yaml.Diagnostics);
            return null;
        }

        var leaving = channel with
        {
            Name = $"{channel.Name}-offboarding",
            Title = root.RequiredText("title"),
            Offboards = true,
            When = ChannelCondition.Devices,
            Package = root.Choice("package", PackageKinds),
            Kinds = [.. channel.Kinds, .. root.Maps("kinds").Select(ReadKind)],
            Outputs = [.. root.Maps("outputs").Select(map => ReadOutput(map, channel.Templates, nested: false))],
            File = label,
        };
        root.Close();
        if (channel.Method is null)
        {
            root.Report("title", "A channel that offboards must name its 'method' in channel.yaml.");
        }

        diagnostics.AddRange(yaml.Diagnostics);
        return yaml.Diagnostics.Count == 0 ? leaving : null;
    }

    private static Channel? ReadChannel(string folder, List<Diagnostic> diagnostics)
    {
        var name = Path.GetFileName(folder);
        var label = $"templates/{name}/channel.yaml";
        var yaml = new YamlFile(label, Problems.ChannelFileInvalid, Problems.ChannelFileInvalid);
        var templates = Directory.EnumerateFiles(folder, "*.sbn")
            .ToImmutableSortedDictionary(file => Path.GetFileName(file), File.ReadAllText, StringComparer.Ordinal);
        Channel? channel = null;
        if (yaml.Parse(File.ReadAllText(Path.Combine(folder, "channel.yaml"))) is { } root)
        {
            channel = new Channel
            {
                Name = name,
                Folder = name,
                Title = root.RequiredText("title"),
                Method = root.Text("method"),
                Target = root.Text("target"),
                When = root.Choice("when", Conditions) ?? ChannelCondition.Devices,
                Package = root.Choice("package", PackageKinds),
                Kinds = [.. root.Maps("kinds").Select(ReadKind)],
                Outputs = [.. root.Maps("outputs").Select(map => ReadOutput(map, templates, nested: false))],
                Templates = templates,
                File = label,
            };
            root.Close();
            if (channel.When == ChannelCondition.Devices && channel.Method is null)
            {
                root.Report("title", "A channel that is rendered for its devices must name its 'method'; otherwise say 'when: always' or 'when: images'.");
            }

            if (channel.Target is null && (channel.Kinds.Length > 0 || channel.Outputs.Any(o => o.IsResource)))
            {
                root.Report("kinds", "A channel with resources must name the 'target' they are pushed to.");
            }
        }

        diagnostics.AddRange(yaml.Diagnostics);
        return yaml.Diagnostics.Count == 0 ? channel : null;
    }

    private static ResourceKind ReadKind(YamlMap map)
    {
        var defaults = new ResourceKind { Name = "", Title = "", Handler = "", Phase = 0, Collection = "" };
        var kind = new ResourceKind
        {
            Name = map.RequiredText("name"),
            Title = map.RequiredText("title"),
            Handler = map.RequiredText("handler"),
            Phase = map.Number("phase", 0, 1000) ?? 0,
            Collection = map.RequiredText("collection"),
            NameProperty = map.Text("nameProperty") ?? defaults.NameProperty,
            IdProperty = map.Text("idProperty") ?? defaults.IdProperty,
            MarkerProperty = map.Text("markerProperty"),
            Update = map.Text("update") ?? defaults.Update,
            Expand = map.Text("expand"),
            CreateOnly = map.Texts("createOnly"),
            WriteOnly = map.Texts("writeOnly"),
            Sets = map.Map("sets") is { } sets
                ? sets.Keys.ToArray().ToImmutableSortedDictionary(key => key, sets.RequiredText, StringComparer.Ordinal)
                : defaults.Sets,
            OwnItemPrefix = map.Text("ownItemPrefix"),
            Offboards = map.Flag("offboards") ?? false,
        };
        map.Close();
        return kind;
    }

    private static ChannelOutput ReadOutput(YamlMap map, ImmutableSortedDictionary<string, string> templates, bool nested)
    {
        var path = map.RequiredText("path");
        var extension = Path.GetExtension(path);
        var output = new ChannelOutput
        {
            Path = path,
            Template = map.Text("template"),
            Copy = map.Text("copy"),
            Each = nested ? OutputScope.Run : map.Choice("each", Scopes) ?? OutputScope.Run,
            Encoding = map.Choice("encoding", Encodings) ?? (extension is ".ps1" or ".csv" ? TextEncoding.Utf8Bom : TextEncoding.Utf8),
            Crlf = map.Choice("lineEnd", LineEnds) ?? CrlfExtensions.Contains(extension),
            Escape = map.Text("escape"),
            Packer = map.Text("packer"),
            Files = nested ? [] : [.. map.Maps("files").Select(file => ReadOutput(file, templates, nested: true))],
            IsResource = !nested && (map.Flag("resource") ?? false),
            When = map.Text("when"),
            Otherwise = map.Text("otherwise"),
            Line = map.Line,
        };
        map.Close();
        if (output.Template is null == output.Copy is null)
        {
            map.Report("path", "An output names either its 'template' or the file of the package to 'copy'.");
        }

        if (output.Template is { } template && !templates.ContainsKey(template))
        {
            map.Report("template", $"The template '{template}' is not in this folder.{(Nearest.To(template, templates.Keys) is { } near ? $" Did you mean '{near}'?" : "")}");
        }

        if (output.Packer is { } packer && !Packing.Names.Contains(packer))
        {
            map.Report("packer", $"There is no packer '{packer}'. Known are: {string.Join(", ", Packing.Names)}.");
        }

        if (output.Escape is { } escape && Escaping.OfName(escape) is null)
        {
            map.Report("escape", $"There is no escaper '{escape}'. Known are: {string.Join(", ", Escaping.Names)}.");
        }

        return output;
    }
}
