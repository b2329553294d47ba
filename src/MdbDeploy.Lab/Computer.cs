using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace MdbDeploy.Lab;

/// <summary>A computer with the identifiers the services give it.</summary>
internal sealed class Computer
{
    private readonly DateTimeOffset started;

    public Computer(LabDevice seed, int index, DateTimeOffset started)
    {
        this.started = started;
        Seed = seed;
        // Two computers may have one name.
        var identity = string.Create(CultureInfo.InvariantCulture, $"{index} {seed.Name}");
        ObjectId = LabState.Invent($"object {identity}").ToString();
        DeviceId = seed.InEntra ? seed.EntraDeviceId ?? LabState.Invent($"device {identity}") : Guid.Empty;
        ManagedDeviceId = LabState.Invent($"managed {identity}").ToString();
        ResourceId = 16777219 + index;
        SmsId = $"GUID:{LabState.Invent($"sms {identity}").ToString().ToUpperInvariant()}";
        MachineId = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"machine {identity}")).AsSpan(0, 20));
    }

    public LabDevice Seed { get; }

    /// <summary>Object id in the directory.</summary>
    public string ObjectId { get; }

    /// <summary>Entra device id; all zero for a device without one, as Intune shows it.</summary>
    public Guid DeviceId { get; }

    /// <summary>Intune's id.</summary>
    public string ManagedDeviceId { get; }

    /// <summary>Configuration Manager's id. Ids of resources begin at 2^24.</summary>
    public int ResourceId { get; }

    /// <summary>Configuration Manager's id of the client software.</summary>
    public string SmsId { get; }

    /// <summary>Defender's id.</summary>
    public string MachineId { get; }

    public string Fqdn => Seed.Fqdn ?? Seed.Name;

    /// <summary>DNS domain; empty without one.</summary>
    public string Domain => Fqdn.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot ? Fqdn[(dot + 1)..] : "";

    public string OsVersion => Seed.OsVersion ?? "10.0.26100.4652";

    public DateTimeOffset LastSeen => Seed.LastSeen ?? started;

    /// <summary>Whether somebody deleted its directory object.</summary>
    public bool DeletedFromEntra { get; set; }

    public bool IsInEntra => Seed.InEntra && !DeletedFromEntra;
}

/// <summary>Times as the services write them.</summary>
internal static class Timestamp
{
    public static string Of(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
