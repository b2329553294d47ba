namespace MdbDeploy.Diagnostics;

public static partial class Problems
{
    // 0711 to 0729: Intune through Microsoft Graph
    /// <summary>Planned devices are outside the enforcement scope of security settings management.</summary>
    public static readonly Problem EnforcementScopeTooSmall = new("MDB0711", Severity.Warning,
        "Planned devices are outside the enforcement scope of security settings management.",
        "In the Microsoft 365 Defender portal choose Settings > Endpoints, under Configuration management select Enforcement scope, turn on Windows Client devices (and Windows Server devices where there are any) and save; then correct 'securityManagement' in mdbdeploy.yaml.");

    /// <summary>Intune does not let Defender manage security settings of devices that are not enrolled.</summary>
    public static readonly Problem SecurityManagementOff = new("MDB0712", Severity.Info,
        "Intune does not let Defender manage the security settings of devices that are not enrolled.",
        "Nothing where every device is enrolled. Otherwise, in the Intune admin center choose Endpoint security > Microsoft Defender for Endpoint and turn on 'Allow Microsoft Defender for Endpoint to enforce Endpoint Security Configurations'; the scope is set in the Defender portal under Settings > Endpoints > Configuration management > Enforcement scope.");

    /// <summary>A change waits for the approval of a second administrator.</summary>
    public static readonly Problem WaitingForApproval = new("MDB0713", Severity.Warning,
        "A change waits for the approval of a second administrator.",
        "Let another administrator approve it (Intune admin center > Tenant administration > Multi Admin Approval) within three days, then run 'mdbdeploy push --resume'.");

    /// <summary>A change was not approved.</summary>
    public static readonly Problem ApprovalRefused = new("MDB0714", Severity.Error,
        "A change was not approved.",
        "Ask the approver for the reason; pushing again asks for approval anew.");

    /// <summary>Another policy gives the same devices other settings.</summary>
    public static readonly Problem PoliciesConflict = new("MDB0715", Severity.Warning,
        "Another endpoint detection and response policy gives the same devices other settings.",
        "Take the devices out of one of the two: of contradicting values Intune applies none.");

    /// <summary>Another policy reaches the same devices with the same settings.</summary>
    public static readonly Problem PoliciesOverlap = new("MDB0716", Severity.Info,
        "Another endpoint detection and response policy reaches the same devices.",
        "Nothing, as long as both say the same.");

    /// <summary>The token cache cannot be encrypted here.</summary>
    public static readonly Problem TokenCacheUnavailable = new("MDB0717", Severity.Error,
        "The token cache cannot be kept encrypted on this machine.",
        "Take 'tokenCache' out of targets.graph, or install the keyring that your system uses (on Linux libsecret and a running secret service).");

    /// <summary>A workload identity has no token of its pipeline.</summary>
    public static readonly Problem PipelineTokenMissing = new("MDB0718", Severity.Error,
        "The pipeline gives no identity token.",
        "Let the job have one: in GitHub 'permissions: id-token: write', in Azure Pipelines map SYSTEM_ACCESSTOKEN into the step's environment.");
}
