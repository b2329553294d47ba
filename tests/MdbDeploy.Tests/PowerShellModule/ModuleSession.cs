using System.Collections.Concurrent;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;
using System.Security;
using MdbDeploy.Cmdlets;
using MdbDeploy.Lab;

namespace MdbDeploy.Tests.PowerShellModule;

/// <summary>PowerShell with the module's cmdlets and a person who answers its questions, and a small project in a folder of its own.</summary>
internal sealed class ModuleSession : IDisposable
{
    private readonly Runspace runspace;

    public ModuleSession()
    {
        var state = InitialSessionState.CreateDefault2();
        foreach (var (name, type) in Cmdlets)
        {
            state.Commands.Add(new SessionStateCmdletEntry(name, type, null));
        }

        runspace = RunspaceFactory.CreateRunspace(Person, state);
        runspace.Open();
        Write("pc.csv", "name,os,os_edition,os_build,join_type,managed_by\nPC-1,Windows 11,Pro,10.0.22631.4460,entra,intune\nPC-2,Windows 11,Pro,10.0.22631.4460,ad,none\n");
        WriteProject("");
    }

    /// <summary>The cmdlets, by name.</summary>
    public static IReadOnlyDictionary<string, Type> Cmdlets { get; } = typeof(MdbCmdlet).Assembly.GetExportedTypes()
        .Where(type => type.IsDefined(typeof(CmdletAttribute), false))
        .ToDictionary(type => type.GetCustomAttributes(typeof(CmdletAttribute), false) is [CmdletAttribute name] ? $"{name.VerbName}-{name.NounName}" : "");

    public string Folder { get; } = Directory.CreateTempSubdirectory("mdb-module-").FullName;

    public Person Person { get; } = new();

    public void Write(string file, string text) => File.WriteAllText(Path.Combine(Folder, file), text);

    public void WriteProject(string more, string rings = "[{ name: all }]") => Write("mdbdeploy.yaml", $"organization: Contoso\nid: contoso\ninventory: pc.csv\nrings: {rings}\n{more}\n");

    /// <summary>Points the project at a lab.</summary>
    public void PointAt(LabServer lab, string auth, string rings = "[{ name: all }]", int port = 0)
    {
        var address = port == 0 ? lab.BaseAddress : new Uri($"https://localhost:{port}/");
        Write("ca.pem", lab.AuthorityPem);
        WriteProject(
            $$"""
            tenant: { usesIntune: true, onboarding: manual, connector: true }
            targets: { graph: { tenantId: {{lab.TenantId}}, clientId: {{lab.ClientId}}{{auth}}, endpoint: '{{address}}', authority: '{{address}}', defenderApi: '{{address}}', caFile: ca.pem } }
            """, rings);
        Environment.SetEnvironmentVariable("MDBDEPLOY_CLIENT_SECRET", lab.ClientSecret);
    }

    /// <summary>A shell that will run a script, in which <c>$folder</c> is the project's.</summary>
    public PowerShell Shell(string script)
    {
        var shell = PowerShell.Create(runspace);
        shell.AddScript($"$folder = '{Folder}'; {script}");
        return shell;
    }

    /// <summary>Runs a script.</summary>
    public Ran Run(string script)
    {
        using var shell = Shell(script);
        try
        {
            var output = shell.Invoke();
            return new Ran([.. output.Select(o => o.BaseObject)], [.. shell.Streams.Error], [.. shell.Streams.Warning.Select(w => w.Message)], [.. shell.Streams.Verbose.Select(v => v.Message)]);
        }
        catch (RuntimeException terminating)
        {
            return new Ran([], [.. shell.Streams.Error, terminating.ErrorRecord], [.. shell.Streams.Warning.Select(w => w.Message)], [.. shell.Streams.Verbose.Select(v => v.Message)]);
        }
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("MDBDEPLOY_CLIENT_SECRET", null);
        runspace.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}

/// <summary>What a script gave.</summary>
internal sealed record Ran(IReadOnlyList<object> Output, IReadOnlyList<ErrorRecord> Errors, IReadOnlyList<string> Warnings, IReadOnlyList<string> Verbose)
{
    /// <summary>The output, which must be without errors.</summary>
    public IReadOnlyList<T> Of<T>()
    {
        Errors.ShouldBeEmpty();
        return [.. Output.Select(o => o.ShouldBeAssignableTo<T>()!)];
    }
}

/// <summary>The person at PowerShell: answers every question alike, and sees what is written.</summary>
internal sealed class Person : PSHost
{
    private readonly Screen screen = new();

    /// <summary>The answer to every question, by its label.</summary>
    public string Answer { get; set; } = "&Yes";

    /// <summary>The questions so far.</summary>
    public ConcurrentQueue<string> Questions => screen.Questions;

    /// <summary>Called with every text at the moment it is written.</summary>
    public Action<string> Sees { get; set; } = _ => { };

    public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.InvariantCulture;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override string Name => "Test";

    public override PSHostUserInterface UI
    {
        get
        {
            screen.Person = this;
            return screen;
        }
    }

    public override Version Version => new(1, 0);

    public override void EnterNestedPrompt()
    {
    }

    public override void ExitNestedPrompt()
    {
    }

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }

    public override void SetShouldExit(int exitCode)
    {
    }

    private sealed class Screen : PSHostUserInterface
    {
        public Person Person { get; set; } = null!;

        public ConcurrentQueue<string> Questions { get; } = [];

        public override PSHostRawUserInterface? RawUI => null;

        public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
        {
            Questions.Enqueue(message);
            return choices.ToList().FindIndex(c => c.Label == Person.Answer);
        }

        public override void Write(string value) => Person.Sees(value);

        public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Person.Sees(value);

        public override void WriteLine(string value) => Person.Sees(value);

        public override void WriteLine(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Person.Sees(value);

        public override void WriteDebugLine(string message)
        {
        }

        public override void WriteErrorLine(string value)
        {
        }

        public override void WriteProgress(long sourceId, ProgressRecord record)
        {
        }

        public override void WriteVerboseLine(string message)
        {
        }

        public override void WriteWarningLine(string message)
        {
        }

        public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) => throw new NotSupportedException();

        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) => throw new NotSupportedException();

        public override PSCredential PromptForCredential(
            string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) => throw new NotSupportedException();

        public override string ReadLine() => throw new NotSupportedException();

        public override SecureString ReadLineAsSecureString() => throw new NotSupportedException();
    }
}
