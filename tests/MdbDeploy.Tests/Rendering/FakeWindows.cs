using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Text.Json.Nodes;

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
        function global:Get-ChildItem($LiteralPath, [switch] $Recurse, [switch] $File, [switch] $Force) {
            if ($LiteralPath -like 'HKLM:*') {
                return @($global:Registry.Keys | Where-Object { $_ -like "$LiteralPath\*" -and $_.Substring("$LiteralPath\".Length) -notlike '*\*' } | ForEach-Object { [pscustomobject] @{ PSPath = $_ } })
            }
            [System.IO.DirectoryInfo]::new($LiteralPath).GetFiles('*', 'AllDirectories')
        }
        function global:Get-Item($LiteralPath, [switch] $Force) { [MdbDeploy.Tests.Rendering.FakeItem]::new($LiteralPath.Replace('\', '/')) }
        function global:New-Item($ItemType, $Path, [switch] $Force) {
            if ($Path -like 'HKLM:*') { $global:Registry[$Path] = @{}; return }
            [System.IO.Directory]::CreateDirectory($Path.Replace('\', '/'))
        }
        function global:New-ItemProperty($LiteralPath, $Name, $PropertyType, $Value, [switch] $Force) { if (-not $global:Registry[$LiteralPath]) { throw "Cannot find path '$LiteralPath'." }; $global:Registry[$LiteralPath][$Name] = $Value }
        function global:Remove-ItemProperty($LiteralPath, $Name, [switch] $Force) { [void] $global:Calls.Add("remove $LiteralPath\$Name"); $global:Registry[$LiteralPath].Remove($Name) }
        function global:ConvertTo-Json($InputObject, $Depth) { [MdbDeploy.Tests.Rendering.FakeJson]::Write($InputObject) }
        function global:ConvertFrom-Json([Parameter(ValueFromPipeline)] $InputObject) { process { , [MdbDeploy.Tests.Rendering.FakeJson]::Read($InputObject) } }
        function global:Get-Date { [datetime]::Now }
        function global:eventcreate.exe { [void] $global:Calls.Add("event $($args[7]) $($args[9])") }
        function global:reg.exe { [void] $global:Calls.Add("reg $($args[0]) $($args[1])"); $global:LASTEXITCODE = 0 }
        function global:Copy-Item($LiteralPath, $Destination, [switch] $Force) { [void] $global:Calls.Add("copy $Destination"); [System.IO.File]::Copy($LiteralPath, $Destination, $true) }
        function global:Remove-Item($LiteralPath, [switch] $Force, [switch] $Recurse) {
            [void] $global:Calls.Add("remove $LiteralPath")
            if ($LiteralPath -like 'HKLM:*') { foreach ($key in @($global:Registry.Keys | Where-Object { $_ -eq $LiteralPath -or $_ -like "$LiteralPath\*" })) { $global:Registry.Remove($key) } }
            else { [System.IO.File]::Delete($LiteralPath.Replace('\', '/')) }
        }
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
        Run($"$env:SystemRoot = '{Folder}/Windows'; $env:ProgramData = '{Folder}/ProgramData'; $env:SystemDrive = '{Folder}'; $env:COMPUTERNAME = 'W11-GOLD'");
        Directory.CreateDirectory(Path.Combine(Folder, "Windows"));
        Directory.CreateDirectory(Path.Combine(Folder, "ProgramData"));
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

/// <summary>A file as Get-Item gives it. The disk of another system has no hidden files, so their attributes are kept here.</summary>
public sealed class FakeItem(string path)
{
    private static readonly Dictionary<string, FileAttributes> Known = new(StringComparer.Ordinal);

    public string Name => Path.GetFileName(path);

    public string FullName => path;

    public long Length => new FileInfo(path).Length;

    public FileAttributes Attributes
    {
        get => Of(path);
        set => Known[path] = value;
    }

    public static FileAttributes Of(string path) => Known.GetValueOrDefault(path, FileAttributes.Archive);
}

/// <summary>The two JSON cmdlets, as far as rendered scripts use them.</summary>
public static class FakeJson
{
    public static string Write(object value) => ToNode(value)!.ToJsonString();

    public static object? Read(string text) => FromNode(JsonNode.Parse(text));

    private static JsonNode? ToNode(object? value) => (value is PSObject wrapped ? wrapped.BaseObject : value) switch
    {
        null => null,
        string text => text,
        bool flag => flag,
        int number => number,
        System.Collections.IDictionary map => new JsonObject(map.Keys.Cast<string>().Order(StringComparer.Ordinal).Select(key => KeyValuePair.Create(key, ToNode(map[key])))),
        System.Collections.IEnumerable list => new JsonArray([.. list.Cast<object?>().Select(ToNode)]),
        var other => throw new NotSupportedException(other.GetType().Name),
    };

    private static object? FromNode(JsonNode? node)
    {
        switch (node)
        {
            case JsonArray list:
                return list.Select(FromNode).ToArray();
            case JsonObject map:
                var made = new PSObject();
                foreach (var (name, value) in map)
                {
                    made.Properties.Add(new PSNoteProperty(name, FromNode(value)));
                }

                return made;
            default:
                return node?.GetValueKind() switch
                {
                    null or System.Text.Json.JsonValueKind.Null => null,
                    System.Text.Json.JsonValueKind.True => true,
                    System.Text.Json.JsonValueKind.False => false,
                    _ => node.ToString(),
                };
        }
    }
}
