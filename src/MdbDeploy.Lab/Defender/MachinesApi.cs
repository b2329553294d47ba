using System.Text.Json.Nodes;
using MdbDeploy.Lab.Entra;
using MdbDeploy.Lab.OData;

namespace MdbDeploy.Lab.Defender;

/// <summary>The machines API of Defender for Endpoint (learn.microsoft.com/defender-endpoint/api/get-machines).</summary>
internal sealed class MachinesApi(LabState state, AccessTokens tokens)
{
    private const int LargestTop = 10_000;

    private static readonly string[] Filters =
        ["computerDnsName", "id", "version", "deviceValue", "aadDeviceId", "machineTags", "lastSeen", "exposureLevel", "onboardingStatus", "lastIpAddress", "healthStatus", "osPlatform", "riskScore", "rbacGroupId"];

    public LabAnswer Answer(LabRequest request)
    {
        // Both names of the service are in use for the same audience.
        var (clientId, problem) = tokens.Check(
            request.Header("Authorization"),
            audience => audience is "https://api.securitycenter.microsoft.com" or "https://api.security.microsoft.com" || audience == request.Origin);
        if (clientId is null)
        {
            return Error(401, "Unauthorized", problem!).With("WWW-Authenticate", "Bearer");
        }

        try
        {
            return (request.Method, request.Segments) switch
            {
                ("GET", ["api", "machines"]) => List(request),
                ("GET", ["api", "machines", var id]) => new LabAnswer(200, Read(Find(id)).With("@odata.context", Context(request) + "/$entity")),
                ("POST", ["api", "machines", var id, "offboard"]) => Offboard(request, Find(id)),
                _ => Error(404, "ResourceNotFound", $"Resource not found for the segment '{request.Segments[^1]}'."),
            };
        }
        catch (ODataException e)
        {
            return Error(400, "BadRequest", e.Message);
        }
        catch (KeyNotFoundException e)
        {
            return Error(404, "ResourceNotFound", e.Message);
        }
    }

    /// <summary>An error in the words of the API.</summary>
    public static LabAnswer Error(int status, string code, string message) =>
        new(status, new JsonObject { ["error"] = new JsonObject { ["code"] = code, ["message"] = message, ["target"] = LabState.Invent(message).ToString() } });

    private LabAnswer List(LabRequest request)
    {
        var query = request.Query;
        if (query["$filter"] is { } filter && ODataFilter.Parse(filter).Properties.FirstOrDefault(p => !Filters.Contains(p)) is { } other)
        {
            throw new ODataException($"The property '{other}' cannot be used in the $filter query option.");
        }

        var top = query.Number("$top") ?? LargestTop;
        if (top > LargestTop)
        {
            throw new ODataException($"The limit of '{LargestTop}' for Top query has been exceeded. The value from the incoming request is '{top}'.");
        }

        var rows = query.Apply(state.Computers.Where(state.Onboarding.IsListed).Select(Read)).Skip(query.Number("$skip") ?? 0).ToList();
        var offset = query.Offset();
        var body = new JsonObject { ["@odata.context"] = Context(request), ["value"] = new JsonArray([.. rows.Skip(offset).Take(top).Select(query.Select)]) };
        if (offset + top < rows.Count && query["$top"] is null)
        {
            body["@odata.nextLink"] = $"{request.Origin}{request.Path}?{query.NextPage(offset + top)}";
        }

        return new LabAnswer(200, body);
    }

    private LabAnswer Offboard(LabRequest request, Computer computer)
    {
        if (request.ReadObject()?["Comment"] is not JsonValue comment || !comment.TryGetValue<string>(out var text) || text.Length == 0)
        {
            return Error(400, "BadRequest", "Comment is required.");
        }

        state.Onboarding.Offboard(computer);
        return new LabAnswer(201, new JsonObject
        {
            ["@odata.context"] = $"{request.Origin}/api/$metadata#MachineActions/$entity",
            ["id"] = state.NewId().ToString(),
            ["type"] = "Offboard",
            ["requestorComment"] = text,
            ["status"] = "Succeeded",
            ["machineId"] = computer.MachineId,
            ["computerDnsName"] = computer.Fqdn,
            ["creationDateTimeUtc"] = Timestamp.Of(state.Now),
            ["lastUpdateDateTimeUtc"] = Timestamp.Of(state.Now),
        });
    }

    private Computer Find(string id) =>
        state.Computers.FirstOrDefault(c => state.Onboarding.IsListed(c) && c.MachineId == id) ?? throw new KeyNotFoundException($"Machine {id} was not found");

    private JsonObject Read(Computer c) => new()
    {
        ["id"] = c.MachineId,
        ["mergedIntoMachineId"] = null,
        ["isPotentialDuplication"] = false,
        ["isExcluded"] = false,
        ["exclusionReason"] = null,
        ["computerDnsName"] = c.Fqdn.ToLowerInvariant(),
        ["firstSeen"] = Timestamp.Of(state.Onboarding.FirstSeen(c)),
        ["lastSeen"] = Timestamp.Of(state.Onboarding.LastSeen(c)),
        ["osPlatform"] = WindowsName(c.OsVersion),
        ["version"] = null,
        ["osBuild"] = int.TryParse(c.OsVersion.Split('.').ElementAtOrDefault(2), out var build) ? build : null,
        ["onboardingStatus"] = "Onboarded",
        ["healthStatus"] = state.Onboarding.IsActive(c) ? "Active" : "Inactive",
        ["riskScore"] = "None",
        ["exposureLevel"] = "Low",
        ["deviceValue"] = "Normal",
        ["aadDeviceId"] = c.IsInEntra ? c.DeviceId.ToString() : null,
        ["isAadJoined"] = c.IsInEntra,
        ["machineTags"] = new JsonArray(),
        ["rbacGroupId"] = 0,
        ["lastIpAddress"] = null,
        ["managedBy"] = c.Seed.InIntune ? "Intune" : "Unknown",
        ["managedByStatus"] = c.Seed.InIntune ? "Success" : "Unknown",
    };

    private static string WindowsName(string version) =>
        int.TryParse(version.Split('.').ElementAtOrDefault(2), out var build) && build >= 22000 ? "Windows11" : "Windows10";

    private static string Context(LabRequest request) => $"{request.Origin}/api/$metadata#Machines";
}

/// <summary>Additions to JSON objects.</summary>
internal static class JsonObjectAdditions
{
    /// <summary>The object with one more property.</summary>
    public static JsonObject With(this JsonObject value, string name, JsonNode? property)
    {
        value[name] = property;
        return value;
    }
}
