#Requires -Version 5.1
<#
.SYNOPSIS
Creates the device collections for onboarding to Microsoft Defender for Business, from collections.csv and rules.csv beside this script.
.DESCRIPTION
For sites whose AdminService may not be used. Run it on a computer with the Configuration Manager console, as an administrative user who may create
collections. Running it again changes nothing that is as it should be: rules that somebody else added stay, rules of ours (named 'MDB ...') follow
rules.csv. Direct rules bear no name of ours: those for devices that rules.csv does not name stay unless -Prune says otherwise. Collections of the same name that lack the mdbdeploy marker stop it before anything is changed. Returns a summary object.
.PARAMETER SiteCode
Three-letter site code.
.PARAMETER ProviderMachineName
Fully qualified name of the SMS provider.
.PARAMETER Prune
Removes direct rules for devices that rules.csv does not name, whoever made them.
.PARAMETER LogPath
File for a transcript; none when left out.
.EXAMPLE
.\Deploy-MdbCollections.ps1 -SiteCode P01 -ProviderMachineName cm01.contoso.example -WhatIf
#>
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium')]
param(
    [Parameter(Mandatory = $true)] [ValidatePattern('^[A-Za-z0-9]{3}$')] [string] $SiteCode,
    [Parameter(Mandatory = $true)] [string] $ProviderMachineName,
    [switch] $Prune,
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

# A spreadsheet takes a name that begins like a formula for one: such names have an apostrophe before them in the file.
function Get-Plain([string] $Text) { $Text -replace "^'(?=[=+@-])", '' }

# The record of each device by its name: one question a device, or all records at once where that is less.
function Get-Found([string[]] $Names) {
    $found = @{}
    $records = if ($Names.Count -gt 200) { Get-CMDevice -Fast } else { foreach ($name in $Names) { Get-CMDevice -Name $name -Fast -DisableWildcardHandling } }
    foreach ($record in @($records | Where-Object { $_ -and $_.IsClient -and -not $_.IsObsolete })) {
        if (-not $found.ContainsKey($record.Name)) { $found[$record.Name] = @() }
        $found[$record.Name] += $record
    }
    $found
}

# The ResourceID of a device that one record is in use for; the DNS domain decides between several.
function Get-Id($Found, [string] $Name, [string] $Domain) {
    $records = @($Found[$Name] | Where-Object { $_ })
    if ($records.Count -gt 1 -and $Domain) {
        $near = @($records | Where-Object { $_.Domain -eq $Domain.Split('.')[0] })
        if ($near.Count -gt 0) { $records = $near }
    }
    if ($records.Count -eq 1) { [int64] $records[0].ResourceID }
}

function Get-Own([string] $Name) {
    $found = Get-CMDeviceCollection -Name $Name -DisableWildcardHandling
    if ($found -and $found.Comment -notlike "*mdbdeploy:$project/*") {
        throw "A collection named '$Name' exists and was not made by mdbdeploy. Rename it, or change the organization in mdbdeploy.yaml."
    }
    $found
}

function Sync-Direct([string] $Id, [string] $Name, $Rules) {
    if ($Rules.Count -eq 0) { return $false }
    $there = @{}
    foreach ($rule in @(Get-CMDeviceCollectionDirectMembershipRule -CollectionId $Id)) { $there["$($rule.ResourceID)"] = $true }
    $found = Get-Found @($Rules | ForEach-Object { Get-Plain $_.Device })
    $wanted = @{}
    $unclear = @()
    foreach ($rule in $Rules) {
        $device = Get-Plain $rule.Device
        $resource = Get-Id $found $device $rule.Domain
        if ($resource) {
            $wanted["$resource"] = $true
            continue
        }
        $unclear += $device
        # A member whose records are unclear stays one.
        foreach ($record in @($found[$device] | Where-Object { $_ })) { if ($there["$($record.ResourceID)"]) { $wanted["$($record.ResourceID)"] = $true } }
    }
    if ($unclear.Count -gt 0) { Write-Warning "${Name}: $($unclear.Count) devices are no clients of the site, or several records bear their name: $(@($unclear)[0..9] -join ', ')" }
    $changed = $false
    $new = @($wanted.Keys | Where-Object { -not $there[$_] } | ForEach-Object { [int] $_ })
    [array]::Sort($new)
    if ($new.Count -gt 0 -and $PSCmdlet.ShouldProcess($Name, "Add $($new.Count) direct rules")) {
        Add-CMDeviceCollectionDirectMembershipRule -CollectionId $Id -ResourceId $new | Out-Null
        $done.RulesAdded += $new.Count
        $changed = $true
    }
    $left = @($there.Keys | Where-Object { -not $wanted[$_] } | ForEach-Object { [int] $_ })
    if ($left.Count -gt 0 -and -not $Prune) {
        Write-Warning "${Name}: $($left.Count) direct rules are for devices that rules.csv does not name. They stay; -Prune removes them."
    }
    elseif ($left.Count -gt 0 -and $PSCmdlet.ShouldProcess($Name, "Remove $($left.Count) direct rules")) {
        foreach ($resource in $left) { Remove-CMDeviceCollectionDirectMembershipRule -CollectionId $Id -ResourceId $resource -Force | Out-Null }
        $done.RulesRemoved += $left.Count
        $changed = $true
    }
    $changed
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
    if (Sync-Direct $id $Name @($wanted | Where-Object { $_.Kind -eq 'direct' })) { $changed = $true }
    $names = @($wanted | Where-Object { $_.Kind -eq 'query' } | ForEach-Object { $_.RuleName })
    # Last of what brings members in: who is in another rule now stays a member throughout.
    foreach ($old in ($queries | Where-Object { $_.RuleName -like 'MDB *' -and $names -notcontains $_.RuleName })) {
        if (-not $PSCmdlet.ShouldProcess("${Name}: $($old.RuleName)", 'Remove query rule')) { continue }
        Remove-CMDeviceCollectionQueryMembershipRule -CollectionId $id -RuleName $old.RuleName -Force
        $done.RulesRemoved++
        $changed = $true
    }
    $includes = @(Get-CMDeviceCollectionIncludeMembershipRule -CollectionId $id | ForEach-Object { $_.IncludeCollectionID })
    $excludes = @(Get-CMDeviceCollectionExcludeMembershipRule -CollectionId $id | ForEach-Object { $_.ExcludeCollectionID })
    foreach ($rule in ($wanted | Where-Object { $_.Kind -eq 'include' -or $_.Kind -eq 'exclude' })) {
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
