using System.Management.Automation;
using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using CsvHelper;

namespace MdbDeploy.Tests.Rendering;

/// <summary>The hand-off for Configuration Manager: its scripts run for real over cmdlets that keep collections in memory and write down what is done.</summary>
[Collection(nameof(FakeWindows))]
public sealed class ConfigMgrScriptTests : IDisposable
{
    // A site in memory. Every cmdlet that changes something adds a call.
    private const string Cmdlets = """
        $global:Colls = [System.Collections.ArrayList]::new(); $global:Folders = @{}; $global:Policies = @{}; $global:Deployed = [System.Collections.ArrayList]::new()
        $global:Roles = @{}; $global:Apps = @{}; $global:Accepts = $true
        $env:SMS_ADMIN_UI_PATH = '/console/bin/i386'
        function global:Add-Call($Text) { [void] $global:Calls.Add($Text) }
        function global:Split-Path($Path, [switch] $Parent) { [System.IO.Path]::GetDirectoryName($Path) }
        function global:Get-PSDrive($Name, $PSProvider, $ErrorAction) { $true }
        function global:New-PSDrive { }
        function global:Push-Location($Path) { }
        function global:Pop-Location { }
        function global:Test-Path($LiteralPath, $Path) { if ($Path) { return [bool] $global:Folders[$Path] }; [System.IO.File]::Exists($LiteralPath.Replace('\', '/')) }
        function global:Import-Csv($LiteralPath, $Encoding) {
            $parser = [Microsoft.VisualBasic.FileIO.TextFieldParser]::new($LiteralPath)
            $parser.SetDelimiters(','); $parser.HasFieldsEnclosedInQuotes = $true
            $heads = $parser.ReadFields()
            while (-not $parser.EndOfData) {
                $fields = $parser.ReadFields(); $row = [ordered] @{}
                for ($i = 0; $i -lt $heads.Count; $i++) { $row[$heads[$i]] = $fields[$i] }
                [pscustomobject] $row
            }
        }
        function global:Find-Coll($Id) { $global:Colls | Where-Object { $_.CollectionID -eq $Id } }
        function global:Get-CMDeviceCollection($Name, [switch] $DisableWildcardHandling) { $global:Colls | Where-Object { $_.Name -eq $Name } }
        function global:Get-CMCollection([switch] $DisableWildcardHandling) { $global:Colls }
        function global:New-CMDeviceCollection($Name, $LimitingCollectionId, $RefreshType, $Comment) {
            Add-Call "create $Name"
            if (-not $LimitingCollectionId) { throw 'no limiting collection' }
            $c = [pscustomobject] @{ CollectionID = 'P01{0:X5}' -f (20 + $global:Colls.Count); Name = $Name; Comment = $Comment; LimitToCollectionID = $LimitingCollectionId; RefreshType = $RefreshType; Queries = [System.Collections.ArrayList]::new(); Direct = [System.Collections.ArrayList]::new(); Includes = [System.Collections.ArrayList]::new(); Excludes = [System.Collections.ArrayList]::new() }
            [void] $global:Colls.Add($c); $c
        }
        function global:New-CMFolder($ParentFolderPath, $Name) { Add-Call "folder $Name"; $global:Folders["P01:\$ParentFolderPath\$Name"] = $true }
        function global:Move-CMObject($FolderPath, $InputObject) { if (-not $global:Folders[$FolderPath]) { throw 'no folder' } }
        function global:Get-CMDeviceCollectionQueryMembershipRule($CollectionId) { (Find-Coll $CollectionId).Queries }
        function global:Get-CMDeviceCollectionIncludeMembershipRule($CollectionId) { (Find-Coll $CollectionId).Includes | ForEach-Object { [pscustomobject] @{ IncludeCollectionID = $_ } } }
        function global:Get-CMDeviceCollectionExcludeMembershipRule($CollectionId) { (Find-Coll $CollectionId).Excludes | ForEach-Object { [pscustomobject] @{ ExcludeCollectionID = $_ } } }
        function global:Add-CMDeviceCollectionQueryMembershipRule($CollectionId, $RuleName, $QueryExpression) {
            Add-Call "query $((Find-Coll $CollectionId).Name): $RuleName"
            $kept = $QueryExpression -replace '^select .*? from ', 'select SMS_R_SYSTEM.Everything  from '
            [void] (Find-Coll $CollectionId).Queries.Add([pscustomobject] @{ RuleName = $RuleName; QueryExpression = $kept; Sent = $QueryExpression })
        }
        function global:Remove-CMDeviceCollectionQueryMembershipRule($CollectionId, $RuleName, [switch] $Force) {
            Add-Call "unquery $((Find-Coll $CollectionId).Name): $RuleName"
            $list = (Find-Coll $CollectionId).Queries; $list.Remove(($list | Where-Object { $_.RuleName -eq $RuleName }))
        }
        function global:Add-CMDeviceCollectionIncludeMembershipRule($CollectionId, $IncludeCollectionId) { Add-Call "include $((Find-Coll $CollectionId).Name)"; [void] (Find-Coll $CollectionId).Includes.Add($IncludeCollectionId) }
        function global:Add-CMDeviceCollectionExcludeMembershipRule($CollectionId, $ExcludeCollectionId) { Add-Call "exclude $((Find-Coll $CollectionId).Name)"; [void] (Find-Coll $CollectionId).Excludes.Add($ExcludeCollectionId) }
        $global:Devices = [System.Collections.ArrayList]::new(); $global:Properties = [ordered] @{}; $global:Asked = 0
        function global:Get-CMDevice($Name, [switch] $Fast, [switch] $DisableWildcardHandling) { $global:Asked++; $global:Devices | Where-Object { -not $Name -or $_.Name -eq $Name } }
        function global:Get-CMDeviceCollectionDirectMembershipRule($CollectionId) { (Find-Coll $CollectionId).Direct | ForEach-Object { [pscustomobject] @{ RuleName = "$_"; ResourceID = $_ } } }
        function global:Add-CMDeviceCollectionDirectMembershipRule($CollectionId, [int[]] $ResourceId) { Add-Call "direct $((Find-Coll $CollectionId).Name): $ResourceId"; foreach ($r in $ResourceId) { [void] (Find-Coll $CollectionId).Direct.Add($r) } }
        function global:Remove-CMDeviceCollectionDirectMembershipRule($CollectionId, $ResourceId, [switch] $Force) { Add-Call "undirect $((Find-Coll $CollectionId).Name): $ResourceId"; (Find-Coll $CollectionId).Direct.Remove([int] $ResourceId) }
        function global:Invoke-RestMethod($Method, $Uri, [switch] $UseDefaultCredentials, $ContentType, $Body) {
            if ($Method -eq 'Get') {
                $rows = @($global:Properties.Keys | ForEach-Object { [pscustomobject] @{ ResourceID = [int] $_; PropertyValue = $global:Properties[$_] } })
                if ($Uri -notlike '*skiptoken*' -and $rows.Count -gt 1) { return [pscustomobject] @{ value = @($rows[0]); '@odata.nextLink' = "$Uri&`$skiptoken=1" } }
                return [pscustomobject] @{ value = @(if ($Uri -like '*skiptoken*') { $rows[1..99] } else { $rows }) }
            }
            Add-Call "$Method $Uri $Body"
            $id = [regex]::Match($Uri, 'Device\((\d+)\)').Groups[1].Value
            $global:Properties[$id] = [regex]::Match($Body, ':"([^"]*)"').Groups[1].Value
        }
        function global:Invoke-CMCollectionUpdate($CollectionId) { Add-Call "update $((Find-Coll $CollectionId).Name)" }
        function global:Get-CMDeployment($CollectionName) { $global:Deployed | Where-Object { $_ -eq $CollectionName } }
        function global:Remove-CMDeviceCollection($Id, [switch] $Force) { $c = Find-Coll $Id; Add-Call "remove $($c.Name)"; $global:Colls.Remove($c) }
        $global:Malware = @{}; $global:MalwareAt = [System.Collections.ArrayList]::new()
        function global:Get-CMAntimalwarePolicy($Name) { $global:Malware[$Name] }
        function global:Import-CMAntimalwarePolicy($Path) { Add-Call "import $([System.IO.Path]::GetFileName($Path))"; $global:Malware[([xml] [System.IO.File]::ReadAllText($Path)).SecurityPolicy.Name] = $true }
        function global:Get-CMAntimalwarePolicyDeployment($Name, $ErrorAction) { $global:MalwareAt | Where-Object { $_.Policy -eq $Name } }
        function global:New-CMAntimalwarePolicyDeployment($Name, $CollectionName) { Add-Call "antimalware $CollectionName"; [void] $global:MalwareAt.Add([pscustomobject] @{ Policy = $Name; CollectionName = $CollectionName }) }
        function global:Get-MpPreference { [pscustomobject] $global:Prefs }
        function global:Set-MpPreference($EnableNetworkProtection) { $global:Prefs.EnableNetworkProtection = @{ Disabled = 0; Enabled = 1; AuditMode = 2 }[$EnableNetworkProtection] }
        function global:Add-MpPreference($AttackSurfaceReductionRules_Ids, $AttackSurfaceReductionRules_Actions) {
            $global:Prefs.AttackSurfaceReductionRules_Ids += $AttackSurfaceReductionRules_Ids; $global:Prefs.AttackSurfaceReductionRules_Actions += @{ Disabled = 0; Enabled = 1; AuditMode = 2; Warn = 6 }[$AttackSurfaceReductionRules_Actions]
        }
        function global:Get-CMAdvancedThreatProtectionPolicy($Name) { $global:Policies[$Name] }
        function global:New-CMAdvancedThreatProtectionPolicy($Name, $FilePath, $PolicyType, $SampleSharingType) { Add-Call "policy $Name $PolicyType"; $global:Policies[$Name] = $true }
        function global:Get-CMConfigurationPolicyDeployment { $global:Deployed | ForEach-Object { [pscustomobject] @{ AssignmentName = "MDB - Contoso - Onboarding_$_"; CollectionName = $_ } } }
        function global:New-CMConfigurationPolicyDeployment($CommonProfileName, $CollectionName) { Add-Call "deploy $CollectionName"; if (-not $global:Accepts) { throw 'No object corresponds to the specified parameters.' }; [void] $global:Deployed.Add($CollectionName) }
        function global:Get-CMSecurityRole($Name) { $global:Roles[$Name] }
        function global:Copy-CMSecurityRole($SourceRoleName, $Name, $Description) { Add-Call "role $Name"; $global:Roles[$Name] = $true }
        function global:Set-CMSecurityRolePermission($Name, $RolePermission) { Add-Call "permit $($RolePermission['Collection'])" }
        function global:Get-CMSecurityRolePermission($Name) { }
        function global:Get-CMApplication($Name, [switch] $Fast) { $global:Apps[$Name] }
        function global:New-CMApplication($Name, $Description) { Add-Call "application $Name"; $global:Apps[$Name] = $true }
        function global:New-CMDetectionClauseRegistryKeyValue($Hive, $KeyName, $ValueName, $PropertyType, [switch] $Value, $ExpressionOperator, $ExpectedValue, [switch] $Is64Bit) { "$KeyName\$ValueName $ExpressionOperator $ExpectedValue" }
        function global:Add-CMScriptDeploymentType($ApplicationName, $DeploymentTypeName, $ContentLocation, $InstallCommand, $AddDetectionClause, $InstallationBehaviorType, $LogonRequirementType, $UserInteractionMode, $MaximumRuntimeMins, $EstimatedRuntimeMins) { Add-Call "type $InstallCommand when $AddDetectionClause" }
        """;

    private static readonly string Expected = Path.Combine(Repository.Root, "tests", "MdbDeploy.Tests", "Baselines", "310-configmgr", "two-rings", "expected", "configmgr");

    private readonly FakeWindows windows = new();
    private string said = "";
    private readonly string bundle;

    public ConfigMgrScriptTests()
    {
        bundle = windows.Deliver(Path.Combine(Expected, "hand-off"));
        windows.Run(Cmdlets);
    }

    [Fact]
    public void What_if_calls_nothing_in_any_script()
    {
        windows.Run("function global:Test-Path($LiteralPath, $Path) { $true }");
        foreach (var script in Directory.EnumerateFiles(bundle, "*.ps1").Select(Path.GetFileName))
        {
            Run(script!, script!.Contains("Application", StringComparison.Ordinal) ? @"-SourceFolder '\\fs01\mdb$' -WhatIf" : "-WhatIf");
        }

        windows.Calls.ShouldBeEmpty();
    }

    [Fact]
    public void The_collections_come_out_as_push_would_make_them_and_a_second_run_changes_nothing()
    {
        var first = Run("Deploy-MdbCollections.ps1", "").Single();
        first.Properties["Created"].Value.ShouldBe(8);
        var wanted = Directory.EnumerateFiles(Expected, "collection.*.json").Select(f => JsonNode.Parse(File.ReadAllText(f))!).ToDictionary(r => r["address"]!.ToString().Split('/')[^1]);
        var made = windows.Run("$global:Colls").ToDictionary(c => c.Properties["Name"].Value.ToString()!);
        made.Keys.ShouldBe(wanted.Values.Select(w => w["body"]!["Name"]!.ToString()), ignoreOrder: true);
        string NameOf(string id) => id.StartsWith("SMS", StringComparison.Ordinal) ? id : made.Values.Single(c => c.Properties["CollectionID"].Value.ToString() == id).Properties["Name"].Value.ToString()!;
        string Wanted(string reference) => reference.StartsWith('{') ? wanted[reference.Trim('{', '}').Split('/')[^1]]["body"]!["Name"]!.ToString() : reference;
        foreach (var (slug, resource) in wanted)
        {
            var collection = made[resource["body"]!["Name"]!.ToString()];
            NameOf(collection.Properties["LimitToCollectionID"].Value.ToString()!).ShouldBe(Wanted(resource["body"]!["LimitToCollectionID"]!.ToString()));
            collection.Properties["Comment"].Value.ToString()!.ShouldStartWith(resource["body"]!["Comment"]!.ToString().Split('#')[0]);
            var file = Path.Combine(Expected, $"collection-rules.{slug}.json");
            var rules = File.Exists(file) ? JsonNode.Parse(File.ReadAllText(file))!["body"]!["rules"]!.AsArray() : [];
            List(collection, "Queries").Select(q => ((PSObject)q).Properties["Sent"].Value.ToString()).ShouldBe(rules.Select(r => r!["QueryExpression"]?.ToString()).OfType<string>());
            List(collection, "Includes").Select(i => NameOf(i.ToString()!)).ShouldBe(rules.Select(r => r!["IncludeCollectionID"]?.ToString()).OfType<string>().Select(Wanted));
            List(collection, "Excludes").Select(i => NameOf(i.ToString()!)).ShouldBe(rules.Select(r => r!["ExcludeCollectionID"]?.ToString()).OfType<string>().Select(Wanted));
        }

        windows.Run("$global:Calls.Clear()");
        Run("Deploy-MdbCollections.ps1", "").Single().Properties["RulesAdded"].Value.ShouldBe(0);
        windows.Calls.ShouldBeEmpty();
    }

    [Fact]
    public void A_changed_query_is_exchanged_an_old_one_of_ours_goes_and_that_of_somebody_else_stays()
    {
        Run("Deploy-MdbCollections.ps1", "");
        windows.Run("""
            $c = Get-CMDeviceCollection -Name 'MDB - Contoso - Ring pilot'
            $c.Queries[0].QueryExpression = 'select SMS_R_SYSTEM.Everything from SMS_R_System where SMS_R_System.Name in (''OLD'')'
            Add-CMDeviceCollectionQueryMembershipRule -CollectionId $c.CollectionID -RuleName 'MDB names 01' -QueryExpression 'select x from SMS_R_System'
            Add-CMDeviceCollectionQueryMembershipRule -CollectionId $c.CollectionID -RuleName 'theirs' -QueryExpression 'select x from SMS_R_System'
            $global:Calls.Clear()
            """);
        Run("Deploy-MdbCollections.ps1", "");
        windows.Calls.ShouldBe(["unquery MDB - Contoso - Ring pilot: MDB names", "query MDB - Contoso - Ring pilot: MDB names", "unquery MDB - Contoso - Ring pilot: MDB names 01", "update MDB - Contoso - Ring pilot"]);
    }

    [Fact]
    public void A_collection_of_somebody_else_with_the_same_name_stops_it_before_anything_is_changed()
    {
        windows.Run("New-CMDeviceCollection -Name 'MDB - Contoso - Ring Broad 2' -LimitingCollectionId SMS00001 -RefreshType Manual -Comment 'mine' | Out-Null; $global:Calls.Clear()");
        Should.Throw<RuntimeException>(() => Run("Deploy-MdbCollections.ps1", "")).Message.ShouldContain("was not made by mdbdeploy");
        windows.Calls.ShouldBeEmpty();
    }

    [Fact]
    public void Direct_rules_are_looked_up_now_and_added_by_one_call_a_collection()
    {
        Deliver("direct");
        windows.Run("""
            function Add-Device($Id, $Name, $Domain = 'CORP', $IsClient = $true, $IsObsolete = $false) { [void] $global:Devices.Add([pscustomobject] @{ Name = $Name; ResourceID = $Id; Domain = $Domain; IsClient = $IsClient; IsObsolete = $IsObsolete }) }
            Add-Device 11 'pc-0001'; Add-Device 12 'PC-0002' 'CORP' $true $true; Add-Device 13 'PC-0002'; Add-Device 14 'PC-0003' 'CORP' $false; Add-Device 15 "O'Brien"; Add-Device 16 "O'Brien" 'OTHER'
            """);
        Run("Deploy-MdbCollections.ps1", "-WhatIf");
        windows.Calls.Where(c => !c.StartsWith("warning", StringComparison.Ordinal)).ShouldBeEmpty();
        Run("Deploy-MdbCollections.ps1", "");
        windows.Calls.Where(c => c.Contains("direct", StringComparison.Ordinal) && !c.StartsWith("warning", StringComparison.Ordinal)).ShouldBe(["direct MDB - Contoso - Ring pilot: 11 13"]);
        windows.Calls.ShouldContain("warning MDB - Contoso - Ring Broad 2: 2 devices are no clients of the site, or several records bear their name: PC-0003, O'Brien");

        windows.Run("$global:Calls.Clear()");
        Run("Deploy-MdbCollections.ps1", "");
        windows.Calls.ShouldAllBe(c => c.StartsWith("warning", StringComparison.Ordinal));

        // One was re-imaged: the rule of its old record stays until somebody says otherwise.
        windows.Run("($global:Devices | Where-Object { $_.ResourceID -eq 13 }).ResourceID = 23; $global:Calls.Clear()");
        Run("Deploy-MdbCollections.ps1", "");
        windows.Calls.Where(c => c.Contains("pilot", StringComparison.Ordinal)).ShouldBe(
            ["direct MDB - Contoso - Ring pilot: 23", "warning MDB - Contoso - Ring pilot: 1 direct rules are for devices that rules.csv does not name. They stay; -Prune removes them.", "update MDB - Contoso - Ring pilot"]);
        windows.Run("$global:Calls.Clear()");
        Run("Deploy-MdbCollections.ps1", "-Prune");
        windows.Calls.Where(c => c.Contains("pilot", StringComparison.Ordinal)).ShouldBe(["undirect MDB - Contoso - Ring pilot: 13", "update MDB - Contoso - Ring pilot"]);
    }

    [Fact]
    public void Many_devices_are_looked_up_by_one_question()
    {
        Deliver("direct");
        var rows = string.Concat(Enumerable.Range(0, 300).Select(i => $"\"ring-pilot\",\"direct\",\"MDB device D{i}\",\"\",\"D{i}\",\"\",\"\",\"\"\r\n"));
        File.AppendAllText(Path.Combine(bundle, "rules.csv"), rows);
        windows.Run("foreach ($i in 0..299) { [void] $global:Devices.Add([pscustomobject] @{ Name = \"D$i\"; ResourceID = 1000 + $i; Domain = 'CORP'; IsClient = $true; IsObsolete = $false }) }");
        Run("Deploy-MdbCollections.ps1", "");
        windows.Run("(Get-CMDeviceCollection -Name 'MDB - Contoso - Ring pilot').Direct.Count").Single().BaseObject.ShouldBe(300);
        // Two names of the other ring are asked for one by one.
        windows.Run("$global:Asked").Single().BaseObject.ShouldBe(3);
    }

    [Fact]
    public void A_custom_property_is_set_where_it_differs_and_taken_from_whoever_left()
    {
        Deliver("custom-property");
        windows.Run("""
            foreach ($d in @(11, 'PC-0001'), @(12, 'PC-0002'), @(13, 'PC-0003')) { [void] $global:Devices.Add([pscustomobject] @{ Name = $d[1]; ResourceID = $d[0]; Domain = 'CORP'; IsClient = $true; IsObsolete = $false }) }
            $global:Properties['12'] = 'pilot'; $global:Properties['99'] = 'pilot'; $global:Properties['98'] = '(none)'
            """);
        Run("Set-MdbDeviceProperties.ps1", "-WhatIf").Single().Properties["Set"].Value.ShouldBe(0);
        windows.Calls.ShouldAllBe(c => c.StartsWith("warning", StringComparison.Ordinal));
        windows.Run("$global:Calls.Clear()");
        var first = Run("Set-MdbDeviceProperties.ps1", "").Single();
        (first.Properties["Set"].Value, first.Properties["AsTheyWere"].Value, first.Properties["Left"].Value, first.Properties["NotFound"].Value).ShouldBe((2, 1, 1, 1));
        windows.Calls.ShouldBe(
        [
            """Post https://cm01.contoso.example/AdminService/v1.0/Device(11)/AdminService.SetExtensionData {"ExtensionData":{"MdbDeploy.contoso.Ring":"pilot"}}""",
            """Post https://cm01.contoso.example/AdminService/v1.0/Device(13)/AdminService.SetExtensionData {"ExtensionData":{"MdbDeploy.contoso.Ring":"broad-2"}}""",
            "warning 'O'Brien' is no client of the site, or several records bear the name.",
            """Post https://cm01.contoso.example/AdminService/v1.0/Device(99)/AdminService.SetExtensionData {"ExtensionData":{"MdbDeploy.contoso.Ring":"(none)"}}""",
        ]);
        windows.Run("$global:Calls.Clear()");
        Run("Set-MdbDeviceProperties.ps1", "").Single().Properties["Set"].Value.ShouldBe(0);
        windows.Calls.ShouldHaveSingleItem().ShouldStartWith("warning");

        Run("Deploy-MdbCollections.ps1", "");
        windows.Run("(Get-CMDeviceCollection -Name 'MDB - Contoso - Ring pilot').Queries[0].Sent").Single().ToString().ShouldEndWith("PropertyName = 'MdbDeploy.contoso.Ring' and SMS_G_System_ExtensionData.PropertyValue = 'pilot'");
    }

    [Fact]
    public void Removing_takes_our_own_collections_only_and_none_that_is_in_use()
    {
        Run("Deploy-MdbCollections.ps1", "");
        windows.Run("""
            (Get-CMDeviceCollection -Name 'MDB - Contoso - Onboarded').Comment = 'taken over'
            [void] $global:Deployed.Add('MDB - Contoso - Ring pilot')
            New-CMDeviceCollection -Name 'theirs' -LimitingCollectionId (Get-CMDeviceCollection -Name 'MDB - Contoso - Unsupported').CollectionID -RefreshType Manual -Comment '' | Out-Null
            $global:Calls.Clear()
            """);
        Run("Remove-MdbCollections.ps1", "-Confirm:$false");
        windows.Calls.Where(c => c.StartsWith("remove", StringComparison.Ordinal)).ShouldBe(["remove MDB - Contoso - Ring Broad 2", "remove MDB - Contoso - Not onboarded", "remove MDB - Contoso - Excluded"]);
        windows.Calls.Count(c => c.StartsWith("warning", StringComparison.Ordinal)).ShouldBe(6);
    }

    [Fact]
    public void The_policy_is_made_once_and_deployed_once_to_each_ring()
    {
        Run("Deploy-MdbPolicy.ps1", "-Confirm:$false");
        Run("Deploy-MdbPolicy.ps1", "-Confirm:$false");
        windows.Calls.ShouldBe(["policy MDB - Contoso - Onboarding Onboarding", "deploy MDB - Contoso - Ring pilot", "deploy MDB - Contoso - Ring Broad 2"]);
    }

    [Fact]
    public void A_site_that_takes_no_deployment_by_cmdlet_gets_the_steps_in_the_console()
    {
        windows.Run("$global:Accepts = $false");
        Run("Deploy-MdbPolicy.ps1", "-Collection 'MDB - Contoso - Ring pilot' -Confirm:$false");
        windows.Calls.Where(c => c.StartsWith("warning", StringComparison.Ordinal)).Last().ShouldContain("Microsoft Defender ATP Policies");
    }

    [Fact]
    public void The_application_is_installed_where_the_sensor_says_so_and_made_once()
    {
        Should.Throw<RuntimeException>(() => Run("New-MdbApplication.ps1", @"-SourceFolder '\\fs01\mdb$'")).Message.ShouldContain("holds no WindowsDefenderATPOnboardingScript.cmd");
        windows.Run("function global:Test-Path($LiteralPath, $Path) { $true }");
        Run("New-MdbApplication.ps1", @"-SourceFolder '\\fs01\mdb$'");
        Run("New-MdbApplication.ps1", @"-SourceFolder '\\fs01\mdb$'");
        windows.Calls.Take(2).ShouldBe(["application MDB - Contoso - Onboarding script", @"type WindowsDefenderATPOnboardingScript.cmd when SOFTWARE\Microsoft\Windows Advanced Threat Protection\Status\OnboardingState IsEquals 1"]);
        windows.Calls.Skip(2).ShouldHaveSingleItem().ShouldContain("left as it is");
    }

    [Fact]
    public void The_role_is_made_by_the_names_of_its_permissions()
    {
        Run("New-MdbRole.ps1", "-Confirm:$false");
        Run("New-MdbRole.ps1", "-Confirm:$false");
        windows.Calls.Take(2).ShouldBe(["role MdbDeploy", "permit Read,Modify,Create,Delete,Read Resource,Modify Folder,Move Object"]);
        windows.Calls.Skip(2).ShouldHaveSingleItem().ShouldStartWith("warning");
    }

    [Fact]
    public void No_script_changes_itself_or_fetches_anything()
    {
        foreach (var script in Directory.EnumerateFiles(Path.Combine(Expected, "hand-off"), "*.ps1"))
        {
            var text = File.ReadAllText(script);
            string[] forbidden = ["Set-Content", "Out-File", "Add-Content", "Invoke-Expression", "Invoke-WebRequest", "Invoke-RestMethod", "DownloadString", "Set-AuthenticodeSignature", "ExecutionPolicy"];
            forbidden.Where(f => text.Contains(f, StringComparison.OrdinalIgnoreCase)).ShouldBeEmpty(script);
            File.ReadAllBytes(script)[..3].ShouldBe([0xEF, 0xBB, 0xBF], script);
        }
    }

    [Fact]
    public void The_MOF_is_well_formed_and_holds_the_queries_that_push_sends()
    {
        var text = File.ReadAllText(Path.Combine(Expected, "hand-off", "collections.mof"), Encoding.Unicode);
        var instances = Mof.Read(text);
        var rules = CsvRows(Path.Combine(Expected, "hand-off", "rules.csv")).Where(r => r["Kind"] == "query").ToLookup(r => r["Slug"]);
        var names = CsvRows(Path.Combine(Expected, "hand-off", "collections.csv")).ToDictionary(r => r["Slug"], r => r["Name"]);
        instances.Select(i => i["Name"]).ShouldBe(rules.Select(r => (object)names[r.Key]), ignoreOrder: true);
        foreach (var instance in instances)
        {
            instance["CollectionID"].ShouldBe("");
            instance["LimitToCollectionID"].ShouldBe("SMSDM003");
            var slug = names.Single(n => n.Value == (string)instance["Name"]).Key;
            ((List<Dictionary<string, object>>)instance["CollectionRules"]).Select(r => r["QueryExpression"]).ShouldBe(rules[slug].Select(r => (object)r["Query"]));
        }
    }

    [Fact]
    public void Each_ring_s_antimalware_policy_is_imported_once_and_deployed_to_its_collection()
    {
        Run("Deploy-MdbCollections.ps1", "");
        windows.Run("$global:Calls.Clear()");
        var first = Run("Deploy-MdbAntimalware.ps1", "-Confirm:$false").Single();
        (first.Properties["Imported"].Value, first.Properties["Deployed"].Value).ShouldBe((2, 2));
        windows.Calls.ShouldBe(["import antimalware-pilot.xml", "antimalware MDB - Contoso - Ring pilot", "import antimalware-broad-2.xml", "antimalware MDB - Contoso - Ring Broad 2"]);
        windows.Run("$global:Calls.Clear()");
        Run("Deploy-MdbAntimalware.ps1", "-Confirm:$false").Single().Properties["Imported"].Value.ShouldBe(0);
        windows.Calls.ShouldBeEmpty();
    }

    [Fact]
    public void An_antimalware_policy_without_its_collection_is_not_deployed_and_says_why()
    {
        Run("Deploy-MdbAntimalware.ps1", "-Collection 'MDB - Contoso - Ring pilot' -Confirm:$false").Single().Properties["Deployed"].Value.ShouldBe(0);
        windows.Calls[^1].ShouldContain("run Deploy-MdbCollections.ps1 first");
    }

    [Fact]
    public void Exploit_guard_is_set_on_a_device_and_a_rule_of_somebody_else_stays()
    {
        windows.Run("$global:Prefs = @{ AttackSurfaceReductionRules_Ids = @('aaaaaaaa-0000-4000-8000-000000000000'); AttackSurfaceReductionRules_Actions = @(1); EnableNetworkProtection = 0 }");
        Guard("pilot", "-Test").ShouldBe(1);
        windows.Calls.ShouldBeEmpty();
        Guard("pilot", "-Confirm:$false").ShouldBe(0);
        Guard("pilot", "-Test").ShouldBe(0);
        windows.Run("$global:Prefs.AttackSurfaceReductionRules_Ids.Count").Single().BaseObject.ShouldBe(2);
        windows.Run("\"$($global:Prefs.AttackSurfaceReductionRules_Actions)\"").Single().BaseObject.ShouldBe("1 1");
        // The ring after it only audits the rule.
        Guard("Broad 2", "-Test").ShouldBe(1);
    }

    [Fact]
    public void A_policy_that_wins_over_exploit_guard_s_preferences_is_told()
    {
        windows.Run("$global:Prefs = @{ AttackSurfaceReductionRules_Ids = @(); AttackSurfaceReductionRules_Actions = @(); EnableNetworkProtection = 2 }; function global:Set-MpPreference { }");
        Guard("pilot", "-Confirm:$false").ShouldBe(1);
        said.ShouldContain("eg.np is not Enabled: a policy of Group Policy or Intune sets it");
        Guard("nobody", "").ShouldBe(3);
        windows.Run("function global:Get-MpPreference { throw 'Invalid class' }");
        Guard("pilot", "").ShouldBe(2);
    }

    [Fact]
    public void Every_setting_of_a_ring_has_its_road()
    {
        var rows = CsvRows(Path.Combine(Expected, "hand-off", "settings.csv"));
        rows.Where(r => r["Ring"] == "pilot").Select(r => $"{r["Id"]} {r["Road"]}").ShouldBe(["mde.samplesharing onboarding policy", "av.rtp antimalware policy", "av.pua antimalware policy", "eg.np exploit-guard.csv", "av.bafs none", "asr.d4f940ab exploit-guard.csv"]);
        XNamespace ns = "http://forefront.microsoft.com/FEP/2010/01/PolicyData";
        var policy = XDocument.Load(Path.Combine(Expected, "hand-off", "antimalware-pilot.xml")).Root.ShouldNotBeNull();
        policy.Attribute("Name")!.Value.ShouldBe("MDB - Contoso - Antimalware - pilot");
        policy.Descendants(ns + "AddValue").Count().ShouldBe(2);
    }

    public void Dispose() => windows.Dispose();

    private int Guard(string ring, string arguments)
    {
        said = string.Join('\n', windows.Run($"& '{bundle}/exploit-guard/Set-MdbExploitGuard.ps1' -Ring '{ring}' {arguments}"));
        return Convert.ToInt32(windows.Run("$LASTEXITCODE").Single().BaseObject, System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Puts the files of another kind of membership over the bundle's.</summary>
    private void Deliver(string membership)
    {
        var from = Path.Combine(Repository.Root, "tests", "MdbDeploy.Tests", "Baselines", "310-configmgr", membership, "expected", "configmgr", "hand-off");
        foreach (var file in Directory.EnumerateFiles(from))
        {
            File.Copy(file, Path.Combine(bundle, Path.GetFileName(file)), overwrite: true);
        }
    }

    private IReadOnlyList<PSObject> Run(string script, string arguments) => windows.Run($"& '{bundle}/{script}' -SiteCode P01 -ProviderMachineName cm01.contoso.example {arguments}");

    private static IEnumerable<object> List(PSObject collection, string property) => ((System.Collections.IEnumerable)collection.Properties[property].Value).Cast<object>();

    private static List<Dictionary<string, string>> CsvRows(string file)
    {
        using var reader = CsvReader.FromText(File.ReadAllText(file));
        var rows = new List<Dictionary<string, string>>();
        while (reader.Read())
        {
            rows.Add(reader.Headers.Select((h, i) => (h, Value: reader.GetString(i))).ToDictionary(p => p.h, p => p.Value));
        }

        return rows;
    }
}
