#Requires -Version 5.1
<#
.SYNOPSIS
Removes the device collections that mdbdeploy made for this project, and nothing else.
.DESCRIPTION
The rollback of Deploy-MdbCollections.ps1. A collection goes only when its comment carries this project's marker, nothing is deployed to it and no
collection that stays builds on it. Devices keep what was deployed to them: removing a collection offboards nobody.
.PARAMETER SiteCode
Three-letter site code.
.PARAMETER ProviderMachineName
Fully qualified name of the SMS provider.
.EXAMPLE
.\Remove-MdbCollections.ps1 -SiteCode P01 -ProviderMachineName cm01.contoso.example -WhatIf
#>
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
param(
    [Parameter(Mandatory = $true)] [ValidatePattern('^[A-Za-z0-9]{3}$')] [string] $SiteCode,
    [Parameter(Mandatory = $true)] [string] $ProviderMachineName
)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$project = 'contoso'
$collections = @(Import-Csv -LiteralPath (Join-Path $PSScriptRoot 'collections.csv') -Encoding UTF8)

Import-Module (Join-Path (Split-Path $env:SMS_ADMIN_UI_PATH -Parent) 'ConfigurationManager.psd1')
if (-not (Get-PSDrive -Name $SiteCode -PSProvider CMSite -ErrorAction SilentlyContinue)) {
    New-PSDrive -Name $SiteCode -PSProvider CMSite -Root $ProviderMachineName -WhatIf:$false | Out-Null
}

Push-Location "${SiteCode}:"
try {
    # What builds on others goes first.
    [array]::Reverse($collections)
    $kept = @()
    foreach ($wanted in $collections) {
        $found = Get-CMDeviceCollection -Name $wanted.Name -DisableWildcardHandling
        if (-not $found) { continue }
        if ($found.CollectionID -like 'SMS*' -or $found.Comment -notlike "*mdbdeploy:$project/*") {
            Write-Warning "'$($wanted.Name)' was not made by mdbdeploy and stays."
            $kept += $wanted.Name
            continue
        }
        if (@(Get-CMDeployment -CollectionName $wanted.Name).Count -gt 0) {
            Write-Warning "'$($wanted.Name)' stays: something is deployed to it. Delete the deployment first."
            $kept += $wanted.Name
            continue
        }
        $users = @(Get-CMCollection -DisableWildcardHandling | Where-Object { $_.LimitToCollectionID -eq $found.CollectionID })
        if ($users.Count -gt 0) {
            Write-Warning "'$($wanted.Name)' stays: it limits '$($users[0].Name)'."
            $kept += $wanted.Name
            continue
        }
        if ($PSCmdlet.ShouldProcess($wanted.Name, 'Remove device collection')) {
            Remove-CMDeviceCollection -Id $found.CollectionID -Force
        }
    }
    if ($kept.Count -gt 0) { Write-Warning "$($kept.Count) collections stay. The folder stays as well." }
}
finally {
    Pop-Location
}
