using System.Collections.Immutable;
using MdbDeploy.Diagnostics;
using MdbDeploy.Inventory;
using MdbDeploy.Packages;
using MdbDeploy.Yaml;

namespace MdbDeploy.Planning;

/// <summary>What must be in place around a device before it is onboarded: steps in portals, addresses to reach. Data, each row with its source.</summary>
public sealed record Prerequisites
{
    private static readonly Lazy<Prerequisites> Embedded = new(ReadEmbedded);

    private static readonly Dictionary<string, string> Schemes = new(StringComparer.Ordinal) { ["http"] = "http", ["https"] = "https" };

    /// <summary>The prerequisites that come with the tool: the embedded <c>Planning/prerequisites.yaml</c>.</summary>
    public static Prerequisites BuiltIn => Embedded.Value;

    /// <summary>What a person checks once.</summary>
    public required ImmutableArray<PrerequisiteStep> Steps { get; init; }

    /// <summary>What a device must reach.</summary>
    public required ImmutableArray<PrerequisiteAddress> Addresses { get; init; }

    /// <summary>The editions of Windows client by their <c>EditionID</c>; the first that matches decides.</summary>
    public required ImmutableArray<EditionId> EditionIds { get; init; }

    /// <summary>What the methods of a plan need, with the connectivity of the onboarding packages at hand.</summary>
    public static Prerequisites Of(Plan plan, PackageSet packages) => BuiltIn.For(
        plan.Devices.Tally().Select(t => t.Outcome.Method).Where(method => method != Planning.Methods.None).ToHashSet(StringComparer.Ordinal),
        packages.Packages.Where(p => p is { IsOffboarding: false, Blob: not null }).Select(p => p.IsStreamlined ? Connectivity.Streamlined : Connectivity.Classic).ToHashSet());

    /// <summary>What methods need.</summary>
    /// <param name="methods">The methods in use.</param>
    /// <param name="connectivity">The kinds of onboarding package in use; empty when no package is known, which needs both.</param>
    public Prerequisites For(IReadOnlySet<string> methods, IReadOnlySet<Connectivity> connectivity) => this with
    {
        Steps = [.. Steps.Where(step => IsFor(step.Methods, methods))],
        Addresses = [.. Addresses.Where(address => IsFor(address.Methods, methods) && (address.Connectivity is not { } only || connectivity.Count == 0 || connectivity.Contains(only)))],
    };

    /// <summary>Reads prerequisites; every row must name its source, date and certainty.</summary>
    /// <param name="text">YAML in the form of the embedded file.</param>
    /// <param name="file">The file, as messages name it.</param>
    internal static Outcome<Prerequisites> Parse(string text, string file)
    {
        var yaml = new YamlFile(file, Problems.ProjectFileUnreadable, Problems.ProjectValueInvalid);
        Prerequisites? prerequisites = null;
        if (yaml.Parse(text) is { } root)
        {
            prerequisites = new Prerequisites
            {
                Steps = [.. root.Maps("steps").Select(ReadStep)],
                Addresses = [.. root.Maps("addresses").Select(ReadAddress)],
                EditionIds = [.. root.Maps("editionIds").Select(ReadEdition)],
            };
            root.Close();
        }

        return new(prerequisites, yaml.Diagnostics);
    }

    private static bool IsFor(ImmutableArray<string> needing, IReadOnlySet<string> methods) => needing.IsEmpty || needing.Any(methods.Contains);

    private static Prerequisites ReadEmbedded()
    {
        const string Name = "Planning/prerequisites.yaml";
        using var reader = new StreamReader(typeof(Prerequisites).Assembly.GetManifestResourceStream(Name)!);
        var outcome = Parse(reader.ReadToEnd(), Name);
        return outcome.Value ?? throw new InvalidOperationException($"{Name} of this build is broken: {outcome.Diagnostics[0]}");
    }

    private static PrerequisiteStep ReadStep(YamlMap map)
    {
        var step = new PrerequisiteStep(map.RequiredText("title"), map.RequiredText("detail"), ReadMethods(map), Provenance.Read(map));
        map.Close();
        return step;
    }

    private static PrerequisiteAddress ReadAddress(YamlMap map)
    {
        var address = new PrerequisiteAddress
        {
            Host = map.RequiredText("host"),
            Scheme = map.Text("scheme") is null ? "https" : Schemes.GetValueOrDefault(map.Text("scheme")!) ?? "",
            Purpose = map.RequiredText("for"),
            Methods = ReadMethods(map),
            Connectivity = map.Choice("connectivity", Enum.GetValues<Connectivity>().ToDictionary(c => c.ToString().ToLowerInvariant(), StringComparer.Ordinal)),
            Source = Provenance.Read(map),
        };
        map.Close();
        if (address.Scheme.Length == 0)
        {
            map.Report("scheme", "'scheme' must be http or https.");
        }

        return address;
    }

    private static EditionId ReadEdition(YamlMap map)
    {
        var editions = Enum.GetValues<WindowsEdition>().ToDictionary(DeviceWords.Of, StringComparer.Ordinal);
        map.RequiredText("edition");
        var row = new EditionId(map.RequiredText("id"), map.Choice("edition", editions) ?? WindowsEdition.Unknown, Provenance.Read(map));
        map.Close();
        return row;
    }

    private static ImmutableArray<string> ReadMethods(YamlMap map)
    {
        var methods = map.Texts("methods");
        foreach (var method in methods.Where(method => Planning.Methods.Titles.All(title => title.Key != method)))
        {
            map.Report("methods", $"There is no method '{method}'.");
        }

        return methods;
    }
}

/// <summary>The two families of addresses that onboarding packages are made for.</summary>
public enum Connectivity
{
    /// <summary>Many addresses per data centre, in packages made before 2024 or chosen as "standard".</summary>
    Classic,

    /// <summary><c>*.endpoint.security.microsoft.com</c>, in packages chosen as "streamlined".</summary>
    Streamlined,
}

/// <summary>What a person checks once.</summary>
/// <param name="Title">What must be so, as a sentence.</param>
/// <param name="Detail">Where to look, or why.</param>
/// <param name="Methods">The methods that need it; empty for all.</param>
/// <param name="Source">Where this is said.</param>
public sealed record PrerequisiteStep(string Title, string Detail, ImmutableArray<string> Methods, Provenance Source);

/// <summary>An address that a device must reach.</summary>
public sealed record PrerequisiteAddress
{
    /// <summary>Host name; with <c>*</c> it stands for many and cannot be tried.</summary>
    public required string Host { get; init; }

    /// <summary><c>https</c> (port 443) or <c>http</c> (port 80).</summary>
    public required string Scheme { get; init; }

    /// <summary>What it is for.</summary>
    public required string Purpose { get; init; }

    /// <summary>The methods that need it; empty for all.</summary>
    public required ImmutableArray<string> Methods { get; init; }

    /// <summary>The kind of package that needs it; null for both.</summary>
    public Connectivity? Connectivity { get; init; }

    /// <summary>Where this is said.</summary>
    public required Provenance Source { get; init; }

    /// <summary>Whether the host can be tried from a device.</summary>
    public bool IsExact => !Host.Contains('*', StringComparison.Ordinal);
}

/// <summary>An edition of Windows client by its registry value <c>EditionID</c>.</summary>
/// <param name="Pattern">Regular expression over the value, in the common ground of .NET Framework and .NET.</param>
/// <param name="Edition">The edition.</param>
/// <param name="Source">Where this is said.</param>
public sealed record EditionId(string Pattern, WindowsEdition Edition, Provenance Source);
