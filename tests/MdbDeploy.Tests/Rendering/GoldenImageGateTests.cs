using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace MdbDeploy.Tests.Rendering;

/// <summary>The gate before sealing, run: a clean image passes, and each contamination fails in its own words.</summary>
[Collection(nameof(FakeWindows))]
public sealed class GoldenImageGateTests : IDisposable
{
    private const string Startup = "$env:SystemRoot/System32/GroupPolicy/Machine/Scripts/Startup";
    private const string Scripts = "$env:SystemRoot/System32/GroupPolicy/Machine/Scripts";
    private const string Atp = @"HKLM:\SOFTWARE\Microsoft\Windows Advanced Threat Protection";
    private const string AtpPolicy = @"HKLM:\SOFTWARE\Policies\Microsoft\Windows Advanced Threat Protection";

    private readonly GoldenImage image = new("w11-pool");

    public GoldenImageGateTests()
    {
        image.Stage();
        image.Clean();
    }

    /// <summary>Check that fails, words of its message, and what spoils the image.</summary>
    public static TheoryData<string, string, string> Contaminations => new()
    {
        { "BeforeSysprep", "IMAGE_STATE_GENERALIZE", @"$Registry['HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Setup\State'] = @{ ImageState = 'IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE' }" },
        { "SensorInstalled", "does not exist", "$Services.Remove('Sense')" },
        { "SensorStopped", "Sense is Running", "$Services['Sense'] = [pscustomobject] @{ Status = 'Running' }" },
        { "SensorStartsByHand", "start type 2", @"$Registry['HKLM:\SYSTEM\CurrentControlSet\Services\Sense'] = @{ Start = 2 }" },
        { "NotOnboarded", "OnboardingState is 1", $"$Registry['{Atp}\\Status'] = @{{ OnboardingState = 1 }}" },
        { "NoOnboardingInfo", "OnboardingInfo is set", $"$Registry['{AtpPolicy}'] = @{{ OnboardingInfo = 'x' }}" },
        { "NoOffboardingInfo", "offboarding data", $"$Registry['{AtpPolicy}'] = @{{ '696C1FA1-4030-4FA4-8713-FAF9B2EA7C0A' = 'x' }}" },
        { "NoSenseGuid", "senseGuid is 2df463a1", $"$Registry['{Atp}'] = @{{ senseGuid = '2df463a1-155f-87c9-74c8-08f8fd842d9b' }}" },
        { "NoSecondIdentity", "7DC0B629", $"$Registry['{Atp}'] = @{{ '7DC0B629-D7F6-4DB3-9BF7-64D5AAF50F1A' = 'x' }}" },
        { "NoIdentityKey", "48A68F11", $"$Registry['{Atp}\\48A68F11-7A16-4180-B32C-7F974C7BD783'] = @{{}}" },
        { "CyberFolderEmpty", "1 files of the sensor", "$d = \"$env:ProgramData/Microsoft/Windows Defender Advanced Threat Protection/Cyber\"; [void] [System.IO.Directory]::CreateDirectory($d); [System.IO.File]::WriteAllText(\"$d/x\", '')" },
        { "StartupScriptNeverRan", "NonPersistent", $"$Registry['{AtpPolicy}\\DeviceTagging'] = @{{ VDI = 'NonPersistent' }}" },
        { "CommandScriptIntact", "OnboardingScript.cmd' is missing", $"[System.IO.File]::Delete(\"{Startup}/WindowsDefenderATPOnboardingScript.cmd\")" },
        { "CommandScriptIntact", "another organisation's", $"[System.IO.File]::AppendAllText(\"{Startup}/WindowsDefenderATPOnboardingScript.cmd\", 'x')" },
        { "PowerShellScriptIntact", "edited it or saved it in another encoding", $"[System.IO.File]::AppendAllText(\"{Startup}/Onboard-NonPersistentMachine.ps1\", '#')" },
        { "PowerShellScriptIntact", "edited it or saved it in another encoding", $"$p = \"{Startup}/Onboard-NonPersistentMachine.ps1\"; [System.IO.File]::WriteAllText($p, [System.IO.File]::ReadAllText($p), [System.Text.Encoding]::Unicode)" },
        { "StartupIniEncoding", "not UTF-16 with a byte order mark", $"$p = \"{Scripts}/psscripts.ini\"; [System.IO.File]::WriteAllText($p, [System.IO.File]::ReadAllText($p), [System.Text.Encoding]::ASCII)" },
        { "OneStartupEntry", "runs 2 onboarding scripts", $"$p = \"{Scripts}/psscripts.ini\"; [System.IO.File]::WriteAllText($p, [System.IO.File]::ReadAllText($p) + \"1CmdLine=Onboard-NonPersistentMachine.ps1`r`n1Parameters=`r`n\", [System.Text.Encoding]::Unicode)" },
        { "OneStartupEntry", "There is no 'psscripts.ini'", $"[System.IO.File]::Delete(\"{Scripts}/psscripts.ini\")" },
        { "OneStartupEntry", "does not name the start-up script", $"[System.IO.File]::WriteAllText(\"{Scripts}/psscripts.ini\", \"`r`n\", [System.Text.Encoding]::Unicode)" },
        { "OneStartupEntry", "has no entry 0", $"[System.IO.File]::WriteAllText(\"{Scripts}/psscripts.ini\", \"`r`n[Startup]`r`n1CmdLine=Start-MdbDesktop.ps1`r`n1Parameters=`r`n\", [System.Text.Encoding]::Unicode)" },
        { "NoSecondStartupEntry", "'scripts.ini' also runs", $"[System.IO.File]::WriteAllText(\"{Scripts}/scripts.ini\", \"`r`n[Startup]`r`n0CmdLine=WindowsDefenderATPOnboardingScript.cmd\", [System.Text.Encoding]::Unicode)" },
        { "GuardIntact", "is not the guard", $"[System.IO.File]::AppendAllText(\"{Startup}/Start-MdbDesktop.ps1\", '#')" },
        { "GuardKnowsImage", "takes 'W11-GOLD' for the image, and this is W11-NEW", "$env:COMPUTERNAME = 'W11-NEW'" },
        { "NothingHeld", "no desktop would be onboarded", "[System.IO.File]::WriteAllText(\"$env:ProgramData/MdbDeploy/DoNotOnboard\", '')" },
        { "ExtensionNamed", "does not name the extension", "[System.IO.File]::Delete(\"$env:SystemRoot/System32/GroupPolicy/gpt.ini\")" },
        { "ExtensionNamed", "version 0", "$p = \"$env:SystemRoot/System32/GroupPolicy/gpt.ini\"; [System.IO.File]::WriteAllText($p, [System.IO.File]::ReadAllText($p).Replace('Version=1', 'Version=65536'))" },
        { "NoOnboardingTask", "A task onboards", @"$global:Tasks += [pscustomobject] @{ TaskName = 't'; TaskPath = '\'; State = 'Ready'; Actions = @([pscustomobject] @{ Execute = '\\fs\s\WindowsDefenderATPOnboardingScript.cmd'; Arguments = '' }) }" },
        { "NoDomainStartupScript", "The domain policy 'Onboard all' runs", @"$k = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Group Policy\Scripts\Startup'; $Registry[""$k\0""] = @{ FileSysPath = '\\corp\SysVol\corp\Policies\{x}\Machine'; DisplayName = 'Onboard all' }; $Registry[""$k\0\0""] = @{ Script = 'Onboard-NonPersistentMachine.ps1' }" },
        { "AntivirusNotDisabled", "DisableAntiSpyware", @"$Registry['HKLM:\SOFTWARE\Policies\Microsoft\Windows Defender'] = @{ DisableAntiSpyware = 1 }" },
        { "ServicesNotDisabled", "WdNisSvc", @"$Registry['HKLM:\SYSTEM\CurrentControlSet\Services\WdNisSvc'] = @{ Start = 4 }" },
        { "ServicesNotDisabled", "DiagTrack", @"$Registry['HKLM:\SYSTEM\CurrentControlSet\Services\DiagTrack'] = @{ Start = 4 }; $Registry['HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion'] = @{ CurrentBuildNumber = '14393' }" },
        { "TasksNotDisabled", "Windows Defender Scheduled Scan", @"$global:Tasks += [pscustomobject] @{ TaskName = 'Windows Defender Scheduled Scan'; TaskPath = '\Microsoft\Windows\Windows Defender\'; State = 'Disabled'; Actions = @() }" },
        { "TracesNotDisabled", "DefenderApiLogger", @"$Registry['HKLM:\SYSTEM\CurrentControlSet\Control\WMI\Autologger\DefenderApiLogger'] = @{ Start = 0 }" },
        { "SignaturesFresh", "4 days old", "$Antivirus.AntivirusSignatureAge = [uint32] 4" },
        { "QuickScanDone", "no quick scan yet", "$Antivirus.QuickScanAge = [uint32] 4294967295" },
        { "CacheMaintained", "never ran", "$global:Maintained = [datetime] '1999-11-30'" },
        { "ScanAfterUpdate", "DisableScanOnUpdate", @"$Registry['HKLM:\SOFTWARE\Policies\Microsoft\Windows Defender\Signature Updates'] = @{ DisableScanOnUpdate = 1 }" },
        { "ProfileContainersExcluded", "FSLogix is installed", "$Services['frxsvc'] = [pscustomobject] @{ Status = 'Running' }" },
    };

    [Fact]
    public void A_clean_staged_image_passes_every_check()
    {
        var gate = image.Check();
        gate.Failures.ShouldBeEmpty();
        gate.Exit.ShouldBe(0);
        gate.Results.Count.ShouldBeGreaterThan(30);
    }

    [Theory]
    [MemberData(nameof(Contaminations))]
    public void A_contaminated_image_fails_the_check_of_that_name_and_no_other(string check, string words, string spoil)
    {
        image.Windows.Run(spoil);
        var gate = image.Check();
        var failure = gate.Failures.ShouldHaveSingleItem();
        failure.ShouldStartWith($"{check} Fail: ");
        failure.ShouldContain(words);
        gate.Results.Single(r => r.Check == check).Remedy.ShouldNotBeEmpty();
        gate.Exit.ShouldBe(1);
    }

    [Fact]
    public void Testing_changes_nothing()
    {
        var before = image.Disk();
        image.Windows.Run($"$Registry['{Atp}'] = @{{ senseGuid = 'x' }}");
        image.Check();
        image.Check("-Repair -WhatIf");
        image.Disk().ShouldBe(before);
        image.Windows.Run($"$Registry['{Atp}'].senseGuid").Single().ToString().ShouldBe("x");
    }

    [Theory]
    [InlineData("NoOffboardingInfo")]
    [InlineData("NoSenseGuid")]
    [InlineData("NoSecondIdentity")]
    [InlineData("NoIdentityKey")]
    [InlineData("CyberFolderEmpty")]
    [InlineData("StartupScriptNeverRan")]
    [InlineData("CommandScriptIntact")]
    [InlineData("PowerShellScriptIntact")]
    [InlineData("StartupIniEncoding")]
    [InlineData("GuardIntact")]
    [InlineData("GuardKnowsImage")]
    [InlineData("NothingHeld")]
    [InlineData("ExtensionNamed")]
    [InlineData("AntivirusNotDisabled")]
    [InlineData("SignaturesFresh")]
    [InlineData("QuickScanDone")]
    [InlineData("CacheMaintained")]
    [InlineData("ScanAfterUpdate")]
    public void What_can_be_repaired_is_repaired(string check)
    {
        foreach (var row in Contaminations.Where(row => row.Data.Item1 == check))
        {
            image.Windows.Run(row.Data.Item3);
            image.Check().Exit.ShouldBe(1);
            image.Check("-Repair").Failures.ShouldBeEmpty();
            image.Check().Exit.ShouldBe(0);
        }
    }

    [Fact]
    public void An_image_whose_sensor_runs_is_never_cleaned()
    {
        image.Windows.Run($"$Services['Sense'] = [pscustomobject] @{{ Status = 'Running' }}; $Registry['{Atp}'] = @{{ senseGuid = 'x' }}");
        var gate = image.Check("-Repair");
        gate.Exit.ShouldBe(1);
        gate.Results.Single(r => r.Check == "NoSenseGuid").Detail.ShouldContain("offboard this image first");
        image.Windows.Run($"$Registry['{Atp}'].senseGuid").Single().ToString().ShouldBe("x");
    }

    [Fact]
    public void What_cannot_be_checked_is_not_a_pass()
    {
        image.Windows.Run("function global:Get-MpComputerStatus { throw 'no rights' }");
        var gate = image.Check();
        gate.Results.Where(r => r.Result == "Unknown").Select(r => r.Check).ShouldBe(["SignaturesFresh", "QuickScanDone"]);
        gate.Exit.ShouldBe(2);
    }

    [Fact]
    public void With_a_group_policy_nothing_may_be_staged()
    {
        image.Check("-ByGroupPolicy").Failures.ShouldHaveSingleItem().ShouldStartWith("NothingStaged Fail: 'psscripts.ini' runs Start-MdbDesktop.ps1");
        image.Check("-ByGroupPolicy -Repair").Failures.ShouldBeEmpty();
    }

    [Fact]
    public void A_tag_is_checked_when_it_is_asked_for()
    {
        image.Check("-Tag 'VDI pool'").Failures.ShouldHaveSingleItem().ShouldContain("'VDI pool' was asked for");
        image.Check("-Tag 'VDI pool' -Repair").Failures.ShouldBeEmpty();
        image.Check("-Tag 'VDI pool'").Failures.ShouldBeEmpty();
    }

    [Fact]
    public void Pipelines_get_junit_and_json()
    {
        var junit = Path.Combine(image.Windows.Folder, "gate.xml");
        var json = Path.Combine(image.Windows.Folder, "gate.json");
        image.Windows.Run($"$Registry['{AtpPolicy}\\DeviceTagging'] = @{{ VDI = '<&\"]]>' + [char] 1 }}; function global:Get-MpComputerStatus {{ throw 'no rights' }}");
        image.Check($"-JUnit '{junit}' -Json '{json}'").Exit.ShouldBe(1);
        var suite = XDocument.Load(junit).Root!;
        suite.Name.LocalName.ShouldBe("testsuite");
        ((int)suite.Attribute("failures")!).ShouldBe(1);
        ((int)suite.Attribute("errors")!).ShouldBe(2);
        ((int)suite.Attribute("tests")!).ShouldBe(suite.Elements("testcase").Count());
        suite.Descendants("failure").Single().Attribute("message")!.Value.ShouldContain("<&\"]]> ");
        var document = JsonNode.Parse(File.ReadAllText(json))!;
        document["maySeal"]!.GetValue<bool>().ShouldBeFalse();
        document["exitCode"]!.GetValue<int>().ShouldBe(1);
        document["image"]!.GetValue<string>().ShouldBe("w11-pool");
        document["checks"]!.AsArray().Count(c => c!["result"]!.GetValue<string>() != "Pass").ShouldBe(3);
    }

    [Theory]
    [InlineData("Services.json", """[{"Name":"Sense","VDIState":"Disabled"},{"Name":"DiagTrack","VDIState":"Disabled"},{"Name":"WinDefend","VDIState":"Unchanged"}]""", "Sense (Services.json)")]
    [InlineData("ScheduledTasks.json", """[{"ScheduledTask":"x","TaskName":"\\Microsoft\\Windows\\Windows Defender\\Windows Defender Scheduled Scan","VDIState":"Disabled"}]""", "Windows Defender Scheduled Scan (ScheduledTasks.json)")]
    [InlineData("Autologgers.Json", """[{"KeyName":"HKLM:\\SYSTEM\\CurrentControlSet\\Control\\WMI\\Autologger\\DefenderApiLogger\\","Disabled":true},{"KeyName":"HKLM:\\x\\Cellcore\\","Disabled":true}]""", "DefenderApiLogger (Autologgers.Json)")]
    [InlineData("Citrix.xml", "<root><group><entry><name>d</name><execute>1</execute><action><plugin>Services</plugin><params><name>WdNisSvc</name><value>Disabled</value></params></action></entry><entry><name>d</name><execute>0</execute><action><plugin>Services</plugin><params><name>WinDefend</name><value>Disabled</value></params></action></entry></group></root>", "WdNisSvc (Citrix.xml)")]
    public void Lists_of_optimisers_are_looked_at_before_they_run(string name, string content, string found)
    {
        var folder = Directory.CreateDirectory(Path.Combine(image.Windows.Folder, "optimizer")).FullName;
        File.WriteAllText(Path.Combine(folder, name), content);
        image.Check($"-OptimizerConfiguration '{folder}'").Failures.ShouldBe([$"OptimizerConfiguration Fail: It disables what Defender needs: {found}."]);
        File.WriteAllText(Path.Combine(folder, name), content.Replace("Disabled", "Unchanged", StringComparison.Ordinal));
        image.Check($"-OptimizerConfiguration '{folder}/{name}'").Failures.ShouldBeEmpty();
    }

    [Fact]
    public void A_gate_without_the_package_never_opens()
    {
        var script = Path.Combine(image.Bundle, "Test-MdbGoldenImage.ps1");
        var text = File.ReadAllText(script);
        var start = text.IndexOf("$portalFiles = @(", StringComparison.Ordinal);
        var end = text.IndexOf("\r\n)", start, StringComparison.Ordinal);
        File.WriteAllText(script, text.Remove(start + "$portalFiles = @(".Length, end - start - "$portalFiles = @(".Length), new UTF8Encoding(true));
        var gate = image.Check();
        gate.Exit.ShouldBe(2);
        gate.Failures.ShouldHaveSingleItem().ShouldStartWith("PackageComplete Unknown");
    }

    public void Dispose() => image.Dispose();
}
