namespace MdbDeploy.Tests.Rendering;

/// <summary>Start-MdbScript.ps1 of a batch, run.</summary>
[Collection(nameof(FakeWindows))]
public sealed class LocalScriptTests : IDisposable
{
    private const string Cmdlets = """
        $global:Elevated = $true; $global:ExitCode = 0; $global:Refuse = $false
        function global:whoami.exe { if ($global:Elevated) { '"Mandatory Label\High Mandatory Level","Label","S-1-16-12288",""' } else { '"Mandatory Label\Medium Mandatory Level","Label","S-1-16-8192",""' } }
        function global:Start-Process {
            param($FilePath, $ArgumentList, $WorkingDirectory, $Verb, [switch] $Wait, [switch] $PassThru, [switch] $NoNewWindow)
            if ($Verb -and $global:Refuse) { throw 'The operation was canceled by the user.' }
            [void] $global:Calls.Add("start $(if ($Verb) { $Verb } else { $WorkingDirectory }) $($ArgumentList -join ' ')")
            if (-not $Verb -and $global:ExitCode -eq 0) { $global:Registry['HKLM:\SOFTWARE\Microsoft\Windows Advanced Threat Protection\Status'] = @{ OnboardingState = 1; OrgId = 'the-org' } }
            [pscustomobject] @{ ExitCode = $global:ExitCode }
        }
        $env:COMPUTERNAME = 'old-14'
        """;

    private readonly FakeWindows windows = new();
    private readonly string folder;

    public LocalScriptTests()
    {
        var bundle = windows.Deliver(Path.Combine(Repository.Root, "tests", "MdbDeploy.Tests", "Baselines", "350-offboarding", "local-script", "expected"));
        folder = Path.Combine(bundle, "local-script", "offboarding", "batch-01");
        windows.Run(Cmdlets);
    }

    private string[] Results => File.Exists(Path.Combine(folder, "results.csv")) ? File.ReadAllText(Path.Combine(folder, "results.csv")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries) : [];

    [Fact]
    public void It_runs_the_script_and_writes_down_what_came_of_it()
    {
        Start().ShouldBe(0);
        windows.Calls.ShouldBe([$"start bundle/local-script/offboarding/batch-01/package /d /c {OffboardingBundle.ScriptName}"]);
        Results.Length.ShouldBe(2);
        Results[0].ShouldBe("\"Name\",\"Batch\",\"Action\",\"Time\",\"ExitCode\",\"Result\",\"Meaning\",\"OnboardingState\",\"OrgId\"");
        Results[1].ShouldMatch("^\"old-14\",\"batch-01\",\"offboard\",\"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ\",\"0\",\"Succeeded\",\"Done\\.\",\"1\",\"the-org\"$");
        Start().ShouldBe(0);
        Results.Length.ShouldBe(3);
    }

    [Theory]
    [InlineData(5, "The onboarding data could not be deleted from the registry.")]
    [InlineData(15, "The sensor service did not stop in time.")]
    [InlineData(65, "The script did not run as administrator.")]
    [InlineData(70, "The offboarding script belongs to another organisation.")]
    [InlineData(1234, "The script ended with 1234, which is not documented.")]
    public void A_failure_is_told_in_words_and_passed_on(int code, string meaning)
    {
        windows.Run($"$global:ExitCode = {code}");
        Start().ShouldBe(code);
        Results[1].ShouldContain($"\"{code}\",\"Failed\",\"{meaning}\",\"\",\"\"");
    }

    [Fact]
    public void Without_elevation_it_starts_itself_again_and_does_nothing_else()
    {
        windows.Run("$global:Elevated = $false; $global:ExitCode = 40");
        Start("-AnyDevice").ShouldBe(40);
        windows.Calls.ShouldHaveSingleItem().ShouldStartWith("start RunAs -NoProfile -ExecutionPolicy Bypass -File");
        windows.Calls[0].ShouldEndWith("-AnyDevice");
        Results.ShouldBeEmpty();
        windows.Run("$global:Refuse = $true");
        Start().ShouldBe(97);
    }

    [Fact]
    public void Another_device_than_those_of_the_batch_is_left_alone_unless_asked_for()
    {
        windows.Run("$env:COMPUTERNAME = 'SOMEBODY'");
        Start().ShouldBe(98);
        windows.Calls.ShouldHaveSingleItem().ShouldStartWith("warning 'SOMEBODY' is not on the list");
        Start("-AnyDevice").ShouldBe(0);
        Results[1].ShouldStartWith("\"SOMEBODY\"");
    }

    [Fact]
    public void A_changed_or_missing_or_expired_script_is_not_run()
    {
        var script = Path.Combine(folder, "package", OffboardingBundle.ScriptName);
        var text = File.ReadAllBytes(script);
        File.WriteAllText(script, "format c:");
        Start().ShouldBe(99);
        File.Delete(script);
        Start().ShouldBe(99);
        File.WriteAllBytes(script, text);
        var launcher = Path.Combine(folder, "Start-MdbScript.ps1");
        File.WriteAllText(launcher, File.ReadAllText(launcher).Replace("2098-12-01T10:00:00Z", "2020-12-01T10:00:00Z", StringComparison.Ordinal));
        Start().ShouldBe(99);
        windows.Calls.ShouldAllBe(c => c.StartsWith("warning", StringComparison.Ordinal));
    }

    [Fact]
    public void What_if_runs_nothing()
    {
        Start("-WhatIf").ShouldBe(0);
        windows.Calls.ShouldBeEmpty();
        Results.ShouldBeEmpty();
    }

    [Fact]
    public void A_folder_that_cannot_be_written_to_is_told_and_the_exit_code_kept()
    {
        windows.Run("$global:ExitCode = 15");
        Start($"-ResultFile '{folder}/nowhere/results.csv'").ShouldBe(15);
        windows.Calls.ShouldContain(c => c.StartsWith("warning The result could not be written", StringComparison.Ordinal));
    }

    public void Dispose() => windows.Dispose();

    private int Start(string arguments = "") => (int)windows.Run($"$null = & '{folder}/Start-MdbScript.ps1' {arguments}; $global:LASTEXITCODE").Single().BaseObject;
}
