using System.Text.Json.Nodes;

namespace MdbDeploy.Lab.AdminService;

/// <summary>Folders of the console for device collections (SMS_ObjectContainerNode, SMS_ObjectContainerItem).</summary>
internal sealed class Folders(Site site)
{
    /// <summary>Device collections.</summary>
    private const int DeviceCollections = 5000;

    public IEnumerable<JsonObject> Nodes() => site.Folders.Select(Node);

    public IEnumerable<JsonObject> Items() => site.Collections.Where(c => c.FolderId != 0).Select(Item);

    /// <summary>Where a collection lies, as SMS_Collection.ObjectPath tells it: <c>/</c> or <c>/Outer/Inner</c>.</summary>
    public string PathOf(Collection collection)
    {
        var path = "";
        for (var id = collection.FolderId; id != 0;)
        {
            var folder = Find(id);
            (path, id) = ($"/{folder.Name}{path}", folder.ParentId);
        }

        return path.Length == 0 ? "/" : path;
    }

    public JsonObject CreateNode(JsonObject body)
    {
        Check(body, ["Name", "ObjectType", "ParentContainerNodeID"]);
        if ((string?)body["Name"] is not { Length: > 0 } name)
        {
            throw AdminServiceException.Provider("A folder needs a name.");
        }

        var parent = (int?)body["ParentContainerNodeID"] ?? 0;
        if (parent != 0)
        {
            Find(parent);
        }

        if (site.Folders.Exists(f => f.ParentId == parent && string.Equals(f.Name, name, StringComparison.OrdinalIgnoreCase)))
        {
            throw AdminServiceException.Provider($"A folder named '{name}' already exists.");
        }

        var folder = new Folder(site.NextFolderId(), name, parent, DeviceCollections);
        site.Folders.Add(folder);
        return Node(folder);
    }

    /// <summary>Puts a collection that lies in the root into a folder.</summary>
    public JsonObject Place(JsonObject body)
    {
        Check(body, ["InstanceKey", "ContainerNodeID", "ObjectType"]);
        var collection = Collection((string?)body["InstanceKey"]);
        if (collection.FolderId != 0)
        {
            throw AdminServiceException.Provider($"The collection {collection.Id} lies in a folder already; move it.");
        }

        collection.FolderId = Find((int?)body["ContainerNodeID"] ?? 0).Id;
        return Item(collection);
    }

    public void Move(JsonObject body)
    {
        Check(body, ["InstanceKeys", "ContainerNodeID", "TargetContainerNodeID", "ObjectType"]);
        var from = (int?)body["ContainerNodeID"] ?? 0;
        var to = (int?)body["TargetContainerNodeID"] is { } target and not 0 ? Find(target).Id : 0;
        var moving = (body["InstanceKeys"] as JsonArray)?.Select(k => Collection((string?)k)).ToList() ?? throw AdminServiceException.Provider("InstanceKeys must be given.");
        if (moving.Exists(c => c.FolderId != from))
        {
            throw AdminServiceException.Provider($"A collection does not lie in the folder {from}.");
        }

        moving.ForEach(c => c.FolderId = to);
    }

    private static void Check(JsonObject body, string[] properties)
    {
        foreach (var (name, value) in body)
        {
            var fits = name switch
            {
                _ when !properties.Contains(name) => throw new AdminServiceException(400, $"The property '{name}' does not exist."),
                "Name" or "InstanceKey" => value is JsonValue text && text.TryGetValue<string>(out _),
                "InstanceKeys" => value is JsonArray keys && keys.All(k => k is JsonValue key && key.TryGetValue<string>(out _)),
                _ => value is JsonValue number && number.TryGetValue<int>(out _),
            };
            if (!fits)
            {
                throw new AdminServiceException(400, $"Cannot read the value of the property '{name}'.");
            }
        }

        if ((int?)body["ObjectType"] is not DeviceCollections)
        {
            throw AdminServiceException.Provider("The lab has folders for device collections (ObjectType 5000) only.");
        }
    }

    private Folder Find(int id) => site.Folders.Find(f => f.Id == id) ?? throw AdminServiceException.Provider($"The folder {id} does not exist.");

    private Collection Collection(string? id) => site.Find(id ?? "") ?? throw AdminServiceException.Provider($"The collection '{id}' does not exist.");

    private JsonObject Node(Folder folder) => new()
    {
        ["ContainerNodeID"] = folder.Id,
        ["FolderFlags"] = 0,
        ["FolderGuid"] = LabState.Invent($"folder {folder.Id}").ToString().ToUpperInvariant(),
        ["IsEmpty"] = !site.Collections.Exists(c => c.FolderId == folder.Id),
        ["Name"] = folder.Name,
        ["ObjectType"] = folder.ObjectType,
        ["ObjectTypeName"] = "SMS_Collection_Device",
        ["ParentContainerNodeID"] = folder.ParentId,
        ["SearchFolder"] = false,
        ["SourceSite"] = site.Code,
    };

    private JsonObject Item(Collection collection) => new()
    {
        ["ContainerNodeID"] = collection.FolderId,
        ["InstanceKey"] = collection.Id,
        ["MemberGuid"] = LabState.Invent($"item {collection.Id}").ToString().ToUpperInvariant(),
        ["MemberID"] = 16777216 + site.Collections.IndexOf(collection),
        ["ObjectType"] = DeviceCollections,
        ["ObjectTypeName"] = "SMS_Collection_Device",
        ["SourceSite"] = site.Code,
    };
}
