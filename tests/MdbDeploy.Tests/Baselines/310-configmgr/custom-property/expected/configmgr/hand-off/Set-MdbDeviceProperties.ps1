#Requires -Version 5.1
<#
.SYNOPSIS
Sets the custom property that says in which ring a device is, as properties.csv beside this script says.
.DESCRIPTION
The ring collections ask for this property. No cmdlet sets custom properties: the script finds the devices with the console's cmdlets and sends to the AdminService of the SMS provider and to
nothing else, signed in as you. The provider's certificate must be trusted on this computer. Devices that left all rings get the value '(none)'; other custom properties are not touched.
Returns a summary object; running it again sets nothing that is set.
.PARAMETER SiteCode
Three-letter site code.
.PARAMETER ProviderMachineName
Fully qualified name of the SMS provider.
.EXAMPLE
.\Set-MdbDeviceProperties.ps1 -SiteCode P01 -ProviderMachineName cm01.contoso.example -WhatIf
#>
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium')]
param(
    [Parameter(Mandatory = $true)] [ValidatePattern('^[A-Za-z0-9]{3}$')] [string] $SiteCode,
    [Parameter(Mandatory = $true)] [ValidatePattern('^[A-Za-z0-9][A-Za-z0-9.-]*$')] [string] $ProviderMachineName
)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$property = 'MdbDeploy.contoso.Ring'
$rows = @(Import-Csv -LiteralPath (Join-Path $PSScriptRoot 'properties.csv') -Encoding UTF8)
$base = "https://$ProviderMachineName/AdminService"
$done = @{ Set = 0; Left = 0; AsTheyWere = 0; NotFound = 0 }

# A spreadsheet takes a name that begins like a formula for one: such names have an apostrophe before them in the file.
function Get-Plain([string] $Text) { $Text -replace "^'(?=[=+@-])", '' }

# The record of each device by its name: one question a device, or all records at once where that is less.
function Get-Found([string[]] $Names) {
    $found = @{}
    $records = if ($Names.Count -gt 200) { Get-CMDevice -Fast } else { foreach ($name in $Names) { Get-CMDevice -Name $name -Fast -DisableWildcardHandling } }
    foreach ($record in @($records | Where-Object { $_ -and $_.IsClient -and -not $_.IsObsolete })) {
        if (-not $found.ContainsKey($record.Name)) { $found[$record.Name] = @() }
        $found[$record.Name] += $record
    }
    $found
}

# The ResourceID of a device that one record is in use for; the DNS domain decides between several.
function Get-Id($Found, [string] $Name, [string] $Domain) {
    $records = @($Found[$Name] | Where-Object { $_ })
    if ($records.Count -gt 1 -and $Domain) {
        $near = @($records | Where-Object { $_.Domain -eq $Domain.Split('.')[0] })
        if ($near.Count -gt 0) { $records = $near }
    }
    if ($records.Count -eq 1) { [int64] $records[0].ResourceID }
}

function Set-Ring([int64] $Id, [string] $Value) {
    $body = ConvertTo-Json -InputObject @{ ExtensionData = @{ $property = $Value } }
    Invoke-RestMethod -Method Post -Uri "$base/v1.0/Device($Id)/AdminService.SetExtensionData" -UseDefaultCredentials -ContentType 'application/json' -Body $body | Out-Null
}

Import-Module (Join-Path (Split-Path $env:SMS_ADMIN_UI_PATH -Parent) 'ConfigurationManager.psd1')
if (-not (Get-PSDrive -Name $SiteCode -PSProvider CMSite -ErrorAction SilentlyContinue)) {
    New-PSDrive -Name $SiteCode -PSProvider CMSite -Root $ProviderMachineName -WhatIf:$false | Out-Null
}

Push-Location "${SiteCode}:"
try {
    $have = @{}
    $next = "$base/wmi/SMS_G_System_ExtensionData?`$filter=$([uri]::EscapeDataString("PropertyName eq '$property'"))"
    while ($next) {
        if (-not $next.StartsWith("$base/", [System.StringComparison]::OrdinalIgnoreCase)) { throw "'$next' is another server." }
        $page = Invoke-RestMethod -Method Get -Uri $next -UseDefaultCredentials
        foreach ($row in $page.value) { $have["$($row.ResourceID)"] = $row.PropertyValue }
        $link = $page.PSObject.Properties['@odata.nextLink']
        $next = if ($link) { $link.Value }
    }

    $found = Get-Found @($rows | ForEach-Object { Get-Plain $_.Name })
    $wanted = @{}
    foreach ($row in $rows) {
        $name = Get-Plain $row.Name
        $id = Get-Id $found $name $row.Domain
        if (-not $id) {
            Write-Warning "'$name' is no client of the site, or several records bear the name."
            $done.NotFound++
            # What a record of this name has stays while the records are unclear.
            foreach ($record in @($found[$name] | Where-Object { $_ })) { $wanted["$($record.ResourceID)"] = $true }
            continue
        }
        $wanted["$id"] = $true
        if ($have["$id"] -eq $row.Value) {
            $done.AsTheyWere++
        }
        elseif ($PSCmdlet.ShouldProcess($name, "Set $property to '$($row.Value)'")) {
            Set-Ring $id $row.Value
            $done.Set++
        }
    }
    foreach ($id in @($have.Keys | Where-Object { $have[$_] -ne '(none)' -and -not $wanted.ContainsKey($_) })) {
        if ($PSCmdlet.ShouldProcess("device $id", "Set $property to '(none)'")) {
            Set-Ring ([int64] $id) '(none)'
            $done.Left++
        }
    }
}
finally {
    Pop-Location
}

[pscustomobject] $done
