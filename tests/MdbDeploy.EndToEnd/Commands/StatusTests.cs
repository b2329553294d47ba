namespace MdbDeploy.EndToEnd.Commands;

/// <summary>Where devices stand, as a user sees it: the built command against the lab.</summary>
public sealed class StatusTests
{
    [Fact]
    public async Task A_roll_out_is_remembered_from_waiting_to_onboarded()
    {
        await using var test = await LabbedProject.StartAsync();
        var before = await test.RunAsync("status", "--json");
        before.ExitCode.ShouldBe(0, before.Output + before.Error);
        before.Json()["onboarded"]!.GetValue<int>().ShouldBe(0);
        before.Json()["conditions"]!["waiting"]!.GetValue<int>().ShouldBeGreaterThan(20);
        (await test.RunAsync("push", "--yes")).ExitCode.ShouldBe(0);

        var after = await test.RunAsync("status", "--json");
        var runs = after.Json()["runs"]!.AsArray();
        runs.Count.ShouldBe(2);
        var (first, second) = (runs[0]!["rings"]!["pilot"]!, runs[1]!["rings"]!["pilot"]!);
        second["onboarded"]!.GetValue<int>().ShouldBeGreaterThan(first["onboarded"]!.GetValue<int>());
        second["planned"]!.GetValue<int>().ShouldBe(first["planned"]!.GetValue<int>());

        var shown = await test.RunAsync("status");
        shown.Output.ShouldContain("pilot: ");
        shown.Output.ShouldContain("onboarded (");
        var lines = await File.ReadAllLinesAsync(test.Project["out/status.csv"], TestContext.Current.CancellationToken);
        lines[0].TrimStart('\uFEFF').ShouldBe("name,fqdn,method,ring,state,detail,last seen,since");
        lines.ShouldContain(line => line.Contains("Waiting since", StringComparison.Ordinal) && line.Contains("Group Policy", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_system_that_does_not_answer_is_told_and_the_others_count()
    {
        await using var test = await LabbedProject.StartAsync("403:GET:/api/machines");
        var status = await test.RunAsync("status", "--json");
        status.ExitCode.ShouldBe(1, status.Output + status.Error);
        status.Error.ShouldContain("MDB0852");
        status.Error.ShouldContain("Asking Defender who is onboarded");
        status.Json()["conditions"]!["waiting"]!.GetValue<int>().ShouldBeGreaterThan(0);
        // Half an answer is no point of a trend.
        status.Json()["runs"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task What_a_script_wrote_on_a_device_is_decoded()
    {
        await using var test = await LabbedProject.StartAsync();
        var csv = await File.ReadAllLinesAsync(test.Project["out/plan.csv"], TestContext.Current.CancellationToken);
        var name = csv.First(line => line.Contains("local-script", StringComparison.Ordinal)).Split(',')[0].Trim('"');
        Directory.CreateDirectory(test.Project["results"]);
        await File.WriteAllTextAsync(test.Project["results/from-stick.csv"], $"Name,Batch,Action,Time,ExitCode,Result,Meaning,OnboardingState,OrgId\r\n{name},batch-01,onboard,2026-11-23T08:00:00Z,15,Failed,The service Sense did not start,,\r\n", TestContext.Current.CancellationToken);
        (await test.RunAsync("status")).ExitCode.ShouldBe(0);
        var line = (await File.ReadAllLinesAsync(test.Project["out/status.csv"], TestContext.Current.CancellationToken)).Single(l => l.StartsWith(name + ",", StringComparison.Ordinal));
        line.ShouldContain("failed");
        line.ShouldContain("The script ended with code 15 on 2026-11-23 08:00 UTC: The service Sense did not start.");
    }

    [Fact]
    public async Task Watching_prints_a_line_a_round_in_a_pipe_and_ends_with_Ctrl_C()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "sends SIGINT, which Windows has not");
        await using var test = await LabbedProject.StartAsync();
        using var process = CliProcess.Start(test.Project.Folder, test.Environment, "status", "--watch", "--verbosity", "quiet");
        string? line;
        do
        {
            line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        }
        while (line?.Contains(" waiting", StringComparison.Ordinal) == false);
        line.ShouldNotBeNull();
        using var signal = System.Diagnostics.Process.Start("sh", ["-c", FormattableString.Invariant($"kill -INT {process.Id}")]);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.ExitCode.ShouldBe(0);
    }
}
