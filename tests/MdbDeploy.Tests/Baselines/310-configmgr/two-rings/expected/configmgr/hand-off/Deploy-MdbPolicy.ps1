#Requires -Version 5.1
<#
.SYNOPSIS
Creates the Microsoft Defender for Endpoint policy from WindowsDefenderATP.onboarding beside this script, and deploys it to the ring collections.
.DESCRIPTION
No route of the AdminService creates this policy; the cmdlets and the console do. Run it after the collections exist. A policy of the same name is left as it is.
Whether New-CMConfigurationPolicyDeployment takes this kind of policy is not documented: the script tries, looks whether the deployment is there, and says what
to do in the console when it is not.
.PARAMETER SiteCode
Three-letter site code.
.PARAMETER ProviderMachineName
Fully qualified name of the SMS provider.
.PARAMETER Collection
Deploy to these ring collections only.
.EXAMPLE
.\Deploy-MdbPolicy.ps1 -SiteCode P01 -ProviderMachineName cm01.contoso.example -WhatIf
#>
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
param(
    [Parameter(Mandatory = $true)] [ValidatePattern('^[A-Za-z0-9]{3}$')] [string] $SiteCode,
    [Parameter(Mandatory = $true)] [string] $ProviderMachineName,
    [string[]] $Collection = @(
        'MDB - Contoso - Ring pilot'
        'MDB - Contoso - Ring Broad 2'
    )
)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$policyName = 'MDB - Contoso - Onboarding'
$blob = Join-Path $PSScriptRoot 'WindowsDefenderATP.onboarding'
if (-not (Test-Path -LiteralPath $blob)) {
    throw 'WindowsDefenderATP.onboarding is not beside this script: download the package for Configuration Manager from the Defender portal.'
}

Import-Module (Join-Path (Split-Path $env:SMS_ADMIN_UI_PATH -Parent) 'ConfigurationManager.psd1')
if (-not (Get-PSDrive -Name $SiteCode -PSProvider CMSite -ErrorAction SilentlyContinue)) {
    New-PSDrive -Name $SiteCode -PSProvider CMSite -Root $ProviderMachineName -WhatIf:$false | Out-Null
}

function Test-Deployed([string] $Name) {
    @(Get-CMConfigurationPolicyDeployment | Where-Object { $_.AssignmentName -like "*$policyName*" -and $_.CollectionName -eq $Name }).Count -gt 0
}

Push-Location "${SiteCode}:"
try {
    if (-not (Get-CMAdvancedThreatProtectionPolicy -Name $policyName) -and $PSCmdlet.ShouldProcess($policyName, 'Create policy')) {
        New-CMAdvancedThreatProtectionPolicy -Name $policyName -FilePath $blob -PolicyType Onboarding -SampleSharingType 'All' | Out-Null
    }
    foreach ($name in $Collection) {
        if ((Test-Deployed $name) -or -not $PSCmdlet.ShouldProcess($name, "Deploy '$policyName'")) { continue }
        $why = 'the site does not list it'
        try {
            New-CMConfigurationPolicyDeployment -CommonProfileName $policyName -CollectionName $name | Out-Null
        }
        catch {
            $why = $_.Exception.Message
        }
        if (-not (Test-Deployed $name)) {
            Write-Warning "The deployment to '$name' was not made by cmdlet: $why"
            Write-Warning "In the console: Assets and Compliance > Endpoint Protection > Microsoft Defender ATP Policies > '$policyName' > Deploy > '$name'."
        }
    }
}
finally {
    Pop-Location
}
