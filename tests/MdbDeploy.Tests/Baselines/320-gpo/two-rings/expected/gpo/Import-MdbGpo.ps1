#Requires -Version 5.1
<#
.SYNOPSIS
Imports the Group Policy Objects for Microsoft Defender for Business and links them: those with settings, one per combination of policy presets, and those that onboard, one per ring.
.DESCRIPTION
Run it on a computer with the Group Policy Management feature, as a user who may create Group Policy Objects and link them. Running it again imports again and
changes no link that is as it should be. A Group Policy Object of the same name that lacks the mdbdeploy marker in its comment is left alone.

Who gets a policy: settings reach every computer that their policy applies to, and only the onboarding task looks at computer names (in small rings). So settings are linked
only with -FilterGroup or -WholeOU; onboarding also when its task names its computers. Rings with the same presets share the policy with settings: each adds its group.

Settings come first: an onboarding policy of an older version, which holds them too, keeps them until the policy with settings is linked.
.PARAMETER Ring
Import these rings only. Start with the first.
.PARAMETER LinkTo
Distinguished names of the organisational units to link to. None may hold golden images.
.PARAMETER FilterGroup
Security group of the ring's computers, as DOMAIN\name. The policy then applies to its members only. For one ring at a time.
.PARAMETER WholeOU
Link although every computer in the organisational units gets the policy. It does not take away the filter of a policy that has one.
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

# One line per policy with settings: the rings it serves, and its registry values.
$settingsPolicies = @(
    @{ Name = 'MDB - Contoso - Settings - policies'; Address = 'settings-policy/policies'; Folder = 'settings\policies'; BackupId = '{1CD36661-3B3F-52CF-A440-99937E2C2B7A}'
        Rings = @('pilot', 'Broad 2')
        Settings = @(
            @{ Key = 'SOFTWARE\Policies\Microsoft\Windows Advanced Threat Protection'; Value = 'AllowSampleCollection'; Data = '1' }
        )
    }
)

# One line per ring: its onboarding policy, and whether the task names its computers.
$policies = @(
    @{ Ring = 'pilot'; Name = 'MDB - Contoso - Onboarding - pilot'; Address = 'group-policy-object/pilot'; Folder = 'pilot'; BackupId = '{8E33B291-E6A3-58CF-A294-27E9D4E5B3FE}'; Targeted = 'true' -eq 'true' }
    @{ Ring = 'Broad 2'; Name = 'MDB - Contoso - Onboarding - Broad 2'; Address = 'group-policy-object/broad-2'; Folder = 'broad-2'; BackupId = '{B6253694-666F-5731-BF8F-0C884000E00C}'; Targeted = 'true' -eq 'true' }
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

function Get-Setting($Gpo, $Setting) {
    Get-GPRegistryValue -Guid $Gpo.Id @where -Key "HKLM\$($Setting.Key)" -ValueName $Setting.Value -ErrorAction SilentlyContinue
}

# What is not as it was rendered, in words.
function Test-Policy($Gpo, $Settings, [string] $Task) {
    $now = Get-GPO -Guid $Gpo.Id @where
    if ($now.Computer.DSVersion -eq 0 -or $now.Computer.DSVersion -ne $now.Computer.SysvolVersion) {
        "its computer version is $($now.Computer.DSVersion) in the directory and $($now.Computer.SysvolVersion) in SYSVOL"
    }
    if ($Task) {
        [xml] $report = Get-GPOReport -Guid $Gpo.Id @where -ReportType Xml
        $commands = @($report.SelectNodes("//*[local-name()='Command']") | ForEach-Object { $_.InnerText })
        if ($commands -notcontains $Task) { "its report shows no task that runs '$Task'" }
    }
    foreach ($setting in $Settings) {
        $have = Get-Setting $Gpo $setting
        if (-not $have -or "$($have.Value)".TrimEnd([char]0) -ne $setting.Data) { "'$($setting.Key)\$($setting.Value)' is not $($setting.Data)" }
    }
}

# Makes the policy if need be, and imports, checks and filters it; gives it back, or nothing when it may not be linked.
function Import-Policy($Policy, $Settings, [string] $Task, [bool] $NamesComputers) {
    $folder = Join-Path $PSScriptRoot $Policy.Folder
    if (-not (Test-Path -LiteralPath (Join-Path $folder "$($Policy.BackupId)\Backup.xml"))) {
        throw "The backup of '$($Policy.Name)' is not in '$folder'. Copy the whole folder gpo of the bundle, hidden files included."
    }

    $gpo = Get-Policy $Policy
    if (-not $gpo) {
        if (-not $PSCmdlet.ShouldProcess($Policy.Name, 'Create Group Policy Object')) { return }
        $gpo = New-GPO -Name $Policy.Name @where -Comment "mdbdeploy:$project/gpo/$($Policy.Address)#0000000000000000"
    }

    if (-not $PSCmdlet.ShouldProcess($Policy.Name, "Import settings from backup $($Policy.BackupId)")) { return }
    Import-GPO -BackupId $Policy.BackupId -Path $folder -TargetName $Policy.Name @where | Out-Null
    $gpo = Get-GPO -Guid $gpo.Id @where
    $gpo.GpoStatus = 'UserSettingsDisabled'

    $problems = @(Test-Policy $gpo $Settings $Task)
    if ($problems.Count -gt 0) {
        [void] $failed.Add($Policy.Name)
        Write-Warning "'$($Policy.Name)' was imported and is not linked: $($problems -join '; ')."
        return
    }

    if ($query -and (-not $gpo.WmiFilter -or $gpo.WmiFilter.Name -ne $WmiFilter)) {
        if (-not $PSCmdlet.ShouldProcess($Policy.Name, "Apply where WMI filter '$WmiFilter' holds")) { return }
        $gpo.WmiFilter = $query
    }
    if ($FilterGroup) {
        if (-not $PSCmdlet.ShouldProcess($Policy.Name, "Apply to members of '$FilterGroup' only")) { return }
        Set-Filter $gpo $FilterGroup
    }
    elseif (-not $WholeOU -and -not $NamesComputers) {
        Write-Warning "'$($Policy.Name)' was imported and is not linked: every computer of the organisational units would get it. Use -FilterGroup, or -WholeOU if that is what you want."
        return
    }
    return $gpo
}

function Add-Link($Gpo, [string] $Name) {
    foreach ($ou in $LinkTo) {
        $links = @((Get-GPInheritance -Target $ou @where).GpoLinks | Where-Object { $_ -and $_.GpoId -eq $Gpo.Id })
        if ($links.Count -eq 0 -and $PSCmdlet.ShouldProcess($ou, "Link '$Name'")) {
            New-GPLink -Guid $Gpo.Id -Target $ou -LinkEnabled Yes @where | Out-Null
        }
    }
}

$policies = @($policies | Where-Object { $Ring -contains $_.Ring })
$settingsPolicies = @($settingsPolicies | Where-Object { @($_.Rings | Where-Object { $Ring -contains $_ }).Count -gt 0 })
foreach ($policy in $settingsPolicies + $policies) { Get-Policy $policy | Out-Null }

$failed = [System.Collections.ArrayList] @()
$standing = @()
foreach ($policy in $settingsPolicies) {
    $gpo = Import-Policy $policy $policy.Settings '' $false
    if ($gpo) {
        Add-Link $gpo $policy.Name
        $standing += $policy.Name
    }
}

foreach ($policy in $policies) {
    $own = @($settingsPolicies | Where-Object { $_.Rings -contains $policy.Ring -and $standing -notcontains $_.Name })
    if (@($own | Where-Object { $failed -contains $_.Name }).Count -gt 0) { continue }
    # What an older version put into the onboarding policy stays there until its own policy is linked.
    $older = Get-Policy $policy
    if ($older -and @($own | ForEach-Object { $_.Settings } | Where-Object { Get-Setting $older $_ }).Count -gt 0) {
        if (-not $WhatIfPreference) { Write-Warning "'$($policy.Name)' was left as it is: it still holds settings, and '$($own[0].Name)', which shall hold them, was not linked." }
        continue
    }
    $gpo = Import-Policy $policy @() $command $policy.Targeted
    if ($gpo) { Add-Link $gpo $policy.Name }
}

if ($failed.Count -gt 0) {
    throw "What was imported is not what was rendered: '$($failed -join "', '")'. Nothing was linked there."
}
