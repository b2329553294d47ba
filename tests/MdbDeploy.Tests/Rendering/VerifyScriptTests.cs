using MdbDeploy.Targets.Status;

namespace MdbDeploy.Tests.Rendering;

/// <summary>The verification kit, run.</summary>
[Collection(nameof(FakeWindows))]
public sealed class VerifyScriptTests : IDisposable
{
    private const string Status = @"HKLM:\SOFTWARE\Microsoft\Windows Advanced Threat Protection\Status";

    private const string Cmdlets = """
        $global:Events = @()
        function global:Get-WinEvent($FilterHashtable, $MaxEvents, $ErrorAction) { $global:Events | Where-Object { $_.Log -eq $FilterHashtable.LogName } }
        function global:Select-Object { param([Parameter(ValueFromPipeline = $true)] $InputObject, $First) begin { $n = 0 } process { if ($n -lt $First) { $InputObject }; $n++ } }
        function global:Start-Process { param($FilePath, $ArgumentList, $WindowStyle) if ($global:Refuse) { throw 'no' }; [void] $global:Calls.Add("start $FilePath $($ArgumentList -join ' ')") }
        function global:New-Item($ItemType, $Path, [switch] $Force) { [void] $global:Calls.Add("new $Path") }
        $global:Refuse = $false
        $global:Services['Sense'] = [pscustomobject] @{ Status = 'Running' }
        """;

    private readonly FakeWindows windows = new();
    private readonly string folder;

    public VerifyScriptTests()
    {
        folder = Path.Combine(windows.Deliver(Path.Combine(Repository.Root, "tests", "MdbDeploy.Tests", "Baselines", "360-verify", "one-project", "expected")), "verify");
        windows.Run(Cmdlets);
        Onboarded();
    }

    [Fact]
    public void An_onboarded_device_is_compliant()
    {
        Test().ShouldBe((0, "Compliant"));
        ConfigMgr().ShouldBe((0, "Compliant"));
        Test("-Offboarded").ShouldBe((1, "NonCompliant: OnboardingState is still 1. The service Sense is Running."));
    }

    [Fact]
    public void An_offboarded_device_is_what_is_expected_of_it()
    {
        windows.Run($"$global:Registry['{Status}'] = @{{ OnboardingState = 0 }}; $global:Services['Sense'] = [pscustomobject] @{{ Status = 'Stopped' }}");
        Test("-Offboarded").ShouldBe((0, "Compliant"));
        Test().Code.ShouldBe(1);
    }

    [Theory]
    [InlineData("$global:Registry.Clear()", "OnboardingState is absent.")]
    [InlineData("$global:Services.Clear()", "The service Sense does not exist")]
    [InlineData("$global:Services['Sense'].Status = 'Stopped'", "The service Sense is Stopped.")]
    [InlineData("$global:Registry['HKLM:\\SOFTWARE\\Microsoft\\Windows Advanced Threat Protection\\Status'].OrgId = 'other'", "It belongs to the organisation 'other'")]
    [InlineData("$global:Registry['HKLM:\\SOFTWARE\\Policies\\Microsoft\\Windows Advanced Threat Protection'] = @{ '696C1FA1-4030-4FA4-8713-FAF9B2EA7C0A' = 'x' }", "Offboarding data is set as well")]
    [InlineData("$global:Registry['HKLM:\\SOFTWARE\\Microsoft\\Windows Advanced Threat Protection\\Status'].LastConnected = [datetime]::UtcNow.AddDays(-30).ToFileTimeUtc()", "The sensor last reached the service 30 days ago.")]
    public void What_is_wrong_is_said(string spoil, string words)
    {
        windows.Run(spoil);
        var (code, output) = Test();
        code.ShouldBe(1);
        output.ShouldStartWith("NonCompliant: ");
        output.ShouldContain(words);
        ConfigMgr().ShouldBe((0, "NonCompliant"));
    }

    [Fact]
    public void Events_tell_why_in_words()
    {
        windows.Run("""
            $global:Registry.Clear()
            $global:Events = @([pscustomobject] @{ Log = 'Application'; Id = 65 }, [pscustomobject] @{ Log = 'Application'; Id = 20 }, [pscustomobject] @{ Log = 'Microsoft-Windows-SENSE/Operational'; Id = 5 })
            """);
        Test().Output.ShouldContain("OnboardingState is absent (event 65: the script did not run as administrator; event 5: the service failed to connect to the server).");
    }

    [Fact]
    public void What_cannot_be_found_out_is_unknown_and_not_a_pass()
    {
        windows.Run("function global:Get-Service($Name, $ErrorAction) { throw 'Access is denied.' }");
        Test().ShouldBe((2, "Unknown: Access is denied."));
        ConfigMgr().ShouldBe((0, "Unknown"));
    }

    [Fact]
    public void By_hand_every_check_is_shown()
    {
        windows.Run("$global:Services.Clear()");
        var results = windows.Run($"& '{folder}/Test-MdbOnboarding.ps1' -Detailed");
        results.Select(r => $"{r.Properties["Check"].Value} {r.Properties["Result"].Value}").ShouldBe(
            ["Process Pass", "State Pass", "Service Fail", "Organization Pass", "Connected Pass", "NoOffboardingInfo Pass"]);
    }

    [Fact]
    public void The_detection_test_is_started_hidden_and_told()
    {
        Run("Invoke-MdbDetectionTest.ps1", "-WhatIf -Confirm:$false").Code.ShouldBe(0);
        windows.Calls.ShouldBeEmpty();
        Run("Invoke-MdbDetectionTest.ps1", "-Confirm:$false").Code.ShouldBe(0);
        windows.Calls[0].ShouldBe(@"new C:\test-MDATP-test");
        windows.Calls[1].ShouldContain("http://127.0.0.1/1.exe");
        windows.Run("$global:Refuse = $true");
        Run("Invoke-MdbDetectionTest.ps1", "-Confirm:$false").Code.ShouldBe(1);
    }

    [Fact]
    public void Its_result_file_is_read_by_status()
    {
        var file = Path.Combine(windows.Folder, "results.csv");
        var arguments = $"-ResultFile '{file}'";
        Test(arguments).Code.ShouldBe(0);
        windows.Run($"$global:Services['Sense'].Status = 'Stopped'; $global:Registry['{Status}'].OrgId = 'a \"quoted\", name'");
        Test(arguments + " -Detailed").Code.ShouldBe(1);
        windows.Run("$global:Registry.Clear()");
        Test(arguments).Code.ShouldBe(1);
        windows.Run("$global:Events = @([pscustomobject] @{ Log = 'Application'; Id = 65 })");
        Test(arguments).Code.ShouldBe(1);
        windows.Run("$global:Events = @(); $global:Services.Clear()");
        Test(arguments).Code.ShouldBe(1);
        Test(arguments + " -Offboarded").Code.ShouldBe(0);
        windows.Run("function global:Get-Service($Name, $ErrorAction) { throw 'Access is denied.' }; $global:Registry.Clear()");
        Onboarded();
        Test(arguments).Code.ShouldBe(2);

        File.ReadAllText(file).Split("\r\n").Length.ShouldBe(9);
        var read = ScriptResult.Read(File.ReadAllBytes(file), "results/PC.csv");
        read.Diagnostics.ShouldBeEmpty();
        read.Value!.ShouldAllBe(r => r.Name == "W11-GOLD" && r.IsCheck);
        read.Value!.Select(r => (r.ExitCode, r.Succeeded, r.IsOnboarded, r.OrganizationId?.ToString())).ShouldBe(
        [
            (0, true, true, OffboardingBundle.Organization),
            (1, false, true, null),
            (1, true, null, null),
            (1, false, null, null),
            (1, false, null, null),
        ]);
        read.Value![1].Meaning.ShouldBe("NonCompliant: The service Sense is Stopped. It belongs to the organisation 'a \"quoted\", name', not to 11111111-2222-4333-8444-555555555555.");
        read.Value![3].Meaning.ShouldContain("event 65");
        read.Value![4].Meaning.ShouldContain("does not exist");
    }

    [Fact]
    public void A_result_file_that_cannot_be_written_is_told_and_the_exit_code_kept()
    {
        Test($"-ResultFile '{windows.Folder}/nowhere/results.csv'").ShouldBe((0, "Compliant"));
        windows.Calls.ShouldHaveSingleItem().ShouldStartWith("warning The result could not be written");
    }

    public void Dispose() => windows.Dispose();

    private void Onboarded() => windows.Run($"$global:Registry['{Status}'] = @{{ OnboardingState = 1; OrgId = '{OffboardingBundle.Organization}'; LastConnected = [datetime]::UtcNow.AddHours(-1).ToFileTimeUtc() }}");

    private (int Code, string Output) Test(string arguments = "") => Run("Test-MdbOnboarding.ps1", arguments);

    private (int Code, string Output) ConfigMgr() => Run("Test-MdbOnboarding.ConfigMgr.ps1", "");

    private (int Code, string Output) Run(string script, string arguments)
    {
        var results = windows.Run($"& '{folder}/{script}' {arguments}; $global:LASTEXITCODE");
        return ((int)results[^1].BaseObject, string.Join('\n', results.Take(results.Count - 1)));
    }
}
