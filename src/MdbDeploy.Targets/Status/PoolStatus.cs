using System.Collections.Immutable;
using System.Globalization;
using System.IO.Enumeration;
using MdbDeploy.Planning;
using MdbDeploy.Projects;

namespace MdbDeploy.Targets.Status;

/// <summary>
/// Expected against actual entries of non-persistent desktops: one for each name where an image keeps one entry, none for the image itself. The machines API does
/// not give the identity (senseGuid) of an entry, and an identity follows from the name alone, so entries are found by name. A pure function.
/// </summary>
public static class PoolStatus
{
    /// <summary>Compares the desktops of a plan with what Defender lists.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="project">The project, for its images.</param>
    /// <param name="organizationId">Organisation of the onboarding package; null when no package says.</param>
    /// <param name="reported">Every entry of Defender, merged ones left out; entries of other systems are passed over.</param>
    /// <returns>A finding for each expected name, then one for each entry that nobody expects; ordered by name.</returns>
    public static ImmutableArray<PoolFinding> Reconcile(Plan plan, DeploymentProject project, Guid? organizationId, IEnumerable<ReportedDevice> reported)
    {
        var pool = Pool.Of(plan.Devices, project, organizationId);
        var live = reported.Where(d => d.Source == DefenderSource && d.DnsName is { Length: > 0 }).ToLookup(d => Short(d.DnsName!), StringComparer.Ordinal);
        var expected = pool.GroupBy(d => d.MachineName, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal).ToList();
        var others = plan.Devices.Where(p => p.Method != Methods.VdiScript).ToLookup(p => Pool.MachineName(p.Device.Name), StringComparer.Ordinal);
        var series = pool.Select(d => Series(d.MachineName)).OfType<string>().ToHashSet(StringComparer.Ordinal);
        return
        [
            .. expected.Select(group => Expected([.. group], Entries(live[group.Key]))),
            .. live.Where(group => !expected.Any(e => e.Key == group.Key)).OrderBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => Unexpected(group.Key, Entries(group), [.. others[group.Key]], project, series)).OfType<PoolFinding>(),
        ];
    }

    /// <summary>What <see cref="ReportedDevice.Source"/> says of entries of Defender.</summary>
    public const string DefenderSource = "Defender";

    private static PoolFinding Expected(ImmutableArray<PooledDesktop> desktops, ImmutableArray<ReportedDevice> entries)
    {
        var desktop = desktops[0];
        var (state, detail) = (desktops.Length, entries.Length) switch
        {
            ( > 1, _) when desktop.HasOneEntry => (PoolState.Collision, $"{desktops.Length.ToString(CultureInfo.InvariantCulture)} desktops share this name, and with it one entry: rename all but one."),
            (_, 0) => (PoolState.Waiting, "No entry yet."),
            _ when !desktop.HasOneEntry => (PoolState.Expected, "A new entry for each session."),
            (_, 1) => entries[0].IsPotentialDuplicate
                ? (PoolState.Duplicate, "Defender itself takes this entry for a duplicate.")
                : (PoolState.Expected, "One entry, as it should be."),
            _ => (PoolState.Duplicate, $"{entries.Length.ToString(CultureInfo.InvariantCulture)} entries, and the name keeps one: the newest is {Entry(entries[0])}. The others come from an image that was onboarded, a start-up script for many entries, or a re-made desktop; they leave the list 180 days after their last report."),
        };
        return new PoolFinding(desktop.MachineName, state, detail, desktop, entries);
    }

    private static PoolFinding? Unexpected(string name, ImmutableArray<ReportedDevice> entries, ImmutableArray<PlannedDevice> others, DeploymentProject project, HashSet<string> series)
    {
        if (others.FirstOrDefault(p => p.Device.IsGoldenImage) is not null)
        {
            return new(name, PoolState.Image, "This golden image has an entry of its own: it was onboarded, and every desktop made from it since may share its identity.", null, entries);
        }

        var pattern = project.Images.SelectMany(image => image.Desktops).FirstOrDefault(p => FileSystemName.MatchesSimpleExpression(p, name, ignoreCase: true));
        return others.Length > 0 || (pattern is null && !(Series(name) is { } own && series.Contains(own)))
            ? null
            : new(name, PoolState.Ghost, $"The name is one of a desktop ({(pattern is null ? $"{Series(name)} and a number" : pattern)}), and the inventory has none of that name: an old desktop, a template or replica that onboarded itself, or a gap in the inventory.", null, entries);
    }

    private static ImmutableArray<ReportedDevice> Entries(IEnumerable<ReportedDevice> entries) =>
        [.. entries.OrderByDescending(e => e.LastSeen ?? DateTimeOffset.MinValue).ThenBy(e => e.Id, StringComparer.Ordinal)];

    private static string Entry(ReportedDevice entry) => entry.Id ?? entry.DnsName!;

    private static string Short(string dnsName) => Pool.MachineName(dnsName.Split('.')[0]);

    /// <summary>What the names of a pool begin with: the name without the number at its end; null for a name without one, or with nothing else.</summary>
    private static string? Series(string name) => name.TrimEnd("0123456789".ToCharArray()) is { Length: > 1 } stem && stem.Length < name.Length ? stem : null;
}

/// <summary>What was found of a desktop's name.</summary>
/// <param name="MachineName">The computer name, in upper case.</param>
/// <param name="State">How it stands.</param>
/// <param name="Detail">Why, in a sentence.</param>
/// <param name="Desktop">The expected desktop; null for an entry that nobody expects.</param>
/// <param name="Entries">The entries of Defender with that name, newest first.</param>
public sealed record PoolFinding(string MachineName, PoolState State, string Detail, PooledDesktop? Desktop, ImmutableArray<ReportedDevice> Entries);

/// <summary>How a desktop's name stands in the portal.</summary>
public enum PoolState
{
    /// <summary>As expected.</summary>
    Expected,

    /// <summary>Expected, and no entry yet.</summary>
    Waiting,

    /// <summary>Several desktops share the name, and so the entry.</summary>
    Collision,

    /// <summary>Several entries for a name that keeps one.</summary>
    Duplicate,

    /// <summary>An entry of a desktop that is not in the inventory.</summary>
    Ghost,

    /// <summary>An entry of a golden image.</summary>
    Image,
}
