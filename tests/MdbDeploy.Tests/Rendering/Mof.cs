using System.Text.RegularExpressions;

namespace MdbDeploy.Tests.Rendering;

/// <summary>A reader of the MOF that is written here: instances with strings, numbers, booleans and lists of instances.</summary>
internal static partial class Mof
{
    public static List<Dictionary<string, object>> Read(string text)
    {
        var tokens = new Queue<string>(Token.Matches(Comment.Replace(text, "")).Select(m => m.Value));
        var instances = new List<Dictionary<string, object>>();
        while (tokens.Count > 0)
        {
            if (tokens.Peek() == "[")
            {
                while (tokens.Dequeue() != "]")
                {
                }
            }

            instances.Add(Instance(tokens));
            Expect(tokens, ";");
        }

        return instances;
    }

    private static Dictionary<string, object> Instance(Queue<string> tokens)
    {
        Expect(tokens, "instance");
        Expect(tokens, "of");
        var properties = new Dictionary<string, object> { ["__CLASS"] = tokens.Dequeue() };
        Expect(tokens, "{");
        while (tokens.Peek() != "}")
        {
            var name = tokens.Dequeue();
            Expect(tokens, "=");
            properties.Add(name, tokens.Peek() == "{" ? List(tokens) : Scalar(tokens.Dequeue()));
            Expect(tokens, ";");
        }

        tokens.Dequeue();
        return properties;
    }

    private static List<Dictionary<string, object>> List(Queue<string> tokens)
    {
        var items = new List<Dictionary<string, object>>();
        do
        {
            tokens.Dequeue();
            items.Add(Instance(tokens));
        }
        while (tokens.Peek() == ",");
        Expect(tokens, "}");
        return items;
    }

    private static string Scalar(string token) => token.StartsWith('"') ? Escape.Replace(token[1..^1], m => m.Value == "\\n" ? "\n" : m.Value[1..]) : token;

    private static void Expect(Queue<string> tokens, string token) => tokens.Dequeue().ShouldBe(token);

    [GeneratedRegex("""^\s*//.*$""", RegexOptions.Multiline)]
    private static partial Regex Comment { get; }

    [GeneratedRegex(@"""(?:\\.|[^""\\])*""|[\w-]+|[^\s\w]")]
    private static partial Regex Token { get; }

    [GeneratedRegex(@"\\.")]
    private static partial Regex Escape { get; }
}
