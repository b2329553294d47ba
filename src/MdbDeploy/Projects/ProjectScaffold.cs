using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Projects;

/// <summary>
/// Writes the sample project that <c>mdbdeploy new</c> and <c>mdbdeploy up --lab</c> start from: settings, an inventory with the flaws of real exports, and
/// synthetic packages. Its texts stand in templates/project; dates in them are written <c>{{today-3:yyyy-MM-dd}}</c>, so that no device of the sample ever goes stale
/// that is not meant to.
/// </summary>
public static partial class ProjectScaffold
{
    // As the real exports are: Windows line ends, and a byte order mark where the Intune portal writes one.
    private static readonly (string Path, string Template, bool IsExport, bool HasMark)[] Texts =
    [
        (".gitignore", "gitignore", false, false),
        ("README.md", "README.md", false, false),
        ("inventory/ad-computers.csv", "inventory/ad-computers.csv", true, false),
        ("inventory/configmgr-devices.csv", "inventory/configmgr-devices.csv", true, false),
        ("inventory/intune-export.csv", "inventory/intune-export.csv", true, true),
        ("inventory/sites.csv", "inventory/sites.csv", true, false),
        ("mdbdeploy.schema.json", "mdbdeploy.schema.json", false, false),
        ("mdbdeploy.yaml", "mdbdeploy.yaml", false, false),
        ("policies/exceptions.yaml", "policies/exceptions.yaml", false, false),
    ];

    /// <summary>Writes the sample project. The same day gives the same bytes everywhere.</summary>
    /// <param name="folder">Folder to make; it must be empty (but for <c>.git</c>) or not exist.</param>
    /// <param name="templates">The folder templates/project.</param>
    /// <param name="presetSchema">The JSON schema of policy presets, which editors use.</param>
    /// <param name="now">The moment the sample's dates count back from.</param>
    /// <returns>The files written, relative to the folder with <c>/</c>, in order.</returns>
    public static Outcome<IReadOnlyList<string>> Write(string folder, string templates, string presetSchema, DateTimeOffset now)
    {
        try
        {
            if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any(entry => Path.GetFileName(entry) != ".git")))
            {
                return new(null, [Problems.ScaffoldFolderIsNotEmpty.At(new Location(folder), $"'{folder}' is not an empty folder.")]);
            }

            // All is made before the first file is written. The settings come last: what lacks them is no project, only a folder that was left half-way.
            var files = Make(templates, presetSchema, now);
            foreach (var (path, content) in files)
            {
                WriteFile(Path.Combine(folder, path.Replace('/', Path.DirectorySeparatorChar)), content, isSecret: path.StartsWith("packages/", StringComparison.Ordinal));
            }

            return new(files.Select(file => file.Path).ToList(), []);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return new(null, [Problems.ScaffoldCannotBeWritten.At(new Location(folder), failed.Message)]);
        }
    }

    /// <summary>The files of the sample project, in ordinal order but for the settings, which come last.</summary>
    /// <exception cref="IOException">The templates are not there.</exception>
    internal static IReadOnlyList<(string Path, byte[] Content)> Make(string templates, string presetSchema, DateTimeOffset now)
    {
        string text(string path) => File.ReadAllText(Path.Combine(templates, path.Replace('/', Path.DirectorySeparatorChar)), Encoding.UTF8).ReplaceLineEndings("\n");
        var packages = SyntheticPackages.Of(name => text($"packages/{name}"), now).Select(package => ($"packages/{package.Name}", package.Content));
        return
        [
            .. Texts.Select(file => (file.Path, Bytes(WithDates(text(file.Template), now), file.IsExport, file.HasMark)))
                .Append(($"policies/{Path.GetFileName(presetSchema)}", File.ReadAllBytes(presetSchema))).Concat(packages)
                .OrderBy(file => file.Item1 == "mdbdeploy.yaml").ThenBy(file => file.Item1, StringComparer.Ordinal),
        ];
    }

    private static string WithDates(string text, DateTimeOffset now) => DaysAgo.Replace(text, match =>
        now.UtcDateTime.Date.AddDays(-int.Parse(match.Groups["days"].ValueSpan, CultureInfo.InvariantCulture)).ToString(match.Groups["format"].Value, CultureInfo.InvariantCulture));

    private static byte[] Bytes(string text, bool isExport, bool hasMark) =>
        new UTF8Encoding(false).GetBytes((hasMark ? "\uFEFF" : "") + (isExport ? text.Replace("\n", "\r\n", StringComparison.Ordinal) : text));

    private static void WriteFile(string path, byte[] content, bool isSecret)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (isSecret && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var stream = new FileStream(path, options);
        stream.Write(content);
    }

    [GeneratedRegex(@"\{\{today-(?<days>\d{1,4}):(?<format>[^}]+)\}\}", RegexOptions.CultureInvariant)]
    private static partial Regex DaysAgo { get; }
}
