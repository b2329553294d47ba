using System.Collections.Immutable;
using MdbDeploy.Diagnostics;
using MdbDeploy.Inventory;
using MdbDeploy.Packages;
using MdbDeploy.Projects;
using MdbDeploy.Yaml;

namespace MdbDeploy.Planning;

/// <summary>What is worth telling about a finished plan: wishes that were not fulfilled, empty rings, missing packages, limits.</summary>
internal static class PlanChecks
{
    // Names of the deployment methods as the portal lists them: onboarding.md of Microsoft's documentation per method.
    internal static readonly ImmutableDictionary<string, (PackageKind Kind, string PortalName)> PackageOf = new Dictionary<string, (PackageKind, string)>
    {
        [Methods.Intune] = (PackageKind.OnboardingFile, "Mobile Device Management / Microsoft Intune"),
        [Methods.ConfigurationManager] = (PackageKind.OnboardingFile, "Microsoft Endpoint Configuration Manager current branch and later"),
        [Methods.GroupPolicy] = (PackageKind.GroupPolicy, "Group policy"),
        [Methods.VdiScript] = (PackageKind.Vdi, "VDI onboarding scripts for non-persistent endpoints"),
        [Methods.LocalScript] = (PackageKind.LocalScript, "Local Script (for up to 10 devices)"),
        [Methods.OtherMdm] = (PackageKind.OnboardingFile, "Mobile Device Management / Microsoft Intune"),
    }.ToImmutableDictionary(StringComparer.Ordinal);

    /// <summary>The first record that describes a device.</summary>
    public static Location Where(Device device) => device.Origins.Length > 0
        ? new(device.Origins[0].File, device.Origins[0].Line, Subject: device.Name)
        : Location.Of(device.Name);

    /// <summary>Everything worth telling, in the order of the steps.</summary>
    /// <param name="planned">The plan.</param>
    /// <param name="unreached">Devices that no method was found for.</param>
    /// <param name="rings">The rings.</param>
    /// <param name="project">The project.</param>
    /// <param name="requirements">The limits.</param>
    /// <param name="methods">All methods there are.</param>
    /// <param name="channelMethods">The methods that channels render.</param>
    /// <param name="packages">The packages; null when they were not read.</param>
    /// <param name="asOf">The moment at which staleness is judged.</param>
    public static IEnumerable<Diagnostic> Check(
        PlannedDevices planned, IReadOnlyList<Device> unreached, ImmutableArray<PlannedRing> rings, DeploymentProject project, Requirements requirements, HashSet<string> methods, IReadOnlySet<string> channelMethods, PackageSet? packages, DateTimeOffset asOf) =>
    [
        .. RequestedMethods(planned, project, methods),
        .. LocalScript(planned, unreached, requirements.LocalScriptDevices, project),
        .. Rings(planned, rings, project),
        .. Units(planned, project),
        .. Channels(planned, channelMethods),
        .. Packages(planned, project, packages),
        .. Interactive(planned, packages),
        .. OffboardingChecks.InBothSets(planned),
        .. OffboardingChecks.Check(planned, project, packages, asOf),
        .. Licences(planned, requirements),
        .. PoolChecks.Check(planned, project, requirements, packages),
        .. Age(planned, project, asOf),
        .. EnforcementScopeCheck.Check(planned, project.Tenant.EnforcementScope),
    ];

    /// <summary>When no device was seen lately, it is the export that is old, not the fleet.</summary>
    private static IEnumerable<Diagnostic> Age(PlannedDevices planned, DeploymentProject project, DateTimeOffset asOf)
    {
        var (count, newest) = planned.LastSeen();
        return count > 1 && asOf - newest > TimeSpan.FromDays(project.StaleAfterDays)
            ? [Problems.InventoryIsOld.At(new Location(ProjectReader.FileName), FormattableString.Invariant($"The newest sign of life in the whole inventory is of {newest.UtcDateTime:yyyy-MM-dd}, {(int)(asOf - newest).TotalDays} days ago, so every device with a date is set aside as stale."))]
            : [];
    }

    private static IEnumerable<Diagnostic> RequestedMethods(PlannedDevices planned, DeploymentProject project, HashSet<string> methods) =>
        planned.Matching(null, device => device.RequestedMethod is { } method && !Router.IsUsable(method, project, methods))
            .GroupBy(p => p.Device.RequestedMethod!, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => Problems.RequestedMethodUnusable.At(Where(group.First().Device), group.Key == Methods.Automatic
                ? $"{Askers(group)} for 'automatic', and the project says 'onboarding: manual'."
                : $"{Askers(group)} for the method '{group.Key}', which does not exist.{(Nearest.To(group.Key, methods) is { } near ? $" Did you mean '{near}'?" : "")}"));

    private static IEnumerable<Diagnostic> LocalScript(PlannedDevices planned, IReadOnlyList<Device> left, Limit limit, DeploymentProject project)
    {
        foreach (var (chosen, what) in new[] { (planned.Matching(outcome => outcome.Method == Methods.LocalScript).ToList(), "onboarded"), (planned.Matching(outcome => outcome.Offboarding == Methods.LocalScript).ToList(), "offboarded") })
        {
            if (chosen.Count > limit.Most && !project.SplitLocalScript)
            {
                yield return Problems.LocalScriptOverLimit.At(Where(chosen[0].Device), $"{Count(chosen.Count)} to be {what} by the local script, which is meant for at most {limit.Most} ({limit.Source.Source}). {BetterMethod(chosen)}");
            }
        }

        if (left.Count > 0)
        {
            yield return Problems.LocalScriptLimit.At(Where(left[0]), $"{Count(left.Count)} neither managed nor joined to a domain, and the local script serves at most {limit.Most}: they are not onboarded ({limit.Source.Source}).");
        }
    }

    private static IEnumerable<Diagnostic> Rings(PlannedDevices planned, ImmutableArray<PlannedRing> rings, DeploymentProject project)
    {
        foreach (var group in planned.Matching(
                outcome => outcome.Method is not (Methods.None or Methods.Automatic),
                device => device.RequestedRing is { } name && !rings.Any(ring => string.Equals(ring.Name, name, StringComparison.OrdinalIgnoreCase)))
            .GroupBy(p => p.Device.RequestedRing!, StringComparer.OrdinalIgnoreCase).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            var near = Nearest.To(group.Key, rings.Select(ring => ring.Name));
            yield return Problems.RequestedRingUnknown.At(Where(group.First().Device), $"{Askers(group)} for the ring '{group.Key}', which does not exist.{(near is null ? "" : $" Did you mean '{near}'?")}");
        }

        if (planned.Outcomes.Any(outcome => outcome.Method is not (Methods.None or Methods.Automatic)))
        {
            foreach (var ring in rings.Where(ring => ring.Devices == 0))
            {
                yield return Problems.RingMatchesNothing.At(new Location(ProjectReader.FileName, project.Rings[ring.Index].Line, Subject: ring.Name), $"The ring '{ring.Name}' holds no device.");
            }
        }

        foreach (var ring in rings.Where(ring => ring.Devices > project.Rings[ring.Index].Max))
        {
            yield return Problems.RingOverfull.At(
                new Location(ProjectReader.FileName, project.Rings[ring.Index].Line, Subject: ring.Name),
                $"The ring '{ring.Name}' is to hold at most {project.Rings[ring.Index].Max}, and the inventory puts {ring.Devices} devices there.");
        }

        var automatic = planned.CountOf(outcome => outcome.Method == Methods.Automatic);
        if (automatic > 0 && rings.Length > 1)
        {
            yield return Problems.AutomaticExcludesRings.At(new Location(ProjectReader.FileName), $"Automatic onboarding takes {automatic} enrolled devices at once, so they are in none of the {rings.Length} rings.");
        }
    }

    private static IEnumerable<Diagnostic> Units(PlannedDevices planned, DeploymentProject project)
    {
        // Nothing is linked without a domain.
        if (project.Targets.GetValueOrDefault("activeDirectory") is not { } directory || directory["domain"] is null || directory["targeting"]?.ToString() != "unit")
        {
            return [];
        }

        var rings = planned.Outcomes.Where(outcome => outcome.Method == Methods.GroupPolicy).Select(outcome => outcome.Ring).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        return rings.Count < 2 ? [] : [Problems.UnitsExcludeRings.At(new Location(ProjectReader.FileName, Subject: "targets.activeDirectory.targeting"),
            $"The first of {rings.Count} rings whose policy is pushed onboards every computer of the linked units, whatever its ring; and where presets differ from ring to ring, the order of links decides.")];
    }

    private static IEnumerable<Diagnostic> Channels(PlannedDevices planned, IReadOnlySet<string> channelMethods) =>
        ByMethod(planned).Where(group => group.Method is not (Methods.None or Methods.Automatic) && !channelMethods.Contains(group.Method))
            .Select(group => Problems.MethodWithoutChannel.At(Location.Of(group.Method), $"No channel renders '{group.Method}', so nothing is written for {group.Devices} {(group.Devices == 1 ? "device" : "devices")}."));

    private static IEnumerable<(string Method, int Devices)> ByMethod(PlannedDevices planned) =>
        planned.Outcomes.Select(outcome => outcome.Method).Distinct().Order(StringComparer.Ordinal).Select(method => (method, planned.CountOf(outcome => outcome.Method == method)));

    private static IEnumerable<Diagnostic> Packages(PlannedDevices planned, DeploymentProject project, PackageSet? packages) =>
        packages is null ? [] : ByMethod(planned)
            // With the connector on, the service makes the blob itself.
            .Where(group => PackageOf.TryGetValue(group.Method, out var needed) && !(group.Method == Methods.Intune && project.Tenant.Connector) && packages.Onboarding(needed.Kind) is null)
            .Select(group => Problems.PackageMissing.At(new Location(project.Packages, Subject: group.Method),
                $"{Count(group.Devices)} planned for {Methods.TitleOf(group.Method)} and its package is missing: in the Defender portal, Settings > Endpoints > Device management > Onboarding, choose Windows 10 and 11, the deployment method '{PackageOf[group.Method].PortalName}', and Download onboarding package."));

    // The local script asks for a key; everything else runs where nobody sits.
    private static IEnumerable<Diagnostic> Interactive(PlannedDevices planned, PackageSet? packages)
    {
        var needs = planned.Outcomes.Select(o => (Method: o.Offboarding ?? o.Method, Leaves: o.Offboarding is not null)).Where(n => n.Method != Methods.LocalScript && PackageOf.ContainsKey(n.Method)).Distinct().Order();
        foreach (var (method, leaves) in needs.Where(_ => packages is not null))
        {
            var needed = PackageOf[method];
            if ((leaves ? packages!.Offboarding(needed.Kind) : packages!.Onboarding(needed.Kind)) is { IsInteractive: true } asking)
            {
                yield return Problems.InteractiveScriptUnattended.At(new Location(asking.Source, Subject: method),
                    $"'{asking.Source}' asks questions, and {Methods.TitleOf(method)} runs it unattended: {(leaves ? "offboarding" : "onboarding")} needs the package of the deployment method '{needed.PortalName}'.");
            }
        }
    }

    private static string BetterMethod(IReadOnlyCollection<PlannedDevice> chosen)
    {
        var better = new (string Words, Func<Device, bool> Holds)[]
        {
            ($"enrolled in Intune, so {Methods.TitleOf(Methods.Intune)} reaches them", d => d.ManagedBy.HasFlag(Management.Intune)),
            ($"clients of Configuration Manager, so {Methods.TitleOf(Methods.ConfigurationManager)} reaches them", d => d.ManagedBy.HasFlag(Management.ConfigurationManager)),
            ($"joined to Active Directory, so {Methods.TitleOf(Methods.GroupPolicy)} reaches them", d => d.Join is JoinType.Domain or JoinType.Hybrid),
        };
        var found = better.Select(b => (b.Words, Count: chosen.Count(p => b.Holds(p.Device)))).Where(b => b.Count > 0).Select(b => $"{b.Count} of them are {b.Words}").ToList();
        return found.Count > 0 ? $"{string.Join("; ", found)}." : "The better method is to enrol them in Intune, or to join them to Active Directory for Group Policy.";
    }

    private static IEnumerable<Diagnostic> Licences(PlannedDevices planned, Requirements requirements)
    {
        var owners = OwnerCount.Of(planned.Table.Rows, planned.IsAmong(outcome => outcome.Method != Methods.None, device => device.Os != OsFamily.WindowsServer), requirements.DevicesPerUser.Most);
        if (owners.Owners > requirements.Users.Most)
        {
            yield return Problems.TooManyUsers.At(Location.Of("licences"), $"The planned devices belong to {owners.Owners} users; Defender for Business serves at most {requirements.Users.Most} ({requirements.Users.Source.Source}).");
        }

        if (owners.Surplus is { } first)
        {
            yield return Problems.TooManyDevicesPerUser.At(Location.Of(first), $"{owners.WithSurplus} {(owners.WithSurplus == 1 ? "user owns" : "users own")} more than the {requirements.DevicesPerUser.Most} devices that a licence covers; {first} owns {owners.Most} ({requirements.DevicesPerUser.Source.Source}).");
        }

        var servers = planned.CountMatching(outcome => outcome.Method != Methods.None, device => device.Os == OsFamily.WindowsServer);
        if (servers > requirements.Servers.Most)
        {
            yield return Problems.TooManyServers.At(Location.Of("licences"), $"{servers} servers are planned; the server licence of Defender for Business covers at most {requirements.Servers.Most} ({requirements.Servers.Source.Source}).");
        }
    }

    private static string Count(int devices) => devices == 1 ? "1 device is" : $"{devices} devices are";

    private static string Askers(IGrouping<string, PlannedDevice> group) => group.Count() == 1
        ? $"{group.First().Device.Name} asks"
        : $"{group.Count()} devices, {group.First().Device.Name} first, ask";
}
