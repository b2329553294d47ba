namespace MdbDeploy.Diagnostics;

/// <content>Block 036: non-persistent desktops.</content>
public static partial class Problems
{
    /// <summary>Desktops that will be one device.</summary>
    public static readonly Problem PoolNamesCollide = new("MDB0360", Severity.Warning,
        "Pooled desktops will be one device in the portal.", "Give each desktop of the organisation a name of its own within the first 15 characters; case and domain make no difference.");

    /// <summary>A desktop's name is cut.</summary>
    public static readonly Problem PoolNameTooLong = new("MDB0361", Severity.Warning,
        "The name of a pooled desktop is longer than Windows keeps.", "Choose a naming scheme of at most 15 characters: the identity in the portal is made of the cut name.");

    /// <summary>A desktop comes from no image of the project.</summary>
    public static readonly Problem PoolWithoutImage = new("MDB0362", Severity.Warning,
        "Pooled desktops name no golden image of the project.", "Name the image in the inventory's image column, or add it to 'images:' in mdbdeploy.yaml.");

    /// <summary>Multi-session hosts need another licence.</summary>
    public static readonly Problem MultiSessionLicence = new("MDB0363", Severity.Warning,
        "Multi-session hosts need a licence that Defender for Business is not.", "Check the licences; when there is a fitting one, say so: 'licences: [defender-for-endpoint]' or [defender-for-servers] below 'tenant:'.");

    /// <summary>A device is managed in a way that is not supported for it.</summary>
    public static readonly Problem SecurityManagementUnsupported = new("MDB0364", Severity.Warning,
        "Defender's security settings management reaches devices that it does not support.", "Take them out of the enforcement scope (portal: Settings > Endpoints > Configuration management), and give them their policies by image or Group Policy.");
}
