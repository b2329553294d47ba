using System.Xml.Linq;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Formats;

/// <summary>
/// The list of backups, <c>manifest.xml</c>, which Group Policy Management shows; an import goes by the <c>bkupInfo.xml</c> of each backup, which says the same. Import-GPO
/// does without the list, so that one that is not there is no finding.
/// </summary>
internal static class GpmcManifest
{
    private const string FileName = "manifest.xml";
    private static readonly XNamespace Namespace = GpmcBackup.ManifestNamespace;

    // Domain and controller are not among them: nothing is found by them.
    private static readonly string[] Compared = ["GPOGuid", "BackupTime", "GPODisplayName"];

    /// <summary>Compares every list with the backups beside it.</summary>
    /// <param name="files">Files by path, with <c>/</c>.</param>
    /// <param name="backups">Folders of the backups, relative, with <c>/</c> at the end.</param>
    /// <param name="root">Where they are, as messages name it.</param>
    public static IEnumerable<Diagnostic> Check(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files, IReadOnlyList<string> backups, string root)
    {
        foreach (var (path, content) in files.Where(f => Same(f.Key.Split('/')[^1], FileName) && !f.Key.Contains("DomainSysvol/", StringComparison.OrdinalIgnoreCase)).OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            var file = $"{root}/{path}";
            var folder = path[..(path.LastIndexOf('/') + 1)];
            var read = XmlContent.Read(content, file, Problems.BackupUnreadable);
            foreach (var diagnostic in read.Value is { } document ? Check(document, file, files, [.. backups.Where(b => IsIn(b, folder))], folder) : read.Diagnostics)
            {
                yield return diagnostic;
            }
        }
    }

    private static IEnumerable<Diagnostic> Check(XDocument list, string file, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files, List<string> backups, string folder)
    {
        var listed = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in list.Descendants(Namespace + "BackupInst"))
        {
            var id = entry.Element(Namespace + "ID")?.Value.Trim() ?? "";
            var where = XmlContent.Where(entry, file);
            if (!listed.Add(id))
            {
                yield return Problems.BackupInconsistent.At(where, $"It lists the backup '{id}' twice.");
            }
            else if (backups.Find(b => Same(b[folder.Length..].TrimEnd('/'), id)) is not { } backup)
            {
                yield return Problems.BackupInconsistent.At(where, $"It lists the backup '{id}' of '{entry.Element(Namespace + "GPODisplayName")?.Value}', which is not there.");
            }
            else if (files.FirstOrDefault(f => Same(f.Key, backup + "bkupInfo.xml")) is { Key: not null } info && XmlContent.Read(info.Value, info.Key, Problems.BackupUnreadable).Value?.Root is { } inst)
            {
                foreach (var name in Compared)
                {
                    var (here, there) = (entry.Element(Namespace + name)?.Value, inst.Element(Namespace + name)?.Value);
                    if (name == "GPOGuid" ? !Same(here ?? "", there ?? "") : here != there)
                    {
                        yield return Problems.BackupInconsistent.At(where, $"Of the backup '{id}' it says the {name} '{here}', and bkupInfo.xml says '{there}'.");
                    }
                }
            }
        }

        foreach (var missing in backups.Select(b => b[folder.Length..].TrimEnd('/')).Where(id => !listed.Contains(id)))
        {
            yield return Problems.BackupInconsistent.At(new Location(file), $"It does not list the backup '{missing}' beside it, which Group Policy Management then does not show.");
        }
    }

    private static bool IsIn(string backup, string folder) =>
        backup.Length > folder.Length && backup.StartsWith(folder, StringComparison.Ordinal) && !backup[folder.Length..].TrimEnd('/').Contains('/', StringComparison.Ordinal);

    private static bool Same(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);
}
