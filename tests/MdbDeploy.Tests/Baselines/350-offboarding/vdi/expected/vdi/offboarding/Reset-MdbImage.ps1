#Requires -Version 5.1
<#
.SYNOPSIS
Offboards this golden image or desktop from Microsoft Defender for Business and deletes its identity.
.DESCRIPTION
Run it as SYSTEM, or the folder Cyber cannot be emptied. It refuses an expired script. Running it again finishes what an earlier run left.
Exit code: 0 when done; 2 when the offboarding script failed; 3 when the service Sense did not stop; 4 when something could not be deleted.
.PARAMETER TimeoutSeconds
How long to wait until the service Sense is stopped.
.EXAMPLE
.\Reset-MdbImage.ps1 -WhatIf
#>
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
param(
    [int] $TimeoutSeconds = 180
)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$script = 'WindowsDefenderATPOffboardingScript_valid_until_2098-12-01.cmd'
$sha256 = '862ceaff0c08b2cc428ae01e5ed15aeb72efd23747637c8f3f8447145268c2ec'
$expires = '2098-12-01T10:00:00Z'
$atp = 'HKLM:\SOFTWARE\Microsoft\Windows Advanced Threat Protection'
$atpPolicy = 'HKLM:\SOFTWARE\Policies\Microsoft\Windows Advanced Threat Protection'
$cyber = Join-Path $env:ProgramData 'Microsoft\Windows Defender Advanced Threat Protection\Cyber'

if ([System.Environment]::Is64BitOperatingSystem -and -not [System.Environment]::Is64BitProcess) {
    throw 'Run this in 64-bit Windows PowerShell: a 32-bit process sees another registry.'
}

function Get-RegistryValue([string] $Key, [string] $Name) {
    if (-not (Test-Path -LiteralPath $Key)) { return $null }
    $property = (Get-ItemProperty -LiteralPath $Key).PSObject.Properties[$Name]
    if ($property) { return $property.Value }
    return $null
}

$onboarded = (Get-RegistryValue "$atp\Status" 'OnboardingState') -or (Get-RegistryValue $atpPolicy 'OnboardingInfo')
if ($onboarded) {
    if ($expires -and [datetime]::UtcNow -ge [datetime]::Parse($expires, [cultureinfo]::InvariantCulture, 'AdjustToUniversal')) {
        throw "The offboarding script expired on $expires. Download a new package from the Defender portal and render again."
    }
    $folder = Join-Path $PSScriptRoot 'package'
    $path = Join-Path $folder $script
    if (-not (Test-Path -LiteralPath $path) -or (Get-FileHash -LiteralPath $path -Algorithm SHA256).Hash -ne $sha256) {
        throw "'$script' is not in the folder package beside this script as it was rendered."
    }
    if (-not $PSCmdlet.ShouldProcess($env:COMPUTERNAME, "Run $script")) { return }
    # By its bare name: no path has to be quoted for cmd.exe.
    $process = Start-Process -FilePath $env:ComSpec -ArgumentList @('/d', '/c', $script) -WorkingDirectory $folder -NoNewWindow -Wait -PassThru
    if ($process.ExitCode -ne 0) {
        Write-Warning "The offboarding script ended with $($process.ExitCode)."
        exit 2
    }
}

if (-not $PSCmdlet.ShouldProcess($env:COMPUTERNAME, 'Delete the identity of the sensor')) { return }
$waited = 0
while ($true) {
    $service = Get-Service -Name Sense -ErrorAction SilentlyContinue
    if (-not $service -or [string] $service.Status -eq 'Stopped') { break }
    if ($waited -ge $TimeoutSeconds) {
        Write-Warning "The service Sense is $($service.Status) after $waited seconds."
        exit 3
    }
    Start-Sleep -Seconds 5
    $waited += 5
}

$left = @()
try {
    foreach ($name in @('senseGuid', '7DC0B629-D7F6-4DB3-9BF7-64D5AAF50F1A')) {
        if (Get-RegistryValue $atp $name) { Remove-ItemProperty -LiteralPath $atp -Name $name -Force }
    }
    $key = "$atp\48A68F11-7A16-4180-B32C-7F974C7BD783"
    if (Test-Path -LiteralPath $key) { Remove-Item -LiteralPath $key -Recurse -Force }
    # What is left of offboarding must not reach the desktops.
    if (Get-RegistryValue $atpPolicy '696C1FA1-4030-4FA4-8713-FAF9B2EA7C0A') { Remove-ItemProperty -LiteralPath $atpPolicy -Name '696C1FA1-4030-4FA4-8713-FAF9B2EA7C0A' -Force }
    if (Test-Path -LiteralPath $cyber) {
        foreach ($file in @(Get-ChildItem -LiteralPath $cyber -Recurse -Force -File)) { Remove-Item -LiteralPath $file.FullName -Force }
    }
}
catch {
    $left += $_.Exception.Message
}
if ($left.Count -gt 0) {
    Write-Warning "Not all could be deleted: $($left -join '; '). Run this as SYSTEM."
    exit 4
}
Write-Output 'Offboarded and clean. Next: Stage-MdbImage.ps1, then Test-MdbGoldenImage.ps1.'
exit 0
