@echo off
rem SYNTHETIC SAMPLE made by mdbdeploy. It has the shape of the script that the Defender portal hands out, and none of its text:
rem the signatures and certificates in it are junk, which no device accepts. It does nothing unless MDBDEPLOY_RUN_SYNTHETIC is set.
if not defined MDBDEPLOY_RUN_SYNTHETIC (
  echo This is a synthetic sample. Download the package of your own tenant from the Defender portal.
  exit /b 99
)
{{confirm}}
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

rem 5: the offboarding value of an earlier run stays
%regExe% query "%defenderPolicy%" /v 696C1FA1-4030-4FA4-8713-FAF9B2EA7C0A /reg:64 >NUL 2>&1
if not errorlevel 1 (
  %regExe% delete "%defenderPolicy%" /v 696C1FA1-4030-4FA4-8713-FAF9B2EA7C0A /f /reg:64 >NUL 2>&1
  if errorlevel 1 (
    set errorCode=5
    goto failed
  )
)

rem 10: the onboarding value cannot be written
%windir%\System32\reg.exe add "HKLM\SOFTWARE\Policies\Microsoft\Windows Advanced Threat Protection" /v OnboardingInfo /t REG_SZ /f /d "{{blob}}" >NUL 2>&1
if errorlevel 1 (
  set errorCode=10
  goto failed
)

rem 15: the service does not start
sc query SENSE | find "RUNNING" >NUL 2>&1
if errorlevel 1 net start sense >NUL 2>&1
set tries=0
:waitForService
sc query SENSE | find "RUNNING" >NUL 2>&1
if not errorlevel 1 goto waitForState
set /a tries+=1
if %tries% geq 5 (
  set errorCode=15
  goto failed
)
ping -n 6 127.0.0.1 >NUL
goto waitForService

rem 35: no onboarding state; 40: another one than 1
:waitForState
set tries=0
:readState
%regExe% query "%defenderStatus%" /v OnboardingState /reg:64 >NUL 2>&1
if errorlevel 1 (set errorCode=35) else (set errorCode=40)
%regExe% query "%defenderStatus%" /v OnboardingState /reg:64 2>NUL | find "0x1" >NUL 2>&1
if not errorlevel 1 (
  set errorCode=0
  goto succeeded
)
set /a tries+=1
if %tries% geq 5 goto failed
ping -n 6 127.0.0.1 >NUL
goto readState

:succeeded
eventcreate /l Application /so WDATPOnboarding /t Information /id 20 /d "Synthetic sample: onboarded." >NUL 2>&1
echo Onboarded.
goto end

:failed
eventcreate /l Application /so WDATPOnboarding /t Error /id %errorCode% /d "Synthetic sample: not onboarded." >NUL 2>&1
echo Not onboarded, error %errorCode%.

:end
{{pause}}
exit /b %errorCode%
