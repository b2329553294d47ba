using System.Collections.Immutable;
using System.Text.Json.Nodes;
using MdbDeploy.Bundles;

namespace MdbDeploy.Targets;

/// <summary>What has to happen with one resource, and why.</summary>
public sealed record Change
{
    /// <summary>What happens.</summary>
    public required ChangeKind Kind { get; init; }

    /// <summary>Address of the resource.</summary>
    public required string Address { get; init; }

    /// <summary>The kind of resource.</summary>
    public required ResourceKind ResourceKind { get; init; }

    /// <summary>What the bundle wants; null for a deletion and a foreign object.</summary>
    public Resource? Desired { get; init; }

    /// <summary>What is there now; null for a creation.</summary>
    public LiveResource? Actual { get; init; }

    /// <summary>The fields that differ.</summary>
    public ImmutableArray<FieldChange> Fields { get; init; } = [];

    /// <summary>Why, in a sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>Whether it may offboard a device: it writes something of a kind that does, other than taking items away.</summary>
    public bool Offboards => ResourceKind.Offboards && Desired is not null && Kind is not (ChangeKind.None or ChangeKind.Delete)
        && (ResourceKind.Handler == "object" || Fields.Any(f => f.Desired is not null));

    /// <summary>Whether the change sends requests.</summary>
    public bool IsWrite => Kind is ChangeKind.Create or ChangeKind.Update or ChangeKind.Delete or ChangeKind.Adopt;
}

/// <summary>What happens with a resource. The value is the sign shown before it.</summary>
public enum ChangeKind
{
    /// <summary>Nothing: it is as desired.</summary>
    None = '=',

    /// <summary>It is created.</summary>
    Create = '+',

    /// <summary>It is changed.</summary>
    Update = '~',

    /// <summary>It is deleted: it carries our marker and nobody desires it any more.</summary>
    Delete = '-',

    /// <summary>An object without our marker stands there and is taken over, because <c>--adopt</c> named it.</summary>
    Adopt = '!',

    /// <summary>An object without our marker stands there, or somebody else changed the same field: nothing is done, and push refuses.</summary>
    Foreign = '*',
}

/// <summary>A field that differs.</summary>
/// <param name="Path">JSON pointer within the body.</param>
/// <param name="Actual">Value now; null when absent. Never a secret: secrets show as their hash.</param>
/// <param name="Desired">Value wanted; null when it shall go.</param>
/// <param name="IsDrift">Whether somebody else changed it since our last push.</param>
public sealed record FieldChange(string Path, JsonNode? Actual, JsonNode? Desired, bool IsDrift);
