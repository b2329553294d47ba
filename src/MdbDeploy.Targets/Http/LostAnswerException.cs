using MdbDeploy.Diagnostics;

namespace MdbDeploy.Targets.Http;

/// <summary>
/// A write was sent and its answer did not arrive, or was an error of something in between: the server may have acted or not. Whoever knows what was written looks
/// before repeating it.
/// </summary>
public sealed class LostAnswerException : TargetException
{
    /// <summary>Creates the exception.</summary>
    public LostAnswerException(Diagnostic diagnostic, Exception? inner = null)
        : base(diagnostic, inner)
    {
    }
}
