using System.Text.Json.Nodes;
using MdbDeploy.Diagnostics;
using MdbDeploy.Rendering;
using Spectre.Console;

namespace MdbDeploy.Cli;

/// <summary>
/// Where a command shows things. With <c>--json</c> standard output holds exactly one JSON document and everything for people goes to standard error.
/// </summary>
internal sealed class Terminal
{
    private readonly TextWriter output;
    private readonly TextWriter people;
    private readonly bool colour;
    private readonly bool interactive;
    private readonly Listener? listener;
    private readonly HashSet<Diagnostic> told = new(ReferenceEqualityComparer.Instance);
    private IAnsiConsole? console;

    /// <summary>Creates the terminal of one run.</summary>
    /// <param name="output">Standard output.</param>
    /// <param name="error">Standard error.</param>
    /// <param name="options">What the command line asked for.</param>
    /// <param name="isTerminal">Whether a person is looking: colours and moving progress bars make sense.</param>
    public Terminal(TextWriter output, TextWriter error, TerminalOptions options, bool isTerminal)
    {
        this.output = output;
        Options = options;
        people = options.Json ? error : output;
        interactive = isTerminal;
        colour = isTerminal && !options.NoColor;
    }

    /// <summary>Creates the terminal of a run inside another program, which takes sentences and diagnostics as they are. Tables are for people and go nowhere.</summary>
    /// <param name="listener">The other program.</param>
    public Terminal(Listener listener)
        : this(TextWriter.Null, TextWriter.Null, new TerminalOptions(Json: false, NoColor: true, Verbosity.Detailed), isTerminal: false) => this.listener = listener;

    /// <summary>What the command line asked for.</summary>
    public TerminalOptions Options { get; }

    /// <summary>The console for people. Made when first used: commands that print nothing start faster.</summary>
    public IAnsiConsole Console => console ??= Create();

    /// <summary>Whether a person is looking.</summary>
    public bool IsInteractive => interactive && !Options.Json;

    /// <summary>A line for people.</summary>
    public void Line(string markup = "")
    {
        if (listener is null)
        {
            Console.MarkupLine(markup);
        }
        else if (markup.Length > 0)
        {
            listener.Line(Markup.Remove(markup).Trim());
        }
    }

    /// <summary>A line that people must not miss, such as a ring that is left out.</summary>
    public void Caution(string markup)
    {
        if (listener is null)
        {
            Line(markup);
        }
        else
        {
            listener.Caution(Markup.Remove(markup));
        }
    }

    /// <summary>A step began or ended: one plain line in a pipe.</summary>
    /// <param name="markup">The step.</param>
    /// <param name="percent">How far the work is; null when nobody knows.</param>
    public void Step(string markup, int? percent = null)
    {
        if (listener is not null)
        {
            listener.Step(Markup.Remove(markup).Trim(), percent);
        }
        else if (Options.Verbosity >= Verbosity.Normal)
        {
            Line(markup);
        }
    }

    /// <summary>Text for a program that reads this one's output, as it is.</summary>
    public void Plain(string text) => output.Write(text.EndsWith('\n') ? text : text + "\n");

    /// <summary>A plain text for people, such as where to enter a sign-in code.</summary>
    public void Tell(string text)
    {
        if (listener is null)
        {
            Line(ConsoleText.Lines(text));
        }
        else
        {
            listener.Tell(text);
        }
    }

    /// <summary>The machine-readable result, when asked for.</summary>
    public void Result(Func<JsonNode> result)
    {
        if (Options.Json)
        {
            output.Write(System.Text.Encoding.UTF8.GetString(JsonText.ToBytes(result())));
        }
    }

    /// <summary>Shows diagnostics that were not shown yet, errors first, at most five of a code, each with its place and once with its advice.</summary>
    public void Diagnostics(IEnumerable<Diagnostic> diagnostics)
    {
        if (listener is not null)
        {
            foreach (var diagnostic in diagnostics.Where(told.Add))
            {
                listener.Diagnostic(diagnostic);
            }

            return;
        }

        var least = Options.Verbosity switch { Verbosity.Quiet => Severity.Error, Verbosity.Normal => Severity.Warning, _ => Severity.Info };
        var shown = Options.Verbosity == Verbosity.Detailed ? int.MaxValue : 5;
        foreach (var group in diagnostics.Where(d => d.Severity >= least && told.Add(d)).ToList().GroupBy(d => d.Problem).OrderByDescending(g => g.Key.Severity).ThenBy(g => g.Key.Code, StringComparer.Ordinal))
        {
            var tint = group.Key.Severity switch { Severity.Error => "red", Severity.Warning => "yellow", _ => "grey" };
            var all = group.ToList();
            foreach (var diagnostic in all.Take(shown))
            {
                var where = diagnostic.Where.ToString();
                Line($"[{tint}]{group.Key.Severity.ToString().ToLowerInvariant()} {diagnostic.Code}[/] {(where.Length == 0 ? "" : ConsoleText.Of(where) + ": ")}{ConsoleText.Of(diagnostic.Message)}");
            }

            if (all.Count > shown)
            {
                Line($"  [grey]… and {all.Count - shown} more like this[/]");
            }

            Line($"  [grey]→ {ConsoleText.Of(group.Key.Advice)}[/]");
        }
    }

    /// <summary>Runs a step that takes a while: a spinner on a terminal, one plain line in a pipe.</summary>
    public async Task<T> StepAsync<T>(string what, Func<Task<T>> step)
    {
        if (!IsInteractive)
        {
            Step(ConsoleText.Of(what));
            return await step();
        }

        return await Console.Status().StartAsync(ConsoleText.Of(what), _ => step());
    }

    private IAnsiConsole Create()
    {
        var created = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = colour ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = colour ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = interactive ? InteractionSupport.Detect : InteractionSupport.No,
            Out = new AnsiConsoleOutput(people),
        });
        if (!interactive)
        {
            // A pipe has no width: do not break lines that a script may read.
            created.Profile.Width = 200;
        }

        return created;
    }
}

/// <summary>A program that runs the steps of a command in its own process. It is called from any thread.</summary>
/// <param name="Tell">A text that people must see at once, such as where to enter a sign-in code.</param>
/// <param name="Line">A line for people who want to know everything.</param>
/// <param name="Caution">A line that people must not miss.</param>
/// <param name="Step">A step that began or ended, and how far the work is in percent; null when nobody knows.</param>
/// <param name="Diagnostic">A diagnostic; each comes once.</param>
internal sealed record Listener(Action<string> Tell, Action<string> Line, Action<string> Caution, Action<string, int?> Step, Action<Diagnostic> Diagnostic);

/// <summary>What the command line asked of the terminal.</summary>
/// <param name="Json">Machine-readable result on standard output.</param>
/// <param name="NoColor">No colours.</param>
/// <param name="Verbosity">How much to tell.</param>
internal sealed record TerminalOptions(bool Json, bool NoColor, Verbosity Verbosity);

/// <summary>How much to tell.</summary>
internal enum Verbosity
{
    /// <summary>Errors and the result only.</summary>
    Quiet,

    /// <summary>What happens, and warnings.</summary>
    Normal,

    /// <summary>Everything, without shortening lists.</summary>
    Detailed,
}
