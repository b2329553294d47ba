using System.Net.Http.Json;

namespace MdbDeploy.EndToEnd.Commands;

/// <summary>What a push promises, against a lab that keeps real state.</summary>
public class PushTests
{
    [Fact]
    public async Task A_second_push_sends_no_write_and_diff_finds_nothing()
    {
        await using var test = await LabbedProject.StartAsync();
        var before = await test.RunAsync("diff");
        before.ExitCode.ShouldBe(2, before.Output + before.Error);
        test.Lab.Requests.Writes.ShouldBeEmpty();

        var first = await test.RunAsync("push", "--yes");
        first.ExitCode.ShouldBe(0, first.Output + first.Error);
        test.Lab.State.Groups.Count.ShouldBe(4);
        test.Lab.State.Policies.Single(p => p.Name == "MDB - Contoso - EDR onboarding").Targets.Count.ShouldBe(4);
        // Antivirus and firewall of the presets, a policy a ring: the ring's group, and the excluded one.
        var settings = test.Lab.State.Policies.Where(p => p.Name != "MDB - Contoso - EDR onboarding").ToList();
        settings.Count.ShouldBe(6);
        settings.ShouldAllBe(p => p.Targets.Count == 2 && p.Settings.Count > 0);

        test.Lab.Requests.Clear();
        var second = await test.RunAsync("push", "--yes");
        second.ExitCode.ShouldBe(0, second.Output + second.Error);
        test.Lab.Requests.Writes.ShouldBeEmpty();
        (await test.RunAsync("diff")).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task What_nobody_desires_any_more_is_deleted_when_it_is_ours_and_only_then()
    {
        await using var test = await LabbedProject.StartAsync();
        (await test.RunAsync("push", "--yes")).ExitCode.ShouldBe(0);
        using (var client = test.Lab.CreateClient())
        {
            await client.PostAsJsonAsync(new Uri(test.Lab.BaseAddress, "beta/groups"),
                new { displayName = "Somebody else's", mailEnabled = false, mailNickname = "other", securityEnabled = true, groupTypes = Array.Empty<string>() }, TestContext.Current.CancellationToken);
        }

        test.Project.SetInventory(("ad.csv", "name,os,os_edition,os_build,join_type\nPC-1,Windows 11,Pro,10.0.22631.4460,ad\n"));
        var render = await test.RunAsync("render");
        render.ExitCode.ShouldBe(0, render.Output + render.Error);
        var push = await test.RunAsync("push", "--yes");
        push.ExitCode.ShouldBe(0, push.Output + push.Error);
        test.Lab.State.Groups.ShouldHaveSingleItem().DisplayName.ShouldBe("Somebody else's");
        test.Lab.State.Policies.ShouldBeEmpty();
        test.Lab.State.Collections.ShouldAllBe(c => c.Id.StartsWith("SMS", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_second_push_of_the_same_project_waits_for_nobody_and_says_so()
    {
        await using var test = await LabbedProject.StartAsync();
        Directory.CreateDirectory(test.Project[".mdbdeploy"]);
        using (new FileStream(test.Project[".mdbdeploy/push.lock"], FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            var refused = await test.RunAsync("push", "--yes");
            refused.ExitCode.ShouldBe(3, refused.Output + refused.Error);
            refused.Output.ShouldContain("MDB0742");
            test.Lab.Requests.Writes.ShouldBeEmpty();
        }

        (await test.RunAsync("push", "--yes")).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task What_if_writes_nothing_and_nobody_is_pushed_without_being_asked()
    {
        await using var test = await LabbedProject.StartAsync();
        (await test.RunAsync("push", "--what-if")).ExitCode.ShouldBe(2);
        var unasked = await test.RunAsync("push");
        unasked.ExitCode.ShouldBe(1);
        unasked.Output.ShouldContain("--yes");
        test.Lab.Requests.Writes.ShouldBeEmpty();
    }

    [Fact]
    public async Task Push_ring_prepares_and_assigns_that_ring_and_no_other()
    {
        await using var test = await LabbedProject.StartAsync();
        var push = await test.RunAsync("push", "--yes", "--ring", "pilot");
        push.ExitCode.ShouldBe(0, push.Output + push.Error);
        test.Lab.State.Groups.Select(g => g.DisplayName).Order().ShouldBe(["MDB - Contoso - Excluded", "MDB - Contoso - pilot"]);
        test.Lab.State.Policies.Single(p => p.Name == "MDB - Contoso - EDR onboarding").Targets.Count.ShouldBe(2);
        test.Lab.State.Policies.Where(p => p.Name != "MDB - Contoso - EDR onboarding").ShouldAllBe(p => p.Name.EndsWith(" - pilot", StringComparison.Ordinal) && p.Targets.Count == 2);
        test.Lab.State.Collections.Where(c => c.Name.StartsWith("MDB", StringComparison.Ordinal)).Select(c => c.Name).ShouldBe(
            ["MDB - Contoso - All", "MDB - Contoso - Excluded", "MDB - Contoso - Workstations", "MDB - Contoso - Unsupported", "MDB - Contoso - Ring pilot"], ignoreOrder: true);
        test.Lab.State.Collections.Single(c => c.Name == "MDB - Contoso - Workstations").Rules.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_state_that_moved_since_the_review_is_refused()
    {
        await using var test = await LabbedProject.StartAsync();
        var push = await test.RunAsync("push", "--yes", "--expect", "000000000000-000000000000");
        push.ExitCode.ShouldBe(3);
        push.Output.ShouldContain("MDB0740");
        test.Lab.Requests.Writes.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_lab_that_answers_500_ends_partial_and_resume_finishes_without_duplicates()
    {
        await using var test = await LabbedProject.StartAsync("500:POST:/beta/deviceManagement/configurationPolicies:1,500:POST:/AdminService_TokenAuth/wmi/SMS_Collection:2");
        var partial = await test.RunAsync("push", "--yes");
        partial.ExitCode.ShouldBe(4, partial.Output + partial.Error);
        partial.Output.ShouldContain("--resume");
        var resumed = await test.RunAsync("push", "--resume");
        resumed.ExitCode.ShouldBe(0, resumed.Output + resumed.Error);
        resumed.Output.ShouldContain("ended early; what it left is part of what follows.");
        test.Told().ShouldBe(await Sample.PushedAsync());

        // Killed after the last write, so that nothing is left to do.
        foreach (var journal in Directory.EnumerateFiles(Path.Combine(test.Project.Folder, ".mdbdeploy", "runs"), "*.jsonl"))
        {
            await File.WriteAllLinesAsync(journal, (await File.ReadAllLinesAsync(journal, TestContext.Current.CancellationToken))[..^1], TestContext.Current.CancellationToken);
        }

        var calm = await test.RunAsync("diff");
        calm.ExitCode.ShouldBe(0, calm.Output + calm.Error);
        calm.Output.ShouldNotContain("ended early");
    }

    [Theory]
    [InlineData("lost-answer:POST:/beta/groups:1")]
    [InlineData("lost-answer:POST:/beta/deviceManagement/configurationPolicies:1")]
    [InlineData("lost-answer:POST:/AdminService_TokenAuth/wmi/SMS_Collection:1")]
    [InlineData("429:0.2")]
    [InlineData("429-no-retry-after:POST:/beta/groups:1")]
    public async Task A_lost_answer_or_a_busy_server_leads_to_the_same_state_without_duplicates(string faults)
    {
        await using var test = await LabbedProject.StartAsync(faults);
        var push = await test.RunAsync("push", "--yes");
        if (push.ExitCode == 4)
        {
            push = await test.RunAsync("push", "--resume");
        }

        push.ExitCode.ShouldBe(0, push.Output + push.Error);
        test.Lab.Requests.Entries.ShouldContain(e => e.Fault != null);
        test.Told().ShouldBe(await Sample.PushedAsync());
    }

    [Fact]
    public async Task Kill_9_in_the_middle_and_push_again_converges()
    {
        await using var test = await LabbedProject.StartAsync("latency:100ms");
        using (var process = CliProcess.Start(test.Project.Folder, test.Environment, "push", "--yes"))
        {
            var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            while (test.Lab.Requests.Writes.Count < 4 && !process.HasExited)
            {
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }

            process.HasExited.ShouldBeFalse(process.HasExited ? await output : "");
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var again = await test.RunAsync("push", "--resume");
        again.ExitCode.ShouldBe(0, again.Output + again.Error);
        test.Told().ShouldBe(await Sample.PushedAsync());
    }

    [Fact]
    public async Task A_push_that_is_killed_is_completed_by_the_next_without_duplicates()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "sends SIGKILL, which Windows has not");
        foreach (var writes in new[] { 1, 8, 23 })
        {
            await using var test = await LabbedProject.StartAsync("latency:60ms");
            using (var process = CliProcess.Start(test.Project.Folder, test.Environment, "push", "--yes"))
            {
                _ = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
                while (test.Lab.Requests.Writes.Count < writes && !process.HasExited)
                {
                    await Task.Delay(5, TestContext.Current.CancellationToken);
                }

                process.HasExited.ShouldBeFalse("it was to be killed in the middle");
                process.Kill();
                await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            }

            var again = await test.RunAsync("push", "--yes");
            again.ExitCode.ShouldBe(0, again.Output + again.Error);
            test.Told().ShouldBe(await Sample.PushedAsync(), $"after {writes} writes");
            test.Lab.Requests.Clear();
            (await test.RunAsync("push", "--yes")).ExitCode.ShouldBe(0);
            test.Lab.Requests.Writes.ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task Ctrl_C_ends_with_130_and_leaves_a_push_that_resumes()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "sends SIGINT, which Windows has not");
        await using var test = await LabbedProject.StartAsync("latency:100ms");
        using (var process = CliProcess.Start(test.Project.Folder, test.Environment, "push", "--yes"))
        {
            var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            while (test.Lab.Requests.Writes.Count < 4 && !process.HasExited)
            {
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }

            using var signal = System.Diagnostics.Process.Start("sh", ["-c", FormattableString.Invariant($"kill -INT {process.Id}")]);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            process.ExitCode.ShouldBe(130, await output);
            (await output).ShouldContain("--resume");
        }

        var again = await test.RunAsync("push", "--resume");
        again.ExitCode.ShouldBe(0, again.Output + again.Error);
        test.Told().ShouldBe(await Sample.PushedAsync());
    }

    [Fact]
    public async Task An_object_of_the_same_name_that_is_not_ours_is_refused_and_adopted_only_by_its_address()
    {
        await using var test = await LabbedProject.StartAsync();
        using (var client = test.Lab.CreateClient())
        {
            var made = await client.PostAsJsonAsync(new Uri(test.Lab.BaseAddress, "beta/groups"),
                new { displayName = "MDB - Contoso - pilot", mailEnabled = false, mailNickname = "somebody", securityEnabled = true, groupTypes = Array.Empty<string>() }, TestContext.Current.CancellationToken);
            made.IsSuccessStatusCode.ShouldBeTrue();
        }

        test.Lab.Requests.Clear();
        var refused = await test.RunAsync("push", "--yes");
        refused.ExitCode.ShouldBe(1, refused.Output + refused.Error);
        refused.Output.ShouldContain("MDB0701");
        refused.Output.ShouldContain("intune/group/pilot");
        test.Lab.Requests.Writes.ShouldBeEmpty();

        var adopted = await test.RunAsync("push", "--yes", "--adopt", "intune/group/pilot");
        adopted.ExitCode.ShouldBe(0, adopted.Output + adopted.Error);
        test.Lab.State.Groups.Count(g => g.DisplayName == "MDB - Contoso - pilot").ShouldBe(1);
    }

    [Fact]
    public async Task No_secret_reaches_output_journal_state_plan_or_report()
    {
        await using var test = await LabbedProject.StartAsync();
        var push = await test.RunAsync("push", "--yes", "--verbosity", "detailed");
        push.ExitCode.ShouldBe(0, push.Output + push.Error);
        var status = await test.RunAsync("report", "--verbosity", "detailed");
        status.ExitCode.ShouldBe(0, status.Output + status.Error);
        var inspect = await test.RunAsync("inspect", "packages");
        var blob = test.Lab.State.Policies.Single(p => p.Name == "MDB - Contoso - EDR onboarding");
        var secret = test.Lab.State.Secret(blob.Id, "device_vendor_msft_windowsadvancedthreatprotection_onboarding").ShouldNotBeNull();
        var signature = secret[(secret.IndexOf("\"sig\"", StringComparison.Ordinal) + 7)..][..60];
        var written = Directory.EnumerateFiles(test.Project.Folder, "*", SearchOption.AllDirectories)
            .Where(f => !f.Contains("packages", StringComparison.Ordinal) && !f.Contains($"{Path.DirectorySeparatorChar}bundle{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Select(File.ReadAllText).Concat([push.Output, push.Error, status.Output, status.Error, inspect.Output, inspect.Error]);
        foreach (var text in written)
        {
            text.ShouldNotContain(signature);
            text.ShouldNotContain(test.Lab.ClientSecret);
        }
    }

    [Fact]
    public async Task Status_and_doctor_read_and_write_nothing()
    {
        await using var test = await LabbedProject.StartAsync();
        (await test.RunAsync("push", "--yes")).ExitCode.ShouldBe(0);
        test.Lab.Requests.Clear();
        var status = await test.RunAsync("status", "--json");
        status.ExitCode.ShouldBe(0, status.Output + status.Error);
        status.Json()["onboarded"]!.GetValue<int>().ShouldBeGreaterThan(20);
        var doctor = await test.RunAsync("doctor");
        doctor.ExitCode.ShouldBe(0, doctor.Output + doctor.Error);
        test.Lab.Requests.Writes.ShouldBeEmpty();
        var wrong = await test.Project.RunAsync(new Dictionary<string, string> { ["MDBDEPLOY_CLIENT_SECRET"] = "wrong-secret-value" }, "doctor");
        wrong.ExitCode.ShouldBe(1, wrong.Output + wrong.Error);
        (wrong.Output + wrong.Error).ShouldNotContain("wrong-secret-value");
    }
}
