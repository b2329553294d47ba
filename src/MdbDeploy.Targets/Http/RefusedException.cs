using MdbDeploy.Diagnostics;

namespace MdbDeploy.Targets.Http;

/// <summary>The server answered a request with an error.</summary>
public sealed class RefusedException : TargetException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="error">The server's words.</param>
    /// <param name="where">The resource concerned.</param>
    public RefusedException(RestError error, Location where = default)
        : base(error.ToDiagnostic(where)) => Error = error;

    /// <summary>The server's words.</summary>
    public RestError Error { get; }
}
