using System.Management.Automation;
using System.Text;
using MdbDeploy.Formats;

namespace MdbDeploy.Tests.Rendering;

/// <summary>The scripts of a golden image, run.</summary>
// One at a time: the environment that a script sees is the process's.
[Collection(nameof(FakeWindows))]
public sealed class ImageScriptTests : IDisposable
{
    private readonly FakeWindows windows = new();
    private readonly string bundle;
    private readonly string policy;

    public ImageScriptTests()
    {
        bundle = windows.Deliver(Path.Combine(Repository.Root, "tests", "MdbDeploy.Tests", "Baselines", "330-vdi", "two-images", "expected", "vdi", "w11-pool"));
        policy = Path.Combine(windows.Folder, "Windows", "System32", "GroupPolicy");
    }

    [Fact]
    public void Staging_copies_enters_and_names_the_extension()
    {
        Stage();
        Staged("Machine/Scripts/psscripts.ini").ShouldBe(new ScriptsIni { Startup = [new("Onboard-NonPersistentMachine.ps1")] }.Write());
        Staged("Machine/Scripts/Startup/Onboard-NonPersistentMachine.ps1").ShouldBe(File.ReadAllBytes(Path.Combine(bundle, "package", "Onboard-NonPersistentMachine.ps1")));
        Staged("Machine/Scripts/Startup/WindowsDefenderATPOnboardingScript.cmd").ShouldNotBeEmpty();
        Staged("gpt.ini").ShouldBe(new GptIni { Version = 1, MachineExtensionNames = "[{42B5FAAE-6536-11D2-AE5A-0000F87571E3}{40B6664F-4972-11D1-A7CA-0000F87571E3}]" }.Write());
    }

    [Fact]
    public void Staging_twice_changes_nothing()
    {
        Stage();
        var done = windows.Calls;
        Stage();
        windows.Calls.ShouldBe(done);
        GptIni.Read(Staged("gpt.ini"), "gpt.ini").Value!.Version.ShouldBe(1u);
    }

    [Fact]
    public void What_if_touches_nothing()
    {
        Stage("-WhatIf");
        windows.Calls.ShouldBeEmpty();
        Directory.Exists(policy).ShouldBeFalse();
    }

    [Theory]
    [InlineData(0x0003_0002u, 0x0003_0003u)]
    [InlineData(0x0003_FFFFu, 0x0003_0001u)]
    public void A_local_policy_that_stands_there_keeps_its_extensions_and_its_user_version(uint before, uint after)
    {
        const string Registry = "[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}{D02B1F72-3407-48AE-BA88-E8213C6761F1}]";
        const string Tasks = "[{AADCED64-746C-4633-A97C-D61349046527}{CAB54552-DEEA-4691-817E-ED4A4D1AFC72}]";
        Directory.CreateDirectory(policy);
        File.WriteAllText(Path.Combine(policy, "gpt.ini"), $"[General]\r\ngPCFunctionalityVersion=2\r\ngPCMachineExtensionNames={Registry}{Tasks}\r\nVersion={before}\r\n");
        Stage();
        var ini = GptIni.Read(Staged("gpt.ini"), "gpt.ini").Value!;
        ini.Version.ShouldBe(after);
        ini.MachineExtensionNames.ShouldBe(ExtensionNames.Merge(Registry + Tasks, "[{42B5FAAE-6536-11D2-AE5A-0000F87571E3}{40B6664F-4972-11D1-A7CA-0000F87571E3}]"));
        Encoding.ASCII.GetString(Staged("gpt.ini")).ShouldContain("gPCFunctionalityVersion=2\r\n");
    }

    [Fact]
    public void A_start_up_script_of_somebody_else_is_not_overwritten()
    {
        Directory.CreateDirectory(Path.Combine(policy, "Machine", "Scripts"));
        File.WriteAllBytes(Path.Combine(policy, "Machine", "Scripts", "psscripts.ini"), new ScriptsIni { Startup = [new("theirs.ps1")] }.Write());
        Should.Throw<RuntimeException>(() => Stage()).Message.ShouldContain("holds other entries already");
    }

    [Fact]
    public void A_package_that_changed_since_rendering_is_refused()
    {
        File.AppendAllText(Path.Combine(bundle, "package", "Onboard-NonPersistentMachine.ps1"), "# changed");
        Should.Throw<RuntimeException>(() => Stage()).Message.ShouldContain("as it was rendered");
        Directory.Exists(policy).ShouldBeFalse();
    }

    [Fact]
    public void Removing_takes_out_what_staging_put_in()
    {
        Stage();
        Stage("-Remove");
        Directory.EnumerateFiles(policy, "*", SearchOption.AllDirectories).Select(Path.GetFileName).ShouldBe(["gpt.ini"]);
        GptIni.Read(Staged("gpt.ini"), "gpt.ini").Value!.Version.ShouldBe(2u);
        Stage("-Remove");
        GptIni.Read(Staged("gpt.ini"), "gpt.ini").Value!.Version.ShouldBe(2u);
    }

    [Fact]
    public void A_clean_staged_image_passes_every_check()
    {
        Stage();
        Clean();
        var (exit, results) = Check();
        results.Where(r => r.Value != "Pass").ShouldBeEmpty();
        exit.ShouldBe(0);
    }

    [Theory]
    [InlineData("NotOnboarded", @"$Registry['HKLM:\SOFTWARE\Microsoft\Windows Advanced Threat Protection\Status'] = @{ OnboardingState = 1 }")]
    [InlineData("NoOnboardingInfo", @"$Registry['HKLM:\SOFTWARE\Policies\Microsoft\Windows Advanced Threat Protection'] = @{ OnboardingInfo = 'x' }")]
    [InlineData("NoOffboardingInfo", @"$Registry['HKLM:\SOFTWARE\Policies\Microsoft\Windows Advanced Threat Protection'] = @{ '696C1FA1-4030-4FA4-8713-FAF9B2EA7C0A' = 'x' }")]
    [InlineData("NoIdentity", @"$Registry['HKLM:\SOFTWARE\Microsoft\Windows Advanced Threat Protection'] = @{ senseGuid = 'x' }")]
    [InlineData("NoIdentity", @"$Registry['HKLM:\SOFTWARE\Microsoft\Windows Advanced Threat Protection\48A68F11-7A16-4180-B32C-7F974C7BD783'] = @{}")]
    [InlineData("SensorInstalled", "$Services.Remove('Sense')")]
    [InlineData("SensorStopped", "$Services['Sense'] = [pscustomobject] @{ Status = 'Running' }")]
    [InlineData("SensorStartsByHand", @"$Registry['HKLM:\SYSTEM\CurrentControlSet\Services\Sense'] = @{ Start = 2 }")]
    [InlineData("CyberFolderEmpty", "$d = \"$env:ProgramData/Microsoft/Windows Defender Advanced Threat Protection/Cyber\"; [void] [System.IO.Directory]::CreateDirectory($d); [System.IO.File]::WriteAllText(\"$d/x\", '')")]
    [InlineData("FilesStaged", "[System.IO.File]::Delete(\"$env:SystemRoot/System32/GroupPolicy/Machine/Scripts/Startup/WindowsDefenderATPOnboardingScript.cmd\")")]
    [InlineData("OneStartupEntry", "[System.IO.File]::Delete(\"$env:SystemRoot/System32/GroupPolicy/Machine/Scripts/psscripts.ini\")")]
    [InlineData("OneStartupEntry", "[System.IO.File]::WriteAllText(\"$env:SystemRoot/System32/GroupPolicy/Machine/Scripts/scripts.ini\", \"[Startup]`r`n0CmdLine=WindowsDefenderATPOnboardingScript.cmd\")")]
    [InlineData("ExtensionNamed", "[System.IO.File]::Delete(\"$env:SystemRoot/System32/GroupPolicy/gpt.ini\")")]
    [InlineData("NoOnboardingTask", @"function global:Get-ScheduledTask { [pscustomobject] @{ TaskName = 't'; Actions = @([pscustomobject] @{ Execute = '\\fs\s\WindowsDefenderATPOnboardingScript.cmd'; Arguments = '' }) } }")]
    [InlineData("AntivirusNotDisabled", @"$Registry['HKLM:\SOFTWARE\Policies\Microsoft\Windows Defender'] = @{ DisableAntiSpyware = 1 }")]
    [InlineData("SignaturesFresh", "$Antivirus.AntivirusSignatureAge = [uint32] 4")]
    [InlineData("QuickScanDone", "$Antivirus.QuickScanAge = [uint32] 4294967295")]
    [InlineData("ProfileContainersExcluded", "$Services['frxsvc'] = [pscustomobject] @{ Status = 'Running' }")]
    public void A_spoiled_image_fails_the_check_of_that_name_and_no_other(string check, string spoil)
    {
        Stage();
        Clean();
        windows.Run(spoil);
        var (exit, results) = Check();
        results.Where(r => r.Value != "Pass").Select(r => $"{r.Key} {r.Value}").ShouldBe([$"{check} Fail"]);
        exit.ShouldBe(1);
    }

    [Fact]
    public void What_cannot_be_checked_is_not_a_pass()
    {
        Stage();
        Clean();
        windows.Run("function global:Get-MpComputerStatus { throw 'no rights' }");
        var (exit, results) = Check();
        results.Where(r => r.Value == "Unknown").Select(r => r.Key).ShouldBe(["SignaturesFresh", "QuickScanDone"]);
        exit.ShouldBe(2);
    }

    public void Dispose() => windows.Dispose();

    private void Stage(string arguments = "") => windows.Run($"& '{bundle}/Stage-MdbImage.ps1' {arguments}");

    private byte[] Staged(string path) => File.ReadAllBytes(Path.Combine(policy, path));

    private void Clean() => windows.Run("""
        $Services['Sense'] = [pscustomobject] @{ Status = 'Stopped' }
        $Registry['HKLM:\SYSTEM\CurrentControlSet\Services\Sense'] = @{ Start = 3 }
        $global:Antivirus = @{ AntivirusSignatureAge = [uint32] 0; QuickScanAge = [uint32] 1 }
        function global:Get-MpComputerStatus { [pscustomobject] $Antivirus }
        function global:Get-MpPreference { [pscustomobject] @{ ExclusionPath = $null } }
        function global:Get-ScheduledTask { [pscustomobject] @{ TaskName = 'other'; Actions = @([pscustomobject] @{ ClassId = 'x' }) } }
        """);

    private (int Exit, Dictionary<string, string> Results) Check()
    {
        var results = windows.Run($"& '{bundle}/Test-MdbGoldenImage.ps1'").ToDictionary(r => (string)r.Properties["Check"].Value, r => (string)r.Properties["Result"].Value);
        return (Convert.ToInt32(windows.Run("$LASTEXITCODE").Single().BaseObject, System.Globalization.CultureInfo.InvariantCulture), results);
    }
}
