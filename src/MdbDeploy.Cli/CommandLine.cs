using System.CommandLine;
using System.Text.Json.Nodes;
using MdbDeploy.Cli.Commands;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets;
using Spectre.Console;

namespace MdbDeploy.Cli;

/// <summary>The command <c>mdbdeploy</c>: its tree of commands, and what happens around each of them.</summary>
/// <param name="output">Standard output.</param>
/// <param name="error">Standard error.</param>
/// <param name="time">The clock.</param>
/// <param name="isTerminal">Whether a person looks at the output.</param>
internal sealed class CommandLine(TextWriter output, TextWriter error, TimeProvider time, bool isTerminal)
{
    private readonly GlobalOptions options = new();

    /// <summary>Runs a command line and returns the exit code.</summary>
    public async Task<int> RunAsync(string[] args, CancellationToken cancellationToken = default)
    {
        var parsed = Root().Parse(args);
        if (parsed.Action is System.CommandLine.Invocation.ParseErrorAction mistake)
        {
            mistake.ShowHelp = false;
        }

        return await parsed.InvokeAsync(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(5) }, cancellationToken);
    }

    /// <summary>The tree of commands.</summary>
    internal RootCommand Root()
    {
        var root = new RootCommand("Brings Windows devices under Microsoft Defender for Business: one inventory in, every deployment channel out.")
        {
            options.Json, options.NoColor, options.Verbosity, options.Templates, options.Insecure,
            NewCommand.Create(this),
            InspectCommand.Create(this),
            PlanCommand.Create(this),
            RenderCommand.Create(this),
            DiffCommand.Create(this),
            PushCommand.Create(this),
            OffboardCommand.Create(this),
            RollbackCommand.Create(this),
            StatusCommand.Create(this),
            ReportCommand.Create(this),
            DoctorCommand.Create(this),
            UpCommand.Create(this),
            LabCommand.Create(this),
            PolicyCommand.Create(this),
            GpoCommand.Create(this),
            ConfigMgrCommand.Create(this),
            CompletionCommand.Create(this),
        };
        Examples.AddTo(root);
        return root;
    }

    /// <summary>Gives a command its action: makes the run, and turns what goes wrong into words and an exit code.</summary>
    public void Handle(Command command, Func<Run, Task<int>> action) => command.SetAction(async (parsed, cancellationToken) =>
    {
        var terminal = new Terminal(output, error, options.TerminalOptions(parsed), isTerminal);
        var assets = Assets.Find(parsed.GetValue(options.Templates));
        try
        {
            return await action(new Run(parsed, terminal, time, assets, new Pipeline(terminal, time, assets), cancellationToken) { IsInsecure = parsed.GetValue(options.Insecure) });
        }
        catch (InputException input)
        {
            terminal.Diagnostics(input.Diagnostics);
            var errors = input.Diagnostics.Where(d => d.Severity == Severity.Error).ToList();
            terminal.Line($"[red]The input has {errors.Count} {(errors.Count == 1 ? "error" : "errors")}: nothing was written.[/]");
            terminal.Result(() => new JsonObject { ["errors"] = new JsonArray([.. errors.Select(e => (JsonNode?)e.ToString())]) });
            return ExitCode.InputErrors;
        }
        catch (TargetException target)
        {
            terminal.Diagnostics([target.Diagnostic]);
            return ExitCode.Failed;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            terminal.Line("[yellow]Cancelled.[/] A push that was under way continues with: mdbdeploy push --resume");
            return ExitCode.Cancelled;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            terminal.Line($"[red]error[/] {ConsoleText.Of(failed.Message)}");
            return ExitCode.Failed;
        }
        catch (Exception bug)
        {
            terminal.Line($"[red]This is a mistake in mdbdeploy, not in your input:[/] {ConsoleText.Of(bug.GetType().Name)}: {ConsoleText.Of(bug.Message)}");
            terminal.Line(terminal.Options.Verbosity == Verbosity.Detailed ? ConsoleText.Lines(bug.StackTrace ?? "") : "[grey]Repeat with --verbosity detailed to see where.[/]");
            return ExitCode.Failed;
        }
    });
}

/// <summary>One run of a command.</summary>
/// <param name="Parsed">The parsed command line.</param>
/// <param name="Terminal">Where things are shown.</param>
/// <param name="Time">The clock.</param>
/// <param name="Assets">The templates and policies.</param>
/// <param name="Pipeline">The steps.</param>
/// <param name="Cancelled">Ctrl+C.</param>
internal sealed record Run(ParseResult Parsed, Terminal Terminal, TimeProvider Time, Assets Assets, Pipeline Pipeline, CancellationToken Cancelled)
{
    /// <summary><c>--insecure</c>: any certificate of the site is taken.</summary>
    public bool IsInsecure { get; init; }

    /// <summary>A run without a command line: inside another program, for steps that take what they need as arguments.</summary>
    /// <param name="listener">The other program.</param>
    /// <param name="assets">Folder that holds <c>templates</c> and <c>policies</c>.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancelled">Ends the run.</param>
    public static Run Inside(Listener listener, string assets, TimeProvider time, CancellationToken cancelled)
    {
        var terminal = new Terminal(listener);
        var found = Assets.In(assets);
        return new Run(new RootCommand().Parse([]), terminal, time, found, new Pipeline(terminal, time, found), cancelled);
    }
}
