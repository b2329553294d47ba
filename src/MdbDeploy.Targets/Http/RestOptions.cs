namespace MdbDeploy.Targets.Http;

/// <summary>How a <see cref="RestClient"/> behaves. The defaults suit Microsoft Graph and the AdminService; tests shorten the delays.</summary>
public sealed record RestOptions
{
    /// <summary>What relative paths are relative to, with a final slash. Nothing is ever sent to another scheme, host or port.</summary>
    public required Uri BaseAddress { get; init; }

    /// <summary>How often a request that the server puts off (429, 503, 504, 408, 502) is repeated.</summary>
    public int Retries { get; init; } = 8;

    /// <summary>How often a request that found no server, or whose answer to a read broke off, is repeated: fewer, because a wrong name stays wrong.</summary>
    public int ConnectionRetries { get; init; } = 2;

    /// <summary>First delay where the server names none (Intune often omits Retry-After). It doubles each time, with jitter.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest delay where the server names none.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long to wait for one answer. Graph itself gives up before.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>How long one request may take with all its repetitions. A server that asks to wait longer is told no.</summary>
    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The largest answer that is read, in bytes.</summary>
    public int LargestAnswer { get; init; } = 64 << 20;
}
