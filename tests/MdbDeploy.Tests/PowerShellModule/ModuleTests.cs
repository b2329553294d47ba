using System.Management.Automation;
using System.Management.Automation.Runspaces;
using MdbDeploy.Cmdlets;
using MdbDeploy.Lab;

namespace MdbDeploy.Tests.PowerShellModule;

/// <summary>The module in PowerShell's own engine: objects, errors, -WhatIf, and a push into the lab.</summary>
[Collection(nameof(Rendering.FakeWindows))]
public sealed class ModuleTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("mdb-module-").FullName;
    private readonly Runspace runspace;

    public ModuleTests()
    {
        var state = InitialSessionState.CreateDefault2();
        foreach (var type in typeof(MdbCmdlet).Assembly.GetExportedTypes())
        {
            if (type.GetCustomAttributes(typeof(CmdletAttribute), false) is [CmdletAttribute name])
            {
                state.Commands.Add(new SessionStateCmdletEntry($"{name.VerbName}-{name.NounName}", type, null));
            }
        }

        runspace = RunspaceFactory.CreateRunspace(state);
        runspace.Open();
        File.WriteAllText(Path.Combine(folder, "pc.csv"), "name,os,os_edition,os_build,join_type,managed_by\nPC-1,Windows 11,Pro,10.0.22631.4460,entra,intune\nPC-2,Windows 11,Pro,10.0.22631.4460,ad,none\n");
        WriteProject("");
    }

    [Fact]
    public void The_manifest_exports_what_there_is()
    {
        var manifest = File.ReadAllText(Path.Combine(Repository.Root, "src", "MdbDeploy.PowerShell", "MdbDeploy.psd1"));
        var names = typeof(MdbCmdlet).Assembly.GetExportedTypes().SelectMany(t => t.GetCustomAttributes(typeof(CmdletAttribute), false).Cast<CmdletAttribute>()).Select(a => $"{a.VerbName}-{a.NounName}").ToList();
        names.Count.ShouldBe(4);
        names.ShouldAllBe(name => manifest.Contains($"'{name}'", StringComparison.Ordinal));
    }

    [Fact]
    public void A_plan_is_objects_that_a_pipeline_filters()
    {
        var result = Run("Get-MdbPlan $folder | Where-Object Method -eq 'intune'", out var errors);
        errors.ShouldBeEmpty();
        var device = result.ShouldHaveSingleItem().BaseObject.ShouldBeOfType<MdbPlannedDevice>();
        (device.Name, device.Ring).ShouldBe(("PC-1", "all"));
        device.Reasons.ShouldNotBeEmpty();
    }

    [Fact]
    public void An_error_of_the_input_is_an_error_record_with_its_code()
    {
        File.WriteAllText(Path.Combine(folder, "mdbdeploy.yaml"), "organization: Contoso\ninventory: gone.csv\n");
        Run("Get-MdbPlan $folder", out var errors).ShouldBeEmpty();
        errors.ShouldContain(e => e.FullyQualifiedErrorId.StartsWith("MDB0108", StringComparison.Ordinal));
    }

    [Fact]
    public void What_if_renders_nothing_and_without_it_the_bundle_is_there()
    {
        Run("Invoke-MdbRender $folder -WhatIf", out _);
        Directory.Exists(Path.Combine(folder, "out", "bundle")).ShouldBeFalse();
        Run("Invoke-MdbRender $folder", out var errors).ShouldNotBeEmpty();
        errors.ShouldBeEmpty();
        File.Exists(Path.Combine(folder, "out", "bundle", "bundle.json")).ShouldBeTrue();
    }

    [Fact]
    public async Task A_push_asks_first_and_status_then_gives_an_object_for_each_device()
    {
        await using var lab = await LabServer.StartAsync(new LabOptions { ConnectorEnabled = true, Devices = [new LabDevice { Name = "PC-1", InEntra = true, InIntune = true, EntraDeviceId = Guid.Parse("11111111-1111-4111-8111-111111111111") }] }, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "ca.pem"), lab.AuthorityPem, TestContext.Current.CancellationToken);
        WriteProject($$"""
            tenant: { usesIntune: true, onboarding: manual, connector: true }
            targets: { graph: { tenantId: {{lab.TenantId}}, clientId: {{lab.ClientId}}, auth: client-secret, endpoint: '{{lab.BaseAddress}}', authority: '{{lab.BaseAddress}}', defenderApi: '{{lab.BaseAddress}}', caFile: ca.pem } }
            """);
        Environment.SetEnvironmentVariable("MDBDEPLOY_CLIENT_SECRET", lab.ClientSecret);
        try
        {
            Run("Invoke-MdbRender $folder", out var rendering);
            rendering.ShouldBeEmpty();
            Run("Invoke-MdbPush $folder -WhatIf", out var trying);
            trying.ShouldBeEmpty();
            lab.State.Groups.ShouldBeEmpty();
            Run("Invoke-MdbPush $folder -Confirm:$false", out var pushing);
            pushing.ShouldBeEmpty();
            lab.State.Groups.Select(g => g.DisplayName).ShouldContain("MDB - Contoso - all");
            var status = Run("Get-MdbStatus $folder", out var asking);
            asking.ShouldBeEmpty();
            status.Select(s => (MdbDeviceStatus)s.BaseObject).Select(s => s.Name).ShouldBe(["PC-1", "PC-2"], ignoreOrder: true);
        }
        finally
        {
            Environment.SetEnvironmentVariable("MDBDEPLOY_CLIENT_SECRET", null);
        }
    }

    public void Dispose()
    {
        runspace.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private void WriteProject(string more) =>
        File.WriteAllText(Path.Combine(folder, "mdbdeploy.yaml"), $"organization: Contoso\nid: contoso\ninventory: pc.csv\nrings: [{{ name: all }}]\n{more}\n");

    private System.Collections.ObjectModel.Collection<PSObject> Run(string script, out IReadOnlyList<ErrorRecord> errors)
    {
        using var shell = System.Management.Automation.PowerShell.Create(runspace);
        shell.AddScript($"$folder = '{folder}'; {script}");
        try
        {
            var result = shell.Invoke();
            errors = [.. shell.Streams.Error];
            return result;
        }
        catch (RuntimeException terminating)
        {
            errors = [.. shell.Streams.Error, terminating.ErrorRecord];
            return [];
        }
    }
}
