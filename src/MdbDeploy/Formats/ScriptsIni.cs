using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Formats;

/// <summary>
/// scripts.ini and psscripts.ini: the scripts that run at start-up, shutdown, logon and logoff (MS-GPSCR 2.2.2 and 2.2.3). UTF-16LE with byte order mark, CR LF,
/// a blank line first. The two files differ only in that psscripts.ini may say which kind runs first.
/// </summary>
public sealed record ScriptsIni
{
    /// <summary>Computer side, at start-up.</summary>
    public ImmutableArray<ScriptCommand> Startup { get; init; } = [];

    /// <summary>Computer side, at shutdown.</summary>
    public ImmutableArray<ScriptCommand> Shutdown { get; init; } = [];

    /// <summary>User side, at logon.</summary>
    public ImmutableArray<ScriptCommand> Logon { get; init; } = [];

    /// <summary>User side, at logoff.</summary>
    public ImmutableArray<ScriptCommand> Logoff { get; init; } = [];

    /// <summary>Whether PowerShell scripts run before the others at start-up and logon; null when not configured.</summary>
    public bool? StartPowerShellFirst { get; init; }

    /// <summary>Whether PowerShell scripts run before the others at shutdown and logoff; null when not configured.</summary>
    public bool? EndPowerShellFirst { get; init; }

    /// <summary>Length of the file that Group Policy Management leaves when the last script is removed: byte order mark and a blank line.</summary>
    public const int EmptyLength = 6;

    /// <summary>The bytes of the file, as Group Policy Management writes them.</summary>
    public byte[] Write()
    {
        var text = new StringBuilder("\r\n");
        if (StartPowerShellFirst is not null || EndPowerShellFirst is not null)
        {
            text.Append("[ScriptsConfig]\r\n");
            AppendOrder("StartExecutePSFirst", StartPowerShellFirst);
            AppendOrder("EndExecutePSFirst", EndPowerShellFirst);
        }

        foreach (var (name, commands) in new[] { (nameof(Startup), Startup), (nameof(Shutdown), Shutdown), (nameof(Logon), Logon), (nameof(Logoff), Logoff) })
        {
            if (!commands.IsEmpty)
            {
                text.Append(CultureInfo.InvariantCulture, $"[{name}]\r\n");
            }

            for (var i = 0; i < commands.Length; i++)
            {
                text.Append(CultureInfo.InvariantCulture, $"{i}CmdLine={commands[i].CommandLine}\r\n{i}Parameters={commands[i].Parameters}\r\n");
            }
        }

        return [0xFF, 0xFE, .. Utf16.ToBytes(text.ToString())];

        void AppendOrder(string key, bool? value) =>
            _ = value is { } first ? text.Append(CultureInfo.InvariantCulture, $"{key}={(first ? "true" : "false")}\r\n") : text;
    }

    /// <summary>Reads a file. Blank lines and lines of blanks, which native files hold, are passed over; another encoding is read with a warning.</summary>
    /// <param name="content">The bytes.</param>
    /// <param name="file">The file, as messages name it.</param>
    public static Outcome<ScriptsIni> Read(ReadOnlySpan<byte> content, string file)
    {
        var diagnostics = new List<Diagnostic>();
        var text = Decode(content, file, diagnostics);
        var sections = new Dictionary<string, Section>(StringComparer.OrdinalIgnoreCase)
        {
            [nameof(Startup)] = new(),
            [nameof(Shutdown)] = new(),
            [nameof(Logon)] = new(),
            [nameof(Logoff)] = new(),
            ["ScriptsConfig"] = new(),
        };
        Section? current = null;
        var lines = text.Split(["\r\n", "\n", "\r"], StringSplitOptions.None);
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].Trim();
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (line.Length == 0 || line[0] == ';')
            {
                continue;
            }

            if (line[0] == '[' && line[^1] == ']')
            {
                if (!sections.TryGetValue(line[1..^1].Trim(), out current))
                {
                    diagnostics.Add(Problems.ScriptsIniInvalid.At(new Location(file, i + 1, 1), $"'{line}' is not a section of this file."));
                    current = new();
                }
            }
            else if (current is null || equals < 0)
            {
                diagnostics.Add(Problems.ScriptsIniInvalid.At(new Location(file, i + 1, 1), current is null ? "The line stands before the first section." : "The line is neither a section nor a value."));
            }
            else
            {
                current.Values[line[..equals].Trim()] = (line[(equals + 1)..].Trim(), i + 1);
            }
        }

        var order = sections["ScriptsConfig"];
        return new(new ScriptsIni
        {
            Startup = Commands(sections[nameof(Startup)], file, diagnostics),
            Shutdown = Commands(sections[nameof(Shutdown)], file, diagnostics),
            Logon = Commands(sections[nameof(Logon)], file, diagnostics),
            Logoff = Commands(sections[nameof(Logoff)], file, diagnostics),
            StartPowerShellFirst = order.Flag("StartExecutePSFirst"),
            EndPowerShellFirst = order.Flag("EndExecutePSFirst"),
        }, diagnostics);
    }

    private sealed class Section
    {
        public Dictionary<string, (string Text, int Line)> Values { get; } = new(StringComparer.OrdinalIgnoreCase);

        public bool? Flag(string key) => Values.TryGetValue(key, out var value) && bool.TryParse(value.Text, out var flag) ? flag : null;
    }

    private static ImmutableArray<ScriptCommand> Commands(Section section, string file, List<Diagnostic> diagnostics)
    {
        var commands = ImmutableArray.CreateBuilder<ScriptCommand>();
        var left = new Dictionary<string, (string Text, int Line)>(section.Values, StringComparer.OrdinalIgnoreCase);
        for (var i = 0; left.Remove($"{i}CmdLine", out var command); i++)
        {
            left.Remove($"{i}Parameters", out var parameters);
            if (ScriptCommand.Holds(command.Text, parameters.Text ?? ""))
            {
                commands.Add(new ScriptCommand(command.Text, parameters.Text ?? ""));
            }
            else
            {
                diagnostics.Add(Problems.ScriptsIniInvalid.At(new Location(file, command.Line, 1), $"Entry {i} names no script, or holds U+0000."));
            }
        }

        diagnostics.AddRange(left.OrderBy(pair => pair.Value.Line).Select(pair => Problems.ScriptsIniInvalid.At(new Location(file, pair.Value.Line, 1),
            $"'{pair.Key}' is never reached: the client counts {commands.Count} scripts in this section, from 0 without a gap.")));
        return commands.ToImmutable();
    }

    private static string Decode(ReadOnlySpan<byte> content, string file, List<Diagnostic> diagnostics)
    {
        if (content.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]))
        {
            return Utf16.ToText(content[2..]);
        }

        diagnostics.Add(Problems.ScriptsIniEncoding.At(new Location(file)));
        return content.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? Encoding.UTF8.GetString(content[3..])
            : content.Contains((byte)0) ? Utf16.ToText(content)
            : Encoding.UTF8.GetString(content);
    }
}

/// <summary>One script.</summary>
public sealed record ScriptCommand
{
    /// <summary>Creates an entry.</summary>
    /// <param name="commandLine">File name, relative to the folder of the event (<c>Scripts\Startup</c>), or an absolute path; UNC is allowed.</param>
    /// <param name="parameters">Parameters, or empty.</param>
    /// <exception cref="ArgumentException">A text holds a line end or U+0000, or is surrounded by blanks, or the command is empty: the file cannot hold it.</exception>
    public ScriptCommand(string commandLine, string parameters = "")
    {
        (CommandLine, Parameters) = Holds(commandLine, parameters) ? (commandLine, parameters) : throw new ArgumentException("The file cannot hold this entry.");
    }

    /// <summary>File name or path of the script.</summary>
    public string CommandLine { get; }

    /// <summary>Parameters, or empty.</summary>
    public string Parameters { get; }

    /// <summary>Whether the file can hold an entry.</summary>
    internal static bool Holds(string commandLine, string parameters) => commandLine.Length > 0 && Fits(commandLine) && Fits(parameters);

    private static bool Fits(string text) => text.Trim() == text && text.AsSpan().IndexOfAny('\0', '\r', '\n') < 0;
}
