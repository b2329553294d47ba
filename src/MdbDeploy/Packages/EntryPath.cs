using System.Buffers;
using System.Text;

namespace MdbDeploy.Packages;

/// <summary>
/// Names of archive entries. The portal writes <c>\</c> between folders, which other systems take for part of a name. What could land outside its folder, or
/// under another name than it shows, on Windows or elsewhere, is refused.
/// </summary>
internal static class EntryPath
{
    private static readonly SearchValues<char> ForbiddenOnWindows = SearchValues.Create("<>:\"|?*");

    private const int LongestPath = 240;

    private static readonly string[] DeviceNames = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

    /// <summary>The path with <c>/</c> between its parts.</summary>
    /// <param name="name">Name as the archive has it.</param>
    /// <param name="path">The path; empty when it is refused.</param>
    /// <returns>Why it is refused, as the end of a sentence; null when it is fine.</returns>
    public static string? Normalize(string name, out string path)
    {
        path = "";
        var text = name.Replace('\\', '/');
        if (text.Length == 0)
        {
            return "has no name";
        }

        if (text.Length > LongestPath)
        {
            return "has a path of more than 240 characters";
        }

        if (text[0] == '/')
        {
            return "has an absolute path";
        }

        if (text.Length > 1 && text[1] == ':' && char.IsAsciiLetter(text[0]))
        {
            return "has a path with a drive letter";
        }

        if (text.AsSpan().ContainsAny(ForbiddenOnWindows) || text.Any(IsUnseen))
        {
            return "has a name with characters that Windows does not allow";
        }

        var parts = text.Split('/').Where(part => part is not ("" or ".")).ToList();
        if (parts.Contains(".."))
        {
            return "climbs out of the archive with '..'";
        }

        if (parts.Any(part => part[^1] is '.' or ' '))
        {
            return "has a name that ends in a dot or a blank, which Windows drops";
        }

        if (parts.Any(IsDevice))
        {
            return "has the name of a Windows device";
        }

        path = string.Join('/', parts);
        return path.Length == 0 ? "has no name" : null;
    }

    /// <summary>A name as it may be shown: no control characters, not endless.</summary>
    public static string Shown(string name)
    {
        const int longest = 120;
        var text = new StringBuilder(Math.Min(name.Length, longest + 1));
        foreach (var c in name.Length > longest ? name.AsSpan(0, longest) : name)
        {
            text.Append(IsUnseen(c) ? '\uFFFD' : c);
        }

        return name.Length > longest ? text.Append('…').ToString() : text.ToString();
    }

    // Control characters, and those that reverse the direction of text: both make a name show as another one.
    private static bool IsUnseen(char c) => char.IsControl(c) || c is '\u200E' or '\u200F' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');

    // A device keeps its name with any extension: NUL.txt is NUL (Microsoft, "Naming Files, Paths, and Namespaces").
    private static bool IsDevice(string part)
    {
        var dot = part.IndexOf('.', StringComparison.Ordinal);
        var stem = (dot < 0 ? part : part[..dot]).TrimEnd(' ').ToUpperInvariant();
        return DeviceNames.Contains(stem)
            || (stem.Length == 4 && (stem.StartsWith("COM", StringComparison.Ordinal) || stem.StartsWith("LPT", StringComparison.Ordinal)) && stem[3] is (>= '0' and <= '9') or '¹' or '²' or '³');
    }
}
