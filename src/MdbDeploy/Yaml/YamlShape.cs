using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace MdbDeploy.Yaml;

/// <summary>
/// Looks at the events of a YAML text before a tree is built of them. A small text can describe a tree that overflows the stack (nesting), that fills the
/// memory (aliases of aliases) or that never ends (an alias inside what it names).
/// </summary>
internal sealed class YamlShape
{
    // Far beyond any file of ours; the library's tree builder recurses and would overflow the stack at some ten thousand levels.
    private const int MaxDepth = 64;
    private const int MaxNodes = 200_000;

    private readonly Stack<Frame> open = new();
    private readonly Dictionary<string, (long Nodes, int Height)> anchors = new(StringComparer.Ordinal);
    private Frame current = new(null);

    /// <summary>What is wrong with the shape, and where; null when it can be built.</summary>
    /// <exception cref="YamlException">The text is no YAML.</exception>
    public static (string Message, Mark At)? Refuse(string text)
    {
        var shape = new YamlShape();
        var parser = new Parser(new StringReader(text));
        while (parser.MoveNext())
        {
            if (shape.See(parser.Current!) is { } refusal)
            {
                return (refusal, parser.Current!.Start);
            }
        }

        return null;
    }

    private string? See(ParsingEvent parsed)
    {
        switch (parsed)
        {
            case SequenceStart or MappingStart:
                open.Push(current);
                current = new Frame(AnchorOf((NodeEvent)parsed));
                break;
            case SequenceEnd or MappingEnd:
                var closed = current;
                current = open.Pop();
                current.Add(closed.Nodes, closed.Height);
                Remember(closed.Anchor, closed.Nodes, closed.Height);
                break;
            case Scalar scalar:
                current.Add(1, 0);
                Remember(AnchorOf(scalar), 1, 0);
                break;
            case AnchorAlias alias:
                var name = alias.Value.Value;
                if (current.Anchor == name || open.Any(frame => frame.Anchor == name))
                {
                    return $"The alias *{name} stands inside what it names.";
                }

                if (!anchors.TryGetValue(name, out var named))
                {
                    return $"The alias *{name} names nothing above it.";
                }

                current.Add(named.Nodes, named.Height);
                break;
            default:
                break;
        }

        return open.Count + current.Height > MaxDepth ? $"This is nested more than {MaxDepth} levels deep."
            : current.Nodes + open.Sum(frame => frame.Nodes) > MaxNodes ? $"This is more than {MaxNodes} values, with aliases written out."
            : null;
    }

    private static string? AnchorOf(NodeEvent node) => node.Anchor.IsEmpty ? null : node.Anchor.Value;

    private void Remember(string? anchor, long nodes, int height)
    {
        if (anchor is not null)
        {
            anchors[anchor] = (nodes, height);
        }
    }

    // A list or mapping whose end has not come yet.
    private sealed class Frame(string? anchor)
    {
        public string? Anchor => anchor;

        public long Nodes { get; private set; } = 1;

        /// <summary>Levels below this one.</summary>
        public int Height { get; private set; }

        public void Add(long nodes, int height)
        {
            Nodes += nodes;
            Height = Math.Max(Height, height + 1);
        }
    }
}
