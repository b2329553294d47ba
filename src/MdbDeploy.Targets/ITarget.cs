using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Targets;

/// <summary>
/// One live system: how to read it and how to carry out one change. Everything else (what differs, in which order, journal, resume) is the Reconciler's.
/// </summary>
public interface ITarget
{
    /// <summary>Name as resources and the command line use it: <c>graph</c>, <c>configmgr</c>, <c>active-directory</c>.</summary>
    string Name { get; }

    /// <summary>
    /// Reads the live counterpart of every desired resource, and every object that carries this project's marker though nobody desires it any more.
    /// An object that stands in the place of a desired one without our marker is returned as well, so that the reconciler can refuse it.
    /// </summary>
    /// <param name="desired">The bundle's resources for this target, with their kinds.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="TargetException">The system could not be read; the message says why and what to do.</exception>
    Task<Reading> ReadAsync(DesiredState desired, CancellationToken cancellationToken);

    /// <summary>Carries out one change and returns the identifier of its resource on the server, for a set that of the object it belongs to (null after a deletion). Safe to repeat: an answer that was lost is found again.</summary>
    /// <param name="change">The change; its desired body has every <c>{address}</c> placeholder replaced already.</param>
    /// <param name="cancellationToken">Ends the change between two requests, never within one.</param>
    /// <exception cref="TargetException">The system refused; the message says why and what to do.</exception>
    Task<string?> ApplyAsync(Change change, CancellationToken cancellationToken);
}

/// <summary>What a target found.</summary>
/// <param name="Live">The live resources.</param>
/// <param name="Desired">
/// The desired resources with what only the live system knows filled in: devices in a member list resolved to directory objects, unresolved ones left out.
/// </param>
/// <param name="Diagnostics">Devices that are not there or ambiguous, and whatever else a person must know before pushing.</param>
public sealed record Reading(IReadOnlyList<LiveResource> Live, IReadOnlyList<Resource> Desired, IReadOnlyList<Diagnostic> Diagnostics);

/// <summary>What the bundle wants of one target.</summary>
/// <param name="Project">Project identifier that ownership markers carry.</param>
/// <param name="Resources">The resources.</param>
/// <param name="Kinds">Their kinds, by name.</param>
public sealed record DesiredState(string Project, IReadOnlyList<Resource> Resources, IReadOnlyDictionary<string, ResourceKind> Kinds);

/// <summary>An object, or a set belonging to one, as the live system has it now.</summary>
public sealed record LiveResource
{
    /// <summary>Address: that of the desired resource it was found for, else that of its marker.</summary>
    public required string Address { get; init; }

    /// <summary>Name of the kind.</summary>
    public required string Kind { get; init; }

    /// <summary>Identifier on the server; for a set, that of the object it belongs to.</summary>
    public required string RemoteId { get; init; }

    /// <summary>Name as people see it on the server.</summary>
    public required string Name { get; init; }

    /// <summary>Ownership marker; null when there is none (foreign), or when the kind is a set.</summary>
    public Marker? Marker { get; init; }

    /// <summary>The properties read, in the shape of <see cref="Resource.Body"/>.</summary>
    public required JsonObject Body { get; init; }
}
