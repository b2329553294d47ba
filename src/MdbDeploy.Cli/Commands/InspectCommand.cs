using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using MdbDeploy.Diagnostics;
using MdbDeploy.Inventory;
using MdbDeploy.Packages;
using MdbDeploy.Projects;
using Spectre.Console;

namespace MdbDeploy.Cli.Commands;

/// <summary><c>inspect</c>: what is this file?</summary>
internal static class InspectCommand
{
    // What portal packages come as; everything else is taken for an inventory.
    private static readonly string[] PackageExtensions = [".zip", ".onboarding", ".offboarding", ".cmd", ".ps1", ".sh", ".py"];

    // The widest export that is known has 68 columns.
    private const int UnusedListed = 100;

    /// <summary>The command.</summary>
    public static Command Create(CommandLine line)
    {
        var files = new Argument<string[]>("file") { Description = "Inventory exports and portal packages.", Arity = ArgumentArity.OneOrMore };
        var profile = new Option<string?>("--profile") { Description = "Read inventories with this import profile, a built-in one, one of the project's or a .yaml file, instead of recognising them.", HelpName = "name" };
        var command = new Command("inspect", "What is this file? A package (kind, organisation, expiry) or an inventory (source, encoding, columns, problems).") { files, profile };
        line.Handle(command, run =>
        {
            var results = new JsonArray();
            var failed = false;
            foreach (var file in run.Parsed.GetRequiredValue(files))
            {
                run.Cancelled.ThrowIfCancellationRequested();
                run.Terminal.Line($"[bold]{ConsoleText.Of(file)}[/]");
                var (result, diagnostics) = PackageExtensions.Contains(Path.GetExtension(file).ToLowerInvariant()) || Directory.Exists(file)
                    ? InspectPackage(run, file)
                    : InspectInventory(run, file, run.Parsed.GetValue(profile));
                run.Terminal.Diagnostics(diagnostics);
                result["file"] = file;
                result["diagnostics"] = new JsonArray([.. diagnostics.Select(d => (JsonNode?)d.ToString())]);
                results.Add((JsonNode)result);
                failed |= diagnostics.Any(d => d.Severity == Severity.Error);
            }

            run.Terminal.Result(() => results);
            return Task.FromResult(failed ? ExitCode.InputErrors : ExitCode.Done);
        });
        return command;
    }

    private static (JsonObject Result, IReadOnlyList<Diagnostic> Diagnostics) InspectPackage(Run run, string file)
    {
        var outcome = Directory.Exists(file) ? PackageReader.ReadFolder(file) : PackageReader.ReadFile(file);
        var packages = new JsonArray();
        foreach (var package in outcome.Value?.Packages ?? [])
        {
            var facts = Facts(package);
            packages.Add((JsonNode)new JsonObject(facts.Select(f => KeyValuePair.Create(f.Name, (JsonNode?)f.Value))));
            Show(run, facts);
        }

        return (new JsonObject { ["packages"] = packages }, [.. outcome.Diagnostics, .. PackageDates.Check(outcome.Value?.Packages ?? [], run.Time.GetUtcNow())]);
    }

    private static (JsonObject Result, IReadOnlyList<Diagnostic> Diagnostics) InspectInventory(Run run, string file, string? profile)
    {
        var diagnostics = new List<Diagnostic>();
        var options = Profiles(file, ref profile, diagnostics);
        if (diagnostics.Count > 0)
        {
            return ([], diagnostics);
        }

        var inspection = InventoryReader.Inspect(new InventoryFile(file, Path.GetFullPath(file), profile), options, run.Cancelled);
        if (inspection.Source is not { } source)
        {
            return ([], inspection.Problems);
        }

        List<(string Name, string Value)> facts =
        [
            ("source", $"{source.Title} ({source.Profile})"),
            ("why", source.Why),
            ("encoding", source.Encoding),
            ("delimiter", source.Delimiter == '\t' ? "tab" : source.Delimiter.ToString()),
            ("rows", $"{Number(source.Rows)}, of which {Number(source.Accepted)} hold a device"),
        ];
        Show(run, facts);
        var used = source.Columns.Where(c => c.Value is not null).ToList();
        run.Terminal.Line($"  [grey]columns[/]     {ConsoleText.Of(string.Join(", ", used.Select(c => $"{c.Key} → {c.Value}")))}");
        if (used.Count < source.Columns.Length)
        {
            // An export may have thousands of them.
            var unused = source.Columns.Where(c => c.Value is null).Select(c => c.Key).ToList();
            var most = run.Terminal.Options.Verbosity == Verbosity.Detailed ? unused.Count : UnusedListed;
            run.Terminal.Line($"  [grey]unused[/]      {ConsoleText.Of(string.Join(", ", unused.Take(most)))}{(unused.Count > most ? $" and {Number(unused.Count - most)} more" : "")}");
        }

        var json = new JsonObject(facts.Select(f => KeyValuePair.Create(f.Name, (JsonNode?)f.Value)))
        {
            ["columns"] = new JsonObject(source.Columns.DistinctBy(c => c.Key).Select(c => KeyValuePair.Create(c.Key, (JsonNode?)c.Value))),
        };
        return (json, inspection.Problems);
    }

    /// <summary>The profiles to choose from: the file's own project's and the built-in ones, or the one file that <paramref name="profile"/> names, whose identifier it becomes.</summary>
    private static InventoryOptions Profiles(string file, ref string? profile, List<Diagnostic> diagnostics)
    {
        if (profile is not null && Path.GetExtension(profile).ToLowerInvariant() is ".yaml" or ".yml")
        {
            if (!File.Exists(profile))
            {
                diagnostics.Add(Problems.ImportProfileIsUnknown.At(new Location(profile), $"There is no file '{profile}'."));
            }
            else if (ImportProfile.Parse(File.ReadAllText(profile), profile, diagnostics) is { } own)
            {
                profile = own.Id;
                return new InventoryOptions { Profiles = [own] };
            }

            return new InventoryOptions();
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(file));
        while (folder is not null && !File.Exists(Path.Combine(folder, ProjectReader.FileName)))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder is null ? new InventoryOptions() : ProjectFiles.InventoryOptions(folder, diagnostics);
    }

    private static List<(string Name, string Value)> Facts(OnboardingPackage package) =>
    [
        ("package", package.Title),
        ("source", package.Source),
        ("organisation", package.OrganizationId?.ToString("D") ?? "not said"),
        ("connectivity", package.Blob is null || package.IsOffboarding ? "not said" : package.IsStreamlined ? "streamlined" : "classic"),
        ("cloud", package.Blob is null || package.IsOffboarding ? "not said" : package.IsGovernmentCloud ? "United States government" : "commercial"),
        ("data centre", package.Datacenter ?? "not said"),
        ("version", package.Version ?? "not said"),
        ("expires", package.Expires?.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture) ?? (package.IsOffboarding ? "not said" : "never")),
        ("signed by", package.CertificateExpires is { } signer ? $"a certificate until {signer.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}" : "not readable"),
        ("interactive", package.IsInteractive ? "yes: cannot run unattended" : "no"),
        ("files", string.Join(", ", package.Files.Select(f => f.Path))),
        ("blob", package.Blob is { } blob ? $"{Number(blob.Length)} bytes, SHA-256 {Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(blob.Span))}" : "none"),
    ];

    private static void Show(Run run, IEnumerable<(string Name, string Value)> facts)
    {
        foreach (var (name, value) in facts)
        {
            run.Terminal.Line($"  [grey]{name,-12}[/] {ConsoleText.Of(value)}");
        }
    }

    private static string Number(int number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
