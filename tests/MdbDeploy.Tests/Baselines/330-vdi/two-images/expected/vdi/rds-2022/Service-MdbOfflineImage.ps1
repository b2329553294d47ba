#Requires -Version 5.1
<#
.SYNOPSIS
Services this golden image while it is not running: on a mounted VHD or VHDX, cleaned of every identity, with onboarding staged or taken out.
.DESCRIPTION
An image that never starts cannot onboard itself. Mount its disk first (Mount-DiskImage, or DISM /Mount-Image), service it with DISM /Image, then run this on a
computer of your own, as an administrator. It refuses an image that is onboarded: that needs offboarding, which only works in the running image.
Afterwards unmount the disk. What the running image alone can tell (signatures, scans, services) is left for Test-MdbGoldenImage.ps1.
.PARAMETER Drive
Drive of the mounted image, for example E:
.PARAMETER Remove
Takes the staged start-up files out instead of putting them in.
.PARAMETER WithoutGuard
As of Stage-MdbImage.ps1.
.EXAMPLE
Mount-DiskImage -ImagePath D:\images\w11.vhdx; .\Service-MdbOfflineImage.ps1 -Drive E: -WhatIf
#>
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium')]
param(
    [Parameter(Mandatory = $true)] [string] $Drive,
    [switch] $Remove,
    [switch] $WithoutGuard
)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$root = "$($Drive.TrimEnd('\'))\"
$config = Join-Path $root 'Windows\System32\config'
if (-not (Test-Path -LiteralPath (Join-Path $config 'SOFTWARE'))) { throw "'$Drive' holds no Windows: give the drive of the mounted image." }
if ($Drive.TrimEnd('\') -eq $env:SystemDrive) { throw 'This is the drive of the running Windows.' }

function Mount-Hive([string] $File, [string] $Name) {
    & reg.exe load "HKLM\$Name" (Join-Path $config $File) | Out-Null
    if ($LASTEXITCODE -ne 0) { throw "The registry of the image ($File) cannot be loaded: is it mounted with write access, and nobody else using it?" }
}

function Dismount-Hive([string] $Name) {
    # What PowerShell still holds open keeps the hive loaded.
    [System.GC]::Collect()
    [System.GC]::WaitForPendingFinalizers()
    & reg.exe unload "HKLM\$Name" | Out-Null
    if ($LASTEXITCODE -ne 0) { throw "The registry of the image is still loaded as HKLM\$($Name): run 'reg unload HKLM\$Name' before you unmount the disk." }
}

function Get-RegistryValue([string] $Key, [string] $Name) {
    if (-not (Test-Path -LiteralPath $Key)) { return $null }
    $property = (Get-ItemProperty -LiteralPath $Key).PSObject.Properties[$Name]
    if ($property) { return $property.Value }
    return $null
}

$imageName = $null
Mount-Hive 'SYSTEM' 'MdbOfflineSystem'
try {
    $current = Get-RegistryValue 'HKLM:\MdbOfflineSystem\Select' 'Current'
    $set = 'HKLM:\MdbOfflineSystem\ControlSet{0:000}' -f [int] $(if ($current) { $current } else { 1 })
    $imageName = Get-RegistryValue "$set\Control\ComputerName\ComputerName" 'ComputerName'
    $start = Get-RegistryValue "$set\Services\Sense" 'Start'
}
finally { Dismount-Hive 'MdbOfflineSystem' }
if ($start -eq 2) { throw 'The service Sense of this image starts by itself, so the image is onboarded: start it, offboard it, and come back.' }

Mount-Hive 'SOFTWARE' 'MdbOfflineSoftware'
try {
    $atp = 'HKLM:\MdbOfflineSoftware\Microsoft\Windows Advanced Threat Protection'
    $atpPolicy = 'HKLM:\MdbOfflineSoftware\Policies\Microsoft\Windows Advanced Threat Protection'
    if (Get-RegistryValue "$atp\Status" 'OnboardingState') { throw 'OnboardingState of this image is 1: start it, offboard it, and come back.' }
    if (Get-RegistryValue $atpPolicy 'OnboardingInfo') { throw 'OnboardingInfo is set in this image: a policy or a script onboards it. Start it, offboard it, and come back.' }
    foreach ($value in @(
            @{ Key = $atp; Name = 'senseGuid' },
            @{ Key = $atp; Name = '7DC0B629-D7F6-4DB3-9BF7-64D5AAF50F1A' },
            @{ Key = $atpPolicy; Name = '696C1FA1-4030-4FA4-8713-FAF9B2EA7C0A' },
            @{ Key = "$atpPolicy\DeviceTagging"; Name = 'VDI' })) {
        if ($null -ne (Get-RegistryValue $value.Key $value.Name) -and $PSCmdlet.ShouldProcess("$($value.Key)\$($value.Name)", 'Delete')) {
            Remove-ItemProperty -LiteralPath $value.Key -Name $value.Name -Force
        }
    }
    $key = "$atp\48A68F11-7A16-4180-B32C-7F974C7BD783"
    if ((Test-Path -LiteralPath $key) -and $PSCmdlet.ShouldProcess($key, 'Delete')) { Remove-Item -LiteralPath $key -Recurse -Force }
}
finally { Dismount-Hive 'MdbOfflineSoftware' }

$cyber = Join-Path $root 'ProgramData\Microsoft\Windows Defender Advanced Threat Protection\Cyber'
if (Test-Path -LiteralPath $cyber) {
    foreach ($file in @(Get-ChildItem -LiteralPath $cyber -Recurse -Force -File)) {
        if ($PSCmdlet.ShouldProcess($file.FullName, 'Delete')) { Remove-Item -LiteralPath $file.FullName -Force }
    }
}

$stage = @{ SystemDrive = $Drive.TrimEnd('\'); Remove = $Remove; WithoutGuard = $WithoutGuard; WhatIf = [bool] $WhatIfPreference }
if ($imageName) { $stage.ImageName = $imageName }
& (Join-Path $PSScriptRoot 'Stage-MdbImage.ps1') @stage
