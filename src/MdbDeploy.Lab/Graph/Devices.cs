using System.Text.Json.Nodes;

namespace MdbDeploy.Lab.Graph;

/// <summary>Devices, read only: in the directory and in Intune.</summary>
internal sealed class Devices(LabState state)
{
    private static readonly Computer Sample = new(new LabDevice { Name = "" }, 0, default);

    // Made once: lookups one by one over thousands of devices would make them again and again.
    private readonly List<(Computer Computer, JsonObject Row)> directory = [.. state.Computers.Where(c => c.Seed.InEntra).Select(c => (c, DirectoryObject(c)))];
    private readonly List<JsonObject> managed = [.. state.Computers.Where(c => c.Seed.InIntune).Select(ManagedDevice)];

    private static readonly string[] IntuneFilters =
        ["deviceName", "serialNumber", "azureADDeviceId", "operatingSystem", "managementAgent", "lastSyncDateTime", "complianceState", "userPrincipalName", "emailAddress", "id"];

    /// <summary><c>/devices</c>.</summary>
    public LabAnswer Directory(LabRequest request, string[] rest)
    {
        if (request.Method != "GET")
        {
            throw new GraphException(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
        }

        var rows = directory.Where(d => d.Computer.IsInEntra).Select(d => d.Row);
        switch (rest)
        {
            case []:
                DirectoryQuery.Check(request, DirectoryObject(Sample), "device");
                return GraphPage.List(request, "devices", rows, state.Options.Habits.DirectoryPageSize, 999);
            case ["$count"]:
                DirectoryQuery.RequireEventual(request);
                return GraphPage.Count(request, rows);
            case ["deviceId=", var deviceId]:
                return GraphPage.Single(request, "devices", rows.FirstOrDefault(r => string.Equals((string?)r["deviceId"], deviceId, StringComparison.OrdinalIgnoreCase)) ?? throw GraphException.NoObject(deviceId));
            case [var id]:
                return GraphPage.Single(request, "devices", rows.FirstOrDefault(r => (string?)r["id"] == id) ?? throw GraphException.NoObject(id));
            default:
                throw GraphException.NoSegment(rest[^1]);
        }
    }

    /// <summary><c>/deviceManagement/managedDevices</c>.</summary>
    public LabAnswer Managed(LabRequest request, string[] rest)
    {
        if (request.Method != "GET")
        {
            throw new GraphException(403, "Forbidden", "Application is not authorized to perform this operation. Application must have one of the following scopes: DeviceManagementManagedDevices.ReadWrite.All");
        }

        switch (rest)
        {
            case []:
                IntuneQuery.Check(request, ManagedDevice(Sample), IntuneFilters, "managedDevice");
                return GraphPage.List(request, "deviceManagement/managedDevices", managed, state.Options.Habits.ManagedDevicePageSize, 1000);
            case [var id]:
                return GraphPage.Single(request, "deviceManagement/managedDevices", managed.Find(r => (string?)r["id"] == id) ?? throw new GraphException(404, "ResourceNotFound", $"Device {id} not found"));
            default:
                throw GraphException.NoSegment(rest[^1]);
        }
    }

    /// <summary>A device as the directory shows it.</summary>
    public static JsonObject DirectoryObject(Computer computer, bool withType = false)
    {
        var row = new JsonObject();
        if (withType)
        {
            row["@odata.type"] = "#microsoft.graph.device";
        }

        row["id"] = computer.ObjectId;
        row["deletedDateTime"] = null;
        row["accountEnabled"] = true;
        row["approximateLastSignInDateTime"] = Timestamp.Of(computer.LastSeen);
        row["deviceId"] = computer.DeviceId.ToString();
        row["deviceOwnership"] = "Company";
        row["displayName"] = computer.Seed.Name;
        row["domainName"] = null;
        row["isCompliant"] = computer.Seed.InIntune;
        row["isManaged"] = computer.Seed.InIntune;
        row["managementType"] = computer.Seed.InIntune ? "MDM" : null;
        row["manufacturer"] = null;
        row["model"] = null;
        row["operatingSystem"] = "Windows";
        row["operatingSystemVersion"] = computer.OsVersion;
        row["physicalIds"] = new JsonArray();
        row["profileType"] = "RegisteredDevice";
        row["registrationDateTime"] = Timestamp.Of(computer.LastSeen);
        row["systemLabels"] = new JsonArray();
        row["trustType"] = computer.Domain.Length > 0 ? "ServerAd" : "AzureAd";
        return row;
    }

    private static JsonObject ManagedDevice(Computer computer) => new()
    {
        ["id"] = computer.ManagedDeviceId,
        ["userId"] = "",
        ["deviceName"] = computer.Seed.Name,
        ["managedDeviceOwnerType"] = "company",
        ["enrolledDateTime"] = Timestamp.Of(computer.LastSeen),
        ["lastSyncDateTime"] = Timestamp.Of(computer.LastSeen),
        ["operatingSystem"] = "Windows",
        ["complianceState"] = "compliant",
        ["jailBroken"] = "Unknown",
        ["managementAgent"] = computer.Seed.InConfigMgr ? "configurationManagerClientMdm" : "mdm",
        ["osVersion"] = computer.OsVersion,
        ["azureADRegistered"] = computer.Seed.InEntra,
        ["azureADDeviceId"] = computer.DeviceId.ToString(),
        ["deviceRegistrationState"] = computer.Seed.InEntra ? "registered" : "notRegistered",
        ["deviceCategoryDisplayName"] = "Unknown",
        ["emailAddress"] = "",
        ["userPrincipalName"] = "",
        ["model"] = "Virtual Machine",
        ["manufacturer"] = "Contoso",
        ["serialNumber"] = computer.Seed.Serial ?? "",
        ["partnerReportedThreatState"] = "unknown",
        ["joinType"] = !computer.Seed.InEntra ? "unknown" : computer.Domain.Length > 0 ? "hybridAzureADJoined" : "azureADJoined",
        ["skuFamily"] = "Pro",
        ["managementState"] = "managed",
        ["isEncrypted"] = true,
        ["roleScopeTagIds"] = new JsonArray("0"),
    };
}
