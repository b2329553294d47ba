namespace MdbDeploy.Cli;

/// <summary>What the process returns. Scripts rely on it.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>Failed for a reason that is not the input.</summary>
    public const int Failed = 1;

    /// <summary>There are differences or pending changes (<c>diff</c>, <c>push --what-if</c>).</summary>
    public const int Differences = 2;

    /// <summary>The input has errors; nothing was written.</summary>
    public const int InputErrors = 3;

    /// <summary>A push ended partial and can be resumed.</summary>
    public const int Partial = 4;

    /// <summary>Cancelled with Ctrl+C.</summary>
    public const int Cancelled = 130;
}
