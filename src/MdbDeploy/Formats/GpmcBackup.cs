using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Formats;

/// <summary>
/// The folder that Backup-GPO writes and Import-GPO reads: <c>manifest.xml</c>, and for each backup a folder <c>{ID}</c> with <c>bkupInfo.xml</c>, <c>Backup.xml</c>
/// and the files below <c>DomainSysvol\GPO</c>. The format is not documented; this follows what holds for all of 137 backups that Windows made. Same record, same bytes.
/// Reading stands in <see cref="GpmcBackupReader"/>.
/// </summary>
public static class GpmcBackup
{
    // Owner and group Administrators; full control for SYSTEM and Administrators: O:BAG:BAD:(A;;GA;;;SY)(A;;GA;;;BA). Import-GPO leaves the target's own rights.
    private const string SecurityDescriptor =
        "01 00 04 80 14 00 00 00 24 00 00 00 00 00 00 00 34 00 00 00 "
        + "01 02 00 00 00 00 00 05 20 00 00 00 20 02 00 00 "
        + "01 02 00 00 00 00 00 05 20 00 00 00 20 02 00 00 "
        + "02 00 34 00 02 00 00 00 "
        + "00 00 14 00 00 00 00 10 01 01 00 00 00 00 00 05 12 00 00 00 "
        + "00 00 18 00 00 00 00 10 01 02 00 00 00 00 00 05 20 00 00 00 20 02 00 00";

    /// <summary>Name space of manifest.xml and bkupInfo.xml.</summary>
    internal const string ManifestNamespace = "http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest";

    /// <summary>Name space of Backup.xml, of its elements and its attributes alike.</summary>
    internal const string BackupNamespace = "http://www.microsoft.com/GroupPolicy/GPOOperations";

    /// <summary>Folder of the template's files within a backup.</summary>
    internal const string TemplateFolder = "DomainSysvol/GPO/";

    /// <summary>File of the comment within the template: UTF-16LE without byte order mark.</summary>
    internal const string CommentFile = "GPO.cmt";

    /// <summary>The files of a folder with these backups, by path with <c>/</c>. Refuses files whose extension it could not name, since clients would skip them silently.</summary>
    /// <param name="backups">The backups, in the order in which the manifest lists them.</param>
    public static Outcome<IReadOnlyDictionary<string, byte[]>> Write(params IReadOnlyList<GroupPolicyBackup> backups)
    {
        var diagnostics = backups.SelectMany(Check).ToList();
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        if (diagnostics.Count == 0)
        {
            var instances = backups.Select(b => Instance(b, isFirst: ReferenceEquals(b, backups[0])));
            files["manifest.xml"] = Utf8($"<Backups xmlns=\"{ManifestNamespace}\" xmlns:mfst=\"{ManifestNamespace}\" mfst:version=\"1.0\">{string.Concat(instances)}</Backups>");
            foreach (var backup in backups)
            {
                var folder = Braced(backup.BackupId);
                var template = WithComment(backup);
                files[$"{folder}/bkupInfo.xml"] = Utf8(Instance(backup, isFirst: false));
                files[$"{folder}/Backup.xml"] = Utf8(BackupXml(backup, template));
                foreach (var (path, content) in template)
                {
                    files[$"{folder}/{TemplateFolder}{path}"] = content.ToArray();
                }
            }
        }

        return new(files, diagnostics);
    }

    /// <summary>A GUID as these files write it: braces, upper case.</summary>
    internal static string Braced(Guid guid) => guid.ToString("B").ToUpperInvariant();

    private static IEnumerable<Diagnostic> Check(GroupPolicyBackup backup)
    {
        if (backup.GpoGuid == backup.BackupId)
        {
            yield return Problems.BackupContentInvalid.At(Location.Of(backup.DisplayName), "The backup has the identifier of the Group Policy Object itself.");
        }

        foreach (var path in backup.Files.Keys)
        {
            var parts = path.Split('/');
            var problem = parts.Any(p => p.Length == 0 || p is "." or ".." || p.EndsWith('.') || p.EndsWith(' ') || p.Any(c => c < ' ' || "<>:\"|?*\\".Contains(c, StringComparison.Ordinal)))
                ? "is not a path that Windows allows"
                : parts.Length == 1 || !(IsSide(parts[0], GroupPolicySide.Machine) || IsSide(parts[0], GroupPolicySide.User)) ? "stands below neither Machine nor User"
                : ExtensionNames.IsUnknownPreference(path) ? "belongs to a kind of preference that this tool does not know"
                : null;
            if (problem is not null)
            {
                yield return Problems.BackupContentInvalid.At(Location.Of(backup.DisplayName), $"'{path}' {problem}.");
            }
        }
    }

    private static ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> WithComment(GroupPolicyBackup backup) =>
        backup.Comment.Length == 0 ? backup.Files : backup.Files.SetItem(CommentFile, Utf16.ToBytes(backup.Comment));

    private static string Instance(GroupPolicyBackup backup, bool isFirst)
    {
        // Group Policy Management declares the name space again on each instance but the manifest's first.
        var space = isFirst ? "" : $" xmlns=\"{ManifestNamespace}\"";
        var domainGuid = StableGuid.Of("", $"domain {backup.Domain?.ToLowerInvariant()}").ToString("B");
        return $"<BackupInst{space}><GPOGuid>{CData(Braced(backup.GpoGuid))}</GPOGuid><GPODomain>{CData(backup.Domain ?? "")}</GPODomain>"
            + $"<GPODomainGuid>{CData(domainGuid)}</GPODomainGuid><GPODomainController>{CData(NoServer)}</GPODomainController>"
            + $"<BackupTime>{CData(backup.BackupTime.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture))}</BackupTime>"
            + $"<ID>{CData(Braced(backup.BackupId))}</ID><Comment>{CData(backup.Comment)}</Comment><GPODisplayName>{CData(backup.DisplayName)}</GPODisplayName></BackupInst>";
    }

    // No domain controller made this backup, and none needs to be reached to import it.
    private const string NoServer = "UNKNOWN";

    private static string BackupXml(GroupPolicyBackup backup, ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> template)
    {
        var xml = new StringBuilder("<?xml version=\"1.0\" encoding=\"utf-8\"?>");
        xml.Append(CultureInfo.InvariantCulture, $"<GroupPolicyBackupScheme bkp:version=\"2.0\" bkp:type=\"GroupPolicyBackupTemplate\" xmlns:bkp=\"{BackupNamespace}\" xmlns=\"{BackupNamespace}\">\n");
        xml.Append("    <GroupPolicyObject><SecurityGroups/><FilePaths/><GroupPolicyCoreSettings>");
        xml.Append(CultureInfo.InvariantCulture, $"<ID>{CData(Braced(backup.GpoGuid))}</ID><Domain>{CData(backup.Domain ?? "")}</Domain>");
        xml.Append(CultureInfo.InvariantCulture, $"<SecurityDescriptor>{SecurityDescriptor}</SecurityDescriptor><DisplayName>{CData(backup.DisplayName)}</DisplayName>");
        xml.Append(CultureInfo.InvariantCulture, $"<Options>{CData($"{(int)backup.Options}")}</Options><UserVersionNumber>{CData($"{backup.UserVersion}")}</UserVersionNumber>");
        xml.Append(CultureInfo.InvariantCulture, $"<MachineVersionNumber>{CData($"{backup.MachineVersion}")}</MachineVersionNumber>");
        xml.Append(Extensions("MachineExtensionGuids", GroupPolicySide.Machine)).Append(Extensions("UserExtensionGuids", GroupPolicySide.User));
        xml.Append("<WMIFilter/></GroupPolicyCoreSettings>\n");
        new FileList(xml, backup).Append(template.Keys);
        return xml.Append("</GroupPolicyObject>\n</GroupPolicyBackupScheme>").ToString();

        string Extensions(string element, GroupPolicySide side) =>
            ExtensionNames.Of(template, side) is { Length: > 0 } names ? $"<{element}>{CData(names)}</{element}>" : $"<{element}/>";
    }

    /// <summary>
    /// The part of Backup.xml that lists the files: registry.pol under Registry, scripts under Scripts, everything else under "Unknown Extension", folders before
    /// what they hold. Preferences are not listed under their own extensions.
    /// </summary>
    private sealed class FileList(StringBuilder xml, GroupPolicyBackup backup)
    {
        private static readonly (GroupPolicySide Side, string Event)[] ScriptEvents =
            [(GroupPolicySide.Machine, "Startup"), (GroupPolicySide.Machine, "Shutdown"), (GroupPolicySide.User, "Logon"), (GroupPolicySide.User, "Logoff")];

        public void Append(IEnumerable<string> paths)
        {
            var all = paths.Order(StringComparer.OrdinalIgnoreCase).ToList();
            var registry = all.Where(IsRegistry).ToList();
            Block(ExtensionNames.Registry, "Registry", () =>
            {
                registry.ForEach(path => File(path));
                Element("FSObjectFile", "Adm/*.*", null, null);
            });

            var security = all.Where(IsSecurity).ToList();
            if (security.Count > 0)
            {
                Block("{827D319E-6EAC-11D2-A4EA-00C04F79F83A}", "Security", () => security.ForEach(path => File(path, "SecurityValidateSettings")));
            }

            var scripts = all.Where(IsScript).ToList();
            if (scripts.Count > 0)
            {
                Block("{42B5FAAE-6536-11d2-AE5A-0000F87571E3}", "Scripts", () => Scripts(scripts));
            }

            Block("{F15C46CD-82A0-4C2D-A210-5D0D3182A418}", "Unknown Extension", () => Others(all, ""));
        }

        private void Scripts(List<string> scripts)
        {
            foreach (var ini in scripts.Where(IsScriptsIni))
            {
                File(ini, ini.EndsWith("/scripts.ini", StringComparison.OrdinalIgnoreCase) ? "ScriptsValidatePaths" : null);
            }

            // Folders and files of each event stand inside an element with a wildcard, which stays when there are none.
            foreach (var (side, name) in ScriptEvents)
            {
                var folder = $"{side}/Scripts/{name}";
                var files = scripts.Where(path => path.StartsWith(folder + "/", StringComparison.OrdinalIgnoreCase)).ToList();
                var folders = files.SelectMany(FoldersOf).Where(f => f.Length >= folder.Length).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
                Element("FSObjectDir", folder + "/*", null, null, folders.Count == 0 ? null : () => folders.ForEach(Folder));
                Element("FSObjectFile", folder + "/*", null, null, files.Count == 0 ? null : () => files.ForEach(path => File(path)));
            }
        }

        /// <summary>Depth first by name, without Machine and User themselves; the folders of files that other blocks list stand here too, but for those of scripts.</summary>
        private void Others(List<string> paths, string prefix)
        {
            var names = paths.Where(path => path.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                .Select(path => path[prefix.Length..].Split('/')[0]).Distinct(StringComparer.OrdinalIgnoreCase);
            foreach (var path in names.Select(name => prefix + name))
            {
                if (paths.Contains(path, StringComparer.OrdinalIgnoreCase))
                {
                    if (!IsRegistry(path) && !IsSecurity(path) && !IsScript(path))
                    {
                        File(path);
                    }
                }
                else if (!IsScript(path + "/"))
                {
                    if (prefix.Length > 0)
                    {
                        Folder(path);
                    }

                    Others(paths, path + "/");
                }
            }
        }

        private void Block(string id, string name, Action content)
        {
            xml.Append(CultureInfo.InvariantCulture, $"        <GroupPolicyExtension bkp:ID=\"{id}\" bkp:DescName=\"{name}\">\n");
            content();
            xml.Append("        </GroupPolicyExtension>\n");
        }

        private void File(string path, string? function = null) => Element("FSObjectFile", path, function, TemplateFolder + path);

        private void Folder(string path) => Element("FSObjectDir", path, null, TemplateFolder + path);

        private void Element(string name, string path, string? function, string? location, Action? content = null)
        {
            var rest = path.Split('/', 2);
            var variable = rest.Length == 1 ? null : IsSide(rest[0], GroupPolicySide.Machine) ? "%GPO_MACH_FSPATH%" : IsSide(rest[0], GroupPolicySide.User) ? "%GPO_USER_FSPATH%" : null;
            var (root, below) = variable is null ? ("%GPO_FSPATH%", path) : (variable, rest[1]);
            xml.Append(CultureInfo.InvariantCulture, $"            <{name} bkp:Path=\"{Attribute($"{root}/{below}")}\"");
            xml.Append(CultureInfo.InvariantCulture, $" bkp:SourceExpandedPath=\"{Attribute($"//{NoServer}/sysvol/{backup.Domain ?? NoServer}/Policies/{Braced(backup.GpoGuid)}/{path}")}\"");
            xml.Append(function is null ? "" : $" bkp:ReEvaluateFunction=\"{function}\"");
            xml.Append(location is null ? "" : $" bkp:Location=\"{Attribute(location)}\"");
            if (content is null)
            {
                xml.Append("/>\n");
            }
            else
            {
                xml.Append(">\n");
                content();
                xml.Append(CultureInfo.InvariantCulture, $"            </{name}>\n");
            }
        }

        private static string Attribute(string path) => Xml(path.Replace('/', '\\'));

        private static IEnumerable<string> FoldersOf(string path)
        {
            for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = path.IndexOf('/', slash + 1))
            {
                yield return path[..slash];
            }
        }

        private static bool IsRegistry(string path) => path.Split('/') is [_, var file] && file.Equals("registry.pol", StringComparison.OrdinalIgnoreCase);

        private static bool IsSecurity(string path) => path.EndsWith("/SecEdit/GptTmpl.inf", StringComparison.OrdinalIgnoreCase);

        private static bool IsScriptsIni(string path) =>
            path.Split('/') is [_, var folder, var file] && folder.Equals("Scripts", StringComparison.OrdinalIgnoreCase)
            && (file.Equals("scripts.ini", StringComparison.OrdinalIgnoreCase) || file.Equals("psscripts.ini", StringComparison.OrdinalIgnoreCase));

        private static bool IsScript(string path) => IsScriptsIni(path)
            || ScriptEvents.Any(e => path.StartsWith($"{e.Side}/Scripts/{e.Event}/", StringComparison.OrdinalIgnoreCase));
    }

    private static bool IsSide(string folder, GroupPolicySide side) => folder.Equals(side.ToString(), StringComparison.OrdinalIgnoreCase);

    private static byte[] Utf8(string text) => new UTF8Encoding(encoderShouldEmitUTF8Identifier: false).GetBytes(text);

    private static string CData(string text) => $"<![CDATA[{XmlContent.Clean(text).Replace("]]>", "]]]]><![CDATA[>", StringComparison.Ordinal)}]]>";

    private static string Xml(string text) => XmlContent.Clean(text)
        .Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace("\"", "&quot;", StringComparison.Ordinal);
}
