using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets.Comparison;

namespace MdbDeploy.Targets;

/// <summary>How to compare.</summary>
public sealed record ReconcileOptions
{
    /// <summary>Addresses whose place a foreign or conflicting object holds and that shall be taken over (<c>--adopt</c>).</summary>
    public ImmutableHashSet<string> Adopt { get; init; } = [];

    /// <summary>
    /// Only this ring: its resources, what they need, and of sets that serve all rings the items that refer to it. Nothing outside is deleted. Null for everything.
    /// </summary>
    public string? Ring { get; init; }

    /// <summary>
    /// Rings whose gates are closed, ignoring case: their resources, and of sets that serve all rings the items that refer to them, are neither made nor changed. Devices may leave them.
    /// </summary>
    public ImmutableHashSet<string> Held { get; init; } = ImmutableHashSet.Create<string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether devices may be offboarded (<c>mdbdeploy offboard</c>). Otherwise what would offboard one more waits; taking that away never does.</summary>
    public bool Offboard { get; init; }
}

/// <summary>Everything that has to happen so that a live system is as the bundle wants it. What a person reviews, and what <see cref="Reconciler.ApplyAsync"/> carries out.</summary>
public sealed class ChangeSet
{
    internal ChangeSet(string target, string project, string? ring, ImmutableArray<ImmutableArray<Change>> stages, ImmutableHashSet<string> partial, ImmutableArray<Diagnostic> diagnostics)
    {
        (Target, Project, Ring, Stages, Partial, Diagnostics) = (target, project, ring, stages, partial, diagnostics);
        Changes = [.. stages.SelectMany(stage => stage)];
        Fingerprint = FingerprintOf(Changes);
    }

    /// <summary>The run that these changes undo; null for a push.</summary>
    public string? RollbackOf { get; init; }

    /// <summary>Name of the target.</summary>
    public string Target { get; }

    /// <summary>Identifier of the deployment project.</summary>
    public string Project { get; }

    /// <summary>The ring looked at; null for everything.</summary>
    public string? Ring { get; }

    /// <summary>One change per resource, those without anything to do included, in the order in which they are carried out.</summary>
    public ImmutableArray<Change> Changes { get; }

    /// <summary>What a person must know before pushing. An error refuses the push.</summary>
    public ImmutableArray<Diagnostic> Diagnostics { get; }

    /// <summary>
    /// SHA-256 over the sorted changes, 64 lower-case hexadecimal digits: two comparisons that come to the same changes have the same fingerprint, so that a push can be
    /// refused when the state moved since it was reviewed.
    /// </summary>
    public string Fingerprint { get; }

    /// <summary>Whether anything would be written.</summary>
    public bool HasWrites => Changes.Any(c => c.IsWrite);

    /// <summary>Whether an error stands in the way; then nothing is written.</summary>
    public bool IsRefused => Diagnostics.Any(d => d.Severity == Severity.Error);

    /// <summary>The changes, grouped: those of one stage need only what earlier stages made.</summary>
    internal ImmutableArray<ImmutableArray<Change>> Stages { get; }

    /// <summary>Addresses of sets of which only the ring's items were looked at.</summary>
    internal ImmutableHashSet<string> Partial { get; }

    private static string FingerprintOf(IEnumerable<Change> changes)
    {
        var lines = changes.Select(change => CanonicalJson.Of(new JsonObject
        {
            ["change"] = change.Kind.ToString(),
            ["address"] = change.Address,
            ["remoteId"] = change.Actual?.RemoteId,
            ["path"] = change.Desired?.Path,
            ["body"] = change.Desired is { } desired ? CanonicalJson.Hash(desired.Body) : null,
            ["fields"] = new JsonArray([.. change.Fields.OrderBy(f => f.Path, StringComparer.Ordinal).Select(f => (JsonNode)new JsonObject
            {
                ["path"] = f.Path,
                ["actual"] = f.Actual?.DeepClone(),
                ["desired"] = f.Desired?.DeepClone(),
            })]),
        }));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines.Order(StringComparer.Ordinal)))));
    }
}
