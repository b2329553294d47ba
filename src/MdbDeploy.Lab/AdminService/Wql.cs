using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MdbDeploy.Lab.OData;

namespace MdbDeploy.Lab.AdminService;

/// <summary>
/// The part of WQL that collection rules use: <c>select … from CLASS [inner join CLASS on …] where …</c> with comparisons, in, like, is null, and, or, not and
/// parentheses (learn.microsoft.com/intune/configmgr/develop/core/understand/extended-wmi-query-language). Strings stand in single or double quotes; a backslash escapes.
/// </summary>
internal sealed partial class Wql
{
    /// <summary>What the provider puts in place of the SELECT list of a rule about systems.</summary>
    private const string SelectList = "select SMS_R_SYSTEM.ResourceID,SMS_R_SYSTEM.ResourceType,SMS_R_SYSTEM.Name,SMS_R_SYSTEM.SMSUniqueIdentifier,SMS_R_SYSTEM.ResourceDomainORWorkgroup,SMS_R_SYSTEM.Client";

    private readonly List<string> classes;
    private readonly Func<Func<string, JsonObject?>, bool> where;

    private Wql(List<string> classes, Func<Func<string, JsonObject?>, bool> where) => (this.classes, this.where) = (classes, where);

    /// <summary>Reads a query; null when it is none. A rule with such a query is taken without complaint and has no members, as on a real site.</summary>
    public static Wql? TryParse(string text)
    {
        try
        {
            return new Parser(text).Parse();
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>The query as the provider keeps it: its SELECT list replaced, the rest from FROM on untouched.</summary>
    public static string Rewrite(string query) =>
        From.Match(query) is { Success: true } from ? $"{SelectList} {query[from.Index..].TrimStart()}" : query;

    /// <summary>Whether a device satisfies it: with one instance of each class, of which it may have several.</summary>
    /// <param name="rows">The device's instances of a class.</param>
    public bool Matches(Func<string, IEnumerable<JsonObject>> rows)
    {
        var chosen = new JsonObject[classes.Count];
        return Any(0);

        bool Any(int at) => at == classes.Count
            ? where(name => chosen[classes.FindIndex(c => string.Equals(c, name, StringComparison.OrdinalIgnoreCase))])
            : rows(classes[at]).Any(row =>
            {
                chosen[at] = row;
                return Any(at + 1);
            });
    }

    [GeneratedRegex(@"(?<=\s)from\s+SMS_R_System\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex From { get; }

    [GeneratedRegex("""\G\s*(?:(?<string>"(?:\\.|""|[^"\\])*"|'(?:\\.|''|[^'\\])*')|(?<word>[\w.]+)|(?<sign><>|!=|<=|>=|[=<>(),*-]))""", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Token { get; }

    /// <summary>Like with its wildcards: % any text, _ one character, [a-f] and [^a-f] a set.</summary>
    internal static bool Like(string text, string pattern)
    {
        var expression = new StringBuilder("^");
        for (var i = 0; i < pattern.Length; i++)
        {
            var end = pattern[i] == '[' ? pattern.IndexOf(']', i + 1) : -1;
            if (end > i + 1)
            {
                var set = pattern[(i + 1)..end];
                var negated = set is ['^', _, ..];
                expression.Append('[').Append(negated ? "^" : "")
                    .Append(string.Concat((negated ? set[1..] : set).Select(c => c is '\\' or '[' or '^' ? $"\\{c}" : c.ToString()))).Append(']');
                i = end;
            }
            else
            {
                expression.Append(pattern[i] switch { '%' => ".*", '_' => ".", var c => Regex.Escape(c.ToString()) });
            }
        }

        try
        {
            return Regex.IsMatch(text, expression.Append('$').ToString(), RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private sealed class Parser
    {
        private readonly List<string> tokens = [];
        private readonly List<string> classes = [];
        private int at;

        public Parser(string text)
        {
            for (var position = 0; position < text.TrimEnd().Length;)
            {
                var match = Token.Match(text, position);
                if (!match.Success)
                {
                    throw new FormatException();
                }

                tokens.Add(match.Value.TrimStart());
                position += match.Length;
            }
        }

        public Wql Parse()
        {
            Expect("select");
            Take("distinct");
            while (!Take("from"))
            {
                Next();
            }

            // The first class must be the one of resources.
            if (!string.Equals(Peek(), "SMS_R_System", StringComparison.OrdinalIgnoreCase))
            {
                throw new FormatException();
            }

            classes.Add(Next());
            while (Take("inner") || Is("join"))
            {
                Expect("join");
                classes.Add(Next());
                Expect("on");
                Next();
                Expect("=");
                Next();
            }

            Func<Func<string, JsonObject?>, bool> where = _ => true;
            if (Take("where"))
            {
                where = Or();
            }

            return at == tokens.Count ? new Wql(classes, where) : throw new FormatException();
        }

        private Func<Func<string, JsonObject?>, bool> Or()
        {
            var left = And();
            while (Take("or"))
            {
                var (a, b) = (left, And());
                left = row => a(row) || b(row);
            }

            return left;
        }

        private Func<Func<string, JsonObject?>, bool> And()
        {
            var left = Not();
            while (Take("and"))
            {
                var (a, b) = (left, Not());
                left = row => a(row) && b(row);
            }

            return left;
        }

        private Func<Func<string, JsonObject?>, bool> Not()
        {
            if (Take("not"))
            {
                var inner = Not();
                return row => !inner(row);
            }

            if (Take("("))
            {
                var inner = Or();
                Expect(")");
                return inner;
            }

            var value = Property(Next());
            var negated = Take("not");
            var test = Test(value);
            return negated ? row => !test(row) : test;
        }

        private Func<Func<string, JsonObject?>, bool> Test(Func<Func<string, JsonObject?>, object?> value)
        {
            var operation = Next().ToUpperInvariant();
            if (operation == "IN")
            {
                Expect("(");
                var values = new List<object?> { Literal() };
                while (Take(","))
                {
                    values.Add(Literal());
                }

                Expect(")");
                var texts = values.OfType<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
                var others = values.Where(v => v is not string).ToList();
                return row => value(row) is string text ? texts.Contains(text) : others.Exists(v => ODataValue.Compare(value(row), v) == 0);
            }

            if (operation == "IS")
            {
                var isNot = Take("not");
                Expect("null");
                return row => value(row) is null != isNot;
            }

            var literal = Literal();
            return operation switch
            {
                "=" => row => ODataValue.Compare(value(row), literal) == 0,
                "<>" or "!=" => row => ODataValue.Compare(value(row), literal) is not (null or 0),
                "<" => row => ODataValue.Compare(value(row), literal) < 0,
                "<=" => row => ODataValue.Compare(value(row), literal) <= 0,
                ">" => row => ODataValue.Compare(value(row), literal) > 0,
                ">=" => row => ODataValue.Compare(value(row), literal) >= 0,
                "LIKE" => row => value(row) is string text && literal is string pattern && Like(text, pattern),
                _ => throw new FormatException(),
            };
        }

        private Func<Func<string, JsonObject?>, object?> Property(string name)
        {
            if (name.Length == 0 || !(char.IsAsciiLetter(name[0]) || name[0] == '_'))
            {
                throw new FormatException();
            }

            var parts = name.Split('.');
            return parts switch
            {
                [var property] => row => ODataValue.Of(ODataFilter.Find(row(classes[0]), property)),
                [var className, var property] when classes.Contains(className, StringComparer.OrdinalIgnoreCase) => row => ODataValue.Of(ODataFilter.Find(row(className), property)),
                _ => throw new FormatException(),
            };
        }

        private object? Literal()
        {
            var token = Next();
            if (token[0] is '"' or '\'')
            {
                return Unescape(token);
            }

            var sign = token == "-" ? -1 : 1;
            return string.Equals(token, "null", StringComparison.OrdinalIgnoreCase) ? null
                : string.Equals(token, "true", StringComparison.OrdinalIgnoreCase) ? true
                : string.Equals(token, "false", StringComparison.OrdinalIgnoreCase) ? false
                : decimal.TryParse(sign < 0 ? Next() : token, NumberStyles.Number, CultureInfo.InvariantCulture, out var number) ? sign * number
                : throw new FormatException();
        }

        /// <summary>The text of a string literal: a backslash makes the next character itself, a doubled quote is one.</summary>
        private static string Unescape(string token)
        {
            var text = new StringBuilder();
            for (var i = 1; i < token.Length - 1; i++)
            {
                if (token[i] == '\\' || token[i] == token[0])
                {
                    i++;
                }

                text.Append(token[i]);
            }

            return text.ToString();
        }

        private string Peek() => at < tokens.Count ? tokens[at] : "";

        private bool Is(string word) => string.Equals(Peek(), word, StringComparison.OrdinalIgnoreCase);

        private bool Take(string word)
        {
            if (Is(word))
            {
                at++;
                return true;
            }

            return false;
        }

        private void Expect(string word)
        {
            if (!Take(word))
            {
                throw new FormatException();
            }
        }

        private string Next() => at < tokens.Count ? tokens[at++] : throw new FormatException();
    }
}
