using System.Collections.Immutable;
using MdbDeploy.Packages;
using MdbDeploy.Planning;
using MdbDeploy.Policies;
using MdbDeploy.Projects;

namespace MdbDeploy.Rendering;

/// <summary>Everything a rendering depends on.</summary>
public sealed record RenderInput
{
    /// <summary>The deployment project.</summary>
    public required DeploymentProject Project { get; init; }

    /// <summary>The plan.</summary>
    public required Plan Plan { get; init; }

    /// <summary>The packages.</summary>
    public required PackageSet Packages { get; init; }

    /// <summary>Registry settings of the project's policy presets, for devices outside of rings.</summary>
    public required ImmutableArray<RegistryValue> Settings { get; init; }

    /// <summary>The settings of the project's policy presets; empty when only <see cref="Settings"/> are given, which then serve every ring.</summary>
    public PolicySelection Policies { get; init; } = PolicySelection.Empty;

    /// <summary>Registry settings for the desktops of each golden image, by the image's name.</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<RegistryValue>> ImageSettings { get; init; } = ImmutableSortedDictionary<string, ImmutableArray<RegistryValue>>.Empty;

    /// <summary>All settings of the catalogue, which administrative templates name whether a policy sets them or not.</summary>
    public ImmutableArray<PolicySetting> Catalogue { get; init; } = [];

    /// <summary>The channels.</summary>
    public required IReadOnlyList<Channel> Channels { get; init; }

    /// <summary>The files all this came from, for <c>bundle.json</c>: name and lower-case hexadecimal SHA-256.</summary>
    public required ImmutableSortedDictionary<string, string> Sources { get; init; }

    /// <summary>The devices a channel serves: those planned for its method, those to be offboarded by it, or all for a channel without method.</summary>
    public PlannedDevices DevicesOf(Channel channel) =>
        channel.When == ChannelCondition.Project ? []
        : channel.Method is { } method ? channel.Offboards ? Plan.Devices.OffboardedBy(method) : Plan.Devices.OnboardedBy(method) : Plan.Devices;

    /// <summary>The package a channel deploys; null when it is missing, of no use any more at the moment of the plan, or would wait for an answer where nobody sits.</summary>
    public OnboardingPackage? PackageOf(Channel channel) =>
        channel.Package is { } kind && (channel.Offboards ? Packages.Offboarding(kind) : Packages.Onboarding(kind)) is { } package
        && package.IsUsable(Plan.AsOf) && (kind == PackageKind.LocalScript || !package.IsInteractive)
            ? package
            : null;

    /// <summary>How many devices are offboarded by a channel's method in this bundle.</summary>
    public int LeavingBy(Channel channel) =>
        Channels.FirstOrDefault(c => c.Offboards && c.Method == channel.Method) is { } leaving && PackageOf(leaving) is not null ? DevicesOf(leaving).Count : 0;
}
