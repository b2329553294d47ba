using System.Collections.Immutable;
using System.Globalization;
using CsvHelper;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Policies;

/// <summary>Reads the catalogue <c>settings.csv</c>: UTF-8, comma, one setting per record.</summary>
internal static class SettingsFile
{
    /// <summary>Name of the file.</summary>
    public const string Name = "settings.csv";

    private const string Hive = @"HKLM\";

    private static readonly string[] Needed = ["id", "title", "description", "allowed", "source", "date"];

    private static readonly string[] Columns =
    [
        "id", "title", "description", "allowed", "gpo_key", "gpo_value", "gpo_type", "transform", "gpo_with", "csp_omauri", "csp_format", "csp_part",
        "catalog_id", "catalog_template", "catalog_parent", "catalog_values", "catalog_ids", "configmgr", "builds", "locked", "unverified", "source", "date",
    ];

    private static readonly string[] Parts = ["row", "gpo", "csp", "catalog", "configmgr"];

    private static readonly CsvReaderOptions Options = new()
    {
        Separator = ',',
        TrackLineNumbers = true,
        FieldCountMismatch = CsvFieldCountHandling.Throw,
        MalformedData = CsvMalformedDataHandling.Throw,
        MaxRecordSize = 1 << 16,
    };

    /// <summary>Reads the catalogue, reporting each record that cannot be used.</summary>
    public static ImmutableSortedDictionary<string, PolicySetting> Parse(byte[] content, string file, List<Diagnostic> diagnostics)
    {
        var settings = ImmutableSortedDictionary.CreateBuilder<string, PolicySetting>(StringComparer.Ordinal);
        using var reader = CsvReader.Create(content, Options);
        try
        {
            var headers = reader.Headers.ToArray();
            if (headers.Except(Columns, StringComparer.Ordinal).Any() || Needed.Except(headers, StringComparer.Ordinal).Any() || headers.Distinct(StringComparer.Ordinal).Count() < headers.Length)
            {
                diagnostics.Add(Problems.SettingsFileInvalid.At(new Location(file, 1, 1), $"The header must hold {string.Join(", ", Needed)}, and may hold {string.Join(", ", Columns.Except(Needed, StringComparer.Ordinal))}."));
                return settings.ToImmutable();
            }

            while (reader.Read())
            {
                string Field(string column) => Array.IndexOf(headers, column) is var at and >= 0 ? reader.GetString(at) : "";
                var line = (int)reader.LineNumber;
                var broken = new List<string>();
                var setting = ReadSetting(Field, line, broken.Add);
                diagnostics.AddRange(broken.Select(message => Problems.SettingsFileInvalid.At(new Location(file, line, Subject: Field("id")), $"{Field("id")}: {message}")));
                if (broken.Count == 0 && !settings.TryAdd(setting.Id, setting))
                {
                    diagnostics.Add(Problems.SettingsFileInvalid.At(new Location(file, line, 1), $"There is a setting '{setting.Id}' already, in line {settings[setting.Id].Line.ToString(CultureInfo.InvariantCulture)}."));
                }
            }
        }
        catch (CsvFormatException broken)
        {
            diagnostics.Add(Problems.SettingsFileInvalid.At(new Location(file, (int)broken.LineNumber), broken.Message));
        }

        return settings.ToImmutable();
    }

    private static PolicySetting ReadSetting(Func<string, string> field, int line, Action<string> report)
    {
        foreach (var column in Needed.Where(column => field(column).Length == 0))
        {
            report($"'{column}' is empty.");
        }

        var allowed = AllowedValues.Parse(field("allowed"));
        if (allowed is null)
        {
            report("'allowed' must be choices such as 0=off|1=on, a range such as 0..100, text 0..200, list or none.");
            allowed = AllowedValues.Parse("none")!;
        }

        if (!DateOnly.TryParseExact(field("date"), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            report("'date' must be a date such as 2026-12-31.");
        }

        if (field("locked") is { Length: > 0 } locked && !allowed.Allow(locked))
        {
            report("'locked' must be one of the allowed values.");
        }

        var unverified = field("unverified").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (unverified.Except(Parts, StringComparer.Ordinal).Any() || (unverified.Contains("row") && allowed.IsSettable))
        {
            report($"'unverified' may name {string.Join(", ", Parts)}, and an unverified row has no allowed values.");
        }

        var builds = SupportedBuilds.Parse(field("builds"));
        if (builds is null)
        {
            report("'builds' must be such as 'client>=17134 server', or empty.");
        }

        return new PolicySetting
        {
            Id = field("id"),
            Title = field("title"),
            Description = field("description"),
            Allowed = allowed,
            Registry = ReadRegistry(field, allowed, report),
            Csp = ReadNode(field, allowed, report),
            Catalog = ReadDefinition(field, allowed, report),
            ConfigurationManager = Optional(field("configmgr")),
            Builds = builds ?? SupportedBuilds.All,
            Locked = Optional(field("locked")),
            Unverified = ImmutableSortedSet.Create(StringComparer.Ordinal, unverified),
            Source = field("source"),
            Date = date,
            Line = line,
        };
    }

    private static RegistrySetting? ReadRegistry(Func<string, string> field, AllowedValues allowed, Action<string> report)
    {
        if (field("gpo_key").Length == 0)
        {
            return null;
        }

        var type = field("gpo_type");
        var transform = ValueTransform.Parse(field("transform"), allowed);
        if (!field("gpo_key").StartsWith(Hive, StringComparison.Ordinal))
        {
            report(@"'gpo_key' must begin with HKLM\.");
            return null;
        }

        if (type is not ("DWORD" or "SZ" or "LIST"))
        {
            report("'gpo_type' must be DWORD, SZ or LIST.");
        }
        else if (type == "LIST" ? !allowed.IsList || field("gpo_value").Length > 0 : field("gpo_value").Length == 0)
        {
            report("'gpo_value' must be named, and 'allowed' must be list for LIST, which names no value.");
        }
        else if (type == "DWORD" && allowed.IsSettable && !allowed.IsNumber)
        {
            report("'allowed' must be numbers for DWORD.");
        }
        else if (transform is null)
        {
            report("'transform' must be same, invert or map 0=0|1=2, for each of the allowed values.");
        }

        var with = field("gpo_with");
        var beside = with.Length == 0 ? null : ReadWith(with, field("id"));
        if (with.Length > 0 && beside is null)
        {
            report(@"'gpo_with' must be such as HKLM\SOFTWARE\Policies\…!Name=1.");
        }

        return transform is null ? null : new(field("gpo_key")[Hive.Length..], Optional(field("gpo_value")), type, transform, beside);
    }

    private static RegistryValue? ReadWith(string text, string id) =>
        text.StartsWith(Hive, StringComparison.Ordinal) && text[Hive.Length..].Split('!') is [var key, var value] && value.Split('=') is [{ Length: > 0 } name, var number] && AllowedValues.Number(number) is not null
            ? new(id, key, name, "DWORD", number)
            : null;

    private static CspNode? ReadNode(Func<string, string> field, AllowedValues allowed, Action<string> report)
    {
        if (field("csp_omauri").Length == 0)
        {
            return null;
        }

        var node = new CspNode(field("csp_omauri"), field("csp_format"), Optional(field("csp_part")));
        var fits = node.Format switch
        {
            "int" => node.Part is null && (allowed.IsNumber || !allowed.IsSettable),
            "chr" => node.Part is null && !allowed.IsNumber,
            "bool" => node.Part is null && allowed.Type == SettingType.Switch,
            "parts" => node.Part is not null && allowed.IsNumber,
            "admx" => node.Part is not null || allowed.Type == SettingType.Switch || !allowed.IsSettable,
            _ => false,
        };
        if (!fits || !node.Uri.StartsWith("./", StringComparison.Ordinal))
        {
            report("'csp_format' must be int, chr, bool, parts or admx, fit 'allowed', and have a 'csp_part' for parts and for admx with a value.");
        }

        return node;
    }

    private static CatalogDefinition? ReadDefinition(Func<string, string> field, AllowedValues allowed, Action<string> report)
    {
        if (field("catalog_id").Length == 0)
        {
            return null;
        }

        var text = field("catalog_values");
        // The catalogue's own way of writing: 0=off|1=block. It is a map like the registry's.
        var values = text.Length == 0 ? ValueTransform.Same : ValueTransform.Parse($"map {text}", allowed);
        var ids = field("catalog_ids").Split('/');
        if (values is null)
        {
            report("'catalog_values' must be such as 0=off|1=block, for each of the allowed values.");
        }

        if (ids.Length > 2 || ids.Any(id => id.Length > 0 && !Guid.TryParseExact(id, "D", out _)))
        {
            report("'catalog_ids' must be two GUIDs with '/' between them, of which one may be missing.");
        }

        if (field("catalog_template") is { Length: > 0 } template && !CatalogTemplates.All.ContainsKey(template))
        {
            report($"'catalog_template' must be one of {string.Join(", ", CatalogTemplates.All.Keys)}.");
        }

        return new(field("catalog_id"), Optional(field("catalog_template")), Optional(field("catalog_parent")), values ?? ValueTransform.Same, Optional(ids[0]), Optional(ids.ElementAtOrDefault(1) ?? ""));
    }

    private static string? Optional(string text) => text.Length > 0 ? text : null;
}
