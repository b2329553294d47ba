namespace MdbDeploy.Diagnostics;

/// <content>Block 04: packages of the Defender portal.</content>
public static partial class Problems
{
    /// <summary>A file of the packages folder cannot be read.</summary>
    public static readonly Problem PackageCannotBeRead = new("MDB0401", Severity.Error,
        "A file of the packages folder cannot be read.", "Check that it exists, that you may read it and that nobody else has it open.");

    /// <summary>A file holds no onboarding package.</summary>
    public static readonly Problem PackageIsNotRecognized = new("MDB0402", Severity.Error,
        "A file holds no onboarding package.", "Download the package again from the Defender portal (Settings, Endpoints, Onboarding); it needs no particular name. Take other files out of the packages folder.");

    /// <summary>The onboarding information in a package is damaged.</summary>
    public static readonly Problem PackageIsDamaged = new("MDB0403", Severity.Error,
        "The onboarding information in a package is damaged.", "Download the package again and do not open it with an editor: the information is signed.");

    /// <summary>A script of the packages folder onboards and offboards.</summary>
    public static readonly Problem PackageContradictsItself = new("MDB0404", Severity.Error,
        "A script of the packages folder onboards and offboards.", "Somebody changed it: download the package again.");

    /// <summary>The packages belong to different organisations.</summary>
    public static readonly Problem PackagesAreOfSeveralOrganizations = new("MDB0405", Severity.Error,
        "The packages belong to different organisations.", "Keep the packages of one tenant in a project, and make one project per tenant.");

    /// <summary>An archive of the packages folder is cut off or damaged.</summary>
    public static readonly Problem ArchiveIsDamaged = new("MDB0406", Severity.Error,
        "An archive of the packages folder is cut off or damaged.", "Download it again.");

    /// <summary>An archive of the packages folder is encrypted.</summary>
    public static readonly Problem ArchiveIsEncrypted = new("MDB0407", Severity.Error,
        "An archive of the packages folder is encrypted.", "Unpack it with its password and put the packages into the folder; the portal does not encrypt them.");

    /// <summary>A file has a path that no package of the portal has.</summary>
    public static readonly Problem PackagePathIsUnsafe = new("MDB0408", Severity.Error,
        "A file has a path that no package of the portal has.", "The archive is not from the portal: delete it and download the package again.");

    /// <summary>An archive or the packages folder is far larger than packages of the portal are.</summary>
    public static readonly Problem ArchiveIsTooLarge = new("MDB0409", Severity.Error,
        "An archive or the packages folder is far larger than packages of the portal are.", "Take out what is no package; if it came from the portal, download it again.");

    /// <summary>Archives lie too deep within archives.</summary>
    public static readonly Problem ArchiveIsNestedTooDeep = new("MDB0410", Severity.Error,
        "Archives lie too deep within archives.", "Unpack the outer ones.");

    /// <summary>The name of an offboarding package and its content say different expiry dates.</summary>
    public static readonly Problem OffboardingDatesDiffer = new("MDB0411", Severity.Warning,
        "The name of an offboarding package and its content say different expiry dates.", "Somebody may have renamed it: download a new one.");

    /// <summary>There are two packages of one kind with different content.</summary>
    public static readonly Problem PackageIsThereTwice = new("MDB0412", Severity.Warning,
        "There are two packages of one kind with different content.", "Delete the one that is out of date; of onboarding packages the first by name is used, of offboarding packages the one that lasts longest.");

    /// <summary>There are no onboarding packages.</summary>
    public static readonly Problem NoPackages = new("MDB0413", Severity.Warning,
        "There are no onboarding packages.", "Download them from the Defender portal (Settings, Endpoints, Onboarding) and put the zips into the packages folder; only automatic onboarding works without.");

    /// <summary>A file of the packages folder is no onboarding package and was left out.</summary>
    public static readonly Problem FileIsNoPackage = new("MDB0414", Severity.Info,
        "A file of the packages folder is no onboarding package and was left out.", "Nothing, if it is not meant to be one.");

    /// <summary>A file of a package was saved with an editor.</summary>
    public static readonly Problem PackageWasSavedAgain = new("MDB0415", Severity.Warning,
        "A file of a package was saved with an editor.", "Download the package again: a byte order mark breaks the first line of a script.");
}
