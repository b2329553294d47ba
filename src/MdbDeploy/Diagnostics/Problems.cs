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

    // 0701-0729: comparing and pushing

    /// <summary>An object that is not ours stands in the place of a desired one.</summary>
    public static readonly Problem ForeignObject = new("MDB0701", Severity.Error,
        "An object that this project did not make stands in the place of a desired one.", "Take it over with --adopt ADDRESS, or rename it, or change the name in the project.");

    /// <summary>Bundle and somebody else changed the same field.</summary>
    public static readonly Problem ConflictingChange = new("MDB0702", Severity.Error,
        "The bundle and somebody else changed the same field since the last push.", "Look at the object; then let the bundle win with --adopt ADDRESS, or change the project to what is there.");

    /// <summary>A dependency that cannot be met.</summary>
    public static readonly Problem NeedIsNotThere = new("MDB0703", Severity.Error,
        "A resource needs another one that is not there before it.", "Correct the {address} in the template, or the phase of the kind in channel.yaml.");

    /// <summary>--ring names nothing.</summary>
    public static readonly Problem RingUnknown = new("MDB0704", Severity.Error,
        "No resource belongs to this ring.", "Name a ring of mdbdeploy.yaml that has devices on this channel.");

    /// <summary>A kind that the bundle does not declare.</summary>
    public static readonly Problem KindUnknown = new("MDB0705", Severity.Error,
        "A resource is of a kind that the bundle does not declare.", "Run 'mdbdeploy render' again.");

    /// <summary>The record of the last push is damaged or not ours.</summary>
    public static readonly Problem StateUnreadable = new("MDB0706", Severity.Warning,
        "The record of the last push cannot be used.", "Nothing is lost but who changed what since; the next push writes it anew.");

    /// <summary>A field that only a creation can set differs.</summary>
    public static readonly Problem CreateOnlyDiffers = new("MDB0707", Severity.Warning,
        "A field differs that can only be given when the object is created.", "Leave it, or delete the object in its portal and push again.");

    /// <summary>Two objects with one marker.</summary>
    public static readonly Problem MarkerTwice = new("MDB0708", Severity.Warning,
        "Several objects carry the same ownership marker; somebody copied one, probably.", "Remove the line 'mdbdeploy:…' from the copy's description, or delete the copy.");

    /// <summary>--adopt names nothing.</summary>
    public static readonly Problem AdoptUnknown = new("MDB0709", Severity.Error,
        "--adopt names an address that the bundle does not hold.", "Copy the address from the output of 'mdbdeploy diff'.");

    // 08: formats

    /// <summary>All entries, by code.</summary>
    public static ImmutableArray<Problem> All { get; } =
    [
        .. typeof(Problems).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => field.GetValue(null)).OfType<Problem>().OrderBy(problem => problem.Code, StringComparer.Ordinal),
    ];
}
