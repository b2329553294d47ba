using System.Collections.Immutable;
using MdbDeploy.Diagnostics;
using MdbDeploy.Inventory;
using MdbDeploy.Packages;
using MdbDeploy.Projects;

namespace MdbDeploy.Planning;

/// <summary>What is worth telling about the non-persistent desktops of a plan.</summary>
internal static class PoolChecks
{
    private const int MostCollisions = 20;

    /// <summary>Everything, in the order of the problems.</summary>
    /// <param name="planned">The plan.</param>
    /// <param name="project">The project.</param>
    /// <param name="requirements">The requirements, for the source of what editions need.</param>
    /// <param name="packages">The packages; null when they were not read.</param>
    public static IEnumerable<Diagnostic> Check(PlannedDevices planned, DeploymentProject project, Requirements requirements, PackageSet? packages)
    {
        var pool = Pool.Of(planned.Matching(outcome => outcome.Method == Methods.VdiScript), project, packages?.OrganizationId);
        return
        [
            .. Collisions(pool),
            .. LongNames(pool),
            .. WithoutImage(pool, project),
            .. Unlicensed(planned, project, requirements),
            .. Unsupported(planned),
        ];
    }

    private static IEnumerable<Diagnostic> Collisions(ImmutableArray<PooledDesktop> pool)
    {
        var groups = pool.Where(d => d.SharesIdentityWith.Length > 0).GroupBy(d => d.MachineName, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal).ToList();
        foreach (var group in groups.Take(MostCollisions))
        {
            var first = group.First();
            yield return Problems.PoolNamesCollide.At(PlanChecks.Where(first.Device), FormattableString.Invariant(
                $"{group.Count()} desktops ({string.Join(", ", group.Take(4).Select(d => PooledDesktop.Called(d.Device)))}{(group.Count() > 4 ? ", …" : "")}) will be one device in the portal, called {group.Key}: {Lower(first.Why(first.SharesIdentityWith[0]))}."));
        }

        if (groups.Count > MostCollisions)
        {
            yield return Problems.PoolNamesCollide.At(Location.Of("pool"), FormattableString.Invariant($"{groups.Count - MostCollisions} more names collide; pool.csv of each image lists all."));
        }
    }

    private static IEnumerable<Diagnostic> LongNames(ImmutableArray<PooledDesktop> pool)
    {
        var cut = pool.Where(d => d.Device.Name.Length > Pool.LongestName).ToList();
        return cut.Count == 0 ? [] :
        [
            Problems.PoolNameTooLong.At(PlanChecks.Where(cut[0].Device), FormattableString.Invariant(
                $"{Count(cut.Count, "pooled desktop has a name", "pooled desktops have names")} of more than {Pool.LongestName} characters: {cut[0].Device.Name} becomes {cut[0].MachineName}.")),
        ];
    }

    private static IEnumerable<Diagnostic> WithoutImage(ImmutableArray<PooledDesktop> pool, DeploymentProject project)
    {
        // A project without images has its desktops onboarded by something else, and knows it.
        var strays = project.Images.IsEmpty ? [] : pool.Where(d => d.Image is null).ToList();
        return strays.Count == 0 ? [] :
        [
            Problems.PoolWithoutImage.At(PlanChecks.Where(strays[0].Device),
                $"{Count(strays.Count, "pooled desktop names", "pooled desktops name")} no image of the project, {strays[0].Device.Name} first{(strays[0].Device.Image is { } image ? $", which names '{image}'" : "")}."),
        ];
    }

    private static IEnumerable<Diagnostic> Unlicensed(PlannedDevices planned, DeploymentProject project, Requirements requirements)
    {
        var hosts = planned.Matching(outcome => outcome.Method != Methods.None, device => device.Edition == WindowsEdition.EnterpriseMultiSession).ToList();
        return hosts.Count == 0 || project.Tenant.Licences != Licences.None ? [] :
        [
            Problems.MultiSessionLicence.At(PlanChecks.Where(hosts[0].Device),
                $"{Count(hosts.Count, "multi-session host is", "multi-session hosts are")} planned, {hosts[0].Device.Name} first, and the page on them names Defender for Endpoint and Defender for Servers, not Defender for Business ({requirements.Editions.FirstOrDefault(e => e.Edition == WindowsEdition.EnterpriseMultiSession)?.Source.Source})."),
        ];
    }

    private static IEnumerable<Diagnostic> Unsupported(PlannedDevices planned)
    {
        var managed = planned.Matching(outcome => outcome.Method != Methods.None, device => device.ManagedBy.HasFlag(Management.Defender)).Where(p => SecuritySettingsManagement.Obstacle(p.Device) is not null).ToList();
        return managed.Count == 0 ? [] :
        [
            Problems.SecurityManagementUnsupported.At(PlanChecks.Where(managed[0].Device),
                $"{Count(managed.Count, "device is", "devices are")} managed by Defender's security settings management and must not be: {managed[0].Device.Name} first, since {SecuritySettingsManagement.Obstacle(managed[0].Device)} ({SecuritySettingsManagement.Source})."),
        ];
    }

    private static string Count(int count, string one, string many) => count == 1 ? $"1 {one}" : FormattableString.Invariant($"{count} {many}");

    private static string Lower(string sentence) => char.ToLowerInvariant(sentence[0]) + sentence[1..];
}
