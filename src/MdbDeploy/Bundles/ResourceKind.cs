using System.Collections.Immutable;

namespace MdbDeploy.Bundles;

/// <summary>
/// What the reconciler must know of a kind of resource. It is data: a channel declares it in <c>channel.yaml</c> and the bundle carries it along, so that a new
/// profile or policy type needs no C#.
/// </summary>
public sealed record ResourceKind
{
    /// <summary>Name, unique within the target, for example <c>configuration-policy</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Title for people, for example <c>Intune policy</c>.</summary>
    public required string Title { get; init; }

    /// <summary>Which code of the target carries it out: <c>object</c> (create, read, update, delete), or a set that belongs to another object
    /// (<c>members</c>, <c>assignments</c>, <c>rules</c>, <c>properties</c>).</summary>
    public required string Handler { get; init; }

    /// <summary>Lower phases are created first and deleted last.</summary>
    public required int Phase { get; init; }

    /// <summary>Path of the set the objects live in, below the target's base address, for example <c>deviceManagement/configurationPolicies</c>.</summary>
    public required string Collection { get; init; }

    /// <summary>Property that holds the name people see: <c>name</c>, <c>displayName</c>, <c>Name</c>.</summary>
    public string NameProperty { get; init; } = "displayName";

    /// <summary>Property that identifies an object on the server: <c>id</c>, <c>CollectionID</c>.</summary>
    public string IdProperty { get; init; } = "id";

    /// <summary>Property that carries the ownership marker: <c>description</c>, <c>Comment</c>. Null for sets, which belong to their parent.</summary>
    public string? MarkerProperty { get; init; }

    /// <summary>HTTP method of an update: <c>PATCH</c> or <c>PUT</c> (whole object).</summary>
    public string Update { get; init; } = "PATCH";

    /// <summary>Query string of the request that reads one object whole, for example <c>$expand=settings</c>.</summary>
    public string? Expand { get; init; }

    /// <summary>Properties that can be given on creation only.</summary>
    public ImmutableArray<string> CreateOnly { get; init; } = [];

    /// <summary>JSON pointers (RFC 6901, <c>*</c> for any array element) of values that never read back as sent, such as secrets: compared by the hash in the marker.</summary>
    public ImmutableArray<string> WriteOnly { get; init; } = [];

    /// <summary>JSON pointers of arrays whose order means nothing, with the dotted property path that identifies an element.</summary>
    public ImmutableSortedDictionary<string, string> Sets { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>
    /// For sets: items whose key starts with this are ours even when no journal says so, for example rules named <c>MDB …</c>. Other items that we neither
    /// desire nor put there are strangers and stay.
    /// </summary>
    public string? OwnItemPrefix { get; init; }

    /// <summary>
    /// Whether writing it takes devices out of Defender. Such a resource is written last of all, after every deletion, only when all before it succeeded, and only when
    /// offboarding was asked for; taking it away comes first of all.
    /// </summary>
    public bool Offboards { get; init; }
}
