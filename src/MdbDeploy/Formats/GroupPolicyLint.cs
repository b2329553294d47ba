using System.Collections.Immutable;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Formats;

/// <summary>Looks into the files of a Group Policy Object for what Windows would skip without an error: for what we render, and for any backup.</summary>
public static class GroupPolicyLint
{
    private static readonly ImmutableArray<string> ScriptEvents = ["Startup", "Shutdown", "Logon", "Logoff"];

    /// <summary>What is wrong with the files, in their order.</summary>
    /// <param name="backup">The policy.</param>
    /// <param name="place">Where its files are, as messages name it.</param>
    public static IEnumerable<Diagnostic> Check(GroupPolicyBackup backup, string place)
    {
        foreach (var twice in Twice(backup, place))
        {
            yield return twice;
        }

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

            foreach (var (command, isScript) in Commands(path, content))
            {
                if (ShortServer(command) is { } server)
                {
                    yield return Problems.ServerShort.At(new Location(file), $"'{command}' names the server '{server}' without its domain.");
                }

                if (isScript && Missing(backup, path, command))
                {
                    yield return Problems.ScriptMissing.At(new Location(file), $"'{command}' is not among the files of the policy.");
                }
            }
        }
    }

    /// <summary>Items with the identifier of another one. What is no XML is told elsewhere.</summary>
    private static IEnumerable<Diagnostic> Twice(GroupPolicyBackup backup, string place)
    {
        var seen = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (path, content) in backup.Files.Where(f => IsPreference(f.Key)))
        {
            var items = XmlContent.Read(content, path, Problems.BackupContentInvalid).Value?.Descendants().Where(e => e.Attribute("uid") is { Value.Length: > 0 } && e.Attribute("clsid") is not null) ?? [];
            foreach (var item in items)
            {
                var (uid, name) = (item.Attribute("uid")!.Value, item.Attribute("name")?.Value ?? item.Name.LocalName);
                if (!seen.TryAdd(uid, name))
                {
                    yield return Problems.PreferenceTwice.At(XmlContent.Where(item, $"{place}/{path}"), $"'{name}' has the uid {uid} of '{seen[uid]}'.");
                }
            }
        }
    }

    /// <summary>What a file starts, and whether it is a script of the policy. What cannot be read is told elsewhere.</summary>
    internal static IEnumerable<(string Command, bool IsScript)> Commands(string path, ReadOnlyMemory<byte> content) => path.Split('/')[^1].ToUpperInvariant() switch
    {
        "SCRIPTS.INI" or "PSSCRIPTS.INI" => ScriptsIni.Read(content.Span, path).Value is { } ini ? [.. new[] { ini.Startup, ini.Shutdown, ini.Logon, ini.Logoff }.SelectMany(c => c).Select(c => (c.CommandLine, true))] : [],
        "SCHEDULEDTASKS.XML" => ScheduledTasks.Read(content, path).Value is { } tasks ? [.. tasks.SelectMany(t => t.Commands).SelectMany(c => new[] { (c.Command, false), (c.Arguments, false) })] : [],
        _ => [],
    };

    // Kerberos, and so the computer's account, needs the full name; addresses are no names either, but are meant.
    private static string? ShortServer(string command) =>
        command.TrimStart('"', ' ') is var text && text.StartsWith(@"\\", StringComparison.Ordinal) && text[2..].Split('\\')[0] is { Length: > 0 } server && !server.Contains('.', StringComparison.Ordinal) && !server.Contains(':', StringComparison.Ordinal) && !server.Contains('%', StringComparison.Ordinal)
            ? server : null;

    /// <summary>Whether a script without a path is in none of the folders of the events.</summary>
    private static bool Missing(GroupPolicyBackup backup, string ini, string command) =>
        !command.Contains(':', StringComparison.Ordinal) && !command.StartsWith('\\') && !command.Contains('%', StringComparison.Ordinal)
        && ScriptEvents.All(name => !backup.Files.ContainsKey($"{ini[..ini.LastIndexOf('/')]}/{name}/{command.Replace('\\', '/')}"));

    private static bool IsPreference(string path) =>
        path.Split('/') is [_, var folder, _, var name] && folder.Equals("Preferences", StringComparison.OrdinalIgnoreCase) && name.EndsWith(".xml", StringComparison.OrdinalIgnoreCase);
}
