#Requires -Version 5.1
<#
.SYNOPSIS
Onboards this device to Microsoft Defender for Business with the portal's own script, and writes down what came of it.
.DESCRIPTION
Runs elevated, and asks for it when it is not. It checks that the script is the one that was rendered and that this device is on the list of the batch, runs the script
at the console (it may ask), tells its exit code in words, and adds a line to results.csv beside it.

results.csv: UTF-8, commas, every field quoted; columns Name, Batch, Action (onboard or offboard), Time (UTC, ISO 8601), ExitCode, Result (Succeeded or Failed), Meaning,
OnboardingState, OrgId.

Exit code: that of the portal's script; 97 elevation was refused, 98 this device is not on the list, 99 the script is missing, changed or expired.
.PARAMETER ResultFile
The file to add the result to; by default results.csv beside this script.
.PARAMETER AnyDevice
Run although this device is not on the list.
.EXAMPLE
.\Start-MdbScript.ps1
#>
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium')]
param(
    [string] $ResultFile,
    [switch] $AnyDevice
)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$batch = 'batch-01'
$action = 'onboard'
$script = 'WindowsDefenderATPLocalOnboardingScript.cmd'
$sha256 = '94fa58102c93366a5ace1e3afaa571a67154cbecaee1343633a8acf6ada79ce8'
$expires = ''
$devices = @(
    'PC-0001'
    'PC-0002'
    'PC-0003'
)

# The codes of the portal's scripts (Microsoft, "Troubleshoot onboarding issues").
$meanings = @{
    0 = 'Done.'
    5 = 'Offboarding data was found and could not be deleted from the registry.'
    10 = 'The onboarding data could not be written to the registry.'
    15 = 'The sensor service did not start in time.'
    30 = 'The script waited in vain for the sensor service to run.'
    35 = 'The sensor did not write its state to the registry in time.'
    40 = 'The sensor does not report itself as onboarded.'
    65 = 'The script did not run as administrator.'
    70 = 'The offboarding script belongs to another organisation.'
}

# S-1-16-12288 and S-1-16-16384 are the integrity levels of an elevated process and of SYSTEM.
function Test-Elevated {
    return [bool] @(& whoami.exe /groups /fo csv /nh | Where-Object { $_ -match 'S-1-16-(12288|16384)' }).Count
}

function Get-RegistryValue([string] $Name) {
    $key = 'HKLM:\SOFTWARE\Microsoft\Windows Advanced Threat Protection\Status'
    if (-not (Test-Path -LiteralPath $key)) { return '' }
    $property = (Get-ItemProperty -LiteralPath $key).PSObject.Properties[$Name]
    if ($property) { return [string] $property.Value }
    return ''
}

function Add-Result([int] $Code) {
    $meaning = if ($meanings.ContainsKey($Code)) { $meanings[$Code] } else { "The script ended with $Code, which is not documented." }
    $result = if ($Code -eq 0) { 'Succeeded' } else { 'Failed' }
    $time = [datetime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ssZ', [cultureinfo]::InvariantCulture)
    $fields = @($env:COMPUTERNAME, $batch, $action, $time, $Code, $result, $meaning, (Get-RegistryValue 'OnboardingState'), (Get-RegistryValue 'OrgId'))
    $line = (@($fields | ForEach-Object { '"' + ([string] $_).Replace('"', '""') + '"' }) -join ',') + "`r`n"
    if (-not [System.IO.File]::Exists($ResultFile)) {
        $line = '"Name","Batch","Action","Time","ExitCode","Result","Meaning","OnboardingState","OrgId"' + "`r`n" + $line
    }
    try {
        [System.IO.File]::AppendAllText($ResultFile, $line, (New-Object System.Text.UTF8Encoding $false))
    }
    catch {
        Write-Warning "The result could not be written to '$ResultFile': $($_.Exception.Message)"
    }
    Write-Output "$($env:COMPUTERNAME): $result. $meaning"
}

if (-not $ResultFile) { $ResultFile = Join-Path $PSScriptRoot 'results.csv' }
if (-not (Test-Elevated)) {
    $arguments = @('-NoProfile', '-ExecutionPolicy', 'Bypass', '-File', "`"$PSCommandPath`"", '-ResultFile', "`"$ResultFile`"")
    if ($AnyDevice) { $arguments += '-AnyDevice' }
    try {
        $elevated = Start-Process -FilePath powershell.exe -ArgumentList $arguments -Verb RunAs -Wait -PassThru
    }
    catch {
        Write-Warning "This needs an administrator: $($_.Exception.Message)"
        exit 97
    }
    Write-Output "The elevated window ended with $($elevated.ExitCode); '$ResultFile' says what came of it."
    exit $elevated.ExitCode
}

if ($devices -notcontains $env:COMPUTERNAME -and -not $AnyDevice) {
    Write-Warning "'$($env:COMPUTERNAME)' is not on the list of this batch, so nothing was done. -AnyDevice runs the script nevertheless."
    exit 98
}
$folder = Join-Path $PSScriptRoot 'package'
$path = Join-Path $folder $script
if (-not (Test-Path -LiteralPath $path) -or (Get-FileHash -LiteralPath $path -Algorithm SHA256).Hash -ne $sha256) {
    Write-Warning "'$script' is not in the folder package beside this script as it was rendered."
    exit 99
}
if ($expires -and [datetime]::UtcNow -ge [datetime]::Parse($expires, [cultureinfo]::InvariantCulture, 'AdjustToUniversal')) {
    Write-Warning "The script expired on $expires. Download a new package from the Defender portal and render again."
    exit 99
}

if (-not $PSCmdlet.ShouldProcess($env:COMPUTERNAME, "Run $script")) { exit 0 }

# By its bare name: no path has to be quoted for cmd.exe.
$process = Start-Process -FilePath $env:ComSpec -ArgumentList @('/d', '/c', $script) -WorkingDirectory $folder -NoNewWindow -Wait -PassThru
Add-Result $process.ExitCode
exit $process.ExitCode
