using System.Text.Json;
using System.Text.Json.Nodes;

namespace MdbDeploy.Lab.AdminService;

/// <summary>
/// Custom properties of devices (learn.microsoft.com/intune/configmgr/develop/adminservice/custom-properties, since version 2107): set one device at a time through the curated route, read
/// and queried through the class SMS_G_System_ExtensionData, one row a property. SetExtensionData adds to those that are there; DeleteExtensionData takes all of a device's away.
/// </summary>
internal sealed class ExtensionData(Site site, TimeProvider time)
{
    /// <summary>The class of the rows.</summary>
    public const string ClassName = "SMS_G_System_ExtensionData";

    private readonly Dictionary<Computer, SortedDictionary<string, string>> properties = [];

    /// <summary>The rows of all devices.</summary>
    public IEnumerable<JsonObject> Rows() => properties.Keys.OrderBy(c => c.ResourceId).SelectMany(RowsOf);

    /// <summary>The rows of a device.</summary>
    public IEnumerable<JsonObject> RowsOf(Computer computer) => properties.GetValueOrDefault(computer, []).Select((p, index) => new JsonObject
    {
        ["GroupID"] = index + 1,
        ["PropertyName"] = p.Key,
        ["PropertyValue"] = p.Value,
        ["ResourceID"] = computer.ResourceId,
        ["RevisionID"] = 1,
        ["TimeStamp"] = Timestamp.Of(time.GetUtcNow()),
    });

    /// <summary>Carries out an action of <c>v1.0/Device(id)</c>: 200, and what the curated model does not know is a 400.</summary>
    public LabAnswer Act(LabRequest request, string id, string action)
    {
        var computer = site.Clients.FirstOrDefault(c => c.ResourceId.ToString(System.Globalization.CultureInfo.InvariantCulture) == id) ?? throw AdminServiceException.NotFound(id);
        switch (request.Method, action)
        {
            case ("GET", "AdminService.GetExtensionData"):
                break;
            case ("POST", "AdminService.SetExtensionData"):
                Set(computer, request.ReadObject());
                break;
            case ("POST", "AdminService.DeleteExtensionData"):
                properties.Remove(computer);
                break;
            default:
                throw new AdminServiceException(404, $"Resource not found for the segment '{action}'.");
        }

        return new LabAnswer(200, new JsonObject { ["value"] = new JsonObject(properties.GetValueOrDefault(computer, []).Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value))) });
    }

    private void Set(Computer computer, JsonObject? body)
    {
        if (body is not { Count: 1 } || body["ExtensionData"] is not JsonObject data || data.Any(p => p.Value?.GetValueKind() != JsonValueKind.String))
        {
            throw new AdminServiceException(400, "The request is invalid: the action takes the parameter 'ExtensionData', an object of texts.");
        }

        if (!properties.TryGetValue(computer, out var own))
        {
            properties[computer] = own = new SortedDictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        }

        foreach (var (name, value) in data)
        {
            own[name] = (string)value!;
        }

        site.PropertiesChanged();
    }
}
