using System.Management.Automation;
using MdbDeploy.Cli;
using MdbDeploy.Cli.Commands;
using MdbDeploy.Cli.Reports;

namespace MdbDeploy.Cmdlets;

/// <summary><c>Get-MdbPlan</c>: who goes where, and why. Writes nothing.</summary>
[Cmdlet(VerbsCommon.Get, "MdbPlan")]
[OutputType(typeof(MdbPlannedDevice))]
public sealed class GetMdbPlan : MdbCmdlet
{
    /// <inheritdoc/>
    protected override void ProcessRecord() => Do(() =>
    {
        var planned = Wait(Run("plan", Folder).Pipeline.PlanAsync(Folder, null, Stopped));
        Tell(planned.Diagnostics);
        foreach (var device in planned.Plan.Devices)
        {
            WriteObject(new MdbPlannedDevice(device.Device.Name, device.Device.Fqdn, device.Method, device.Ring, device.Eligibility.ToString(), device.Attention, [.. device.Reasons]));
        }
    });
}

/// <summary><c>Get-MdbStatus</c>: where every device stands, as the live systems tell.</summary>
[Cmdlet(VerbsCommon.Get, "MdbStatus")]
[OutputType(typeof(MdbDeviceStatus))]
public sealed class GetMdbStatus : MdbCmdlet
{
    /// <inheritdoc/>
    protected override void ProcessRecord() => Do(() =>
    {
        var run = Run("status", Folder);
        var planned = Wait(run.Pipeline.PlanAsync(Folder, null, Stopped));
        using var targets = LiveTargets.Open(planned.Project, [], TimeProvider.System, LiveTargets.Secrets, _ => { });
        var (status, _) = StatusCommand.Remember(planned, Wait(StatusSources.ReadAsync(run, planned, targets, failed: null)), planned.Project.Folder);
        Tell(planned.Diagnostics);
        foreach (var device in status)
        {
            WriteObject(new MdbDeviceStatus(device.Planned.Device.Name, device.Planned.Method, device.Planned.Ring, StatusWords.Of(device.Condition), device.Told, device.LastSeen?.UtcDateTime, device.Since?.UtcDateTime));
        }
    });
}

/// <summary><c>Invoke-MdbRender</c>: renders the bundle.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "MdbRender", SupportsShouldProcess = true)]
public sealed class InvokeMdbRender : MdbCmdlet
{
    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ShouldProcess(Folder, "Render the bundle in place of the previous one"))
        {
            Invoke("render", Folder);
        }
    }
}

/// <summary><c>Invoke-MdbPush</c>: carries the bundle out at the live systems. With <c>-WhatIf</c> it gives what it would do.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "MdbPush", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class InvokeMdbPush : MdbCmdlet
{
    /// <summary>Only this ring.</summary>
    [Parameter]
    public string? Ring { get; set; }

    /// <summary>Only these targets: graph, configmgr, active-directory.</summary>
    [Parameter]
    public string[] Target { get; set; } = [];

    /// <summary>Refuse when the changes are not those with this fingerprint.</summary>
    [Parameter]
    public string? Expect { get; set; }

    /// <summary>Push rings whose gates are closed too.</summary>
    [Parameter]
    public SwitchParameter IgnoreGates { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var what = ShouldProcess(Folder, Ring is null ? "Push the bundle to the live systems" : $"Push ring '{Ring}' to the live systems") ? "--yes" : "--what-if";
        string[] ring = Ring is null ? [] : ["--ring", Ring];
        string[] expect = Expect is null ? [] : ["--expect", Expect];
        string[] gates = IgnoreGates ? ["--ignore-gates"] : [];
        Invoke(["push", Folder, what, .. ring, .. expect, .. gates, .. Target.SelectMany(target => new[] { "--target", target })]);
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
/// <param name="Method">Onboarding method.</param>
/// <param name="Ring">Its ring; null when it is in none.</param>
/// <param name="State">Its condition in a word or two, as in status.csv.</param>
/// <param name="Detail">Why, and what to do.</param>
/// <param name="LastSeen">When a live system last heard from it, UTC.</param>
/// <param name="Since">Since when it has been in its condition, UTC.</param>
public sealed record MdbDeviceStatus(string Name, string Method, string? Ring, string State, string Detail, DateTime? LastSeen, DateTime? Since);
