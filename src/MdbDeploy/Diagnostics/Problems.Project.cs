namespace MdbDeploy.Diagnostics;

/// <content>Block 01: mdbdeploy.yaml, policies and the command line.</content>
public static partial class Problems
{
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
        "The project names a policy preset that does not exist.", "Correct 'policies:' in mdbdeploy.yaml: a preset is a file of the tool's or the project's policies/ without '.yaml'.");

    /// <summary>Two presets of the project disagree.</summary>
    public static readonly Problem PolicyPresetsDisagree = new("MDB0134", Severity.Error,
        "Two policy presets give a setting different values.", "Take one of the presets out of 'policies:' in mdbdeploy.yaml, or write 'overrides: true' into a preset of yours that is named later.");

    /// <summary>The condition of a ring's gate cannot be read.</summary>
    public static readonly Problem GateConditionInvalid = new("MDB0140", Severity.Error,
        "The condition of a ring's gate cannot be read.", "Write for example 'onboarded >= 95%', and join several by 'and'; counted are onboarded, waiting and attention.");

    /// <summary>A gate waits for a ring that does not exist.</summary>
    public static readonly Problem GateWithoutRing = new("MDB0141", Severity.Error,
        "A ring's gate waits for a ring that does not exist.", "Correct 'after' in mdbdeploy.yaml: it names another ring of the project.");

    /// <summary>Gates that wait for each other.</summary>
    public static readonly Problem GateCycle = new("MDB0142", Severity.Error,
        "The gates of rings wait for each other.", "Take one 'after' out of mdbdeploy.yaml.");

    /// <summary>The folder for a new project holds something.</summary>
    public static readonly Problem ScaffoldFolderIsNotEmpty = new("MDB0150", Severity.Error,
        "The folder for a new project is not empty.", "Name another folder; a project that stands there is never overwritten.");

    /// <summary>A new project cannot be written.</summary>
    public static readonly Problem ScaffoldCannotBeWritten = new("MDB0151", Severity.Error,
        "The new project cannot be written.", "Check that you may write there, and that the templates folder of the tool is complete.");

    /// <summary>Faults for the lab that say nothing.</summary>
    public static readonly Problem LabFaultsInvalid = new("MDB0160", Severity.Error,
        "The faults for the lab are not valid.", "Write them as 'mdbdeploy lab --help' shows, for example '429:0.1' or 'latency:50ms'.");
}
