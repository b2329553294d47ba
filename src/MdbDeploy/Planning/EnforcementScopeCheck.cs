using MdbDeploy.Diagnostics;
using MdbDeploy.Inventory;
using MdbDeploy.Projects;

namespace MdbDeploy.Planning;

/// <summary>
/// Security settings management: devices that are onboarded without being enrolled get their policies from Defender only when the tenant switched it on for their platform
/// (learn.microsoft.com/defender-business/mdb-onboard-devices, "To enable security management"). No interface of the tenant tells the switch, so the project's word is taken.
/// </summary>
internal static class EnforcementScopeCheck
{
    /// <summary>The scope as mdbdeploy.yaml spells it; <c>unknown</c> when it does not say.</summary>
    public static string NameOf(EnforcementScope scope) => scope switch
    {
        EnforcementScope.None => "none",
        EnforcementScope.WindowsClient => "windows-client",
        EnforcementScope.WindowsClientAndServer => "windows-client-and-server",
        _ => "unknown",
    };

    /// <summary>Which planned devices the scope leaves without policies.</summary>
    /// <param name="planned">The plan.</param>
    /// <param name="scope">What the project says of the tenant.</param>
    public static IEnumerable<Diagnostic> Check(PlannedDevices planned, EnforcementScope scope)
    {
        // Enrolled devices get their policies from Intune itself.
        int Left(Func<Device, bool> which) =>
            planned.CountMatching(outcome => outcome.Method is not (Methods.None or Methods.Automatic or Methods.Intune), device => !device.ManagedBy.HasFlag(Management.Intune) && which(device));
        var (count, what) = scope switch
        {
            EnforcementScope.None => (Left(_ => true), "it is switched off"),
            EnforcementScope.WindowsClient => (Left(device => device.Os == OsFamily.WindowsServer), "it leaves servers out"),
            _ => (0, ""),
        };
        if (count > 0)
        {
            yield return Problems.EnforcementScopeTooSmall.At(
                new Location(ProjectReader.FileName),
                $"The enforcement scope of security settings management: {what}, and {count} planned {(count == 1 ? "device is" : "devices are")} not enrolled in Intune, so no policy would reach {(count == 1 ? "it" : "them")}.");
        }
    }
}
