using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace MdbDeploy.Bundles;

/// <summary>
/// One object that a target shall hold, as a channel rendered it: the JSON document in the bundle is exactly what is reviewed and pushed.
/// <para>Strings in <see cref="Path"/> and <see cref="Body"/> may hold <c>{address}</c>: the remote id of another resource, known once that one exists.</para>
/// </summary>
public sealed record Resource
{
    /// <summary>Stable, human, sortable name: <c>channel/kind/name[ring]</c>, for example <c>intune/configuration-policy/edr-onboarding[pilot]</c>.</summary>
    public required string Address { get; init; }

    /// <summary>Name of the <see cref="ResourceKind"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Name of the target that holds it: <c>graph</c>, <c>configmgr</c> or <c>active-directory</c>.</summary>
    public required string Target { get; init; }

    /// <summary>The ring it belongs to; null when it serves all rings.</summary>
    public string? Ring { get; init; }

    /// <summary>HTTP method of the request that creates it.</summary>
    public required string Method { get; init; }

    /// <summary>Path of the request that creates it, below the target's base address.</summary>
    public required string Path { get; init; }

    /// <summary>Body of the request that creates it: what we have an opinion on. Fields not named here are never compared or touched.</summary>
    public required JsonObject Body { get; init; }

    /// <summary>Addresses of resources that must be as desired before this one is touched, though nothing in it names them.</summary>
    public ImmutableArray<string> After { get; init; } = [];

    /// <summary>Addresses of the resources it needs: those of the <c>{address}</c> placeholders and <see cref="After"/>.</summary>
    public required ImmutableArray<string> DependsOn { get; init; }

    /// <summary>Whether the body holds a secret, such as an onboarding blob.</summary>
    public bool Sensitive { get; init; }

    /// <summary>Path of the document within the bundle, with <c>/</c>.</summary>
    public required string File { get; init; }
}
