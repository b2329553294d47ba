using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MdbDeploy.Diagnostics;
using MdbDeploy.Yaml;

namespace MdbDeploy.Projects;

/// <summary>Reads <c>mdbdeploy.yaml</c> and reports everything that is wrong with it at once, each with line and column.</summary>
public static partial class ProjectReader
{
    /// <summary>Name of the project file.</summary>
    public const string FileName = "mdbdeploy.yaml";

    // A project file is written by hand; anything larger is another file.
    private const int MaxBytes = 1 << 20;

    private static readonly Dictionary<string, bool> Onboarding = new(StringComparer.Ordinal) { ["automatic"] = true, ["manual"] = false };

    private static readonly Dictionary<string, bool> Entries = new(StringComparer.Ordinal) { ["single"] = true, ["multiple"] = false };

    private static readonly Dictionary<string, bool> Balances = new(StringComparer.Ordinal) { ["site"] = true, ["none"] = false };

    private static readonly Dictionary<string, EnforcementScope> Scopes = new(StringComparer.Ordinal)
    {
        ["none"] = EnforcementScope.None,
        ["windows-client"] = EnforcementScope.WindowsClient,
        ["windows-client-and-server"] = EnforcementScope.WindowsClientAndServer,
    };

    private static readonly Dictionary<string, Licences> LicenceNames = new(StringComparer.Ordinal)
    {
        ["defender-for-endpoint"] = Licences.DefenderForEndpoint,
        ["defender-for-servers"] = Licences.DefenderForServers,
    };

    private static readonly ImmutableArray<string> Brokers = ["avd", "citrix-mcs", "citrix-pvs", "generic", "horizon-instant-clone", "w365"];

    private static readonly ImmutableArray<string> TargetNames = ["graph", "configmgr", "activeDirectory"];

    /// <summary>Reads a project.</summary>
    /// <param name="path">The project file, or the folder that holds it.</param>
    public static Outcome<DeploymentProject> Read(string path)
    {
        var file = Directory.Exists(path) ? Path.Combine(path, FileName) : path;
        var name = Path.GetFileName(file);
        try
        {
            if (!File.Exists(file))
            {
                return new(null, [Problems.ProjectFileMissing.At(new Location(file), $"There is no {FileName} at '{path}'.")]);
            }

            if (new FileInfo(file).Length > MaxBytes)
            {
                return new(null, [Problems.ProjectFileUnreadable.At(new Location(name), "The file is larger than 1 MiB.")]);
            }

            return Parse(File.ReadAllText(file, Encoding.UTF8), Path.GetDirectoryName(Path.GetFullPath(file))!, name);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new(null, [Problems.ProjectFileUnreadable.At(new Location(name), error.Message)]);
        }
    }

    /// <summary>Reads a project from the text of its file.</summary>
    /// <param name="text">The YAML.</param>
    /// <param name="folder">Folder that relative paths start at.</param>
    /// <param name="file">The file, as messages name it.</param>
    public static Outcome<DeploymentProject> Parse(string text, string folder, string file = FileName)
    {
        var yaml = new YamlFile(file, Problems.ProjectFileUnreadable, Problems.ProjectValueInvalid);
        if (yaml.Parse(text) is not { } root)
        {
            return new(null, yaml.Diagnostics);
        }

        root.ReportKeys(SecretKeys.IsOne, key => $"'{key}' would hold a secret.", Problems.ProjectHoldsSecret);
        var project = ReadProject(root, folder);
        return new(project, [.. yaml.Diagnostics.Concat(RingGateReader.Check(project.Rings)).OrderBy(d => d.Where.Line).ThenBy(d => d.Where.Column)]);
    }

    private static DeploymentProject ReadProject(YamlMap root, string folder)
    {
        var organization = root.RequiredText("organization");
        var inventory = root.RequiredTexts("inventory");
        var project = new DeploymentProject
        {
            Folder = folder,
            Organization = organization,
            Id = ReadId(root, organization),
            Inventory = [.. inventory.Select(entry => entry.Text)],
            InventoryAt = [.. inventory.Select(entry => entry.At)],
            ImportProfiles = root.Map("importProfiles") is { } profiles ? ReadImportProfiles(profiles) : ImmutableSortedDictionary<string, string>.Empty,
            Packages = root.Text("packages") ?? "packages/",
            Out = root.Text("out") ?? "out/",
            Share = ReadShare(root),
            Tenant = root.Map("tenant") is { } tenant ? ReadTenant(tenant) : new(),
            StaleAfterDays = root.Map("requirements") is { } requirements ? ReadStaleAfterDays(requirements) : 45,
            Rings = Named(root.Maps("rings"), "ring", ReadRing, ring => ring.Name) is { Length: > 0 } rings ? RingGateReader.Complete(rings) : [new RingSettings { Name = "broad" }],
            Routing = [.. root.Maps("routing").Select(ReadRule)],
            Policies = root.Texts("policies"),
            ExistingPolicies = root.Texts("existingPolicies"),
            SplitLocalScript = root.Map("localScript") is { } local && ReadSplit(local),
            Offboard = root.Map("offboard") is { } offboard ? ReadOffboard(offboard) : new(),
            Images = Named(root.Maps("images"), "image", ReadImage, image => image.Name),
            Targets = root.Map("targets") is { } targets ? ReadTargets(targets) : ImmutableSortedDictionary<string, JsonObject>.Empty,
        };
        root.Close(SecretKeys.IsOne);
        return project;
    }

    private static ImmutableSortedDictionary<string, string> ReadImportProfiles(YamlMap map)
    {
        // The keys are files, any of which may be there; whether they are is known once the patterns are expanded.
        var profiles = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var file in map.Keys.ToList())
        {
            profiles[InventoryFiles.Tidy(file.Replace('\\', '/'))] = map.RequiredText(file);
        }

        map.Close(SecretKeys.IsOne);
        return profiles.ToImmutable();
    }

    private static string ReadId(YamlMap root, string organization)
    {
        if (root.Text("id") is { } id)
        {
            if (!IdPattern.IsMatch(id))
            {
                root.Report("id", "'id' must be 1 to 40 lower-case letters a to z, digits and dashes.");
            }

            return id;
        }

        var derived = NotIdCharacters.Replace(organization.ToLowerInvariant(), "-").Trim('-');
        derived = derived.Length > 40 ? derived[..40].TrimEnd('-') : derived;
        if (derived.Length == 0 && organization.Length > 0)
        {
            root.Report("organization", "No identifier can be made of this name, since it has no letter a to z and no digit: add 'id', for example 'id: contoso'.");
        }

        return derived;
    }

    private static TenantSettings ReadTenant(YamlMap map)
    {
        var tenant = new TenantSettings
        {
            UsesIntune = map.Flag("usesIntune") ?? true,
            AutomaticOnboarding = map.Choice("onboarding", Onboarding) ?? false,
            Connector = map.Flag("connector") ?? false,
            Licences = ReadLicences(map),
            EnforcementScope = map.Map("securityManagement") is { } management ? ReadScope(management) : EnforcementScope.Unknown,
        };
        map.Close(SecretKeys.IsOne);
        if (tenant is { AutomaticOnboarding: true, UsesIntune: false })
        {
            map.Report("onboarding", "Automatic onboarding takes the devices enrolled in Intune, and 'usesIntune' is false: correct one of the two.");
        }

        return tenant;
    }

    private static Licences ReadLicences(YamlMap map)
    {
        var names = map.Texts("licences");
        if (names.FirstOrDefault(name => !LicenceNames.ContainsKey(name)) is { } unknown)
        {
            map.Report("licences", $"There is no licence '{unknown}'. Known are: {string.Join(", ", LicenceNames.Keys.Order(StringComparer.Ordinal))}.");
        }

        return names.Aggregate(Licences.None, (all, name) => all | LicenceNames.GetValueOrDefault(name));
    }

    private static EnforcementScope ReadScope(YamlMap map)
    {
        var scope = map.Choice("enforcementScope", Scopes) ?? EnforcementScope.Unknown;
        map.Close(SecretKeys.IsOne);
        return scope;
    }

    private static int ReadStaleAfterDays(YamlMap map)
    {
        var days = map.Number("staleAfterDays", 1, 3650) ?? 45;
        map.Close(SecretKeys.IsOne);
        return days;
    }

    private static bool ReadSplit(YamlMap map)
    {
        var split = map.Flag("split") ?? false;
        map.Close(SecretKeys.IsOne);
        return split;
    }

    private static OffboardSettings ReadOffboard(YamlMap map)
    {
        var offboard = new OffboardSettings
        {
            Names = map.LocatedTexts("names"),
            Match = map.Text("match"),
            MatchAt = map.At("match"),
            MatchLines = map.Lines("match"),
            File = map.Text("file"),
            FileAt = map.At("file"),
        };
        map.Close(SecretKeys.IsOne);
        return offboard;
    }

    private static RingSettings ReadRing(YamlMap map)
    {
        var ring = new RingSettings
        {
            Name = map.RequiredText("name"),
            Match = map.Text("match"),
            MatchAt = map.At("match"),
            MatchLines = map.Lines("match"),
            Max = map.Number("max", 1, int.MaxValue),
            Percent = map.Real("percent", 0, 100),
            Balanced = map.Choice("balance", Balances) ?? false,
            Gate = RingGateReader.Read(map),
            Line = map.Line,
        };
        map.Close(SecretKeys.IsOne);
        return ring;
    }

    private static RoutingRule ReadRule(YamlMap map)
    {
        var rule = new RoutingRule(map.RequiredText("when"), map.RequiredText("method"), map.Line)
        {
            WhenAt = map.At("when"),
            WhenLines = map.Lines("when"),
            MethodAt = map.At("method"),
        };
        map.Close(SecretKeys.IsOne);
        return rule;
    }

    private static ImageSettings ReadImage(YamlMap map)
    {
        var image = new ImageSettings
        {
            Name = map.RequiredText("name"),
            Broker = map.Text("broker") ?? "generic",
            SingleEntry = map.Choice("entry", Entries) ?? true,
            Desktops = map.Texts("desktops"),
            Policies = map.Texts("policies"),
            IntelligenceShare = ReadShare(map, "intelligenceShare"),
            Share = ReadShare(map),
        };
        map.Close(SecretKeys.IsOne);
        if (image.Desktops.FirstOrDefault(pattern => !DesktopPattern.IsMatch(pattern)) is { } wrong)
        {
            map.Report("desktops", $"'{wrong}' is no pattern of computer names: letters, digits, dashes and underscores, with * and ?, such as 'VDI-*'.");
        }

        if (!Brokers.Contains(image.Broker))
        {
            map.Report("broker", $"There is no broker '{image.Broker}'. {(Nearest.To(image.Broker, Brokers) is { } near ? $"Did you mean '{near}'?" : $"Known are: {string.Join(", ", Brokers)}.")}");
        }

        return image;
    }

    private static string? ReadShare(YamlMap map, string key = "share")
    {
        if (map.Text(key) is not { } share)
        {
            return null;
        }

        if (!UncPath.IsMatch(share))
        {
            map.Report(key, $@"'{key}' must be a UNC path such as '\\fs01.contoso.example\mdb$', in single quotes.");
        }
        else if (!share[2..share.IndexOf('\\', 2)].Contains('.', StringComparison.Ordinal))
        {
            map.Report(key, "The file server is named without its domain.", Problems.ShareWithoutDomain);
        }

        return share;
    }

    private static ImmutableSortedDictionary<string, JsonObject> ReadTargets(YamlMap map)
    {
        var targets = ImmutableSortedDictionary.CreateBuilder<string, JsonObject>(StringComparer.Ordinal);
        foreach (var name in TargetNames.Where(name => map.Map(name) is not null))
        {
            targets[name] = (JsonObject)map.Json(name)!;
        }

        map.Close(SecretKeys.IsOne);
        return targets.ToImmutable();
    }

    // Names become folders, groups, collections and addresses, where only letters and digits tell them apart.
    private static ImmutableArray<T> Named<T>(IEnumerable<YamlMap> maps, string what, Func<YamlMap, T> read, Func<T, string> nameOf)
    {
        var items = ImmutableArray.CreateBuilder<T>();
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var map in maps)
        {
            var item = read(map);
            var name = nameOf(item);
            items.Add(item);
            if (name.Length == 0)
            {
                continue;
            }

            if (!NamePattern.IsMatch(name))
            {
                map.Report("name", $"The name of this {what} may hold letters A to Z, digits, blanks, dots, dashes and underscores, at most 40, and must begin and end with a letter or digit.", Problems.ProjectNameInvalid);
            }
            else if (!seen.TryAdd(NotIdCharacters.Replace(name.ToLowerInvariant(), "-"), name))
            {
                var first = seen[NotIdCharacters.Replace(name.ToLowerInvariant(), "-")];
                map.Report("name", first == name ? $"There is a {what} '{name}' already." : $"The {what} '{name}' cannot be told from '{first}': only letters and digits count.", Problems.ProjectNameDuplicate);
            }
        }

        return items.ToImmutable();
    }

    [GeneratedRegex(@"\A[a-z0-9-]{1,40}\z")]
    private static partial Regex IdPattern { get; }

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex NotIdCharacters { get; }

    [GeneratedRegex(@"\A[A-Za-z0-9](?:[A-Za-z0-9 ._-]{0,38}[A-Za-z0-9])?\z")]
    private static partial Regex NamePattern { get; }

    [GeneratedRegex(@"\A[A-Za-z0-9_*?-]{1,63}\z")]
    private static partial Regex DesktopPattern { get; }

    [GeneratedRegex(@"\A\\\\[^\\/:*?""<>|\s]+\\[^\\/:*?""<>|]+(\\[^\\/:*?""<>|]+)*\\?\z")]
    private static partial Regex UncPath { get; }
}
