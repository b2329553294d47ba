#Requires -Version 5.1
<#
.SYNOPSIS
Creates the share from which computers run the onboarding script, and copies the script there.
.DESCRIPTION
Run it on the file server, as an administrator. The script runs as SYSTEM on every computer, so whoever can write here owns them all: only Administrators and
SYSTEM may write. Computers fetch it with their own accounts, so Domain Computers and Domain Controllers may read. Running it again restores exactly these rights.
.PARAMETER Path
Local folder of the share, for example D:\Shares\mdb.
.PARAMETER ShareName
Name of the share; by default the one in mdbdeploy.yaml.
.PARAMETER Domain
DNS name of the domain whose computers read.
.EXAMPLE
.\New-MdbShare.ps1 -Path D:\Shares\mdb -WhatIf
#>
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
param(
    [Parameter(Mandatory = $true)] [string] $Path,
    [string] $ShareName,
    [string] $Domain = 'corp.contoso.example'
)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$unc = '\\fs01.corp.contoso.example\mdb$'
$script = 'WindowsDefenderATPOnboardingScript.cmd'
$sha256 = '94fa58102c93366a5ace1e3afaa571a67154cbecaee1343633a8acf6ada79ce8'

$source = Join-Path $PSScriptRoot "share\$script"
if (-not (Test-Path -LiteralPath $source)) {
    throw "'$script' is not in the folder share beside this script: download the package for Group Policy from the Defender portal and render again."
}
if ((Get-FileHash -LiteralPath $source -Algorithm SHA256).Hash -ne $sha256) {
    throw "'$source' is not the file that was rendered."
}

# \\server\share\folder: what stands behind the share's name is a folder within it.
$parts = @($unc.TrimStart('\').Split('\'))
if ($parts.Count -lt 2) { throw "'$unc' names no share." }
if (-not $ShareName) { $ShareName = $parts[1] }
$target = $Path
foreach ($part in @($parts | Select-Object -Skip 2)) { $target = Join-Path $target $part }

$share = Get-SmbShare -Name $ShareName -ErrorAction SilentlyContinue
if ($share -and $share.Path.TrimEnd('\') -ne $Path.TrimEnd('\')) {
    throw "The share '$ShareName' exists and leads to '$($share.Path)'. Nothing was changed."
}

$root = $Domain
if (-not $root) { $root = (New-Object System.DirectoryServices.DirectoryEntry 'LDAP://RootDSE').Properties['defaultNamingContext'].Value }
$sid = (New-Object System.DirectoryServices.DirectoryEntry "LDAP://$root").Properties['objectSid'].Value
$domainSid = (New-Object System.Security.Principal.SecurityIdentifier ([byte[]] $sid), 0).Value
# Domain Computers and Domain Controllers, whatever they are called in the language of this domain.
$readers = @('515', '516') | ForEach-Object { New-Object System.Security.Principal.SecurityIdentifier "$domainSid-$_" }
$administrators = New-Object System.Security.Principal.SecurityIdentifier 'S-1-5-32-544'

# Protected from inheritance: SYSTEM and Administrators full, computers read and execute.
$sddl = 'O:BAG:BAD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)' + (-join ($readers | ForEach-Object { "(A;OICI;0x1200a9;;;$($_.Value))" }))

if ($PSCmdlet.ShouldProcess($Path, 'Create folder, set rights and copy the onboarding script')) {
    New-Item -ItemType Directory -Path $target -Force | Out-Null
    $acl = New-Object System.Security.AccessControl.DirectorySecurity
    $acl.SetSecurityDescriptorSddlForm($sddl)
    Set-Acl -LiteralPath $Path -AclObject $acl
    Copy-Item -LiteralPath $source -Destination $target -Force
    # What stood here before may carry rights of its own: let everything below inherit.
    icacls.exe (Join-Path $Path '*') /reset /T /C /Q | Out-Null
}

$wanted = @{ $administrators.Translate([System.Security.Principal.NTAccount]).Value = 'Full' }
foreach ($reader in $readers) { $wanted[$reader.Translate([System.Security.Principal.NTAccount]).Value] = 'Read' }
if (-not $share -and $PSCmdlet.ShouldProcess($ShareName, 'Create share')) {
    $read = @($wanted.Keys | Where-Object { $wanted[$_] -eq 'Read' })
    $full = @($wanted.Keys | Where-Object { $wanted[$_] -eq 'Full' })
    $share = New-SmbShare -Name $ShareName -Path $Path -FullAccess $full -ReadAccess $read -CachingMode None -Description 'Onboarding to Microsoft Defender for Business'
}
elseif ($share -and $PSCmdlet.ShouldProcess($ShareName, 'Set rights of the share')) {
    foreach ($access in @(Get-SmbShareAccess -Name $ShareName)) {
        if ([string] $access.AccessControlType -eq 'Deny') {
            Unblock-SmbShareAccess -Name $ShareName -AccountName $access.AccountName -Force | Out-Null
        }
        elseif ($wanted[$access.AccountName] -ne [string] $access.AccessRight) {
            Revoke-SmbShareAccess -Name $ShareName -AccountName $access.AccountName -Force | Out-Null
        }
    }
    foreach ($account in $wanted.Keys) {
        Grant-SmbShareAccess -Name $ShareName -AccountName $account -AccessRight $wanted[$account] -Force | Out-Null
    }
}

if (-not $WhatIfPreference) {
    if ((Get-FileHash -LiteralPath (Join-Path $target $script) -Algorithm SHA256).Hash -ne $sha256) {
        throw 'The copied script is not the one that was rendered.'
    }
    # WriteData, AppendData, WriteExtendedAttributes, DeleteSubdirectoriesAndFiles, WriteAttributes, Delete, ChangePermissions, TakeOwnership.
    $writeBits = 0xD0156
    foreach ($item in @($Path, (Join-Path $target $script))) {
        foreach ($rule in (Get-Acl -LiteralPath $item).GetAccessRules($true, $true, [System.Security.Principal.SecurityIdentifier])) {
            $mayWrite = $rule.AccessControlType -eq 'Allow' -and ([int] $rule.FileSystemRights -band $writeBits) -ne 0
            if ($mayWrite -and @('S-1-5-18', 'S-1-5-32-544') -notcontains $rule.IdentityReference.Value) {
                throw "'$($rule.IdentityReference.Value)' may write to '$item'."
            }
        }
    }
    Write-Output "Computers run $(Join-Path $unc $script)."
}
