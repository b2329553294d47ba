using System.Collections.Immutable;
using System.Reflection;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Inventory;

/// <summary>
/// What the exports of one source look like: which headers it has, what each column says about a device, and what its values mean. A profile is a data
/// file, so a new source needs no code; README and the built-in ones under Inventory/Profiles show the form.
/// </summary>
public sealed record ImportProfile
{
    private static readonly Lazy<ImmutableArray<ImportProfile>> BuiltInProfiles = new(ReadBuiltIn);

    /// <summary>Identifier, for example <c>intune-portal</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Title, for people.</summary>
    public required string Title { get; init; }

    /// <summary>Headers that must be there: at least one of each group.</summary>
    public required ImmutableArray<ImmutableArray<string>> Required { get; init; }

    /// <summary>Headers that the source is known to write and that say nothing we use.</summary>
    public required ImmutableArray<string> Ignored { get; init; }

    /// <summary>The columns that say something; for one field the first that has a value wins, except that flags and dates are combined.</summary>
    public required ImmutableArray<ProfileColumn> Columns { get; init; }

    /// <summary>Values every row of this source has, unless a column says otherwise, by field.</summary>
    public required ImmutableSortedDictionary<DeviceField, string> Constants { get; init; }

    /// <summary>Whether the profile is for lists of no particular source: then any other that matches equally well is preferred.</summary>
    public bool Fallback { get; init; }

    /// <summary>Most rows that the source returns unless it is asked for more; null when it returns all. An export of just as many was probably cut off.</summary>
    public int? RowsAtMost { get; init; }

    /// <summary>The profiles that come with the tool, by identifier.</summary>
    public static ImmutableArray<ImportProfile> BuiltIn => BuiltInProfiles.Value;

    /// <summary>Reads a profile.</summary>
    /// <param name="yaml">The profile.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="problems">Receives everything that is wrong with it.</param>
    /// <returns>The profile, or null when something is wrong.</returns>
    public static ImportProfile? Parse(string yaml, string file, ICollection<Diagnostic> problems) => ProfileYaml.Parse(yaml, file, problems);

    private static ImmutableArray<ImportProfile> ReadBuiltIn()
    {
        List<ImportProfile> profiles = [];
        List<Diagnostic> problems = [];
        foreach (var name in Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Where(name => name.StartsWith("Inventory/Profiles/", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            if (Parse(Resource(name), name, problems) is { } profile)
            {
                profiles.Add(profile);
            }
        }

        return problems.Count == 0 ? [.. profiles] : throw new InvalidDataException(string.Join('\n', problems));
    }

    internal static string Resource(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name) ?? throw new InvalidDataException($"Resource {name} is missing.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}

/// <summary>What one column of an export says about a device.</summary>
/// <param name="Field">The device field.</param>
/// <param name="From">Headers the column may have, preferred first; compared ignoring case and runs of blanks.</param>
/// <param name="Values">What its texts mean, as words of the field; the common ones of values.yaml are understood besides.</param>
public sealed record ProfileColumn(DeviceField Field, ImmutableArray<string> From, ImmutableArray<KeyValuePair<string, string>> Values);
