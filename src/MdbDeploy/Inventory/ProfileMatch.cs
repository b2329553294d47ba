using System.Collections.Immutable;
using System.Text;

namespace MdbDeploy.Inventory;

/// <summary>The header of a file.</summary>
/// <param name="Names">The headers as written, without surrounding blanks; empty where a column has none.</param>
/// <param name="Line">The line it stands on.</param>
internal sealed record Header(ImmutableArray<string> Names, int Line)
{
    /// <summary>Index of each header, as <see cref="Normalize"/> leaves it; of equal ones the first.</summary>
    public IReadOnlyDictionary<string, int> Index { get; } = IndexOf(Names);

    /// <summary>A column for a message.</summary>
    public string TitleOf(int column) => $"Column '{RowNotes.Show(Names[column])}'";

    /// <summary>A header as it is compared: one blank between words, no case.</summary>
    public static string Normalize(string header)
    {
        if (!header.AsSpan().ContainsAny("\t\n\r\u00A0") && !header.Contains("  ", StringComparison.Ordinal) && header.Trim().Length == header.Length)
        {
            return header;
        }

        var text = new StringBuilder(header.Length);
        foreach (var word in header.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            text.Append(text.Length == 0 ? "" : " ").Append(word);
        }

        return text.ToString();
    }

    private static Dictionary<string, int> IndexOf(ImmutableArray<string> names)
    {
        var index = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < names.Length; i++)
        {
            if (names[i].Length > 0)
            {
                index.TryAdd(Normalize(names[i]), i);
            }
        }

        return index;
    }
}

/// <summary>How a profile fits a header.</summary>
internal sealed class ProfileMatch
{
    private readonly int requiredFound;

    /// <summary>Compares a profile with a header.</summary>
    public ProfileMatch(ImportProfile profile, Header header)
    {
        Profile = profile;
        Header = header;
        requiredFound = profile.Required.Count(group => group.Any(Has));
        Bound = [.. profile.Columns.Select(column => (Column: Find(column), Profile: column)).Where(bound => bound.Column >= 0)];
        var known = profile.Columns.SelectMany(column => column.From).Concat(profile.Ignored).Concat(profile.Required.SelectMany(group => group))
            .Where(Has).Select(name => header.Index[Header.Normalize(name)]);
        Known = known.Distinct().Count();
    }

    /// <summary>The profile.</summary>
    public ImportProfile Profile { get; }

    /// <summary>The header.</summary>
    public Header Header { get; }

    /// <summary>Columns of the file that the profile knows.</summary>
    public int Known { get; }

    /// <summary>File columns and what they say, in the profile's order.</summary>
    public ImmutableArray<(int Column, ProfileColumn Profile)> Bound { get; }

    /// <summary>Whether every required header is there, and a name.</summary>
    public bool Fits => requiredFound == Profile.Required.Length
        && Bound.Any(bound => DeviceFields.NamesDevice(bound.Profile.Field));

    /// <summary>The fitting profiles, the best first: most columns known, then most required, then the more particular, then by name.</summary>
    public static IReadOnlyList<ProfileMatch> Rank(IEnumerable<ImportProfile> profiles, Header header) =>
    [
        .. profiles.Select(profile => new ProfileMatch(profile, header)).Where(match => match.Fits)
            .OrderByDescending(match => match.Known).ThenBy(match => match.Profile.Fallback).ThenByDescending(match => match.Profile.Required.Length)
            .ThenBy(match => match.Profile.Id, StringComparer.Ordinal),
    ];

    /// <summary>Why the best of a ranking was chosen, in words.</summary>
    public static string Explain(IReadOnlyList<ProfileMatch> ranking)
    {
        var best = ranking[0];
        var columns = best.Header.Index.Count;
        var required = best.Profile.Required.Select(group => $"'{RowNotes.Show(best.Header.Names[best.Header.Index[Header.Normalize(group.First(best.Has))]])}'");
        var others = ranking.Count == 1 ? "no other profile fits" : $"next best is {ranking[1].Profile.Id} with {ranking[1].Known}";
        return $"It has {string.Join(", ", required)}, and {best.Known} of its {columns} columns are known to {best.Profile.Id}; {others}.";
    }

    /// <summary>File column to device field, in file order.</summary>
    public ImmutableArray<KeyValuePair<string, string?>> Columns()
    {
        var fields = Bound.ToLookup(bound => bound.Column, bound => DeviceFields.NameOf(bound.Profile.Field));
        return [.. Header.Names.Select((name, i) => KeyValuePair.Create(name, fields.Contains(i) ? string.Join(", ", fields[i].Distinct()) : null))];
    }

    /// <summary>What the header lacks for a profile that was asked for.</summary>
    public string Lack() => string.Join("; ", Profile.Required.Where(group => !group.Any(Has)).Select(group => string.Join(" or ", group.Take(5).Select(name => $"'{name}'"))));

    private bool Has(string name) => Header.Index.ContainsKey(Header.Normalize(name));

    private int Find(ProfileColumn column)
    {
        foreach (var name in column.From)
        {
            if (Header.Index.TryGetValue(Header.Normalize(name), out var index))
            {
                return index;
            }
        }

        return -1;
    }
}
