#Requires -Version 5.1
<#
.SYNOPSIS
Runs the detection test of Microsoft's documentation on this device: the portal shows an alert within about ten minutes when the sensor works.
.DESCRIPTION
Starts a hidden Windows PowerShell that tries to download a file from this device itself into a folder of the test and to start it. The file does not exist, so nothing
is installed or run. Microsoft, "Run a detection test on a newly onboarded device".
Exit code: 0 the test was started, 1 it could not be started.
.PARAMETER Remove
Delete the folder of the test.
.EXAMPLE
.\Invoke-MdbDetectionTest.ps1 -WhatIf
#>
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium')]
param(
    [switch] $Remove
)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$folder = 'C:\test-MDATP-test'
$file = "$folder\invoice.exe"

if ($Remove) {
    if ((Test-Path -LiteralPath $folder) -and $PSCmdlet.ShouldProcess($folder, 'Delete')) { Remove-Item -LiteralPath $folder -Recurse -Force }
    exit 0
}
$command = "`$ErrorActionPreference = 'SilentlyContinue'; (New-Object System.Net.WebClient).DownloadFile('http://127.0.0.1/1.exe', '$file'); Start-Process '$file'"
if ($PSCmdlet.ShouldProcess($env:COMPUTERNAME, 'Run the detection test')) {
    try {
        New-Item -ItemType Directory -Path $folder -Force | Out-Null
        Start-Process -FilePath powershell.exe -ArgumentList @('-NoProfile', '-ExecutionPolicy', 'Bypass', '-WindowStyle', 'Hidden', '-Command', "`"$command`"") -WindowStyle Hidden
    }
    catch {
        Write-Warning "The test could not be started: $($_.Exception.Message)"
        exit 1
    }
    Write-Output 'Started. Look for an alert of this device in the portal in about ten minutes.'
}
exit 0
