using System.Globalization;
using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets.Http;

namespace MdbDeploy.Targets.ConfigMgr;

/// <summary>
/// The handler <c>properties</c>: one custom property of devices that holds the ring, as <c>{"Property":…,"Value":…,"devices":[{"device":…}]}</c>. It is set one device at a time
/// (learn.microsoft.com/intune/configmgr/develop/adminservice/custom-properties, version 2107 and later). The property bears the project's name, and so whoever has it is ours. It is never
/// deleted, since the only action that deletes takes all custom properties of a device: who leaves a ring gets a value that no ring has.
/// </summary>
internal sealed class DeviceProperties(AdminService service)
{
    private const string Rows = "wmi/SMS_G_System_ExtensionData";

    /// <summary>Value of a device that left; no ring has it, since the short name of a ring holds no parentheses.</summary>
    private const string Left = "(none)";

    // What is looked at and then set must not be set by another ring in between: few enough devices wait for each other.
    private readonly SemaphoreSlim[] turns = [.. Enumerable.Range(0, 16).Select(_ => new SemaphoreSlim(1))];

    /// <summary>Reads the devices that have the value.</summary>
    /// <param name="wanted">The resources.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="TargetException">The rows cannot be read.</exception>
    public async Task<IReadOnlyList<LiveResource>> ReadAsync(IReadOnlyList<Resource> wanted, CancellationToken cancellationToken)
    {
        var live = new List<LiveResource>();
        foreach (var rings in wanted.GroupBy(PropertyOf, StringComparer.OrdinalIgnoreCase))
        {
            var rows = await ListAsync($"PropertyName eq {AdminService.Quote(rings.Key)}", cancellationToken);
            var byValue = rows.ToLookup(r => r["PropertyValue"]?.ToString() ?? "", StringComparer.OrdinalIgnoreCase);
            live.AddRange(rings.Select(ring => Live(ring, byValue[ValueOf(ring)].Select(DeviceRecords.ResourceId).OfType<long>().Distinct())));
        }

        return live;
    }

    /// <summary>Sets the property of devices that joined, and of those that left unless another ring has taken them since.</summary>
    public async Task<LiveResource?> ApplyAsync(Change change, CancellationToken cancellationToken)
    {
        var (property, value) = (PropertyOf(change.Desired!), ValueOf(change.Desired!));
        var there = DirectMembers.IdsIn(change.Actual?.Body["devices"] as JsonArray);
        foreach (var field in change.Fields)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if ((field.Desired ?? field.Actual) is not JsonObject item || DeviceRecords.ResourceId(item) is not { } id)
            {
                continue;
            }

            var turn = turns[id % turns.Length];
            await turn.WaitAsync(cancellationToken);
            try
            {
                if (field.Desired is not null)
                {
                    await SetAsync(id, property, value, cancellationToken);
                    there.Add(id);
                }
                else if (string.Equals(await CurrentAsync(id, property, cancellationToken), value, StringComparison.OrdinalIgnoreCase))
                {
                    await SetAsync(id, property, Left, cancellationToken);
                    there.Remove(id);
                }
            }
            finally
            {
                turn.Release();
            }
        }

        return Live(change.Desired!, there);
    }

    private Task<JsonObject> SetAsync(long id, string property, string value, CancellationToken cancellationToken)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"v1.0/Device({id})/AdminService.SetExtensionData");
        var body = new JsonObject { ["ExtensionData"] = new JsonObject { [property] = value } };
        return service.WriteAsync(new RestRequest(HttpMethod.Post, path, body) { IsIdempotent = true }, cancellationToken);
    }

    private async Task<string?> CurrentAsync(long id, string property, CancellationToken cancellationToken) =>
        (await ListAsync(string.Create(CultureInfo.InvariantCulture, $"PropertyName eq {AdminService.Quote(property)} and ResourceID eq {id}"), cancellationToken))
            .Select(r => r["PropertyValue"]?.ToString()).FirstOrDefault();

    private async Task<List<JsonObject>> ListAsync(string filter, CancellationToken cancellationToken)
    {
        try
        {
            return await service.ListAsync(Rows, filter, [], cancellationToken);
        }
        catch (TargetException missing) when (missing.Diagnostic.Problem == Problems.NotVisible)
        {
            throw new TargetException(Problems.CustomPropertiesMissing.At(Location.Of("targets.configmgr.membership"), $"The site has no custom properties of devices, or hides them: {missing.Diagnostic.Message}"));
        }
    }

    private static LiveResource Live(Resource desired, IEnumerable<long> ids) => new()
    {
        Address = desired.Address,
        Kind = desired.Kind,
        RemoteId = $"{PropertyOf(desired)}={ValueOf(desired)}",
        Name = PropertyOf(desired),
        Body = new JsonObject { ["devices"] = new JsonArray([.. ids.Order().Select(id => (JsonNode)new JsonObject { ["ResourceID"] = id })]) },
    };

    /// <summary>Name of the property.</summary>
    public static string PropertyOf(Resource resource) => resource.Body["Property"]!.ToString();

    /// <summary>Value of the ring.</summary>
    public static string ValueOf(Resource resource) => resource.Body["Value"]!.ToString();
}
