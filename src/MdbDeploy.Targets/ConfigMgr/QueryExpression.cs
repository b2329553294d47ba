using System.Text.RegularExpressions;

namespace MdbDeploy.Targets.ConfigMgr;

/// <summary>
/// The query of a membership rule (learn.microsoft.com/intune/configmgr/develop/core/understand/extended-wmi-query-language). The SMS provider puts a SELECT list of its own in
/// place of the one sent, so that queries are the same when they are the same from FROM on.
/// </summary>
internal static partial class QueryExpression
{
    /// <summary>Whether two queries ask for the same: from FROM on, without regard to case, blanks and the kind of quotes.</summary>
    public static bool AreSame(string? one, string? other) =>
        one is not null && other is not null && Condition(one).SequenceEqual(Condition(other), StringComparer.OrdinalIgnoreCase);

    /// <summary>The device names that a query names: <c>SMS_R_System.Name in ('A','B')</c> and <c>SMS_R_System.Name = 'A'</c>.</summary>
    public static IEnumerable<string> Names(string query)
    {
        var words = Condition(query);
        for (var at = 0; at + 2 < words.Count; at++)
        {
            if (!string.Equals(words[at], "SMS_R_System.Name", StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            var isList = string.Equals(words[at + 1], "in", StringComparison.OrdinalIgnoreCase) && words[at + 2] == "(";
            if (!isList && words[at + 1] != "=")
            {
                continue;
            }

            for (at += isList ? 3 : 2; at < words.Count && words[at] != ")"; at++)
            {
                if (words[at].StartsWith('\''))
                {
                    yield return words[at][1..];
                }

                if (!isList)
                {
                    break;
                }
            }
        }
    }

    /// <summary>The strings that a query compares with, their escapes resolved.</summary>
    public static IEnumerable<string> Texts(string query) => Condition(query).Where(word => word.StartsWith('\'')).Select(word => word[1..]);

    /// <summary>The words from FROM on. A string in quotes is one word, marked by a quote in front, its escapes resolved.</summary>
    private static List<string> Condition(string query)
    {
        var words = WordPattern.Matches(query).Select(m => m.Groups["text"] is { Success: true } text ? "'" + EscapePattern.Replace(text.Value, "$1") : m.Value).ToList();
        var from = words.FindIndex(w => string.Equals(w, "from", StringComparison.OrdinalIgnoreCase));
        return from < 0 ? words : words[from..];
    }

    [GeneratedRegex("""'(?<text>(?:\\.|[^'\\])*)'|"(?<text>(?:\\.|[^"\\])*)"|[\w.]+|\S""", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex WordPattern { get; }

    [GeneratedRegex(@"\\(.)", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex EscapePattern { get; }
}
