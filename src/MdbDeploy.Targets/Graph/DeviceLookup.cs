using System.Text.Json.Nodes;
using MdbDeploy.Targets.Http;

namespace MdbDeploy.Targets.Graph;

/// <summary>Fills a <see cref="DeviceIndex"/> with what is needed to find some devices: everything when they are many, single rows when they are few.</summary>
internal sealed class DeviceLookup(GraphClient graph, GraphOptions options)
{
    private const string Directory = "devices";
    private const string Managed = "deviceManagement/managedDevices";

    /// <summary>Reads what is needed to find the devices.</summary>
    public async Task<DeviceIndex> ReadAsync(IReadOnlyCollection<WantedDevice> wanted, CancellationToken cancellationToken)
    {
        var index = new DeviceIndex();
        if (wanted.Count >= options.ReadAllDevicesFrom)
        {
            await ReadAllAsync(index, wanted, cancellationToken);
            return index;
        }

        // From the surest key to the weakest; what is found needs no further question.
        Func<WantedDevice, IEnumerable<string>>[] questions =
        [
            d => d.EntraDeviceId is { } id ? [ByDeviceId(id)] : [],
            d => d.IntuneDeviceId is { } id ? [$"{Managed}/{id}?{ManagedDevice.Select}"] : [],
            d => d.Serial is { } serial ? [$"{Managed}?$filter={ODataText.Equal("serialNumber", serial)}&{ManagedDevice.Select}"] : [],
            d => d.EntraDeviceId is null && d.Name.Length > 0
                ? [$"{Directory}?$filter={ODataText.Equal("displayName", d.Name)}&{DirectoryDevice.Select}", $"{Managed}?$filter={ODataText.Equal("deviceName", d.Name)}&{ManagedDevice.Select}"]
                : [],
        ];
        var asked = new HashSet<string>(StringComparer.Ordinal);
        foreach (var question in questions)
        {
            await AskAsync(index, asked, wanted.Where(d => index.Find(d).Device is null).SelectMany(question), cancellationToken);
            await AskAsync(index, asked, index.Unknown.Select(ByDeviceId), cancellationToken);
        }

        return index;
    }

    private static string ByDeviceId(Guid id) => $"{Directory}(deviceId='{id}')?{DirectoryDevice.Select}";

    private async Task ReadAllAsync(DeviceIndex index, IReadOnlyCollection<WantedDevice> wanted, CancellationToken cancellationToken)
    {
        await foreach (var row in graph.ListAsync($"{Directory}?{DirectoryDevice.Select}&$top=999", cancellationToken))
        {
            if (DirectoryDevice.Read(row) is { } device)
            {
                index.Add(device);
            }
        }

        // Intune knows serial numbers, its own ids, and which of several objects of a name is in use: nothing that a known Entra device id leaves open.
        if (wanted.All(d => index.FindById(d) is not null))
        {
            return;
        }

        await foreach (var row in graph.ListAsync($"{Managed}?{ManagedDevice.Select}", cancellationToken))
        {
            if (ManagedDevice.Read(row) is { } device)
            {
                index.Add(device);
            }
        }
    }

    private async Task AskAsync(DeviceIndex index, HashSet<string> asked, IEnumerable<string> paths, CancellationToken cancellationToken)
    {
        var requests = paths.Where(asked.Add).Select(RestRequest.Get).ToList();
        foreach (var answer in await graph.BatchAsync(requests, cancellationToken))
        {
            if (answer.Status == 404)
            {
                continue;
            }

            var body = answer.EnsureSuccess().AsObject();
            foreach (var row in body["value"] is JsonArray rows ? rows.OfType<JsonObject>() : [body])
            {
                if (answer.Request.Path.StartsWith(Managed, StringComparison.Ordinal))
                {
                    if (ManagedDevice.Read(row) is { } managed)
                    {
                        index.Add(managed);
                    }
                }
                else if (DirectoryDevice.Read(row) is { } device)
                {
                    index.Add(device);
                }
            }
        }
    }
}
