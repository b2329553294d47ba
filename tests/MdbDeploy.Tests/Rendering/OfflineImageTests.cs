using System.Management.Automation;
using MdbDeploy.Formats;

namespace MdbDeploy.Tests.Rendering;

/// <summary>Servicing of a mounted disk, and the share of security intelligence, run.</summary>
[Collection(nameof(FakeWindows))]
public sealed class OfflineImageTests : IDisposable
{
    private const string Atp = @"HKLM:\MdbOfflineSoftware\Microsoft\Windows Advanced Threat Protection";

    private readonly GoldenImage image = new("w11-pool");
    private readonly string drive;

    public OfflineImageTests()
    {
        drive = Path.Combine(image.Windows.Folder, "Offline");
        Directory.CreateDirectory(Path.Combine(drive, "Windows", "System32", "config"));
        Directory.CreateDirectory(Path.Combine(drive, "ProgramData"));
        File.WriteAllText(Path.Combine(drive, "Windows", "System32", "config", "SOFTWARE"), "");
        image.Windows.Run(@"
            $Registry['HKLM:\MdbOfflineSystem\Select'] = @{ Current = 1 }
            $Registry['HKLM:\MdbOfflineSystem\ControlSet001\Control\ComputerName\ComputerName'] = @{ ComputerName = 'W11-OFF' }
            $Registry['HKLM:\MdbOfflineSystem\ControlSet001\Services\Sense'] = @{ Start = 3 }");
    }

    [Fact]
    public void A_mounted_image_is_cleaned_and_staged_and_taken_back()
    {
        var first = image.Disk();
        image.Windows.Run($"$Registry['{Atp}'] = @{{ senseGuid = 'x'; Other = 'y' }}; $Registry['{Atp}\\48A68F11-7A16-4180-B32C-7F974C7BD783'] = @{{}}");
        Service();
        image.Windows.Run($"$Registry['{Atp}'].Keys").Select(k => k.ToString()).ShouldBe(["Other"]);
        image.Windows.Run($"$Registry.Contains('{Atp}\\48A68F11-7A16-4180-B32C-7F974C7BD783')").Single().BaseObject.ShouldBe(false);
        var policy = Path.Combine(drive, "Windows", "System32", "GroupPolicy");
        File.ReadAllBytes(Path.Combine(policy, "Machine", "Scripts", "psscripts.ini")).ShouldBe(new ScriptsIni { Startup = [new("Start-MdbDesktop.ps1")] }.Write());
        File.ReadAllText(Path.Combine(policy, "Machine", "Scripts", "Startup", "MdbImageName.txt")).ShouldBe("W11-OFF\r\n");
        Hives().ShouldBe(["load", "unload", "load", "unload"]);
        Service("-Remove");
        image.Disk().ShouldBe(first);
    }

    [Fact]
    public void What_if_changes_nothing_in_a_mounted_image()
    {
        image.Windows.Run($"$Registry['{Atp}'] = @{{ senseGuid = 'x' }}");
        var before = image.Disk();
        Service("-WhatIf");
        image.Disk().ShouldBe(before);
        image.Windows.Run($"$Registry['{Atp}'].senseGuid").Single().ToString().ShouldBe("x");
    }

    [Theory]
    [InlineData(@"$Registry['HKLM:\MdbOfflineSystem\ControlSet001\Services\Sense'] = @{ Start = 2 }", "starts by itself")]
    [InlineData($@"$Registry['{Atp}\Status'] = @{{ OnboardingState = 1 }}", "OnboardingState of this image is 1")]
    [InlineData(@"$Registry['HKLM:\MdbOfflineSoftware\Policies\Microsoft\Windows Advanced Threat Protection'] = @{ OnboardingInfo = 'x' }", "OnboardingInfo is set")]
    public void An_onboarded_image_is_refused_and_its_registry_unloaded(string state, string why)
    {
        image.Windows.Run(state);
        var before = image.Disk();
        Should.Throw<RuntimeException>(() => Service()).Message.ShouldContain(why);
        image.Disk().ShouldBe(before);
        Hives().Count(h => h == "load").ShouldBe(Hives().Count(h => h == "unload"));
    }

    [Fact]
    public void The_running_windows_is_not_serviced_as_a_mounted_one()
    {
        image.Windows.Run("[void] [System.IO.Directory]::CreateDirectory(\"$env:SystemRoot/System32/config\"); [System.IO.File]::WriteAllText(\"$env:SystemRoot/System32/config/SOFTWARE\", '')");
        Should.Throw<RuntimeException>(() => Service(on: image.Windows.Folder)).Message.ShouldContain("running Windows");
    }

    [Fact]
    public void Security_intelligence_is_unpacked_whole_and_the_oldest_goes()
    {
        var script = Path.Combine(Repository.Root, "tests", "MdbDeploy.Tests", "Baselines", "330-vdi", "two-images", "expected", "vdi", "Update-MdbSecurityIntelligence.ps1");
        var share = Directory.CreateDirectory(Path.Combine(image.Windows.Folder, "share")).FullName;
        image.Windows.Run("""
            $global:Signature = 'Valid'; $global:Now = [datetime] '2026-11-23T08:00:00'
            function global:Get-Date { $global:Now }
            function global:Invoke-WebRequest([switch] $UseBasicParsing, $Uri, $OutFile) { [System.IO.File]::WriteAllText($OutFile, 'x') }
            function global:Get-AuthenticodeSignature($LiteralPath) { [pscustomobject] @{ Status = $global:Signature; SignerCertificate = [pscustomobject] @{ Subject = 'CN=x, O=Microsoft Corporation, C=US' } } }
            function global:Start-Process($FilePath, $WorkingDirectory, $ArgumentList, [switch] $Wait, [switch] $PassThru) { [void] $global:Calls.Add("run $ArgumentList"); [System.IO.File]::WriteAllText("$WorkingDirectory/mpasbase.vdm", ''); [pscustomobject] @{ ExitCode = 0 } }
            """);
        for (var i = 0; i < 3; i++)
        {
            image.Windows.Run($"& '{script}' -Folder '{share}' -Keep 2; $global:Now = $global:Now.AddHours(4)");
        }

        Directory.GetDirectories(share).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe(["{00000000-0000-0000-0000-261123120000}", "{00000000-0000-0000-0000-261123160000}"]);
        Directory.GetDirectories(share).Select(d => Guid.TryParseExact(Path.GetFileName(d), "B", out _)).ShouldAllBe(isGuid => isGuid);

        image.Windows.Run("$global:Signature = 'HashMismatch'");
        Should.Throw<RuntimeException>(() => image.Windows.Run($"& '{script}' -Folder '{share}'")).Message.ShouldContain("not signed by Microsoft");
        Directory.GetDirectories(share).Length.ShouldBe(2);
        image.Windows.Calls.Count.ShouldBe(3);
    }

    [Fact]
    public void Registering_makes_a_share_that_computers_only_read_and_a_task_once_and_refuses_a_share_that_leads_elsewhere()
    {
        var script = Path.Combine(Repository.Root, "tests", "MdbDeploy.Tests", "Baselines", "330-vdi", "two-images", "expected", "vdi", "Update-MdbSecurityIntelligence.ps1");
        var folder = Path.Combine(image.Windows.Folder, "share");
        image.Windows.Run("""
            $global:Shares = @{}; $global:Fails = 0
            function global:New-Object($TypeName, $ArgumentList) {
                $name = "$ArgumentList"; $o = [pscustomobject] @{ Value = "CORP\name of $name"; AccountDomainSid = 'S-1-5-21-1-2-3' }
                $o.PSObject.Methods.Add([System.Management.Automation.PSScriptMethod]::new('Translate', { $this })); $o
            }
            function global:Get-SmbShare($Name, $ErrorAction) { $global:Shares[$Name] }
            function global:New-SmbShare($Name, $Path, $ReadAccess) { [void] $global:Calls.Add("share $Name read $ReadAccess"); $global:Shares[$Name] = [pscustomobject] @{ Path = $Path } }
            function global:New-TimeSpan($Hours) { "$Hours hours" }
            function global:New-ScheduledTaskAction($Execute, $Argument) { "$Execute $Argument" }
            function global:New-ScheduledTaskTrigger([switch] $Once, $At, $RepetitionInterval) { $RepetitionInterval }
            function global:New-ScheduledTaskPrincipal($UserId, $LogonType, $RunLevel) { "$UserId $RunLevel" }
            function global:Register-ScheduledTask($TaskName, $Action, $Trigger, $Principal, [switch] $Force) { [void] $global:Calls.Add("task $Trigger as $Principal") }
            function global:Invoke-WebRequest([switch] $UseBasicParsing, $Uri, $OutFile) { throw 'no network' }
            """);
        image.Windows.Run($"${{function:global:{image.Windows.Folder}/Windows\\System32\\icacls.exe}} = {{ [void] $global:Calls.Add(\"icacls $($args[1]) $($args[2])\"); $global:LASTEXITCODE = $global:Fails }}");
        for (var i = 0; i < 2; i++)
        {
            // What was registered stays when the first download fails; nothing half unpacked does.
            Should.Throw<RuntimeException>(() => Register()).Message.ShouldBe("no network");
            Directory.GetFileSystemEntries(folder).ShouldBeEmpty();
        }

        string[] rights = ["icacls /grant *S-1-5-21-1-2-3-515:(OI)(CI)RX", "task 4 hours as SYSTEM Highest"];
        image.Windows.Calls.ShouldBe([@"share wdav-update$ read CORP\name of S-1-5-21-1-2-3-515", .. rights, .. rights]);

        image.Windows.Run("$Calls.Clear(); $global:Fails = 5");
        Should.Throw<RuntimeException>(() => Register()).Message.ShouldContain("could not be set");
        image.Windows.Run("$Calls.Clear(); $Shares['wdav-update$'].Path = 'D:\\payroll'");
        Should.Throw<RuntimeException>(() => Register()).Message.ShouldContain(@"leads to 'D:\payroll'");
        image.Windows.Calls.ShouldBeEmpty();
        image.Windows.Run("$Shares.Clear()");
        Register("-WhatIf");
        image.Windows.Calls.ShouldBeEmpty();

        void Register(string arguments = "") => image.Windows.Run($"& '{script}' -Folder '{folder}' -Register {arguments}");
    }

    public void Dispose() => image.Dispose();

    private void Service(string arguments = "", string? on = null) => image.Windows.Run($"& '{image.Bundle}/Service-MdbOfflineImage.ps1' -Drive '{on ?? drive}' {arguments}");

    private List<string> Hives() => [.. image.Windows.Calls.Where(c => c.StartsWith("reg ", StringComparison.Ordinal)).Select(c => c.Split(' ')[1])];
}
