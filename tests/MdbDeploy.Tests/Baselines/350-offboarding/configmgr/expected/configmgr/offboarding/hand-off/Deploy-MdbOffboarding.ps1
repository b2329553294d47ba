#Requires -Version 5.1
<#
.SYNOPSIS
Creates the Microsoft Defender for Endpoint offboarding policy from the .offboarding file beside this script, and deploys it to the offboarding collection.
.DESCRIPTION
No route of the AdminService creates this policy; the cmdlets and the console do. Run it after 'mdbdeploy offboard' has made and filled the collection.

It refuses an expired package, and a collection with a member that is still in an onboarding ring: no device may get both policies.
.PARAMETER SiteCode
Three-letter site code.
.PARAMETER ProviderMachineName
Fully qualified name of the SMS provider.
.EXAMPLE
.\Deploy-MdbOffboarding.ps1 -SiteCode P01 -ProviderMachineName cm01.contoso.example -WhatIf
#>
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
param(
    [Parameter(Mandatory = $true)] [ValidatePattern('^[A-Za-z0-9]{3}$')] [string] $SiteCode,
    [Parameter(Mandatory = $true)] [string] $ProviderMachineName
)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$organization = 'Contoso'
$expires = '2098-12-01T10:00:00Z'
$validUntil = '2098-12-01'
$file = 'WindowsDefenderATP_valid_until_2098-12-01.offboarding'
$sha256 = '5833bfc4e4dfd9183053a6fde024c055f14204e9629e7748226c266bf95271b9'
$policyName = "MDB - $organization - Offboarding (valid until $validUntil)"
$collectionName = "MDB - $organization - Offboarding"

if ($expires -and [datetime]::UtcNow -ge [datetime]::Parse($expires, [cultureinfo]::InvariantCulture, 'AdjustToUniversal')) {
    throw "The offboarding package expired on $expires. Download a new one from the Defender portal and render again."
}
$blob = Join-Path $PSScriptRoot $file
if (-not (Test-Path -LiteralPath $blob) -or (Get-FileHash -LiteralPath $blob -Algorithm SHA256).Hash -ne $sha256) {
    throw "'$file' is not beside this script as it was rendered."
}

Import-Module (Join-Path (Split-Path $env:SMS_ADMIN_UI_PATH -Parent) 'ConfigurationManager.psd1')
if (-not (Get-PSDrive -Name $SiteCode -PSProvider CMSite -ErrorAction SilentlyContinue)) {
    New-PSDrive -Name $SiteCode -PSProvider CMSite -Root $ProviderMachineName -WhatIf:$false | Out-Null
}

Push-Location "${SiteCode}:"
try {
    $collection = Get-CMDeviceCollection -Name $collectionName
    if (-not $collection) {
        throw "There is no collection '$collectionName'. Run 'mdbdeploy offboard' first."
    }
    $leaving = @(Get-CMCollectionMember -CollectionId $collection.CollectionID | ForEach-Object { $_.Name })
    if ($leaving.Count -eq 0) {
        throw "'$collectionName' has no members yet: wait for its update."
    }
    foreach ($ring in @(Get-CMDeviceCollection -Name "MDB - $organization - *" | Where-Object { $_.Name -ne $collectionName -and $_.Name -notlike '* - Excluded' })) {
        $both = @(Get-CMCollectionMember -CollectionId $ring.CollectionID | ForEach-Object { $_.Name } | Where-Object { $leaving -contains $_ })
        if ($both.Count -gt 0) {
            throw "Still in the onboarding ring '$($ring.Name)': $($both -join ', '). Wait for the update of that collection; no device may get both policies."
        }
    }

    if (-not (Get-CMAdvancedThreatProtectionPolicy -Name $policyName)) {
        if (-not $PSCmdlet.ShouldProcess($policyName, 'Create policy')) { return }
        New-CMAdvancedThreatProtectionPolicy -Name $policyName -FilePath $blob -PolicyType Offboarding | Out-Null
    }
    if ($PSCmdlet.ShouldProcess("$collectionName ($($leaving.Count) devices)", "Deploy '$policyName'")) {
        try {
            New-CMConfigurationPolicyDeployment -CommonProfileName $policyName -CollectionName $collectionName | Out-Null
        }
        catch {
            Write-Warning "The deployment could not be made by cmdlet: $($_.Exception.Message)"
            Write-Warning "In the console: Assets and Compliance > Endpoint Protection > Microsoft Defender ATP Policies > '$policyName' > Deploy > '$collectionName'."
        }
    }
}
finally {
    Pop-Location
}
