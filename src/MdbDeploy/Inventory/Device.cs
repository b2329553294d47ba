using System.Collections.Immutable;

namespace MdbDeploy.Inventory;

/// <summary>One device as the merged inventory knows it. Null and <c>Unknown</c> mean that no source said anything.</summary>
public sealed record Device
{
    /// <summary>Computer name without domain, <c>$</c> or surrounding blanks, in the spelling of the most trusted source.</summary>
    public required string Name { get; init; }

    /// <summary>DNS name, lower case.</summary>
    public string? Fqdn { get; init; }

    /// <summary>Domain: the NetBIOS name or the DNS name, whichever the source gave.</summary>
    public string? Domain { get; init; }

    /// <summary>Operating system family.</summary>
    public OsFamily Os { get; init; }

    /// <summary>Operating system as the source words it, for people.</summary>
    public string? OsName { get; init; }

    /// <summary>Windows edition.</summary>
    public WindowsEdition Edition { get; init; }

    /// <summary>Windows build, with the update revision where the source knows it.</summary>
    public WindowsBuild? Build { get; init; }

    /// <summary>Client, server or domain controller.</summary>
    public DeviceRole Role { get; init; }

    /// <summary>How the device is joined to a directory.</summary>
    public JoinType Join { get; init; }

    /// <summary>Who manages the device now.</summary>
    public Management ManagedBy { get; init; }

    /// <summary>Entra device id (not the directory object id).</summary>
    public Guid? EntraDeviceId { get; init; }

    /// <summary>Intune device id.</summary>
    public Guid? IntuneDeviceId { get; init; }

    /// <summary>Unique id of the Configuration Manager client: SMS_R_System.SMSUniqueIdentifier, its prefix <c>GUID:</c> taken off.</summary>
    public Guid? SmsId { get; init; }

    /// <summary>Active Directory objectGUID.</summary>
    public Guid? AdObjectId { get; init; }

    /// <summary>Serial number; placeholders such as "To be filled by O.E.M." are left out.</summary>
    public string? Serial { get; init; }

    /// <summary>Distinguished name of the organisational unit that holds the computer object.</summary>
    public string? Ou { get; init; }

    /// <summary>Site or location code.</summary>
    public string? Site { get; init; }

    /// <summary>Method that the inventory itself asks for (a name of <see cref="Planning.Methods"/>), or null.</summary>
    public string? RequestedMethod { get; init; }

    /// <summary>Ring that the inventory itself asks for, or null.</summary>
    public string? RequestedRing { get; init; }

    /// <summary>Tags, in the order of the source.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>Virtual desktop kind.</summary>
    public VdiKind Vdi { get; init; }

    /// <summary>Name of the golden image or catalogue the device comes from.</summary>
    public string? Image { get; init; }

    /// <summary>Whether this is a golden image itself, which must never be onboarded.</summary>
    public bool IsGoldenImage { get; init; }

    /// <summary>User principal name of the owner.</summary>
    public string? Owner { get; init; }

    /// <summary>Last sign of life in any source.</summary>
    public DateTimeOffset? LastSeen { get; init; }

    /// <summary>Whether the device is in use, disabled, or to be offboarded.</summary>
    public DeviceState State { get; init; }

    /// <summary>Whether any source says that it is onboarded to Defender already; null when none says.</summary>
    public bool? IsOnboarded { get; init; }

    /// <summary>The records that describe this device, most trusted first.</summary>
    public ImmutableArray<Origin> Origins { get; init; } = [];

    /// <summary>
    /// What the device is recognised by when devices are added or rows move: the strongest key it has (Entra device id, else serial, else DNS name, else name),
    /// lower case. Ring membership by percentage hashes it.
    /// </summary>
    public string Identity => EntraDeviceId is { } id ? $"entra:{id:D}"
        : Serial is { } serial ? $"serial:{serial.ToLowerInvariant()}"
        : Fqdn is { } fqdn ? $"dns:{fqdn.ToLowerInvariant()}"
        : $"name:{(Domain is null ? "" : Domain.ToLowerInvariant() + "\\")}{Name.ToLowerInvariant()}";
}

/// <summary>A row of a source file.</summary>
/// <param name="File">The file, as the project names it.</param>
/// <param name="Line">Line, counted from 1.</param>
public readonly record struct Origin(string File, int Line);

/// <summary>Operating system family.</summary>
public enum OsFamily : byte
{
    /// <summary>No source said.</summary>
    Unknown,

    /// <summary>Windows 10, Windows 11 or an older client.</summary>
    WindowsClient,

    /// <summary>Windows Server.</summary>
    WindowsServer,

    /// <summary>macOS.</summary>
    MacOS,

    /// <summary>Any Linux distribution.</summary>
    Linux,

    /// <summary>iOS or iPadOS.</summary>
    Ios,

    /// <summary>Android.</summary>
    Android,

    /// <summary>Something else: printers, network gear, ChromeOS.</summary>
    Other,
}

/// <summary>Windows edition, as far as requirements distinguish them.</summary>
public enum WindowsEdition : byte
{
    /// <summary>No source said.</summary>
    Unknown,

    /// <summary>Home: never supported.</summary>
    Home,

    /// <summary>Pro or Professional, with its workstation and N variants.</summary>
    Pro,

    /// <summary>Business.</summary>
    Business,

    /// <summary>Enterprise, with its N and evaluation variants.</summary>
    Enterprise,

    /// <summary>Enterprise LTSC or LTSB.</summary>
    EnterpriseLtsc,

    /// <summary>Enterprise multi-session (Azure Virtual Desktop).</summary>
    EnterpriseMultiSession,

    /// <summary>Education or Pro Education.</summary>
    Education,

    /// <summary>IoT Enterprise.</summary>
    IotEnterprise,

    /// <summary>Any edition of Windows Server.</summary>
    Server,

    /// <summary>An edition that none of the above names.</summary>
    Other,
}

/// <summary>What a Windows computer is for.</summary>
public enum DeviceRole : byte
{
    /// <summary>No source said.</summary>
    Unknown,

    /// <summary>Workstation.</summary>
    Client,

    /// <summary>Member server.</summary>
    Server,

    /// <summary>Domain controller.</summary>
    DomainController,
}

/// <summary>How a device is joined to a directory.</summary>
public enum JoinType : byte
{
    /// <summary>No source said.</summary>
    Unknown,

    /// <summary>Entra joined.</summary>
    Entra,

    /// <summary>Hybrid: Active Directory and Entra.</summary>
    Hybrid,

    /// <summary>Active Directory only.</summary>
    Domain,

    /// <summary>Entra registered (workplace).</summary>
    Registered,

    /// <summary>Synthetic registration made by Defender's security settings management.</summary>
    Synthetic,

    /// <summary>Workgroup.</summary>
    None,
}

/// <summary>Who manages a device; flags, since co-management is both Intune and Configuration Manager.</summary>
[Flags]
public enum Management : byte
{
    /// <summary>Nobody, or no source said.</summary>
    None = 0,

    /// <summary>Enrolled in Intune.</summary>
    Intune = 1,

    /// <summary>Has a Configuration Manager client.</summary>
    ConfigurationManager = 2,

    /// <summary>Defender's security settings management (managementType MicrosoftSense).</summary>
    Defender = 4,

    /// <summary>Another MDM.</summary>
    OtherMdm = 8,
}

/// <summary>Virtual desktop kind.</summary>
public enum VdiKind : byte
{
    /// <summary>Not a virtual desktop, or no source said.</summary>
    None,

    /// <summary>Dedicated or persistent desktop: an ordinary device.</summary>
    Persistent,

    /// <summary>Non-persistent, one portal entry per device name (recommended).</summary>
    NonPersistentSingle,

    /// <summary>Non-persistent, a new portal entry per session.</summary>
    NonPersistentMultiple,
}

/// <summary>What is to happen with a device.</summary>
public enum DeviceState : byte
{
    /// <summary>In use.</summary>
    Active,

    /// <summary>Disabled in its directory.</summary>
    Disabled,

    /// <summary>Retired; leave it out.</summary>
    Retired,

    /// <summary>To be offboarded.</summary>
    Offboard,
}
