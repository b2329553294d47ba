using System.Globalization;
using CsvHelper;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Targets.Status;

/// <summary>What a script wrote down that ran on a device.</summary>
/// <param name="Name">Name of the device.</param>
/// <param name="Time">When it ended.</param>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Succeeded">Whether it did what it should.</param>
/// <param name="Meaning">The exit code in words.</param>
public sealed record ScriptResult(string Name, DateTimeOffset Time, int ExitCode, bool Succeeded, string Meaning)
{
    /// <summary>Whether it only looked (Test-MdbOnboarding.ps1 of the verification kit), and changed nothing.</summary>
    public bool IsCheck { get; init; }

    /// <summary>Whether the registry of the device said that it is onboarded (OnboardingState 1); null when the file does not tell.</summary>
    public bool? IsOnboarded { get; init; }

    /// <summary>The organisation of Defender that the registry of the device named (OrgId); null when it named none.</summary>
    public Guid? OrganizationId { get; init; }

    private static readonly CsvReaderOptions Options = new()
    {
        Separator = ',',
        TrackLineNumbers = true,
        FieldCountMismatch = CsvFieldCountHandling.Allow,
        MaxRecordSize = 1 << 16,
    };

    private static readonly string[] Columns = ["Name", "Action", "Time", "ExitCode", "Result", "Meaning"];

    /// <summary>
    /// Reads the results.csv of a launcher of the local script channel, or of Test-MdbOnboarding.ps1. Lines of offboarding are passed over, and checks that could not find out anything.
    /// </summary>
    /// <param name="content">The file's bytes, UTF-8.</param>
    /// <param name="file">Its name, for messages.</param>
    public static Outcome<IReadOnlyList<ScriptResult>> Read(byte[] content, string file)
    {
        var results = new List<ScriptResult>();
        var problems = new List<Diagnostic>();
        using var csv = CsvReader.Create(content, Options);
        try
        {
            var headers = csv.Headers.ToArray();
            if (Columns.Except(headers, StringComparer.OrdinalIgnoreCase).Any())
            {
                return new(results, [Problems.ResultsFileInvalid.At(new Location(file), $"It is no results.csv: it needs the columns {string.Join(", ", Columns)}.")]);
            }

            while (csv.Read())
            {
                string Field(string column) => Array.FindIndex(headers, h => h.Equals(column, StringComparison.OrdinalIgnoreCase)) is var at && at < csv.FieldCount ? csv.GetString(at).Trim() : "";
                bool Is(string column, string word) => Field(column).Equals(word, StringComparison.OrdinalIgnoreCase);
                // A name that a spreadsheet would take for a formula stands behind an apostrophe.
                var name = Field("Name").TrimStart('\'');
                if (name.Length == 0 || !int.TryParse(Field("ExitCode"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var code)
                    || !DateTimeOffset.TryParse(Field("Time"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
                {
                    problems.Add(Problems.ResultsFileInvalid.At(new Location(file, (int)csv.LineNumber), "This line has no name, time or exit code, and is passed over."));
                }
                else if (Is("Action", "onboard") || (Is("Action", "verify") && !Is("Result", "Unknown")))
                {
                    results.Add(new ScriptResult(name, time.ToUniversalTime(), code, Is("Result", "Succeeded") || Is("Result", "Waiting"), Field("Meaning"))
                    {
                        IsCheck = Is("Action", "verify"),
                        IsOnboarded = Field("OnboardingState") switch { "1" => true, "0" => false, _ => null },
                        OrganizationId = Guid.TryParse(Field("OrgId"), out var organization) ? organization : null,
                    });
                }
            }
        }
        catch (CsvFormatException broken)
        {
            problems.Add(Problems.ResultsFileInvalid.At(new Location(file, (int)broken.LineNumber), broken.Message));
        }

        return new(results, problems);
    }
}
