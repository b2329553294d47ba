using System.Text.Json.Nodes;

namespace MdbDeploy.Targets.ConfigMgr;

/// <summary>
/// One membership rule as JSON: <c>{"@odata.type":"#AdminService.SMS_CollectionRuleQuery","RuleName":…,"QueryExpression":…}</c> and its relatives for direct,
/// include and exclude rules.
/// </summary>
internal static class MembershipRule
{
    private const string Query = "QueryExpression";

    /// <summary>What a rule points at, by kind. The names of those rules are only labels: the console shows the name of the collection or device there.</summary>
    private static readonly string[] Pointers = ["IncludeCollectionID", "ExcludeCollectionID", "ResourceID"];

    /// <summary>What identifies a rule within its collection: the collection or device that it points at, or the name of a query; null when it is no rule.</summary>
    public static string? IdentityOf(JsonNode? rule) =>
        Pointers.FirstOrDefault(p => Text(rule, p) is not null) is { } pointer ? $"{pointer}={Text(rule, pointer)!.ToUpperInvariant()}"
        : Text(rule, Query) is not null && Text(rule, "RuleName") is { } name ? $"query={name.ToUpperInvariant()}"
        : null;

    /// <summary>Whether two rules stand for the same thing: both point at the same collection or device, or are queries of one name.</summary>
    public static bool IsSame(JsonNode? one, JsonNode? other) => IdentityOf(one) is { } identity && identity == IdentityOf(other);

    /// <summary>Whether a live rule is as desired already.</summary>
    public static bool IsAsDesired(JsonNode? live, JsonNode? desired) =>
        IsSame(desired, live) && (Text(desired, Query) is null || QueryExpression.AreSame(Text(live, Query), Text(desired, Query)));

    /// <summary>The rules by their identity, the first of each.</summary>
    public static Dictionary<string, JsonObject> ByIdentity(IEnumerable<JsonObject> rules)
    {
        var found = new Dictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var rule in rules)
        {
            if (IdentityOf(rule) is { } identity)
            {
                found.TryAdd(identity, rule);
            }
        }

        return found;
    }

    /// <summary>
    /// A live rule in the words of the desired one that it fulfils, so that a comparison finds them equal: the server renames some rules and rewrites queries. One that fulfils none
    /// stays as it is.
    /// </summary>
    /// <param name="live">The live rule.</param>
    /// <param name="same">The desired rule of the same identity; null when there is none.</param>
    public static JsonObject InWordsOf(JsonObject live, JsonObject? same)
    {
        var rule = (JsonObject)live.DeepClone();
        if (same is not null)
        {
            rule["RuleName"] = Text(same, "RuleName");
            if (IsAsDesired(live, same) && Text(same, Query) is { } query)
            {
                rule[Query] = query;
            }
        }

        return rule;
    }

    /// <summary>A rule as DeleteMembershipRule wants it: whole, as read back, without what is null or an annotation other than its type.</summary>
    public static JsonObject AsReadBack(JsonObject live) =>
        new(live.Where(p => p.Value is not null && (p.Key == "@odata.type" || !p.Key.Contains('@', StringComparison.Ordinal))).Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone())));

    /// <summary>Whether a rule keeps devices out.</summary>
    public static bool IsExclusion(JsonNode? rule) => Text(rule, "ExcludeCollectionID") is not null;

    /// <summary>The query of a rule; null when it has none.</summary>
    public static string? QueryOf(JsonNode? rule) => Text(rule, Query);

    private static string? Text(JsonNode? rule, string property) =>
        rule is JsonObject map && map.TryGetPropertyValue(property, out var value) && value?.ToString() is { Length: > 0 } text ? text : null;
}
