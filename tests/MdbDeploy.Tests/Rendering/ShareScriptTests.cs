using System.Globalization;
using System.Management.Automation;
using System.Text.RegularExpressions;

namespace MdbDeploy.Tests.Rendering;

/// <summary>New-MdbShare.ps1, run over stand-ins of the cmdlets for shares and rights. Rights are those of the descriptor that the script really sets.</summary>
[Collection(nameof(FakeWindows))]
public sealed class ShareScriptTests : IDisposable
{
    private const string Cmdlets = """
        $global:Shares = @{}; $global:Access = @{}; $global:Acls = @{}; $global:Foreign = ''
        function global:Add-Call($Text) { [void] $global:Calls.Add($Text) }
        function global:New-Object($TypeName, $ArgumentList) {
            switch ($TypeName) {
                'System.DirectoryServices.DirectoryEntry' { Add-Call "ask $($ArgumentList)"; return [pscustomobject] @{ Properties = @{ defaultNamingContext = @{ Value = 'DC=corp,DC=example' }; objectSid = @{ Value = [byte[]] (1, 2) } } } }
                'System.Security.Principal.SecurityIdentifier' { return [MdbDeploy.Tests.Rendering.FakeSid]::new($(if ($ArgumentList -is [string]) { $ArgumentList } else { 'S-1-5-21-1-2-3' })) }
                'System.Security.AccessControl.DirectorySecurity' { return [MdbDeploy.Tests.Rendering.FakeAcl]::new() }
            }
            throw "What is a $TypeName?"
        }
        function global:Set-Acl($LiteralPath, $AclObject) { Add-Call "rights of $LiteralPath"; $global:Acls[$LiteralPath] = $AclObject }
        function global:Get-Acl($LiteralPath) { $top = @($global:Acls.Keys | Where-Object { $LiteralPath.StartsWith($_) })[0]; if ($global:Foreign) { [MdbDeploy.Tests.Rendering.FakeAcl]::new($global:Foreign) } else { $global:Acls[$top] } }
        function global:icacls.exe { Add-Call "reset $($args[0])" }
        function global:Copy-Item($LiteralPath, $Destination, [switch] $Force) { [System.IO.File]::Copy($LiteralPath, [System.IO.Path]::Combine($Destination, [System.IO.Path]::GetFileName($LiteralPath)), $true) }
        function global:Select-Object([Parameter(ValueFromPipeline)] $InputObject, $Skip) { begin { $n = 0 } process { if ($n -ge $Skip) { $InputObject }; $n++ } }
        function global:Get-SmbShare($Name, $ErrorAction) { $global:Shares[$Name] }
        function global:New-SmbShare($Name, $Path, $FullAccess, $ReadAccess, $CachingMode, $Description) {
            Add-Call "share $Name"
            $global:Shares[$Name] = [pscustomobject] @{ Name = $Name; Path = $Path }
            foreach ($a in $FullAccess) { Set-Access $a 'Allow' 'Full' }
            foreach ($a in $ReadAccess) { Set-Access $a 'Allow' 'Read' }
            $global:Shares[$Name]
        }
        function global:Set-Access($Account, $Type, $Right) { $global:Access["$Account $Type"] = [pscustomobject] @{ AccountName = $Account; AccessControlType = $Type; AccessRight = $Right } }
        function global:Get-SmbShareAccess($Name) { @($global:Access.Values) }
        function global:Grant-SmbShareAccess($Name, $AccountName, $AccessRight, [switch] $Force) { Set-Access $AccountName 'Allow' $AccessRight }
        function global:Revoke-SmbShareAccess($Name, $AccountName, [switch] $Force) { Add-Call "revoke $AccountName"; $global:Access.Remove("$AccountName Allow") }
        function global:Unblock-SmbShareAccess($Name, $AccountName, [switch] $Force) { Add-Call "unblock $AccountName"; $global:Access.Remove("$AccountName Deny") }
        """;

    private const string Script = "WindowsDefenderATPOnboardingScript.cmd";

    private readonly FakeWindows windows = new();
    private readonly string bundle;
    private readonly string folder;

    public ShareScriptTests()
    {
        bundle = windows.Deliver(Path.Combine(Repository.Root, "tests", "MdbDeploy.Tests", "Baselines", "320-gpo", "two-rings", "expected", "gpo"));
        folder = Path.Combine(windows.Folder, "Shares", "mdb").Replace('\\', '/');
        windows.Run(Cmdlets);
    }

    private string[] Access => [.. windows.Run("@($global:Access.Values | ForEach-Object { \"$($_.AccountName) $($_.AccessControlType) $($_.AccessRight)\" })").Select(a => a.ToString()!).Order(StringComparer.Ordinal)];

    private static readonly string[] Wanted = ["S-1-5-21-1-2-3-515 Allow Read", "S-1-5-21-1-2-3-516 Allow Read", "S-1-5-32-544 Allow Full"];

    [Fact]
    public void Computers_may_read_the_script_and_administrators_alone_may_change_it()
    {
        Start().Single().ToString().ShouldEndWith(Script + ".");
        windows.Calls.ShouldBe(["ask LDAP://corp.contoso.example", "rights of Shares/mdb", "reset Shares/mdb/*", "share mdb$"]);
        File.ReadAllBytes(Path.Combine(folder, Script)).ShouldBe(File.ReadAllBytes(Path.Combine(bundle, "share", Script)));
        Access.ShouldBe(Wanted);
        var rules = new FakeAcl((string)windows.Run($"$Acls['{folder}'].Sddl").Single().BaseObject).GetAccessRules(true, true, typeof(object));
        rules.Select(r => (r.IdentityReference.Value, r.FileSystemRights)).ShouldBe(
            [("S-1-5-18", 0x1F01FF), ("S-1-5-32-544", 0x1F01FF), ("S-1-5-21-1-2-3-515", 0x1200A9), ("S-1-5-21-1-2-3-516", 0x1200A9)]);
    }

    [Fact]
    public void A_second_run_restores_exactly_these_rights()
    {
        Start();
        windows.Run("Set-Access 'Everyone' 'Allow' 'Full'; Set-Access 'S-1-5-21-1-2-3-515' 'Deny' 'Full'; $global:Access.Remove('S-1-5-21-1-2-3-516 Allow'); Set-Access 'S-1-5-32-544' 'Allow' 'Read'; $global:Calls.Clear()");
        Start();
        windows.Calls.ShouldNotContain(c => c.StartsWith("share", StringComparison.Ordinal));
        windows.Calls.ShouldContain("revoke Everyone");
        Access.ShouldBe(Wanted);
    }

    [Fact]
    public void What_if_changes_nothing()
    {
        Start("-WhatIf").ShouldBeEmpty();
        windows.Calls.ShouldBe(["ask LDAP://corp.contoso.example"]);
        Directory.Exists(folder).ShouldBeFalse();
        Access.ShouldBeEmpty();
    }

    [Fact]
    public void Without_a_domain_it_is_that_of_the_server()
    {
        Start("-Domain ''");
        windows.Calls.Take(2).ShouldBe(["ask LDAP://RootDSE", "ask LDAP://DC=corp,DC=example"]);
    }

    [Fact]
    public void A_share_of_that_name_that_leads_elsewhere_ends_it_before_anything_is_changed()
    {
        windows.Run(@"$global:Shares['mdb$'] = [pscustomobject] @{ Name = 'mdb$'; Path = 'E:\Finance' }");
        Should.Throw<RuntimeException>(() => Start()).Message.ShouldBe(@"The share 'mdb$' exists and leads to 'E:\Finance'. Nothing was changed.");
        windows.Calls.ShouldBeEmpty();
        Directory.Exists(folder).ShouldBeFalse();
    }

    [Fact]
    public void Another_script_than_the_rendered_one_is_not_shared()
    {
        var script = Path.Combine(bundle, "share", Script);
        File.AppendAllText(script, "format c:");
        Should.Throw<RuntimeException>(() => Start()).Message.ShouldEndWith("is not the file that was rendered.");
        File.Delete(script);
        Should.Throw<RuntimeException>(() => Start()).Message.ShouldContain("is not in the folder share beside this script");
        windows.Calls.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("D:(A;;FA;;;BA)(A;;0x1301bf;;;S-1-5-11)", "S-1-5-11")]
    [InlineData("D:(A;;0x1200ab;;;S-1-5-21-1-2-3-515)", "S-1-5-21-1-2-3-515")]
    public void Who_may_write_in_spite_of_it_is_told(string rights, string who)
    {
        windows.Run($"$global:Foreign = '{rights}'");
        Should.Throw<RuntimeException>(() => Start()).Message.ShouldStartWith($"'{who}' may write to ");
    }

    public void Dispose() => windows.Dispose();

    private IReadOnlyList<PSObject> Start(string arguments = "") =>
        windows.Run($"& '{Path.Combine(bundle, "New-MdbShare.ps1")}' -Path '{folder}' -Confirm:$false {arguments}");
}

/// <summary>A security identifier, which other systems than Windows have none of. Its account is called as itself.</summary>
public sealed record FakeSid(string Value)
{
    public FakeSid Translate(Type account) => account.Name == "NTAccount" ? this : throw new ArgumentException("What is that?", nameof(account));
}

/// <summary>The rights of a folder, from a security descriptor as text.</summary>
public sealed partial class FakeAcl(string sddl)
{
    public FakeAcl()
        : this("")
    {
    }

    public string Sddl { get; private set; } = sddl;

    public void SetSecurityDescriptorSddlForm(string sddl) => Sddl = sddl;

    public IReadOnlyList<FakeRule> GetAccessRules(bool isExplicit, bool isInherited, Type kind) =>
        [.. Entry().Matches(Sddl).Select(m => new FakeRule(
            m.Groups["type"].Value == "A" ? "Allow" : "Deny",
            m.Groups["rights"].Value == "FA" ? 0x1F01FF : int.Parse(m.Groups["rights"].Value[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture),
            new FakeSid(m.Groups["who"].Value switch { "SY" => "S-1-5-18", "BA" => "S-1-5-32-544", var sid => sid })))];

    [GeneratedRegex(@"\((?<type>[AD]);[A-Z]*;(?<rights>FA|0x[0-9a-f]+);;;(?<who>[A-Z]{2}|S-[0-9-]+)\)")]
    private static partial Regex Entry();
}

/// <summary>One entry of them.</summary>
public sealed record FakeRule(string AccessControlType, int FileSystemRights, FakeSid IdentityReference);
