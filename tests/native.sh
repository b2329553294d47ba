#!/usr/bin/env bash
# Compiles the program ahead of time for this machine: it renders the same bytes as the one that was built, says the same, and pushes into the lab. Needs a C compiler; takes two minutes.
# Usage: tests/native.sh FOLDER [the built program, for example .artifacts/bin/MdbDeploy.Cli/debug/mdbdeploy]
# Leaves the program in FOLDER; MDBDEPLOY=FOLDER/mdbdeploy dotnet test runs the end-to-end tests with it.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(realpath -m "$1")
built=$(realpath "${2:-.artifacts/bin/MdbDeploy.Cli/debug/mdbdeploy}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
linker=()
command -v clang >/dev/null || linker=(-p:CppCompilerAndLinker=gcc -p:LinkerFlavor=bfd)
# Without what proves nothing here: the analyzers, which the build has run over the same code (the compiler itself says what it cannot compile), and symbols for a debugger.
dotnet publish src/MdbDeploy.Cli -c Release -r linux-x64 -p:PublishAot=true -p:RunAnalyzers=false -p:NativeDebugSymbols=false "${linker[@]}" --artifacts-path "$work/artifacts" -o "$folder" -v quiet
native=$folder/mdbdeploy

"$built" new "$work/one" >/dev/null
cp -r "$work/one" "$work/two"
"$built" render "$work/one" --as-of 2026-11-23 >/dev/null
"$native" render "$work/two" --as-of 2026-11-23 >/dev/null
diff -r "$work/one/out" "$work/two/out"
echo "native: the same $(find "$work/two/out" -type f | wc -l) files"
for command in 'policy list' "inspect $work/one" "report $work/one --offline" "gpo lint $work/one/out/bundle/gpo" 'completion bash'; do
  # shellcheck disable=SC2086
  diff <("$built" $command 2>&1) <("$native" $command 2>&1) || { echo "native: '$command' says something else"; exit 1; }
done
"$built" up "$work/one" --lab >"$work/up" 2>&1 || { cat "$work/up"; exit 1; }
"$native" up "$work/two" --lab >"$work/up" 2>&1 || { cat "$work/up"; exit 1; }
echo 'both: pushed into the lab'
