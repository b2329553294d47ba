#Requires -Version 5.1
<#
.SYNOPSIS
Discovery script of a Configuration Manager compliance setting: is this device onboarded to Microsoft Defender for Business, and to the right organisation?
.DESCRIPTION
Changes nothing. Writes exactly one word, Compliant, NonCompliant or Unknown, and ends with 0.
#>
[CmdletBinding()]
param()

$Detailed = $false
$Offboarded = $false
$MaxSilentDays = 7
$ResultFile = ''
$oneWord = $true
#Requires -Version 5.1
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$organization = '11111111-2222-4333-8444-555555555555'
$atp = 'HKLM:\SOFTWARE\Microsoft\Windows Advanced Threat Protection\Status'
$atpPolicy = 'HKLM:\SOFTWARE\Policies\Microsoft\Windows Advanced Threat Protection'
$results = New-Object System.Collections.ArrayList

# Microsoft, "Review events and errors using Event Viewer" (channel Microsoft-Windows-SENSE/Operational) and "Troubleshoot onboarding issues" (source WDATPOnboarding).
$senseEvents = @{
    3 = 'the service failed to start'
    5 = 'the service failed to connect to the server'
    6 = 'the service is not onboarded and found no onboarding parameters'
    7 = 'the service failed to read the onboarding parameters'
    9 = 'the service failed to change its start type'
    10 = 'the service failed to keep the onboarding information'
    15 = 'the command channel could not be started'
    17 = 'the location of the telemetry service could not be changed'
    19 = 'the first-run experience of Windows is not completed'
    25 = 'the health status in the registry could not be reset'
    26 = 'the onboarding status could not be set in the registry'
    27 = 'Defender Antivirus could not be told of the sensor'
    28 = 'registration for the telemetry service failed'
    29 = 'the offboarding parameters could not be read'
    30 = 'Defender Antivirus could not be told that the sensor ended'
    32 = 'the service could not stop itself after offboarding'
    33 = 'the identity of the device could not be kept'
}
$scriptEvents = @{
    5 = 'offboarding data could not be deleted'
    10 = 'the onboarding data could not be written'
    15 = 'the sensor service did not start'
    30 = 'the script waited in vain for the sensor service'
    35 = 'the sensor did not write its state in time'
    40 = 'the sensor does not report itself as onboarded'
    65 = 'the script did not run as administrator'
    70 = 'the offboarding script belongs to another organisation'
}

# A check gives $null when it passes, and otherwise says what is wrong. One that cannot be carried out is unknown.
function Test-Item([string] $Check, [scriptblock] $Test) {
    try {
        $wrong = & $Test
        $result = if ($wrong) { 'Fail' } else { 'Pass' }
        $detail = "$wrong"
    }
    catch {
        $result = 'Unknown'
        $detail = $_.Exception.Message
    }
    [void] $results.Add((New-Object PSObject -Property @{ Check = $Check; Result = $result; Detail = $detail }))
}

function Get-RegistryValue([string] $Key, [string] $Name) {
    if (-not (Test-Path -LiteralPath $Key)) { return $null }
    $property = (Get-ItemProperty -LiteralPath $Key).PSObject.Properties[$Name]
    if ($property) { return $property.Value }
    return $null
}

# The latest events that tell of a failure, in words.
function Get-Failure([hashtable] $Filter, [hashtable] $Words) {
    $events = @(Get-WinEvent -FilterHashtable $Filter -MaxEvents 20 -ErrorAction SilentlyContinue | Where-Object { $_ -and $Words.ContainsKey([int] $_.Id) })
    return (@($events | Select-Object -First 3 | ForEach-Object { "event $($_.Id): $($Words[[int] $_.Id])" }) -join '; ')
}

Test-Item 'Process' {
    if ([System.Environment]::Is64BitOperatingSystem -and -not [System.Environment]::Is64BitProcess) { throw 'A 32-bit process sees another registry: run this in 64-bit Windows PowerShell.' }
}
$state = $null
# Whether something keeps it from being onboarded, besides that its turn has not come.
$isHindered = $false
Test-Item 'State' {
    $script:state = Get-RegistryValue $atp 'OnboardingState'
    if ($Offboarded) {
        if ($script:state -eq 1) { 'OnboardingState is still 1.' }
    }
    elseif ($script:state -ne 1) {
        $why = @(
            Get-Failure @{ LogName = 'Application'; ProviderName = 'WDATPOnboarding' } $scriptEvents
            Get-Failure @{ LogName = 'Microsoft-Windows-SENSE/Operational' } $senseEvents
        ) | Where-Object { $_ }
        $shown = if ($null -eq $script:state) { 'absent' } else { $script:state }
        $script:isHindered = [bool] $why
        if ($why) { "OnboardingState is $shown ($(@($why) -join '; '))." } else { "OnboardingState is $shown." }
    }
}
Test-Item 'Service' {
    $service = Get-Service -Name Sense -ErrorAction SilentlyContinue
    if ($Offboarded) {
        if ($service -and [string] $service.Status -ne 'Stopped') { "The service Sense is $($service.Status)." }
    }
    elseif (-not $service) {
        $script:isHindered = $true
        'The service Sense does not exist: install the sensor (a feature on demand since Windows 11 and Server 2025).'
    }
    elseif ([string] $service.Status -ne 'Running') { "The service Sense is $($service.Status)." }
}
if (-not $Offboarded) {
    Test-Item 'Organization' {
        if (-not $organization) { throw 'No package of this project says which organisation it is.' }
        $have = Get-RegistryValue $atp 'OrgId'
        if ($state -eq 1 -and "$have" -ne $organization) { "It belongs to the organisation '$have', not to $organization." }
    }
    Test-Item 'Connected' {
        $last = Get-RegistryValue $atp 'LastConnected'
        if ($state -eq 1 -and $null -eq $last) { throw 'The sensor did not write down when it last reached the service.' }
        if ($state -eq 1) {
            $days = [int] ([datetime]::UtcNow - [datetime]::FromFileTimeUtc([long] $last)).TotalDays
            if ($days -gt $MaxSilentDays) { "The sensor last reached the service $days days ago." }
        }
    }
    Test-Item 'NoOffboardingInfo' {
        if (Get-RegistryValue $atpPolicy '696C1FA1-4030-4FA4-8713-FAF9B2EA7C0A') { 'Offboarding data is set as well: a policy or a script offboards this device.' }
    }
}

$failed = @($results | Where-Object { $_.Result -eq 'Fail' })
$unknown = @($results | Where-Object { $_.Result -eq 'Unknown' })
$word = if ($failed.Count -gt 0) { 'NonCompliant' } elseif ($unknown.Count -gt 0) { 'Unknown' } else { 'Compliant' }
if ($oneWord) {
    Write-Output $word
    exit 0
}
$code = @{ Compliant = 0; NonCompliant = 1; Unknown = 2 }[$word]
$line = if ($word -eq 'Compliant') { $word } else { "$($word): $(@($failed + $unknown | ForEach-Object { $_.Detail }) -join ' ')" }
if ($ResultFile) {
    $result = @{ Compliant = 'Succeeded'; NonCompliant = 'Failed'; Unknown = 'Unknown' }[$word]
    $isElse = @($failed | Where-Object { @('State', 'Service') -notcontains $_.Check }).Count -gt 0
    if ($word -eq 'NonCompliant' -and -not $Offboarded -and $state -ne 1 -and -not $isHindered -and -not $isElse) { $result = 'Waiting' }
    $action = if ($Offboarded) { 'verify-offboarded' } else { 'verify' }
    $time = [datetime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ssZ', [cultureinfo]::InvariantCulture)
    $fields = @($env:COMPUTERNAME, '', $action, $time, $code, $result, $line, $state, (Get-RegistryValue $atp 'OrgId'))
    $row = (@($fields | ForEach-Object { '"' + ([string] $_).Replace('"', '""') + '"' }) -join ',') + "`r`n"
    if (-not [System.IO.File]::Exists($ResultFile)) { $row = '"Name","Batch","Action","Time","ExitCode","Result","Meaning","OnboardingState","OrgId"' + "`r`n" + $row }
    try { [System.IO.File]::AppendAllText($ResultFile, $row, (New-Object System.Text.UTF8Encoding $false)) }
    catch { Write-Warning "The result could not be written to '$ResultFile': $($_.Exception.Message)" }
}
if ($Detailed) { Write-Output $results } else { Write-Output $line }
exit $code

