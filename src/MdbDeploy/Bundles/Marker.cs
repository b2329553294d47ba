using System.Text.RegularExpressions;

namespace MdbDeploy.Bundles;

/// <summary>
/// The line in a remote object's description or comment that says whose it is: <c>mdbdeploy:PROJECT/ADDRESS#HASH</c>. Ownership stands on the object itself, so
/// any colleague's machine continues where the last one stopped, and nothing that lacks the line is ever changed.
/// </summary>
/// <param name="Project">Identifier of the deployment project (<see cref="Projects.DeploymentProject.Id"/>).</param>
/// <param name="Address">Address of the resource.</param>
/// <param name="Hash">First 16 hexadecimal digits of the SHA-256 of the desired body without the marker.</param>
public sealed partial record Marker(string Project, string Address, string Hash)
{
    /// <summary>Reads the marker from a description, whatever people wrote around it; null when there is none.</summary>
    public static Marker? Find(string? description) =>
        description is not null && Pattern.Match(description) is { Success: true } match
            ? new Marker(match.Groups["project"].Value, match.Groups["address"].Value, match.Groups["hash"].Value)
            : null;

    /// <summary>The marker line.</summary>
    public override string ToString() => $"mdbdeploy:{Project}/{Address}#{Hash}";

    /// <summary>The description without a marker, and with this one as its last line.</summary>
    public string AppendTo(string? description)
    {
        var text = Remove(description);
        return text.Length == 0 ? ToString() : $"{text}\n{this}";
    }

    /// <summary>The description without its marker line.</summary>
    public static string Remove(string? description) =>
        description is null ? "" : Pattern.Replace(description, "").TrimEnd('\r', '\n', ' ');

    // Addresses hold letters, digits, - . _ / and a ring in brackets; ring names hold blanks too.
    [GeneratedRegex(@"mdbdeploy:(?<project>[a-z0-9-]{1,40})/(?<address>[a-z0-9-]+/[a-z0-9-]+/[A-Za-z0-9._-]+(\[[A-Za-z0-9 ._-]+\])?)#(?<hash>[0-9a-f]{16})", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern { get; }
}
