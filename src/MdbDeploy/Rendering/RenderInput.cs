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

    /// <summary>Registry settings of the project's policy presets.</summary>
    public required ImmutableArray<RegistryValue> Settings { get; init; }

    /// <summary>Registry settings for the desktops of each golden image, by the image's name.</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<RegistryValue>> ImageSettings { get; init; } = ImmutableSortedDictionary<string, ImmutableArray<RegistryValue>>.Empty;

    /// <summary>The channels.</summary>
    public required IReadOnlyList<Channel> Channels { get; init; }

    /// <summary>The files all this came from, for <c>bundle.json</c>: name and lower-case hexadecimal SHA-256.</summary>
    public required ImmutableSortedDictionary<string, string> Sources { get; init; }
}
