using System.Text;

namespace MdbDeploy.Lab.OData;

/// <summary>
/// A path in pieces, with both ways to write a key made one: <c>groups('7')/members</c> and <c>groups/7/members</c> are [groups, 7, members]. An alternate key
/// becomes two pieces, <c>groups(uniqueName='x')</c> is [groups, uniqueName=, x]. (OData 4.01 URL conventions, sections 4.3.1, 4.3.5 and 4.3.6.)
/// </summary>
internal static class ODataPath
{
    public static string[] Split(string decodedPath)
    {
        var segments = new List<string>();
        foreach (var segment in SplitOutsideQuotes(decodedPath))
        {
            var open = segment.IndexOf('(', StringComparison.Ordinal);
            if (open <= 0 || segment[^1] != ')')
            {
                segments.Add(segment);
                continue;
            }

            segments.Add(segment[..open]);
            var key = segment[(open + 1)..^1];
            var equals = key.StartsWith('\'') ? -1 : key.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                segments.Add(key[..(equals + 1)]);
                key = key[(equals + 1)..];
            }

            segments.Add(Unquote(key));
        }

        return [.. segments];
    }

    private static string Unquote(string key) =>
        key is ['\'', .., '\''] ? key[1..^1].Replace("''", "'", StringComparison.Ordinal) : key;

    private static IEnumerable<string> SplitOutsideQuotes(string path)
    {
        var current = new StringBuilder();
        var quoted = false;
        foreach (var c in path)
        {
            quoted ^= c == '\'';
            if (c != '/' || quoted)
            {
                current.Append(c);
                continue;
            }

            if (current.Length > 0)
            {
                yield return current.ToString();
            }

            current.Clear();
        }

        if (current.Length > 0)
        {
            yield return current.ToString();
        }
    }
}
