using System.Globalization;

namespace MdbDeploy.Tests.Rendering;

/// <summary>A golden image on a fake Windows, with the rendered folder of an image of the baseline beside it.</summary>
internal sealed class GoldenImage : IDisposable
{
    public GoldenImage(string name)
    {
        Bundle = Windows.Deliver(Path.Combine(Repository.Root, "tests", "MdbDeploy.Tests", "Baselines", "330-vdi", "two-images", "expected", "vdi", name));
        Directory.CreateDirectory(Path.Combine(Windows.Folder, "Windows", "System32"));
    }

    public FakeWindows Windows { get; } = new();

    public string Bundle { get; }

    public string PolicyPath(string path) => Path.Combine(Windows.Folder, "Windows", "System32", "GroupPolicy", path);

    public byte[] Policy(string path) => File.ReadAllBytes(PolicyPath(path));

    public string[] PolicyFiles() => [.. Directory.EnumerateFiles(PolicyPath(""), "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(PolicyPath(""), f)).Order(StringComparer.Ordinal)];

    public void Put(string path, byte[]? content)
    {
        if (content is not null)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(PolicyPath(path))!);
            File.WriteAllBytes(PolicyPath(path), content);
        }
    }

    /// <summary>Every folder and every file with its bytes and time, but for the bundle.</summary>
    public string[] Disk() =>
    [
        .. new[] { "Windows", "ProgramData", "Offline" }.Select(top => Path.Combine(Windows.Folder, top)).Where(Directory.Exists)
            .SelectMany(top => Directory.EnumerateFileSystemEntries(top, "*", SearchOption.AllDirectories)).Order(StringComparer.Ordinal)
            .Select(entry => File.Exists(entry) ? $"{entry} {Convert.ToHexString(File.ReadAllBytes(entry))}" : entry),
    ];

    public void Stage(string arguments = "") => Windows.Run($"& '{Bundle}/Stage-MdbImage.ps1' {arguments}");

    /// <summary>An image as it should be before sealing, apart from staging.</summary>
    public void Clean() => Windows.Run("""
        $Services['Sense'] = [pscustomobject] @{ Status = 'Stopped' }
        $Registry['HKLM:\SYSTEM\CurrentControlSet\Services\Sense'] = @{ Start = 3 }
        $Registry['HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Setup\State'] = @{ ImageState = 'IMAGE_STATE_COMPLETE' }
        $global:Antivirus = @{ AntivirusSignatureAge = [uint32] 0; QuickScanAge = [uint32] 1 }
        $global:Exclusions = @{ ExclusionPath = $null; ExclusionExtension = $null; ExclusionProcess = $null }
        $global:Maintained = [datetime]::Now
        $global:Tasks = @([pscustomobject] @{ TaskName = 'other'; TaskPath = '\'; State = 'Ready'; Actions = @([pscustomobject] @{ ClassId = 'x' }) })
        function global:Get-MpComputerStatus { [pscustomobject] $global:Antivirus }
        function global:Get-MpPreference { [pscustomobject] $global:Exclusions }
        function global:Get-ScheduledTask { $global:Tasks }
        function global:Get-ScheduledTaskInfo($TaskName, $TaskPath) { [pscustomobject] @{ LastRunTime = $global:Maintained } }
        function global:Update-MpSignature { $global:Antivirus.AntivirusSignatureAge = [uint32] 0 }
        function global:Start-MpScan($ScanType) { $global:Antivirus.QuickScanAge = [uint32] 0 }
        function global:Start-ScheduledTask($TaskName, $TaskPath) { $global:Maintained = [datetime]::Now }
        """);

    public Gate Check(string arguments = "")
    {
        var results = Windows.Run($"& '{Bundle}/Test-MdbGoldenImage.ps1' {arguments}")
            .Select(r => new CheckResult((string)r.Properties["Check"].Value, (string)r.Properties["Result"].Value, (string)r.Properties["Detail"].Value, (string)r.Properties["Remedy"].Value)).ToList();
        return new Gate(Convert.ToInt32(Windows.Run("$LASTEXITCODE").Single().BaseObject, CultureInfo.InvariantCulture), results);
    }

    public void Dispose() => Windows.Dispose();
}

internal sealed record CheckResult(string Check, string Result, string Detail, string Remedy);

internal sealed record Gate(int Exit, IReadOnlyList<CheckResult> Results)
{
    public IReadOnlyList<string> Failures => [.. Results.Where(r => r.Result != "Pass").Select(r => $"{r.Check} {r.Result}: {r.Detail}")];
}
