#Requires -Version 5.1
<#
.SYNOPSIS
The gate before this golden image is sealed: never onboarded, start-up files staged and unharmed, antivirus ready.
.DESCRIPTION
Writes one object per check with Check, Result (Pass, Fail or Unknown), Detail and Remedy. What cannot be checked is Unknown, and an image with an unknown is not
ready. Run it before sysprep, as SYSTEM, or the folder Cyber cannot be read: as a step of the build pipeline, or in a scheduled task.
It changes nothing without -Repair.

Exit code: 0 when every check passes, which is the only permission to seal; 1 when one fails; 2 when none fails and one is unknown.
.PARAMETER MaxSignatureAgeDays
How old antivirus signatures may be.
.PARAMETER MaxScanAgeDays
How long ago the last quick scan and cache maintenance may be.
.PARAMETER Tag
The device tag that desktops are to have; not checked when left out.
.PARAMETER ByGroupPolicy
The desktops are onboarded by the Group Policy beside this script, so nothing may be staged in the image.
.PARAMETER OptimizerConfiguration
Files of the Virtual Desktop Optimization Tool (*.json) or templates of Citrix Optimizer (*.xml), or folders of them, to be looked at for what breaks Defender.
.PARAMETER JUnit
File for the results in JUnit's XML.
.PARAMETER Json
File for the results in JSON.
.PARAMETER Repair
Repairs what can be repaired and checks again; -WhatIf shows what it would do. An image whose sensor runs or that is onboarded is never repaired: offboard it first.
.EXAMPLE
.\Test-MdbGoldenImage.ps1 | Format-Table -AutoSize
.EXAMPLE
.\Test-MdbGoldenImage.ps1 -Repair -WhatIf
#>
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium')]
param(
    [int] $MaxSignatureAgeDays = 3,
    [int] $MaxScanAgeDays = 7,
    [string] $Tag,
    [switch] $ByGroupPolicy,
    [string[]] $OptimizerConfiguration = @(),
    [string] $JUnit,
    [string] $Json,
    [switch] $Repair
)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'

# The portal's files that this image needs, with the hashes of the package they were rendered from.
$portalFiles = @(
    @{ Name = 'WindowsDefenderATPOnboardingScript.cmd'; Sha256 = '94fa58102c93366a5ace1e3afaa571a67154cbecaee1343633a8acf6ada79ce8' }
)
$portalFilesNeeded = [int] '1'
# The file that is entered as the start-up script: ours, which refuses to run in the image, or the portal's.
$guarded = 'Start-MdbDesktop.cmd'
$unguarded = 'WindowsDefenderATPOnboardingScript.cmd'
$guardFiles = @('Start-MdbDesktop.ps1', 'Start-MdbDesktop.cmd')
$ini = 'scripts.ini'
$otherIni = 'psscripts.ini'
$atp = 'HKLM:\SOFTWARE\Microsoft\Windows Advanced Threat Protection'
$atpPolicy = 'HKLM:\SOFTWARE\Policies\Microsoft\Windows Advanced Threat Protection'
$antivirusPolicy = 'HKLM:\SOFTWARE\Policies\Microsoft\Windows Defender'
$services = 'HKLM:\SYSTEM\CurrentControlSet\Services'
$offboarding = '696C1FA1-4030-4FA4-8713-FAF9B2EA7C0A'
$secondIdentity = '7DC0B629-D7F6-4DB3-9BF7-64D5AAF50F1A'
$identityKey = "$atp\48A68F11-7A16-4180-B32C-7F974C7BD783"
$policy = Join-Path $env:SystemRoot 'System32\GroupPolicy'
$scripts = Join-Path $policy 'Machine\Scripts'
$cyber = Join-Path $env:ProgramData 'Microsoft\Windows Defender Advanced Threat Protection\Cyber'
$stage = Join-Path $PSScriptRoot 'Stage-MdbImage.ps1'
$onboardingScript = 'ATPOnboardingScript|Onboard-NonPersistentMachine|Start-MdbDesktop|DeviceComplianceOnboardingScript'
$checks = New-Object System.Collections.ArrayList

# A test gives nothing when it passes, and otherwise says what is wrong; one that throws is unknown. A remedy is a sentence for people, a repair does it.
function Add-Check([string] $Check, [scriptblock] $Test, [string] $Remedy, [scriptblock] $Mend) {
    [void] $checks.Add(@{ Check = $Check; Test = $Test; Remedy = $Remedy; Mend = $Mend })
}

function Get-RegistryValue([string] $Key, [string] $Name) {
    if (-not (Test-Path -LiteralPath $Key)) { return $null }
    $property = (Get-ItemProperty -LiteralPath $Key).PSObject.Properties[$Name]
    if ($property) { return $property.Value }
    return $null
}

function Remove-RegistryValue([string] $Key, [string] $Name) {
    if ($null -ne (Get-RegistryValue $Key $Name)) { Remove-ItemProperty -LiteralPath $Key -Name $Name -Force }
}

# Why this image must not be cleaned; nothing when it may.
function Get-Onboarding {
    $service = Get-Service -Name Sense -ErrorAction SilentlyContinue
    if ($service -and [string] $service.Status -ne 'Stopped') { return "the service Sense is $($service.Status)" }
    $state = Get-RegistryValue "$atp\Status" 'OnboardingState'
    if ($state) { return "OnboardingState is $state" }
}

function Confirm-Offboarded {
    $reason = Get-Onboarding
    if ($reason) { throw "$reason, so nothing of its identity is deleted: offboard this image first (the portal's offboarding package, valid for 7 days), then repair." }
}

# What a start-up file runs, with how its bytes are encoded.
function Read-StartupIni([string] $Name) {
    $path = Join-Path $scripts $Name
    if (-not (Test-Path -LiteralPath $path)) { return @{ Exists = $false; Encoded = $true; Commands = @() } }
    $bytes = [System.IO.File]::ReadAllBytes($path)
    $encoded = $bytes.Length -ge 2 -and $bytes[0] -eq 0xFF -and $bytes[1] -eq 0xFE
    $text = if ($encoded) { [System.Text.Encoding]::Unicode.GetString($bytes, 2, $bytes.Length - 2) }
    elseif ($bytes -contains 0) { [System.Text.Encoding]::Unicode.GetString($bytes) }
    else { [System.IO.File]::ReadAllText($path) }
    $commands = @()
    $inStartup = $false
    foreach ($line in $text -split "`r?`n") {
        if ($line -match '^\s*\[(.*)\]\s*$') { $inStartup = $Matches[1].Trim() -eq 'Startup' }
        elseif ($inStartup -and $line -match '^\s*(\d+)CmdLine\s*=\s*(.*?)\s*$') { $commands += @{ Number = [int] $Matches[1]; Command = $Matches[2] } }
    }
    return @{ Exists = $true; Encoded = $encoded; Text = $text; Commands = $commands }
}

function Test-StagedFile([string] $Name, [string] $Sha256, [string] $Changed) {
    $path = Join-Path $scripts "Startup\$Name"
    if (-not (Test-Path -LiteralPath $path)) { return "'$path' is missing." }
    if ((Get-FileHash -LiteralPath $path -Algorithm SHA256).Hash -ne $Sha256) { return "'$path' $Changed" }
}

# --- the image was never onboarded --------------------------------------------------------------------------------------------------------------------

Add-Check 'Process' { if ([System.Environment]::Is64BitOperatingSystem -and -not [System.Environment]::Is64BitProcess) { throw 'A 32-bit process sees another System32 and another registry.' } } 'Run this in 64-bit Windows PowerShell.'
Add-Check 'BeforeSysprep' {
    $state = Get-RegistryValue 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Setup\State' 'ImageState'
    if ($state -and $state -ne 'IMAGE_STATE_COMPLETE') { "Windows is in state $state." }
} 'Test before sysprep; afterwards nothing can be repaired.'
Add-Check 'SensorInstalled' {
    if (-not (Get-Service -Name Sense -ErrorAction SilentlyContinue)) { 'The service Sense does not exist.' }
} 'Install the sensor: DISM /Online /Add-Capability /CapabilityName:Microsoft.Windows.Sense.Client~~~~'
Add-Check 'SensorStopped' {
    $service = Get-Service -Name Sense -ErrorAction SilentlyContinue
    if ($service -and [string] $service.Status -ne 'Stopped') { "The service Sense is $($service.Status): this image is onboarded, or was." }
} 'Offboard the image with the portal''s package (valid for 7 days) and wait until the service has stopped.'
Add-Check 'SensorStartsByHand' {
    $start = Get-RegistryValue "$services\Sense" 'Start'
    if ($start -ne 3) { "The service Sense has start type $start; it is 3 before onboarding, 2 after, and 4 when something disabled it." }
} 'Start type 2: offboard the image. 4: take Sense out of the optimiser''s list and set 3.'
Add-Check 'NotOnboarded' {
    $state = Get-RegistryValue "$atp\Status" 'OnboardingState'
    if ($state) { "OnboardingState is $state." }
} 'Offboard the image, then clean it.'
Add-Check 'NoOnboardingInfo' {
    if (Get-RegistryValue $atpPolicy 'OnboardingInfo') { 'OnboardingInfo is set: a policy or a script onboards this image.' }
} 'Keep the image out of every policy that onboards, and offboard it.'
Add-Check 'NoOffboardingInfo' {
    if (Get-RegistryValue $atpPolicy $offboarding) { "The offboarding data $offboarding is still set; desktops must not get it." }
} 'Delete it once the sensor has stopped.' { Confirm-Offboarded; Remove-RegistryValue $atpPolicy $offboarding }
Add-Check 'NoSenseGuid' {
    $value = Get-RegistryValue $atp 'senseGuid'
    if ($value) { "senseGuid is $($value): every desktop would report as the same device." }
} 'Delete the value once the sensor has stopped.' { Confirm-Offboarded; Remove-RegistryValue $atp 'senseGuid' }
Add-Check 'NoSecondIdentity' {
    if (Get-RegistryValue $atp $secondIdentity) { "The value $secondIdentity holds the identity of a sensor that ran here." }
} 'Delete the value once the sensor has stopped.' { Confirm-Offboarded; Remove-RegistryValue $atp $secondIdentity }
Add-Check 'NoIdentityKey' {
    if (Test-Path -LiteralPath $identityKey) { "The key $identityKey is left from a sensor that ran here." }
} 'Delete the key once the sensor has stopped.' { Confirm-Offboarded; Remove-Item -LiteralPath $identityKey -Recurse -Force }
Add-Check 'CyberFolderEmpty' {
    if (Test-Path -LiteralPath $cyber) {
        $left = @(Get-ChildItem -LiteralPath $cyber -Recurse -Force -File)
        if ($left.Count -gt 0) { "$($left.Count) files of the sensor are left in '$cyber'." }
    }
} 'Delete them as SYSTEM once the sensor has stopped.' {
    Confirm-Offboarded
    foreach ($file in @(Get-ChildItem -LiteralPath $cyber -Recurse -Force -File)) { Remove-Item -LiteralPath $file.FullName -Force }
}
Add-Check 'StartupScriptNeverRan' {
    $mark = Get-RegistryValue "$atpPolicy\DeviceTagging" 'VDI'
    if ($mark) { "DeviceTagging\VDI is '$mark': the start-up script ran in this image." }
} 'Delete the value, and check for the rest of its work.' { Confirm-Offboarded; Remove-RegistryValue "$atpPolicy\DeviceTagging" 'VDI' }
Add-Check 'DeviceTag' {
    if ($Tag) {
        $value = Get-RegistryValue "$atpPolicy\DeviceTagging" 'Group'
        if ($value -cne $Tag) { "DeviceTagging\Group is '$value', and '$Tag' was asked for." }
    }
} 'Set it with the policy setting mde.tag.group, or repair.' {
    if (-not (Test-Path -LiteralPath "$atpPolicy\DeviceTagging")) { New-Item -Path "$atpPolicy\DeviceTagging" -Force | Out-Null }
    New-ItemProperty -LiteralPath "$atpPolicy\DeviceTagging" -Name Group -PropertyType String -Value $Tag -Force | Out-Null
}

# --- the desktops will onboard themselves ---------------------------------------------------------------------------------------------------------------

$restage = { & $stage -Confirm:$false }
$restageInWords = 'Run Stage-MdbImage.ps1.'
if ($ByGroupPolicy) {
    Add-Check 'NothingStaged' {
        foreach ($name in $ini, $otherIni) {
            $ours = @((Read-StartupIni $name).Commands | Where-Object { $_.Command -match $onboardingScript } | ForEach-Object { $_.Command })
            if ($ours.Count -gt 0) { return "'$name' runs $($ours -join ', '), and the Group Policy does too." }
        }
    } 'Run Stage-MdbImage.ps1 -Remove.' { & $stage -Remove -Confirm:$false }
}
else {
    $command = @($portalFiles | Where-Object { $_.Name -like '*.cmd' })
    $signed = @($portalFiles | Where-Object { $_.Name -like '*.ps1' })
    Add-Check 'CommandScriptIntact' {
        foreach ($file in $command) { Test-StagedFile $file.Name $file.Sha256 'is not the file of the package: another organisation''s, an older one, or edited.' }
    } $restageInWords $restage
    Add-Check 'PowerShellScriptIntact' {
        foreach ($file in $signed) { Test-StagedFile $file.Name $file.Sha256 'is not the signed file of the package: somebody edited it or saved it in another encoding.' }
    } $restageInWords $restage
    if ($portalFiles.Count -ne $portalFilesNeeded) {
        Add-Check 'PackageComplete' { throw 'The package for non-persistent desktops was missing or incomplete when this was rendered.' } 'Download it from the Defender portal and render again.'
    }
    Add-Check 'StartupIniEncoding' {
        foreach ($name in $ini, $otherIni) {
            $file = Read-StartupIni $name
            if (-not $file.Encoded) { return "'$name' is not UTF-16 with a byte order mark, so Windows passes over what it says." }
        }
    } 'Write it again in that encoding.' {
        foreach ($name in $ini, $otherIni) {
            $file = Read-StartupIni $name
            if (-not $file.Encoded) {
                $path = Join-Path $scripts $name
                [System.IO.File]::SetAttributes($path, [System.IO.FileAttributes]::Normal)
                [System.IO.File]::WriteAllBytes($path, [byte[]] (@([byte] 0xFF, [byte] 0xFE) + [System.Text.Encoding]::Unicode.GetBytes((($file.Text -split "`r?`n") -join "`r`n"))))
                [System.IO.File]::SetAttributes($path, [System.IO.FileAttributes]::Hidden)
            }
        }
    }
    Add-Check 'OneStartupEntry' {
        $file = Read-StartupIni $ini
        if (-not $file.Exists) { return "There is no '$ini', so nothing onboards the desktops." }
        $ours = @($file.Commands | Where-Object { $_.Command -match $onboardingScript })
        if ($ours.Count -eq 0) { return "'$ini' does not name the start-up script." }
        if ($ours.Count -gt 1) { return "'$ini' runs $($ours.Count) onboarding scripts ($(@($ours | ForEach-Object { $_.Command }) -join ', ')); exactly one may be entered." }
        if ($guarded, $unguarded -notcontains $ours[0].Command) { return "'$ini' runs '$($ours[0].Command)', which is neither '$guarded' nor '$unguarded'." }
        $numbers = @($file.Commands | ForEach-Object { $_.Number })
        for ($i = 0; $i -lt $ours[0].Number; $i++) { if ($numbers -notcontains $i) { return "'$ini' has no entry $i, so Windows never reaches ours, which is entry $($ours[0].Number)." } }
    } $restageInWords $restage
    Add-Check 'NoSecondStartupEntry' {
        $twice = @((Read-StartupIni $otherIni).Commands | Where-Object { $_.Command -match $onboardingScript } | ForEach-Object { $_.Command })
        if ($twice.Count -gt 0) { "'$otherIni' also runs $($twice -join ', '): the desktops would be onboarded twice, in two ways." }
    } "Take the entry out of '$otherIni'."
    Add-Check 'GuardIntact' {
        if (@((Read-StartupIni $ini).Commands | Where-Object { $_.Command -eq $guarded }).Count -eq 0) { return }
        foreach ($name in $guardFiles) {
            $wrong = Test-StagedFile $name (Get-FileHash -LiteralPath (Join-Path $PSScriptRoot $name) -Algorithm SHA256).Hash 'is not the guard beside this script.'
            if ($wrong) { return $wrong }
        }
    } $restageInWords $restage
    Add-Check 'GuardKnowsImage' {
        if (@((Read-StartupIni $ini).Commands | Where-Object { $_.Command -eq $guarded }).Count -eq 0) { return }
        $path = Join-Path $scripts 'Startup\MdbImageName.txt'
        $name = if (Test-Path -LiteralPath $path) { [System.IO.File]::ReadAllText($path).Trim() } else { '' }
        if ($name -ne $env:COMPUTERNAME) { "The guard takes '$name' for the image, and this is $($env:COMPUTERNAME): it would let this image onboard itself." }
    } $restageInWords $restage
    Add-Check 'ExtensionNamed' {
        $gptIni = Join-Path $policy 'gpt.ini'
        $text = if (Test-Path -LiteralPath $gptIni) { [System.IO.File]::ReadAllText($gptIni) } else { '' }
        if ($text -notmatch '(?im)^[ \t]*gPCMachineExtensionNames[ \t]*=.*\{42B5FAAE-6536-11D2-AE5A-0000F87571E3\}') { return 'gpt.ini does not name the extension for scripts, so they do not run.' }
        if ($text -notmatch '(?im)^[ \t]*Version[ \t]*=[ \t]*(\d+)' -or [uint32] $Matches[1] % 65536 -eq 0) { return 'gpt.ini has version 0 for the computer, so Windows skips the local policy.' }
    } $restageInWords $restage
}
Add-Check 'NothingHeld' {
    $hold = Join-Path $env:ProgramData 'MdbDeploy\DoNotOnboard'
    if (Test-Path -LiteralPath $hold) { "'$hold' is left from servicing: no desktop would be onboarded." }
} 'Delete the file.' { Remove-Item -LiteralPath (Join-Path $env:ProgramData 'MdbDeploy\DoNotOnboard') -Force }

# --- nothing else onboards the image --------------------------------------------------------------------------------------------------------------------

Add-Check 'NoOnboardingTask' {
    $tasks = @(Get-ScheduledTask | Where-Object { @($_.Actions | Where-Object { $_.PSObject.Properties['Execute'] -and "$($_.Execute) $($_.Arguments)" -match $onboardingScript }).Count -gt 0 })
    if ($tasks.Count -gt 0) { "A task onboards this image: $(@($tasks | ForEach-Object { $_.TaskName }) -join ', ')." }
} 'Keep the image out of the Group Policy that makes the task: deny it "Apply group policy", or keep it in another organisational unit.'
Add-Check 'NoDomainStartupScript' {
    # Where Group Policy keeps the start-up scripts it applied last, one key per policy and below it one per script.
    $applied = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Group Policy\Scripts\Startup'
    if (-not (Test-Path -LiteralPath $applied)) { return }
    foreach ($one in @(Get-ChildItem -LiteralPath $applied)) {
        $from = Get-RegistryValue $one.PSPath 'FileSysPath'
        if (-not $from -or $from -like '*\System32\GroupPolicy\*') { continue }
        foreach ($script in @(Get-ChildItem -LiteralPath $one.PSPath)) {
            $name = Get-RegistryValue $script.PSPath 'Script'
            if ($name -match $onboardingScript) { return "The domain policy '$(Get-RegistryValue $one.PSPath 'DisplayName')' runs '$name' in this image." }
        }
    }
} 'Keep the image out of that Group Policy: deny it "Apply group policy", or keep it in another organisational unit.'

# --- antivirus and optimisers -------------------------------------------------------------------------------------------------------------------------------

Add-Check 'AntivirusNotDisabled' {
    foreach ($name in 'DisableAntiSpyware', 'DisableAntiVirus') {
        if ((Get-RegistryValue $antivirusPolicy $name) -eq 1) { return "$name is set." }
    }
} 'Delete the value.' { foreach ($name in 'DisableAntiSpyware', 'DisableAntiVirus') { Remove-RegistryValue $antivirusPolicy $name } }
Add-Check 'ServicesNotDisabled' {
    $disabled = @('WinDefend', 'WdNisSvc', 'WdFilter', 'WdBoot', 'WdNisDrv' | Where-Object { (Get-RegistryValue "$services\$_" 'Start') -eq 4 })
    # Before Windows 10 1809 the sensor reports through DiagTrack.
    $build = Get-RegistryValue 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion' 'CurrentBuildNumber'
    if ($build -and [int] $build -lt 17763 -and (Get-RegistryValue "$services\DiagTrack" 'Start') -eq 4) { $disabled += 'DiagTrack' }
    if ($disabled.Count -gt 0) { "Disabled: $($disabled -join ', '). An optimiser or a baseline did that." }
} 'Take them out of the optimiser''s list and run it again, or restore the start types.'
Add-Check 'TasksNotDisabled' {
    $disabled = @(Get-ScheduledTask | Where-Object { $_.PSObject.Properties['TaskPath'] -and $_.TaskPath -like '\Microsoft\Windows\Windows Defender\*' -and [string] $_.State -eq 'Disabled' } | ForEach-Object { $_.TaskName })
    if ($disabled.Count -gt 0) { "Disabled tasks of Windows Defender: $($disabled -join ', ')." }
} 'Take them out of the optimiser''s list, and enable them.'
Add-Check 'TracesNotDisabled' {
    $autologgers = 'HKLM:\SYSTEM\CurrentControlSet\Control\WMI\Autologger'
    $disabled = @('DefenderApiLogger', 'DefenderAuditLogger' | Where-Object { (Get-RegistryValue "$autologgers\$_" 'Start') -eq 0 -and $null -ne (Get-RegistryValue "$autologgers\$_" 'Start') })
    if ($disabled.Count -gt 0) { "Disabled traces: $($disabled -join ', ')." }
} 'Take them out of the optimiser''s list (Autologgers.json), and set Start to 1.'
Add-Check 'OptimizerConfiguration' {
    $words = 'Sense|WinDefend|WdNisSvc|WdFilter|WdBoot|WdNisDrv|DefenderApiLogger|DefenderAuditLogger|Windows Defender[^"<\\]*'
    $found = @()
    foreach ($place in $OptimizerConfiguration) {
        if (-not (Test-Path -LiteralPath $place)) { throw "There is no '$place'." }
        $files = if ([System.IO.Directory]::Exists($place)) { @(Get-ChildItem -LiteralPath $place -Recurse -File) } else { @(Get-Item -LiteralPath $place) }
        foreach ($file in @($files | Where-Object { $_.Name -match '\.(json|xml)$' })) {
            if ($file.Name -like '*.json') {
                foreach ($row in @([System.IO.File]::ReadAllText($file.FullName) | ConvertFrom-Json | ForEach-Object { $_ })) {
                    $off = ($row.PSObject.Properties['VDIState'] -and $row.VDIState -eq 'Disabled') -or ($row.PSObject.Properties['Disabled'] -and "$($row.Disabled)" -eq 'True')
                    foreach ($property in 'Name', 'KeyName', 'ScheduledTask', 'TaskName') {
                        if ($off -and $row.PSObject.Properties[$property] -and "$($row.$property)" -match "(^|\\)($words)\\?$") { $found += "$($Matches[2]) ($($file.Name))" }
                    }
                }
            }
            else {
                $template = [xml] [System.IO.File]::ReadAllText($file.FullName)
                foreach ($entry in @($template.SelectNodes('//entry[execute=1]'))) {
                    foreach ($name in @($entry.SelectNodes('action/params/name'))) {
                        if ($name.InnerText -match "(^|\\)($words)$" -and $entry.SelectSingleNode('action/params/value').InnerText -eq 'Disabled') { $found += "$($name.InnerText) ($($file.Name))" }
                    }
                }
            }
        }
    }
    if ($found.Count -gt 0) { "It disables what Defender needs: $($found -join ', ')." }
} 'Take these entries out before the optimiser runs.'
Add-Check 'SignaturesFresh' {
    $age = [long] (Get-MpComputerStatus).AntivirusSignatureAge
    if ($age -gt $MaxSignatureAgeDays) { "Signatures are $age days old, and $MaxSignatureAgeDays are allowed." }
} 'Update them.' { Update-MpSignature }
Add-Check 'QuickScanDone' {
    # 4294967295 says that there never was one.
    $age = [long] (Get-MpComputerStatus).QuickScanAge
    if ($age -gt $MaxScanAgeDays) { if ($age -eq 4294967295) { 'There was no quick scan yet.' } else { "The last quick scan is $age days ago, and $MaxScanAgeDays are allowed." } }
} 'Run a quick scan, so that desktops do not each run it.' { Start-MpScan -ScanType QuickScan }
Add-Check 'CacheMaintained' {
    $last = (Get-ScheduledTaskInfo -TaskName 'Windows Defender Cache Maintenance' -TaskPath '\Microsoft\Windows\Windows Defender\').LastRunTime
    # A task that never ran says 30 November 1999.
    if (-not $last -or $last.Year -lt 2000) { return 'The task Windows Defender Cache Maintenance never ran.' }
    $age = [int] ((Get-Date) - $last).TotalDays
    if ($age -gt $MaxScanAgeDays) { "The task Windows Defender Cache Maintenance ran $age days ago." }
} 'Run the task, so that desktops start with a full cache.' { Start-ScheduledTask -TaskName 'Windows Defender Cache Maintenance' -TaskPath '\Microsoft\Windows\Windows Defender\' }
Add-Check 'ScanAfterUpdate' {
    if ((Get-RegistryValue "$antivirusPolicy\Signature Updates" 'DisableScanOnUpdate') -eq 1) { 'DisableScanOnUpdate is set. It serves the building of an image, and desktops would inherit it.' }
} 'Delete the value before sealing.' { Remove-RegistryValue "$antivirusPolicy\Signature Updates" 'DisableScanOnUpdate' }
Add-Check 'ProfileContainersExcluded' {
    if (-not (Get-Service -Name frxsvc -ErrorAction SilentlyContinue)) { return }
    $preference = Get-MpPreference
    $missing = @()
    if (@($preference.ExclusionPath | Where-Object { $_ -match '\.VHDX?$' }).Count -eq 0 -and @($preference.ExclusionExtension | Where-Object { $_ -match '^\.?VHDX?$' }).Count -eq 0) { $missing += 'the VHD and VHDX files of profiles' }
    foreach ($driver in 'frxdrv.sys', 'frxdrvvt.sys', 'frxccd.sys') {
        if (@($preference.ExclusionPath | Where-Object { $_ -like "*\$driver" }).Count -eq 0) { $missing += $driver }
    }
    foreach ($process in 'frxccd.exe', 'frxccds.exe', 'frxsvc.exe') {
        if (@($preference.ExclusionProcess | Where-Object { $_ -like "*$process" }).Count -eq 0) { $missing += $process }
    }
    if ($missing.Count -gt 0) { "FSLogix is installed, and these are not excluded from scanning: $($missing -join ', ')." }
} 'Use the policy preset vdi-fslogix: its settings stand in settings.lgpo.txt and in the Group Policy beside this script when the image names the preset.'

# --- the run --------------------------------------------------------------------------------------------------------------------------------------------

function Invoke-Check($Check) {
    try {
        $wrong = @(& $Check.Test)
        $result = if ($wrong.Count -gt 0 -and $wrong[0]) { 'Fail' } else { 'Pass' }
        $detail = "$wrong"
    }
    catch {
        $result = 'Unknown'
        $detail = $_.Exception.Message
    }
    $remedy = if ($result -eq 'Pass') { '' } else { $Check.Remedy }
    return New-Object PSObject -Property @{ Check = $Check.Check; Result = $result; Detail = $detail; Remedy = $remedy }
}

$results = New-Object System.Collections.ArrayList
foreach ($check in $checks) {
    $result = Invoke-Check $check
    if ($Repair -and $result.Result -eq 'Fail' -and $check.Mend -and $PSCmdlet.ShouldProcess($result.Detail, "Repair: $($check.Remedy)")) {
        try {
            & $check.Mend | Out-Null
            $result = Invoke-Check $check
        }
        catch { $result.Detail += " It could not be repaired: $($_.Exception.Message)" }
    }
    [void] $results.Add($result)
}

$failed = @($results | Where-Object { $_.Result -eq 'Fail' }).Count
$unknown = @($results | Where-Object { $_.Result -eq 'Unknown' }).Count
$code = if ($failed -gt 0) { 1 } elseif ($unknown -gt 0) { 2 } else { 0 }

if ($Json) {
    $document = @{ image = 'rds-2022'; computer = "$env:COMPUTERNAME"; maySeal = ($code -eq 0); exitCode = $code; checks = @($results | ForEach-Object { @{ check = $_.Check; result = $_.Result; detail = $_.Detail; remedy = $_.Remedy } }) }
    [System.IO.File]::WriteAllText($Json, ((ConvertTo-Json -InputObject $document -Depth 4) + "`r`n"))
}
if ($JUnit) {
    $settings = New-Object System.Xml.XmlWriterSettings
    $settings.Indent = $true
    $writer = [System.Xml.XmlWriter]::Create($JUnit, $settings)
    try {
        $writer.WriteStartElement('testsuite')
        $writer.WriteAttributeString('name', 'Golden image rds-2022')
        $writer.WriteAttributeString('tests', "$($results.Count)")
        $writer.WriteAttributeString('failures', "$failed")
        $writer.WriteAttributeString('errors', "$unknown")
        foreach ($result in $results) {
            $writer.WriteStartElement('testcase')
            $writer.WriteAttributeString('classname', 'MdbGoldenImage')
            $writer.WriteAttributeString('name', $result.Check)
            if ($result.Result -ne 'Pass') {
                $writer.WriteStartElement($(if ($result.Result -eq 'Fail') { 'failure' } else { 'error' }))
                $writer.WriteAttributeString('message', [regex]::Replace($result.Detail, '[\x00-\x08\x0B\x0C\x0E-\x1F]', ' '))
                $writer.WriteString($result.Remedy)
                $writer.WriteEndElement()
            }
            $writer.WriteEndElement()
        }
        $writer.WriteEndElement()
    }
    finally { $writer.Close() }
}

Write-Output $results
exit $code
