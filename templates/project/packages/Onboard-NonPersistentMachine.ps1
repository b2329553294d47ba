# SYNTHETIC SAMPLE made by mdbdeploy. It does what the script of the same name from the Defender portal does, and has none of its text. It does nothing unless
# MDBDEPLOY_RUN_SYNTHETIC is set.
# Exit codes: 1 not an administrator, 2 no onboarding script beside it, 3 no organisation id in that script, 4 the device has an identity and its sensor runs,
# 5 the onboarding script failed.
$ErrorActionPreference = 'Stop'
if (-not $env:MDBDEPLOY_RUN_SYNTHETIC) {
    Write-Output 'This is a synthetic sample. Download the package of your own tenant from the Defender portal.'
    exit 99
}

# The integrity levels of an elevated process and of SYSTEM.
if (-not @(& whoami.exe /groups /fo csv /nh | Where-Object { $_ -match 'S-1-16-(12288|16384)' }).Count) {
    exit 1
}

$script = $null
foreach ($name in 'WindowsDefenderATPOnboardingScript.cmd', 'DeviceComplianceOnboardingScript.cmd') {
    $candidate = Join-Path $PSScriptRoot $name
    if (($null -eq $script) -and (Test-Path -LiteralPath $candidate)) {
        $script = $candidate
    }
}

if ($null -eq $script) {
    exit 2
}

$found = Select-String -LiteralPath $script -Pattern 'orgId\\\\\\":\\\\\\"([^\\]+)'
if ($null -eq $found) {
    exit 3
}

$orgId = @($found)[0].Matches[0].Groups[1].Value
$key = 'HKLM:\SOFTWARE\Microsoft\Windows Advanced Threat Protection'
$known = Get-ItemProperty -LiteralPath $key -Name senseGuid -ErrorAction SilentlyContinue
if ($null -ne $known) {
    if ((Get-Service -Name Sense).Status -ne 'Stopped') {
        exit 4
    }

    Remove-ItemProperty -LiteralPath $key -Name senseGuid
}

# One identity for each machine name of an organisation, so that a pool keeps its entries in the portal.
$sha1 = [Security.Cryptography.SHA1]::Create()
$hash = $sha1.ComputeHash([Text.Encoding]::UTF8.GetBytes($orgId + '_' + [Environment]::MachineName))
$senseGuid = New-Object Guid(, [byte[]]$hash[0..15])
if (-not (Test-Path -LiteralPath $key)) {
    New-Item -Path $key -Force | Out-Null
}

New-ItemProperty -LiteralPath $key -Name senseGuid -PropertyType String -Value $senseGuid.ToString() -Force | Out-Null
$tags = 'HKLM:\SOFTWARE\Policies\Microsoft\Windows Advanced Threat Protection\DeviceTagging'
if (-not (Test-Path -LiteralPath $tags)) {
    New-Item -Path $tags -Force | Out-Null
}

New-ItemProperty -LiteralPath $tags -Name VDI -PropertyType String -Value 'NonPersistent' -Force | Out-Null
& $script
if ($LASTEXITCODE -ne 0) {
    exit 5
}

exit 0
