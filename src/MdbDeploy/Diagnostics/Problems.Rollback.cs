namespace MdbDeploy.Diagnostics;

/// <content>Block 03, from 51 on: rolling back a run.</content>
public static partial class Problems
{
    /// <summary>There is no such run.</summary>
    public static readonly Problem RunUnknown = new("MDB0351", Severity.Error,
        "There is no run of that name, or its journal cannot be used.", "The folder .mdbdeploy/runs of the project holds one file per run; give its name without '.jsonl'.");

    /// <summary>Something changed since the run.</summary>
    public static readonly Problem ChangedSinceRun = new("MDB0352", Severity.Error,
        "What the run wrote was changed since.", "Roll back later runs first, or put it right with 'render' and 'push'; nothing was undone.");

    /// <summary>A step cannot be undone.</summary>
    public static readonly Problem CannotBeUndone = new("MDB0353", Severity.Warning,
        "A step of the run cannot be undone and is left as it is.", "The message says how to get there otherwise.");
}
