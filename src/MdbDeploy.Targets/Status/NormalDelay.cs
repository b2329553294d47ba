using MdbDeploy.Planning;

namespace MdbDeploy.Targets.Status;

/// <summary>How long it normally takes from a push until a device shows as onboarded.</summary>
/// <param name="Longest">After this it is late.</param>
/// <param name="Why">What it waits for, as a sentence.</param>
public sealed record NormalDelay(TimeSpan Longest, string Why)
{
    /// <summary>The delay of a method.</summary>
    public static NormalDelay Of(string method) => method switch
    {
        // learn.microsoft.com/windows-server/identity/ad-ds/manage/group-policy/group-policy-processing; learn.microsoft.com/defender-endpoint/configure-endpoints-gp: some take days.
        Methods.GroupPolicy => new(TimeSpan.FromDays(2), "computers look for Group Policy when they start and every 90 to 120 minutes; a new group counts after the next start."),
        // learn.microsoft.com/intune/intune-service/configuration/device-profile-troubleshoot
        Methods.Intune => new(TimeSpan.FromDays(1), "devices ask Intune every 8 hours, and the portal shows them within 30 minutes after that."),
        // learn.microsoft.com/intune/configmgr/core/clients/deploy/about-client-settings
        Methods.ConfigurationManager => new(TimeSpan.FromDays(1), "clients fetch policy every hour; what Configuration Manager itself says of them is as old as their hardware inventory."),
        Methods.LocalScript => new(TimeSpan.FromHours(1), "the portal shows a device 5 to 30 minutes after the script ran."),
        Methods.VdiScript => new(TimeSpan.FromDays(1), "a desktop is onboarded when it next starts from the image."),
        _ => new(TimeSpan.FromDays(1), "the portal shows a device within 30 minutes after it was onboarded."),
    };
}
