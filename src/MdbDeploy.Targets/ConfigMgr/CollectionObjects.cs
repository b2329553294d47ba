using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Targets.ConfigMgr;

/// <summary>Collections as objects: found by marker or name, created, replaced and deleted.</summary>
internal sealed class CollectionObjects(AdminService service)
{
    /// <summary>PUT wants these whatever changed (joshburkard/MECMAdminService, Set-CMASCollection). Never RefreshSchedule: writing it is a 500.</summary>
    private static readonly string[] Required = ["Name", "CollectionType", "LimitToCollectionID", "RefreshType", "Comment"];

    /// <summary>The live objects of a kind that stand for a desired resource, by marker or by name, and those with this project's marker that nobody desires.</summary>
    public async Task<List<LiveResource>> FindAsync(ResourceKind kind, DesiredState desired, CancellationToken cancellationToken)
    {
        var wanted = desired.Resources.Where(r => r.Kind == kind.Name).ToList();
        var found = new List<(string Address, string Id)>();
        string[] columns = [.. new[] { kind.IdProperty, kind.NameProperty, kind.MarkerProperty }.OfType<string>()];
        foreach (var row in await service.ListAsync(kind.Collection, null, columns, cancellationToken))
        {
            if (row[kind.IdProperty]?.ToString() is not { } id)
            {
                continue;
            }

            var name = row[kind.NameProperty]?.ToString();
            var marker = MarkerOf(row, kind) is { } line && line.Project == desired.Project ? line : null;
            var addresses = wanted.Where(r => r.Address == marker?.Address || string.Equals(r.Body[kind.NameProperty]?.ToString(), name, StringComparison.OrdinalIgnoreCase))
                .Select(r => r.Address).ToList();
            found.AddRange(addresses.Select(address => (address, id)));
            if (addresses.Count == 0 && marker is not null)
            {
                found.Add((marker.Address, id));
            }
        }

        // Lists leave out what is lazy; only a keyed read tells all.
        var read = await AdminService.EachAsync(found, async f => (f.Address, Object: await service.ReadAsync(kind.Collection, f.Id, cancellationToken)), cancellationToken);
        return [.. read.Where(r => r.Object is not null).Select(r => Live(r.Address, kind, r.Object!))];
    }

    /// <summary>Creates the object. One that a lost answer left behind is found again.</summary>
    public async Task<LiveResource?> CreateAsync(Change change, CancellationToken cancellationToken)
    {
        var kind = change.ResourceKind;
        if (await FindByNameAsync() is { } there)
        {
            return await UpdateAsync(change with { Kind = ChangeKind.Update, Actual = there }, cancellationToken);
        }

        LiveResource? created = null;
        await Attempt.WriteAsync(
            async () => created = Live(change.Address, kind, await service.WriteAsync(HttpMethod.Post, change.Desired!.Path, change.Desired.Body, cancellationToken)),
            async () => (created = await FindByNameAsync()) is { Marker: { } marker } && marker == MarkerOf(change.Desired!.Body, kind));
        return created;

        async Task<LiveResource?> FindByNameAsync()
        {
            var name = change.Desired!.Body[kind.NameProperty]!.ToString();
            var rows = await service.ListAsync(kind.Collection, $"{kind.NameProperty} eq {AdminService.Quote(name)}", [kind.IdProperty], cancellationToken);
            return rows.Count > 0 && rows[0][kind.IdProperty]?.ToString() is { } id && await service.ReadAsync(kind.Collection, id, cancellationToken) is { } found
                ? Live(change.Address, kind, found)
                : null;
        }
    }

    /// <summary>Replaces or changes the object, if it is still ours or was to be taken over.</summary>
    public async Task<LiveResource?> UpdateAsync(Change change, CancellationToken cancellationToken)
    {
        var kind = change.ResourceKind;
        var id = change.Actual!.RemoteId;
        var live = await service.ReadAsync(kind.Collection, id, cancellationToken)
            ?? throw new TargetException(Problems.NotVisible.At(Location.Of(change.Address), $"'{change.Actual.Name}' ({id}) was not found or is not visible to this account."));
        var wanted = MarkerOf(change.Desired!.Body, kind);
        CheckMayWrite(change, kind, live, mustBeOurs: change.Kind != ChangeKind.Adopt, wanted?.Project);
        var body = new JsonObject();
        if (kind.Update == "PUT")
        {
            body[kind.IdProperty] = id;
            foreach (var name in Required)
            {
                body[name] = live[name]?.DeepClone();
            }
        }

        foreach (var (name, value) in change.Desired.Body.Where(p => kind.Update == "PUT" || !kind.CreateOnly.Contains(p.Key)))
        {
            body[name] = value?.DeepClone();
        }

        await Attempt.WriteAsync(
            async () => await service.WriteAsync(new HttpMethod(kind.Update), AdminService.Keyed(kind.Collection, id), body, cancellationToken),
            async () => wanted is not null && await service.ReadAsync(kind.Collection, id, cancellationToken) is { } now && MarkerOf(now, kind) == wanted);
        return Live(change.Address, kind, await service.ReadAsync(kind.Collection, id, cancellationToken) ?? live);
    }

    /// <summary>Deletes the object, if it is still ours and nobody uses it any more.</summary>
    public async Task<LiveResource?> DeleteAsync(Change change, CancellationToken cancellationToken)
    {
        var kind = change.ResourceKind;
        var (id, name) = (change.Actual!.RemoteId, change.Actual.Name);
        if (await service.ReadAsync(kind.Collection, id, cancellationToken) is not { } live)
        {
            return null;
        }

        CheckMayWrite(change, kind, live, mustBeOurs: true, change.Actual.Marker?.Project);
        await CheckUnusedAsync(change, cancellationToken);
        await Attempt.WriteAsync(
            () => service.DeleteAsync(kind.Collection, id, cancellationToken),
            async () => await service.ReadAsync(kind.Collection, id, cancellationToken) is null);
        return null;

        async Task CheckUnusedAsync(Change deletion, CancellationToken ending)
        {
            // Source is the collection that others build on (SMS_CollectionDependencies class reference): limiting, including, excluding.
            var dependents = await service.ListAsync("wmi/SMS_CollectionDependencies", $"SourceCollectionID eq {AdminService.Quote(id)}", [], ending);
            var deployments = await service.ListAsync("wmi/SMS_DeploymentInfo", $"CollectionID eq {AdminService.Quote(id)}", [], ending);
            var users = dependents.Select(d => $"the collection {d["DependentCollectionID"]}")
                .Concat(deployments.Select(d => $"the deployment '{d["DeploymentName"] ?? d["TargetName"] ?? d["DeploymentID"]}'")).Distinct().ToList();
            if (users.Count > 0)
            {
                throw new TargetException(Problems.CollectionInUse.At(Location.Of(deletion.Address), $"'{name}' ({id}) is still used by {string.Join(", ", users)}."));
            }
        }
    }

    private static void CheckMayWrite(Change change, ResourceKind kind, JsonObject live, bool mustBeOurs, string? project)
    {
        var id = change.Actual!.RemoteId;
        if (BuiltIn.Is(id))
        {
            throw new TargetException(Problems.BuiltInCollection.At(Location.Of(change.Address), $"'{change.Actual.Name}' ({id}) is a built-in collection and is never written."));
        }

        if (mustBeOurs && (MarkerOf(live, kind) is not { } marker || marker.Project != project))
        {
            throw new TargetException(Problems.ForeignObject.At(Location.Of(change.Address), $"'{live[kind.NameProperty]}' ({id}) does not carry this project's marker and was not written."));
        }
    }

    private static LiveResource Live(string address, ResourceKind kind, JsonObject body) => new()
    {
        Address = address,
        Kind = kind.Name,
        RemoteId = body[kind.IdProperty]?.ToString() ?? "",
        Name = body[kind.NameProperty]?.ToString() ?? "",
        Marker = MarkerOf(body, kind),
        Body = body,
    };

    private static Marker? MarkerOf(JsonObject body, ResourceKind kind) => kind.MarkerProperty is { } property ? Marker.Find(body[property]?.ToString()) : null;
}

/// <summary>Collections that come with the product: <c>SMS00001</c>, <c>SMSDM003</c>, <c>SMS000US</c> and the like.</summary>
internal static class BuiltIn
{
    /// <summary>Whether an id is one of those.</summary>
    public static bool Is(string id) => id.StartsWith("SMS", StringComparison.OrdinalIgnoreCase);
}
