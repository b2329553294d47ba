using System.Collections.Immutable;
using System.Text.Json.Nodes;
using MdbDeploy.Bundles;

namespace MdbDeploy.Targets.Comparison;

/// <summary>
/// What differs in a set that belongs to another object: members, assignments, rules. What we want is added; what is ours and no longer wanted is removed; what
/// strangers put there stays.
/// </summary>
internal static class SetComparison
{
    /// <summary>Compares the sets of one resource. One field per item: actual null is an item to add, desired null one to remove, both an item to replace.</summary>
    /// <param name="kind">Says where the sets are and what identifies an item.</param>
    /// <param name="desired">What the bundle wants.</param>
    /// <param name="actual">What is there now; null when the object it belongs to is not there yet.</param>
    /// <param name="lastApplied">What we sent last; null when nobody knows.</param>
    /// <param name="wantedElsewhere">Keys that the bundle wants in other sets of the same kind: an item that moved is ours.</param>
    /// <param name="additionsOnly">Whether nothing may be removed, since only a part of the set is looked at.</param>
    public static ImmutableArray<FieldChange> Compare(
        ResourceKind kind, JsonObject desired, JsonObject? actual, JsonObject? lastApplied, IReadOnlySet<string> wantedElsewhere, bool additionsOnly)
    {
        var fields = ImmutableArray.CreateBuilder<FieldChange>();
        foreach (var (pointer, keyPath) in kind.Sets)
        {
            var (wanted, there) = (KeyedSet.Of(At(desired, pointer), keyPath), KeyedSet.Of(At(actual, pointer), keyPath));
            var before = KeyedSet.Of(At(lastApplied, pointer), keyPath);
            var at = new JsonPointer(pointer, pointer);
            foreach (var (key, item) in wanted.OrderBy(i => i.Key, StringComparer.OrdinalIgnoreCase))
            {
                var isThere = there.TryGetValue(key, out var found);
                if (!isThere || !SameItem(kind, at.Element(key), item, found))
                {
                    var isDrift = before.TryGetValue(key, out var sent) && SameItem(kind, at.Element(key), item, sent);
                    fields.Add(new FieldChange(at.Element(key).Path, isThere ? found?.DeepClone() : null, item?.DeepClone(), isDrift));
                }
            }

            var ours = there.Where(i => !additionsOnly && !wanted.ContainsKey(i.Key)
                && (before.ContainsKey(i.Key) || wantedElsewhere.Contains(i.Key)
                    || (kind.OwnItemPrefix is { } prefix && i.Key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))));
            foreach (var (key, item) in ours.OrderBy(i => i.Key, StringComparer.OrdinalIgnoreCase))
            {
                fields.Add(new FieldChange(at.Element(key).Path, item?.DeepClone(), null, IsDrift: false));
            }
        }

        return fields.ToImmutable();
    }

    /// <summary>How many items are there that nobody here knows.</summary>
    public static int Strangers(ResourceKind kind, JsonObject desired, JsonObject? actual, IReadOnlyCollection<FieldChange> fields) =>
        kind.Sets.Sum(set =>
        {
            var wanted = KeyedSet.Of(At(desired, set.Key), set.Value);
            return KeyedSet.Of(At(actual, set.Key), set.Value).Keys.Count(key => !wanted.ContainsKey(key));
        }) - fields.Count(f => f.Desired is null);

    /// <summary>The keys of all items of a body's sets.</summary>
    public static IEnumerable<string> Keys(ResourceKind kind, JsonObject body) => kind.Sets.SelectMany(set => KeyedSet.Of(At(body, set.Key), set.Value).Keys);

    /// <summary>A body with the items of both.</summary>
    public static JsonObject Union(ResourceKind kind, JsonObject? first, JsonObject second)
    {
        var union = (JsonObject)second.DeepClone();
        foreach (var (pointer, keyPath) in kind.Sets)
        {
            Put(union, pointer, KeyedSet.Union(At(first, pointer), At(second, pointer), keyPath));
        }

        return union;
    }

    /// <summary>A body with those items of its sets that fulfil a condition.</summary>
    public static JsonObject Where(ResourceKind kind, JsonObject body, Func<JsonNode?, bool> condition)
    {
        var part = (JsonObject)body.DeepClone();
        foreach (var pointer in kind.Sets.Keys)
        {
            Put(part, pointer, [.. (At(body, pointer) ?? []).Where(condition).Select(item => item?.DeepClone())]);
        }

        return part;
    }

    /// <summary>The body with only those items of its sets whose keys are there already.</summary>
    public static JsonObject Present(ResourceKind kind, JsonObject body, JsonObject? actual)
    {
        var part = (JsonObject)body.DeepClone();
        foreach (var (pointer, keyPath) in kind.Sets)
        {
            var there = KeyedSet.Of(At(actual, pointer), keyPath);
            Put(part, pointer, [.. KeyedSet.Of(At(body, pointer), keyPath).Where(item => there.ContainsKey(item.Key)).Select(item => item.Value?.DeepClone())]);
        }

        return part;
    }

    /// <summary>The set at a pointer of property names; null when there is none.</summary>
    public static JsonArray? At(JsonObject? body, string pointer) =>
        pointer.Split('/').Skip(1).Aggregate((JsonNode?)body, (node, name) => node is JsonObject map && map.TryGetPropertyValue(name, out var value) ? value : null) as JsonArray;

    private static void Put(JsonObject body, string pointer, JsonArray set)
    {
        var names = pointer.Split('/')[1..];
        var parent = names[..^1].Aggregate(body, (map, name) => (JsonObject)(map[name] ??= new JsonObject()));
        parent[names[^1]] = set;
    }

    // A server says less of an item than was sent (a member is an id): what it does not say is not compared.
    private static bool SameItem(ResourceKind kind, JsonPointer at, JsonNode? wanted, JsonNode? found) =>
        wanted is JsonObject map && found is JsonObject said
            ? BodyComparison.Matches(kind, at, new JsonObject(map.Where(p => said.ContainsKey(p.Key)).Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone()))), found)
            : BodyComparison.Matches(kind, at, wanted, found);
}
