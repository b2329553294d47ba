using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using MdbDeploy.Diagnostics;
using MdbDeploy.Formats;

namespace MdbDeploy.Policies;

/// <summary>The way a policy reaches devices.</summary>
public enum PolicyChannel
{
    /// <summary>Group Policy: a backup, a registry.pol or an LGPO text.</summary>
    GroupPolicy,

    /// <summary>Intune: a settings catalogue policy or a custom profile.</summary>
    Intune,

    /// <summary>Configuration Manager: an antimalware policy.</summary>
    ConfigurationManager,
}

/// <summary>A policy that somebody made elsewhere.</summary>
/// <param name="Name">Its name, or its file's.</param>
/// <param name="Channel">How it reaches devices.</param>
/// <param name="Reading">What was understood.</param>
public sealed record ImportedPolicy(string Name, PolicyChannel Channel, PolicyReading Reading)
{
    /// <summary>Windows services and drivers that it switches off.</summary>
    public ImmutableArray<string> DisabledServices { get; init; } = [];

    /// <summary>Registry values that it sets (key and name, without the hive), understood or not.</summary>
    public ImmutableArray<string> RegistryValues { get; init; } = [];
}

/// <summary>Reads policies in the forms of every channel; what a file is, is seen by its content.</summary>
public static class PolicyImport
{
    // Real backups and exports are far below.
    private const long LargestFile = 64L << 20;

    private const string RegistryPolicy = "Machine/registry.pol";
    private const string Preferences = "Machine/Preferences/Registry/Registry.xml";

    private static readonly string[] Extensions = [".json", ".xml", ".pol", ".txt", ".lgpo"];

    /// <summary>Reads a file, a folder of files, or a folder of Group Policy backups.</summary>
    /// <param name="path">File or folder.</param>
    /// <param name="settings">The catalogue.</param>
    public static Outcome<IReadOnlyList<ImportedPolicy>> Read(string path, ImmutableSortedDictionary<string, PolicySetting> settings)
    {
        try
        {
            if (!Directory.Exists(path))
            {
                return ReadFile(path, settings);
            }

            var anywhere = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = false, MatchCasing = MatchCasing.CaseInsensitive };
            if (Directory.EnumerateFiles(path, "Backup.xml", anywhere).Any())
            {
                var backups = GpmcBackupReader.ReadFolder(path);
                return new(backups.Value?.Select(backup => OfBackup(backup, settings)).ToList(), backups.Diagnostics);
            }

            var files = Directory.EnumerateFiles(path).Where(file => Extensions.Contains(Path.GetExtension(file).ToLowerInvariant())).Order(StringComparer.Ordinal).Select(file => ReadFile(file, settings)).ToList();
            return files.Count == 0
                ? new(null, [Problems.PolicyFileUnreadable.At(new Location(path), $"The folder holds neither a Group Policy backup nor a file of {string.Join(", ", Extensions)}.")])
                : new([.. files.SelectMany(file => file.Value ?? [])], [.. files.SelectMany(file => file.Diagnostics)]);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return new(null, [Problems.PolicyFileUnreadable.At(new Location(path), failed.Message)]);
        }
    }

    private static ImportedPolicy OfBackup(GroupPolicyBackup backup, ImmutableSortedDictionary<string, PolicySetting> settings)
    {
        var diagnostics = new List<Diagnostic>();
        var entries = new List<RegistryPolicyEntry>();
        foreach (var (path, content) in backup.Files)
        {
            var at = new Location($"{backup.DisplayName}/{path}");
            if (string.Equals(path, RegistryPolicy, StringComparison.OrdinalIgnoreCase))
            {
                var policy = RegistryPol.Read(content.Span, $"{backup.DisplayName}/registry.pol");
                diagnostics.AddRange(policy.Diagnostics);
                entries.AddRange(policy.Value ?? []);
            }
            else if (string.Equals(path, Preferences, StringComparison.OrdinalIgnoreCase))
            {
                entries.AddRange(OfPreferences(content, at, diagnostics));
            }
            else if (!path.EndsWith(".cmt", StringComparison.OrdinalIgnoreCase) && !path.EndsWith("GPT.INI", StringComparison.OrdinalIgnoreCase))
            {
                diagnostics.Add(Problems.PolicyNotUnderstood.At(at, $"'{path}' holds no registry settings."));
            }
        }

        return OfEntries(backup.DisplayName, entries, diagnostics, settings) with { DisabledServices = DisabledServices.In(backup.Files, entries) };
    }

    // Registry preferences of the computer side, as far as they are what a policy would write on every computer.
    private static List<RegistryPolicyEntry> OfPreferences(ReadOnlyMemory<byte> content, Location at, List<Diagnostic> diagnostics)
    {
        var items = RegistryPreferences.Read(content, at.File ?? Preferences);
        diagnostics.AddRange(items.Diagnostics);
        var entries = new List<RegistryPolicyEntry>();
        foreach (var item in items.Value ?? [])
        {
            var why = item.IsDisabled ? "is switched off"
                : item.Action == PreferenceAction.Delete ? "takes something away"
                : !item.Filters.IsEmpty ? "applies to some devices only"
                : item.Hive != "HKEY_LOCAL_MACHINE" ? "is not of HKEY_LOCAL_MACHINE"
                : null;
            if (why is null)
            {
                entries.Add(item.Value);
            }
            else
            {
                var name = PolicyDraft.Plain($@"{item.Value.Key}\{item.Value.ValueName}");
                diagnostics.Add(Problems.PolicyNotUnderstood.At(at with { Subject = name }, $"The preference '{name}' {why}."));
            }
        }

        return entries;
    }

    private static ImportedPolicy OfEntries(string name, IReadOnlyList<RegistryPolicyEntry> entries, IReadOnlyList<Diagnostic> diagnostics, ImmutableSortedDictionary<string, PolicySetting> settings)
    {
        var reading = RegistryChannel.Read(entries, settings, name);
        return new(name, PolicyChannel.GroupPolicy, reading with { Diagnostics = [.. diagnostics, .. reading.Diagnostics] })
        {
            DisabledServices = DisabledServices.In(GroupPolicyBackup.NoFiles, entries),
            RegistryValues = [.. entries.Select(entry => $@"{entry.Key}\{entry.ValueName}")],
        };
    }

    private static Outcome<IReadOnlyList<ImportedPolicy>> ReadFile(string path, ImmutableSortedDictionary<string, PolicySetting> settings)
    {
        if (new FileInfo(path) is { Exists: true, Length: > LargestFile })
        {
            return new(null, [Problems.PolicyFileUnreadable.At(new Location(path), "It is larger than any policy.")]);
        }

        var content = File.ReadAllBytes(path);
        var name = Path.GetFileName(path);
        if (content.AsSpan().StartsWith("PReg"u8))
        {
            var policy = RegistryPol.Read(content, path);
            return new(policy.Value is { } entries ? [OfEntries(name, entries, [], settings)] : null, policy.Diagnostics);
        }

        var text = new StreamReader(new MemoryStream(content), Encoding.UTF8, detectEncodingFromByteOrderMarks: true).ReadToEnd();
        switch (text.TrimStart().FirstOrDefault())
        {
            case '{' or '[':
                return ReadJson(text, name, path, settings);
            case '<':
                var antimalware = AntimalwareXml.Read(content, settings, path);
                return new([new ImportedPolicy(name, PolicyChannel.ConfigurationManager, antimalware)], [.. antimalware.Diagnostics.Where(d => d.Severity == Severity.Error)]);
            case '\0':
                return new(null, [Problems.PolicyFileUnreadable.At(new Location(path), "It is empty, or no text and no registry.pol.")]);
            default:
                var lgpo = LgpoText.Read(text, path);
                return new(lgpo.Value is { } both ? [OfEntries(name, both.Computer, [], settings)] : null, lgpo.Diagnostics);
        }
    }

    private static Outcome<IReadOnlyList<ImportedPolicy>> ReadJson(string text, string name, string path, ImmutableSortedDictionary<string, PolicySetting> settings)
    {
        JsonNode? root;
        try
        {
            root = JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 64 });
        }
        catch (JsonException broken)
        {
            return new(null, [Problems.PolicyFileUnreadable.At(new Location(path, (int)(broken.LineNumber ?? 0) + 1, (int)(broken.BytePositionInLine ?? 0) + 1), "It is no JSON.")]);
        }
        catch (ArgumentException)
        {
            return new(null, [Problems.PolicyFileUnreadable.At(new Location(path), "An object in it has the same key twice.")]);
        }

        // One policy, a page of Graph, an array of policies, or a request as this tool renders it.
        var policies = (root as JsonArray ?? (root as JsonObject)?["value"] as JsonArray)?.OfType<JsonObject>().ToList() ?? (root is JsonObject one ? [JsonRead.Map(one, "body") ?? one] : []);
        var read = policies.Select(policy => Of(policy, name, path, settings)).OfType<ImportedPolicy>().ToList();
        return read.Count > 0
            ? new(read, [])
            : new(null, [Problems.PolicyFileUnreadable.At(new Location(path), "It holds neither a settings catalogue policy ('settings') nor a custom profile ('omaSettings').")]);
    }

    private static ImportedPolicy? Of(JsonObject policy, string file, string path, ImmutableSortedDictionary<string, PolicySetting> settings)
    {
        var name = PolicyDraft.Plain(JsonRead.Text(policy, "name") ?? JsonRead.Text(policy, "displayName") ?? file);
        return OmaUriChannel.FromProfile(policy) is { } nodes ? new(name, PolicyChannel.Intune, OmaUriChannel.Read(nodes, settings, path))
            : policy["settings"] is JsonArray ? new(name, PolicyChannel.Intune, SettingsCatalogChannel.Read(policy, settings, path))
            : null;
    }
}
