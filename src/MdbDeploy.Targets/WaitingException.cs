using MdbDeploy.Diagnostics;

namespace MdbDeploy.Targets;

/// <summary>A change was accepted and waits for somebody, such as a second administrator. Pushing again, perhaps days later, continues it.</summary>
public sealed class WaitingException : TargetException
{
    /// <summary>Creates the exception.</summary>
    public WaitingException(Diagnostic diagnostic, Exception? inner = null)
        : base(diagnostic, inner)
    {
    }
}
