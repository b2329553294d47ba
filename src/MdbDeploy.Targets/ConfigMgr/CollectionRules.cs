using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets.Http;

namespace MdbDeploy.Targets.ConfigMgr;

/// <summary>
/// The membership rules of a collection. One rule per call: the plural actions cannot be called over REST, because the server does not read a list of objects as
/// parameter (AdamGrossTX/ConfigMgr.AdminService issue 12).
/// </summary>
internal sealed class CollectionRules(AdminService service)
{
    private const string Collection = "wmi/SMS_Collection";

    /// <summary>The project whose collections may be written; from the last reading.</summary>
    public string? Project { get; set; }

    /// <summary>Reads a collection with its rules; null when there is none.</summary>
    public Task<JsonObject?> ReadAsync(string id, CancellationToken cancellationToken) => service.ReadAsync(Collection, id, cancellationToken);

    /// <summary>Adds and removes rules, then has the collection evaluated once.</summary>
    public async Task<LiveResource?> ApplyAsync(Change change, string id, CancellationToken cancellationToken)
    {
        var collection = await ReadOwnAsync(change, id, cancellationToken);
        var there = MembershipRule.ByIdentity(RulesOf(collection));
        var written = 0;

        // Who is kept out stays out while names are exchanged; a rule that is replaced goes before the new one of its name comes. What is only removed goes last: a device whose
        // name moved to another rule stays a member.
        foreach (var field in change.Fields.OrderByDescending(f => MembershipRule.IsExclusion(f.Desired)).ThenBy(f => f.Desired is null))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (field.Desired is null || field.Actual is not null)
            {
                written += await RemoveAsync(id, field.Actual!, field.Desired, there, cancellationToken);
            }

            if (field.Desired is not null)
            {
                written += await AddAsync(id, (JsonObject)field.Desired, there, cancellationToken);
            }
        }

        if (written > 0)
        {
            await RefreshAsync(id, cancellationToken);
            collection = await ReadOwnAsync(change, id, cancellationToken);
        }

        return Live(change.Desired!, change.ResourceKind, id, collection);
    }

    /// <summary>Has the collection evaluated, which goes on without us: 201 says only that it was asked for.</summary>
    private async Task RefreshAsync(string id, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= 2; attempt++)
        {
            try
            {
                await service.InvokeAsync(Collection, id, "RequestRefresh", [], cancellationToken);
                return;
            }
            catch (LostAnswerException)
            {
                // Nothing tells whether it was asked for. Asking twice harms nobody, and the site evaluates by itself later.
            }
        }
    }

    private async Task<int> AddAsync(string id, JsonObject rule, Dictionary<string, JsonObject> there, CancellationToken cancellationToken)
    {
        if (MembershipRule.IdentityOf(rule) is { } identity && there.TryGetValue(identity, out var live) && MembershipRule.IsAsDesired(live, rule))
        {
            return 0;
        }

        await Attempt.WriteAsync(
            () => service.InvokeAsync(Collection, id, "AddMembershipRule", new JsonObject { ["collectionRule"] = rule.DeepClone() }, cancellationToken),
            async () => await service.ReadAsync(Collection, id, cancellationToken) is { } now && RulesOf(now).Any(r => MembershipRule.IsAsDesired(r, rule)));
        return 1;
    }

    private async Task<int> RemoveAsync(string id, JsonNode rule, JsonNode? replacement, Dictionary<string, JsonObject> there, CancellationToken cancellationToken)
    {
        if (MembershipRule.IdentityOf(rule) is not { } identity || !there.TryGetValue(identity, out var live) || (replacement is not null && MembershipRule.IsAsDesired(live, replacement)))
        {
            return 0;
        }

        await Attempt.WriteAsync(
            () => service.InvokeAsync(Collection, id, "DeleteMembershipRule", new JsonObject { ["collectionRule"] = MembershipRule.AsReadBack(live) }, cancellationToken),
            async () => await service.ReadAsync(Collection, id, cancellationToken) is { } now && !RulesOf(now).Any(r => MembershipRule.IsSame(r, rule)));
        return 1;
    }

    private async Task<JsonObject> ReadOwnAsync(Change change, string id, CancellationToken cancellationToken)
    {
        if (BuiltIn.Is(id))
        {
            throw new TargetException(Problems.BuiltInCollection.At(Location.Of(change.Address), $"{id} is a built-in collection and takes no rules."));
        }

        var collection = await service.ReadAsync(Collection, id, cancellationToken)
            ?? throw new TargetException(Problems.NotVisible.At(Location.Of(change.Address), $"The collection {id} was not found or is not visible to this account."));
        return Marker.Find(collection["Comment"]?.ToString())?.Project is { } project && project == Project
            ? collection
            : throw new TargetException(Problems.ForeignObject.At(Location.Of(change.Address), $"'{collection["Name"]}' ({id}) does not carry this project's marker; its rules were not written."));
    }

    /// <summary>The rules of a collection that was read.</summary>
    public static IEnumerable<JsonObject> RulesOf(JsonObject collection) => (collection["CollectionRules"] as JsonArray ?? []).OfType<JsonObject>();

    /// <summary>The rules of a collection, in the words of the desired ones where they say the same.</summary>
    public static LiveResource Live(Resource desired, ResourceKind kind, string id, JsonObject collection)
    {
        var wanted = MembershipRule.ByIdentity((desired.Body["rules"] as JsonArray ?? []).OfType<JsonObject>());
        return new LiveResource
        {
            Address = desired.Address,
            Kind = kind.Name,
            RemoteId = id,
            Name = collection["Name"]?.ToString() ?? "",
            Body = new JsonObject { ["rules"] = new JsonArray([.. RulesOf(collection).Select(r => (JsonNode)MembershipRule.InWordsOf(r, wanted.GetValueOrDefault(MembershipRule.IdentityOf(r) ?? "")))]) },
        };
    }
}
