#Requires -Version 5.1
<#
.SYNOPSIS
Creates the Microsoft Defender for Endpoint policy from WindowsDefenderATP.onboarding beside this script, and deploys it to the ring collections.
.DESCRIPTION
No route of the AdminService creates this policy; the cmdlets and the console do. Run it after the collections exist. A policy of the same name is left as it is.
.PARAMETER SiteCode
Three-letter site code.
.PARAMETER ProviderMachineName
Fully qualified name of the SMS provider.
.PARAMETER Ring
Deploy to these rings only.
.EXAMPLE
.\Deploy-MdbPolicy.ps1 -SiteCode P01 -ProviderMachineName cm01.contoso.example -Ring pilot -WhatIf
#>
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
param(
    [Parameter(Mandatory = $true)] [ValidatePattern('^[A-Za-z0-9]{3}$')] [string] $SiteCode,
    [Parameter(Mandatory = $true)] [string] $ProviderMachineName,
    [string[]] $Ring = @(
        'pilot'
        'Broad 2'
    )
)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$organization = 'Contoso'
$policyName = "MDB - $organization - Onboarding"
$blob = Join-Path $PSScriptRoot 'WindowsDefenderATP.onboarding'
if (-not (Test-Path -LiteralPath $blob)) {
    throw 'WindowsDefenderATP.onboarding is not beside this script: download the package for Configuration Manager from the Defender portal.'
}

Import-Module (Join-Path (Split-Path $env:SMS_ADMIN_UI_PATH -Parent) 'ConfigurationManager.psd1')
if (-not (Get-PSDrive -Name $SiteCode -PSProvider CMSite -ErrorAction SilentlyContinue)) {
    New-PSDrive -Name $SiteCode -PSProvider CMSite -Root $ProviderMachineName -WhatIf:$false | Out-Null
}

Push-Location "${SiteCode}:"
try {
    if (-not (Get-CMAdvancedThreatProtectionPolicy -Name $policyName) -and $PSCmdlet.ShouldProcess($policyName, 'Create policy')) {
        New-CMAdvancedThreatProtectionPolicy -Name $policyName -FilePath $blob -PolicyType Onboarding -SampleSharingType All | Out-Null
    }
    foreach ($name in $Ring) {
        $collection = "MDB - $organization - $name"
        if (-not $PSCmdlet.ShouldProcess($collection, "Deploy '$policyName'")) { continue }
        try {
            New-CMConfigurationPolicyDeployment -CommonProfileName $policyName -CollectionName $collection | Out-Null
        }
        catch {
            Write-Warning "The deployment could not be made by cmdlet: $($_.Exception.Message)"
            Write-Warning "In the console: Assets and Compliance > Endpoint Protection > Microsoft Defender ATP Policies > '$policyName' > Deploy > '$collection'."
        }
    }
}
finally {
    Pop-Location
}
