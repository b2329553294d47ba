using System.Collections.Immutable;
using System.Text.Json.Nodes;
using MdbDeploy.Diagnostics;
using MdbDeploy.Inventory;
using MdbDeploy.Lab;
using MdbDeploy.Packages;
using MdbDeploy.Projects;

namespace MdbDeploy.Cli;

/// <summary>The lab beside a project: seeded with the project's own devices, and the project pointed at it instead of at the real systems.</summary>
internal static class LabSession
{
    /// <summary>Starts a lab that holds the devices of a fleet where the inventory says they are managed.</summary>
    public static Task<LabServer> StartAsync(Fleet fleet, PackageSet packages, DeploymentProject project, TimeProvider time, int port, string? faults, CancellationToken cancellationToken) =>
        StartAsync(new LabOptions
        {
            Port = port,
            Time = time,
            Faults = faults,
            OrganizationId = packages.OrganizationId,
            ConnectorEnabled = project.Tenant.Connector,
            Devices = [.. fleet.Devices.Where(d => d.Os is OsFamily.Unknown or OsFamily.WindowsClient or OsFamily.WindowsServer).Select(Seed)],
        }, cancellationToken);

    /// <summary>Starts a lab.</summary>
    /// <exception cref="InputException">The faults are not valid.</exception>
    public static async Task<LabServer> StartAsync(LabOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await LabServer.StartAsync(options, cancellationToken);
        }
        catch (FormatException invalid)
        {
            throw new InputException([Problems.LabFaultsInvalid.At(Location.Of("--faults"), invalid.Message)]);
        }
    }

    /// <summary>The project with its targets replaced by the lab's addresses. Writes the lab's certificate authority to a file of the folder.</summary>
    public static DeploymentProject PointAt(LabServer lab, DeploymentProject project, string folder)
    {
        var caFile = Path.Combine(folder, "lab-ca.pem");
        AtomicFile.Write(caFile, System.Text.Encoding.ASCII.GetBytes(lab.AuthorityPem));
        var configMgr = (JsonObject?)project.Targets.GetValueOrDefault("configmgr")?.DeepClone() ?? [];
        configMgr["server"] = "localhost";
        configMgr["siteCode"] = "P01";
        configMgr["auth"] = "bearer";
        configMgr["endpoint"] = new Uri(lab.BaseAddress, "AdminService_TokenAuth/").ToString();
        configMgr["caFile"] = caFile;
        var graph = new JsonObject
        {
            ["tenantId"] = lab.TenantId,
            ["clientId"] = lab.ClientId,
            ["auth"] = "client-secret",
            ["endpoint"] = lab.BaseAddress.ToString(),
            ["authority"] = lab.BaseAddress.ToString(),
            ["defenderApi"] = lab.BaseAddress.ToString(),
            ["caFile"] = caFile,
        };
        return project with { Targets = project.Targets.SetItem("graph", graph).SetItem("configmgr", configMgr) };
    }

    private static LabDevice Seed(Device device) => new()
    {
        Name = device.Name,
        Fqdn = device.Fqdn,
        EntraDeviceId = device.EntraDeviceId,
        Serial = device.Serial,
        OsVersion = device.Build is { } build ? $"10.0.{build}" : null,
        InEntra = device.EntraDeviceId is not null || device.ManagedBy.HasFlag(Management.Intune),
        InIntune = device.ManagedBy.HasFlag(Management.Intune),
        InConfigMgr = device.ManagedBy.HasFlag(Management.ConfigurationManager),
        IsServer = device.Os == OsFamily.WindowsServer,
        Onboarded = device.IsOnboarded == true,
        LastSeen = device.LastSeen,
    };
}
