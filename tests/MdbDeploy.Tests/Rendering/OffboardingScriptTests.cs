using System.Management.Automation;

namespace MdbDeploy.Tests.Rendering;

/// <summary>The scripts that offboard by Group Policy, Configuration Manager and in an image, run over stand-ins.</summary>
[Collection(nameof(FakeWindows))]
public sealed class OffboardingScriptTests : IDisposable
{
    private const string GroupPolicy = """
        $global:Policies = @{}; $global:Links = @{}; $global:Reports = @{}
        function global:Add-Call($Text) { [void] $global:Calls.Add($Text) }
        function global:Get-GPO($Name, $Guid, $Domain, $Server, $ErrorAction) { $global:Policies.Values | Where-Object { $_.DisplayName -eq $Name -or ($Guid -and $_.Id -eq $Guid) } }
        function global:New-GPO($Name, $Domain, $Server, $Comment) {
            $global:Policies[$Name] = [pscustomobject] @{ DisplayName = $Name; Id = "id of $Name"; Description = $Comment; GpoStatus = '' }
            Add-Call "new $Name"; $global:Policies[$Name]
        }
        function global:Import-GPO($BackupId, $Path, $TargetName, $Domain, $Server) {
            Add-Call "import $TargetName"
            $global:Reports["id of $TargetName"] = [System.IO.File]::ReadAllText("$Path/$BackupId/DomainSysvol/GPO/Machine/Preferences/ScheduledTasks/ScheduledTasks.xml".Replace('\', '/')).TrimStart([char] 0xFEFF) -replace '<\?xml[^>]*\?>', ''
        }
        function global:Get-GPOReport($Guid, $Domain, $Server, $ReportType) { "<GPO>$($global:Reports[$Guid])</GPO>" }
        function global:Get-GPInheritance($Target, $Domain, $Server) { [pscustomobject] @{ GpoLinks = $global:Links[$Target] } }
        function global:New-GPLink($Guid, $Target, $LinkEnabled, $Domain, $Server) { Add-Call "link $Guid"; $global:Links[$Target] = @($global:Links[$Target]) + [pscustomobject] @{ GpoId = $Guid } }
        function global:Remove-GPLink($Guid, $Target, $Domain, $Server) { Add-Call "unlink $Guid"; $global:Links[$Target] = @($global:Links[$Target] | Where-Object { $_.GpoId -ne $Guid }) }
        """;

    private const string ConfigMgr = """
        $global:Members = @{ off = @('OLD-11', 'OLD-21'); ring = @('PC-0001') }; $global:Policy = $null; $global:DeployFails = $false
        $global:Collections = @([pscustomobject] @{ Name = 'MDB - Contoso - Offboarding'; CollectionID = 'off' }, [pscustomobject] @{ Name = 'MDB - Contoso - pilot'; CollectionID = 'ring' }, [pscustomobject] @{ Name = 'MDB - Contoso - Excluded'; CollectionID = 'ex' })
        function global:Split-Path($Path, [switch] $Parent) { $Path }
        function global:Get-PSDrive($Name, $PSProvider, $ErrorAction) { 'drive' }
        function global:Push-Location($Path) { }
        function global:Pop-Location { }
        function global:Get-CMDeviceCollection($Name) { $global:Collections | Where-Object { $_.Name -like $Name } }
        function global:Get-CMCollectionMember($CollectionId) { $global:Members[$CollectionId] | ForEach-Object { [pscustomobject] @{ Name = $_ } } }
        function global:Get-CMAdvancedThreatProtectionPolicy($Name) { $global:Policy }
        function global:New-CMAdvancedThreatProtectionPolicy($Name, $FilePath, $PolicyType) { [void] $global:Calls.Add("policy $PolicyType $Name"); $global:Policy = $Name }
        function global:New-CMConfigurationPolicyDeployment($CommonProfileName, $CollectionName) { if ($global:DeployFails) { throw 'not supported' }; [void] $global:Calls.Add("deploy $CommonProfileName to $CollectionName") }
        $env:SMS_ADMIN_UI_PATH = '/console'
        """;

    private const string Image = """
        $global:ExitCode = 0; $global:Stops = $true
        $global:Services['Sense'] = [pscustomobject] @{ Status = 'Running' }
        $global:Registry['HKLM:\SOFTWARE\Microsoft\Windows Advanced Threat Protection'] = @{ senseGuid = 'x'; '7DC0B629-D7F6-4DB3-9BF7-64D5AAF50F1A' = 'y' }
        $global:Registry['HKLM:\SOFTWARE\Microsoft\Windows Advanced Threat Protection\Status'] = @{ OnboardingState = 1 }
        $global:Registry['HKLM:\SOFTWARE\Microsoft\Windows Advanced Threat Protection\48A68F11-7A16-4180-B32C-7F974C7BD783'] = @{ z = 1 }
        $global:Registry['HKLM:\SOFTWARE\Policies\Microsoft\Windows Advanced Threat Protection'] = @{ OnboardingInfo = 'blob' }
        function global:Start-Process {
            param($FilePath, $ArgumentList, $WorkingDirectory, [switch] $Wait, [switch] $PassThru, [switch] $NoNewWindow)
            [void] $global:Calls.Add("start $($ArgumentList -join ' ')")
            if ($global:ExitCode -eq 0) {
                $global:Registry['HKLM:\SOFTWARE\Policies\Microsoft\Windows Advanced Threat Protection'] = @{ '696C1FA1-4030-4FA4-8713-FAF9B2EA7C0A' = 'off' }
                $global:Registry['HKLM:\SOFTWARE\Microsoft\Windows Advanced Threat Protection\Status'] = @{ OnboardingState = 0 }
            }
            [pscustomobject] @{ ExitCode = $global:ExitCode }
        }
        function global:Start-Sleep($Seconds) { [void] $global:Calls.Add("sleep $Seconds"); if ($global:Stops) { $global:Services['Sense'].Status = 'Stopped' } }
        function global:Remove-ItemProperty($LiteralPath, $Name, [switch] $Force) { $global:Registry[$LiteralPath].Remove($Name) }
        function global:Remove-Item($LiteralPath, [switch] $Recurse, [switch] $Force) { if ($LiteralPath -like 'HKLM:*') { $global:Registry.Remove($LiteralPath) } else { if ($global:Denied) { throw 'Access is denied.' }; [System.IO.File]::Delete($LiteralPath) } }
        $global:Denied = $false
        """;

    private const string Gpo = "MDB - Contoso - Offboarding (valid until 2098-12-01)";
    private const string Unit = "OU=Workstations,DC=corp,DC=contoso,DC=example";

    private readonly FakeWindows windows = new();

    [Fact]
    public void The_policy_is_imported_checked_and_linked_once()
    {
        var import = Deliver("gpo", GroupPolicy);
        import("");
        import("");
        windows.Calls.ShouldBe([$"new {Gpo}", $"import {Gpo}", $"link id of {Gpo}", $"import {Gpo}"]);
        windows.Run($"$Policies['{Gpo}'].GpoStatus").Single().ToString().ShouldBe("UserSettingsDisabled");
    }

    [Theory]
    [InlineData("<FilterComputer name='OLD-12'/>", "its task names OLD-12", "-LeftFilterGroup")]
    [InlineData("", "only its security group keeps them out", "")]
    public void While_an_onboarding_policy_may_reach_them_nothing_is_linked(string filters, string words, string arguments)
    {
        var import = Deliver("gpo", GroupPolicy + Onboarding(filters));
        Should.Throw<RuntimeException>(() => import(arguments)).Message.ShouldContain(words);
        windows.Calls.ShouldBeEmpty();
        import("-UnlinkOnboarding");
        windows.Calls.ShouldBe([$"new {Gpo}", $"import {Gpo}", "unlink ring", $"link id of {Gpo}"]);
    }

    [Theory]
    [InlineData("<FilterComputer name='PC-0001'/>", "")]
    [InlineData("", "-LeftFilterGroup")]
    public void An_onboarding_policy_that_keeps_them_out_stays(string filters, string arguments)
    {
        Deliver("gpo", GroupPolicy + Onboarding(filters))(arguments);
        windows.Calls.ShouldBe([$"new {Gpo}", $"import {Gpo}", $"link id of {Gpo}"]);
    }

    [Fact]
    public void An_import_that_did_not_take_is_not_linked_and_what_if_does_nothing()
    {
        var import = Deliver("gpo", GroupPolicy);
        import("-WhatIf");
        windows.Calls.ShouldBeEmpty();
        windows.Run("function global:Import-GPO($BackupId, $Path, $TargetName, $Domain, $Server) { }");
        Should.Throw<RuntimeException>(() => import("")).Message.ShouldContain("Nothing was linked");
        windows.Calls.ShouldNotContain(c => c.StartsWith("link", StringComparison.Ordinal));
    }

    [Fact]
    public void The_configuration_manager_policy_is_made_once_and_deployed()
    {
        var deploy = Deliver("configmgr", ConfigMgr);
        deploy("-SiteCode P01 -ProviderMachineName cm01");
        windows.Calls.ShouldBe(["policy Offboarding MDB - Contoso - Offboarding (valid until 2098-12-01)", "deploy MDB - Contoso - Offboarding (valid until 2098-12-01) to MDB - Contoso - Offboarding"]);
        windows.Run("$global:DeployFails = $true");
        deploy("-SiteCode P01 -ProviderMachineName cm01");
        windows.Calls.Skip(2).ShouldAllBe(c => c.StartsWith("warning", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("$global:Members.ring += 'OLD-21'", "Still in the onboarding ring 'MDB - Contoso - pilot': OLD-21")]
    [InlineData("$global:Members.off = @()", "has no members yet")]
    [InlineData("$global:Collections = @()", "Run 'mdbdeploy offboard' first")]
    public void Configuration_Manager_refuses_what_would_do_both(string spoil, string words)
    {
        var deploy = Deliver("configmgr", ConfigMgr + "\n" + spoil);
        Should.Throw<RuntimeException>(() => deploy("-SiteCode P01 -ProviderMachineName cm01")).Message.ShouldContain(words);
        windows.Calls.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("gpo", "")]
    [InlineData("configmgr", "-SiteCode P01 -ProviderMachineName cm01")]
    [InlineData("vdi", "")]
    public void An_expired_package_is_refused_before_anything_happens(string channel, string arguments)
    {
        var run = Deliver(channel, Cmdlets(channel), text => text.Replace("2098-12-01T10:00:00Z", "2020-12-01T10:00:00Z", StringComparison.Ordinal));
        Should.Throw<RuntimeException>(() => run(arguments)).Message.ShouldContain("expired on 2020-12-01T10:00:00Z");
        windows.Calls.ShouldBeEmpty();
    }

    [Fact]
    public void An_onboarded_image_is_offboarded_and_cleaned()
    {
        var reset = Deliver("vdi", Image);
        var cyber = Directory.CreateDirectory(Path.Combine(windows.Folder, "ProgramData", "Microsoft", "Windows Defender Advanced Threat Protection", "Cyber")).FullName;
        File.WriteAllText(Path.Combine(cyber, "data.bin"), "x");
        reset("-WhatIf");
        windows.Calls.ShouldBeEmpty();
        reset("");
        Code.ShouldBe(0);
        windows.Calls.ShouldBe([$"start /d /c {OffboardingBundle.ScriptName}", "sleep 5"]);
        Directory.EnumerateFiles(cyber).ShouldBeEmpty();
        windows.Run("@($Registry.Values | ForEach-Object { $_.Keys }) -join ','").Single().ToString().ShouldBe("OnboardingState");

        // Again: nothing is left to do, the script does not run a second time.
        windows.Run("$Calls.Clear()");
        reset("");
        Code.ShouldBe(0);
        windows.Calls.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("$global:ExitCode = 15", 2)]
    [InlineData("$global:Stops = $false", 3)]
    [InlineData("$global:Denied = $true", 4)]
    public void What_went_wrong_in_the_image_is_an_exit_code(string spoil, int code)
    {
        var reset = Deliver("vdi", Image + "\n" + spoil);
        var cyber = Directory.CreateDirectory(Path.Combine(windows.Folder, "ProgramData", "Microsoft", "Windows Defender Advanced Threat Protection", "Cyber")).FullName;
        File.WriteAllText(Path.Combine(cyber, "data.bin"), "x");
        reset("");
        Code.ShouldBe(code);
        windows.Calls.ShouldContain(c => c.StartsWith("warning", StringComparison.Ordinal));
    }

    public void Dispose() => windows.Dispose();

    private int Code => (int)windows.Run("$global:LASTEXITCODE").Single().BaseObject;

    private static string Cmdlets(string channel) => channel switch { "gpo" => GroupPolicy, "configmgr" => ConfigMgr, _ => Image };

    // An onboarding policy of this project, linked to the unit.
    private static string Onboarding(string filters) => $$"""

        $global:Policies['ring'] = [pscustomobject] @{ DisplayName = 'MDB - Contoso - Onboarding - pilot'; Id = 'ring'; Description = 'x mdbdeploy:contoso/gpo/group-policy-object/pilot#0000000000000000'; GpoStatus = '' }
        $global:Reports['ring'] = "<r>{{filters}}</r>"
        $global:Links['{{Unit}}'] = @([pscustomobject] @{ GpoId = 'ring' })
        """;

    private Action<string> Deliver(string channel, string cmdlets, Func<string, string>? change = null)
    {
        var bundle = windows.Deliver(Path.Combine(Repository.Root, "tests", "MdbDeploy.Tests", "Baselines", "350-offboarding", channel, "expected"));
        var script = Directory.EnumerateFiles(bundle, "*.ps1", SearchOption.AllDirectories).Single();
        if (change is not null)
        {
            File.WriteAllText(script, change(File.ReadAllText(script)));
        }

        windows.Run(cmdlets);
        return arguments => windows.Run($"$null = & '{script}' -Confirm:$false {arguments}");
    }
}
