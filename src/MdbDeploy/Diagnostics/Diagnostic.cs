namespace MdbDeploy.Diagnostics;

/// <summary>A problem found in the user's input, with the place where it stands. Never holds a secret.</summary>
/// <param name="Problem">The entry of the catalogue.</param>
/// <param name="Where">File, line and column, or the thing concerned.</param>
/// <param name="Message">What exactly is wrong here.</param>
public sealed record Diagnostic(Problem Problem, Location Where, string Message)
{
    /// <summary>Stable code, <c>MDB####</c>.</summary>
    public string Code => Problem.Code;

    /// <summary>How much it matters.</summary>
    public Severity Severity => Problem.Severity;

    /// <summary>What to do about it.</summary>
    public string Advice => Problem.Advice;

    /// <summary>One line, as a compiler would print it.</summary>
    public override string ToString()
    {
        var where = Where.ToString();
        return $"{(where.Length == 0 ? "" : where + ": ")}{SeverityWord} {Code}: {Message}";
    }

    private string SeverityWord => Severity switch
    {
        Severity.Error => "error",
        Severity.Warning => "warning",
        _ => "info",
    };
}
