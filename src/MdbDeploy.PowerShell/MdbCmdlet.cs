using System.Management.Automation;
using System.Threading.Channels;
using MdbDeploy.Cli;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets;

namespace MdbDeploy.Cmdlets;

/// <summary>
/// What the cmdlets have in common: the project, Ctrl+C, and telling. The work runs beside the thread that PowerShell called, which writes what the work tells at the moment it is
/// told: only that thread may write (learn.microsoft.com/powershell/scripting/developer/cmdlet/required-development-guidelines).
/// </summary>
public abstract class MdbCmdlet : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly HashSet<Problem> advised = [];

    /// <summary>Folder with mdbdeploy.yaml; the current location when left out.</summary>
    [Parameter(Position = 0, HelpMessage = "Folder with mdbdeploy.yaml.")]
    [ValidateNotNullOrEmpty]
    public string Project { get; set; } = ".";

    /// <inheritdoc/>
    protected override void StopProcessing() => stop.Cancel();

    /// <inheritdoc/>
    public void Dispose()
    {
        stop.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The project's folder as a path of the file system.</summary>
    private protected string Folder()
    {
        var folder = SessionState.Path.GetUnresolvedProviderPathFromPSPath(Project, out var provider, out _);
        if (provider.Name != "FileSystem")
        {
            ThrowTerminatingError(new ErrorRecord(new ArgumentException($"'{Project}' is a path of the provider {provider.Name}, not of the file system."), "NotAFolder", ErrorCategory.InvalidArgument, Project));
        }

        return folder;
    }

    /// <summary>
    /// Does the work and gives its result. What input or a live system refuses becomes errors: all of them, the last of which ends the cmdlet. When PowerShell ends the pipeline
    /// (Ctrl+C, <c>-ErrorAction Stop</c>), the work is cancelled and comes to its orderly end before the cmdlet does.
    /// </summary>
    private protected T Carry<T>(Func<Run, Task<T>> work)
    {
        var told = Channel.CreateUnbounded<Action>(new UnboundedChannelOptions { SingleReader = true });
        var run = Run.Inside(Speaker(told.Writer), Path.GetDirectoryName(typeof(MdbCmdlet).Assembly.Location)!, TimeProvider.System, stop.Token);
        var worker = Task.Run(async () =>
        {
            try
            {
                return await work(run);
            }
            finally
            {
                told.Writer.Complete();
            }
        });
        try
        {
            foreach (var write in told.Reader.ReadAllAsync().ToBlockingEnumerable())
            {
                write();
            }
        }
        catch
        {
            stop.Cancel();
            Task.WaitAny(worker);
            throw;
        }

        try
        {
            return worker.GetAwaiter().GetResult();
        }
        catch (InputException input)
        {
            Refuse(input.Diagnostics, ErrorCategory.InvalidData);
            throw;
        }
        catch (TargetException target)
        {
            Refuse([target.Diagnostic], ErrorCategory.ResourceUnavailable);
            throw;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }

    private Listener Speaker(ChannelWriter<Action> told)
    {
        void Say(Action write) => told.TryWrite(write);
        return new Listener(
            // What Write-Host does: shown whatever the preferences are, and still a record that can be redirected.
            Tell: text => Say(() => WriteInformation(new HostInformationMessage { Message = text }, ["PSHOST"])),
            Line: text => Say(() => WriteVerbose(text)),
            Caution: text => Say(() => WriteWarning(text)),
            Step: (text, percent) => Say(() =>
            {
                WriteVerbose(text);
                WriteProgress(new ProgressRecord(0, MyInvocation.MyCommand.Name, text) { PercentComplete = percent ?? -1 });
            }),
            Diagnostic: diagnostic => Say(() => Write(diagnostic)));
    }

    private void Write(Diagnostic diagnostic)
    {
        switch (diagnostic.Severity)
        {
            case Severity.Error:
                WriteError(Record(diagnostic, ErrorCategory.InvalidResult));
                break;
            case Severity.Warning:
                WriteWarning(advised.Add(diagnostic.Problem) ? $"{diagnostic} {diagnostic.Advice}" : diagnostic.ToString());
                break;
            default:
                WriteVerbose(diagnostic.ToString());
                break;
        }
    }

    private void Refuse(IReadOnlyList<Diagnostic> diagnostics, ErrorCategory category)
    {
        foreach (var other in diagnostics.Where(d => d.Severity != Severity.Error))
        {
            Write(other);
        }

        var errors = diagnostics.Where(d => d.Severity == Severity.Error).ToList();
        foreach (var error in errors.SkipLast(1))
        {
            WriteError(Record(error, category));
        }

        ThrowTerminatingError(Record(errors[^1], category));
    }

    private static ErrorRecord Record(Diagnostic diagnostic, ErrorCategory category) => new(new InvalidOperationException(diagnostic.ToString()), diagnostic.Code, category, diagnostic)
    {
        ErrorDetails = new ErrorDetails($"{diagnostic} {diagnostic.Advice}") { RecommendedAction = diagnostic.Advice },
    };
}
