#Requires -Version 5.1
<#
.SYNOPSIS
Creates the security role 'MdbDeploy': what 'mdbdeploy push' needs on a Configuration Manager site, and no more.
.DESCRIPTION
Copies the built-in role 'Read-only Analyst' and gives it the named permissions. Give the role to the account that pushes, with the scope it may work in and the
limiting collection. Permissions are set by name, as the console shows them, and read back: an exported role holds them as numbers of bits, and what each bit means is documented nowhere
in public, so that no XML to import is made here. Export this role in the console to have one.
.PARAMETER SiteCode
Three-letter site code.
.PARAMETER ProviderMachineName
Fully qualified name of the SMS provider.
.EXAMPLE
.\New-MdbRole.ps1 -SiteCode P01 -ProviderMachineName cm01.contoso.example -WhatIf
#>
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
param(
    [Parameter(Mandatory = $true)] [ValidatePattern('^[A-Za-z0-9]{3}$')] [string] $SiteCode,
    [Parameter(Mandatory = $true)] [string] $ProviderMachineName
)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$name = 'MdbDeploy'
$permissions = @{
    'Collection' = 'Read,Modify,Create,Delete,Read Resource,Modify Folder,Move Object'
    'Site' = 'Read'
}

Import-Module (Join-Path (Split-Path $env:SMS_ADMIN_UI_PATH -Parent) 'ConfigurationManager.psd1')
if (-not (Get-PSDrive -Name $SiteCode -PSProvider CMSite -ErrorAction SilentlyContinue)) {
    New-PSDrive -Name $SiteCode -PSProvider CMSite -Root $ProviderMachineName -WhatIf:$false | Out-Null
}

Push-Location "${SiteCode}:"
try {
    if (Get-CMSecurityRole -Name $name) {
        Write-Warning "There is a role '$name' already; it is left as it is."
    }
    elseif ($PSCmdlet.ShouldProcess($name, 'Create security role')) {
        Copy-CMSecurityRole -SourceRoleName 'Read-only Analyst' -Name $name -Description 'What mdbdeploy push needs.' | Out-Null
        Set-CMSecurityRolePermission -Name $name -RolePermission $permissions
        Get-CMSecurityRolePermission -Name $name
    }
}
finally {
    Pop-Location
}
