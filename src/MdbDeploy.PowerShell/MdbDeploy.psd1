@{
    RootModule = 'MdbDeploy.PowerShell.dll'
    ModuleVersion = '0.1.0'
    GUID = 'b0a0a0c5-6f0e-4c55-9d0c-3f1f7e3f5c11'
    Author = 'MdbDeploy contributors'
    Description = 'Brings Windows devices under Microsoft Defender for Business: from a device inventory to Group Policy, Configuration Manager, Intune and golden images.'
    # The program is made for .NET 10, which PowerShell 7.6 is the first to run on.
    PowerShellVersion = '7.6'
    CompatiblePSEditions = @('Core')
    CmdletsToExport = @('Get-MdbPlan', 'Invoke-MdbRender', 'Invoke-MdbPush', 'Get-MdbStatus')
    FormatsToProcess = @('MdbDeploy.format.ps1xml')
    FunctionsToExport = @()
    AliasesToExport = @()
    VariablesToExport = @()
}
