#Requires -Version 5.1
<#
.SYNOPSIS
Creates the device collections for onboarding to Microsoft Defender for Business, from rules.csv beside this script.
.DESCRIPTION
For sites whose AdminService may not be used. Run it on a computer with the Configuration Manager console, as an administrative user who may create
collections. Running it again changes nothing that is as it should be. Collections of the same name that lack the mdbdeploy marker are left alone.
.PARAMETER SiteCode
Three-letter site code.
.PARAMETER ProviderMachineName
Fully qualified name of the SMS provider.
.PARAMETER LimitingCollectionId
Collection that limits the rings.
.EXAMPLE
.\Deploy-MdbCollections.ps1 -SiteCode P01 -ProviderMachineName cm01.contoso.example -WhatIf
#>
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium')]
param(
    [Parameter(Mandatory = $true)] [ValidatePattern('^[A-Za-z0-9]{3}$')] [string] $SiteCode,
    [Parameter(Mandatory = $true)] [string] $ProviderMachineName,
    [string] $LimitingCollectionId = 'SMSDM003'
)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$project = 'contoso'
$excludedName = 'MDB - Contoso - Excluded'
$rules = @(Import-Csv -LiteralPath (Join-Path $PSScriptRoot 'rules.csv') -Encoding UTF8)

Import-Module (Join-Path (Split-Path $env:SMS_ADMIN_UI_PATH -Parent) 'ConfigurationManager.psd1')
if (-not (Get-PSDrive -Name $SiteCode -PSProvider CMSite -ErrorAction SilentlyContinue)) {
    New-PSDrive -Name $SiteCode -PSProvider CMSite -Root $ProviderMachineName -WhatIf:$false | Out-Null
}

function Get-OrNewCollection([string] $Name, [string] $Address) {
    $found = Get-CMDeviceCollection -Name $Name
    if ($found) {
        if ($found.Comment -notlike "*mdbdeploy:$project/*") {
            throw "A collection named '$Name' exists and was not made by mdbdeploy. Rename it, or change the organization in mdbdeploy.yaml."
        }
        return $found
    }
    if ($PSCmdlet.ShouldProcess($Name, 'Create device collection')) {
        return New-CMDeviceCollection -Name $Name -LimitingCollectionId $LimitingCollectionId -RefreshType Continuous -Comment "mdbdeploy:$project/$Address#0000000000000000"
    }
}

Push-Location "${SiteCode}:"
try {
    $excluded = Get-OrNewCollection $excludedName 'configmgr/collection/excluded'
    foreach ($ring in ($rules | Group-Object -Property Collection)) {
        $slug = ($ring.Name -replace '[^A-Za-z0-9]+', '-').Trim('-').ToLowerInvariant()
        $collection = Get-OrNewCollection $ring.Name "configmgr/collection/$slug"
        if (-not $collection) { continue }
        $have = @(Get-CMDeviceCollectionQueryMembershipRule -CollectionId $collection.CollectionID | ForEach-Object { $_.RuleName })
        foreach ($rule in $ring.Group) {
            if ($have -notcontains $rule.RuleName -and $PSCmdlet.ShouldProcess("$($ring.Name): $($rule.RuleName)", 'Add query rule')) {
                Add-CMDeviceCollectionQueryMembershipRule -CollectionId $collection.CollectionID -RuleName $rule.RuleName -QueryExpression $rule.Query
            }
        }
        $out = @(Get-CMDeviceCollectionExcludeMembershipRule -CollectionId $collection.CollectionID | ForEach-Object { $_.ExcludeCollectionID })
        if ($excluded -and $out -notcontains $excluded.CollectionID -and $PSCmdlet.ShouldProcess($ring.Name, "Exclude '$excludedName'")) {
            Add-CMDeviceCollectionExcludeMembershipRule -CollectionId $collection.CollectionID -ExcludeCollectionId $excluded.CollectionID
        }
        if ($PSCmdlet.ShouldProcess($ring.Name, 'Update membership')) {
            Invoke-CMCollectionUpdate -CollectionId $collection.CollectionID
        }
    }
}
finally {
    Pop-Location
}
