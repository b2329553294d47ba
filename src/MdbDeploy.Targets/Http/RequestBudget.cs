namespace MdbDeploy.Targets.Http;

/// <summary>
/// Keeps a client below a service's limit: never more than so many operations within any window. Intune throttles late and often without saying for how long, so that
/// staying below the limit is faster than running into it.
/// </summary>
/// <param name="limit">Most operations within the window.</param>
/// <param name="window">Length of the window.</param>
/// <param name="time">The clock.</param>
public sealed class RequestBudget(int limit, TimeSpan window, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly Queue<(DateTimeOffset At, int Count)> spent = new();
    private int used;

    /// <summary>Intune device configuration: 100 writes per 20 s and app (learn.microsoft.com/graph/throttling-limits, 2025).</summary>
    public static RequestBudget IntuneWrites(TimeProvider time) => new(100, TimeSpan.FromSeconds(20), time);

    /// <summary>Entra ID: 3,000 writes per 2 minutes 30 and app (learn.microsoft.com/graph/throttling-limits, 2025).</summary>
    public static RequestBudget DirectoryWrites(TimeProvider time) => new(3000, TimeSpan.FromSeconds(150), time);

    /// <summary>Waits until the operations fit, and counts them.</summary>
    /// <param name="operations">How many; more than the limit counts as the limit.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task SpendAsync(int operations, CancellationToken cancellationToken)
    {
        var count = Math.Clamp(operations, 1, limit);
        while (true)
        {
            TimeSpan wait;
            lock (gate)
            {
                var now = time.GetUtcNow();
                while (spent.TryPeek(out var oldest) && now - oldest.At >= window)
                {
                    used -= spent.Dequeue().Count;
                }

                if (used + count <= limit)
                {
                    spent.Enqueue((now, count));
                    used += count;
                    return;
                }

                wait = spent.Peek().At + window - now;
            }

            await Task.Delay(wait, time, cancellationToken);
        }
    }
}
