namespace MdbDeploy.Lab.Graph;

/// <summary>Which permission a request needs at least (learn.microsoft.com/graph/permissions-reference), and the refusal when it is missing.</summary>
internal static class Permissions
{
    /// <summary>What an application holds that may do everything here.</summary>
    public static readonly string[] All =
    [
        "DeviceManagementConfiguration.ReadWrite.All", "DeviceManagementConfiguration.Read.All", "DeviceManagementManagedDevices.Read.All", "DeviceManagementServiceConfig.Read.All",
        "Group.ReadWrite.All", "Group.Read.All", "Device.ReadWrite.All", "Device.Read.All", "Machine.Read.All",
    ];

    /// <summary>Refuses what a missing permission does not allow.</summary>
    public static void Require(LabRequest request, IReadOnlySet<string> missing)
    {
        if (missing.Count > 0 && Of(request) is { } needed && missing.Contains(needed))
        {
            throw request.Segments is [_, "deviceManagement", ..]
                ? new GraphException(403, "Forbidden", $"Application is not authorized to perform this operation. Application must have one of the following scopes: {needed}")
                : new GraphException(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
        }
    }

    private static string? Of(LabRequest request)
    {
        var access = request.Method == "GET" || request.Segments is [_, "deviceManagement", "reports", ..] ? "Read" : "ReadWrite";
        return request.Segments switch
        {
            [_, "deviceManagement", "managedDevices", ..] => $"DeviceManagementManagedDevices.{access}.All",
            [_, "deviceManagement", "mobileThreatDefenseConnectors", ..] => $"DeviceManagementServiceConfig.{access}.All",
            [_, "deviceManagement", ..] => $"DeviceManagementConfiguration.{access}.All",
            [_, "groups", ..] => $"Group.{access}.All",
            [_, "devices", ..] => $"Device.{access}.All",
            _ => null,
        };
    }
}
