namespace MdbDeploy.Diagnostics;

/// <content>Block 03, from 40 on: offboarding, scripts that ask, the limit of the local script.</content>
public static partial class Problems
{
    /// <summary>A name under 'offboard' is not in the inventory.</summary>
    public static readonly Problem OffboardNameUnknown = new("MDB0340", Severity.Warning,
        "A device to be offboarded is not in the inventory, so nothing is done about it.", "Correct the name, or add the device to the inventory: offboarding has to know what reaches it.");

    /// <summary>A name under 'offboard' means several devices.</summary>
    public static readonly Problem OffboardNameAmbiguous = new("MDB0341", Severity.Error,
        "A name under 'offboard' means several devices.", "Write the DNS name or DOMAIN\\name of the one that is meant.");

    /// <summary>The offboarding package is missing.</summary>
    public static readonly Problem OffboardingPackageMissing = new("MDB0342", Severity.Warning,
        "Devices are marked for offboarding and the offboarding package is missing, so nothing is rendered for them.",
        "Download it from the Defender portal (Settings > Endpoints > Device management > Offboarding) and put the zip into the packages folder.");

    /// <summary>The offboarding package is expired.</summary>
    public static readonly Problem OffboardingPackageExpired = new("MDB0343", Severity.Error,
        "The offboarding package is expired.", "Download a new one from the Defender portal (Settings > Endpoints > Device management > Offboarding); it is good for seven days.");

    /// <summary>Devices marked for offboarding are left out since the package is expired.</summary>
    public static readonly Problem OffboardingLeftOut = new("MDB0344", Severity.Warning,
        "Devices are marked for offboarding and the package is expired, so nothing is rendered for them.",
        "Download a new package, or take the mark away from devices that are offboarded already.");

    /// <summary>The offboarding package expires soon.</summary>
    public static readonly Problem OffboardingPackageExpiresSoon = new("MDB0345", Severity.Warning,
        "The offboarding package expires within 48 hours.", "Download a new one first: devices that are off until then are not offboarded by this one.");

    /// <summary>A device would be onboarded and offboarded.</summary>
    public static readonly Problem InBothSets = new("MDB0346", Severity.Error,
        "A name is to be onboarded and offboarded.", "Remove the record that is out of date, or rename one of the computers: what finds computers by name would do both to both.");

    /// <summary>A script that asks questions is all there is for a channel that cannot answer.</summary>
    public static readonly Problem InteractiveScriptUnattended = new("MDB0347", Severity.Error,
        "A script that asks questions would run where nobody can answer, and hang.", "Download the package of the deployment method that the message names; the package for the local script waits for a key.");

    /// <summary>More devices are to get the local script than a batch takes.</summary>
    public static readonly Problem LocalScriptOverLimit = new("MDB0348", Severity.Error,
        "More devices are to get the local script than it serves.", "Take the better method that the message names; or say 'localScript: { split: true }' in mdbdeploy.yaml to get batches.");

    /// <summary>Offboarding waits for its own command.</summary>
    public static readonly Problem OffboardingWaits = new("MDB0349", Severity.Warning,
        "The bundle offboards devices, which 'push' does not do.", "Carry it out with 'mdbdeploy offboard'. Everything else is pushed without it.");

    /// <summary>No channel offboards by a method.</summary>
    public static readonly Problem MethodDoesNotOffboard = new("MDB0350", Severity.Warning,
        "No channel renders offboarding for a method.", "Offboard these devices by hand, or send them elsewhere with a routing rule.");

    /// <summary>The certificate of a package's signature is expired.</summary>
    public static readonly Problem SignerCertificateExpired = new("MDB0420", Severity.Warning,
        "The certificate that signed a package is expired.", "Download the package again: the portal signs with a certificate of one year, and whether devices refuse an older one is not documented.");

    /// <summary>An offboarding package is expired, by the clock of who asks.</summary>
    public static readonly Problem PackageIsExpired = new("MDB0421", Severity.Warning,
        "An offboarding package is expired.", "Delete it and download a new one; it is good for seven days.");
}
