using System.Management.Automation;

namespace MdbDeploy.Tests.Rendering;

/// <summary>New-MdbShare.ps1, run: whoever can write to that share owns every computer, so what is asserted is who may do what afterwards.</summary>
[Collection(nameof(FakeWindows))]
public sealed class ShareScriptTests : IDisposable
{
    private const string Cmdlets = """
        [psobject].Assembly.GetType('System.Management.Automation.TypeAccelerators')::Add('System.DirectoryServices.ActiveDirectory.Domain', [MdbDeploy.Tests.Rendering.FakeDomain])
        $global:Acls = @{}; $global:Shares = @{}; $global:Names = @{ 'S-1-5-32-544' = 'BUILTIN\Administrators'; 'S-1-5-21-1-2-3-515' = 'CORP\Domain Computers'; 'S-1-5-21-1-2-3-516' = 'CORP\Domain Controllers' }
        function global:New-FakeSid($Value) {
            $sid = [pscustomobject] @{ Value = $Value }
            $sid.PSObject.Methods.Add([System.Management.Automation.PSScriptMethod]::new('Translate', { [pscustomobject] @{ Value = $global:Names[$this.Value] } }))
            $sid
        }
        function global:New-Object($TypeName, $ArgumentList) {
            if ($TypeName -like '*DirectoryContext') { return [pscustomobject] @{ Name = $ArgumentList[1] } }
            if ($TypeName -like '*DirectorySecurity') {
                $acl = [pscustomobject] @{ Sddl = '' }
                $acl.PSObject.Methods.Add([System.Management.Automation.PSScriptMethod]::new('SetSecurityDescriptorSddlForm', { param($s) $this.Sddl = $s }))
                return $acl
            }
            if ($ArgumentList -is [string]) { return New-FakeSid $ArgumentList }
            if ($ArgumentList[0] -is [byte[]]) { return New-FakeSid 'S-1-5-21-1-2-3' }
            New-FakeSid "$($ArgumentList[1].Value)-$(@{ AccountComputersSid = 515; AccountControllersSid = 516 }[[string] $ArgumentList[0]])"
        }
        function global:Select-Object { param([Parameter(ValueFromPipeline)] $InputObject, $Skip) begin { $n = 0 } process { if ($n -ge $Skip) { $InputObject }; $n++ } }
        function global:Copy-Item($LiteralPath, $Destination, [switch] $Force) { [System.IO.File]::Copy($LiteralPath, [System.IO.Path]::Combine($Destination, [System.IO.Path]::GetFileName($LiteralPath)), $true) }
        function global:Set-Acl($LiteralPath, $AclObject) { $global:Acls[$LiteralPath] = $AclObject.Sddl }
        # What has no rights of its own inherits those of the folder above.
        function global:Get-Acl($LiteralPath) {
            $p = $LiteralPath; while (-not $global:Acls[$p]) { $p = [System.IO.Path]::GetDirectoryName($p) }
            $rules = @([regex]::Matches($global:Acls[$p], '\((A|D);[^;]*;([^;]*);;;([^)]*)\)') | ForEach-Object {
                $rights = @{ FA = 0x1f01ff }[$_.Groups[2].Value]; if (-not $rights) { $rights = [int] $_.Groups[2].Value }
                $who = @{ SY = 'S-1-5-18'; BA = 'S-1-5-32-544' }[$_.Groups[3].Value]; if (-not $who) { $who = $_.Groups[3].Value }
                [pscustomobject] @{ AccessControlType = @{ A = 'Allow'; D = 'Deny' }[$_.Groups[1].Value]; FileSystemRights = $rights; IdentityReference = [pscustomobject] @{ Value = $who } } })
            $acl = [pscustomobject] @{ Rules = $rules }
            $acl.PSObject.Methods.Add([System.Management.Automation.PSScriptMethod]::new('GetAccessRules', { param($a, $b, $c) $this.Rules }))
            $acl
        }
        function global:Reset-Below { param($Pattern) foreach ($key in @($global:Acls.Keys | Where-Object { $_ -like $Pattern })) { $global:Acls.Remove($key) } }
        ${function:global:ICACLS} = { Reset-Below $args[0]; [void] $global:Calls.Add("icacls $($args[1])"); $global:LASTEXITCODE = 0 }
        function global:Get-SmbShare($Name, $ErrorAction) { $global:Shares[$Name] }
        function global:New-SmbShare($Name, $Path, $FullAccess, $ReadAccess, $CachingMode, $Description) {
            [void] $global:Calls.Add("share $Name")
            $access = @(@($FullAccess) | ForEach-Object { [pscustomobject] @{ AccountName = $_; AccessControlType = 'Allow'; AccessRight = 'Full' } }) + @(@($ReadAccess) | ForEach-Object { [pscustomobject] @{ AccountName = $_; AccessControlType = 'Allow'; AccessRight = 'Read' } })
            $global:Shares[$Name] = [pscustomobject] @{ Path = $Path; Access = $access }
            $global:Shares[$Name]
        }
        function global:Get-SmbShareAccess($Name) { $global:Shares[$Name].Access }
        function global:Unblock-SmbShareAccess($Name, $AccountName, [switch] $Force) { $s = $global:Shares[$Name]; $s.Access = @($s.Access | Where-Object { $_.AccountName -ne $AccountName -or $_.AccessControlType -ne 'Deny' }) }
        function global:Revoke-SmbShareAccess($Name, $AccountName, [switch] $Force) { $s = $global:Shares[$Name]; $s.Access = @($s.Access | Where-Object { $_.AccountName -ne $AccountName -or $_.AccessControlType -eq 'Deny' }) }
        function global:Grant-SmbShareAccess($Name, $AccountName, $AccessRight, [switch] $Force) {
            Revoke-SmbShareAccess -Name $Name -AccountName $AccountName
            $global:Shares[$Name].Access = @($global:Shares[$Name].Access) + [pscustomobject] @{ AccountName = $AccountName; AccessControlType = 'Allow'; AccessRight = $AccessRight }
        }
        """;

    private const string Script = "WindowsDefenderATPOnboardingScript.cmd";
    private const string Rights = "O:BAG:BAD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;S-1-5-21-1-2-3-515)(A;OICI;0x1200a9;;;S-1-5-21-1-2-3-516)";

    private static readonly string[] Access = [@"Allow BUILTIN\Administrators Full", @"Allow CORP\Domain Computers Read", @"Allow CORP\Domain Controllers Read"];

    private readonly FakeWindows windows = new();
    private readonly string bundle;
    private readonly string folder;

    public ShareScriptTests()
    {
        bundle = windows.Deliver(Path.Combine(Repository.Root, "tests", "MdbDeploy.Tests", "Baselines", "320-gpo", "two-rings", "expected", "gpo"));
        folder = Path.Combine(windows.Folder, "Shares", "mdb");
        windows.Run(Cmdlets.Replace("ICACLS", @"$env:SystemRoot\System32\icacls.exe", StringComparison.Ordinal).Replace("${function:global:$env:SystemRoot", $"${{function:global:{windows.Folder}/Windows", StringComparison.Ordinal));
    }

    [Fact]
    public void Computers_read_administrators_write_and_nobody_else_does_anything()
    {
        Make().ShouldEndWith($"mdb$/{Script}.");
        File.ReadAllBytes(Path.Combine(folder, Script)).ShouldBe(File.ReadAllBytes(Path.Combine(bundle, "share", Script)));
        windows.Run("$Acls.Keys").Select(k => k.ToString()).ShouldBe([folder]);
        Sddl.ShouldBe(Rights);
        Shared().ShouldBe(Access);
    }

    [Fact]
    public void A_second_run_leaves_everything_as_it_is()
    {
        Make();
        var before = (Sddl, string.Join(',', Shared()), File.ReadAllText(Path.Combine(folder, Script)));
        windows.Run("$Calls.Clear()");
        Make();
        (Sddl, string.Join(',', Shared()), File.ReadAllText(Path.Combine(folder, Script))).ShouldBe(before);
        windows.Calls.ShouldNotContain(c => c.StartsWith("share", StringComparison.Ordinal));
    }

    [Fact]
    public void What_if_does_nothing()
    {
        Make("-WhatIf");
        Directory.Exists(folder).ShouldBeFalse();
        windows.Run("$Acls.Count; $Shares.Count").Select(r => (int)r.BaseObject).ShouldBe([0, 0]);

        // Nor where everything is there and wrong.
        Make();
        windows.Run($"$Acls['{folder}'] = 'D:(A;OICI;FA;;;S-1-1-0)'; $Shares['mdb$'].Access = @([pscustomobject] @{{ AccountName = 'Everyone'; AccessControlType = 'Allow'; AccessRight = 'Full' }})");
        Make("-WhatIf");
        Sddl.ShouldBe("D:(A;OICI;FA;;;S-1-1-0)");
        Shared().ShouldBe(["Allow Everyone Full"]);
    }

    [Fact]
    public void What_somebody_opened_is_closed_again()
    {
        Make();
        windows.Run($$"""
            $Acls['{{folder}}'] = 'D:(A;OICI;FA;;;S-1-1-0)'; $Acls['{{folder}}/{{Script}}'] = 'D:(A;;FA;;;S-1-5-21-9-9-9-1001)'
            $Shares['mdb$'].Access = @(
                [pscustomobject] @{ AccountName = 'Everyone'; AccessControlType = 'Allow'; AccessRight = 'Full' }
                [pscustomobject] @{ AccountName = 'CORP\Domain Computers'; AccessControlType = 'Allow'; AccessRight = 'Change' }
                [pscustomobject] @{ AccountName = 'CORP\Domain Controllers'; AccessControlType = 'Deny'; AccessRight = 'Full' })
            """);
        File.WriteAllText(Path.Combine(folder, Script), "format c:");
        Make();
        Sddl.ShouldBe(Rights);
        windows.Run("$Acls.Keys").Count.ShouldBe(1);
        Shared().ShouldBe(Access);
        File.ReadAllBytes(Path.Combine(folder, Script)).ShouldBe(File.ReadAllBytes(Path.Combine(bundle, "share", Script)));
    }

    [Fact]
    public void A_share_of_that_name_that_leads_elsewhere_is_refused_before_anything_is_done()
    {
        windows.Run("$Shares['mdb$'] = [pscustomobject] @{ Path = 'D:\\payroll'; Access = @() }");
        Should.Throw<RuntimeException>(() => Make()).Message.ShouldBe(@"The share 'mdb$' exists and leads to 'D:\payroll'.");
        Directory.Exists(folder).ShouldBeFalse();
        windows.Run("$Acls.Count").Single().BaseObject.ShouldBe(0);
        Make("-ShareName mdb2$").ShouldEndWith($"{Script}.");
    }

    [Fact]
    public void Where_a_stranger_can_still_write_it_does_not_say_that_all_is_well()
    {
        windows.Run("function global:Set-Acl($LiteralPath, $AclObject) { $global:Acls[$LiteralPath] = $AclObject.Sddl + '(A;OICI;0x1301bf;;;S-1-5-21-9-9-9-1001)' }");
        Should.Throw<RuntimeException>(() => Make()).Message.ShouldBe($"'S-1-5-21-9-9-9-1001' may write to '{folder}'.");
        windows.Run("function global:Set-Acl($LiteralPath, $AclObject) { $global:Acls[$LiteralPath] = $AclObject.Sddl }; function global:Reset-Below { }");
        windows.Run($"$Acls['{folder}/{Script}'] = 'D:(A;;FA;;;S-1-5-21-9-9-9-1001)'");
        Should.Throw<RuntimeException>(() => Make()).Message.ShouldEndWith($"may write to '{folder}/{Script}'.");
    }

    [Fact]
    public void A_script_that_is_missing_changed_or_not_copied_is_told()
    {
        var source = Path.Combine(bundle, "share", Script);
        var content = File.ReadAllBytes(source);
        File.WriteAllText(source, "format c:");
        Should.Throw<RuntimeException>(() => Make()).Message.ShouldContain("is not the file that was rendered");
        File.Delete(source);
        Should.Throw<RuntimeException>(() => Make()).Message.ShouldContain("download the package for Group Policy");
        Directory.Exists(folder).ShouldBeFalse();

        File.WriteAllBytes(source, content);
        windows.Run("function global:Copy-Item($LiteralPath, $Destination, [switch] $Force) { [System.IO.File]::WriteAllText(\"$Destination/WindowsDefenderATPOnboardingScript.cmd\", 'half') }");
        Should.Throw<RuntimeException>(() => Make()).Message.ShouldBe("The copied script is not the one that was rendered.");
    }

    [Fact]
    public void A_folder_within_the_share_gets_the_script_and_the_share_the_rights()
    {
        var script = Path.Combine(bundle, "New-MdbShare.ps1");
        File.WriteAllText(script, File.ReadAllText(script).Replace(@"\mdb$'", @"\mdb$\onboarding\2026'", StringComparison.Ordinal));
        Make();
        File.Exists(Path.Combine(folder, "onboarding", "2026", Script)).ShouldBeTrue();
        windows.Run("$Acls.Keys").Select(k => k.ToString()).ShouldBe([folder]);
        windows.Run("$Shares['mdb$'].Path").Single().ToString().ShouldBe(folder);
    }

    [Fact]
    public void Without_a_domain_it_is_that_of_the_file_server()
    {
        Make("-Domain ''");
        Sddl.ShouldBe(Rights);
    }

    public void Dispose() => windows.Dispose();

    private string Sddl => windows.Run($"$Acls['{folder}']").Single().ToString();

    private List<string> Shared() => [.. windows.Run("$Shares['mdb$'].Access | ForEach-Object { \"$($_.AccessControlType) $($_.AccountName) $($_.AccessRight)\" }").Select(r => r.ToString()).Order(StringComparer.Ordinal)];

    private string Make(string arguments = "") => string.Join('\n', windows.Run($"& '{bundle}/New-MdbShare.ps1' -Path '{folder}' -Confirm:$false {arguments}"));
}
