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
