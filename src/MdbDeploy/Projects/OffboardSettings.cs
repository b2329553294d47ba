using System.Collections.Immutable;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Projects;

/// <summary>Devices to be offboarded, besides those whose state the inventory gives as <c>offboard</c>: <c>offboard: { names, match, file }</c>.</summary>
public sealed record OffboardSettings
{
    /// <summary>Computer names, DNS names or <c>DOMAIN\name</c>, each with where it stands.</summary>
    public ImmutableArray<(string Text, Location At)> Names { get; init; } = [];

    /// <summary>Expression over device fields; null for none.</summary>
    public string? Match { get; init; }

    /// <summary>Where <see cref="Match"/> stands, for messages.</summary>
    public Location MatchAt { get; init; }

    /// <summary>The line of each character of <see cref="Match"/>, for messages; empty when it stands on one line.</summary>
    public ImmutableArray<int> MatchLines { get; init; } = [];

    /// <summary>An inventory file whose devices are all to be offboarded; null for none. Only its names count.</summary>
    public string? File { get; init; }

    /// <summary>Where <see cref="File"/> stands, for messages.</summary>
    public Location FileAt { get; init; }
}
