namespace MdbDeploy.Cli;

/// <summary>The data that ships with the program: templates/ and policies/, beside the executable.</summary>
/// <param name="Templates">Folder of the channels, the project scaffold and the report.</param>
/// <param name="Policies">Folder of the settings catalogue and the presets.</param>
internal sealed record Assets(string Templates, string Policies)
{
    /// <summary>The data in a folder that holds both.</summary>
    public static Assets In(string folder) => new(Path.Combine(folder, "templates"), Path.Combine(folder, "policies"));

    /// <summary>The shipped data, with another templates folder where the user names one.</summary>
    public static Assets Find(string? templates) =>
        templates is null ? In(AppContext.BaseDirectory) : In(AppContext.BaseDirectory) with { Templates = Path.GetFullPath(templates) };

    /// <summary>Version of the program.</summary>
    public static string Version { get; } = typeof(Assets).Assembly.GetName().Version?.ToString(3) ?? "0";
}
