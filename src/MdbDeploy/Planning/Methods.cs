using System.Collections.Immutable;

namespace MdbDeploy.Planning;

/// <summary>
/// The onboarding methods of the Defender for Business documentation ("Part 3: choose a manual onboarding method"). A method is a name, not an
/// enumeration: a channel folder may bring its own and <c>routing:</c> rules may send devices there.
/// </summary>
public static class Methods
{
    /// <summary>No onboarding: the device is out of scope, set aside or must not be onboarded.</summary>
    public const string None = "none";

    /// <summary>The tenant onboards every Intune-enrolled device by itself.</summary>
    public const string Automatic = "automatic";

    /// <summary>Endpoint detection and response policy in Intune.</summary>
    public const string Intune = "intune";

    /// <summary>Configuration Manager policy deployed to a collection.</summary>
    public const string ConfigurationManager = "configuration-manager";

    /// <summary>Group Policy Object with an immediate task.</summary>
    public const string GroupPolicy = "group-policy";

    /// <summary>Start-up script of a non-persistent virtual desktop.</summary>
    public const string VdiScript = "vdi-script";

    /// <summary>Local script, at most ten devices.</summary>
    public const string LocalScript = "local-script";

    /// <summary>OMA-URI profile of another MDM.</summary>
    public const string OtherMdm = "other-mdm";

    /// <summary>The built-in methods with their titles, in the order in which reports list them.</summary>
    public static ImmutableArray<KeyValuePair<string, string>> Titles { get; } =
    [
        new(Automatic, "Automatic (Intune connector)"),
        new(Intune, "Microsoft Intune"),
        new(ConfigurationManager, "Configuration Manager"),
        new(GroupPolicy, "Group Policy"),
        new(VdiScript, "VDI start-up script"),
        new(LocalScript, "Local script"),
        new(OtherMdm, "Other MDM"),
        new(None, "Not onboarded"),
    ];

    /// <summary>Title of a method; the name itself for a method that a channel brought.</summary>
    public static string TitleOf(string method) =>
        Titles.FirstOrDefault(pair => pair.Key == method).Value ?? method;
}
