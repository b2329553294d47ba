#Requires -Version 5.1
<#
.SYNOPSIS
Imports the Group Policy Object that offboards computers from Microsoft Defender for Business, and links it where nothing onboards them any more.
.DESCRIPTION
Run it on a computer with the Group Policy Management feature, as a user who may create Group Policy Objects and link them. It refuses an expired script.

No computer may get both policies. Before it links, it looks at the onboarding policies of this project that are linked to the same units. One whose task names its
computers and none of these may stay: import the onboarding policies of this bundle first. Any other is in the way, until it is unlinked (-UnlinkOnboarding) or you
state that the computers left its group (-LeftFilterGroup).
.PARAMETER LinkTo
Distinguished names of the organisational units to link to.
.PARAMETER UnlinkOnboarding
Unlink the onboarding policies that are in the way, from these units.
.PARAMETER LeftFilterGroup
The computers are no longer in the security group that the onboarding policies are filtered by.
.PARAMETER Domain
DNS name of the domain.
.PARAMETER Server
Domain controller to use for all steps; by default the holder of the PDC emulator role.
.EXAMPLE
.\Import-MdbOffboardingGpo.ps1 -UnlinkOnboarding -WhatIf
#>
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
param(
    [string[]] $LinkTo = @('OU=Workstations,DC=corp,DC=contoso,DC=example'),
    [switch] $UnlinkOnboarding,
    [switch] $LeftFilterGroup,
    [string] $Domain = 'corp.contoso.example',
    [string] $Server
)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$project = 'contoso'
$name = 'MDB - Contoso - Offboarding (valid until 2098-12-01)'
$command = '\\fs01.corp.contoso.example\mdb$\WindowsDefenderATPOffboardingScript_valid_until_2098-12-01.cmd'
$backupId = '{2806BA3B-01F1-5448-842B-2457AD34AFF5}'
$expires = '2098-12-01T10:00:00Z'
$computers = @(
    'OLD-12'
    'OLD-22'
)

if ($expires -and [datetime]::UtcNow -ge [datetime]::Parse($expires, [cultureinfo]::InvariantCulture, 'AdjustToUniversal')) {
    throw "The offboarding script expired on $expires. Download a new package from the Defender portal and render again."
}
if ($computers.Count -eq 0) {
    throw 'No computer is named in this policy.'
}
$folder = Join-Path $PSScriptRoot 'policy'
if (-not (Test-Path -LiteralPath (Join-Path $folder "$backupId\Backup.xml"))) {
    throw "The backup is not in '$folder'. Copy the whole folder gpo of the bundle, hidden files included."
}

Import-Module GroupPolicy
if (-not $Domain) { $Domain = [System.DirectoryServices.ActiveDirectory.Domain]::GetCurrentDomain().Name }
$where = @{ Domain = $Domain }
if ($Server) { $where.Server = $Server }

# The links of a unit that lead to an onboarding policy which may still reach one of the computers.
function Get-InTheWay([string] $Unit) {
    foreach ($link in @((Get-GPInheritance -Target $Unit @where).GpoLinks | Where-Object { $_ })) {
        $gpo = Get-GPO -Guid $link.GpoId @where
        if ("$($gpo.Description)" -notlike "*mdbdeploy:$project/gpo/group-policy-object/*") { continue }
        [xml] $report = Get-GPOReport -Guid $gpo.Id @where -ReportType Xml
        $filters = @($report.SelectNodes("//*[local-name()='FilterComputer']") | ForEach-Object { $_.GetAttribute('name') })
        $named = @($filters | Where-Object { $computers -contains $_ })
        if ($named.Count -gt 0) {
            New-Object PSObject -Property @{ Gpo = $gpo; Why = "its task names $($named -join ', ')"; MayStay = $false }
        }
        elseif ($filters.Count -eq 0) {
            New-Object PSObject -Property @{ Gpo = $gpo; Why = 'its task names no computers, so only its security group keeps them out'; MayStay = [bool] $LeftFilterGroup }
        }
    }
}

$gpo = Get-GPO -Name $name @where -ErrorAction SilentlyContinue
if ($gpo -and "$($gpo.Description)" -notlike "*mdbdeploy:$project/*") {
    throw "A Group Policy Object named '$name' exists and was not made by mdbdeploy."
}

# Everything is looked at before anything is changed.
$inTheWay = @{}
foreach ($unit in $LinkTo) {
    $inTheWay[$unit] = @(Get-InTheWay $unit | Where-Object { -not $_.MayStay })
    if ($inTheWay[$unit].Count -gt 0 -and -not $UnlinkOnboarding) {
        $first = $inTheWay[$unit][0]
        throw "'$($first.Gpo.DisplayName)' is linked to '$unit' and onboards: $($first.Why). Import the onboarding policies of this bundle first, or use -UnlinkOnboarding. No computer may get both."
    }
}

if (-not $gpo) {
    if (-not $PSCmdlet.ShouldProcess($name, 'Create Group Policy Object')) { return }
    $gpo = New-GPO -Name $name @where -Comment "mdbdeploy:$project/gpo/offboarding-policy/offboarding#0000000000000000"
}
if (-not $PSCmdlet.ShouldProcess($name, "Import settings from backup $backupId")) { return }
Import-GPO -BackupId $backupId -Path $folder -TargetName $name @where | Out-Null
$gpo = Get-GPO -Guid $gpo.Id @where
$gpo.GpoStatus = 'UserSettingsDisabled'

[xml] $report = Get-GPOReport -Guid $gpo.Id @where -ReportType Xml
$commands = @($report.SelectNodes("//*[local-name()='Command']") | ForEach-Object { $_.InnerText })
$filters = @($report.SelectNodes("//*[local-name()='FilterComputer']") | ForEach-Object { $_.GetAttribute('name') })
if ($commands -notcontains $command -or @($computers | Where-Object { $filters -notcontains $_ }).Count -gt 0) {
    throw "What was imported into '$name' is not what was rendered. Nothing was linked."
}

foreach ($unit in $LinkTo) {
    foreach ($other in $inTheWay[$unit]) {
        if ($PSCmdlet.ShouldProcess($unit, "Unlink '$($other.Gpo.DisplayName)'")) {
            Remove-GPLink -Guid $other.Gpo.Id -Target $unit @where | Out-Null
        }
    }
    $links = @((Get-GPInheritance -Target $unit @where).GpoLinks | Where-Object { $_ -and $_.GpoId -eq $gpo.Id })
    if ($links.Count -eq 0 -and $PSCmdlet.ShouldProcess($unit, "Link '$name'")) {
        New-GPLink -Guid $gpo.Id -Target $unit -LinkEnabled Yes @where | Out-Null
    }
}
