using System.Management.Automation;

namespace MdbDeploy.Tests.Rendering;

/// <summary>Import-MdbGpo.ps1, run over stand-ins of the Group Policy cmdlets.</summary>
[Collection(nameof(FakeWindows))]
public sealed class ImportScriptTests : IDisposable
{
    private const string Cmdlets = """
        $global:Policies = @{}; $global:Links = @{}; $global:Data = '1'; $global:Older = $false; $global:Command = '\\fs01.corp.contoso.example\mdb$\WindowsDefenderATPOnboardingScript.cmd'
        $global:Sid = [pscustomobject] @{}
        $global:Sid.PSObject.Methods.Add([System.Management.Automation.PSScriptMethod]::new('Translate', { [pscustomobject] @{ Value = 'Authenticated Users' } }))
        function global:Add-Call($Text) { [void] $global:Calls.Add($Text) }
        function global:Get-GPO($Name, $Guid, $Domain, $Server, $ErrorAction) { $global:Policies.Values | Where-Object { $_.Name -eq $Name -or ($Guid -and $_.Id -eq $Guid) } }
        function global:New-GPO($Name, $Domain, $Server, $Comment) {
            Add-Call "new $Name"
            $global:Policies[$Name] = [pscustomobject] @{ Name = $Name; Id = "id of $Name"; Description = $Comment; GpoStatus = ''; WmiFilter = $null; Computer = [pscustomobject] @{ DSVersion = 0; SysvolVersion = 0 } }
            $global:Policies[$Name]
        }
        $global:GPDomain = [pscustomobject] @{}
        $global:GPDomain.PSObject.Methods.Add([System.Management.Automation.PSScriptMethod]::new('SearchWmiFilters', { @([pscustomobject] @{ Name = 'Servers only' }, [pscustomobject] @{ Name = 'Workstations' }) }))
        function global:New-Object($TypeName, $ArgumentList) { if ($TypeName -eq 'Microsoft.GroupPolicy.GPDomain') { $global:GPDomain } elseif ($TypeName -eq 'Microsoft.GroupPolicy.GPSearchCriteria') { @{} } else { $global:Sid } }
        function global:Import-GPO($BackupId, $Path, $TargetName, $Domain, $Server) { Add-Call "import $TargetName"; $c = $global:Policies[$TargetName].Computer; $c.DSVersion = 1; $c.SysvolVersion = 1 }
        function global:Get-GPOReport($Guid, $Domain, $Server, $ReportType) { "<GPO xmlns:q='x'><q:Exec><q:Command>$global:Command</q:Command></q:Exec></GPO>" }
        function global:Get-GPRegistryValue($Guid, $Domain, $Server, $Key, $ValueName, $ErrorAction) { if ($Guid -like '*Settings*' -or $global:Older) { [pscustomobject] @{ Value = $global:Data } } }
        function global:Set-GPPermission($Guid, $Domain, $Server, $TargetName, $TargetType, $PermissionLevel, [switch] $Replace) { Add-Call "permit $TargetName $PermissionLevel $Replace" }
        function global:Get-GPInheritance($Target, $Domain, $Server) { [pscustomobject] @{ GpoLinks = $global:Links[$Target] } }
        function global:New-GPLink($Guid, $Target, $LinkEnabled, $Domain, $Server) { Add-Call "link $Target"; $global:Links[$Target] += @([pscustomobject] @{ GpoId = $Guid }) }
        """;

    private const string Pilot = "MDB - Contoso - Onboarding - pilot";
    private const string Settings = "MDB - Contoso - Settings - policies";
    private const string Unit = "OU=Workstations,DC=corp,DC=contoso,DC=example";

    private readonly FakeWindows windows = new();
    private readonly string bundle;

    public ImportScriptTests()
    {
        bundle = windows.Deliver(Path.Combine(Repository.Root, "tests", "MdbDeploy.Tests", "Baselines", "320-gpo", "two-rings", "expected", "gpo"));
        windows.Run(Cmdlets);
    }

    [Fact]
    public void A_ring_with_a_group_is_imported_checked_filtered_and_linked()
    {
        Import(@"-Ring pilot -FilterGroup 'CORP\MDB-Pilot'");
        windows.Calls.ShouldBe([
            $"new {Settings}", $"import {Settings}", @"permit CORP\MDB-Pilot GpoApply False", "permit Authenticated Users GpoRead True", $"link {Unit}",
            $"new {Pilot}", $"import {Pilot}", @"permit CORP\MDB-Pilot GpoApply False", "permit Authenticated Users GpoRead True", $"link {Unit}"]);
        windows.Run($"$Policies['{Pilot}'].GpoStatus").Single().ToString().ShouldBe("UserSettingsDisabled");
    }

    [Fact]
    public void A_second_run_creates_and_links_nothing()
    {
        Import("-Ring pilot -WholeOU");
        Import("-Ring pilot -WholeOU");
        windows.Calls.ShouldBe([$"new {Settings}", $"import {Settings}", $"link {Unit}", $"new {Pilot}", $"import {Pilot}", $"link {Unit}", $"import {Settings}", $"import {Pilot}"]);
    }

    [Fact]
    public void A_WMI_filter_of_the_domain_is_set_once_and_one_that_is_not_there_ends_the_script_before_anything_is_made()
    {
        Import("-Ring pilot -WholeOU -WmiFilter Workstations");
        windows.Run($"$Policies['{Pilot}'].WmiFilter.Name").Single().ToString().ShouldBe("Workstations");
        windows.Run("$Calls.Clear()");
        Should.Throw<RuntimeException>(() => Import("-Ring 'Broad 2' -WholeOU -WmiFilter Nowhere")).Message.ShouldContain("no WMI filter 'Nowhere'");
        windows.Calls.ShouldBeEmpty();
    }

    [Fact]
    public void Without_a_group_settings_that_would_reach_the_whole_unit_are_not_linked_and_tasks_that_name_their_computers_are()
    {
        Import("");
        windows.Calls.Count(c => c.StartsWith("link", StringComparison.Ordinal)).ShouldBe(2);
        windows.Calls.Single(c => c.StartsWith("warning", StringComparison.Ordinal)).ShouldContain($"'{Settings}' was imported and is not linked");
    }

    [Fact]
    public void Settings_that_an_older_version_put_into_an_onboarding_policy_stay_there_until_the_policy_with_settings_is_linked()
    {
        windows.Run($"$global:Older = $true; $null = New-GPO -Name '{Pilot}' -Comment 'x mdbdeploy:contoso/gpo/group-policy-object/pilot#0000000000000000'; $Calls.Clear()");
        Import("-Ring pilot");
        windows.Calls.ShouldNotContain($"import {Pilot}");
        windows.Calls.ShouldContain(c => c.Contains($"'{Pilot}' was left as it is", StringComparison.Ordinal));
        windows.Run("$Calls.Clear()");
        Import("-Ring pilot -WholeOU");
        windows.Calls.ShouldBe([$"import {Settings}", $"link {Unit}", $"import {Pilot}", $"link {Unit}"]);
    }

    [Fact]
    public void Rings_with_the_same_presets_share_the_policy_with_settings_which_each_gives_its_group()
    {
        Import(@"-Ring pilot -FilterGroup 'CORP\MDB-Pilot'");
        Import(@"-Ring 'Broad 2' -FilterGroup 'CORP\MDB-Broad'");
        windows.Calls.Count(c => c == $"new {Settings}").ShouldBe(1);
        windows.Calls.ShouldContain(@"permit CORP\MDB-Broad GpoApply False");
    }

    [Fact]
    public void What_if_changes_nothing()
    {
        Import("-WholeOU -WhatIf");
        windows.Calls.ShouldBeEmpty();
    }

    [Fact]
    public void A_policy_of_somebody_else_with_the_same_name_is_left_alone()
    {
        windows.Run($"$null = New-GPO -Name '{Pilot}' -Comment 'mine'; $Calls.Clear()");
        Should.Throw<RuntimeException>(() => Import("-WholeOU")).Message.ShouldContain("was not made by mdbdeploy");
        windows.Calls.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("$global:Data = '0'")]
    [InlineData("$global:Command = 'other.cmd'")]
    [InlineData("function global:Import-GPO($BackupId, $Path, $TargetName, $Domain, $Server) { }")]
    public void An_import_that_did_not_take_is_told_and_not_linked(string spoil)
    {
        windows.Run(spoil);
        Should.Throw<RuntimeException>(() => Import("-Ring pilot -WholeOU")).Message.ShouldContain("Nothing was linked");
        windows.Run($"$global:Links.Values | ForEach-Object {{ $_ }} | Where-Object {{ $_.GpoId -eq 'id of {Pilot}' }}").ShouldBeEmpty();
    }

    [Theory]
    [InlineData("-Ring nowhere", "There is no ring named 'nowhere'")]
    [InlineData(@"-FilterGroup 'CORP\x'", "A filter group is for one ring")]
    public void Wrong_arguments_are_refused_before_anything_happens(string arguments, string words)
    {
        Should.Throw<RuntimeException>(() => Import(arguments)).Message.ShouldContain(words);
        windows.Calls.ShouldBeEmpty();
    }

    public void Dispose() => windows.Dispose();

    private void Import(string arguments) => windows.Run($"& '{bundle}/Import-MdbGpo.ps1' -Confirm:$false {arguments}");
}
