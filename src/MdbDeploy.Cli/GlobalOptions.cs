using System.CommandLine;
using System.Globalization;

namespace MdbDeploy.Cli;

/// <summary>The options that every command has, and the arguments that several share.</summary>
internal sealed class GlobalOptions
{
    /// <summary>One JSON document on standard output.</summary>
    public Option<bool> Json { get; } = new("--json") { Description = "Write one JSON document to standard output; everything for people goes to standard error.", Recursive = true };

    /// <summary>No colours.</summary>
    public Option<bool> NoColor { get; } = new("--no-color") { Description = "No colours. The variable NO_COLOR does the same.", Recursive = true };

    /// <summary>How much to tell.</summary>
    public Option<Verbosity> Verbosity { get; } = new("--verbosity", "-v")
    {
        Description = "How much to tell.",
        DefaultValueFactory = _ => Cli.Verbosity.Normal,
        Recursive = true,
    };

    /// <summary>Another templates folder.</summary>
    public Option<string?> Templates { get; } = new("--templates") { Description = "Folder with the templates, instead of the ones shipped with the program.", HelpName = "folder", Recursive = true };

    /// <summary>Any certificate of the site.</summary>
    public Option<bool> Insecure { get; } = new("--insecure") { Description = "Take any certificate of the Configuration Manager site, and say so each time. Better: 'caFile' or 'thumbprint'.", Recursive = true };

    /// <summary>The project argument.</summary>
    public static Argument<string> Project() => new("project")
    {
        Description = "Folder with mdbdeploy.yaml; the current folder when left out.",
        DefaultValueFactory = _ => ".",
    };

    /// <summary>The date staleness is judged at.</summary>
    public static Option<DateTimeOffset?> AsOf() => new("--as-of")
    {
        Description = "Judge last check-ins as of this date (UTC) instead of now, for example 2026-11-23.",
        HelpName = "date",
        CustomParser = result =>
        {
            if (DateTimeOffset.TryParse(result.Tokens.Single().Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date))
            {
                return date;
            }

            result.AddError($"'{result.Tokens.Single().Value}' is no date: write it as 2026-11-23.");
            return null;
        },
    };

    /// <summary>The target option.</summary>
    public static Option<string[]> Target() => new Option<string[]>("--target", "-t")
    {
        Description = "Only this target; may be given several times. All configured targets when left out.",
    }.AcceptOnlyFromAmong("graph", "configmgr", "active-directory");

    /// <summary>What the terminal needs of a command line.</summary>
    public TerminalOptions TerminalOptions(ParseResult parsed) => new(
        parsed.GetValue(Json),
        parsed.GetValue(NoColor) || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 },
        parsed.GetValue(Verbosity));
}
