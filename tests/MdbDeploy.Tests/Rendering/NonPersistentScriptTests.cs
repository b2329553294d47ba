using MdbDeploy.Packages;

namespace MdbDeploy.Tests.Rendering;

/// <summary>The sample's Onboard-NonPersistentMachine.ps1, which does what the portal's does, run.</summary>
[Collection(nameof(FakeWindows))]
public sealed class NonPersistentScriptTests : IDisposable
{
    private const string Key = @"HKLM:\SOFTWARE\Microsoft\Windows Advanced Threat Protection";
    private const string Organization = "11111111-2222-4333-8444-555555555555";

    // As it stands in a .cmd, escaped twice.
    private const string Blob = "\\\"orgId\\\\\\\":\\\\\\\"" + Organization + "\\\\\\\"";

    private const string Cmdlets = """
        $env:MDBDEPLOY_RUN_SYNTHETIC = '1'; $global:IsAdministrator = $true
        function global:New-Object($TypeName, $ArgumentList) {
            if ($TypeName -eq 'Guid') { return [guid]::new([byte[]] $ArgumentList[0]) }
            $principal = [pscustomobject] @{}
            $principal.PSObject.Methods.Add([System.Management.Automation.PSScriptMethod]::new('IsInRole', { $global:IsAdministrator }))
            $principal
        }
        function global:Select-String($LiteralPath, $Pattern) { $m = [regex]::Match([System.IO.File]::ReadAllText($LiteralPath), $Pattern); if ($m.Success) { [pscustomobject] @{ Matches = @($m) } } }
        function global:Get-ItemProperty($LiteralPath, $Name, $ErrorAction) { $v = $global:Registry[$LiteralPath]; if ($v -and $v.ContainsKey($Name)) { [pscustomobject] $v } }
        """;

    private readonly FakeWindows windows = new();
    private readonly string folder;

    public NonPersistentScriptTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "gives a shell script the name of a .cmd");
        folder = Path.Combine(windows.Folder, "startup");
        Directory.CreateDirectory(folder);
        // Who runs it only Windows can say; nothing else is changed.
        File.WriteAllText(Path.Combine(folder, "Onboard-NonPersistentMachine.ps1"), File.ReadAllText(Path.Combine(Repository.Root, "templates", "project", "packages", "Onboard-NonPersistentMachine.ps1"))
            .Replace("[Security.Principal.WindowsIdentity]", $"[{typeof(FakeIdentity).FullName}]", StringComparison.Ordinal));
        Onboarding(0, Blob);
        windows.Run(Cmdlets);
    }

    [Fact]
    public void A_desktop_gets_the_identity_of_its_name_the_tag_and_is_onboarded()
    {
        Run().ShouldBe(0);
        Value(Key, "senseGuid").ShouldBe(SenseGuid.Of(Guid.Parse(Organization), Environment.MachineName).ToString());
        Value(@"HKLM:\SOFTWARE\Policies\Microsoft\Windows Advanced Threat Protection\DeviceTagging", "VDI").ShouldBe("NonPersistent");
        File.Exists(Path.Combine(folder, "onboarded")).ShouldBeTrue();
    }

    [Fact]
    public void An_identity_of_the_image_is_replaced_while_the_sensor_does_not_run()
    {
        windows.Run($"$Registry['{Key}'] = @{{ senseGuid = 'of the image' }}; $Services['Sense'] = [pscustomobject] @{{ Status = 'Stopped' }}");
        Run().ShouldBe(0);
        Value(Key, "senseGuid").ShouldBe(SenseGuid.Of(Guid.Parse(Organization), Environment.MachineName).ToString());
    }

    [Fact]
    public void Each_failure_has_its_code_and_onboards_nothing()
    {
        windows.Run("$global:IsAdministrator = $false");
        Failed(1);
        windows.Run($"$global:IsAdministrator = $true; $Registry['{Key}'] = @{{ senseGuid = 'x' }}; $Services['Sense'] = [pscustomobject] @{{ Status = 'Running' }}");
        Failed(4);
        Value(Key, "senseGuid").ShouldBe("x");
        windows.Run("$Registry.Clear()");
        Onboarding(0, "");
        Failed(3);
        File.Delete(Path.Combine(folder, "WindowsDefenderATPOnboardingScript.cmd"));
        Failed(2);
        windows.Run("$env:MDBDEPLOY_RUN_SYNTHETIC = $null");
        Failed(99);
    }

    [Fact]
    public void A_script_that_fails_is_5()
    {
        Onboarding(35, Blob);
        Run().ShouldBe(5);
    }

    public void Dispose()
    {
        windows.Run("$env:MDBDEPLOY_RUN_SYNTHETIC = $null");
        windows.Dispose();
    }

    private void Onboarding(int code, string blob)
    {
        var script = Path.Combine(folder, "WindowsDefenderATPOnboardingScript.cmd");
        File.WriteAllText(script, $"#!/bin/sh\ntouch '{folder}/onboarded'\nexit {code}\n# {blob}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private void Failed(int code)
    {
        Run().ShouldBe(code);
        File.Exists(Path.Combine(folder, "onboarded")).ShouldBeFalse();
    }

    private int Run() => (int)windows.Run($"$null = & '{folder}/Onboard-NonPersistentMachine.ps1'; $global:LASTEXITCODE").Single().BaseObject;

    private string? Value(string key, string name) => windows.Run($"$Registry['{key}']['{name}']").Single()?.ToString();
}

/// <summary>Who runs a script, as only Windows can say.</summary>
public static class FakeIdentity
{
    public static object GetCurrent() => new();
}
