#Requires -Version 5.1
<#
.SYNOPSIS
Checks this golden image before it is sealed: never onboarded, start-up files staged, antivirus ready.
.DESCRIPTION
Changes nothing. Writes one object per check with Check, Result (Pass, Fail or Unknown) and Detail. What cannot be checked is Unknown, and an image with an unknown
is not ready. Run it as SYSTEM, or the folder Cyber cannot be read: for example as a step of the build pipeline, or in a scheduled task.
Exit code: 0 when all checks pass, 1 when one fails, 2 when none fails and one is unknown.
.PARAMETER MaxSignatureAgeDays
How old antivirus signatures may be.
.PARAMETER MaxScanAgeDays
How long ago the last quick scan may be.
.EXAMPLE
.\Test-MdbGoldenImage.ps1 | Format-Table -AutoSize
#>
[CmdletBinding()]
param(
    [int] $MaxSignatureAgeDays = 3,
    [int] $MaxScanAgeDays = 7
)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'

# The files that this image needs, with the hashes of the package they were rendered from.
$files = @(
    @{ Name = 'WindowsDefenderATPOnboardingScript.cmd'; Sha256 = '94fa58102c93366a5ace1e3afaa571a67154cbecaee1343633a8acf6ada79ce8' }
    @{ Name = 'Onboard-NonPersistentMachine.ps1'; Sha256 = 'eb72dc5a2b80d17c55eb23e657cd99a883d4ae31cc8b857323e7ffe75f738e96' }
)
$ini = 'psscripts.ini'
$otherIni = 'scripts.ini'
$count = [int] '2'

$atp = 'HKLM:\SOFTWARE\Microsoft\Windows Advanced Threat Protection'
$atpPolicy = 'HKLM:\SOFTWARE\Policies\Microsoft\Windows Advanced Threat Protection'
$policy = Join-Path $env:SystemRoot 'System32\GroupPolicy'
$scripts = Join-Path $policy 'Machine\Scripts'
$cyber = Join-Path $env:ProgramData 'Microsoft\Windows Defender Advanced Threat Protection\Cyber'
$results = New-Object System.Collections.ArrayList

# A check gives $null when it passes, and otherwise says what is wrong. One that cannot be carried out is unknown.
function Test-Item([string] $Check, [scriptblock] $Test) {
    try {
        $wrong = & $Test
        $result = if ($wrong) { 'Fail' } else { 'Pass' }
        $detail = "$wrong"
    }
    catch {
        $result = 'Unknown'
        $detail = $_.Exception.Message
    }
    $item = New-Object PSObject -Property @{ Check = $Check; Result = $result; Detail = $detail }
    [void] $results.Add($item)
}

function Get-RegistryValue([string] $Key, [string] $Name) {
    if (-not (Test-Path -LiteralPath $Key)) { return $null }
    $values = Get-ItemProperty -LiteralPath $Key
    $property = $values.PSObject.Properties[$Name]
    if ($property) { return $property.Value }
    return $null
}

function Test-Same([string] $Path, [string] $Sha256) {
    return (Test-Path -LiteralPath $Path) -and (Get-FileHash -LiteralPath $Path -Algorithm SHA256).Hash -eq $Sha256
}

Test-Item 'Process' {
    if ([System.Environment]::Is64BitOperatingSystem -and -not [System.Environment]::Is64BitProcess) { throw 'Run this in 64-bit Windows PowerShell.' }
}
Test-Item 'SensorInstalled' {
    if (-not (Get-Service -Name Sense -ErrorAction SilentlyContinue)) { 'The service Sense does not exist: install the sensor (a feature on demand since Windows 11 and Server 2025).' }
}
Test-Item 'SensorStopped' {
    $service = Get-Service -Name Sense -ErrorAction SilentlyContinue
    if ($service -and [string] $service.Status -ne 'Stopped') { "The service Sense is $($service.Status): this image is onboarded, or was." }
}
Test-Item 'SensorStartsByHand' {
    $start = Get-RegistryValue 'HKLM:\SYSTEM\CurrentControlSet\Services\Sense' 'Start'
    if ($start -ne 3) { "The service Sense has start type $start; it is 3 before onboarding and 2 after." }
}
Test-Item 'NotOnboarded' {
    $state = Get-RegistryValue "$atp\Status" 'OnboardingState'
    if ($state) { "OnboardingState is $($state): offboard the image, then clean it." }
}
Test-Item 'NoOnboardingInfo' {
    if (Get-RegistryValue $atpPolicy 'OnboardingInfo') { 'OnboardingInfo is set: a policy or a script onboards this image.' }
}
Test-Item 'NoOffboardingInfo' {
    if (Get-RegistryValue $atpPolicy '696C1FA1-4030-4FA4-8713-FAF9B2EA7C0A') { 'Offboarding data is still set; desktops must not get it.' }
}
Test-Item 'NoIdentity' {
    $left = @('senseGuid', '7DC0B629-D7F6-4DB3-9BF7-64D5AAF50F1A' | Where-Object { Get-RegistryValue $atp $_ })
    if (Test-Path -LiteralPath "$atp\48A68F11-7A16-4180-B32C-7F974C7BD783") { $left += '48A68F11-7A16-4180-B32C-7F974C7BD783' }
    if ($left.Count -gt 0) { "Every desktop would report as the same device: delete $($left -join ', ') below $atp." }
}
Test-Item 'CyberFolderEmpty' {
    if (Test-Path -LiteralPath $cyber) {
        $left = @(Get-ChildItem -LiteralPath $cyber -Recurse -Force -File)
        if ($left.Count -gt 0) { "$($left.Count) files are left in '$cyber'." }
    }
}
Test-Item 'FilesStaged' {
    if ($files.Count -ne $count) { throw 'The package for non-persistent desktops was missing when this was rendered.' }
    $wrong = @($files | Where-Object { -not (Test-Same (Join-Path $scripts "Startup\$($_.Name)") $_.Sha256) } | ForEach-Object { $_.Name })
    if ($wrong.Count -gt 0) { "Missing or changed: $($wrong -join ', '). Run Stage-MdbImage.ps1." }
}
Test-Item 'OneStartupEntry' {
    $expected = (Get-FileHash -LiteralPath (Join-Path $PSScriptRoot $ini) -Algorithm SHA256).Hash
    if (-not (Test-Same (Join-Path $scripts $ini) $expected)) { return "'$ini' does not hold exactly our one entry." }
    $other = Join-Path $scripts $otherIni
    if (Test-Path -LiteralPath $other) {
        $text = [System.IO.File]::ReadAllText($other)
        $twice = @($files | Where-Object { $text -like "*$($_.Name)*" } | ForEach-Object { $_.Name })
        if ($twice.Count -gt 0) { "'$otherIni' also runs $($twice -join ', ')." }
    }
}
Test-Item 'ExtensionNamed' {
    $gptIni = Join-Path $policy 'gpt.ini'
    if (-not (Test-Path -LiteralPath $gptIni) -or [System.IO.File]::ReadAllText($gptIni) -notlike '*gPCMachineExtensionNames=*{42B5FAAE-6536-11D2-AE5A-0000F87571E3}*') {
        "gpt.ini does not name the extension for scripts, so they do not run. Run Stage-MdbImage.ps1."
    }
}
Test-Item 'NoOnboardingTask' {
    $tasks = @(Get-ScheduledTask | Where-Object { @($_.Actions | Where-Object { $_.PSObject.Properties['Execute'] -and "$($_.Execute) $($_.Arguments)" -match 'ATPOnboardingScript|Onboard-NonPersistentMachine' }).Count -gt 0 })
    if ($tasks.Count -gt 0) { "A task onboards this image: $(@($tasks | ForEach-Object { $_.TaskName }) -join ', '). Keep the image out of the Group Policy for onboarding." }
}
Test-Item 'AntivirusNotDisabled' {
    if ((Get-RegistryValue 'HKLM:\SOFTWARE\Policies\Microsoft\Windows Defender' 'DisableAntiSpyware') -eq 1) { 'DisableAntiSpyware is set.' }
}
Test-Item 'SignaturesFresh' {
    $age = [long] (Get-MpComputerStatus).AntivirusSignatureAge
    if ($age -gt $MaxSignatureAgeDays) { "Signatures are $age days old." }
}
Test-Item 'QuickScanDone' {
    # 4294967295 says that there never was one.
    $age = [long] (Get-MpComputerStatus).QuickScanAge
    if ($age -gt $MaxScanAgeDays) { if ($age -eq 4294967295) { 'There was no quick scan yet.' } else { "The last quick scan is $age days ago." } }
}
Test-Item 'ProfileContainersExcluded' {
    if ((Get-Service -Name frxsvc -ErrorAction SilentlyContinue) -and -not @((Get-MpPreference).ExclusionPath | Where-Object { $_ -match '\.VHDX?$' }).Count) {
        'FSLogix is installed and no path to its VHD or VHDX files is excluded from scanning.'
    }
}

Write-Output $results
if (@($results | Where-Object { $_.Result -eq 'Fail' }).Count -gt 0) { exit 1 }
if (@($results | Where-Object { $_.Result -eq 'Unknown' }).Count -gt 0) { exit 2 }
exit 0
