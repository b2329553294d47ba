#Requires -Version 5.1
<#
.SYNOPSIS
Checks on the spot whether this device can be onboarded to Microsoft Defender for Business. Changes nothing.
.DESCRIPTION
Writes one object per check with Check, Result and Detail. Result is Pass, Fail, Unknown (it could not be checked) or Note (worth knowing, decides nothing).
Exit code: 0 when nothing fails and nothing is unknown, 1 when a check fails, 2 when none fails and one is unknown, 3 when the script itself broke.
Run it as administrator, or as SYSTEM: then addresses are tried through the machine's proxy, as the sensor does.
.PARAMETER Json
Writes the checks as one JSON text instead of objects.
.PARAMETER SkipAddresses
Does not try addresses.
.PARAMETER TimeoutSeconds
How long to wait for each address.
.PARAMETER Address
Tries these addresses instead of those the plan needs.
.EXAMPLE
.\Test-MdbPrerequisites.ps1 | Format-Table -AutoSize -Wrap
#>
[CmdletBinding()]
param(
    [switch] $Json,
    [switch] $SkipAddresses,
    [int] $TimeoutSeconds = 10,
    [string[]] $Address = @(
        'https://enterpriseregistration.windows.net/'
        'https://login.microsoftonline.com/'
        'https://go.microsoft.com/'
        'https://definitionupdates.microsoft.com/'
        'http://ctldl.windowsupdate.com/'
        'http://crl.microsoft.com/'
    )
)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
trap {
    Write-Warning $_.Exception.Message
    exit 3
}

# What Defender for Business asks of Windows; the first row that fits decides.
$builds = @(
    @{ Server = [bool] [int] '0'; Name = 'Windows 2000 to Vista'; First = [int] '2195'; Last = [int] '6999'; Revision = [int] '0'; Kb = ''; Verdict = 'ineligible'; Reason = 'Windows before Windows 7 is served by none of the onboarding packages, nor by the Defender deployment tool.' }
    @{ Server = [bool] [int] '0'; Name = 'Windows 7 to 8.1'; First = [int] '7000'; Last = [int] '9600'; Revision = [int] '0'; Kb = ''; Verdict = 'ineligible'; Reason = 'Windows before Windows 10 needs other means than the onboarding packages of Windows 10 and 11 (the Defender deployment tool serves Windows 7 SP1).' }
    @{ Server = [bool] [int] '0'; Name = 'Windows 10 1507 to 1511'; First = [int] '9601'; Last = [int] '14392'; Revision = [int] '0'; Kb = ''; Verdict = 'ineligible'; Reason = 'Windows 10 before version 1607 is not supported; the documented collection query begins with build 14393.' }
    @{ Server = [bool] [int] '0'; Name = 'Windows 10 1607 to 1909'; First = [int] '14393'; Last = [int] '18363'; Revision = [int] '0'; Kb = ''; Verdict = 'unknown'; Reason = 'This version takes the onboarding package, but is not listed for security settings management; update it, or check what manages its settings.' }
    @{ Server = [bool] [int] '0'; Name = 'Windows 10 2004'; First = [int] '19041'; Last = [int] '19041'; Revision = [int] '1320'; Kb = 'KB5006738'; Verdict = 'eligible'; Reason = '' }
    @{ Server = [bool] [int] '0'; Name = 'Windows 10 20H2'; First = [int] '19042'; Last = [int] '19042'; Revision = [int] '1320'; Kb = 'KB5006738'; Verdict = 'eligible'; Reason = '' }
    @{ Server = [bool] [int] '0'; Name = 'Windows 10 21H1'; First = [int] '19043'; Last = [int] '19043'; Revision = [int] '1320'; Kb = 'KB5006738'; Verdict = 'eligible'; Reason = '' }
    @{ Server = [bool] [int] '0'; Name = 'Windows 10 21H2'; First = [int] '19044'; Last = [int] '19044'; Revision = [int] '1348'; Kb = 'KB5007186'; Verdict = 'eligible'; Reason = '' }
    @{ Server = [bool] [int] '0'; Name = 'Windows 10 22H2'; First = [int] '19045'; Last = [int] '19045'; Revision = [int] '0'; Kb = ''; Verdict = 'eligible'; Reason = '' }
    @{ Server = [bool] [int] '0'; Name = 'Windows 11 21H2'; First = [int] '22000'; Last = [int] '22000'; Revision = [int] '0'; Kb = ''; Verdict = 'eligible'; Reason = '' }
    @{ Server = [bool] [int] '0'; Name = 'Windows 11 22H2'; First = [int] '22621'; Last = [int] '22621'; Revision = [int] '0'; Kb = ''; Verdict = 'eligible'; Reason = '' }
    @{ Server = [bool] [int] '0'; Name = 'Windows 11 23H2'; First = [int] '22631'; Last = [int] '22631'; Revision = [int] '0'; Kb = ''; Verdict = 'eligible'; Reason = '' }
    @{ Server = [bool] [int] '0'; Name = 'Windows 11 24H2'; First = [int] '26100'; Last = [int] '26100'; Revision = [int] '0'; Kb = ''; Verdict = 'eligible'; Reason = '' }
    @{ Server = [bool] [int] '0'; Name = 'Windows 11 25H2'; First = [int] '26200'; Last = [int] '26200'; Revision = [int] '0'; Kb = ''; Verdict = 'eligible'; Reason = '' }
    @{ Server = [bool] [int] '0'; Name = 'Windows 11'; First = [int] '22001'; Last = [int] '99999'; Revision = [int] '0'; Kb = ''; Verdict = 'eligible'; Reason = '' }
    @{ Server = [bool] [int] '1'; Name = 'Windows Server 2012 R2'; First = [int] '9600'; Last = [int] '9600'; Revision = [int] '0'; Kb = ''; Verdict = 'unknown'; Reason = 'Windows Server 2012 R2 needs the unified agent (md4ws.msi) before the onboarding package does anything, and the inventory does not say whether it is there.' }
    @{ Server = [bool] [int] '1'; Name = 'Windows Server 2016'; First = [int] '14393'; Last = [int] '14393'; Revision = [int] '0'; Kb = ''; Verdict = 'unknown'; Reason = 'Windows Server 2016 needs the unified agent (md4ws.msi) before the onboarding package does anything, and the inventory does not say whether it is there.' }
    @{ Server = [bool] [int] '1'; Name = 'Windows Server 2019'; First = [int] '17763'; Last = [int] '17763'; Revision = [int] '2268'; Kb = 'KB5006744'; Verdict = 'eligible'; Reason = '' }
    @{ Server = [bool] [int] '1'; Name = 'Windows Server 2022'; First = [int] '20348'; Last = [int] '20348'; Revision = [int] '320'; Kb = 'KB5006745'; Verdict = 'eligible'; Reason = '' }
    @{ Server = [bool] [int] '1'; Name = 'Windows Server 2025'; First = [int] '26100'; Last = [int] '26100'; Revision = [int] '0'; Kb = ''; Verdict = 'eligible'; Reason = '' }
    @{ Server = [bool] [int] '1'; Name = 'Windows Server before 2012 R2'; First = [int] '2195'; Last = [int] '9599'; Revision = [int] '0'; Kb = ''; Verdict = 'ineligible'; Reason = 'Windows Server before 2012 R2 needs other means than the onboarding packages (the Defender deployment tool serves Windows Server 2008 R2 SP1 and 2012).' }
)
$editions = @(
    @{ Pattern = '^Core'; Name = 'home'; Verdict = 'ineligible'; Reason = 'Windows Home is not supported; change the edition to Pro first.' }
    @{ Pattern = '^IoTEnterprise'; Name = 'iot-enterprise'; Verdict = 'unknown'; Reason = 'Defender for Business does not list IoT Enterprise, Defender for Endpoint does; check the licence.' }
    @{ Pattern = '^EnterpriseS'; Name = 'enterprise-ltsc'; Verdict = 'unknown'; Reason = 'Defender for Business does not list the long-term servicing channel, Defender for Endpoint does; check the licence.' }
    @{ Pattern = '^ServerRdsh$'; Name = 'enterprise-multi-session'; Verdict = 'unknown'; Reason = 'The page on multi-session hosts names licences that serve them, and Defender for Business is not among them; check the licence.' }
    @{ Pattern = '^Enterprise'; Name = 'enterprise'; Verdict = 'eligible'; Reason = '' }
    @{ Pattern = '^(Education|ProfessionalEducation)'; Name = 'education'; Verdict = 'unknown'; Reason = 'Defender for Business does not list the Education editions, Defender for Endpoint does; check the licence.' }
    @{ Pattern = '^Professional'; Name = 'pro'; Verdict = 'eligible'; Reason = '' }
)
# Addresses that stand for many.
$many = @(
    '*.dm.microsoft.com'
    '*.events.data.microsoft.com'
    'winatp-gw-*.microsoft.com'
    '*.update.microsoft.com'
    '*.delivery.mp.microsoft.com'
)

$version = 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion'
$services = 'HKLM:\SYSTEM\CurrentControlSet\Services'
$collection = 'HKLM:\SOFTWARE\Policies\Microsoft\Windows\DataCollection'
$results = New-Object System.Collections.ArrayList

function Write-Result([string] $Check, [string] $Result, [string] $Detail) {
    [void] $results.Add((New-Object PSObject -Property @{ Check = $Check; Result = $Result; Detail = $Detail }))
}

# A check gives $null when it passes, and otherwise says what is wrong. One that cannot be carried out is unknown.
function Test-Item([string] $Check, [scriptblock] $Test) {
    try {
        $wrong = & $Test
        Write-Result $Check $(if ($wrong) { 'Fail' } else { 'Pass' }) "$wrong"
    }
    catch {
        Write-Result $Check 'Unknown' $_.Exception.Message
    }
}

function Get-RegistryValue([string] $Key, [string] $Name) {
    if (-not (Test-Path -LiteralPath $Key)) { return $null }
    $values = Get-ItemProperty -LiteralPath $Key
    $property = $values.PSObject.Properties[$Name]
    if ($property) { return $property.Value }
    return $null
}

function Test-Verdict($Row) {
    if ($Row.Verdict -eq 'unknown') { throw "$($Row.Name): $($Row.Reason)" }
    if ($Row.Verdict -eq 'ineligible') { "$($Row.Name): $($Row.Reason)" }
}

$isServer = (Get-RegistryValue $version 'InstallationType') -like 'Server*'

Test-Item 'Process' {
    if ([System.Environment]::Is64BitOperatingSystem -and -not [System.Environment]::Is64BitProcess) { throw 'Run this in 64-bit Windows PowerShell: a 32-bit process sees another registry.' }
}
Test-Item 'Build' {
    $number = Get-RegistryValue $version 'CurrentBuildNumber'
    if (-not $number) { throw 'The registry does not say which build this is.' }
    $number = [int] $number
    $row = $null
    foreach ($candidate in $builds) {
        if ($candidate.Server -eq $isServer -and $number -ge $candidate.First -and $number -le $candidate.Last) { $row = $candidate; break }
    }
    if (-not $row) { throw "Build $number is no release of Windows that this script knows." }
    # Of old servers the plan cannot know whether the unified agent is there; SensorInstalled does.
    if ($isServer -and $row.Verdict -eq 'unknown') { return }
    if ($row.Verdict -ne 'eligible') { return Test-Verdict $row }
    $revision = Get-RegistryValue $version 'UBR'
    if ($row.Revision -gt 0 -and $null -eq $revision) { throw 'The registry does not say which update is installed.' }
    if ([int] $revision -lt $row.Revision) { "$($row.Name) has build $number.$revision, and needs $number.$($row.Revision) or later ($($row.Kb))." }
}
Test-Item 'Edition' {
    if ($isServer) { return }
    $id = Get-RegistryValue $version 'EditionID'
    if (-not $id) { throw 'The registry does not say which edition this is.' }
    $row = $null
    foreach ($candidate in $editions) {
        if ($id -match $candidate.Pattern) { $row = $candidate; break }
    }
    if (-not $row) { throw "The edition '$id' is on no list of supported editions that this script knows." }
    Test-Verdict $row
}
Test-Item 'SensorInstalled' {
    if (Get-Service -Name Sense -ErrorAction SilentlyContinue) { return }
    if ($isServer) { return 'The service Sense does not exist. Windows Server 2012 R2 and 2016 need md4ws.msi first; on newer ones the sensor was removed.' }
    try { $state = [string] (Get-WindowsCapability -Online -Name 'Microsoft.Windows.Sense.Client~~~~').State } catch { $state = 'unknown' }
    "The service Sense does not exist and the capability is '$state': DISM.exe /Online /Add-Capability /CapabilityName:Microsoft.Windows.Sense.Client~~~~"
}
foreach ($name in 'Sense', 'DiagTrack', 'WinDefend', 'WdBoot', 'WdFilter') {
    Test-Item "Service $name" {
        $start = Get-RegistryValue "$services\$name" 'Start'
        if ($null -eq $start) { throw "The service $name is not there." }
        if ($start -eq 4) { "The service $name is disabled: onboarding needs it. A hardening script, another antivirus or a policy did that." }
    }
}
Test-Item 'AntivirusNotDisabled' {
    foreach ($value in 'DisableAntiSpyware', 'DisableAntiVirus') {
        if ((Get-RegistryValue 'HKLM:\SOFTWARE\Policies\Microsoft\Windows Defender' $value) -eq 1) { return "$value is set by a policy: take it out." }
    }
}

$proxy = Get-RegistryValue $collection 'TelemetryProxyServer'
Write-Result 'Proxy' 'Note' $(if ($proxy) { "The sensor's proxy is $proxy." } else { 'No proxy is set for the sensor; it takes the one of WinHTTP, or none.' })
if ((Get-RegistryValue 'HKLM:\SYSTEM\CurrentControlSet\Control\ProductOptions' 'ProductType') -eq 'LanmanNT') {
    Write-Result 'DomainController' 'Note' 'This is a domain controller: security settings management does not serve it; its settings come from Group Policy.'
}
$state = Get-RegistryValue 'HKLM:\SOFTWARE\Microsoft\Windows Advanced Threat Protection\Status' 'OnboardingState'
if ($state -eq 1) {
    $organisation = Get-RegistryValue 'HKLM:\SOFTWARE\Microsoft\Windows Advanced Threat Protection\Status' 'OrgId'
    Write-Result 'Onboarded' 'Note' "It is onboarded already, to the organisation $organisation."
}

# Any answer of the server will do, also one that refuses; a proxy that wants a sign-in and a broken TLS connection will not.
function Test-Url([string] $Url) {
    try {
        $request = [System.Net.WebRequest]::Create($Url)
        $request.Method = 'HEAD'
        $request.AllowAutoRedirect = $false
        $request.Timeout = $TimeoutSeconds * 1000
        if ($proxy) { $request.Proxy = New-Object System.Net.WebProxy -ArgumentList $proxy }
        $request.GetResponse().Close()
    }
    catch {
        $problem = $_.Exception
        while ($problem.InnerException -and $problem -isnot [System.Net.WebException]) { $problem = $problem.InnerException }
        if ($problem -is [System.Net.WebException]) {
            if ($problem.Response) {
                if ([int] $problem.Response.StatusCode -eq 407) { return 'The proxy asks for a sign-in, which the sensor cannot do.' }
                return
            }
            if ("$($problem.Status)" -in 'TrustFailure', 'SecureChannelFailure') { return "The TLS connection was refused ($($problem.Message)): something may inspect it on the way." }
        }
        "It cannot be reached: $($problem.Message)"
    }
}
if (-not $SkipAddresses) {
    foreach ($url in $Address) {
        Test-Item "Address $url" { Test-Url $url }
    }
    if ($many) { Write-Result 'AddressesNotTried' 'Note' "These stand for many addresses and cannot be tried: $($many -join ', ')." }
}

if ($Json) { ConvertTo-Json -InputObject @($results) -Depth 2 } else { Write-Output $results }
if (@($results | Where-Object { $_.Result -eq 'Fail' }).Count -gt 0) { exit 1 }
if (@($results | Where-Object { $_.Result -eq 'Unknown' }).Count -gt 0) { exit 2 }
exit 0
