using MdbDeploy.Diagnostics;
using MdbDeploy.Inventory;
using MdbDeploy.Policies;
using MdbDeploy.Projects;

namespace MdbDeploy.Planning;

/// <summary>
/// Devices that are onboarded and get none of the project's policies, since their method carries none: whom Defender's security settings management can serve instead, and whom it must not.
/// A pure function of plan and project.
/// </summary>
public static class PolicyReach
{
    /// <summary>One diagnostic a method and image, in a fixed order.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="project">The project, for its images and the tenant's enforcement scope.</param>
    /// <param name="policies">The project's policies.</param>
    public static IEnumerable<Diagnostic> Find(Plan plan, DeploymentProject project, PolicySelection policies)
    {
        if (policies.Entries.IsEmpty)
        {
            yield break;
        }

        if (OneForAll(plan, policies) is { } same)
        {
            yield return same;
        }

        if (Left(plan, Methods.Automatic, _ => true, "they are in no ring here: assign policies to them in Intune.") is { } automatic)
        {
            yield return automatic;
        }

        if (Left(plan, Methods.LocalScript, _ => true, Management(plan, project.Tenant.EnforcementScope)) is { } byHand)
        {
            yield return byHand;
        }

        foreach (var image in project.Images.Where(image => image.Policies.IsEmpty))
        {
            if (Left(plan, Methods.VdiScript, device => Pool.IsOf(device, image, project),
                $"their image '{image.Name}' names no policies, and {SecuritySettingsManagement.Name} does not serve such desktops ({SecuritySettingsManagement.Source}).") is { } desktops)
            {
                yield return desktops;
            }
        }

        if (project.Images.IsEmpty && Left(plan, Methods.VdiScript, _ => true, $"the project names no image with policies, and {SecuritySettingsManagement.Name} does not serve such desktops ({SecuritySettingsManagement.Source}).") is { } strays)
        {
            yield return strays;
        }
    }

    // Rings may differ in everything but this.
    private static Diagnostic? OneForAll(Plan plan, PolicySelection policies) =>
        policies.Entries.FirstOrDefault(entry => entry.Setting.Id == OnboardingSettings.SampleSharing) is { } sharing && sharing.Stages.Distinct(StringComparer.Ordinal).Count() > 1
        && plan.Devices.CountMatching(outcome => outcome.Method is Methods.Intune or Methods.ConfigurationManager or Methods.OtherMdm) is var count and > 0
            ? Problems.SettingNotExpressible.At(sharing.At, $"One onboarding policy of Intune, Configuration Manager or another MDM serves all rings: {PolicyConflicts.Count(count)} get {sharing.Setting.Id} = {sharing.Setting.Allowed.Word(OnboardingSettings.SampleSharingOf(policies))} in every ring.")
            : null;

    private static Diagnostic? Left(Plan plan, string method, Func<Device, bool> which, string why)
    {
        var count = plan.Devices.CountMatching(outcome => outcome.Method == method, which);
        return count == 0 ? null : Problems.PoliciesDoNotReach.At(PlanChecks.Where(First(plan, method, which)),
            $"{PolicyConflicts.Count(count)} by {Methods.TitleOf(method)} {(count == 1 ? "gets" : "get")} none of the project's policies, {First(plan, method, which).Name} first: {why}");
    }

    // A script carries no policies. What Defender manages by itself gets those of Intune's endpoint security; not every device may be managed so.
    private static string Management(Plan plan, EnforcementScope scope)
    {
        bool InScope(Device device) => scope == EnforcementScope.WindowsClientAndServer || (scope == EnforcementScope.WindowsClient && device.Os != OsFamily.WindowsServer);
        bool Refused(Device device) => SecuritySettingsManagement.Obstacle(device) is not null;
        var served = plan.Devices.CountMatching(IsByHand, device => InScope(device) && !Refused(device));
        var refused = plan.Devices.CountMatching(IsByHand, Refused);
        var serves = served > 0
            ? FormattableString.Invariant($"a script carries none. {SecuritySettingsManagement.Name} can serve {served}: assign the policies of the rings to them in Intune.")
            : scope == EnforcementScope.Unknown
                ? $"a script carries none. {SecuritySettingsManagement.Name} may serve them; mdbdeploy.yaml does not say for whom it is switched on (tenant.securityManagement.enforcementScope)."
                : $"a script carries none, and {SecuritySettingsManagement.Name} is not switched on for them.";
        return refused == 0
            ? serves
            : FormattableString.Invariant($"{serves} It must not manage {refused}, {First(plan, Methods.LocalScript, Refused).Name} first, since {SecuritySettingsManagement.Obstacle(First(plan, Methods.LocalScript, Refused))} ({SecuritySettingsManagement.Source}).");
    }

    private static bool IsByHand(PlanOutcome outcome) => outcome.Method == Methods.LocalScript;

    private static Device First(Plan plan, string method, Func<Device, bool> which) => plan.Devices.Matching(outcome => outcome.Method == method, which).First().Device;

}
