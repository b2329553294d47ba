using System.Text.RegularExpressions;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Targets.Graph;

/// <summary>Identifiers in paths.</summary>
internal static partial class GraphIds
{
    /// <summary>The last GUID of a path: that of the object that a set belongs to, as in <c>groups/ID</c> and <c>…('ID')/assign</c>.</summary>
    /// <exception cref="TargetException">There is none.</exception>
    public static string Last(string path) => Pattern.Matches(path) is [.., var last]
        ? last.Value
        : throw new TargetException(Problems.RequestRefused.At(Location.None, $"The path '{path}' names no object."));

    [GeneratedRegex("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern { get; }
}

/// <summary>Names for a sentence.</summary>
internal static class Names
{
    private const int Shown = 20;

    /// <summary>Up to 20 names in order, and how many more there are.</summary>
    public static string Of(IEnumerable<string> names)
    {
        var all = names.Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase).ToList();
        return string.Join(", ", all.Take(Shown)) + (all.Count > Shown ? $" and {all.Count - Shown} more" : "");
    }
}
