using MdbDeploy.Diagnostics;

namespace MdbDeploy.Targets;

/// <summary>A live system could not be read or refused a change. Carries a diagnostic that says why and what to do; never a secret.</summary>
public class TargetException : Exception
{
    /// <summary>Creates the exception.</summary>
    public TargetException(Diagnostic diagnostic, Exception? inner = null)
        : base(diagnostic.Message, inner) => Diagnostic = diagnostic;

    /// <summary>What is wrong and what to do.</summary>
    public Diagnostic Diagnostic { get; }
}
