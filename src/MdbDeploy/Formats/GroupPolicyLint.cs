using MdbDeploy.Diagnostics;

namespace MdbDeploy.Formats;

/// <summary>Looks into the files of a Group Policy Object for what Windows would skip without an error: for what we render, and for any backup.</summary>
public static class GroupPolicyLint
{
    /// <summary>What is wrong with the files, in their order.</summary>
    /// <param name="backup">The policy.</param>
    /// <param name="place">Where its files are, as messages name it.</param>
    public static IEnumerable<Diagnostic> Check(GroupPolicyBackup backup, string place)
    {
        foreach (var (path, content) in backup.Files)
        {
            var file = $"{place}/{path}";
            var side = path.StartsWith("User/", StringComparison.OrdinalIgnoreCase) ? GroupPolicySide.User : GroupPolicySide.Machine;
            IEnumerable<Diagnostic> found = path.Split('/')[^1].ToUpperInvariant() switch
            {
                "REGISTRY.POL" => RegistryPol.Read(content.Span, file).Diagnostics,
                "SCRIPTS.INI" or "PSSCRIPTS.INI" => ScriptsIni.Read(content.Span, file).Diagnostics,
                "SCHEDULEDTASKS.XML" => ScheduledTasks.Lint(content, side, file),
                _ when IsPreference(path) => Preferences.Lint(content, side, file),
                _ => [],
            };
            foreach (var diagnostic in found)
            {
                yield return diagnostic;
            }
        }
    }

    private static bool IsPreference(string path) =>
        path.Split('/') is [_, var folder, _, var name] && folder.Equals("Preferences", StringComparison.OrdinalIgnoreCase) && name.EndsWith(".xml", StringComparison.OrdinalIgnoreCase);
}
