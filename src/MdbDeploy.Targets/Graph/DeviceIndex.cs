using System.Text.Json.Nodes;

namespace MdbDeploy.Targets.Graph;

/// <summary>A device object of Entra ID.</summary>
/// <param name="DeviceId">Entra device id, which the device itself knows.</param>
/// <param name="ObjectId">Id of the directory object, which groups want.</param>
/// <param name="Name">Display name; not unique.</param>
internal sealed record DirectoryDevice(Guid DeviceId, string ObjectId, string Name)
{
    /// <summary>The properties to ask for.</summary>
    public const string Select = "$select=id,deviceId,displayName,operatingSystem";

    /// <summary>Reads a row; null when it is no Windows device.</summary>
    public static DirectoryDevice? Read(JsonObject row) =>
        Guid.TryParse(row["deviceId"]?.ToString(), out var deviceId) && row["id"]?.ToString() is { Length: > 0 } id && Windows.Is(row)
            ? new DirectoryDevice(deviceId, id, row["displayName"]?.ToString() ?? "")
            : null;
}

/// <summary>A device as Intune manages it.</summary>
/// <param name="Id">Id in Intune.</param>
/// <param name="DeviceId">Entra device id; null while it is not registered there.</param>
/// <param name="Name">Name; not unique.</param>
/// <param name="Serial">Serial number; null when there is none.</param>
/// <param name="LastSync">When it last checked in; null when never.</param>
public sealed record ManagedDevice(string Id, Guid? DeviceId, string Name, string? Serial, DateTimeOffset? LastSync)
{
    /// <summary>The properties to ask for.</summary>
    internal const string Select = "$select=id,deviceName,serialNumber,azureADDeviceId,lastSyncDateTime,operatingSystem";

    /// <summary>Reads a row; null when it is no Windows device.</summary>
    internal static ManagedDevice? Read(JsonObject row) =>
        row["id"]?.ToString() is { Length: > 0 } id && Windows.Is(row)
            ? new ManagedDevice(
                id,
                // All zero for a device that is not registered in Entra ID.
                Guid.TryParse(row["azureADDeviceId"]?.ToString(), out var deviceId) && deviceId != Guid.Empty ? deviceId : null,
                row["deviceName"]?.ToString() ?? "",
                row["serialNumber"]?.ToString() is { Length: > 0 } serial ? serial : null,
                Json.Time(row["lastSyncDateTime"]))
            : null;
}

/// <summary>What a member list knows of a device.</summary>
/// <param name="Name">Name.</param>
/// <param name="EntraDeviceId">Entra device id; null when unknown.</param>
/// <param name="IntuneDeviceId">Id in Intune; null when unknown.</param>
/// <param name="Serial">Serial number; null when unknown.</param>
internal sealed record WantedDevice(string Name, Guid? EntraDeviceId, string? IntuneDeviceId, string? Serial)
{
    /// <summary>Reads an item of <c>/members</c>.</summary>
    public static WantedDevice Read(JsonObject item) => new(
        item["name"]?.ToString() ?? "",
        Guid.TryParse(item["entraDeviceId"]?.ToString(), out var id) && id != Guid.Empty ? id : null,
        Guid.TryParse(item["intuneDeviceId"]?.ToString(), out var intune) && intune != Guid.Empty ? intune.ToString() : null,
        item["serial"]?.ToString() is { Length: > 0 } serial ? serial : null);
}

/// <summary>
/// The devices of a tenant by everything they can be known by. Says which directory object a row of the inventory means: by Entra device id, else by Intune id, else by
/// serial number, else by name. A guess would onboard somebody else's device, so two candidates are none.
/// </summary>
internal sealed class DeviceIndex
{
    private readonly Dictionary<Guid, DirectoryDevice> directory = [];
    private readonly Dictionary<string, List<DirectoryDevice>> directoryByName = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, ManagedDevice> managed = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, List<ManagedDevice>> managedBySerial = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<Guid> managedIds = [];

    /// <summary>Adds a device object of Entra ID.</summary>
    public void Add(DirectoryDevice device)
    {
        if (directory.TryAdd(device.DeviceId, device))
        {
            ListOf(directoryByName, device.Name).Add(device);
        }
    }

    /// <summary>Adds a device of Intune.</summary>
    public void Add(ManagedDevice device)
    {
        if (!managed.TryAdd(device.Id, device))
        {
            return;
        }

        if (device.DeviceId is { } id)
        {
            managedIds.Add(id);
        }

        if (device.Serial is { } serial)
        {
            ListOf(managedBySerial, serial).Add(device);
        }
    }

    /// <summary>Entra device ids that Intune names and whose directory objects are not known here.</summary>
    public IEnumerable<Guid> Unknown => managedIds.Where(id => !directory.ContainsKey(id));

    /// <summary>The directory object of the Entra device id that the inventory gives; null when it gives none, or an unknown one.</summary>
    public DirectoryDevice? FindById(WantedDevice wanted) => wanted.EntraDeviceId is { } id ? directory.GetValueOrDefault(id) : null;

    /// <summary>The directory object that is meant.</summary>
    public DeviceMatch Find(WantedDevice wanted)
    {
        if (wanted.EntraDeviceId is { } id && directory.TryGetValue(id, out var found))
        {
            return new(found, 1);
        }

        if (wanted.IntuneDeviceId is { } intune && managed.TryGetValue(intune, out var enrolled) && enrolled.DeviceId is { } enrolledId && directory.TryGetValue(enrolledId, out found))
        {
            return new(found, 1);
        }

        if (wanted.Serial is { } serial && managedBySerial.TryGetValue(serial, out var sameSerial) && BySerial(sameSerial) is { Count: > 0 } bySerial)
        {
            return bySerial;
        }

        // The inventory says who it is, and that one is gone: another device of the same name is another device.
        return wanted.EntraDeviceId is null ? ByName(wanted.Name) : default;
    }

    /// <summary>One machine that was enrolled again leaves old rows under one name; the last to check in counts. Different names are different machines.</summary>
    private DeviceMatch BySerial(List<ManagedDevice> rows)
    {
        var known = rows.Where(r => r.DeviceId is { } id && directory.ContainsKey(id)).OrderByDescending(r => r.LastSync ?? DateTimeOffset.MinValue).ToList();
        return known.Count == 0 ? default
            : known.DistinctBy(r => r.DeviceId).Count() == 1 || (known.DistinctBy(r => r.Name.ToUpperInvariant()).Count() == 1 && known[0].LastSync > known[1].LastSync)
                ? new(directory[known[0].DeviceId!.Value], 1)
                : new(null, known.Count);
    }

    /// <summary>Of several objects of a name, the only one that Intune manages is meant.</summary>
    private DeviceMatch ByName(string name)
    {
        var candidates = directoryByName.GetValueOrDefault(name) ?? [];
        var enrolled = candidates.Where(d => managedIds.Contains(d.DeviceId)).ToList();
        return candidates.Count == 1 ? new(candidates[0], 1)
            : enrolled.Count == 1 ? new(enrolled[0], 1)
            : new(null, candidates.Count);
    }

    private static List<T> ListOf<T>(Dictionary<string, List<T>> index, string key) => index.TryGetValue(key, out var list) ? list : index[key] = [];
}

/// <summary>What was found for a device.</summary>
/// <param name="Device">The directory object; null when there is none, or not a single one.</param>
/// <param name="Count">Number of candidates.</param>
internal readonly record struct DeviceMatch(DirectoryDevice? Device, int Count);

/// <summary>Which rows are Windows devices.</summary>
file static class Windows
{
    /// <summary>Whether a row is one, or does not say. Phones may bear the names of computers.</summary>
    public static bool Is(JsonObject row) => row["operatingSystem"]?.ToString() is not { Length: > 0 } system || system.StartsWith("Windows", StringComparison.OrdinalIgnoreCase);
}
