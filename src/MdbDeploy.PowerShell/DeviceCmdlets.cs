using System.Management.Automation;
using MdbDeploy.Cli;
using MdbDeploy.Cli.Commands;
using MdbDeploy.Cli.Reports;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets.Status;

namespace MdbDeploy.Cmdlets;

/// <summary><c>Get-MdbPlan</c>: who goes where, and why. Writes nothing.</summary>
/// <example><code>Get-MdbPlan rollout | Where-Object Attention | Format-Table Name, Attention</code><para>The devices that a person should look at, and why.</para></example>
/// <example><code>(Get-MdbPlan rollout | Where-Object Name -eq LT-0815).Reasons</code><para>How the plan of one device came about.</para></example>
[Cmdlet(VerbsCommon.Get, "MdbPlan")]
[OutputType(typeof(MdbPlannedDevice))]
public sealed class GetMdbPlan : MdbCmdlet
{
    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var folder = Folder();
        var planned = Carry(async run =>
        {
            var planned = await run.Pipeline.PlanAsync(folder, null, run.Cancelled);
            run.Terminal.Diagnostics(planned.Diagnostics);
            return planned;
        });
        foreach (var device in planned.Plan.Devices)
        {
            WriteObject(new MdbPlannedDevice(device.Device.Name, device.Device.Fqdn, device.Method, device.Ring, device.Eligibility.ToString(), device.Attention, [.. device.Reasons]));
        }
    }
}

/// <summary><c>Get-MdbStatus</c>: where every device stands, as the live systems tell, and after them the entries of Defender that belong to no device of the inventory.</summary>
/// <example><code>Get-MdbStatus rollout | Group-Object Ring, State -NoElement</code><para>How far each ring is.</para></example>
/// <example><code>Get-MdbStatus rollout | Where-Object State -eq failed | Export-Csv failed.csv</code><para>What failed, with the reason and what to do.</para></example>
[Cmdlet(VerbsCommon.Get, "MdbStatus")]
[OutputType(typeof(MdbDeviceStatus))]
public sealed class GetMdbStatus : MdbCmdlet
{
    /// <summary>Only these live systems: graph, configmgr, active-directory. All that the project names when left out.</summary>
    [Parameter]
    [ValidateSet("graph", "configmgr", "active-directory", IgnoreCase = false)]
    public string[] Target { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var folder = Folder();
        foreach (var device in Carry(run => ReadAsync(run, folder, Target)))
        {
            WriteObject(device);
        }
    }

    private static async Task<List<MdbDeviceStatus>> ReadAsync(Run run, string folder, string[] named)
    {
        var planned = await run.Pipeline.PlanAsync(folder, null, run.Cancelled);
        using var targets = LiveTargets.Open(planned.Project, named.Length > 0 ? named : LiveTargets.Configured(planned.Project), run.Time, LiveTargets.Secrets, run.Terminal.Tell);
        var failed = new List<Diagnostic>();
        var evidence = await StatusSources.ReadAsync(run, planned, targets, failed);
        // What a silent system would have said is not known: such a run is no part of the history.
        var status = failed.Count == 0 ? StatusCommand.Remember(planned, evidence, planned.Project.Folder).Status : OnboardingStatus.Compare(planned.Plan, evidence);
        run.Terminal.Diagnostics([.. planned.Diagnostics, .. failed]);
        return
        [
            .. status.Select(s => new MdbDeviceStatus(s.Planned.Device.Name, s.Planned.Method, s.Planned.Ring, StatusWords.Of(s.Condition), s.Told, s.LastSeen?.UtcDateTime, s.Since?.UtcDateTime)),
            .. OnboardingStatus.Strays(planned.Plan, evidence.Reported)
                .Select(s => new MdbDeviceStatus(s.Entry.DnsName!.Split('.')[0], null, null, StatusWords.Of(s.Condition), s.Detail, s.Entry.LastSeen?.UtcDateTime, null)),
        ];
    }
}

/// <summary>What is planned for a device.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Fqdn">Its DNS name.</param>
/// <param name="Method">Onboarding method.</param>
/// <param name="Ring">Its ring; null when it is in none.</param>
/// <param name="Eligibility">Whether it meets the requirements: Eligible, Unknown or Ineligible.</param>
/// <param name="Attention">Why a person should look at it; null when nobody needs to.</param>
/// <param name="Reasons">How it was decided.</param>
public sealed record MdbPlannedDevice(string Name, string? Fqdn, string Method, string? Ring, string Eligibility, string? Attention, IReadOnlyList<string> Reasons);

/// <summary>Where a device stands.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Method">Onboarding method; null for an entry that belongs to no device of the inventory.</param>
/// <param name="Ring">Its ring; null when it is in none.</param>
/// <param name="State">Its condition in a word or two, as in status.csv.</param>
/// <param name="Detail">Why, and what to do.</param>
/// <param name="LastSeen">When a live system last heard from it, UTC.</param>
/// <param name="Since">Since when it has been in its condition, UTC.</param>
public sealed record MdbDeviceStatus(string Name, string? Method, string? Ring, string State, string Detail, DateTime? LastSeen, DateTime? Since);
