using System.Text;
using System.Text.Json.Nodes;

namespace MdbDeploy.Targets.Http;

/// <summary>Takes secrets out of what a server says. Services quote the value that they do not like, and that may be an onboarding blob.</summary>
internal static class Redaction
{
    // Nothing that is sent is that long but secrets and scripts; descriptions and filter rules are shorter.
    private const int ShortestSecret = 256;

    // A piece this long does not occur in a secret by chance. Ids of settings and GUIDs, which an error has to name, occur in no secret.
    private const int Piece = 16;

    /// <summary>The text with every piece of a secret that the body holds replaced by three dots, also when it is quoted in part or escaped as JSON.</summary>
    /// <param name="text">What the server says.</param>
    /// <param name="body">What was sent; null for nothing.</param>
    public static string Hide(string text, JsonNode? body)
    {
        foreach (var secret in ResourceIds.Strings(body).Where(s => s.Length >= ShortestSecret))
        {
            text = Hide(text, secret);
        }

        return text;
    }

    private static string Hide(string text, string secret)
    {
        // Quotes and backslashes come and go with escaping: both sides are compared without.
        var haystack = string.Concat(secret.Where(IsCompared));
        var places = Enumerable.Range(0, text.Length).Where(i => IsCompared(text[i])).ToArray();
        var plain = string.Concat(places.Select(i => text[i]));
        var result = new StringBuilder();
        var next = 0;
        for (var at = 0; at + Piece <= plain.Length;)
        {
            if (!haystack.Contains(plain.Substring(at, Piece), StringComparison.Ordinal))
            {
                at++;
                continue;
            }

            var end = at + Piece;
            while (end < plain.Length && haystack.Contains(plain.Substring(end - Piece + 1, Piece), StringComparison.Ordinal))
            {
                end++;
            }

            var (from, to) = (places[at], places[end - 1] + 1);
            while (from > next && !IsCompared(text[from - 1]))
            {
                from--;
            }

            while (to < text.Length && !IsCompared(text[to]))
            {
                to++;
            }

            result.Append(text, next, from - next).Append('…');
            (next, at) = (to, end);
        }

        return result.Append(text, next, text.Length - next).ToString();
    }

    private static bool IsCompared(char c) => c is not ('"' or '\\');
}
