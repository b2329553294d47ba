@echo off
rem Starts Start-MdbScript.ps1 beside this file, which asks for elevation by itself, and keeps the window open.
setlocal DisableDelayedExpansion
"%SystemRoot%\System32\WindowsPowerShell\v1.0\powershell.exe" -NoProfile -ExecutionPolicy Bypass -File "%~dp0Start-MdbScript.ps1" %*
set "code=%ERRORLEVEL%"
echo.
pause
exit /b %code%
