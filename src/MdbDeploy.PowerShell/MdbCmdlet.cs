using System.Management.Automation;
using System.Text.Json;
using System.Text.Json.Nodes;
using MdbDeploy.Cli;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets;

namespace MdbDeploy.Cmdlets;

/// <summary>What the cmdlets have in common: the project, Ctrl+C, and diagnostics as errors and warnings with their code.</summary>
public abstract class MdbCmdlet : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource stop = new();

    /// <summary>Folder with mdbdeploy.yaml; the current location when left out.</summary>
    [Parameter(Position = 0, HelpMessage = "Folder with mdbdeploy.yaml.")]
    public string Project { get; set; } = ".";

    /// <summary>Ctrl+C.</summary>
    protected CancellationToken Stopped => stop.Token;

    /// <summary>The project's folder as a path of the file system.</summary>
    protected string Folder => GetUnresolvedProviderPathFromPSPath(Project);

    /// <inheritdoc/>
    protected override void StopProcessing() => stop.Cancel();

    /// <inheritdoc/>
    public void Dispose()
    {
        stop.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A run of a command of the program that tells people nothing; what it would tell stands in the verbose stream.</summary>
    internal Run Run(params string[] arguments)
    {
        // The templates and policies lie beside the module, not beside PowerShell.
        Assets.Root = Path.GetDirectoryName(typeof(MdbCmdlet).Assembly.Location)!;
        var line = new CommandLine(TextWriter.Null, TextWriter.Null, TimeProvider.System, isTerminal: false);
        var terminal = new Terminal(TextWriter.Null, TextWriter.Null, new TerminalOptions(Json: true, NoColor: true, Verbosity.Quiet), isTerminal: false);
        var assets = Assets.Find(null);
        return new Run(line.Root().Parse(arguments), terminal, TimeProvider.System, assets, new Pipeline(terminal, TimeProvider.System, assets), Stopped);
    }

    /// <summary>Does something that input or a live system may refuse.</summary>
    internal void Do(Action what)
    {
        try
        {
            what();
        }
        catch (InputException input)
        {
            Tell(input.Diagnostics);
            ThrowTerminatingError(Record(input.Diagnostics.First(d => d.Severity == Severity.Error), input));
        }
        catch (TargetException target)
        {
            ThrowTerminatingError(Record(target.Diagnostic, target));
        }
        catch (OperationCanceledException) when (Stopped.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }

    /// <summary>Waits: a cmdlet may write objects only on the thread that PowerShell called it on.</summary>
    internal static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();

    /// <summary>Runs a command of the program and gives its JSON as objects; its errors become errors.</summary>
    internal void Invoke(params string[] arguments)
    {
        Assets.Root = Path.GetDirectoryName(typeof(MdbCmdlet).Assembly.Location)!;
        using var output = new StringWriter();
        using var people = new StringWriter();
        var exit = new CommandLine(output, people, TimeProvider.System, isTerminal: false).RunAsync([.. arguments, "--json", "--no-color"], Stopped).GetAwaiter().GetResult();
        var told = Unwrapped(people.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        foreach (var line in told)
        {
            if (line.StartsWith("warning MDB", StringComparison.Ordinal))
            {
                WriteWarning(line["warning ".Length..]);
            }
            else if (line.StartsWith("error MDB", StringComparison.Ordinal))
            {
                WriteError(new ErrorRecord(new InvalidOperationException(line["error ".Length..]), line.Split(' ')[1], ErrorCategory.InvalidData, Project));
            }
            else
            {
                WriteVerbose(line);
            }
        }

        if (output.ToString() is { Length: > 0 } json)
        {
            WriteObject(ToObject(JsonNode.Parse(json)), enumerateCollection: true);
        }

        if (exit is not (ExitCode.Done or ExitCode.Differences) && !told.Any(line => line.StartsWith("error MDB", StringComparison.Ordinal)))
        {
            WriteError(new ErrorRecord(new InvalidOperationException($"mdbdeploy {arguments[0]} ended with exit code {exit}."), $"ExitCode{exit}", ErrorCategory.OperationStopped, Project));
        }
    }

    /// <summary>Warnings and errors of the input, each with its code.</summary>
    internal void Tell(IEnumerable<Diagnostic> diagnostics)
    {
        foreach (var diagnostic in diagnostics)
        {
            if (diagnostic.Severity == Severity.Warning)
            {
                WriteWarning(diagnostic.ToString());
            }
            else if (diagnostic.Severity == Severity.Info)
            {
                WriteVerbose(diagnostic.ToString());
            }
            else
            {
                WriteError(Record(diagnostic, new InvalidOperationException(diagnostic.ToString())));
            }
        }
    }

    // The program breaks lines for people at the width of a page; only the last line of a sentence is shorter.
    private static List<string> Unwrapped(IEnumerable<string> lines)
    {
        const int Narrow = 150;
        var whole = new List<string>();
        var last = 0;
        foreach (var line in lines)
        {
            if (last > Narrow && whole[^1].Contains(" MDB", StringComparison.Ordinal) && !line.StartsWith('→') && !line.Contains(" MDB0", StringComparison.Ordinal))
            {
                whole[^1] += " " + line;
            }
            else
            {
                whole.Add(line);
            }

            last = line.Length;
        }

        return whole;
    }

    private ErrorRecord Record(Diagnostic diagnostic, Exception exception) => new(exception, diagnostic.Code, ErrorCategory.InvalidData, Project) { ErrorDetails = new ErrorDetails(diagnostic.ToString()) { RecommendedAction = diagnostic.Problem.Advice } };

    private static object? ToObject(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                var made = new PSObject();
                foreach (var (name, value) in map)
                {
                    made.Properties.Add(new PSNoteProperty(name, ToObject(value)));
                }

                return made;
            case JsonArray list:
                return list.Select(ToObject).ToArray();
            case JsonValue value:
                return value.GetValueKind() switch
                {
                    JsonValueKind.True => true,
                    JsonValueKind.False => false,
                    JsonValueKind.Number => value.TryGetValue<long>(out var whole) ? whole : value.GetValue<double>(),
                    _ => value.ToString(),
                };
            default:
                return null;
        }
    }
}
