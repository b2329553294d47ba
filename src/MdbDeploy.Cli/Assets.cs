namespace MdbDeploy.Cli;

/// <summary>The data that ships with the program: templates/ and policies/, beside the executable.</summary>
/// <param name="Templates">Folder of the channels, the project scaffold and the report.</param>
/// <param name="Policies">Folder of the settings catalogue and the presets.</param>
internal sealed record Assets(string Templates, string Policies)
{
    /// <summary>Folder that holds both: that of the executable, and in another program's process the one beside our assemblies.</summary>
    public static string Root { get; set; } = AppContext.BaseDirectory;

    /// <summary>The shipped data, with another templates folder where the user names one.</summary>
    public static Assets Find(string? templates) => new(
        templates is null ? Path.Combine(Root, "templates") : Path.GetFullPath(templates),
        Path.Combine(Root, "policies"));

    /// <summary>Version of the program.</summary>
    public static string Version { get; } = typeof(Assets).Assembly.GetName().Version?.ToString(3) ?? "0";
}
