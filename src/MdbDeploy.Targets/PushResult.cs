using System.Collections.Immutable;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Targets;

/// <summary>What one push did.</summary>
public sealed record PushResult
{
    /// <summary>Name of the run, under which its journal stands; null when there was nothing to write.</summary>
    public string? RunId { get; init; }

    /// <summary>The writes, in the order in which they were carried out.</summary>
    public required ImmutableArray<PushStep> Steps { get; init; }

    /// <summary>What stood in the way, and what failed.</summary>
    public required ImmutableArray<Diagnostic> Diagnostics { get; init; }

    /// <summary>Whether the push was ended by Ctrl+C.</summary>
    public bool IsCancelled { get; init; }

    /// <summary>Number of writes carried out.</summary>
    public int Done => Count(StepState.Done);

    /// <summary>Number of writes that the target refused.</summary>
    public int Failed => Count(StepState.Failed);

    /// <summary>Number of writes that wait for somebody's approval; pushing again continues them.</summary>
    public int Waiting => Count(StepState.Waiting);

    /// <summary>Number of writes left out because one they need was not carried out.</summary>
    public int Skipped => Count(StepState.Skipped);

    /// <summary>Number of writes that were not come to, or interrupted.</summary>
    public int NotStarted => Count(StepState.NotStarted);

    /// <summary>Whether everything was carried out. Otherwise pushing again continues.</summary>
    public bool IsComplete => Done == Steps.Length && !Diagnostics.Any(d => d.Severity == Severity.Error);

    private int Count(StepState state) => Steps.Count(s => s.State == state);
}

/// <summary>One write of a push.</summary>
/// <param name="Change">The change.</param>
/// <param name="State">What became of it.</param>
/// <param name="Note">Why it failed, was skipped or was not started; null when it was done.</param>
public sealed record PushStep(Change Change, StepState State, string? Note);

/// <summary>What became of a write.</summary>
public enum StepState
{
    /// <summary>Not come to, or interrupted between two requests.</summary>
    NotStarted,

    /// <summary>Carried out.</summary>
    Done,

    /// <summary>The target refused it.</summary>
    Failed,

    /// <summary>Left out, because a write it needs was not carried out.</summary>
    Skipped,

    /// <summary>Accepted by the target, and waiting for somebody's approval.</summary>
    Waiting,
}

/// <summary>How far a push is.</summary>
/// <param name="Finished">Number of writes that are done, failed or skipped.</param>
/// <param name="Total">Number of writes.</param>
/// <param name="Change">The write that begins or ended.</param>
/// <param name="State">What became of it; null when it begins.</param>
public sealed record PushProgress(int Finished, int Total, Change Change, StepState? State);
