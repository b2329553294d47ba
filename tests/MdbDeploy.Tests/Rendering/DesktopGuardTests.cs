namespace MdbDeploy.Tests.Rendering;

/// <summary>The guard, run: it starts the portal's script on desktops and never in the image.</summary>
[Collection(nameof(FakeWindows))]
public sealed class DesktopGuardTests : IDisposable
{
    private readonly GoldenImage image = new("w11-pool");

    public DesktopGuardTests()
    {
        image.Stage();
        // The portal's script stays as it was copied; what it calls is counted.
        File.WriteAllText(image.PolicyPath("Machine/Scripts/Startup/Onboard-NonPersistentMachine.ps1"), "[void] $global:Calls.Add('onboarded'); exit 5");
        image.Windows.Run("$env:COMPUTERNAME = 'VDI-POOL-001'");
    }

    [Fact]
    public void A_desktop_is_onboarded_and_the_scripts_exit_code_is_passed_on()
    {
        Start().ShouldBe(["event 100 Onboards VDI-POOL-001 to Microsoft Defender.", "onboarded"]);
        Convert.ToInt32(image.Windows.Run("$LASTEXITCODE").Single().BaseObject, System.Globalization.CultureInfo.InvariantCulture).ShouldBe(5);
    }

    [Theory]
    [InlineData("$env:COMPUTERNAME = 'W11-GOLD'", "W11-GOLD is the golden image itself")]
    [InlineData("$env:COMPUTERNAME = 'it0a1b2c'", "the name it0a1b2c is none of a desktop (VDI-*)")]
    [InlineData(@"$Registry['HKLM:\SYSTEM\Setup'] = @{ SystemSetupInProgress = 1; OOBEInProgress = 0 }", "Windows is being set up")]
    [InlineData(@"$Registry['HKLM:\SYSTEM\Setup'] = @{ SystemSetupInProgress = 0; OOBEInProgress = 1 }", "Windows is being set up")]
    [InlineData("[System.IO.File]::WriteAllText(\"$env:ProgramData/MdbDeploy/DoNotOnboard\", '')", "DoNotOnboard exists")]
    [InlineData("[System.IO.File]::WriteAllText(\"$env:SystemDrive/Personality.ini\", \"[StringData]`r`n`$DiskMode=P`r`n`$WriteCacheType=0`r`n\")", "in mode P")]
    [InlineData("[System.IO.File]::WriteAllText(\"$env:SystemDrive/MCSPersonality.ini\", \"[StringData]`r`nDiskMode=Private`r`n\")", "in mode Private")]
    public void Where_it_must_not_run_it_says_why_and_does_nothing(string state, string why)
    {
        image.Windows.Run(state);
        var call = Start().ShouldHaveSingleItem();
        call.ShouldStartWith("event 101 Not onboarded to Microsoft Defender: ");
        call.ShouldContain(why);
    }

    [Theory]
    [InlineData("[System.IO.File]::WriteAllText(\"$env:SystemDrive/Personality.ini\", \"[StringData]`r`n`$DiskMode=S`r`n`$WriteCacheType=9`r`n\")")]
    [InlineData("[System.IO.File]::WriteAllText(\"$env:SystemDrive/MCSPersonality.ini\", \"[StringData]`r`nDiskMode=Shared`r`n\")")]
    [InlineData(@"$Registry['HKLM:\SYSTEM\Setup'] = @{ SystemSetupInProgress = 0; OOBEInProgress = 0 }")]
    [InlineData("function global:eventcreate.exe { throw 'no event log' }")]
    public void Nothing_else_keeps_a_desktop_from_being_onboarded(string state)
    {
        image.Windows.Run(state);
        Start().ShouldContain("onboarded");
    }

    [Fact]
    public void Of_two_citrix_files_the_one_written_last_counts()
    {
        image.Windows.Run("""
            [System.IO.File]::WriteAllText("$env:SystemDrive/Personality.ini", "DiskMode=Private")
            [System.IO.File]::WriteAllText("$env:SystemDrive/MCSPersonality.ini", "DiskMode=Shared")
            [System.IO.File]::SetLastWriteTimeUtc("$env:SystemDrive/Personality.ini", [datetime] '2024-01-01')
            """);
        Start().ShouldContain("onboarded");
        image.Windows.Run("[System.IO.File]::SetLastWriteTimeUtc(\"$env:SystemDrive/MCSPersonality.ini\", [datetime] '2023-01-01')");
        Start().Count(c => c == "onboarded").ShouldBe(1);
    }

    public void Dispose() => image.Dispose();

    private IReadOnlyList<string> Start()
    {
        image.Windows.Run($"& '{image.PolicyPath("Machine/Scripts/Startup/Start-MdbDesktop.ps1")}'");
        return image.Windows.Calls;
    }
}
