using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace MdbDeploy.Tests.Rendering;

/// <summary>
/// Runs rendered Windows PowerShell scripts for real on any system: PowerShell's own engine, with the few cmdlets they use written over a temporary folder and an
/// in-memory registry. Not proven by it: what Windows itself does.
/// </summary>
internal sealed class FakeWindows : IDisposable
{
    private const string Cmdlets = """
        $global:Registry = @{}; $global:Services = @{}; $global:Calls = [System.Collections.ArrayList]::new()
        function global:New-Object {
            param($TypeName, $ArgumentList, $Property)
            if ($Property) { return [pscustomobject] $Property }
            if ($TypeName -eq 'System.Security.Principal.SecurityIdentifier') { return $global:Sid }
            , [System.Activator]::CreateInstance([type] $TypeName)
        }
        function global:Join-Path($Path, $ChildPath) { [System.IO.Path]::Combine($Path, $ChildPath).Replace('\', '/') }
        function global:Test-Path($LiteralPath) {
            if ($LiteralPath -like 'HKLM:*') { return @($global:Registry.Keys | Where-Object { $_ -eq $LiteralPath -or $_ -like "$LiteralPath\*" }).Count -gt 0 }
            $p = $LiteralPath.Replace('\', '/'); [System.IO.File]::Exists($p) -or [System.IO.Directory]::Exists($p)
        }
        function global:Get-ItemProperty($LiteralPath) { $o = [pscustomobject] @{}; $v = $global:Registry[$LiteralPath]; if ($v) { $o = [pscustomobject] $v }; $o }
        function global:Get-FileHash($LiteralPath, $Algorithm) {
            if (-not [System.IO.File]::Exists($LiteralPath)) { throw "Cannot find path '$LiteralPath'." }
            [pscustomobject] @{ Hash = [System.Convert]::ToHexString([System.Security.Cryptography.SHA256]::HashData([System.IO.File]::ReadAllBytes($LiteralPath))) }
        }
        function global:Get-ChildItem($LiteralPath, [switch] $Recurse, [switch] $File, [switch] $Force) { [System.IO.DirectoryInfo]::new($LiteralPath).GetFiles('*', 'AllDirectories') }
        function global:Get-Item($LiteralPath, [switch] $Force) { [System.IO.FileInfo]::new($LiteralPath) }
        function global:New-Item($ItemType, $Path, [switch] $Force) { [System.IO.Directory]::CreateDirectory($Path) }
        function global:Copy-Item($LiteralPath, $Destination, [switch] $Force) { [void] $global:Calls.Add("copy $Destination"); [System.IO.File]::Copy($LiteralPath, $Destination, $true) }
        function global:Remove-Item($LiteralPath, [switch] $Force) { [void] $global:Calls.Add("remove $LiteralPath"); [System.IO.File]::Delete($LiteralPath) }
        function global:Get-Service($Name, $ErrorAction) { $global:Services[$Name] }
        function global:Write-Output($InputObject) { $InputObject }
        function global:Write-Warning($Message) { [void] $global:Calls.Add("warning $Message") }
        function global:Import-Module($Name) { }
        """;

    private readonly Runspace runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());

    public FakeWindows()
    {
        runspace.Open();
        Run(Cmdlets);
        Run($"$env:SystemRoot = '{Folder}/Windows'; $env:ProgramData = '{Folder}/ProgramData'");
    }

    /// <summary>Stands for the disk.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("mdb-windows-").FullName;

    /// <summary>Puts files of a baseline on the disk, in the folder <c>bundle</c>.</summary>
    public string Deliver(string baseline)
    {
        var target = Path.Combine(Folder, "bundle");
        foreach (var file in Directory.EnumerateFiles(baseline, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(baseline, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return target;
    }

    /// <summary>Runs statements.</summary>
    /// <exception cref="RuntimeException">The script threw.</exception>
    public IReadOnlyList<PSObject> Run(string script)
    {
        using var shell = PowerShell.Create(runspace);
        var results = shell.AddScript(script).Invoke();
        shell.Streams.Error.Select(e => $"{e} {e.ScriptStackTrace}").ShouldBeEmpty();
        return [.. results];
    }

    /// <summary>What was done to the machine, in order, with the folder left out.</summary>
    public IReadOnlyList<string> Calls => [.. Run("$global:Calls").Select(c => c.ToString()!.Replace(Folder + "/", "", StringComparison.Ordinal))];

    public void Dispose()
    {
        runspace.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
