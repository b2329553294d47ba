using System.Collections.Immutable;
using System.Globalization;
using MdbDeploy.Diagnostics;
using MdbDeploy.Packages;
using MdbDeploy.Projects;

namespace MdbDeploy.Planning;

/// <summary>What stands in the way of offboarding: packages that are missing, expired or about to, and names that would be onboarded as well.</summary>
public static class OffboardingChecks
{
    /// <summary>The portal's package lives seven days; with less than this left, devices that are off over a weekend miss it.</summary>
    public static readonly TimeSpan ShortTime = TimeSpan.FromHours(48);

    /// <summary>What a plan that offboards says about its packages. Nothing here stops onboarding.</summary>
    /// <param name="planned">The plan's devices.</param>
    /// <param name="project">The project.</param>
    /// <param name="packages">The packages; null when they were not read.</param>
    /// <param name="now">The clock of who asks.</param>
    internal static IEnumerable<Diagnostic> Check(PlannedDevices planned, DeploymentProject project, PackageSet? packages, DateTimeOffset now) =>
        packages is null ? [] : ByMethod(planned).SelectMany(group => OfMethod(group.Key, group.Count(), project, packages, now, Problems.OffboardingLeftOut));

    /// <summary>The package that offboards by a method; null when there is none.</summary>
    public static OnboardingPackage? PackageOf(string method, PackageSet packages) =>
        PlanChecks.PackageOf.TryGetValue(method, out var needed) ? packages.Offboarding(needed.Kind) : null;

    /// <summary>What <c>offboard</c> refuses: an expired package. Errors only.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="project">The project.</param>
    /// <param name="packages">The packages.</param>
    /// <param name="now">The clock of who asks.</param>
    public static IReadOnlyList<Diagnostic> Refusals(Plan plan, DeploymentProject project, PackageSet packages, DateTimeOffset now) =>
    [
        .. ByMethod(plan.Devices).SelectMany(group => OfMethod(group.Key, group.Count(), project, packages, now, Problems.OffboardingPackageExpired))
            .Where(d => d.Severity == Severity.Error),
    ];

    /// <summary>
    /// Names that are in both sets. What finds computers by name (Group Policy, collections, a list on paper) sees only the first 15 characters, in any case; only two devices
    /// that Intune reaches by their Entra ids can be told apart.
    /// </summary>
    internal static IEnumerable<Diagnostic> InBothSets(PlannedDevices planned)
    {
        var leaving = planned.Matching(outcome => outcome.Offboarding is not null).ToLookup(p => Short(p.Device.Name), StringComparer.OrdinalIgnoreCase);
        return leaving.Count == 0 ? [] : planned.Matching(outcome => outcome.Method != Methods.None)
            .Select(p => (Staying: p, Leaving: leaving[Short(p.Device.Name)].FirstOrDefault(other => !AreTold(p, other))))
            .Where(pair => pair.Leaving is not null)
            .Select(pair => Problems.InBothSets.At(PlanChecks.Where(pair.Staying.Device),
                $"'{pair.Staying.Device.Name}' is to be onboarded by {Methods.TitleOf(pair.Staying.Method)}, and '{pair.Leaving!.Device.Name}' ({PlanCsv.Sources(pair.Leaving.Device)}) is to be offboarded."));
    }

    private static bool AreTold(PlannedDevice one, PlannedDevice other) =>
        one.Method is Methods.Intune or Methods.Automatic && other.Offboarding == Methods.Intune
        && one.Device.EntraDeviceId is { } id && other.Device.EntraDeviceId is { } otherId && id != otherId;

    private static string Short(string name) => name.Length <= 15 ? name : name[..15];

    private static IEnumerable<IGrouping<string, PlannedDevice>> ByMethod(PlannedDevices planned) =>
        planned.Matching(outcome => outcome.Offboarding is not null).GroupBy(p => p.Offboarding!, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal);

    private static IEnumerable<Diagnostic> OfMethod(string method, int count, DeploymentProject project, PackageSet packages, DateTimeOffset now, Problem expired)
    {
        if (PlanChecks.PackageOf.GetValueOrDefault(method) is not { PortalName: not null } needed)
        {
            yield break;
        }

        var devices = count == 1 ? "1 device is" : $"{count} devices are";
        if (packages.Offboarding(needed.Kind) is not { } package)
        {
            yield return Problems.OffboardingPackageMissing.At(new Location(project.Packages, Subject: method),
                $"{devices} to be offboarded by {Methods.TitleOf(method)} and there is no offboarding package for it: in the portal choose Offboarding, Windows 10 and 11, the deployment method '{needed.PortalName}'.");
        }
        else if (!package.IsUsable(now))
        {
            yield return expired.At(new Location(package.Source), $"{devices} to be offboarded by {Methods.TitleOf(method)}, and '{package.Source}' expired on {Time(package.Expires!.Value)}.");
        }
        else if (package.Expires is { } expires && expires - now < ShortTime)
        {
            yield return Problems.OffboardingPackageExpiresSoon.At(new Location(package.Source), string.Create(CultureInfo.InvariantCulture,
                $"'{package.Source}' expires on {Time(expires)}, in {Math.Floor((expires - now).TotalHours):0} hours; {devices} to be offboarded with it."));
        }
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
