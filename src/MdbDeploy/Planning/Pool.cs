using System.Collections.Immutable;
using MdbDeploy.Inventory;
using MdbDeploy.Packages;
using MdbDeploy.Projects;

namespace MdbDeploy.Planning;

/// <summary>
/// The non-persistent desktops of a plan and the identity each will have in the portal, which depends on organisation and computer name alone
/// (<see cref="Packages.SenseGuid"/>): so it is known before any desktop starts, and names that collide are seen here instead of in the portal.
/// </summary>
public static class Pool
{
    /// <summary>Characters of a NetBIOS computer name, which <c>Environment.MachineName</c> gives: what is longer is cut off.</summary>
    public const int LongestName = 15;

    /// <summary>The desktops that onboard themselves from an image, in the order of the plan.</summary>
    /// <param name="planned">The planned devices.</param>
    /// <param name="project">The project, for its images.</param>
    /// <param name="organizationId">Organisation of the onboarding package; null when no package says, which leaves the identities out.</param>
    public static ImmutableArray<PooledDesktop> Of(IEnumerable<PlannedDevice> planned, DeploymentProject project, Guid? organizationId)
    {
        var desktops = planned.Where(p => p.Method == Methods.VdiScript).Select(p => Desktop(p.Device, project, organizationId)).ToList();
        var sharers = desktops.Where(d => d.HasOneEntry).GroupBy(d => d.MachineName, StringComparer.Ordinal).Where(group => group.Count() > 1)
            .ToDictionary(group => group.Key, group => group.ToList(), StringComparer.Ordinal);
        return [.. desktops.Select(d => d.HasOneEntry && sharers.TryGetValue(d.MachineName, out var same)
            ? d with { SharesIdentityWith = [.. same.Where(other => !ReferenceEquals(other, d)).Select(other => other.Device)] }
            : d)];
    }

    /// <summary>The name that Windows gives a computer of this name: cut to 15 characters, in upper case.</summary>
    public static string MachineName(string name) => (name.Length > LongestName ? name[..LongestName] : name).ToUpperInvariant();

    /// <summary>Whether a device that onboards itself at start comes from an image: the one it names, or the only one there is.</summary>
    internal static bool IsOf(Device device, ImageSettings image, DeploymentProject project) =>
        string.Equals(image.Name, device.Image, StringComparison.OrdinalIgnoreCase) || (device.Image is null && project.Images.Length == 1);

    private static PooledDesktop Desktop(Device device, DeploymentProject project, Guid? organizationId)
    {
        var image = project.Images.FirstOrDefault(image => IsOf(device, image, project));
        var hasOneEntry = image?.SingleEntry ?? device.Vdi != VdiKind.NonPersistentMultiple;
        var machineName = MachineName(device.Name);
        return new PooledDesktop
        {
            Device = device,
            MachineName = machineName,
            Image = image?.Name,
            HasOneEntry = hasOneEntry,
            SenseGuid = hasOneEntry && organizationId is { } organization ? SenseGuid.Of(organization, machineName) : null,
        };
    }
}

/// <summary>A non-persistent desktop.</summary>
public sealed record PooledDesktop
{
    /// <summary>The device of the inventory.</summary>
    public required Device Device { get; init; }

    /// <summary>Its computer name as Windows gives it: at most 15 characters, in upper case.</summary>
    public required string MachineName { get; init; }

    /// <summary>Name of the project's image that it comes from; null when the inventory names none of them.</summary>
    public string? Image { get; init; }

    /// <summary>Whether the name keeps one entry in the portal, instead of a new one for each session.</summary>
    public required bool HasOneEntry { get; init; }

    /// <summary>The identity it will have; null when it has a new one each session, or when no package names the organisation.</summary>
    public Guid? SenseGuid { get; init; }

    /// <summary>Other desktops that will have the same identity.</summary>
    public ImmutableArray<Device> SharesIdentityWith { get; init; } = [];

    /// <summary>What is to be said about it; null when nothing is.</summary>
    public string? Note => SharesIdentityWith.Length > 0
        ? $"{Why(SharesIdentityWith[0])}: one device in the portal together with {string.Join(", ", SharesIdentityWith.Take(3).Select(Called))}{(SharesIdentityWith.Length > 3 ? FormattableString.Invariant($" and {SharesIdentityWith.Length - 3} more") : "")}."
        : !HasOneEntry ? "A new identity in each session."
        : Device.Name.Length > Pool.LongestName ? $"Windows cuts the name to {MachineName}."
        : null;

    /// <summary>How it comes to share an identity with another desktop.</summary>
    internal string Why(Device other) => (string.Equals(Device.Name, other.Name, StringComparison.OrdinalIgnoreCase), SameDomain(other), string.Equals(Device.Name, other.Name, StringComparison.Ordinal)) switch
    {
        (false, _, _) => $"The first {Pool.LongestName} characters of the names are the same",
        (true, false, _) => "The same name in two domains",
        (true, true, false) => "The names differ in upper and lower case only",
        _ => "The same name twice",
    };

    /// <summary>A device with its domain.</summary>
    internal static string Called(Device device) => device.Domain is { } domain ? $"{domain}\\{device.Name}" : device.Fqdn ?? device.Name;

    private bool SameDomain(Device other) =>
        string.Equals(DomainOf(Device), DomainOf(other), StringComparison.OrdinalIgnoreCase);

    private static string? DomainOf(Device device) => device.Domain ?? (device.Fqdn is { } fqdn && fqdn.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot ? fqdn[(dot + 1)..] : null);
}
