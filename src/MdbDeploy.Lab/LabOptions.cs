using System.Security.Cryptography.X509Certificates;

namespace MdbDeploy.Lab;

/// <summary>What the lab holds when it starts, and how it behaves.</summary>
public sealed record LabOptions
{
    /// <summary>TCP port on loopback; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>The lab's clock: token expiry, eventual consistency and collection evaluation are measured on it. Certificates follow the real clock, because clients check them against it.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The computers of the pretended company.</summary>
    public IReadOnlyList<LabDevice> Devices { get; init; } = [];

    /// <summary>Faults to inject, in the words of <see cref="Lab.Faults.FaultPlan.Parse"/>; null for none.</summary>
    public string? Faults { get; init; }

    /// <summary>Delays and page sizes.</summary>
    public LabHabits Habits { get; init; } = new();

    /// <summary>The organisation of Defender that onboarded computers report to; null for one that the lab invents.</summary>
    public Guid? OrganizationId { get; init; }

    /// <summary>Configuration Manager site code: three letters or digits.</summary>
    public string SiteCode { get; init; } = "P01";

    /// <summary>Whether Intune is connected to Defender. Without it the connector is not there (404) and "auto from connector" policies are refused.</summary>
    public bool ConnectorEnabled { get; init; }

    /// <summary>The connector's <c>partnerState</c>, for example <c>unresponsive</c>; null for <c>enabled</c>, or no connector where <see cref="ConnectorEnabled"/> says so.</summary>
    public string? ConnectorState { get; init; }

    /// <summary>Whether Intune lets Defender manage security settings (<c>microsoftDefenderForEndpointAttachEnabled</c>).</summary>
    public bool AttachEnabled { get; init; } = true;

    /// <summary>What the account that uses the AdminService may do.</summary>
    public SiteRole SiteRole { get; init; }

    /// <summary>A certificate (public part) whose private key may sign in as the lab's application; null when only the client secret may.</summary>
    public X509Certificate2? ClientCertificate { get; init; }
}

/// <summary>Role-based access in the lab's Configuration Manager site.</summary>
public enum SiteRole
{
    /// <summary>Everything.</summary>
    FullAdministrator,

    /// <summary>Sees collections whose name begins with "MDB", devices and what belongs to them; built-in collections are hidden, and writing collections is allowed. Hidden is 404 by key and missing in lists.</summary>
    Limited,

    /// <summary>May look at everything and change nothing: 500 from the provider.</summary>
    ReadOnly,

    /// <summary>No administrative user: 404 "Access denied  WMI QUERY: ".</summary>
    None,
}

/// <summary>A computer of the pretended company. Two with one name are two computers, as after a re-installation.</summary>
public sealed record LabDevice
{
    /// <summary>NetBIOS name.</summary>
    public required string Name { get; init; }

    /// <summary>Fully qualified name; null for the bare name.</summary>
    public string? Fqdn { get; init; }

    /// <summary>Entra device id (not the directory object id, which the lab invents); null lets the lab invent it.</summary>
    public Guid? EntraDeviceId { get; init; }

    /// <summary>BIOS serial number.</summary>
    public string? Serial { get; init; }

    /// <summary>Windows version as Intune shows it, for example <c>10.0.26100.4652</c>.</summary>
    public string? OsVersion { get; init; }

    /// <summary>Whether it has a device object in Entra ID.</summary>
    public bool InEntra { get; init; }

    /// <summary>Whether it is enrolled in Intune.</summary>
    public bool InIntune { get; init; }

    /// <summary>Whether it is a Configuration Manager client.</summary>
    public bool InConfigMgr { get; init; }

    /// <summary>Whether it runs a server version of Windows.</summary>
    public bool IsServer { get; init; }

    /// <summary>Whether Configuration Manager knows it by discovery only: <see cref="InConfigMgr"/> without a client.</summary>
    public bool WithoutClient { get; init; }

    /// <summary>Whether Configuration Manager holds its record as obsolete.</summary>
    public bool Obsolete { get; init; }

    /// <summary>Co-management workloads that Intune has (SMS_Client_ComanagementState: 32 is Endpoint Protection); 0 when it is not co-managed.</summary>
    public int CoManagementFlags { get; init; }

    /// <summary>What becomes of policies that onboard or offboard on it, as reports of Intune say it, for example <c>Error</c> or <c>Conflict</c>; null when they work.</summary>
    public string? PolicyOutcome { get; init; }

    /// <summary>Whether its antivirus has real-time protection switched off and old security intelligence.</summary>
    public bool AntivirusOff { get; init; }

    /// <summary>Whether it is onboarded to Defender from the start.</summary>
    public bool Onboarded { get; init; }

    /// <summary>When it was last in contact; null for the moment the lab started.</summary>
    public DateTimeOffset? LastSeen { get; init; }
}

/// <summary>
/// Habits of the real services that a client has to live with. The delays are short so that a demonstration runs through, but on: a client that reads back at once
/// fails here as it does against a tenant.
/// </summary>
public sealed record LabHabits
{
    /// <summary>
    /// How long a new group cannot be read (404) nor take members (400 "the source resource object or one of the objects being referenced do not exist"), although its
    /// creation succeeded (learn.microsoft.com/graph/api/group-post-members).
    /// </summary>
    public TimeSpan GroupDelay { get; init; } = TimeSpan.FromMilliseconds(150);

    /// <summary>How long a new member is missing from the member list.</summary>
    public TimeSpan MemberDelay { get; init; } = TimeSpan.Zero;

    /// <summary>How long the evaluation of a collection takes. After half of it MemberCount is right, the rows come at its end.</summary>
    public TimeSpan RefreshDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long after a policy reaches a device Defender lists it. A real one takes 5 to 30 minutes.</summary>
    public TimeSpan OnboardingDelay { get; init; } = TimeSpan.Zero;

    /// <summary>Lifetime of an access token.</summary>
    public TimeSpan TokenLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long a person has to enter the code of a device-code sign-in.</summary>
    public TimeSpan CodeLifetime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Page size of Intune policies and their assignments (25, see Microsoft365DSC issue 5088).</summary>
    public int PolicyPageSize { get; init; } = 25;

    /// <summary>Page size of directory lists when $top does not say (learn.microsoft.com/graph/paging).</summary>
    public int DirectoryPageSize { get; init; } = 100;

    /// <summary>Page size of Intune's devices.</summary>
    public int ManagedDevicePageSize { get; init; } = 1000;

    /// <summary>Page size of the AdminService.</summary>
    public int AdminServicePageSize { get; init; } = 1000;

    /// <summary>Whether Intune hides secrets of a policy behind a token when it is read.</summary>
    public bool HideSecrets { get; init; } = true;

    /// <summary>Whether <c>$expand=assignments</c> on one policy comes back empty (terraform-provider-microsoft365 PR 3623, August 2026).</summary>
    public bool ExpandsNoAssignments { get; init; } = true;

    /// <summary>Whether <c>/assign</c> replaces all assignments; otherwise it adds to them, as people expect.</summary>
    public bool AssignReplaces { get; init; } = true;

    /// <summary>Whether the PATCH of a single setting has no route, although the metadata lists it (microsoft-graph-docs-contrib issue 2018).</summary>
    public bool RefusesSettingPatch { get; init; } = true;

    /// <summary>Whether objects hold properties that no documentation names, as since mid-2026.</summary>
    public bool UnknownProperties { get; init; } = true;

    /// <summary>How long a new policy is missing from lists.</summary>
    public TimeSpan PolicyDelay { get; init; } = TimeSpan.Zero;

    /// <summary>
    /// Whether every write of Intune needs the approval of a second administrator (Multi Admin Approval). Off, since a tenant has to set it up; see
    /// <see cref="LabState.Decide"/>.
    /// </summary>
    public bool Approval { get; init; }

    /// <summary>The limits of the services; null for none.</summary>
    public LabLimits? Limits { get; init; } = new();

    /// <summary>Permissions that the application does not hold, for example <c>DeviceManagementServiceConfig.Read.All</c>: what needs them is answered 403.</summary>
    public IReadOnlySet<string> MissingPermissions { get; init; } = new HashSet<string>();

    /// <summary>Whether AdminService lists show lazy properties as null; otherwise they are left out. Which of the two a site does is not documented.</summary>
    public bool LazyPropertiesAsNull { get; init; } = true;
}

/// <summary>How many writes the services take per application before they answer 429 (learn.microsoft.com/graph/throttling-limits, 2025). The items of a $batch count one by one.</summary>
public sealed record LabLimits
{
    /// <summary>Writes of Intune's device configuration within <see cref="IntuneWindow"/>.</summary>
    public int IntuneWrites { get; init; } = 100;

    /// <summary>The window of <see cref="IntuneWrites"/>.</summary>
    public TimeSpan IntuneWindow { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Writes of the directory within <see cref="DirectoryWindow"/>.</summary>
    public int DirectoryWrites { get; init; } = 3000;

    /// <summary>The window of <see cref="DirectoryWrites"/>.</summary>
    public TimeSpan DirectoryWindow { get; init; } = TimeSpan.FromSeconds(150);

    /// <summary>Whether a 429 says when to come back; Intune often does not.</summary>
    public bool SaysWhen { get; init; } = true;
}
