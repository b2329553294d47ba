using System.Collections.Immutable;
using System.Text.Json.Nodes;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Projects;

/// <summary>What <c>mdbdeploy.yaml</c> says, checked. Holds no secrets: those come from the environment or the credential chain.</summary>
public sealed record DeploymentProject
{
    /// <summary>Folder that holds <c>mdbdeploy.yaml</c>; every relative path starts there.</summary>
    public required string Folder { get; init; }

    /// <summary>Name of the organisation.</summary>
    public required string Organization { get; init; }

    /// <summary>Short identifier for ownership markers and GUIDs, from <c>id:</c> or derived from the organisation: <c>[a-z0-9-]{1,40}</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Inventory files or globs, most trusted first.</summary>
    public required ImmutableArray<string> Inventory { get; init; }

    /// <summary>Import profiles that inventory files are to be read with, by the file as <c>inventory:</c> or its pattern gives it; the others are recognised by their headers.</summary>
    public ImmutableSortedDictionary<string, string> ImportProfiles { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Where each entry of <see cref="Inventory"/> stands in mdbdeploy.yaml, for messages; empty when unknown.</summary>
    public ImmutableArray<Location> InventoryAt { get; init; } = [];

    /// <summary>Folder with the packages downloaded from the portal.</summary>
    public string Packages { get; init; } = "packages/";

    /// <summary>Folder the results are written to.</summary>
    public string Out { get; init; } = "out/";

    /// <summary>The answers to the documentation's Part 1 and Part 2.</summary>
    public TenantSettings Tenant { get; init; } = new();

    /// <summary>Devices not seen for longer are set aside as stale.</summary>
    public int StaleAfterDays { get; init; } = 45;

    /// <summary>The rings, in roll-out order. At least one.</summary>
    public required ImmutableArray<RingSettings> Rings { get; init; }

    /// <summary>Routing rules, tried before the built-in ones.</summary>
    public ImmutableArray<RoutingRule> Routing { get; init; } = [];

    /// <summary>Names of policy presets (files of policies/).</summary>
    public ImmutableArray<string> Policies { get; init; } = [];

    /// <summary>Policies that the organisation has already (Group Policy backups, exports): read only, to find conflicts.</summary>
    public ImmutableArray<string> ExistingPolicies { get; init; } = [];

    /// <summary>Whether more devices than a batch takes may get the local script, in several batches (<c>localScript: { split: true }</c>).</summary>
    public bool SplitLocalScript { get; init; }

    /// <summary>Devices to be offboarded, besides those that the inventory marks.</summary>
    public OffboardSettings Offboard { get; init; } = new();

    /// <summary>Golden images.</summary>
    public ImmutableArray<ImageSettings> Images { get; init; } = [];

    /// <summary>Where Group Policy devices fetch the onboarding script: UNC path with the file server's FQDN; null when not said.</summary>
    public string? Share { get; init; }

    /// <summary>Settings of each target by name (<c>graph</c>, <c>configmgr</c>, <c>activeDirectory</c>), as written; each target checks its own.</summary>
    public ImmutableSortedDictionary<string, JsonObject> Targets { get; init; } = ImmutableSortedDictionary<string, JsonObject>.Empty;
}

/// <summary>The answers to the documentation's Part 1 (path) and Part 2 (automatic or manual).</summary>
public sealed record TenantSettings
{
    /// <summary>Part 1: whether Intune manages devices already.</summary>
    public bool UsesIntune { get; init; } = true;

    /// <summary>Part 2: whether the tenant onboards every enrolled device by itself, which excludes rings.</summary>
    public bool AutomaticOnboarding { get; init; }

    /// <summary>Whether the Intune connector to Defender is on: then the service makes the blob itself and refuses an uploaded one.</summary>
    public bool Connector { get; init; }

    /// <summary>Licences the tenant has beside Defender for Business.</summary>
    public Licences Licences { get; init; }

    /// <summary>Which systems Defender's own security settings management is switched on for (portal: Settings > Endpoints > Configuration management > Enforcement scope).</summary>
    public EnforcementScope EnforcementScope { get; init; }
}

/// <summary>Licences that serve what Defender for Business does not.</summary>
[Flags]
public enum Licences
{
    /// <summary>None was named.</summary>
    None = 0,

    /// <summary><c>defender-for-endpoint</c>: Microsoft Defender for Endpoint, also as part of Microsoft 365 E3 or E5.</summary>
    DefenderForEndpoint = 1,

    /// <summary><c>defender-for-servers</c>: Microsoft Defender for Servers.</summary>
    DefenderForServers = 2,
}

/// <summary>The systems for which security settings management is switched on.</summary>
public enum EnforcementScope
{
    /// <summary>Not said.</summary>
    Unknown,

    /// <summary><c>none</c>: switched off.</summary>
    None,

    /// <summary><c>windows-client</c>: Windows client devices.</summary>
    WindowsClient,

    /// <summary><c>windows-client-and-server</c>: Windows client and Windows Server devices.</summary>
    WindowsClientAndServer,
}

/// <summary>One ring of the roll-out. A device takes the first ring that accepts it.</summary>
public sealed record RingSettings
{
    /// <summary>Name: letters A to Z, digits, blank, dot, dash and underscore, at most 40.</summary>
    public required string Name { get; init; }

    /// <summary>Expression over device fields that a device must fulfil; null accepts every device.</summary>
    public string? Match { get; init; }

    /// <summary>Where <see cref="Match"/> stands, for messages.</summary>
    public Location MatchAt { get; init; }

    /// <summary>The line of each character of <see cref="Match"/>, for messages; empty when it stands on one line.</summary>
    public ImmutableArray<int> MatchLines { get; init; } = [];

    /// <summary>At most this many devices, chosen stably.</summary>
    public int? Max { get; init; }

    /// <summary>About this percentage of the devices that came this far, chosen stably by a hash of identity.</summary>
    public double? Percent { get; init; }

    /// <summary>Whether <see cref="Max"/> and <see cref="Percent"/> take their share of every site, so that no site is left out or hit alone.</summary>
    public bool Balanced { get; init; }

    /// <summary>What must hold before the ring is pushed; null when nothing must.</summary>
    public RingGate? Gate { get; init; }

    /// <summary>Line of the entry in mdbdeploy.yaml, for messages; 0 when unknown.</summary>
    public int Line { get; init; }
}

/// <summary>A routing rule of the user: when the expression holds, the method is taken.</summary>
/// <param name="When">Expression over device fields.</param>
/// <param name="Method">Name of a method.</param>
/// <param name="Line">Line of the entry in mdbdeploy.yaml, for messages; 0 when unknown.</param>
public sealed record RoutingRule(string When, string Method, int Line)
{
    /// <summary>Where <see cref="When"/> stands, for messages.</summary>
    public Location WhenAt { get; init; }

    /// <summary>The line of each character of <see cref="When"/>, for messages; empty when it stands on one line.</summary>
    public ImmutableArray<int> WhenLines { get; init; } = [];

    /// <summary>Where <see cref="Method"/> stands, for messages.</summary>
    public Location MethodAt { get; init; }
}

/// <summary>A golden image.</summary>
public sealed record ImageSettings
{
    /// <summary>Name, with the same alphabet as a ring's.</summary>
    public required string Name { get; init; }

    /// <summary><c>citrix-mcs</c>, <c>citrix-pvs</c>, <c>horizon-instant-clone</c>, <c>avd</c>, <c>w365</c> or <c>generic</c>.</summary>
    public string Broker { get; init; } = "generic";

    /// <summary>Whether each device name keeps one portal entry (recommended) instead of one per session.</summary>
    public bool SingleEntry { get; init; } = true;

    /// <summary>Patterns of the desktops' computer names, with <c>*</c> and <c>?</c>: nothing else onboards itself from this image. Empty when not said.</summary>
    public ImmutableArray<string> Desktops { get; init; } = [];

    /// <summary>Names of policy presets for the desktops of this image.</summary>
    public ImmutableArray<string> Policies { get; init; } = [];

    /// <summary>UNC path below which a file server keeps unpacked security intelligence for the desktops; null when there is none.</summary>
    public string? IntelligenceShare { get; init; }

    /// <summary>UNC path the image's start-up files are kept on; null when they are staged by hand.</summary>
    public string? Share { get; init; }
}
