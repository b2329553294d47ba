using System.Diagnostics;

namespace MdbDeploy.Tests.PowerShellModule;

/// <summary>The module as people get it: published into a folder, and imported by a PowerShell that has none of our assemblies.</summary>
[Collection(nameof(Rendering.FakeWindows))]
public sealed class ModuleImportTests
{
    [Fact]
    public async Task The_published_folder_works_in_a_PowerShell_of_its_own()
    {
        using var session = new ModuleSession();
        var module = Path.Combine(session.Folder, "module");
        var configuration = AppContext.BaseDirectory.Contains("release", StringComparison.OrdinalIgnoreCase) ? "Release" : "Debug";
        var (published, told, _) = await RunAsync("dotnet", "publish", Path.Combine(Repository.Root, "src", "MdbDeploy.PowerShell"), "--no-build", "-c", configuration, "-o", module, "-v", "quiet");
        published.ShouldBe(0, told);

        var host = Path.Combine(AppContext.BaseDirectory.Replace("MdbDeploy.Tests", "MdbDeploy.PowerShellHost", StringComparison.Ordinal), "MdbDeploy.PowerShellHost.dll");
        var (code, output, error) = await RunAsync("dotnet", host, $$"""
            Import-Module '{{module}}/MdbDeploy.psd1'
            (Get-Command -Module MdbDeploy).Name -join ' '
            (Get-MdbPlan '{{session.Folder}}').Name -join ' '
            @(Invoke-MdbRender '{{session.Folder}}').Count -gt 10
            (Get-MdbStatus '{{session.Folder}}').State -join ' '
            (Get-Help Invoke-MdbPush).Synopsis
            try { Get-MdbPlan '{{session.Folder}}/module' } catch { $_.FullyQualifiedErrorId }
            $contexts = [System.Runtime.Loader.AssemblyLoadContext]::All
            ($contexts | Where-Object Name -eq 'MdbDeploy').Assemblies.GetName().Name -contains 'Microsoft.Data.Sqlite'
            ($contexts | Where-Object Name -eq 'MdbDeploy').LoadFromAssemblyName('System.DirectoryServices.Protocols').Location -like '*runtimes*'
            [System.Runtime.Loader.AssemblyLoadContext]::Default.Assemblies.GetName().Name | Where-Object { [IO.File]::Exists('{{module}}/' + $_ + '.dll') }
            $contexts.Assemblies.GetName().Name | Where-Object { $_ -like 'Microsoft.AspNetCore*' }
            """);

        error.Split('\n').ShouldNotContain(line => line.StartsWith("error ", StringComparison.Ordinal), error);
        code.ShouldBe(0);
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ShouldBe(
        [
            "Get-MdbPlan Get-MdbStatus Invoke-MdbPush Invoke-MdbRender",
            "PC-1 PC-2",
            "True",
            "waiting waiting",
            "Carries the bundle out at the live systems, and gives what was done at each. With -WhatIf it reads the live systems and gives what it would do; when the answer to its question is no, it does nothing.",
            "MDB0101,MdbDeploy.Cmdlets.GetMdbPlan",
            "True",
            // The one of this operating system; the one beside the others works nowhere.
            "True",
            // Of the module's folder, only the cmdlets themselves are where other modules see them.
            "MdbDeploy.PowerShell",
        ]);
        // SQLite wrote it, so its native library was found.
        File.Exists(Path.Combine(session.Folder, ".mdbdeploy", "history.db")).ShouldBeTrue();
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }
}
