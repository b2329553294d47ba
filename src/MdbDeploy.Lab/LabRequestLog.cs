using System.Collections.Immutable;

namespace MdbDeploy.Lab;

/// <summary>The requests the lab answered, in order. Bodies are not kept: they hold secrets.</summary>
public sealed class LabRequestLog
{
    private ImmutableList<LabRequestEntry> entries = [];

    /// <summary>All requests, the items of a $batch among them.</summary>
    public IReadOnlyList<LabRequestEntry> Entries => Volatile.Read(ref entries);

    /// <summary>The requests that change something, or tried to. Sign-in and the envelope of a $batch are not among them.</summary>
    public IReadOnlyList<LabRequestEntry> Writes => [.. Entries.Where(e => e.IsWrite)];

    /// <summary>Forgets what was so far.</summary>
    public void Clear() => ImmutableInterlocked.Update(ref entries, list => list.Clear());

    internal void Add(LabRequestEntry entry) => ImmutableInterlocked.Update(ref entries, (list, e) => list.Add(e), entry);
}

/// <summary>One request.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Path, percent-decoded, without the query.</param>
/// <param name="Query">Query as sent, percent-decoded, without the question mark.</param>
/// <param name="Status">Status of the answer, also when a fault kept it from arriving.</param>
/// <param name="Fault">The fault that was injected, in the words of the fault plan; null for none.</param>
/// <param name="InBatch">Whether it came inside a $batch.</param>
public sealed record LabRequestEntry(string Method, string Path, string Query, int Status, string? Fault, bool InBatch)
{
    /// <summary>Whether it changes something, or tried to.</summary>
    public bool IsWrite => Method is not ("GET" or "HEAD" or "OPTIONS")
        && !Path.EndsWith("/oauth2/v2.0/token", StringComparison.Ordinal)
        && !Path.EndsWith("/$batch", StringComparison.Ordinal)
        && !Path.Contains("/deviceManagement/reports/", StringComparison.Ordinal);
}
