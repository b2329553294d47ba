@echo off
rem Starts the guard, which onboards this desktop or says why not; see Start-MdbDesktop.ps1.
"%SystemRoot%\System32\WindowsPowerShell\v1.0\powershell.exe" -NoProfile -NonInteractive -ExecutionPolicy Bypass -File "%~dp0Start-MdbDesktop.ps1"
exit /b %ERRORLEVEL%
