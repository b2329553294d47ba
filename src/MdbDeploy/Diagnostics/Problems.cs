using System.Collections.Immutable;
using System.Reflection;

namespace MdbDeploy.Diagnostics;

/// <summary>
/// The catalogue of everything that can be wrong with the input, in blocks by stage: 01 project file and command line, 02 inventory, 03 planning,
/// 04 packages, 05 templates, 06 bundle, 07 targets, 08 formats. README.md lists it; a test holds the two together.
/// </summary>
public static class Problems
{
    // 01: project file and command line

    // 02: inventory

    // 03: planning

    // 04: packages

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

    // 05: templates

    /// <summary>The templates folder is not there.</summary>
    public static readonly Problem TemplatesFolderMissing = new("MDB0501", Severity.Error,
        "The templates folder does not exist.", "Give the folder with --templates, or reinstall the tool: it ships its templates beside the program.");

    /// <summary>A channel.yaml cannot be used.</summary>
    public static readonly Problem ChannelFileInvalid = new("MDB0502", Severity.Error,
        "A channel.yaml is not valid.", "Correct the line; templates/README.md lists every key.");

    /// <summary>A template is not valid.</summary>
    public static readonly Problem TemplateSyntax = new("MDB0503", Severity.Error,
        "A template has a syntax error.", "Correct the template at the line and column given; templates/README.md explains the language.");

    /// <summary>A template failed while it ran.</summary>
    public static readonly Problem TemplateFailed = new("MDB0504", Severity.Error,
        "A template failed while rendering.", "Correct the template, or the value it could not write, at the line and column given.");

    /// <summary>A file type without an escaper.</summary>
    public static readonly Problem NoEscaper = new("MDB0505", Severity.Error,
        "No escaper is known for this type of file.", "Name one with 'escape:' in channel.yaml, so that hostile names stay data in the file.");

    /// <summary>Two outputs, one path.</summary>
    public static readonly Problem DuplicateOutput = new("MDB0506", Severity.Error,
        "Two outputs have the same path.", "Change one of the paths in channel.yaml; paths are compared without regard to case, as Windows does.");

    /// <summary>An output outside the bundle.</summary>
    public static readonly Problem OutputPathInvalid = new("MDB0507", Severity.Error,
        "The path of an output is not a relative path within the bundle.", "Use a relative path with '/' and without '..' in channel.yaml.");

    /// <summary>A resource document that is none.</summary>
    public static readonly Problem ResourceInvalid = new("MDB0508", Severity.Error,
        "A rendered resource is not valid.", "Correct the template: it must render { \"address\", \"kind\", \"method\", \"path\", \"body\" } with a kind that the channel declares.");

    /// <summary>A placeholder that names nothing.</summary>
    public static readonly Problem ResourceReferenceUnknown = new("MDB0509", Severity.Error,
        "A resource refers to an address that nothing renders.", "Correct the {address} in the template, or render the resource it names under the same condition.");

    /// <summary>An output was left out because its condition does not hold.</summary>
    public static readonly Problem OutputSkipped = new("MDB0510", Severity.Warning,
        "Part of a channel was not rendered because something it needs is missing.", "Provide what the message names, usually a package from the Defender portal, and render again.");

    /// <summary>A packer refused its input.</summary>
    public static readonly Problem PackingFailed = new("MDB0511", Severity.Error,
        "A rendered text could not be packed into its binary format.", "Correct the template at the place the message names.");

    // 06: bundle

    /// <summary>There is no bundle yet.</summary>
    public static readonly Problem BundleMissing = new("MDB0601", Severity.Error,
        "There is no bundle.", "Run 'mdbdeploy render' first.");

    /// <summary>bundle.json is broken or of another version.</summary>
    public static readonly Problem BundleUnreadable = new("MDB0602", Severity.Error,
        "The bundle cannot be read.", "Run 'mdbdeploy render' again.");

    /// <summary>A file of the bundle is not the one that was rendered.</summary>
    public static readonly Problem BundleChanged = new("MDB0603", Severity.Error,
        "A file of the bundle changed since it was rendered.", "Nothing is pushed that was not rendered: change the project or the templates and run 'mdbdeploy render' again.");

    /// <summary>The out folder would let secrets into a repository.</summary>
    public static readonly Problem OutFolderNotIgnored = new("MDB0604", Severity.Error,
        "The out folder has a .gitignore that lets files through, and the bundle holds the tenant's onboarding package.", "Make the line '*' its only rule, or choose another out folder.");

    // 07: targets

    // 08: formats

    /// <summary>All entries, by code.</summary>
    public static ImmutableArray<Problem> All { get; } =
    [
        .. typeof(Problems).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => field.GetValue(null)).OfType<Problem>().OrderBy(problem => problem.Code, StringComparer.Ordinal),
    ];
}
