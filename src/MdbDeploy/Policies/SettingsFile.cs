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

    private static readonly string[] Columns = ["id", "title", "description", "gpo_key", "gpo_value", "gpo_type", "csp_omauri", "csp_format", "allowed", "transform", "source", "date"];

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
            if (!reader.Headers.SequenceEqual(Columns, StringComparer.Ordinal))
            {
                diagnostics.Add(Problems.SettingsFileInvalid.At(new Location(file, 1, 1), $"The header must be: {string.Join(',', Columns)}."));
                return settings.ToImmutable();
            }

            while (reader.Read())
            {
                if (ReadSetting(reader, file, diagnostics) is { } setting && !settings.TryAdd(setting.Id, setting))
                {
                    diagnostics.Add(Problems.SettingsFileInvalid.At(new Location(file, setting.Line, 1), $"There is a setting '{setting.Id}' already, in line {settings[setting.Id].Line.ToString(CultureInfo.InvariantCulture)}."));
                }
            }
        }
        catch (CsvFormatException broken)
        {
            diagnostics.Add(Problems.SettingsFileInvalid.At(new Location(file, (int)broken.LineNumber), broken.Message));
        }

        return settings.ToImmutable();
    }

    private static PolicySetting? ReadSetting(CsvReader reader, string file, List<Diagnostic> diagnostics)
    {
        var before = diagnostics.Count;
        var line = (int)reader.LineNumber;
        var id = Field("id");
        void Report(string message) => diagnostics.Add(Problems.SettingsFileInvalid.At(new Location(file, line, Subject: id), $"{id}: {message}"));
        string Field(string column) => reader.GetString(Array.IndexOf(Columns, column));

        foreach (var column in Columns.Where(column => column is not ("csp_omauri" or "csp_format") && Field(column).Length == 0))
        {
            Report($"'{column}' is empty.");
        }

        const string Hive = @"HKLM\";
        if (!Field("gpo_key").StartsWith(Hive, StringComparison.Ordinal))
        {
            Report(@"'gpo_key' must begin with HKLM\.");
        }

        if (Field("gpo_type") is not ("DWORD" or "SZ"))
        {
            Report("'gpo_type' must be DWORD or SZ.");
        }

        var allowed = AllowedValues.Parse(Field("allowed"));
        var transform = allowed is null ? null : ValueTransform.Parse(Field("transform"), allowed);
        if (allowed is null || (allowed.IsSettable && Field("gpo_type") == (allowed.IsNumber ? "SZ" : "DWORD")))
        {
            Report("'allowed' must be choices such as 0=off|1=on or a range such as 0..100 for DWORD, text 0..200 for SZ, or none.");
        }
        else if (transform is null)
        {
            Report("'transform' must be same, invert or map 0=0|1=2, for each of the allowed values.");
        }

        if (!DateOnly.TryParseExact(Field("date"), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            Report("'date' must be a date such as 2026-12-31.");
        }

        return diagnostics.Count > before ? null : new PolicySetting
        {
            Id = id,
            Title = Field("title"),
            Description = Field("description"),
            RegistryKey = Field("gpo_key")[Hive.Length..],
            RegistryValueName = Field("gpo_value"),
            RegistryType = Field("gpo_type"),
            CspUri = Field("csp_omauri") is { Length: > 0 } uri ? uri : null,
            CspFormat = Field("csp_format") is { Length: > 0 } format ? format : null,
            Allowed = allowed!,
            Transform = transform!,
            Source = Field("source"),
            Date = date,
            Line = line,
        };
    }
}
