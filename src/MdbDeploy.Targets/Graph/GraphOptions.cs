namespace MdbDeploy.Targets.Graph;

/// <summary>How patient the target is with a directory that needs a while until everyone in it knows what was written. Tests shorten the delays.</summary>
public sealed record GraphOptions
{
    /// <summary>First delay before looking again; it doubles.</summary>
    public TimeSpan FirstWait { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest delay before looking again.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long to wait in all until a new object can be used. Microsoft's pages speak of seconds up to 15 minutes; what takes longer is left to the next push.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The budget of writes in the directory; null for the documented one.</summary>
    public Http.RequestBudget? DirectoryWrites { get; init; }

    /// <summary>From how many devices on all of the tenant's devices are read page by page, which takes one request per thousand, instead of one by one.</summary>
    public int ReadAllDevicesFrom { get; init; } = 40;
}

/// <summary>Waits between looks, longer each time, until patience ends.</summary>
internal sealed class Patience(GraphOptions options, TimeProvider time)
{
    private readonly long started = time.GetTimestamp();
    private TimeSpan next = options.FirstWait;

    /// <summary>Waits. False, at once, when patience is at its end.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<bool> WaitAsync(CancellationToken cancellationToken)
    {
        if (time.GetElapsedTime(started) + next > options.Patience)
        {
            return false;
        }

        await Task.Delay(next, time, cancellationToken);
        next = TimeSpan.FromTicks(Math.Min(next.Ticks * 2, options.LongestWait.Ticks));
        return true;
    }
}
