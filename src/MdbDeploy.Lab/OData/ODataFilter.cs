using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace MdbDeploy.Lab.OData;

/// <summary>
/// The part of $filter that the simulated services take: comparisons, and, or, not, parentheses, contains, startswith, endswith, and any over arrays of values.
/// Strings compare without regard to case, as the directory and SQL Server do. (OData 4.01 URL conventions, section 5.1.1.)
/// </summary>
internal sealed partial class ODataFilter
{
    private readonly Func<Func<string, JsonNode?>, bool> test;

    private ODataFilter(Func<Func<string, JsonNode?>, bool> test, IReadOnlySet<string> properties, IReadOnlySet<string> operators)
    {
        this.test = test;
        Properties = properties;
        Operators = operators;
    }

    /// <summary>The properties it names.</summary>
    public IReadOnlySet<string> Properties { get; }

    /// <summary>The operators and functions it uses, lower case.</summary>
    public IReadOnlySet<string> Operators { get; }

    public bool Matches(JsonObject row) => test(path => Find(row, path));

    public static ODataFilter Parse(string text) => new Parser(text).Parse();

    /// <summary>The value at a path such as <c>templateReference/templateFamily</c>; null when there is none.</summary>
    public static JsonNode? Find(JsonNode? row, string path)
    {
        if (path.Contains('/', StringComparison.Ordinal))
        {
            return path.Split('/').Aggregate(row, Find);
        }

        return row is not JsonObject properties ? null
            : properties.TryGetPropertyValue(path, out var exact) ? exact
            : properties.FirstOrDefault(p => string.Equals(p.Key, path, StringComparison.OrdinalIgnoreCase)).Value;
    }

    [GeneratedRegex(@"\G\s*(?:(?<string>'(?:[^']|'')*')|(?<word>[@\w.\-:+/$]+)|(?<sign>[(),]))", RegexOptions.CultureInvariant)]
    private static partial Regex Token { get; }

    private sealed class Parser
    {
        private readonly List<string> tokens = [];
        private readonly HashSet<string> properties = new(StringComparer.OrdinalIgnoreCase);
        private readonly HashSet<string> operators = new(StringComparer.Ordinal);
        private readonly HashSet<string> variables = new(StringComparer.Ordinal);
        private readonly string text;
        private int at;

        public Parser(string text)
        {
            this.text = text;
            var position = 0;
            while (position < text.TrimEnd().Length)
            {
                var match = Token.Match(text, position);
                if (!match.Success)
                {
                    throw Error(position);
                }

                tokens.Add(match.Value.Trim());
                position += match.Length;
            }
        }

        public ODataFilter Parse()
        {
            var test = Or();
            return at == tokens.Count ? new ODataFilter(test, properties, operators) : throw Error(at);
        }

        private Func<Func<string, JsonNode?>, bool> Or()
        {
            var left = And();
            while (Take("or"))
            {
                var (a, b) = (left, And());
                left = row => a(row) || b(row);
            }

            return left;
        }

        private Func<Func<string, JsonNode?>, bool> And()
        {
            var left = Not();
            while (Take("and"))
            {
                var (a, b) = (left, Not());
                left = row => a(row) && b(row);
            }

            return left;
        }

        private Func<Func<string, JsonNode?>, bool> Not()
        {
            if (Take("not"))
            {
                operators.Add("not");
                var inner = Not();
                return row => !inner(row);
            }

            if (Take("("))
            {
                var inner = Or();
                Expect(")");
                return inner;
            }

            var name = Next();
            if (Take("("))
            {
                return name.EndsWith("/any", StringComparison.Ordinal) ? Any(name[..^4]) : Function(name);
            }

            return Comparison(name);
        }

        private Func<Func<string, JsonNode?>, bool> Comparison(string left)
        {
            var property = Property(left);
            var comparison = Next().ToLowerInvariant();
            operators.Add(comparison);
            if (comparison == "in")
            {
                Expect("(");
                var values = new List<object?> { Literal(Next()) };
                while (Take(","))
                {
                    values.Add(Literal(Next()));
                }

                Expect(")");
                return row => values.Any(v => ODataValue.AreEqual(ODataValue.Of(row(property)), v));
            }

            var right = Literal(Next());
            return comparison switch
            {
                "eq" => row => ODataValue.AreEqual(ODataValue.Of(row(property)), right),
                "ne" => row => !ODataValue.AreEqual(ODataValue.Of(row(property)), right),
                "gt" => row => ODataValue.Compare(ODataValue.Of(row(property)), right) > 0,
                "ge" => row => ODataValue.Compare(ODataValue.Of(row(property)), right) >= 0,
                "lt" => row => ODataValue.Compare(ODataValue.Of(row(property)), right) < 0,
                "le" => row => ODataValue.Compare(ODataValue.Of(row(property)), right) <= 0,
                _ => throw Error(at),
            };
        }

        private Func<Func<string, JsonNode?>, bool> Function(string name)
        {
            var function = name.ToLowerInvariant();
            operators.Add(function);
            var property = Property(Next());
            Expect(",");
            var value = Literal(Next()) as string ?? throw Error(at);
            Expect(")");
            bool Test(Func<string, JsonNode?> row, Func<string, bool> test) => ODataValue.Of(row(property)) is string s && test(s);
            return function switch
            {
                "contains" => row => Test(row, s => s.Contains(value, StringComparison.OrdinalIgnoreCase)),
                "startswith" => row => Test(row, s => s.StartsWith(value, StringComparison.OrdinalIgnoreCase)),
                "endswith" => row => Test(row, s => s.EndsWith(value, StringComparison.OrdinalIgnoreCase)),
                _ => throw new ODataException($"An unknown function with name '{name}' was found. This may also be a function import or a key lookup on a navigation property, which is not allowed."),
            };
        }

        private Func<Func<string, JsonNode?>, bool> Any(string property)
        {
            operators.Add("any");
            properties.Add(property);
            var variable = Next().TrimEnd(':');
            Take(":");
            variables.Add(variable);
            var inner = Or();
            variables.Remove(variable);
            Expect(")");
            return row => row(property) is JsonArray items && items.Any(item => inner(path => path == variable ? item : row(path)));
        }

        private string Property(string name)
        {
            if (name.StartsWith('\'') || name is "," or ")")
            {
                throw Error(at);
            }

            if (!variables.Contains(name))
            {
                properties.Add(name);
            }

            return name;
        }

        private object? Literal(string token) => token switch
        {
            ['\'', ..] => token[1..^1].Replace("''", "'", StringComparison.Ordinal),
            "null" => null,
            "true" => true,
            "false" => false,
            _ when decimal.TryParse(token, NumberStyles.Number, CultureInfo.InvariantCulture, out var number) => number,
            _ when Guid.TryParse(token, out _) => token,
            _ when DateTimeOffset.TryParse(token, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) => time,
            _ => throw Error(at),
        };

        private bool Take(string token)
        {
            if (at < tokens.Count && string.Equals(tokens[at], token, StringComparison.OrdinalIgnoreCase))
            {
                at++;
                return true;
            }

            return false;
        }

        private void Expect(string token)
        {
            if (!Take(token))
            {
                throw Error(at);
            }
        }

        private string Next() => at < tokens.Count ? tokens[at++] : throw Error(at);

        private ODataException Error(int position) => new($"Syntax error at position {position} in '{text}'.");
    }
}

/// <summary>Values as a filter compares them.</summary>
internal static class ODataValue
{
    /// <summary>Orders as a server does: null first, then by kind.</summary>
    public static IComparer<object?> Comparer { get; } = Comparer<object?>.Create((a, b) => (a, b) switch
    {
        (null, null) => 0,
        (null, _) => -1,
        (_, null) => 1,
        _ => Compare(a, b) ?? 0,
    });

    /// <summary>A JSON value as string, decimal, bool or null.</summary>
    public static object? Of(JsonNode? node) => node?.GetValueKind() switch
    {
        JsonValueKind.String => node.GetValue<string>(),
        JsonValueKind.Number => decimal.Parse(node.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    public static bool AreEqual(object? left, object? right) => (left is null && right is null) || Compare(left, right) == 0;

    public static int? Compare(object? left, object? right) => (left, right) switch
    {
        (string a, string b) => string.Compare(a, b, StringComparison.OrdinalIgnoreCase),
        (decimal a, decimal b) => a.CompareTo(b),
        (bool a, bool b) => a.CompareTo(b),
        // WMI keeps truth as 0 and 1.
        (decimal a, bool b) => a.CompareTo(b ? 1 : 0),
        (string a, DateTimeOffset b) when DateTimeOffset.TryParse(a, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) => time.CompareTo(b),
        _ => null,
    };
}
