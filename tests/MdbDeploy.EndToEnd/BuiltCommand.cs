namespace MdbDeploy.EndToEnd;

/// <summary>
/// The command that tests run: what the variable MDBDEPLOY names, such as the program compiled ahead of time, which starts in a fraction of the time; without it what was built with
/// the tests.
/// </summary>
internal static class BuiltCommand
{
    private static readonly string? Native = Environment.GetEnvironmentVariable("MDBDEPLOY") is { Length: > 0 } path ? Path.GetFullPath(path) : null;

    /// <summary>The program.</summary>
    public static string Program { get; } = Native ?? "dotnet";

    /// <summary>What comes before the arguments of the command.</summary>
    public static string[] Arguments { get; } = Native is null ? [Path.Combine(AppContext.BaseDirectory, "mdbdeploy.dll")] : [];

    /// <summary>Both in words for a POSIX shell; neither holds a quote or a blank.</summary>
    public static string Words { get; } = string.Join(' ', [Program, .. Arguments]);
}
