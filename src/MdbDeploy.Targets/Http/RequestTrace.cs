namespace MdbDeploy.Targets.Http;

/// <summary>What was sent to a server: numbers for summaries, and a line per request for those who want to watch. Never a body, a query or a token.</summary>
public sealed class RequestTrace
{
    private long reads;
    private long writes;
    private long repetitions;

    /// <summary>Operations that only read, repetitions included; each item of a <c>$batch</c> counts.</summary>
    public long Reads => Interlocked.Read(ref reads);

    /// <summary>Operations that change something, or tried to, repetitions included; each item of a <c>$batch</c> counts.</summary>
    public long Writes => Interlocked.Read(ref writes);

    /// <summary>Requests sent again because the server was busy or not there.</summary>
    public long Repetitions => Interlocked.Read(ref repetitions);

    /// <summary>Called after each request, from any thread; null when nobody watches.</summary>
    public Action<RequestTraceEntry>? Watch { get; init; }

    internal void Sent(RestRequest request) => Interlocked.Add(ref request.IsRead ? ref reads : ref writes, request.Operations);

    internal void Repeated() => Interlocked.Increment(ref repetitions);

    internal void Answered(RestRequest request, int status, TimeSpan duration, Guid clientRequestId) =>
        Watch?.Invoke(new RequestTraceEntry(request.Method.Method, request.Path.Split('?')[0], status, duration, clientRequestId));
}

/// <summary>One request as sent.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Path without query.</param>
/// <param name="Status">HTTP status; 0 when no answer came.</param>
/// <param name="Duration">How long it took.</param>
/// <param name="ClientRequestId">The name we gave it, which the server's logs hold too.</param>
public sealed record RequestTraceEntry(string Method, string Path, int Status, TimeSpan Duration, Guid ClientRequestId);
