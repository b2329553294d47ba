#Requires -Version 5.1
<#
.SYNOPSIS
Stages onboarding to Microsoft Defender for Business in this golden image: it runs at the start of each desktop, and not here.
.DESCRIPTION
Run it in the image, as an administrator, as one of the last steps before sealing. It copies the package's files, unchanged, to the local start-up scripts and
enters one of them in the local policy, beside what is entered there already. Running it again changes nothing that is as it should be. It starts no script.

What was there before is kept in %ProgramData%\MdbDeploy\ImageStaging, and -Remove brings it back, byte for byte.
.PARAMETER Remove
Takes everything out again: do this before the image is serviced, unless the guard is staged.
.PARAMETER WithoutGuard
Enters the portal's own file, as Microsoft's instructions have it, instead of the guard that keeps the image from onboarding itself.
.PARAMETER ImageName
The computer name of the image, in which the guard does nothing.
.PARAMETER SystemDrive
Drive of an image that is mounted, for example E:. Service-MdbOfflineImage.ps1 uses it.
.EXAMPLE
.\Stage-MdbImage.ps1 -WhatIf
#>
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium')]
param(
    [switch] $Remove,
    [switch] $WithoutGuard,
    [string] $ImageName = $env:COMPUTERNAME,
    [string] $SystemDrive
)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'

# The portal's files that this image needs, with the hashes of the package they were rendered from.
$portalFiles = @(
    @{ Name = 'WindowsDefenderATPOnboardingScript.cmd'; Sha256 = '94fa58102c93366a5ace1e3afaa571a67154cbecaee1343633a8acf6ada79ce8' }
    @{ Name = 'Onboard-NonPersistentMachine.ps1'; Sha256 = 'eb72dc5a2b80d17c55eb23e657cd99a883d4ae31cc8b857323e7ffe75f738e96' }
)
$portalFilesNeeded = [int] '2'
# The file that is entered as the start-up script: ours, which refuses to run in the image, or the portal's.
$guarded = 'Start-MdbDesktop.ps1'
$unguarded = 'Onboard-NonPersistentMachine.ps1'
$guardFiles = @('Start-MdbDesktop.ps1')
$ini = 'psscripts.ini'
$otherIni = 'scripts.ini'
$extension = '[{42B5FAAE-6536-11D2-AE5A-0000F87571E3}{40B6664F-4972-11D1-A7CA-0000F87571E3}]'
$windows = if ($SystemDrive) { Join-Path "$SystemDrive\" 'Windows' } else { $env:SystemRoot }
$programData = if ($SystemDrive) { Join-Path "$SystemDrive\" 'ProgramData' } else { $env:ProgramData }

if (-not $SystemDrive -and [System.Environment]::Is64BitOperatingSystem -and -not [System.Environment]::Is64BitProcess) {
    throw 'Run this in 64-bit Windows PowerShell: a 32-bit process sees another System32.'
}
if (-not (Test-Path -LiteralPath $windows)) { throw "There is no '$windows'." }

# All paths below are relative to this folder.
$policy = Join-Path $windows 'System32\GroupPolicy'
$iniPath = "Machine\Scripts\$ini"
$own = Join-Path $programData 'MdbDeploy'
$record = Join-Path $own 'ImageStaging'

# --- bytes -----------------------------------------------------------------------------------------------------------------------------------------

function Get-Bytes([string] $Path) {
    if (Test-Path -LiteralPath $Path) { return , [System.IO.File]::ReadAllBytes($Path) }
    return $null
}

function Test-Same($One, $Other) {
    if ($null -eq $One -or $null -eq $Other) { return $null -eq $One -and $null -eq $Other }
    return [System.Convert]::ToBase64String([byte[]] $One) -ceq [System.Convert]::ToBase64String([byte[]] $Other)
}

# Never half a file: what reads it sees the old or the new one. Replace keeps the attributes of a file that exists, such as Hidden.
function Set-Bytes([string] $Path, [byte[]] $Bytes) {
    New-Item -ItemType Directory -Path ([System.IO.Path]::GetDirectoryName($Path)) -Force | Out-Null
    $new = "$Path.mdb-new"
    [System.IO.File]::WriteAllBytes($new, $Bytes)
    if (Test-Path -LiteralPath $Path) { [System.IO.File]::Replace($new, $Path, [NullString]::Value) }
    else { [System.IO.File]::Move($new, $Path) }
}

function Get-Sha256([string] $Path) { return (Get-FileHash -LiteralPath $Path -Algorithm SHA256).Hash }

# --- scripts.ini and psscripts.ini: UTF-16 with byte order mark, a blank line first; entries are counted from 0 without a gap ----------------------------

function Get-IniText($Bytes) {
    if ($null -eq $Bytes -or $Bytes.Length -eq 0) { return "`r`n" }
    if ($Bytes.Length -lt 2 -or $Bytes[0] -ne 0xFF -or $Bytes[1] -ne 0xFE) {
        throw "'$iniPath' is not UTF-16 with a byte order mark, so Windows passes over what it says. Correct it with 'Test-MdbGoldenImage.ps1 -Repair', or remove it."
    }
    return [System.Text.Encoding]::Unicode.GetString($Bytes, 2, $Bytes.Length - 2)
}

function Get-IniBytes([string] $Text) {
    return , [byte[]] (@([byte] 0xFF, [byte] 0xFE) + [System.Text.Encoding]::Unicode.GetBytes($Text))
}

# The lines of section [Startup] as first and last index; nothing when there is no such section.
function Get-Section($Lines) {
    for ($i = 0; $i -lt $Lines.Count; $i++) {
        if ($Lines[$i].Trim() -eq '[Startup]') {
            $end = $i
            for ($j = $i + 1; $j -lt $Lines.Count -and -not $Lines[$j].TrimStart().StartsWith('['); $j++) {
                if ($Lines[$j].Trim()) { $end = $j }
            }
            return @{ First = $i; Last = $end }
        }
    }
    return $null
}

function Test-Entry([string] $Line, [string[]] $Names) {
    return $Line -match '^\s*\d+CmdLine\s*=\s*(.*?)\s*$' -and $Names -contains $Matches[1]
}

# Adds our entry after those of others, or gives the text back as it is when the entry is there.
function Add-Entry([string] $Text, [string] $Name) {
    $lines = [System.Collections.Generic.List[string]] ($Text -split "`r`n")
    $section = Get-Section $lines
    if (-not $section) {
        $head = if ($Text.EndsWith("`r`n")) { $Text } else { "$Text`r`n" }
        return "$($head)[Startup]`r`n0CmdLine=$Name`r`n0Parameters=`r`n"
    }
    $next = 0
    for ($i = $section.First; $i -le $section.Last; $i++) {
        if (Test-Entry $lines[$i] @($Name)) { return $Text }
        if ($lines[$i] -match '^\s*(\d+)CmdLine\s*=') { $next = [System.Math]::Max($next, [int] $Matches[1] + 1) }
    }
    $lines.Insert($section.Last + 1, "$($next)CmdLine=$Name")
    $lines.Insert($section.Last + 2, "$($next)Parameters=")
    if ($lines[$lines.Count - 1]) { $lines.Add('') }
    return $lines -join "`r`n"
}

# Takes entries of these names out and counts the others anew.
function Remove-Entry([string] $Text, [string[]] $Names) {
    $lines = [System.Collections.Generic.List[string]] ($Text -split "`r`n")
    $section = Get-Section $lines
    if (-not $section) { return $Text }
    $gone = @(for ($i = $section.First; $i -le $section.Last; $i++) {
            if ((Test-Entry $lines[$i] $Names) -and $lines[$i] -match '^\s*(\d+)') { [int] $Matches[1] }
        })
    if ($gone.Count -eq 0) { return $Text }
    $left = 0
    for ($i = $section.Last; $i -gt $section.First; $i--) {
        if ($lines[$i] -match '^\s*(\d+)(CmdLine|Parameters)(\s*=.*)$') {
            $number = [int] $Matches[1]
            if ($gone -contains $number) { $lines.RemoveAt($i) }
            else {
                $left++
                $lines[$i] = "$($number - @($gone | Where-Object { $_ -lt $number }).Count)$($Matches[2])$($Matches[3])"
            }
        }
    }
    if ($left -eq 0) { $lines.RemoveAt($section.First) }
    return $lines -join "`r`n"
}

# --- gpt.ini: says which extensions the local policy needs, sorted, and by a new version that something changed -------------------------------------------

# One byte is one character, so that nothing in it is changed by reading it.
$bytewise = [System.Text.Encoding]::GetEncoding(28591)

function Update-GptIni($Bytes, [bool] $NameExtension) {
    $text = if ($null -eq $Bytes) { "[General]`r`n" } else { $bytewise.GetString([byte[]] $Bytes) }
    if ($text.IndexOf([char] 0) -ge 0) { throw 'gpt.ini is UTF-16, and Windows writes it in ASCII: convert it first.' }
    $names = if ($text -match '(?im)^[ \t]*gPCMachineExtensionNames[ \t]*=[ \t]*(.*?)[ \t]*\r?$') { $Matches[1] } else { '' }
    $version = if ($text -match '(?im)^[ \t]*Version[ \t]*=[ \t]*(\d+)') { [uint32] $Matches[1] } else { [uint32] 0 }
    if ($NameExtension -and $names -notlike '*{42B5FAAE-6536-11D2-AE5A-0000F87571E3}*') {
        $groups = [string[]] (@([regex]::Matches($names, '\[[^\]]*\]') | ForEach-Object { $_.Value.ToUpperInvariant() }) + $extension)
        [System.Array]::Sort($groups, [System.StringComparer]::Ordinal)
        $text = Set-GptLine $text 'gPCMachineExtensionNames' (-join $groups)
    }
    # The computer's version is the lower half; it goes from 65535 to 1.
    $computer = $version % 65536
    return , $bytewise.GetBytes((Set-GptLine $text 'Version' ($version - $computer + ($computer % 65535) + 1)))
}

function Set-GptLine([string] $Text, [string] $Key, [string] $Value) {
    $line = [regex] "(?im)^[ \t]*$Key[ \t]*=[^\r\n]*"
    if ($line.IsMatch($Text)) { return $line.Replace($Text, "$Key=$Value", 1) }
    $section = [regex] '(?im)^[ \t]*\[General\][ \t]*\r?\n'
    if (-not $section.IsMatch($Text)) { return "[General]`r`n$Key=$Value`r`n$Text" }
    if ($Key -ne 'Version') { return $section.Replace($Text, "[General]`r`n$Key=$Value`r`n", 1) }
    $rest = $Text
    if (-not $rest.EndsWith("`n")) { $rest += "`r`n" }
    return "$rest$Key=$Value`r`n"
}

# --- what was there before -------------------------------------------------------------------------------------------------------------------------

function Get-RecordPath([string] $Part, [string] $Path) { return Join-Path (Join-Path $record $Part) $Path }

$ourNames = @($guarded, $unguarded)
$staged = @($portalFiles | ForEach-Object { "Machine\Scripts\Startup\$($_.Name)" }) + @($guardFiles + 'MdbImageName.txt' | ForEach-Object { "Machine\Scripts\Startup\$_" })
$shared = @($iniPath, 'gpt.ini')
$folders = @('', 'Machine', 'Machine\Scripts', 'Machine\Scripts\Startup')

# Written to another folder and moved into place: it is there whole, or not at all.
function New-Record {
    $new = Join-Path $own 'ImageStaging.new'
    if (Test-Path -LiteralPath $new) { [System.IO.Directory]::Delete($new, $true) }
    New-Item -ItemType Directory -Path $new -Force | Out-Null
    foreach ($path in $staged + $shared) {
        $bytes = Get-Bytes (Join-Path $policy $path)
        if ($null -ne $bytes) { Set-Bytes (Join-Path (Join-Path $new 'before') $path) $bytes }
    }
    $made = @($folders | Where-Object { -not (Test-Path -LiteralPath (Join-Path $policy $_)) })
    [System.IO.File]::WriteAllText((Join-Path $new 'folders.txt'), (@($made | ForEach-Object { ".\$_" }) -join "`r`n"))
    [System.IO.Directory]::Move($new, $record)
}

if ($Remove) {
    $recorded = Test-Path -LiteralPath $record
    $changed = $false
    foreach ($path in $staged) {
        $target = Join-Path $policy $path
        $before = Get-Bytes (Get-RecordPath 'before' $path)
        $now = Get-Bytes $target
        if (Test-Same $before $now) { continue }
        if ($PSCmdlet.ShouldProcess($target, $(if ($null -eq $before) { 'Remove' } else { 'Restore' }))) {
            if ($null -eq $before) { Remove-Item -LiteralPath $target -Force } else { Set-Bytes $target $before }
            $changed = $true
        }
    }
    foreach ($path in $shared) {
        $target = Join-Path $policy $path
        $now = Get-Bytes $target
        if ($null -eq $now) { continue }
        if ($recorded -and (Test-Same $now (Get-Bytes (Get-RecordPath 'after' $path)))) { $then = Get-Bytes (Get-RecordPath 'before' $path) }
        # Somebody changed it since: only what is ours is taken out.
        elseif ($path -eq 'gpt.ini') { if (-not $changed) { continue }; $then = Update-GptIni $now $false }
        else {
            $old = Get-IniText $now
            $text = Remove-Entry $old $ourNames
            if ($text -ceq $old) { continue }
            $then = if ($text.Trim()) { Get-IniBytes $text } else { $null }
        }
        if (Test-Same $now $then) { continue }
        if ($PSCmdlet.ShouldProcess($target, $(if ($null -eq $then) { 'Remove' } else { 'Restore' }))) {
            if ($null -eq $then) { Remove-Item -LiteralPath $target -Force } else { Set-Bytes $target $then }
            $changed = $true
        }
    }
    if ($recorded -and $PSCmdlet.ShouldProcess($record, 'Remove')) {
        $made = @([System.IO.File]::ReadAllText((Join-Path $record 'folders.txt')) -split "`r`n" | Where-Object { $_ } | ForEach-Object { $_.Substring(2) })
        [System.Array]::Reverse($made)
        [System.IO.Directory]::Delete($record, $true)
        foreach ($folder in @($made | ForEach-Object { Join-Path $policy $_ }) + $own) {
            if ((Test-Path -LiteralPath $folder) -and [System.IO.Directory]::GetFileSystemEntries($folder).Length -eq 0) { [System.IO.Directory]::Delete($folder) }
        }
    }
    return
}

# --- staging: everything is looked at before anything is changed -------------------------------------------------------------------------------------

if ($portalFiles.Count -ne $portalFilesNeeded) {
    throw 'The package for non-persistent desktops is missing or incomplete: download it from the Defender portal and render again.'
}
$wanted = @()
foreach ($file in $portalFiles) {
    $sources = @(Get-ChildItem -LiteralPath (Join-Path $PSScriptRoot 'package') -Recurse -File | Where-Object { $_.Name -eq $file.Name })
    if ($sources.Count -ne 1 -or (Get-Sha256 $sources[0].FullName) -ne $file.Sha256) {
        throw "'$($file.Name)' is not in the folder package beside this script as it was rendered."
    }
    $wanted += @{ Path = "Machine\Scripts\Startup\$($file.Name)"; Bytes = [System.IO.File]::ReadAllBytes($sources[0].FullName) }
}
if (-not $WithoutGuard) {
    if (-not $ImageName) { throw 'Say with -ImageName which computer name the image has.' }
    foreach ($name in $guardFiles) {
        $bytes = Get-Bytes (Join-Path $PSScriptRoot $name)
        if ($null -eq $bytes) { throw "'$name' is not beside this script." }
        $wanted += @{ Path = "Machine\Scripts\Startup\$name"; Bytes = $bytes }
    }
    $wanted += @{ Path = 'Machine\Scripts\Startup\MdbImageName.txt'; Bytes = [System.Text.Encoding]::UTF8.GetBytes("$ImageName`r`n") }
}

$iniNow = Get-Bytes (Join-Path $policy $iniPath)
$entry = if ($WithoutGuard) { $unguarded } else { $guarded }
$iniText = Get-IniText $iniNow
$wanted += @{ Path = $iniPath; Bytes = Get-IniBytes (Add-Entry (Remove-Entry $iniText @($ourNames | Where-Object { $_ -ne $entry })) $entry) }

$todo = @($wanted | Where-Object { -not (Test-Same $_.Bytes (Get-Bytes (Join-Path $policy $_.Path))) })
$surplus = @(if ($WithoutGuard) { $guardFiles + 'MdbImageName.txt' | ForEach-Object { Join-Path $policy "Machine\Scripts\Startup\$_" } | Where-Object { Test-Path -LiteralPath $_ } })
$gptNow = Get-Bytes (Join-Path $policy 'gpt.ini')
$gptText = if ($null -eq $gptNow) { '' } else { $bytewise.GetString($gptNow) }
$named = $gptText -match '(?im)^[ \t]*gPCMachineExtensionNames[ \t]*=.*\{42B5FAAE-6536-11D2-AE5A-0000F87571E3\}' -and $gptText -match '(?im)^[ \t]*Version[ \t]*=[ \t]*(\d+)' -and [uint32] $Matches[1] % 65536 -ne 0
if ($todo.Count -eq 0 -and $surplus.Count -eq 0 -and $named) { return }

$gptThen = Update-GptIni $gptNow $true
$todo += @{ Path = 'gpt.ini'; Bytes = $gptThen }
foreach ($item in $todo) {
    $target = Join-Path $policy $item.Path
    if (-not $PSCmdlet.ShouldProcess($target, 'Write')) { continue }
    if (-not (Test-Path -LiteralPath $record)) { New-Record }
    if ($shared -contains $item.Path) {
        # Entries that others made since the first staging belong to what -Remove brings back.
        $now = Get-Bytes $target
        $after = Get-Bytes (Get-RecordPath 'after' $item.Path)
        if ($null -ne $after -and -not (Test-Same $now $after)) {
            $before = Get-RecordPath 'before' $item.Path
            if ($null -eq $now) { if (Test-Path -LiteralPath $before) { Remove-Item -LiteralPath $before -Force } }
            elseif ($item.Path -eq 'gpt.ini') { Set-Bytes $before $now }
            else { Set-Bytes $before (Get-IniBytes (Remove-Entry (Get-IniText $now) $ourNames)) }
        }
        Set-Bytes (Get-RecordPath 'after' $item.Path) $item.Bytes
    }
    $isNew = -not (Test-Path -LiteralPath $target)
    Set-Bytes $target $item.Bytes
    if (-not (Test-Same $item.Bytes (Get-Bytes $target))) { throw "'$target' is not what was written." }
    if ($isNew -and $item.Path -eq $iniPath) {
        # As Group Policy's own editor leaves it.
        $created = Get-Item -LiteralPath $target -Force
        $created.Attributes = $created.Attributes -bor [System.IO.FileAttributes]::Hidden
    }
}
foreach ($path in $surplus) {
    if ($PSCmdlet.ShouldProcess($path, 'Remove')) { Remove-Item -LiteralPath $path -Force }
}
