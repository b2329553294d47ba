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

    // 08: formats

    /// <summary>A registry.pol is broken.</summary>
    public static readonly Problem RegistryPolInvalid = new("MDB0801", Severity.Error,
        "A registry.pol cannot be read.", "Restore the file, or make it again: Windows cannot read past a broken entry either.");

    /// <summary>A line of LGPO text that says nothing.</summary>
    public static readonly Problem LgpoTextInvalid = new("MDB0802", Severity.Error,
        "A line of LGPO text is not valid.", "Correct the line: an entry is four lines, 'Computer' or 'User', the key, the value name, and an action such as DWORD:1.");

    /// <summary>An entry that LGPO text has no words for.</summary>
    public static readonly Problem LgpoTextInexpressible = new("MDB0803", Severity.Error,
        "A registry entry cannot be written as LGPO text.", "Write this entry to a registry.pol instead; LGPO text knows only some types and no control characters.");

    /// <summary>A GPO backup is broken.</summary>
    public static readonly Problem BackupUnreadable = new("MDB0804", Severity.Error,
        "A Group Policy backup cannot be read.", "Make the backup again with Backup-GPO, and copy the whole folder, hidden files included.");

    /// <summary>A backup and its files disagree.</summary>
    public static readonly Problem BackupInconsistent = new("MDB0805", Severity.Warning,
        "A Group Policy backup does not agree with its files.", "Make the backup again, or correct Backup.xml: Import-GPO takes only the files that it lists.");

    /// <summary>A file that a backup cannot take.</summary>
    public static readonly Problem BackupContentInvalid = new("MDB0806", Severity.Error,
        "A file cannot be put into a Group Policy backup.", "Use a path below Machine or User with characters that Windows allows, of a kind of setting that this tool knows.");

    /// <summary>Files without their client-side extension.</summary>
    public static readonly Problem ExtensionNotNamed = new("MDB0807", Severity.Warning,
        "A Group Policy backup does not name the client-side extension of its settings.", "Name the extension in Backup.xml: without it clients skip these settings and report no error.");

    /// <summary>A ScheduledTasks.xml is broken.</summary>
    public static readonly Problem ScheduledTasksUnreadable = new("MDB0808", Severity.Error,
        "A ScheduledTasks.xml cannot be read.", "Correct the XML at the line and column given.");

    /// <summary>An account name for SYSTEM that Windows cannot resolve.</summary>
    public static readonly Problem TaskAccountUnknown = new("MDB0809", Severity.Error,
        "A task runs as an account that Windows does not resolve.", "Write 'NT AUTHORITY\\SYSTEM', both in runAs and in UserId.");

    /// <summary>A task without an account.</summary>
    public static readonly Problem TaskAccountMissing = new("MDB0810", Severity.Error,
        "A task has no account to run as.", "Give runAs an account: with an empty one the client creates no task and reports no error.");

    /// <summary>A task that clients ignore.</summary>
    public static readonly Problem TaskInert = new("MDB0811", Severity.Error,
        "A task is written in a form that clients ignore without an error.", "Describe it by a Task element without a namespace, as Group Policy Management does.");

    /// <summary>An immediate task that is not immediate.</summary>
    public static readonly Problem TaskNotImmediate = new("MDB0812", Severity.Error,
        "An immediate task does not start.", "Give it one TimeTrigger whose StartBoundary and EndBoundary are %LocalTimeXmlEx%, and DeleteExpiredTaskAfter PT0S.");

    /// <summary>A filter that clients do not know.</summary>
    public static readonly Problem TargetingNameWrong = new("MDB0813", Severity.Error,
        "An item-level targeting element is misspelt.", "Write the element exactly as Group Policy Management does; a name in other case makes the item apply nowhere.");

    /// <summary>A computer filter that looks at the user.</summary>
    public static readonly Problem TargetingReadsUser = new("MDB0814", Severity.Error,
        "Item-level targeting of a computer setting looks at the user.", "Write userContext=\"0\": without it the filter compares the user who is signed in.");

    /// <summary>A filter that compares addresses.</summary>
    public static readonly Problem TargetingFragile = new("MDB0815", Severity.Warning,
        "Item-level targeting compares addresses instead of names.", "Use type=\"NETBIOS\": a filter of type DNS resolves the name and compares the addresses of the network adapters.");

    /// <summary>A password in SYSVOL.</summary>
    public static readonly Problem PasswordInPreferences = new("MDB0816", Severity.Error,
        "A preference holds a password.", "Remove cpassword and change that password: its key is public (MS14-025).");

    /// <summary>A task that laptops skip.</summary>
    public static readonly Problem TaskSkipsBatteries = new("MDB0817", Severity.Warning,
        "A task does not run on batteries.", "Set DisallowStartIfOnBatteries and StopIfGoingOnBatteries to false.");

    /// <summary>A scripts.ini is broken.</summary>
    public static readonly Problem ScriptsIniInvalid = new("MDB0818", Severity.Error,
        "A scripts.ini is not valid.", "Number the entries from 0 without a gap, each with CmdLine and Parameters.");

    /// <summary>A scripts.ini in the wrong encoding.</summary>
    public static readonly Problem ScriptsIniEncoding = new("MDB0819", Severity.Warning,
        "A scripts.ini is not UTF-16 with a byte order mark.", "Save it as UTF-16LE with byte order mark: clients may ignore it otherwise, without an error (MS-GPSCR 2.2.2).");

    /// <summary>A GPT.INI is broken.</summary>
    public static readonly Problem GptIniInvalid = new("MDB0820", Severity.Error,
        "A GPT.INI is not valid.", "Give it a section [General] with Version=number.");

    /// <summary>All entries, by code.</summary>
    public static ImmutableArray<Problem> All { get; } =
    [
        .. typeof(Problems).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => field.GetValue(null)).OfType<Problem>().OrderBy(problem => problem.Code, StringComparer.Ordinal),
    ];
}
