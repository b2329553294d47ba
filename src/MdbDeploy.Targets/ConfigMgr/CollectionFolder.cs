using System.Globalization;
using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Targets.ConfigMgr;

/// <summary>
/// The console's folder that collections lie in (SMS_ObjectContainerNode, SMS_ObjectContainerItem). A folder carries no marker: one of the same name is used as it is, and none is
/// ever renamed or deleted. Where a collection lies changes nothing for devices, which is why this comes last and nothing waits for it.
/// </summary>
internal sealed class CollectionFolder(AdminService service)
{
    private const string Nodes = "wmi/SMS_ObjectContainerNode";
    private const string Items = "wmi/SMS_ObjectContainerItem";

    /// <summary>Device collections, as the type of a folder.</summary>
    private const int DeviceCollections = 5000;

    /// <summary>Reads what lies in the folder; nothing when there is no such folder yet.</summary>
    public async Task<LiveResource> ReadAsync(Resource desired, CancellationToken cancellationToken)
    {
        var name = NameOf(desired);
        var id = await FindAsync(name, cancellationToken);
        var items = id is { } node ? await service.ListAsync(Items, $"ContainerNodeID eq {Text(node)}", [], cancellationToken) : [];
        return Live(desired, id ?? 0, items.Select(i => i["InstanceKey"]?.ToString()).OfType<string>());
    }

    /// <summary>Moves collections into the folder, which is created when it is missing. What is to leave it is deleted by its own step, and then leaves by itself.</summary>
    public async Task<LiveResource?> ApplyAsync(Change change, CancellationToken cancellationToken)
    {
        var name = NameOf(change.Desired!);
        if (await FindAsync(name, cancellationToken) is not { } node)
        {
            await Attempt.WriteAsync(
                () => service.WriteAsync(HttpMethod.Post, Nodes, new JsonObject { ["Name"] = name, ["ObjectType"] = DeviceCollections, ["ParentContainerNodeID"] = 0 }, cancellationToken),
                async () => await FindAsync(name, cancellationToken) is not null);
            node = await FindAsync(name, cancellationToken)
                ?? throw new TargetException(Problems.NotVisible.At(Location.Of(change.Address), $"The folder '{name}' was created and is not visible to this account."));
        }

        foreach (var id in change.Fields.Select(f => f.Desired?["CollectionID"]?.ToString()).OfType<string>())
        {
            cancellationToken.ThrowIfCancellationRequested();
            await Attempt.WriteAsync(() => MoveAsync(id, node, cancellationToken), async () => await PlaceOfAsync(id, cancellationToken) == node);
        }

        return await ReadAsync(change.Desired!, cancellationToken);
    }

    private async Task MoveAsync(string id, int to, CancellationToken cancellationToken)
    {
        var from = await PlaceOfAsync(id, cancellationToken);
        if (from == to)
        {
            return;
        }

        if (from == 0)
        {
            await service.WriteAsync(HttpMethod.Post, Items, new JsonObject { ["InstanceKey"] = id, ["ContainerNodeID"] = to, ["ObjectType"] = DeviceCollections }, cancellationToken);
            return;
        }

        await service.InvokeAsync($"{Items}.MoveMembers", new JsonObject
        {
            ["InstanceKeys"] = new JsonArray(id),
            ["ContainerNodeID"] = from,
            ["TargetContainerNodeID"] = to,
            ["ObjectType"] = DeviceCollections,
        }, cancellationToken);
    }

    /// <summary>The folder that a collection lies in; 0 for the root.</summary>
    private async Task<int> PlaceOfAsync(string id, CancellationToken cancellationToken) =>
        (await service.ListAsync(Items, $"InstanceKey eq {AdminService.Quote(id)}", [], cancellationToken)).Select(i => Number(i["ContainerNodeID"])).FirstOrDefault() ?? 0;

    private async Task<int?> FindAsync(string name, CancellationToken cancellationToken) =>
        (await service.ListAsync(Nodes, $"Name eq {AdminService.Quote(name)}", [], cancellationToken))
            .Where(n => Number(n["ObjectType"]) == DeviceCollections && Number(n["ParentContainerNodeID"]) is null or 0)
            .Select(n => Number(n["ContainerNodeID"])).FirstOrDefault(n => n is not null);

    private static LiveResource Live(Resource desired, int id, IEnumerable<string> collections) => new()
    {
        Address = desired.Address,
        Kind = desired.Kind,
        RemoteId = Text(id),
        Name = NameOf(desired),
        Body = new JsonObject { ["collections"] = new JsonArray([.. collections.Select(c => (JsonNode)new JsonObject { ["CollectionID"] = c })]) },
    };

    private static string NameOf(Resource desired) => desired.Body["Name"]!.ToString();

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static int? Number(JsonNode? value) => int.TryParse(value?.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
