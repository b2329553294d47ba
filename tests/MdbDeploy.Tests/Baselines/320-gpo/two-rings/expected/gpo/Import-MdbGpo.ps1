#Requires -Version 5.1
<#
.SYNOPSIS
Imports the Group Policy Objects that onboard computers to Microsoft Defender for Business, one per ring, and links them.
.DESCRIPTION
Run it on a computer with the Group Policy Management feature, as a user who may create Group Policy Objects and link them. Running it again imports again and
changes no link that is as it should be. A Group Policy Object of the same name that lacks the mdbdeploy marker in its comment is left alone.

Who gets a policy: registry settings reach every computer that the policy applies to, and only the onboarding task looks at computer names (in small rings).
So a ring is linked only when its task names its computers and it has no settings, or with -FilterGroup, or with -WholeOU.
.PARAMETER Ring
Import these rings only. Start with the first.
.PARAMETER LinkTo
Distinguished names of the organisational units to link to. None may hold golden images.
.PARAMETER FilterGroup
Security group of the ring's computers, as DOMAIN\name. The policy then applies to its members only. For one ring at a time.
.PARAMETER WholeOU
Link although every computer in the organisational units gets the policy.
.PARAMETER WmiFilter
Name of a WMI filter of the domain. The policies then apply only where its query gives something.
.PARAMETER Domain
DNS name of the domain.
.PARAMETER Server
Domain controller to use for all steps; by default the holder of the PDC emulator role.
.EXAMPLE
.\Import-MdbGpo.ps1 -Ring pilot -FilterGroup 'CORP\MDB-Pilot' -WhatIf
#>
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
param(
    [string[]] $Ring = @('pilot', 'Broad 2'),
    [string[]] $LinkTo = @('OU=Workstations,DC=corp,DC=contoso,DC=example'),
    [string] $FilterGroup,
    [switch] $WholeOU,
    [string] $WmiFilter,
    [string] $Domain = 'corp.contoso.example',
    [string] $Server
)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$project = 'contoso'
$command = '\\fs01.corp.contoso.example\mdb$\WindowsDefenderATPOnboardingScript.cmd'

# One line per ring: the backup's folder and identifier, and whether the task names its computers.
$policies = @(
    @{ Ring = 'pilot'; Slug = 'pilot'; Name = 'MDB - Contoso - Onboarding - pilot'; BackupId = '{8E33B291-E6A3-58CF-A294-27E9D4E5B3FE}'; Targeted = 'true' -eq 'true' }
    @{ Ring = 'Broad 2'; Slug = 'broad-2'; Name = 'MDB - Contoso - Onboarding - Broad 2'; BackupId = '{B6253694-666F-5731-BF8F-0C884000E00C}'; Targeted = 'true' -eq 'true' }
)

# The registry values that every policy carries.
$settings = @(
    @{ Key = 'SOFTWARE\Policies\Microsoft\Windows Advanced Threat Protection'; Value = 'AllowSampleCollection'; Data = '1' }
)

$unknown = @($Ring | Where-Object { $name = $_; -not ($policies | Where-Object { $_.Ring -eq $name }) })
if ($unknown.Count -gt 0) {
    throw "There is no ring named '$($unknown -join "', '")'."
}
if ($FilterGroup -and $Ring.Count -ne 1) {
    throw 'A filter group is for one ring: name it with -Ring.'
}

Import-Module GroupPolicy
if (-not $Domain) { $Domain = [System.DirectoryServices.ActiveDirectory.Domain]::GetCurrentDomain().Name }
$where = @{ Domain = $Domain }
if ($Server) { $where.Server = $Server }

function Get-Policy($Policy) {
    $found = Get-GPO -Name $Policy.Name @where -ErrorAction SilentlyContinue
    if ($found -and $found.Description -notlike "*mdbdeploy:$project/*") {
        throw "A Group Policy Object named '$($Policy.Name)' exists and was not made by mdbdeploy. Rename it, or change the organization in mdbdeploy.yaml."
    }
    return $found
}

# A backup never holds a WMI filter, and there is no cmdlet for it: the library below Group Policy Management has it.
$query = $null
if ($WmiFilter) {
    $known = New-Object -TypeName Microsoft.GroupPolicy.GPDomain -ArgumentList $Domain
    $criteria = New-Object -TypeName Microsoft.GroupPolicy.GPSearchCriteria
    $query = @($known.SearchWmiFilters($criteria) | Where-Object { $_.Name -eq $WmiFilter })[0]
    if (-not $query) { throw "The domain has no WMI filter '$WmiFilter'." }
}

function Set-Filter($Gpo, [string] $Group) {
    # Computers must still read the policy to find out that it does not apply to them (MS16-072).
    $everyone = (New-Object System.Security.Principal.SecurityIdentifier 'S-1-5-11').Translate([System.Security.Principal.NTAccount]).Value
    Set-GPPermission -Guid $Gpo.Id @where -TargetName $Group -TargetType Group -PermissionLevel GpoApply | Out-Null
    Set-GPPermission -Guid $Gpo.Id @where -TargetName $everyone -TargetType Group -PermissionLevel GpoRead -Replace | Out-Null
}

function Test-Policy($Policy, $Gpo) {
    $problems = @()
    $now = Get-GPO -Guid $Gpo.Id @where
    if ($now.Computer.DSVersion -eq 0 -or $now.Computer.DSVersion -ne $now.Computer.SysvolVersion) {
        $problems += "its computer version is $($now.Computer.DSVersion) in the directory and $($now.Computer.SysvolVersion) in SYSVOL"
    }
    [xml] $report = Get-GPOReport -Guid $Gpo.Id @where -ReportType Xml
    $commands = @($report.SelectNodes("//*[local-name()='Command']") | ForEach-Object { $_.InnerText })
    if ($commands -notcontains $command) {
        $problems += "its report shows no task that runs '$command'"
    }
    foreach ($setting in $settings) {
        $have = Get-GPRegistryValue -Guid $Gpo.Id @where -Key "HKLM\$($setting.Key)" -ValueName $setting.Value -ErrorAction SilentlyContinue
        if (-not $have -or "$($have.Value)".TrimEnd([char]0) -ne $setting.Data) {
            $problems += "'$($setting.Key)\$($setting.Value)' is not $($setting.Data)"
        }
    }
    return $problems
}

$failed = @()
foreach ($policy in ($policies | Where-Object { $Ring -contains $_.Ring })) {
    $folder = Join-Path $PSScriptRoot $policy.Slug
    if (-not (Test-Path -LiteralPath (Join-Path $folder "$($policy.BackupId)\Backup.xml"))) {
        throw "The backup of ring '$($policy.Ring)' is not in '$folder'. Copy the whole folder gpo of the bundle, hidden files included."
    }

    $gpo = Get-Policy $policy
    if (-not $gpo) {
        if (-not $PSCmdlet.ShouldProcess($policy.Name, 'Create Group Policy Object')) { continue }
        $gpo = New-GPO -Name $policy.Name @where -Comment "mdbdeploy:$project/gpo/group-policy-object/$($policy.Slug)#0000000000000000"
    }

    if (-not $PSCmdlet.ShouldProcess($policy.Name, "Import settings from backup $($policy.BackupId)")) { continue }
    Import-GPO -BackupId $policy.BackupId -Path $folder -TargetName $policy.Name @where | Out-Null
    $gpo = Get-GPO -Guid $gpo.Id @where
    $gpo.GpoStatus = 'UserSettingsDisabled'

    $problems = @(Test-Policy $policy $gpo)
    if ($problems.Count -gt 0) {
        $failed += $policy.Ring
        Write-Warning "'$($policy.Name)' was imported and is not linked: $($problems -join '; ')."
        continue
    }

    if ($query -and (-not $gpo.WmiFilter -or $gpo.WmiFilter.Name -ne $WmiFilter)) {
        if (-not $PSCmdlet.ShouldProcess($policy.Name, "Apply where WMI filter '$WmiFilter' holds")) { continue }
        $gpo.WmiFilter = $query
    }
    if ($FilterGroup) {
        if (-not $PSCmdlet.ShouldProcess($policy.Name, "Apply to members of '$FilterGroup' only")) { continue }
        Set-Filter $gpo $FilterGroup
    }
    elseif (-not $WholeOU -and -not ($policy.Targeted -and $settings.Count -eq 0)) {
        Write-Warning "'$($policy.Name)' was imported and is not linked: every computer of the organisational units would get it. Use -FilterGroup, or -WholeOU if that is what you want."
        continue
    }
    foreach ($ou in $LinkTo) {
        $links = @((Get-GPInheritance -Target $ou @where).GpoLinks | Where-Object { $_ -and $_.GpoId -eq $gpo.Id })
        if ($links.Count -eq 0 -and $PSCmdlet.ShouldProcess($ou, "Link '$($policy.Name)'")) {
            New-GPLink -Guid $gpo.Id -Target $ou -LinkEnabled Yes @where | Out-Null
        }
    }
}

if ($failed.Count -gt 0) {
    throw "What was imported is not what was rendered, in ring '$($failed -join "', '")'. Nothing was linked there."
}
