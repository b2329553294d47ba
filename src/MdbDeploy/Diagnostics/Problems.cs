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

    /// <summary>There is no project file.</summary>
    public static readonly Problem ProjectFileMissing = new("MDB0101", Severity.Error,
        "There is no mdbdeploy.yaml.", "Give the folder that holds it, or make a project with 'mdbdeploy new'.");

    /// <summary>The project file is no YAML.</summary>
    public static readonly Problem ProjectFileUnreadable = new("MDB0102", Severity.Error,
        "The project file cannot be read.", "Correct the YAML at the line and column given: indent with blanks, and put texts with ':' or '#' in single quotes.");

    /// <summary>A key or value of the project file cannot be used.</summary>
    public static readonly Problem ProjectValueInvalid = new("MDB0103", Severity.Error,
        "A setting of the project file is missing, unknown or of the wrong type.", "Correct the line; the message says what is expected there.");

    /// <summary>A name of a ring or an image has other characters than it may have.</summary>
    public static readonly Problem ProjectNameInvalid = new("MDB0104", Severity.Error,
        "A name holds characters that groups, collections or folders cannot have.", "Choose a name of letters A to Z, digits, blanks, dots, dashes and underscores.");

    /// <summary>Two rings or images have the same name.</summary>
    public static readonly Problem ProjectNameDuplicate = new("MDB0105", Severity.Error,
        "Two rings or two images have the same name.", "Rename one of them; upper and lower case and the signs between letters and digits make no difference.");

    /// <summary>The project file would hold a secret.</summary>
    public static readonly Problem ProjectHoldsSecret = new("MDB0106", Severity.Error,
        "The project file holds a secret.", "Take it out and replace it where it is used, since it may have been copied or committed; client secrets come from the environment variable MDBDEPLOY_CLIENT_SECRET or the credential chain.");

    /// <summary>A share is named by the server's short name.</summary>
    public static readonly Problem ShareWithoutDomain = new("MDB0107", Severity.Warning,
        "A share is given by the short name of its server.", "Write the server's full DNS name, as Microsoft's instructions ask, so that every site finds it.");

    /// <summary>An inventory file does not exist.</summary>
    public static readonly Problem InventoryFileMissing = new("MDB0108", Severity.Error,
        "An inventory file of the project does not exist.", "Correct 'inventory:' in mdbdeploy.yaml, or put the file there; paths start at the project's folder.");

    /// <summary>A pattern of the inventory matches no file.</summary>
    public static readonly Problem InventoryPatternMatchesNothing = new("MDB0109", Severity.Warning,
        "A pattern of 'inventory:' matches no file.", "Put an export there, or take the pattern out of mdbdeploy.yaml.");

    /// <summary>There is no catalogue of settings.</summary>
    public static readonly Problem PoliciesFolderMissing = new("MDB0130", Severity.Error,
        "The policies folder or its settings.csv cannot be read.", "Reinstall the tool: it ships its policies beside the program.");

    /// <summary>The catalogue of settings is not valid.</summary>
    public static readonly Problem SettingsFileInvalid = new("MDB0131", Severity.Error,
        "The catalogue of settings is not valid.", "Correct the line of policies/settings.csv; policies/README.md explains the columns.");

    /// <summary>A preset is not valid.</summary>
    public static readonly Problem PolicyPresetInvalid = new("MDB0132", Severity.Error,
        "A policy preset is not valid.", "Correct the line; policies/README.md explains presets, and settings.csv lists every setting with its values.");

    /// <summary>The project names a preset that does not exist.</summary>
    public static readonly Problem PolicyPresetUnknown = new("MDB0133", Severity.Error,
        "The project names a policy preset that does not exist.", "Correct 'policies:' in mdbdeploy.yaml: a preset is a file of policies/ without '.yaml'.");

    /// <summary>Two presets of the project disagree.</summary>
    public static readonly Problem PolicyPresetsDisagree = new("MDB0134", Severity.Error,
        "Two policy presets give a setting different values.", "Take one of the presets out of 'policies:' in mdbdeploy.yaml, or change one of them.");

    // 02: inventory

    // 03: planning

    /// <summary>An expression over device fields is not valid.</summary>
    public static readonly Problem ExpressionInvalid = new("MDB0301", Severity.Error,
        "A condition over device fields is not valid.", "Compare fields with == != < <= > >= or contains, and join with and, or, not (...); texts stand in single quotes.");

    /// <summary>A routing rule names a method that does not exist.</summary>
    public static readonly Problem RoutingMethodUnknown = new("MDB0302", Severity.Error,
        "A routing rule names a method that does not exist.", "Use one of the methods named, or add a channel folder with that method under templates/.");

    /// <summary>The inventory asks for a method that cannot be used.</summary>
    public static readonly Problem RequestedMethodUnusable = new("MDB0303", Severity.Warning,
        "The inventory asks for a method that cannot be used.", "Correct the method column; the other rules decided instead.");

    /// <summary>The inventory asks for a ring that does not exist.</summary>
    public static readonly Problem RequestedRingUnknown = new("MDB0304", Severity.Warning,
        "The inventory asks for a ring that does not exist.", "Correct the ring column, or add the ring to mdbdeploy.yaml; the other rules decided instead.");

    /// <summary>A ring holds no device.</summary>
    public static readonly Problem RingMatchesNothing = new("MDB0305", Severity.Warning,
        "A ring holds no device.", "Check its match, max and percent, and whether a ring before it takes everything.");

    /// <summary>A golden image is onboarded.</summary>
    public static readonly Problem GoldenImageOnboarded = new("MDB0306", Severity.Error,
        "A golden image is onboarded, so every desktop made from it would share its identity.", "Offboard the image and clean it before it is sealed again; if it is no golden image, correct the inventory.");

    /// <summary>A package for a planned method is missing.</summary>
    public static readonly Problem PackageMissing = new("MDB0307", Severity.Warning,
        "The package of a planned method is missing.", "Download it from the Defender portal (security.microsoft.com) as the message says, and put the zip into the packages folder.");

    /// <summary>No channel renders a planned method.</summary>
    public static readonly Problem MethodWithoutChannel = new("MDB0308", Severity.Warning,
        "No channel renders a planned method, so nothing is written for its devices.", "Add a channel with that method under templates/, or send the devices elsewhere with a routing rule.");

    /// <summary>More devices than the local script serves.</summary>
    public static readonly Problem LocalScriptLimit = new("MDB0309", Severity.Warning,
        "More devices are left for the local script than it serves.", "Enrol or join the devices, or name the ones that get the script in the method column or with a routing rule.");

    /// <summary>More users than Defender for Business serves.</summary>
    public static readonly Problem TooManyUsers = new("MDB0310", Severity.Warning,
        "The devices belong to more users than Defender for Business serves.", "Check the licences: Defender for Business ends there, Defender for Endpoint does not.");

    /// <summary>A user with more devices than the licence covers.</summary>
    public static readonly Problem TooManyDevicesPerUser = new("MDB0311", Severity.Warning,
        "A user owns more devices than a licence covers.", "Check the owners, which inventories often take from the enrolling account, or license the surplus.");

    /// <summary>More servers than the add-on licence covers.</summary>
    public static readonly Problem TooManyServers = new("MDB0312", Severity.Warning,
        "More servers are planned than the server licence of Defender for Business covers.", "Check the licences: beyond this number servers need Microsoft Defender for Servers.");

    /// <summary>Automatic onboarding excludes rings.</summary>
    public static readonly Problem AutomaticExcludesRings = new("MDB0313", Severity.Warning,
        "Automatic onboarding takes all enrolled devices at once, so they are in no ring.", "To onboard them ring by ring, choose 'onboarding: manual' here and in the tenant.");

    /// <summary>Nothing in the inventory has that name.</summary>
    public static readonly Problem DeviceNotInInventory = new("MDB0314", Severity.Error,
        "No device of the inventory has that name.", "Give the computer name, the DNS name or DOMAIN\\name as the inventory has it.");

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

    /// <summary>All entries, by code.</summary>
    public static ImmutableArray<Problem> All { get; } =
    [
        .. typeof(Problems).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => field.GetValue(null)).OfType<Problem>().OrderBy(problem => problem.Code, StringComparer.Ordinal),
    ];
}
