#Requires -Version 5.1
<#
.SYNOPSIS
Keeps unpacked security intelligence on a share, so that pooled desktops need not each unpack it.
.DESCRIPTION
Run it on the file server, as an administrator, once with -Register; the task then runs it every four hours. Each run downloads mpam-fe.exe from Microsoft, checks
its signature, unpacks it into a folder named as Defender expects (a GUID that ends in the time) and removes the oldest folders. A run that fails leaves the
folders before it, which desktops go on using.

Desktops find the share by the policy setting av.sig.sharedroot: 'intelligenceShare' of an image in mdbdeploy.yaml.
Source: learn.microsoft.com/defender-endpoint/deployment-vdi-microsoft-defender-antivirus.
.PARAMETER Folder
The local folder that is shared.
.PARAMETER ShareName
Name of the share.
.PARAMETER Keep
How many folders are kept.
.PARAMETER Register
Makes the share (read-only for computers of the domain) and the task, then updates.
.EXAMPLE
.\Update-MdbSecurityIntelligence.ps1 -Folder D:\wdav-update -Register
#>
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium')]
param(
    [Parameter(Mandatory = $true)] [string] $Folder,
    [string] $ShareName = 'wdav-update$',
    [ValidateRange(1, 100)] [int] $Keep = 7,
    [switch] $Register
)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$source = 'https://go.microsoft.com/fwlink/?LinkID=121721&arch=x64'
$prefix = '{00000000-0000-0000-0000-'

$share = if ($Register) { Get-SmbShare -Name $ShareName -ErrorAction SilentlyContinue }
if ($share -and $share.Path.TrimEnd('\') -ne $Folder.TrimEnd('\')) { throw "The share '$ShareName' exists and leads to '$($share.Path)'." }
if ($Register -and $PSCmdlet.ShouldProcess($Folder, "Share as $ShareName, and update every four hours")) {
    New-Item -ItemType Directory -Path $Folder -Force | Out-Null
    # Domain Computers of any language, by their well-known end of the identifier.
    $domain = (New-Object System.Security.Principal.NTAccount("$env:COMPUTERNAME`$")).Translate([System.Security.Principal.SecurityIdentifier]).AccountDomainSid
    $computers = (New-Object System.Security.Principal.SecurityIdentifier("$domain-515")).Translate([System.Security.Principal.NTAccount]).Value
    if (-not $share) { New-SmbShare -Name $ShareName -Path $Folder -ReadAccess $computers | Out-Null }
    & "$env:SystemRoot\System32\icacls.exe" $Folder /grant "*$domain-515:(OI)(CI)RX" | Out-Null
    if ($LASTEXITCODE -ne 0) { throw "The rights on '$Folder' could not be set." }
    $action = New-ScheduledTaskAction -Execute 'powershell.exe' -Argument "-NoProfile -NonInteractive -ExecutionPolicy Bypass -File `"$PSCommandPath`" -Folder `"$Folder`" -Keep $Keep"
    $trigger = New-ScheduledTaskTrigger -Once -At (Get-Date).Date -RepetitionInterval (New-TimeSpan -Hours 4)
    $principal = New-ScheduledTaskPrincipal -UserId 'SYSTEM' -LogonType ServiceAccount -RunLevel Highest
    Register-ScheduledTask -TaskName 'MDB security intelligence' -Action $action -Trigger $trigger -Principal $principal -Force | Out-Null
}

if (-not $PSCmdlet.ShouldProcess($Folder, 'Download and unpack security intelligence')) { return }
# Windows PowerShell 5.1 may start without TLS 1.2.
[System.Net.ServicePointManager]::SecurityProtocol = [System.Net.ServicePointManager]::SecurityProtocol -bor [System.Net.SecurityProtocolType]::Tls12
$name = $prefix + (Get-Date).ToString('yyMMddHHmmss', [System.Globalization.CultureInfo]::InvariantCulture) + '}'
$work = Join-Path $Folder "$name.part"
New-Item -ItemType Directory -Path $work -Force | Out-Null
try {
    $package = Join-Path $work 'mpam-fe.exe'
    Invoke-WebRequest -UseBasicParsing -Uri $source -OutFile $package
    $signature = Get-AuthenticodeSignature -LiteralPath $package
    if ([string] $signature.Status -ne 'Valid' -or $signature.SignerCertificate.Subject -notlike '*O=Microsoft Corporation*') {
        throw "What was downloaded is not signed by Microsoft ($($signature.Status)); it was not run."
    }
    $process = Start-Process -FilePath $package -WorkingDirectory $work -ArgumentList '/x' -Wait -PassThru
    if ($process.ExitCode -ne 0) { throw "mpam-fe.exe ended with $($process.ExitCode)." }
    if (@(Get-ChildItem -LiteralPath $work -File | Where-Object { $_.Name -like '*.vdm' }).Count -eq 0) { throw 'mpam-fe.exe unpacked no security intelligence.' }
    # Desktops see the folder whole, or not at all.
    [System.IO.Directory]::Move($work, (Join-Path $Folder $name))
}
catch {
    if ([System.IO.Directory]::Exists($work)) { [System.IO.Directory]::Delete($work, $true) }
    throw
}

$kept = [string[]] @([System.IO.Directory]::GetDirectories($Folder) | Where-Object { [System.IO.Path]::GetFileName($_) -like "$prefix*}" })
[System.Array]::Sort($kept, [System.StringComparer]::Ordinal)
for ($i = 0; $i -lt $kept.Length - $Keep; $i++) { [System.IO.Directory]::Delete($kept[$i], $true) }
