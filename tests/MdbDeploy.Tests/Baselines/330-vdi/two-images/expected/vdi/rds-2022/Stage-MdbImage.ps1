#Requires -Version 5.1
<#
.SYNOPSIS
Stages onboarding to Microsoft Defender for Business in this golden image: it runs at the first start of each desktop, and not here.
.DESCRIPTION
Run it in the image, as an administrator, as one of the last steps before sealing. It copies the package's files to the local start-up scripts and enters them
in the local policy. Running it again changes nothing that is as it should be. It starts no script.

The start-up script also runs when the image itself is started again. Take it out with -Remove before servicing, and stage again before sealing.
.PARAMETER Remove
Takes files and entry out again.
.EXAMPLE
.\Stage-MdbImage.ps1 -WhatIf
#>
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium')]
param(
    [switch] $Remove
)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'

# The files that this image needs, with the hashes of the package they were rendered from.
$files = @(
    @{ Name = 'WindowsDefenderATPOnboardingScript.cmd'; Sha256 = '94fa58102c93366a5ace1e3afaa571a67154cbecaee1343633a8acf6ada79ce8' }
)
$ini = 'scripts.ini'
$count = [int] '1'
$extension = '[{42B5FAAE-6536-11D2-AE5A-0000F87571E3}{40B6664F-4972-11D1-A7CA-0000F87571E3}]'

if ($files.Count -ne $count) {
    throw 'The package for non-persistent desktops is missing or incomplete: download it from the Defender portal and render again.'
}
if ([System.Environment]::Is64BitOperatingSystem -and -not [System.Environment]::Is64BitProcess) {
    throw 'Run this in 64-bit Windows PowerShell: a 32-bit process sees another System32.'
}

$policy = Join-Path $env:SystemRoot 'System32\GroupPolicy'
$scripts = Join-Path $policy 'Machine\Scripts'
$startup = Join-Path $scripts 'Startup'
$iniSource = Join-Path $PSScriptRoot $ini
$iniTarget = Join-Path $scripts $ini
$gptIni = Join-Path $policy 'gpt.ini'

function Test-Same([string] $Path, [string] $Sha256) {
    return (Test-Path -LiteralPath $Path) -and (Get-FileHash -LiteralPath $Path -Algorithm SHA256).Hash -eq $Sha256
}

# gpt.ini says which extensions the local policy needs, sorted, and by a new version that something changed.
function Update-GptIni {
    $lines = @(if (Test-Path -LiteralPath $gptIni) { [System.IO.File]::ReadAllLines($gptIni) } else { '[General]' })
    $names = ''
    $version = 0
    foreach ($line in $lines) {
        if ($line -match '^\s*gPCMachineExtensionNames\s*=(.*)$') { $names = $Matches[1].Trim() }
        if ($line -match '^\s*Version\s*=\s*(\d+)') { $version = [uint32] $Matches[1] }
    }
    if ($names -notlike '*{42B5FAAE-6536-11D2-AE5A-0000F87571E3}*') {
        $groups = [string[]] @([regex]::Matches($names, '\[[^\]]*\]') | ForEach-Object { $_.Value.ToUpperInvariant() }) + $extension
        [System.Array]::Sort($groups, [System.StringComparer]::Ordinal)
        $names = -join $groups
    }
    # The computer's version is the lower half; it goes from 65535 to 1.
    $computer = $version % 65536
    $next = $version - $computer + ($computer % 65535) + 1
    $kept = @($lines | Where-Object { $_ -notmatch '^\s*(gPCMachineExtensionNames|Version|\[General\])' -and $_.Trim() })
    $text = (@('[General]', "gPCMachineExtensionNames=$names", "Version=$next") + $kept) -join "`r`n"
    [System.IO.File]::WriteAllText($gptIni, "$text`r`n", [System.Text.Encoding]::ASCII)
}

if ($Remove) {
    $staged = @($files | ForEach-Object { Join-Path $startup $_.Name }) + $iniTarget | Where-Object { Test-Path -LiteralPath $_ }
    if ($staged -contains $iniTarget -and -not (Test-Same $iniTarget (Get-FileHash -LiteralPath $iniSource -Algorithm SHA256).Hash)) {
        throw "'$iniTarget' holds other entries than this script made. Take ours out by hand."
    }
    foreach ($item in $staged) {
        if ($PSCmdlet.ShouldProcess($item, 'Remove')) { Remove-Item -LiteralPath $item -Force }
    }
    if (@($staged).Count -gt 0 -and $PSCmdlet.ShouldProcess($gptIni, 'Raise version')) { Update-GptIni }
    return
}

# Everything is looked at before anything is changed.
foreach ($file in $files) {
    $sources = @(Get-ChildItem -LiteralPath (Join-Path $PSScriptRoot 'package') -Recurse -File | Where-Object { $_.Name -eq $file.Name })
    if ($sources.Count -ne 1 -or -not (Test-Same $sources[0].FullName $file.Sha256)) {
        throw "'$($file.Name)' is not in the folder package beside this script as it was rendered."
    }
    $file.Source = $sources[0].FullName
}
$iniHash = (Get-FileHash -LiteralPath $iniSource -Algorithm SHA256).Hash
$entered = Test-Same $iniTarget $iniHash
# Six bytes are an empty list: byte order mark and a blank line.
if (-not $entered -and (Test-Path -LiteralPath $iniTarget) -and (Get-Item -LiteralPath $iniTarget -Force).Length -gt 6) {
    throw "'$iniTarget' holds other entries already. Take them out first; '$iniSource' shows ours."
}

$changed = $false
foreach ($file in $files) {
    $target = Join-Path $startup $file.Name
    if (-not (Test-Same $target $file.Sha256) -and $PSCmdlet.ShouldProcess($target, 'Copy')) {
        New-Item -ItemType Directory -Path $startup -Force | Out-Null
        Copy-Item -LiteralPath $file.Source -Destination $target -Force
        if (-not (Test-Same $target $file.Sha256)) { throw "'$target' is not what was copied." }
        $changed = $true
    }
}

if (-not $entered -and $PSCmdlet.ShouldProcess($iniTarget, 'Enter start-up script')) {
    New-Item -ItemType Directory -Path $scripts -Force | Out-Null
    Copy-Item -LiteralPath $iniSource -Destination $iniTarget -Force
    $changed = $true
}

$named = (Test-Path -LiteralPath $gptIni) -and [System.IO.File]::ReadAllText($gptIni) -like '*{42B5FAAE-6536-11D2-AE5A-0000F87571E3}*'
if (($changed -or -not $named) -and $PSCmdlet.ShouldProcess($gptIni, 'Name the extension for scripts and raise the version')) {
    New-Item -ItemType Directory -Path $policy -Force | Out-Null
    Update-GptIni
}
