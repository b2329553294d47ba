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

    // 0750 to 0799: HTTP, sign-in and Graph
    /// <summary>The server refused a request.</summary>
    public static readonly Problem RequestRefused = new("MDB0750", Severity.Error,
        "The server refused a request.",
        "Read the server's message; its support asks for the request id.");

    /// <summary>The server cannot be reached.</summary>
    public static readonly Problem ServerUnreachable = new("MDB0751", Severity.Error,
        "The server cannot be reached.",
        "Check the address, the network and the proxy, then run the command again.");

    /// <summary>The server's certificate is not trusted.</summary>
    public static readonly Problem CertificateNotTrusted = new("MDB0752", Severity.Error,
        "The server's certificate is not trusted.",
        "Check the address; for a private certificate authority, name its PEM file in caFile.");

    /// <summary>Signing in failed.</summary>
    public static readonly Problem SignInRefused = new("MDB0753", Severity.Error,
        "Signing in failed.",
        "Check tenant, application and credential in the target's settings and in the environment.");

    /// <summary>The account may not do this.</summary>
    public static readonly Problem AccessDenied = new("MDB0754", Severity.Error,
        "The account may not do this.",
        "Grant the permission that the server names, or let somebody who holds it approve the request.");

    /// <summary>The server stayed busy through all repetitions.</summary>
    public static readonly Problem ServerBusy = new("MDB0755", Severity.Error,
        "The server stayed busy through all repetitions.",
        "Wait a while, then run the command again: it continues where it stopped.");

    /// <summary>The server did not answer in time.</summary>
    public static readonly Problem NoAnswerInTime = new("MDB0756", Severity.Error,
        "The server did not answer in time.",
        "Check the network, then run the command again: it continues where it stopped.");

    /// <summary>The server's answer cannot be read.</summary>
    public static readonly Problem AnswerUnreadable = new("MDB0757", Severity.Error,
        "The server's answer cannot be read.",
        "Check that the address is the service and not a proxy or a sign-in page.");

    /// <summary>A request would go to another server.</summary>
    public static readonly Problem ForeignAddress = new("MDB0758", Severity.Error,
        "A request would go to another server.",
        "Nothing was sent there; check the address in the target's settings.");

    /// <summary>The answer to a change was lost.</summary>
    public static readonly Problem AnswerLost = new("MDB0759", Severity.Error,
        "The answer to a change was lost.",
        "Run the command again: it looks whether the change was made.");

    /// <summary>A certificate file cannot be read.</summary>
    public static readonly Problem CertificateFileUnreadable = new("MDB0760", Severity.Error,
        "A certificate file cannot be read.",
        "Name a file that exists: PEM for caFile, PEM with its key or PFX for certificateFile.");

    // 08: formats

    /// <summary>All entries, by code.</summary>
    public static ImmutableArray<Problem> All { get; } =
    [
        .. typeof(Problems).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => field.GetValue(null)).OfType<Problem>().OrderBy(problem => problem.Code, StringComparer.Ordinal),
    ];
}
