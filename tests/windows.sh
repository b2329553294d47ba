#!/usr/bin/env bash
# The program for Windows, run by Wine, scaffolds and renders the same bytes as the one that was built here. Wine 8 starts it as a folder, and not as a single file.
# Usage: tests/windows.sh [the built program, for example .artifacts/bin/MdbDeploy.Cli/debug/mdbdeploy]
set -euo pipefail
cd "$(dirname "$0")/.."
built=$(realpath "${1:-.artifacts/bin/MdbDeploy.Cli/debug/mdbdeploy}")
work=$(mktemp -d)
trap 'WINEPREFIX=$work/prefix wineserver -k 2>/dev/null || true; rm -rf "$work"' EXIT
dotnet publish src/MdbDeploy.Cli -c Release -r win-x64 --self-contained -p:PackAsTool=false --artifacts-path "$work/artifacts" -o "$work/windows" -v quiet

# A prefix of its own, nobody at the keyboard, nothing to be downloaded. With half a gigabyte (hexadecimal) before the first collection: under Wine 8, .NET 10 ends with an internal error
# when it finalizes dynamic methods.
windows() {
  env -u DISPLAY DOTNET_GCgen0size=20000000 HOME="$work" WINEPREFIX="$work/prefix" WINEDEBUG=-all WINEDLLOVERRIDES='mshtml=;winemenubuilder.exe=d' timeout 120 wine "$work/windows/mdbdeploy.exe" "$@" </dev/null >"$work/said" 2>&1 \
    || { cat "$work/said"; echo "windows: '$1' failed"; return 1; }
}

cd "$work"
"$built" new one >/dev/null
windows new two
diff -r one two
"$built" render one --as-of 2026-11-23 >/dev/null
windows render two --as-of 2026-11-23
diff -r one/out two/out
echo "windows: the same $(find two/out -type f | wc -l) files"
