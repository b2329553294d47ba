namespace MdbDeploy.Diagnostics;

/// <summary>
/// One kind of thing that can be wrong, as it stands in the catalogue <see cref="Problems"/>. Codes are never reused.
/// </summary>
/// <param name="Code">Stable code, <c>MDB</c> and four digits.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="Title">What is wrong in general: one sentence with its full stop, no placeholders.</param>
/// <param name="Advice">What to do about it: one sentence with its full stop.</param>
public sealed record Problem(string Code, Severity Severity, string Title, string Advice)
{
    /// <summary>This problem, found at a place.</summary>
    /// <param name="where">Where it was found.</param>
    /// <param name="message">What exactly is wrong here; <see cref="Title"/> when null. Never a secret.</param>
    public Diagnostic At(Location where, string? message = null) => new(this, where, message ?? Title);
}
