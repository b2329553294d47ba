namespace MdbDeploy.Lab.Graph;

/// <summary>Counts writes per service and says when there were too many within a window. Reads are not limited here.</summary>
internal sealed class ServiceLimits(LabState state)
{
    private readonly Queue<DateTimeOffset> intune = new();
    private readonly Queue<DateTimeOffset> directory = new();

    /// <summary>Null when the request may pass; otherwise how long to wait, zero when the service does not say.</summary>
    public TimeSpan? Refuse(LabRequest request)
    {
        if (state.Options.Habits.Limits is not { } limits || request.Method == "GET" || request.Segments is [_, "$batch"] or [_, "deviceManagement", "reports", ..])
        {
            return null;
        }

        var (passed, most, window) = request.Segments is [_, "deviceManagement", ..]
            ? (intune, limits.IntuneWrites, limits.IntuneWindow)
            : (directory, limits.DirectoryWrites, limits.DirectoryWindow);
        while (passed.TryPeek(out var oldest) && state.Now - oldest >= window)
        {
            passed.Dequeue();
        }

        if (passed.Count < most)
        {
            passed.Enqueue(state.Now);
            return null;
        }

        return limits.SaysWhen ? passed.Peek() + window - state.Now : TimeSpan.Zero;
    }
}
