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
    public static IEnumerable<Diagnostic> Check(IReadOnlyList<PlannedDevice> planned, EnforcementScope scope)
    {
        // Enrolled devices get their policies from Intune itself.
        var left = planned.Where(p => p.Method is not (Methods.None or Methods.Automatic or Methods.Intune) && !p.Device.ManagedBy.HasFlag(Management.Intune)).ToList();
        var servers = left.Count(p => p.Device.Os == OsFamily.WindowsServer);
        var (count, what) = scope switch
        {
            EnforcementScope.None => (left.Count, "it is switched off"),
            EnforcementScope.WindowsClient => (servers, "it leaves servers out"),
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
