using MdbDeploy.Inventory;

namespace MdbDeploy.Planning;

/// <summary>Defender's security settings management (devices that Defender itself gives their policies), and what it does not serve.</summary>
public static class SecuritySettingsManagement
{
    /// <summary>Name for people.</summary>
    public const string Name = "Defender's security settings management";

    /// <summary>Where the limits are documented.</summary>
    public const string Source = "https://learn.microsoft.com/intune/intune-service/protect/mde-security-integration";

    /// <summary>
    /// Why a device must not be managed that way; null when it may: "doesn't work on and isn't supported with" non-persistent desktops and domain controllers
    /// (<see cref="Source"/>, 2024-06).
    /// </summary>
    public static string? Obstacle(Device device) => device switch
    {
        { Vdi: VdiKind.NonPersistentSingle or VdiKind.NonPersistentMultiple } => "it is a non-persistent desktop",
        { Role: DeviceRole.DomainController } => "it is a domain controller",
        { IsGoldenImage: true } => "it is a golden image",
        _ => null,
    };
}
