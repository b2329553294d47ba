namespace MdbDeploy.Diagnostics;

// 0780 to 0799: Active Directory
public static partial class Problems
{
    /// <summary>The directory cannot be reached.</summary>
    public static readonly Problem DirectoryUnreachable = new("MDB0780", Severity.Error,
        "The directory cannot be reached.", "Check 'targets.activeDirectory' in mdbdeploy.yaml, the network and the LDAP library of this machine.");

    /// <summary>Signing in to the directory failed.</summary>
    public static readonly Problem DirectorySignInFailed = new("MDB0781", Severity.Error,
        "Signing in to the directory failed.", "Get a Kerberos ticket of this domain (kinit you@REALM; klist shows it), and check that the clocks agree.");

    /// <summary>The directory refused a change for want of rights.</summary>
    public static readonly Problem DirectoryRightsMissing = new("MDB0782", Severity.Error,
        "The directory refused a change for want of rights.", "Creating needs Group Policy Creator Owners; linking needs to write gPLink of the organisational unit. Ask for the delegation, or hand over the backups.");

    /// <summary>The directory refused a change.</summary>
    public static readonly Problem DirectoryRefused = new("MDB0783", Severity.Error,
        "The directory refused a change.", "The message says why; run the command again when it is put right.");

    /// <summary>An organisational unit does not exist.</summary>
    public static readonly Problem LinkPlaceMissing = new("MDB0784", Severity.Error,
        "A place that Group Policy Objects shall be linked to does not exist.", "Correct 'link' under targets.activeDirectory in mdbdeploy.yaml: the distinguished name of an organisational unit or of the domain.");

    /// <summary>SYSVOL cannot be read or written.</summary>
    public static readonly Problem SysvolFailed = new("MDB0785", Severity.Error,
        "The share SYSVOL cannot be read or written.", "Check the network and your rights there; on Linux the package smbclient must be installed.");

    /// <summary>Devices have no computer account in the domain and are left out of a group.</summary>
    public static readonly Problem ComputersNotInDomain = new("MDB0786", Severity.Warning,
        "Devices have no computer account in the domain and are left out of a group.", "Join them to the domain, or choose another method for them; the next push adds them.");
}
