using System.Management.Automation;
using MdbDeploy.Cli;
using MdbDeploy.Cli.Commands;
using MdbDeploy.Targets;

namespace MdbDeploy.Cmdlets;

/// <summary><c>Invoke-MdbRender</c>: renders the bundle in place of the previous one, and gives its files.</summary>
/// <example><code>Invoke-MdbRender rollout | Where-Object IsSensitive</code><para>Renders, and lists the files that hold a secret of the tenant.</para></example>
[Cmdlet(VerbsLifecycle.Invoke, "MdbRender", SupportsShouldProcess = true)]
[OutputType(typeof(MdbRenderedFile))]
public sealed class InvokeMdbRender : MdbCmdlet
{
    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var folder = Folder();
        if (!ShouldProcess(folder, "Render the bundle in place of the previous one"))
        {
            return;
        }

        var made = Carry(async run =>
        {
            var (planned, bundle) = await RenderCommand.CarryOutAsync(run, folder, null);
            return Tuple.Create(Path.Combine(planned.OutFolder, "bundle"), bundle);
        });
        foreach (var file in made.Item2.Files)
        {
            WriteObject(new MdbRenderedFile(file.Path, Path.GetFullPath(file.Path, made.Item1), file.Channel, file.Resource?.Address, file.IsSensitive));
        }
    }
}

/// <summary>
/// <c>Invoke-MdbPush</c>: carries the bundle out at the live systems, and gives what was done at each. With <c>-WhatIf</c> it reads the live systems and gives what it would do;
/// when the answer to its question is no, it does nothing.
/// </summary>
/// <example><code>Invoke-MdbPush rollout -Ring pilot</code><para>Asks, and pushes the ring 'pilot'.</para></example>
/// <example><code>$changes = Invoke-MdbPush rollout -WhatIf; Invoke-MdbPush rollout -Expect $changes[0].Fingerprint -Confirm:$false</code><para>Pushes exactly the changes that were reviewed, and nothing when the state moved since.</para></example>
[Cmdlet(VerbsLifecycle.Invoke, "MdbPush", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(MdbPushResult), typeof(MdbChange))]
public sealed class InvokeMdbPush : MdbCmdlet
{
    /// <summary>Only this ring.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Ring { get; set; }

    /// <summary>Only these targets: graph, configmgr, active-directory. All that the project names when left out, without active-directory, which only its name brings in.</summary>
    [Parameter]
    [ValidateSet("graph", "configmgr", "active-directory", IgnoreCase = false)]
    public string[] Target { get; set; } = [];

    /// <summary>Addresses whose object without our marker is taken over, or whose conflict the bundle wins.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Adopt { get; set; } = [];

    /// <summary>Refuse when the changes are not those with this fingerprint, as <c>-WhatIf</c> gives it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Expect { get; set; }

    /// <summary>Push rings whose gates are closed too.</summary>
    [Parameter]
    public SwitchParameter IgnoreGates { get; set; }

    /// <summary>Seconds to wait for devices to become members of Configuration Manager collections; 0 does not wait. 120 when left out, and then only for collections that changed.</summary>
    [Parameter]
    [ValidateRange(0, 86400)]
    public int? Wait { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var folder = Folder();
        var what = Ring is null ? "Push the bundle to the live systems" : $"Push ring '{Ring}' to the live systems";
        var isAgreed = ShouldProcess($"{what}: {folder}", $"{what}: {folder}?", MyInvocation.MyCommand.Name, out var reason);
        if (!isAgreed && reason != ShouldProcessReason.WhatIf)
        {
            return;
        }

        var outcome = Carry(run => PushCommand.CarryOutAsync(run, new PushRequest
        {
            Folder = folder,
            Targets = Target,
            Ring = Ring,
            WhatIf = !isAgreed,
            Adopt = Adopt,
            Expect = Expect,
            Wait = TimeSpan.FromSeconds(Wait ?? Deployment.MembersAtMost),
            WaitsForUnchanged = Wait is not null,
            IgnoreGates = IgnoreGates,
        }));
        if (!isAgreed)
        {
            var fingerprint = DiffCommand.Fingerprint(outcome.Compared);
            WriteObject(outcome.Compared.SelectMany(t => t.Changes.Changes.Where(c => c.Kind != ChangeKind.None).Select(c => MdbChange.Of(t.Target, c, fingerprint))), enumerateCollection: true);
            return;
        }

        WriteObject(outcome.Compared.Zip(outcome.Results, (t, result) => MdbPushResult.Of(t.Target, result)), enumerateCollection: true);
    }
}

/// <summary>A file of the bundle.</summary>
/// <param name="Path">Its path within the bundle, with <c>/</c>.</param>
/// <param name="FullName">Its path in the file system.</param>
/// <param name="Channel">Name of the channel that rendered it.</param>
/// <param name="Address">Address of the resource that it describes; null for a file that nobody pushes.</param>
/// <param name="IsSensitive">Whether it holds a secret of the tenant.</param>
public sealed record MdbRenderedFile(string Path, string FullName, string Channel, string? Address, bool IsSensitive);

/// <summary>What a push would do with one resource.</summary>
/// <param name="Target">Name of the live system.</param>
/// <param name="Change">Create, Update, Delete, Adopt, or Foreign for what a push refuses.</param>
/// <param name="Address">Address of the resource.</param>
/// <param name="Kind">The kind of resource.</param>
/// <param name="Reason">Why, in a sentence.</param>
/// <param name="Fields">JSON pointers of the fields that differ.</param>
/// <param name="Fingerprint">What identifies all changes of this comparison together, for <c>-Expect</c>.</param>
public sealed record MdbChange(string Target, string Change, string Address, string Kind, string Reason, IReadOnlyList<string> Fields, string Fingerprint)
{
    internal static MdbChange Of(string target, Change change, string fingerprint) =>
        new(target, change.Kind.ToString(), change.Address, change.ResourceKind.Name, change.Reason, [.. change.Fields.Select(f => f.Path)], fingerprint);
}

/// <summary>What a push did at one live system.</summary>
/// <param name="Target">Name of the live system.</param>
/// <param name="Run">Name of the run, under which its journal stands and which <c>mdbdeploy rollback</c> takes; null when there was nothing to write.</param>
/// <param name="Done">Number of writes carried out.</param>
/// <param name="Failed">Number of writes that the system refused.</param>
/// <param name="Skipped">Number of writes left out because one they need was not carried out.</param>
/// <param name="Waiting">Number of writes that wait for somebody's approval.</param>
/// <param name="IsComplete">Whether everything was carried out. Otherwise pushing again continues.</param>
/// <param name="Steps">The writes, in their order.</param>
public sealed record MdbPushResult(string Target, string? Run, int Done, int Failed, int Skipped, int Waiting, bool IsComplete, IReadOnlyList<MdbPushStep> Steps)
{
    internal static MdbPushResult Of(string target, PushResult result) => new(
        target, result.RunId, result.Done, result.Failed, result.Skipped, result.Waiting, result.IsComplete,
        [.. result.Steps.Select(s => new MdbPushStep(s.Change.Kind.ToString(), s.Change.Address, s.State.ToString(), s.Note))]);
}

/// <summary>One write of a push.</summary>
/// <param name="Change">Create, Update, Delete or Adopt.</param>
/// <param name="Address">Address of the resource.</param>
/// <param name="State">Done, Failed, Skipped, Waiting or NotStarted.</param>
/// <param name="Note">Why it was not done; null when it was.</param>
public sealed record MdbPushStep(string Change, string Address, string State, string? Note);
