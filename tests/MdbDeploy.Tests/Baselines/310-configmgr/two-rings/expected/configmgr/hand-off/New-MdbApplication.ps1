#Requires -Version 5.1
<#
.SYNOPSIS
The other road to onboarding: an application that runs the portal's onboarding script and is installed when the sensor says that it is onboarded.
.DESCRIPTION
For sites that do not use Endpoint Protection policies. The source folder must hold WindowsDefenderATPOnboardingScript.cmd from the portal's package for Group
Policy or for earlier versions of Configuration Manager; the local script asks a question and would hang. Clients judge by the registry value OnboardingState, so that
a device which is onboarded already runs nothing. Take one road per device: this application or the policy. Nothing is deployed: distribute and deploy it in the console.
.PARAMETER SiteCode
Three-letter site code.
.PARAMETER ProviderMachineName
Fully qualified name of the SMS provider.
.PARAMETER SourceFolder
UNC path of the folder with the script; readable for the site server and for distribution points only, since it holds your tenant's onboarding package.
.EXAMPLE
.\New-MdbApplication.ps1 -SiteCode P01 -ProviderMachineName cm01.contoso.example -SourceFolder '\\fs01.contoso.example\cmsource$\mdb' -WhatIf
#>
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium')]
param(
    [Parameter(Mandatory = $true)] [ValidatePattern('^[A-Za-z0-9]{3}$')] [string] $SiteCode,
    [Parameter(Mandatory = $true)] [string] $ProviderMachineName,
    [Parameter(Mandatory = $true)] [ValidatePattern('^\\\\')] [string] $SourceFolder
)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$project = 'contoso'
$name = 'MDB - Contoso - Onboarding script'
$script = 'WindowsDefenderATPOnboardingScript.cmd'
if (-not (Test-Path -LiteralPath (Join-Path $SourceFolder $script))) {
    throw "'$SourceFolder' holds no $script."
}

Import-Module (Join-Path (Split-Path $env:SMS_ADMIN_UI_PATH -Parent) 'ConfigurationManager.psd1')
if (-not (Get-PSDrive -Name $SiteCode -PSProvider CMSite -ErrorAction SilentlyContinue)) {
    New-PSDrive -Name $SiteCode -PSProvider CMSite -Root $ProviderMachineName -WhatIf:$false | Out-Null
}

Push-Location "${SiteCode}:"
try {
    if (Get-CMApplication -Name $name -Fast) {
        Write-Warning "There is an application '$name' already; it is left as it is."
    }
    elseif ($PSCmdlet.ShouldProcess($name, 'Create application')) {
        New-CMApplication -Name $name -Description "mdbdeploy:$project" | Out-Null
        $detection = New-CMDetectionClauseRegistryKeyValue -Hive LocalMachine -KeyName 'SOFTWARE\Microsoft\Windows Advanced Threat Protection\Status' -ValueName 'OnboardingState' -PropertyType Integer -Value -ExpressionOperator IsEquals -ExpectedValue '1' -Is64Bit
        Add-CMScriptDeploymentType -ApplicationName $name -DeploymentTypeName 'Onboard' -ContentLocation $SourceFolder -InstallCommand $script -AddDetectionClause $detection -InstallationBehaviorType InstallForSystem -LogonRequirementType WhetherOrNotUserLoggedOn -UserInteractionMode Hidden -MaximumRuntimeMins 15 -EstimatedRuntimeMins 2 | Out-Null
    }
}
finally {
    Pop-Location
}
