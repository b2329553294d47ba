using System.Collections.Immutable;
using System.Globalization;
using MdbDeploy.Diagnostics;
using MdbDeploy.Inventory;
using MdbDeploy.Yaml;

namespace MdbDeploy.Planning;

/// <summary>What a device must be for Defender for Business, and how many the tenant may have: data, each row with its source.</summary>
public sealed record Requirements
{
    private static readonly Lazy<Requirements> Embedded = new(ReadEmbedded);

    /// <summary>The requirements that come with the tool: the embedded <c>Planning/requirements.yaml</c>.</summary>
    public static Requirements BuiltIn => Embedded.Value;

    /// <summary>Windows client editions; an edition without a row is unknown.</summary>
    public required ImmutableArray<EditionRequirement> Editions { get; init; }

    /// <summary>Windows builds; the first row that holds a build decides, a build without a row is unknown.</summary>
    public required ImmutableArray<BuildRequirement> Builds { get; init; }

    /// <summary>Operating systems that nothing is planned for.</summary>
    public required ImmutableArray<OutOfScopeSystem> OutOfScope { get; init; }

    /// <summary>Users of a Defender for Business tenant.</summary>
    public required Limit Users { get; init; }

    /// <summary>Client devices that one user's licence covers.</summary>
    public required Limit DevicesPerUser { get; init; }

    /// <summary>Servers that the add-on licence covers.</summary>
    public required Limit Servers { get; init; }

    /// <summary>Devices that the local script is meant for.</summary>
    public required Limit LocalScriptDevices { get; init; }

    /// <summary>Reads requirements; every row must name its source, date and certainty.</summary>
    /// <param name="text">YAML in the form of the embedded file.</param>
    /// <param name="file">The file, as messages name it.</param>
    internal static Outcome<Requirements> Parse(string text, string file)
    {
        var yaml = new YamlFile(file, Problems.ProjectFileUnreadable, Problems.ProjectValueInvalid);
        Requirements? requirements = null;
        if (yaml.Parse(text) is { } root)
        {
            var limits = root.Map("limits");
            requirements = new Requirements
            {
                Editions = [.. root.Maps("editions").Select(ReadEdition)],
                Builds = [.. root.Maps("builds").Select(ReadBuild)],
                OutOfScope = [.. root.Maps("outOfScope").Select(ReadSystem)],
                Users = ReadLimit(limits, "users"),
                DevicesPerUser = ReadLimit(limits, "devicesPerUser"),
                Servers = ReadLimit(limits, "servers"),
                LocalScriptDevices = ReadLimit(limits, "localScriptDevices"),
            };
            limits?.Close();
            root.Close();
        }

        return new(requirements, yaml.Diagnostics);
    }

    private static Requirements ReadEmbedded()
    {
        const string Name = "Planning/requirements.yaml";
        using var reader = new StreamReader(typeof(Requirements).Assembly.GetManifestResourceStream(Name)!);
        var outcome = Parse(reader.ReadToEnd(), Name);
        return outcome.Value ?? throw new InvalidOperationException($"{Name} of this build is broken: {outcome.Diagnostics[0]}");
    }

    private static EditionRequirement ReadEdition(YamlMap map)
    {
        var row = new EditionRequirement(
            map.Choice("edition", Words<WindowsEdition>(DeviceWords.Of)) ?? Missing<WindowsEdition>(map, "edition"),
            ReadVerdict(map), map.Text("reason"), Provenance.Read(map));
        map.Close();
        return row;
    }

    private static BuildRequirement ReadBuild(YamlMap map)
    {
        var build = map.Number("build", 1, 99999) ?? Missing<int>(map, "build");
        var row = new BuildRequirement
        {
            Os = map.Choice("os", Words<OsFamily>(DeviceWords.Of)) ?? Missing<OsFamily>(map, "os"),
            Name = map.RequiredText("name"),
            First = build,
            Last = map.Number("to", build, 99999) ?? build,
            Names = map.Texts("names"),
            Revision = map.Number("revision", 0, 99999) ?? 0,
            Kb = map.Text("kb"),
            Verdict = ReadVerdict(map),
            Reason = map.Text("reason"),
            Source = Provenance.Read(map),
        };
        map.Close();
        return row;
    }

    private static OutOfScopeSystem ReadSystem(YamlMap map)
    {
        var row = new OutOfScopeSystem(
            map.Choice("os", Words<OsFamily>(DeviceWords.Of)) ?? Missing<OsFamily>(map, "os"), map.RequiredText("title"), map.RequiredText("serve"), Provenance.Read(map));
        map.Close();
        return row;
    }

    private static Limit ReadLimit(YamlMap? limits, string key)
    {
        if (limits?.Map(key) is not { } map)
        {
            limits?.Report(key, $"'{key}' is missing.");
            return new Limit(0, new Provenance("", default, Certainty.Memory));
        }

        var limit = new Limit(map.Number("most", 1, int.MaxValue) ?? Missing<int>(map, "most"), Provenance.Read(map));
        map.Close();
        return limit;
    }

    private static Eligibility ReadVerdict(YamlMap map)
    {
        var verdict = map.Choice("verdict", Words<Eligibility>(DeviceWords.Of)) ?? Missing<Eligibility>(map, "verdict");
        if (verdict != Eligibility.Eligible && map.Text("reason") is null)
        {
            map.Report("reason", "A row that does not pass needs a 'reason'.");
        }

        return verdict;
    }

    private static T Missing<T>(YamlMap map, string key)
        where T : struct
    {
        map.RequiredText(key);
        return default;
    }

    private static Dictionary<string, T> Words<T>(Func<T, string> word)
        where T : struct, Enum => Enum.GetValues<T>().ToDictionary(word, StringComparer.Ordinal);
}

/// <summary>Whether an edition of Windows client is served.</summary>
/// <param name="Edition">The edition.</param>
/// <param name="Verdict">Whether it meets the requirements.</param>
/// <param name="Reason">Why not, or why nobody knows: a sentence. Null when eligible.</param>
/// <param name="Source">Where this is said.</param>
public sealed record EditionRequirement(WindowsEdition Edition, Eligibility Verdict, string? Reason, Provenance Source);

/// <summary>Whether a range of Windows builds is served, and from which update on.</summary>
public sealed record BuildRequirement
{
    /// <summary>Client or server.</summary>
    public required OsFamily Os { get; init; }

    /// <summary>Name of the release.</summary>
    public required string Name { get; init; }

    /// <summary>First build of the range.</summary>
    public required int First { get; init; }

    /// <summary>Last build of the range, included.</summary>
    public required int Last { get; init; }

    /// <summary>Parts of a system's name that tell it without a build; compared without blanks and case; a number is not part of a longer one.</summary>
    public ImmutableArray<string> Names { get; init; } = [];

    /// <summary>Least update revision; 0 when every revision will do.</summary>
    public required int Revision { get; init; }

    /// <summary>The update that brings <see cref="Revision"/>; null when none is needed.</summary>
    public string? Kb { get; init; }

    /// <summary>Whether the range meets the requirements, given <see cref="Revision"/>.</summary>
    public required Eligibility Verdict { get; init; }

    /// <summary>Why not, or why nobody knows: a sentence. Null when eligible.</summary>
    public string? Reason { get; init; }

    /// <summary>Where this is said.</summary>
    public required Provenance Source { get; init; }
}

/// <summary>An operating system that nothing is planned for.</summary>
/// <param name="Os">The family.</param>
/// <param name="Title">Its name in a sentence.</param>
/// <param name="Serve">What serves it instead, as it fits after "use".</param>
/// <param name="Source">Where this is said.</param>
public sealed record OutOfScopeSystem(OsFamily Os, string Title, string Serve, Provenance Source);

/// <summary>A limit of the service or the licence.</summary>
/// <param name="Most">The largest number that is served.</param>
/// <param name="Source">Where this is said.</param>
public sealed record Limit(int Most, Provenance Source);

/// <summary>Where a fact comes from.</summary>
/// <param name="Source">Page.</param>
/// <param name="Date">Date of the page.</param>
/// <param name="Certainty">How certain the fact is.</param>
public sealed record Provenance(string Source, DateOnly Date, Certainty Certainty)
{
    private static readonly Dictionary<string, Certainty> Certainties = Enum.GetValues<Certainty>().ToDictionary(certainty => certainty.ToString().ToLowerInvariant(), StringComparer.Ordinal);

    /// <summary>Reads the keys <c>source</c>, <c>date</c> and <c>certainty</c> of a row, which must be there.</summary>
    internal static Provenance Read(YamlMap map)
    {
        if (!DateOnly.TryParseExact(map.RequiredText("date"), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            map.Report("date", "'date' must be a date such as 2024-12-31.");
        }

        map.RequiredText("certainty");
        return new(map.RequiredText("source"), date, map.Choice("certainty", Certainties) ?? default);
    }
}

/// <summary>How certain a fact is.</summary>
public enum Certainty
{
    /// <summary>Read in the source.</summary>
    Documented,

    /// <summary>Known, not looked up again.</summary>
    Memory,

    /// <summary>Follows from something documented.</summary>
    Inferred,
}
