#Requires -Version 5.1
<#
.SYNOPSIS
Creates the device collections for onboarding to Microsoft Defender for Business, from collections.csv and rules.csv beside this script.
.DESCRIPTION
For sites whose AdminService may not be used. Run it on a computer with the Configuration Manager console, as an administrative user who may create
collections. Running it again changes nothing that is as it should be: rules that somebody else added stay, rules of ours (named 'MDB ...') follow
rules.csv. Collections of the same name that lack the mdbdeploy marker stop it before anything is changed. Returns a summary object.
.PARAMETER SiteCode
Three-letter site code.
.PARAMETER ProviderMachineName
Fully qualified name of the SMS provider.
.PARAMETER LogPath
File for a transcript; none when left out.
.EXAMPLE
.\Deploy-MdbCollections.ps1 -SiteCode P01 -ProviderMachineName cm01.contoso.example -WhatIf
#>
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium')]
param(
    [Parameter(Mandatory = $true)] [ValidatePattern('^[A-Za-z0-9]{3}$')] [string] $SiteCode,
    [Parameter(Mandatory = $true)] [string] $ProviderMachineName,
    [string] $LogPath
)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$project = 'contoso'
$folderName = 'MdbDeploy'
$collections = @(Import-Csv -LiteralPath (Join-Path $PSScriptRoot 'collections.csv') -Encoding UTF8)
$rules = @(Import-Csv -LiteralPath (Join-Path $PSScriptRoot 'rules.csv') -Encoding UTF8)
$done = @{ Created = 0; RulesAdded = 0; RulesRemoved = 0; Moved = 0; Refreshed = 0 }
$ids = @{}

Import-Module (Join-Path (Split-Path $env:SMS_ADMIN_UI_PATH -Parent) 'ConfigurationManager.psd1')
if (-not (Get-PSDrive -Name $SiteCode -PSProvider CMSite -ErrorAction SilentlyContinue)) {
    New-PSDrive -Name $SiteCode -PSProvider CMSite -Root $ProviderMachineName -WhatIf:$false | Out-Null
}

# The provider gives every query a SELECT list of its own: what counts begins at FROM.
function Get-Condition([string] $Query) {
    $at = $Query.IndexOf(' from ', [System.StringComparison]::OrdinalIgnoreCase)
    if ($at -lt 0) { return $Query }
    ($Query.Substring($at) -replace '\s+', ' ').Trim()
}

function Get-Own([string] $Name) {
    $found = Get-CMDeviceCollection -Name $Name -DisableWildcardHandling
    if ($found -and $found.Comment -notlike "*mdbdeploy:$project/*") {
        throw "A collection named '$Name' exists and was not made by mdbdeploy. Rename it, or change the organization in mdbdeploy.yaml."
    }
    $found
}

function Sync-Rules($Collection, [string] $Slug, [string] $Name) {
    $changed = $false
    $id = $Collection.CollectionID
    $wanted = @($rules | Where-Object { $_.Slug -eq $Slug })
    $queries = @(Get-CMDeviceCollectionQueryMembershipRule -CollectionId $id)
    foreach ($rule in ($wanted | Where-Object { $_.Kind -eq 'query' })) {
        $same = @($queries | Where-Object { $_.RuleName -eq $rule.RuleName })
        if ($same.Count -gt 0 -and (Get-Condition $same[0].QueryExpression) -eq (Get-Condition $rule.Query)) { continue }
        if (-not $PSCmdlet.ShouldProcess("${Name}: $($rule.RuleName)", 'Set query rule')) { continue }
        if ($same.Count -gt 0) {
            Remove-CMDeviceCollectionQueryMembershipRule -CollectionId $id -RuleName $rule.RuleName -Force
            $done.RulesRemoved++
        }
        Add-CMDeviceCollectionQueryMembershipRule -CollectionId $id -RuleName $rule.RuleName -QueryExpression $rule.Query
        $done.RulesAdded++
        $changed = $true
    }
    foreach ($old in ($queries | Where-Object { $_.RuleName -like 'MDB *' -and @($wanted | ForEach-Object { $_.RuleName }) -notcontains $_.RuleName })) {
        if (-not $PSCmdlet.ShouldProcess("${Name}: $($old.RuleName)", 'Remove query rule')) { continue }
        Remove-CMDeviceCollectionQueryMembershipRule -CollectionId $id -RuleName $old.RuleName -Force
        $done.RulesRemoved++
        $changed = $true
    }
    $includes = @(Get-CMDeviceCollectionIncludeMembershipRule -CollectionId $id | ForEach-Object { $_.IncludeCollectionID })
    $excludes = @(Get-CMDeviceCollectionExcludeMembershipRule -CollectionId $id | ForEach-Object { $_.ExcludeCollectionID })
    foreach ($rule in ($wanted | Where-Object { $_.Kind -ne 'query' })) {
        $other = $rule.OtherId
        if (-not $other) { $other = $ids[$rule.Other] }
        if (-not $other) { continue }
        if ($rule.Kind -eq 'include' -and $includes -notcontains $other -and $PSCmdlet.ShouldProcess($Name, "Include $other")) {
            Add-CMDeviceCollectionIncludeMembershipRule -CollectionId $id -IncludeCollectionId $other
            $done.RulesAdded++
            $changed = $true
        }
        if ($rule.Kind -eq 'exclude' -and $excludes -notcontains $other -and $PSCmdlet.ShouldProcess($Name, "Exclude $other")) {
            Add-CMDeviceCollectionExcludeMembershipRule -CollectionId $id -ExcludeCollectionId $other
            $done.RulesAdded++
            $changed = $true
        }
    }
    if ($changed) {
        Invoke-CMCollectionUpdate -CollectionId $id
        $done.Refreshed++
    }
}

if ($LogPath) { Start-Transcript -Path $LogPath -Append -WhatIf:$false | Out-Null }
Push-Location "${SiteCode}:"
try {
    foreach ($wanted in $collections) { Get-Own $wanted.Name | Out-Null }

    $folder = "${SiteCode}:\DeviceCollection\$folderName"
    if (-not (Test-Path -Path $folder) -and $PSCmdlet.ShouldProcess($folderName, 'Create folder')) {
        New-CMFolder -ParentFolderPath 'DeviceCollection' -Name $folderName | Out-Null
    }
    foreach ($wanted in $collections) {
        $collection = Get-Own $wanted.Name
        if (-not $collection -and $PSCmdlet.ShouldProcess($wanted.Name, 'Create device collection')) {
            $limit = $wanted.LimitToId
            if (-not $limit) { $limit = $ids[$wanted.LimitTo] }
            $comment = "$($wanted.Comment)`nmdbdeploy:$project/configmgr/collection/$($wanted.Slug)#0000000000000000"
            $collection = New-CMDeviceCollection -Name $wanted.Name -LimitingCollectionId $limit -RefreshType Continuous -Comment $comment
            $done.Created++
            try {
                Move-CMObject -FolderPath $folder -InputObject $collection
                $done.Moved++
            }
            catch {
                # Where a collection lies changes nothing for devices.
                Write-Warning "'$($wanted.Name)' could not be moved to the folder '$folderName': $($_.Exception.Message)"
            }
        }
        if ($collection) { $ids[$wanted.Slug] = $collection.CollectionID }
    }
    foreach ($wanted in $collections) {
        if (-not $ids[$wanted.Slug]) { continue }
        Sync-Rules (Get-Own $wanted.Name) $wanted.Slug $wanted.Name
    }
}
finally {
    Pop-Location
    if ($LogPath) { Stop-Transcript | Out-Null }
}

[pscustomobject] $done
