namespace MdbDeploy.Diagnostics;

public static partial class Problems
{
    /// <summary>A channel cannot express a setting.</summary>
    public static readonly Problem SettingNotExpressible = new("MDB0135", Severity.Warning,
        "A channel cannot express a setting of the policies.", "Nothing, when the other channels reach those devices; otherwise set it there by hand, or take it out of the preset.");

    /// <summary>A setting that devices of a ring do not know.</summary>
    public static readonly Problem SettingUnsupported = new("MDB0136", Severity.Warning,
        "Devices of a ring do not know a setting of the policies.", "Nothing, when they may go without it: Windows passes over what it does not know. Otherwise update them first.");

    /// <summary>A file with policies cannot be read.</summary>
    public static readonly Problem PolicyFileUnreadable = new("MDB0161", Severity.Error,
        "A file with policies cannot be read.", "Give a Group Policy backup, a registry.pol, an LGPO text, a policy exported from Intune or an antimalware policy of Configuration Manager.");

    /// <summary>Something in a policy is not in the catalogue.</summary>
    public static readonly Problem PolicyNotUnderstood = new("MDB0162", Severity.Warning,
        "Something in a policy is not in the catalogue of settings.", "Keep that part where it is: it is not carried over.");

    /// <summary>A policy sets a known setting to something that presets do not.</summary>
    public static readonly Problem PolicyValueNotAllowed = new("MDB0163", Severity.Warning,
        "A policy gives a setting a value that presets cannot give it.", "Look the setting up with 'mdbdeploy policy explain' and choose a value by hand.");

    /// <summary>An attack surface reduction rule that breaks Configuration Manager clients.</summary>
    public static readonly Problem RuleBreaksConfigurationManager = new("MDB0164", Severity.Error,
        "An attack surface reduction rule breaks Configuration Manager clients.", "Audit the rule asr.d1e49aac or take it out for those devices: Configuration Manager runs its client through WMI.");

    /// <summary>Two policies set one device's setting differently.</summary>
    public static readonly Problem SettingsConflict = new("MDB0165", Severity.Warning,
        "Two policies set a setting of the same devices differently.", "Take the setting out of one of them; where a device gets both, Group Policy is stronger than Intune.");

    /// <summary>A policy switches off what Defender needs.</summary>
    public static readonly Problem PolicyDisablesDefender = new("MDB0166", Severity.Warning,
        "A policy of the organisation switches off what Defender needs.", "Take that entry out of the policy before its devices are onboarded, and restart them.");

    /// <summary>Group Policy sets what tamper protection holds.</summary>
    public static readonly Problem SettingLocked = new("MDB0167", Severity.Warning,
        "Group Policy sets something that tamper protection holds.", "Leave the setting at what tamper protection holds it at: where that is on, Windows ignores Group Policy for it.");

    /// <summary>No setting has that name.</summary>
    public static readonly Problem PolicySettingUnknown = new("MDB0910", Severity.Error,
        "There is no such setting.", "Give an identifier from 'mdbdeploy policy list', a registry value, an identifier of a rule, or a word of the setting's title.");

    /// <summary>Devices whose method brings none of the project's policies.</summary>
    public static readonly Problem PoliciesDoNotReach = new("MDB0911", Severity.Warning,
        "Devices get none of the project's policies.", "Give them the policies by another way, or manage them by Intune, Group Policy or Configuration Manager.");

    /// <summary>A policy file that would be overwritten.</summary>
    public static readonly Problem PolicyFileExists = new("MDB0912", Severity.Error,
        "The file to write to is there already.", "Name another file, or remove that one: an import overwrites nothing.");
}
