using System.Text.Json;
using System.Text.Json.Nodes;

namespace MdbDeploy.Lab.AdminService;

/// <summary>Creating, changing and deleting collections and their rules. What the SMS Provider refuses is a 500, what the REST layer cannot read a 404.</summary>
internal sealed class Collections(LabState state)
{
    private static readonly Dictionary<string, JsonValueKind> Writable = new(StringComparer.Ordinal)
    {
        ["CollectionID"] = JsonValueKind.String,
        ["Name"] = JsonValueKind.String,
        ["CollectionType"] = JsonValueKind.Number,
        ["LimitToCollectionID"] = JsonValueKind.String,
        ["LimitToCollectionName"] = JsonValueKind.String,
        ["RefreshType"] = JsonValueKind.Number,
        ["Comment"] = JsonValueKind.String,
        ["RefreshSchedule"] = JsonValueKind.Array,
    };

    /// <summary>Rule kinds with the property that says what they point at.</summary>
    private static readonly Dictionary<string, (string Target, JsonValueKind Kind, string[] Others)> RuleKinds = new(StringComparer.Ordinal)
    {
        ["#AdminService.SMS_CollectionRuleDirect"] = ("ResourceID", JsonValueKind.Number, ["ResourceClassName"]),
        ["#AdminService.SMS_CollectionRuleQuery"] = ("QueryExpression", JsonValueKind.String, ["QueryID"]),
        ["#AdminService.SMS_CollectionRuleIncludeCollection"] = ("IncludeCollectionID", JsonValueKind.String, []),
        ["#AdminService.SMS_CollectionRuleExcludeCollection"] = ("ExcludeCollectionID", JsonValueKind.String, []),
    };

    private Site Site => state.Site;

    public Collection Create(JsonObject body)
    {
        CheckProperties(body);
        if (body.ContainsKey("CollectionID"))
        {
            throw AdminServiceException.Provider("CollectionID is assigned by the site and cannot be given.");
        }

        var collection = new Collection { Id = Site.NextCollectionId(), Name = "", LastChange = state.Now };
        Assign(collection, body);
        Site.Collections.Add(collection);
        Site.Refresh(collection);
        return collection;
    }

    /// <summary>Replaces it: all required properties must be there.</summary>
    public Collection Replace(string id, JsonObject body)
    {
        var collection = Own(id);
        CheckProperties(body);
        foreach (var required in new[] { "CollectionID", "Name", "CollectionType", "RefreshType" })
        {
            if (body[required] is null)
            {
                throw AdminServiceException.Provider($"The required property {required} is missing.");
            }
        }

        if (!string.Equals((string?)body["CollectionID"], id, StringComparison.OrdinalIgnoreCase))
        {
            throw AdminServiceException.Provider("CollectionID in the body differs from the key.");
        }

        Assign(collection, body);
        Touch(collection);
        return collection;
    }

    public void Delete(string id)
    {
        var collection = Own(id);
        if (Site.Collections.Find(c => c.LimitTo == collection || c.Included.Concat(c.Excluded).Contains(collection.Id, StringComparer.OrdinalIgnoreCase)) is { } dependent)
        {
            throw AdminServiceException.Provider($"The collection {collection.Id} cannot be deleted: the collection {dependent.Id} depends on it.");
        }

        Site.Collections.Remove(collection);
    }

    /// <summary>Carries out a bound action.</summary>
    public void Act(string id, string action, JsonObject body)
    {
        switch (action)
        {
            case "AdminService.AddMembershipRule":
                AddRule(Own(id), Rule(body));
                break;
            case "AdminService.DeleteMembershipRule":
                DeleteRule(Own(id), Rule(body));
                break;
            case "AdminService.RequestRefresh":
                Site.Refresh(Site.Find(id) ?? throw AdminServiceException.NotFound(id));
                break;
            case "AdminService.AddMembershipRules" or "AdminService.DeleteMembershipRules":
                // The server cannot read an array of objects as a parameter; the text is that of Microsoft.OData.Core
                // (issue 12 of AdamGrossTX/ConfigMgr.AdminService, open since September 2022).
                throw new AdminServiceException(404, "ODataParameterReader.ReadAsync or ODataParameterReader.Read was called in the 'ResourceSet' state. 'CreateResourceSetReader' must be called in this state, and the created reader must be in the 'Completed' state before the next ODataParameterReader.ReadAsync or ODataParameterReader.Read can be called.");
            default:
                throw new AdminServiceException(404, $"Resource not found for the segment '{action}'.");
        }
    }

    private void AddRule(Collection collection, JsonObject rule)
    {
        var (target, _, _) = RuleKinds[(string)rule["@odata.type"]!];
        if (collection.Rules.Exists(r => Same(r, rule, "@odata.type") && Same(r, rule, target == "QueryExpression" ? "RuleName" : target)))
        {
            throw AdminServiceException.Provider($"A membership rule '{rule["RuleName"]}' already exists in the collection {collection.Id}.");
        }

        switch (target)
        {
            case "ResourceID" when Site.Clients.All(c => c.ResourceId != (int)rule[target]!):
                throw AdminServiceException.Provider($"The resource {rule[target]} does not exist.");
            case "ResourceID" when (string?)rule["ResourceClassName"] != "SMS_R_System":
                throw AdminServiceException.Provider("ResourceClassName must name a resource class.");
            case "IncludeCollectionID" or "ExcludeCollectionID":
                var other = Site.Find((string)rule[target]!) ?? throw AdminServiceException.Provider($"The collection {rule[target]} does not exist.");
                if (DependsOn(other, collection))
                {
                    throw AdminServiceException.Provider($"The rule would make the collection {collection.Id} depend on itself.");
                }

                break;
            case "QueryExpression":
                rule["QueryExpression"] = Wql.Rewrite((string)rule["QueryExpression"]!);
                rule["QueryID"] = ++collection.LastQueryId;
                break;
        }

        collection.Rules.Add(rule);
        Touch(collection);
    }

    /// <summary>Deletes the rule that has every property given; a query rule must be named with its QueryID.</summary>
    private void DeleteRule(Collection collection, JsonObject rule)
    {
        var isQuery = rule.ContainsKey("QueryExpression");
        var found = collection.Rules.Find(r => rule.All(p => JsonNode.DeepEquals(r[p.Key], p.Value)) && (!isQuery || rule.ContainsKey("QueryID")))
            ?? throw AdminServiceException.Provider($"The membership rule '{rule["RuleName"]}' was not found in the collection {collection.Id}.");
        collection.Rules.Remove(found);
        Touch(collection);
    }

    /// <summary>The rule in the wrapper that the action demands; its @odata.type says what it is.</summary>
    private static JsonObject Rule(JsonObject body)
    {
        if (body.Count != 1 || body["collectionRule"] is not JsonObject rule)
        {
            throw new AdminServiceException(404, "The parameter 'collectionRule' of the action was not found in the payload.");
        }

        if (rule["@odata.type"] is not { } type || type.GetValueKind() != JsonValueKind.String || !RuleKinds.TryGetValue(type.GetValue<string>(), out var kind))
        {
            throw new AdminServiceException(404, "The type of the parameter 'collectionRule' could not be resolved; it needs the '@odata.type' of a rule.");
        }

        foreach (var (name, value) in rule)
        {
            var expected = name == "@odata.type" || name == "RuleName" || name == "ResourceClassName" ? JsonValueKind.String
                : name == kind.Target ? kind.Kind
                : name == "QueryID" ? JsonValueKind.Number
                : JsonValueKind.Undefined;
            if (expected == JsonValueKind.Undefined || (name is "QueryID" or "ResourceClassName" && !kind.Others.Contains(name)))
            {
                throw new AdminServiceException(404, $"The property '{name}' does not exist on type '{type.GetValue<string>()[1..]}'.");
            }

            if (value?.GetValueKind() != expected || (expected == JsonValueKind.Number && !value.AsValue().TryGetValue<int>(out _)))
            {
                throw new AdminServiceException(404, $"Cannot read the value of the property '{name}' of the parameter 'collectionRule'.");
            }
        }

        if (rule["RuleName"] is null || rule[kind.Target] is null)
        {
            throw AdminServiceException.Provider($"A rule needs RuleName and {kind.Target}.");
        }

        return rule.DeepClone().AsObject();
    }

    private static void CheckProperties(JsonObject body)
    {
        foreach (var (name, value) in body)
        {
            if (name == "@odata.type" && value?.ToString() == "#AdminService.SMS_Collection")
            {
                continue;
            }

            if (!Writable.TryGetValue(name, out var kind))
            {
                throw new AdminServiceException(400, $"The property '{name}' does not exist on type 'AdminService.SMS_Collection' or cannot be written.");
            }

            if (value is not null && (value.GetValueKind() != kind || (kind == JsonValueKind.Number && !value.AsValue().TryGetValue<int>(out _))))
            {
                throw new AdminServiceException(400, $"Cannot read the value of the property '{name}'.");
            }
        }

        if (body["RefreshSchedule"] is not null)
        {
            throw AdminServiceException.Provider("An error occurred while writing RefreshSchedule.");
        }
    }

    private void Assign(Collection collection, JsonObject body)
    {
        var name = (string?)body["Name"];
        if (string.IsNullOrWhiteSpace(name) || name.Length > 255)
        {
            throw AdminServiceException.Provider("A collection needs a name of 1 to 255 characters.");
        }

        if (Site.Collections.Exists(c => c != collection && string.Equals(c.Name, name, StringComparison.OrdinalIgnoreCase)))
        {
            throw AdminServiceException.Provider($"A collection named '{name}' already exists.");
        }

        if ((int?)body["CollectionType"] is not 2)
        {
            throw AdminServiceException.Provider("The lab has device collections (CollectionType 2) only.");
        }

        if ((int?)body["RefreshType"] is { } refresh and not (1 or 2 or 4 or 6))
        {
            throw AdminServiceException.Provider($"RefreshType {refresh} is none of 1, 2, 4 and 6.");
        }

        var (limitId, limitName) = ((string?)body["LimitToCollectionID"], (string?)body["LimitToCollectionName"]);
        if (limitId is null == limitName is null)
        {
            throw AdminServiceException.Provider("Either LimitToCollectionID or LimitToCollectionName must be given.");
        }

        var limit = (limitId is not null ? Site.Find(limitId) : Site.Collections.Find(c => string.Equals(c.Name, limitName, StringComparison.OrdinalIgnoreCase)))
            ?? throw AdminServiceException.Provider($"The limiting collection '{limitId ?? limitName}' does not exist.");
        if (DependsOn(limit, collection))
        {
            throw AdminServiceException.Provider($"The collection {collection.Id} would depend on itself.");
        }

        collection.Name = name;
        collection.LimitTo = limit;
        collection.RefreshType = (int?)body["RefreshType"] ?? 1;
        collection.Comment = (string?)body["Comment"];
    }

    /// <summary>A change is evaluated by itself where updates are incremental; elsewhere RequestRefresh has to be called.</summary>
    private void Touch(Collection collection)
    {
        collection.LastChange = state.Now;
        if (collection.RefreshType is 4 or 6)
        {
            Site.Refresh(collection);
        }
    }

    private bool DependsOn(Collection collection, Collection other) =>
        collection == other
        || (collection.LimitTo is { } limit && DependsOn(limit, other))
        || collection.Included.Concat(collection.Excluded).Any(id => Site.Find(id) is { } found && DependsOn(found, other));

    private Collection Own(string id)
    {
        var collection = Site.Find(id) ?? throw AdminServiceException.NotFound(id);
        return collection.IsBuiltIn ? throw AdminServiceException.Provider($"The built-in collection {collection.Id} cannot be changed.") : collection;
    }

    private static bool Same(JsonObject a, JsonObject b, string property) => a[property]?.ToString() == b[property]?.ToString();
}
