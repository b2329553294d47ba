@echo off
rem SYNTHETIC SAMPLE made by mdbdeploy. It has the shape of the script that the Defender portal hands out, and none of its text:
rem the signatures and certificates in it are junk, which no device accepts. It does nothing unless MDBDEPLOY_RUN_SYNTHETIC is set.
if not defined MDBDEPLOY_RUN_SYNTHETIC (
  echo This is a synthetic sample. Download the package of your own tenant from the Defender portal.
  exit /b 99
)

setlocal
set errorCode=0
set regExe=%windir%\System32\reg.exe
set defenderPolicy=HKLM\SOFTWARE\Policies\Microsoft\Windows Advanced Threat Protection
set defenderStatus=HKLM\SOFTWARE\Microsoft\Windows Advanced Threat Protection\Status

rem 65: not an administrator
net session >NUL 2>&1
if errorlevel 1 (
  set errorCode=65
  goto failed
)

rem 70: the device belongs to another organisation
%regExe% query "%defenderStatus%" /v OrgId /reg:64 2>NUL | find "{{organization}}" >NUL 2>&1
if errorlevel 1 (
  set errorCode=70
  goto failed
)

rem 5: the onboarding value stays
%regExe% query "%defenderPolicy%" /v OnboardingInfo /reg:64 >NUL 2>&1
if not errorlevel 1 (
  %regExe% delete "%defenderPolicy%" /v OnboardingInfo /f /reg:64 >NUL 2>&1
  if errorlevel 1 (
    set errorCode=5
    goto failed
  )
)

rem 10: the offboarding value cannot be written
%windir%\System32\reg.exe add "HKLM\SOFTWARE\Policies\Microsoft\Windows Advanced Threat Protection" /v 696C1FA1-4030-4FA4-8713-FAF9B2EA7C0A /t REG_SZ /f /d "{{blob}}" >NUL 2>&1
if errorlevel 1 (
  set errorCode=10
  goto failed
)

rem 15: the service does not stop
set tries=0
:waitForService
sc query SENSE | find "STOPPED" >NUL 2>&1
if not errorlevel 1 goto succeeded
set /a tries+=1
if %tries% geq 10 (
  set errorCode=15
  goto failed
)
ping -n 11 127.0.0.1 >NUL
goto waitForService

:succeeded
eventcreate /l Application /so WDATPOffboarding /t Information /id 20 /d "Synthetic sample: offboarded." >NUL 2>&1
echo Offboarded.
goto end

:failed
eventcreate /l Application /so WDATPOffboarding /t Error /id %errorCode% /d "Synthetic sample: not offboarded." >NUL 2>&1
echo Not offboarded, error %errorCode%.

:end
exit /b %errorCode%
