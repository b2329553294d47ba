using System.Collections.Immutable;
using System.Text.Json.Nodes;
using MdbDeploy.Bundles;

namespace MdbDeploy.Targets.Comparison;

/// <summary>A field that differs, and whether both sides changed it since the last push.</summary>
/// <param name="Field">The field.</param>
/// <param name="IsConflict">Whether actual, desired and last applied value all differ.</param>
internal readonly record struct FieldDifference(FieldChange Field, bool IsConflict);

/// <summary>
/// What differs between the body we want and the one that is there: a pure function over JSON. Only fields the desired body names are looked at; arrays are ours
/// as a whole. <c>1</c> equals <c>1.0</c>, CRLF equals LF, an absent array equals an empty one and an absent value null.
/// </summary>
/// <remarks>Bodies come in masked (<see cref="SecretMask"/>) and without ownership marker.</remarks>
internal sealed class BodyComparison
{
    private readonly ResourceKind kind;
    private readonly ImmutableArray<FieldDifference>.Builder found = ImmutableArray.CreateBuilder<FieldDifference>();

    private readonly HashSet<string> keys;

    private BodyComparison(ResourceKind kind)
    {
        this.kind = kind;
        keys = kind.Sets.Select(set => $"{set.Key}/*/{set.Value.Replace('.', '/')}").ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Compares three values of each field.</summary>
    /// <param name="kind">Says which arrays are sets and what never reads back.</param>
    /// <param name="desired">What the bundle wants.</param>
    /// <param name="actual">What is there now.</param>
    /// <param name="lastApplied">What we sent last; null when nobody knows.</param>
    public static ImmutableArray<FieldDifference> Compare(ResourceKind kind, JsonObject desired, JsonObject actual, JsonObject? lastApplied)
    {
        var comparison = new BodyComparison(kind);
        comparison.Walk(JsonPointer.Root, new(desired), new(actual), lastApplied is null ? Value.Absent : new(lastApplied));
        return comparison.found.ToImmutable();
    }

    /// <summary>Whether <paramref name="actual"/> has everything that <paramref name="desired"/> names.</summary>
    public static bool Matches(ResourceKind kind, JsonPointer at, JsonNode? desired, JsonNode? actual)
    {
        var comparison = new BodyComparison(kind);
        comparison.Walk(at, new(desired), new(actual), Value.Absent);
        return comparison.found.Count == 0;
    }

    private void Walk(JsonPointer at, Value desired, Value actual, Value last)
    {
        if (kind.WriteOnly.Contains(at.Pattern) || (desired.IsNothing && actual.IsNothing))
        {
            return;
        }

        switch (desired.Node, actual.Node)
        {
            case (JsonObject wanted, JsonObject):
                // OData leaves a type out where it is the declared one (OData JSON format 4.01 §4.6.3).
                foreach (var (name, value) in wanted.Where(p => !p.Key.StartsWith("@odata.", StringComparison.Ordinal) || actual.Property(p.Key).IsThere))
                {
                    Walk(at.Property(name), new(value), actual.Property(name), last.Property(name));
                }

                break;
            case (JsonArray wanted, JsonArray or null) when kind.Sets.TryGetValue(at.Pattern, out var keyPath):
                WalkSet(at, wanted, actual.Node as JsonArray, last, keyPath);
                break;
            case (JsonArray wanted, JsonArray there) when wanted.Count == there.Count:
                for (var index = 0; index < wanted.Count; index++)
                {
                    var before = last.Node is JsonArray old && old.Count == wanted.Count ? new Value(old[index]) : Value.Absent;
                    Walk(at.Element($"{index}"), new(wanted[index]), new(there[index]), before);
                }

                break;
            case (JsonValue wanted, JsonValue there) when Same(wanted, there, ignoreCase: keys.Contains(at.Pattern)):
                break;
            default:
                Add(at, desired, actual, last);
                break;
        }
    }

    private void WalkSet(JsonPointer at, JsonArray desired, JsonArray? actual, Value last, string keyPath)
    {
        var (wanted, there) = (KeyedSet.Of(desired, keyPath), KeyedSet.Of(actual, keyPath));
        var before = last.Node is JsonArray old ? KeyedSet.Of(old, keyPath) : null;
        foreach (var (key, element) in wanted)
        {
            Walk(at.Element(key), new(element), there.TryGetValue(key, out var found) ? new(found) : Value.Absent, Before(key));
        }

        foreach (var (key, element) in there.Where(e => !wanted.ContainsKey(e.Key)))
        {
            // Nobody wants it. If we never sent it, somebody else put it there.
            var known = Before(key);
            found.Add(new(new FieldChange(at.Element(key).Path, element?.DeepClone(), null, IsDrift: before is not null && !known.IsThere), IsConflict: false));
        }

        Value Before(string key) => before is not null && before.TryGetValue(key, out var element) ? new(element) : Value.Absent;
    }

    private void Add(JsonPointer at, Value desired, Value actual, Value last)
    {
        var isDrift = last.IsThere && Matches(kind, at, desired.Node, last.Node);
        var isConflict = last.IsThere && !isDrift && !Matches(kind, at, last.Node, actual.Node);
        found.Add(new(new FieldChange(at.Path, actual.Node?.DeepClone(), desired.Node?.DeepClone(), isDrift), isConflict));
    }

    private static bool Same(JsonValue wanted, JsonValue there, bool ignoreCase) =>
        wanted.TryGetValue<string>(out var text) && there.TryGetValue<string>(out var other)
            ? string.Equals(CanonicalJson.Lines(text), CanonicalJson.Lines(other), ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal)
            : JsonNode.DeepEquals(wanted, there);

    /// <summary>A value, or that there is none.</summary>
    private readonly record struct Value(bool IsThere, JsonNode? Node)
    {
        public Value(JsonNode? node)
            : this(true, node)
        {
        }

        public static Value Absent => default;

        /// <summary>Absent, null, an empty array or an object of nothing but such values.</summary>
        public bool IsNothing => Empty(Node);

        public Value Property(string name) => Node is JsonObject map && map.TryGetPropertyValue(name, out var value) ? new(value) : Absent;

        private static bool Empty(JsonNode? node) => node switch
        {
            null => true,
            JsonArray list => list.Count == 0,
            JsonObject map => map.All(property => Empty(property.Value)),
            _ => false,
        };
    }
}
