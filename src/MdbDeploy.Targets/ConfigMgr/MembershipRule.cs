using System.Text.Json.Nodes;

namespace MdbDeploy.Targets.ConfigMgr;

/// <summary>
/// One membership rule as JSON: <c>{"@odata.type":"#AdminService.SMS_CollectionRuleQuery","RuleName":…,"QueryExpression":…}</c> and its relatives for direct,
/// include and exclude rules.
/// </summary>
internal static class MembershipRule
{
    private const string Query = "QueryExpression";

    /// <summary>What a rule points at, by kind. The names of those rules are only labels: the console shows the collection's name there.</summary>
    private static readonly string[] Pointers = ["IncludeCollectionID", "ExcludeCollectionID", "ResourceID"];

    /// <summary>Whether two rules stand for the same thing: both point at the same collection or device, or are queries of one name.</summary>
    public static bool IsSame(JsonNode? one, JsonNode? other) =>
        Pointers.FirstOrDefault(p => Text(one, p) is not null) is { } pointer
            ? string.Equals(Text(one, pointer), Text(other, pointer), StringComparison.OrdinalIgnoreCase)
            : Text(one, Query) is not null && Text(other, Query) is not null && string.Equals(Text(one, "RuleName"), Text(other, "RuleName"), StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a live rule is as desired already.</summary>
    public static bool IsAsDesired(JsonNode? live, JsonNode? desired) =>
        IsSame(desired, live) && (Text(desired, Query) is null || QueryExpression.AreSame(Text(live, Query), Text(desired, Query)));

    /// <summary>
    /// A live rule in the words of the desired one that it fulfils, so that a comparison finds them equal: the server renames some rules and rewrites queries. One that fulfils none
    /// stays as it is.
    /// </summary>
    public static JsonObject InWordsOf(JsonObject live, IEnumerable<JsonObject> desired)
    {
        var rule = (JsonObject)live.DeepClone();
        if (desired.FirstOrDefault(d => IsSame(d, live)) is { } same)
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
