using System.Collections.Immutable;

namespace MdbDeploy.Bundles;

/// <summary>Everything one rendering made: the files, and the resources among them. What was reviewed is what is pushed.</summary>
public sealed record Bundle
{
    /// <summary>Identifier of the deployment project.</summary>
    public required string Project { get; init; }

    /// <summary>Name of the organisation.</summary>
    public required string Organization { get; init; }

    /// <summary>The files, ordered by path (ordinal).</summary>
    public required ImmutableArray<BundleFile> Files { get; init; }

    /// <summary>The kinds of resource of each target.</summary>
    public required ImmutableSortedDictionary<string, ImmutableArray<ResourceKind>> Kinds { get; init; }

    /// <summary>What it was rendered from: file name and lower-case hexadecimal SHA-256.</summary>
    public required ImmutableSortedDictionary<string, string> Sources { get; init; }

    /// <summary>The resources of a target, ordered by address.</summary>
    public IEnumerable<Resource> ResourcesOf(string target) =>
        Files.Select(f => f.Resource).OfType<Resource>().Where(r => r.Target == target).OrderBy(r => r.Address, StringComparer.Ordinal);
}

/// <summary>A file of the bundle.</summary>
/// <param name="Path">Path within the bundle, with <c>/</c>.</param>
/// <param name="Content">The bytes.</param>
/// <param name="Channel">Name of the channel that rendered it.</param>
/// <param name="IsSensitive">Whether it holds a secret of the tenant.</param>
/// <param name="Resource">The resource it describes; null for a file that nobody pushes.</param>
public sealed record BundleFile(string Path, ReadOnlyMemory<byte> Content, string Channel, bool IsSensitive, Resource? Resource)
{
    /// <summary>Never shows content.</summary>
    public override string ToString() => $"{Path} ({Content.Length} bytes{(IsSensitive ? ", sensitive" : "")})";
}
