#Requires -Version 5.1
<#
.SYNOPSIS
Runs at each start of a desktop, and onboards it. In the golden image itself it does nothing.
.DESCRIPTION
This is the start-up script that Stage-MdbImage.ps1 enters. It starts the portal's own file, which stays as it was signed, unless one of these holds:

- the file DoNotOnboard exists in %ProgramData%\MdbDeploy: put it there before servicing, take it away before sealing;
- Windows is being set up (sysprep, out-of-box experience);
- this computer has the name that the image had when it was staged;
- the image names its desktops, and this computer has another name;
- Citrix says that the disk is private or writable: Personality.ini or MCSPersonality.ini, whichever was written last.

What it decided stands in the event log Application, source MdbDeploy, event 100 (onboards) or 101 (does not).
#>
[CmdletBinding()]
param()

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$desktops = @('VDI-*')
$portalFile = 'Onboard-NonPersistentMachine.ps1'
$isStreamed = [bool] [int] '0'

function Get-SetupValue([string] $Name) {
    $property = (Get-ItemProperty -LiteralPath 'HKLM:\SYSTEM\Setup').PSObject.Properties[$Name]
    if ($property) { return $property.Value }
    return 0
}

# Why this computer is not to be onboarded; nothing when it is.
function Get-Obstacle {
    $hold = Join-Path $env:ProgramData 'MdbDeploy\DoNotOnboard'
    if (Test-Path -LiteralPath $hold) { return "the file $hold exists" }

    if ((Test-Path -LiteralPath 'HKLM:\SYSTEM\Setup') -and ((Get-SetupValue 'SystemSetupInProgress') -or (Get-SetupValue 'OOBEInProgress'))) {
        return 'Windows is being set up'
    }

    $record = Join-Path $PSScriptRoot 'MdbImageName.txt'
    if ((Test-Path -LiteralPath $record) -and [System.IO.File]::ReadAllText($record).Trim() -eq $env:COMPUTERNAME) {
        return "$env:COMPUTERNAME is the golden image itself"
    }

    if ($desktops.Count -gt 0 -and @($desktops | Where-Object { $env:COMPUTERNAME -like $_ }).Count -eq 0) {
        return "the name $env:COMPUTERNAME is none of a desktop ($($desktops -join ', '))"
    }

    $personality = @('Personality.ini', 'MCSPersonality.ini' | ForEach-Object { Join-Path "$env:SystemDrive\" $_ } | Where-Object { Test-Path -LiteralPath $_ })
    if ($personality.Count -eq 0) {
        if ($isStreamed) { return 'there is no Personality.ini, so the disk is not streamed' }
        return
    }
    if ($personality.Count -eq 2 -and [System.IO.File]::GetLastWriteTimeUtc($personality[1]) -gt [System.IO.File]::GetLastWriteTimeUtc($personality[0])) {
        $personality = @($personality[1])
    }
    if ([System.IO.File]::ReadAllText($personality[0]) -match '(?im)^[ \t]*[$_]*DiskMode[ \t]*=[ \t]*(P|Private|ReadWrite|PrivateAppLayering|ReadWriteAppLayering)[ \t]*\r?$') {
        return "Citrix says that the disk is in mode $($Matches[1])"
    }
}

function Write-Event([int] $Id, [string] $Text) {
    try { & eventcreate.exe /L APPLICATION /T INFORMATION /SO MdbDeploy /ID $Id /D $Text | Out-Null }
    catch { return }
}

$obstacle = Get-Obstacle
if ($obstacle) {
    Write-Event 101 "Not onboarded to Microsoft Defender: $obstacle."
    exit 0
}
Write-Event 100 "Onboards $env:COMPUTERNAME to Microsoft Defender."
& (Join-Path $PSScriptRoot $portalFile)
exit $LASTEXITCODE
