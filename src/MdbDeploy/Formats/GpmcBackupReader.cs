using System.Collections.Immutable;
using System.Globalization;
using System.Xml.Linq;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Formats;

/// <summary>Reads backups that Windows, LGPO.exe or this tool made. What a backup says about rights, links and filters is passed over.</summary>
public static class GpmcBackupReader
{
    private static readonly XNamespace Manifest = GpmcBackup.ManifestNamespace;
    private static readonly XNamespace Backup = GpmcBackup.BackupNamespace;

    /// <summary>Reads every backup in a zip archive, without unpacking it.</summary>
    /// <param name="file">The archive.</param>
    public static Outcome<IReadOnlyList<GroupPolicyBackup>> ReadArchive(string file)
    {
        try
        {
            var files = GpmcBackupArchive.Read(File.ReadAllBytes(file), file);
            return files.Succeeded(out var found) ? Read(found, file, Path.GetFileNameWithoutExtension(file)) : new(null, files.Diagnostics);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            return new(null, [Problems.BackupUnreadable.At(new Location(file), failed.Message)]);
        }
    }

    /// <summary>Reads every backup below a folder of the disk. Links are not followed.</summary>
    /// <param name="folder">A backup's own folder, or one above it.</param>
    public static Outcome<IReadOnlyList<GroupPolicyBackup>> ReadFolder(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return new(null, [Problems.BackupUnreadable.At(new Location(folder), "The folder does not exist.")]);
        }

        // bkupInfo.xml and manifest.xml carry the hidden attribute on Windows, which an enumeration skips by default.
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = false };
        try
        {
            var files = Directory.EnumerateFiles(folder, "*", options).ToDictionary(
                file => Path.GetRelativePath(folder, file).Replace(Path.DirectorySeparatorChar, '/'),
                file => (ReadOnlyMemory<byte>)File.ReadAllBytes(file), StringComparer.Ordinal);

            // The folder may be a backup's own; then its name, which is the backup's identifier, is part of what was given.
            return Read(files, folder, Path.GetFileName(Path.GetFullPath(Path.TrimEndingDirectorySeparator(folder))));
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            return new(null, [Problems.BackupUnreadable.At(new Location(folder), failed.Message)]);
        }
    }

    /// <summary>Reads every backup among some files.</summary>
    /// <param name="files">Files by path, with <c>/</c>.</param>
    /// <param name="root">Where they are, as messages name it.</param>
    /// <param name="rootName">Name of the folder that the paths are relative to; matters only when that folder is a backup itself.</param>
    public static Outcome<IReadOnlyList<GroupPolicyBackup>> Read(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files, string root, string rootName = "")
    {
        var diagnostics = new List<Diagnostic>();
        var folders = files.Keys.Where(path => Same(path.Split('/')[^1], "Backup.xml") || Same(path.Split('/')[^1], "bkupInfo.xml"))
            .Where(path => !path.Contains("DomainSysvol/", StringComparison.OrdinalIgnoreCase))
            .Select(path => path[..(path.LastIndexOf('/') + 1)]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (folders.Count == 0)
        {
            diagnostics.Add(Problems.BackupUnreadable.At(new Location(root), "No Backup.xml was found here."));
        }

        var backups = folders.Select(folder =>
        {
            var content = new SortedDictionary<string, ReadOnlyMemory<byte>>(StringComparer.OrdinalIgnoreCase);
            foreach (var (path, bytes) in files.Where(file => file.Key.StartsWith(folder, StringComparison.Ordinal)).OrderBy(file => file.Key, StringComparer.Ordinal))
            {
                content.TryAdd(path[folder.Length..], bytes);
            }

            var name = folder.Length == 0 ? rootName : folder.TrimEnd('/').Split('/')[^1];
            return new OneBackup(content, $"{root}/{folder}".TrimEnd('/'), name, diagnostics).Read();
        }).OfType<GroupPolicyBackup>().ToList();
        diagnostics.AddRange(GpmcManifest.Check(files, folders, root));
        return new(backups, diagnostics);
    }

    private static readonly string[] InfoOrder = ["GPOGuid", "GPODomain", "GPODomainGuid", "GPODomainController", "BackupTime", "ID", "Comment", "GPODisplayName"];

    private static readonly string[] CoreOrder =
    [
        "ID", "Domain", "SecurityDescriptor", "DisplayName", "Options", "UserVersionNumber", "MachineVersionNumber", "MachineExtensionGuids", "UserExtensionGuids", "WMIFilter", "WMIFilterName",
    ];

    private sealed class OneBackup(SortedDictionary<string, ReadOnlyMemory<byte>> files, string place, string folderName, List<Diagnostic> diagnostics)
    {
        public GroupPolicyBackup? Read()
        {
            var scheme = Load("Backup.xml");
            var core = scheme?.Descendants(Backup + "GroupPolicyCoreSettings").FirstOrDefault();
            if (scheme is null || core is null)
            {
                if (scheme is not null)
                {
                    diagnostics.Add(Problems.BackupUnreadable.At(new Location($"{place}/Backup.xml"), "It has no GroupPolicyCoreSettings."));
                }

                return null;
            }

            var info = files.ContainsKey("bkupInfo.xml") ? Load("bkupInfo.xml") : null;
            var gpoText = core.Element(Backup + "ID")?.Value ?? "";
            var backupText = info?.Element(Manifest + "ID")?.Value ?? folderName;
            if (!Guid.TryParse(gpoText, out var gpo) || !Guid.TryParse(backupText, out var id))
            {
                diagnostics.Add(Problems.BackupUnreadable.At(new Location($"{place}/Backup.xml"), "The identifier of the Group Policy Object or of the backup is not a GUID."));
                return null;
            }

            CheckIdentity(info, gpoText, backupText);
            CheckOrder(core, info);
            var template = Template(out var comment);
            CheckListing(scheme);
            CheckVersions(core, template);
            CheckExtensions(core, template);
            var time = info?.Element(Manifest + "BackupTime")?.Value;
            return new GroupPolicyBackup
            {
                DisplayName = core.Element(Backup + "DisplayName")?.Value ?? info?.Element(Manifest + "GPODisplayName")?.Value ?? "",
                Comment = comment,
                Domain = core.Element(Backup + "Domain")?.Value is { Length: > 0 } domain ? domain : null,
                GpoGuid = gpo,
                BackupId = id,
                BackupTime = DateTimeOffset.TryParseExact(time, "yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var made) ? made : default,
                Options = (GroupPolicyOptions)(Number(core, "Options") & 3),
                MachineVersion = Number(core, "MachineVersionNumber"),
                UserVersion = Number(core, "UserVersionNumber"),
                Files = template,
            };
        }

        private XElement? Load(string name)
        {
            if (!files.TryGetValue(name, out var content))
            {
                diagnostics.Add(Problems.BackupUnreadable.At(new Location($"{place}/{name}"), $"{name} is missing."));
                return null;
            }

            var document = XmlContent.Read(content, $"{place}/{name}", Problems.BackupUnreadable);
            diagnostics.AddRange(document.Diagnostics);
            return document.Value?.Root;
        }

        private void CheckIdentity(XElement? info, string gpo, string backup)
        {
            if (info is null)
            {
                Inconsistent("bkupInfo.xml", "bkupInfo.xml is missing: Import-GPO does not find the backup without it.");
            }
            else if (!Same(info.Element(Manifest + "GPOGuid")?.Value ?? "", gpo))
            {
                Inconsistent("bkupInfo.xml", "It names another Group Policy Object than Backup.xml.");
            }

            if (Same(backup, gpo))
            {
                Inconsistent("bkupInfo.xml", "The backup has the identifier of the Group Policy Object itself.");
            }

            if (!Same(backup, folderName))
            {
                Inconsistent("bkupInfo.xml", $"The backup's identifier is {backup}, its folder is called '{folderName}'.");
            }
        }

        /// <summary>The template's files. GPT.INI, which LGPO.exe adds, belongs to one template's place and not to its settings; the comment is a text.</summary>
        private ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> Template(out string comment)
        {
            var template = GroupPolicyBackup.NoFiles.ToBuilder();
            foreach (var (path, content) in files.Where(file => file.Key.StartsWith(GpmcBackup.TemplateFolder, StringComparison.OrdinalIgnoreCase)))
            {
                template[path[GpmcBackup.TemplateFolder.Length..]] = content;
            }

            comment = template.TryGetValue(GpmcBackup.CommentFile, out var text) ? Utf16.ToText(text.Span) : "";
            template.Remove(GpmcBackup.CommentFile);
            template.Remove("GPT.INI");
            return template.ToImmutable();
        }

        private void CheckListing(XElement scheme)
        {
            var locations = scheme.Descendants(Backup + "FSObjectFile").Select(file => file.Attribute(Backup + "Location")?.Value.Replace('\\', '/')).OfType<string>().ToList();
            var listed = locations.ToHashSet(StringComparer.OrdinalIgnoreCase);
            foreach (var path in locations.GroupBy(path => path, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1).Select(group => group.Key).Order(StringComparer.Ordinal))
            {
                Inconsistent("Backup.xml", $"It lists '{path}' twice.");
            }

            foreach (var path in listed.Where(path => !files.ContainsKey(path)).Order(StringComparer.Ordinal))
            {
                Inconsistent("Backup.xml", $"It lists '{path}', which is not there.");
            }

            foreach (var path in files.Keys.Where(path => path.StartsWith(GpmcBackup.TemplateFolder, StringComparison.OrdinalIgnoreCase) && !listed.Contains(path) && !Same(path.Split('/')[^1], "GPT.INI")))
            {
                Inconsistent("Backup.xml", $"It does not list '{path}', which Import-GPO will leave behind.");
            }
        }

        private void CheckExtensions(XElement core, ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> template)
        {
            foreach (var (side, element) in new[] { (GroupPolicySide.Machine, "MachineExtensionGuids"), (GroupPolicySide.User, "UserExtensionGuids") })
            {
                var text = core.Element(Backup + element)?.Value.Trim() ?? "";
                var named = ExtensionNames.Parse(text).ToList();
                var needed = ExtensionNames.Parse(ExtensionNames.Of(template, side)).ToList();
                foreach (var missing in needed.Select(pair => pair.Extension).Distinct().Where(extension => named.All(pair => pair.Extension != extension)))
                {
                    diagnostics.Add(Problems.ExtensionNotNamed.At(Where, $"{element} lacks {missing}, which the files of the {side} side need."));
                }

                // Group Policy Management finds the preferences to show by the tools of the first pair.
                foreach (var (_, tool) in needed.Where(pair => pair.Extension == ExtensionNames.AnyPreference && named.Any(n => n.Extension == pair.Extension) && !named.Contains(pair)))
                {
                    diagnostics.Add(Problems.ExtensionNotNamed.At(Where, $"{element} lacks the tool {tool} among those of {ExtensionNames.AnyPreference}."));
                }

                foreach (var fault in ExtensionNames.Faults(text))
                {
                    diagnostics.Add(Problems.ExtensionNamesWrong.At(Where, $"{element} {fault}."));
                }
            }
        }

        /// <summary>The order of elements, which is the same in every backup that Windows made.</summary>
        private void CheckOrder(XElement core, XElement? info)
        {
            foreach (var (element, file, names) in new[] { (core, "Backup.xml", CoreOrder), (info, "bkupInfo.xml", InfoOrder) })
            {
                var places = element?.Elements().Select(e => Array.IndexOf(names, e.Name.LocalName)).ToList() ?? [];
                if (places.Contains(-1) || !places.SequenceEqual(places.Distinct().Order()))
                {
                    Inconsistent(file, $"The elements of {element!.Name.LocalName} are not those that Windows writes, in its order: {string.Join(", ", names)}.");
                }
            }
        }

        /// <summary>What keeps a side from being applied: it is switched off, or its version in a GPT.INI, which only LGPO.exe puts into a backup, is 0.</summary>
        private void CheckVersions(XElement core, ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> template)
        {
            var options = Number(core, "Options");
            var ini = files.TryGetValue(GpmcBackup.TemplateFolder + "GPT.INI", out var content) ? GptIni.Read(content.Span, $"{place}/{GpmcBackup.TemplateFolder}GPT.INI") : null;
            foreach (var (side, off) in new[] { (GroupPolicySide.Machine, GroupPolicyOptions.ComputerDisabled), (GroupPolicySide.User, GroupPolicyOptions.UserDisabled) })
            {
                var isUsed = ExtensionNames.Of(template, side).Length > 0;
                if (isUsed && ((GroupPolicyOptions)options & off) != 0)
                {
                    diagnostics.Add(Problems.SideSwitchedOff.At(Where, $"The {side} side has settings and is switched off (Options {options})."));
                }

                if (isUsed && ini?.Value is { } version && (side == GroupPolicySide.Machine ? version.MachineVersion : version.UserVersion) == 0)
                {
                    diagnostics.Add(Problems.VersionZero.At(new Location($"{place}/{GpmcBackup.TemplateFolder}GPT.INI"), $"The version of the {side} side is 0, so that clients skip its settings."));
                }
            }

            if (core.Element(Backup + "WMIFilter")?.Value is { Length: > 0 })
            {
                diagnostics.Add(Problems.FilterNotCarried.At(Where, $"It had the WMI filter '{core.Element(Backup + "WMIFilterName")?.Value}'."));
            }
        }

        private Location Where => new($"{place}/Backup.xml");

        private void Inconsistent(string file, string message) => diagnostics.Add(Problems.BackupInconsistent.At(new Location($"{place}/{file}"), message));

        private static uint Number(XElement core, string name) =>
            uint.TryParse(core.Element(Backup + name)?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }

    private static bool Same(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);
}
