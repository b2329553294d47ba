namespace MdbDeploy.Diagnostics;

/// <summary>How much a <see cref="Diagnostic"/> matters.</summary>
public enum Severity
{
    /// <summary>Worth knowing; nothing to do.</summary>
    Info,

    /// <summary>The result stands, but somebody should look.</summary>
    Warning,

    /// <summary>The input cannot be used as it is; nothing is written.</summary>
    Error,
}
