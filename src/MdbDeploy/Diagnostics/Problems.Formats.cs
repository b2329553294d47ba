namespace MdbDeploy.Diagnostics;

/// <content>Block 08: Windows formats.</content>
public static partial class Problems
{
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

    /// <summary>A Registry.xml is broken.</summary>
    public static readonly Problem RegistryPreferencesUnreadable = new("MDB0821", Severity.Error,
        "A file of preferences cannot be read.", "Restore the file, or make it again in Group Policy Management.");

    /// <summary>A registry preference that does nothing.</summary>
    public static readonly Problem RegistryPreferenceInert = new("MDB0822", Severity.Error,
        "A registry preference is one that clients ignore or that cannot be applied.", "Correct the item as the message says, or make it again in Group Policy Management.");

    /// <summary>A WMI filter that Windows cannot read.</summary>
    public static readonly Problem WmiFilterInvalid = new("MDB0823", Severity.Error,
        "The queries of a WMI filter cannot be read.", "Make the filter again: Windows takes it for false, so that its policies are silently not applied.");

    /// <summary>An ADMX or ADML that cannot be read.</summary>
    public static readonly Problem TemplateUnreadable = new("MDB0824", Severity.Error,
        "An administrative template (ADMX or ADML) cannot be read.", "Take the file from its publisher again, or correct the element that the message names.");

    /// <summary>An ADMX whose parts do not fit together.</summary>
    public static readonly Problem TemplateInconsistent = new("MDB0825", Severity.Warning,
        "The parts of an administrative template do not fit together.", "Correct it as the message says: the policy editor shows an error, or leaves the policy out.");

    /// <summary>A list of extensions that clients or editors read otherwise than meant.</summary>
    public static readonly Problem ExtensionNamesWrong = new("MDB0826", Severity.Warning,
        "The list of client-side extensions is not well formed.", "Make the backup again: extensions and their tools stand in pairs, sorted, each once.");

    /// <summary>A side with settings is switched off.</summary>
    public static readonly Problem SideSwitchedOff = new("MDB0827", Severity.Warning,
        "A side of the policy has settings and is switched off.", "Switch it on in the policy's details, or remove its settings.");

    /// <summary>A version that makes clients skip a side.</summary>
    public static readonly Problem VersionZero = new("MDB0828", Severity.Warning,
        "A side of the policy has settings and the version 0.", "Raise the version in GPT.INI and in the directory alike.");

    /// <summary>A filter that import does not bring along.</summary>
    public static readonly Problem FilterNotCarried = new("MDB0829", Severity.Info,
        "A backup names a WMI filter, which is not part of it.", "Import-GPO leaves the filter of the target as it is: make and link it there.");

    /// <summary>A server by its short name.</summary>
    public static readonly Problem ServerShort = new("MDB0830", Severity.Warning,
        "A policy starts something from a server named without its domain.", "Write the server's full DNS name, so that every site and Kerberos find it.");

    /// <summary>A script that is not in the policy.</summary>
    public static readonly Problem ScriptMissing = new("MDB0831", Severity.Warning,
        "A script of the policy is missing.", "Put it into the folder of its event below Scripts, or give its full path.");

    /// <summary>A script that waits for an answer.</summary>
    public static readonly Problem PolicyScriptAsks = new("MDB0832", Severity.Error,
        "A policy starts a script that asks questions.", "Use the onboarding package for Group Policy: nobody sees the question, and the computer waits for ever.");

    /// <summary>An offboarding script that Windows refuses.</summary>
    public static readonly Problem PolicyOffboardingExpired = new("MDB0833", Severity.Error,
        "A policy starts an offboarding script that has expired.", "Download a new offboarding package, and remove this policy.");

    /// <summary>Both at once.</summary>
    public static readonly Problem PolicyOnboardsAndOffboards = new("MDB0834", Severity.Error,
        "A policy onboards and offboards.", "Use a policy of its own for each; no computer may get both.");

    /// <summary>Two items that a client and the console take for one.</summary>
    public static readonly Problem PreferenceTwice = new("MDB0835", Severity.Warning,
        "Two preference items of a policy have the same uid.", "Give each an identifier of its own: applied once is remembered by it.");

    /// <summary>An offboarding script that Windows refuses soon.</summary>
    public static readonly Problem PolicyOffboardingExpires = new("MDB0836", Severity.Warning,
        "A policy starts an offboarding script that expires within two days.", "Computers that do not refresh their policy before then stay onboarded: download a new offboarding package.");
}
