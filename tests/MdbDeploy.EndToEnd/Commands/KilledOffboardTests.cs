using System.Text.Json.Nodes;

namespace MdbDeploy.EndToEnd.Commands;

/// <summary><c>offboard</c>, killed again and again: a device is never in both sets, and repeating it ends where one undisturbed run ends.</summary>
public class KilledOffboardTests
{
    [Fact]
    public async Task Killed_after_every_few_requests_no_device_is_ever_in_both_sets_and_it_converges()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "sends SIGKILL, which Windows has not");
        await using var test = await LabbedProject.StartAsync("latency:25ms");
        (await test.RunAsync("push", "--yes")).ExitCode.ShouldBe(0);
        var plan = JsonNode.Parse(await File.ReadAllTextAsync(test.Project["out/plan.json"], TestContext.Current.CancellationToken))!;
        var intune = One(plan, "intune");
        var configMgr = One(plan, "configuration-manager");
        test.Project.SetYaml("offboard", $"{{ names: [{intune}, {configMgr}] }}");

        var kills = 0;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (await KilledAsync(test, writes: 3, () => Check(test, intune, configMgr, seen)))
        {
            kills++;
            kills.ShouldBeLessThan(20, "it makes no progress");
        }

        // How often depends on the machine: a kill comes when the requests before it were seen.
        kills.ShouldBeGreaterThan(0);
        var last = await test.RunAsync("offboard", "--yes");
        last.ExitCode.ShouldBe(0, last.Output + last.Error);
        Check(test, intune, configMgr, seen);
        seen.ShouldContain("in its ring");
        seen.ShouldContain("offboarding");
        var group = test.Lab.State.Groups.Single(g => g.DisplayName == "MDB - Contoso - Offboarding");
        group.Members.Select(m => m.Name).ShouldBe([intune]);
        test.Lab.State.Policies.Single(p => p.Name.Contains("EDR offboarding", StringComparison.Ordinal)).Targets.Count.ShouldBe(1);
        test.Lab.State.Groups.Select(g => g.DisplayName).ShouldBeUnique();
        test.Lab.State.Policies.Select(p => p.Name).ShouldBeUnique();
        test.Lab.State.Collections.Select(c => c.Name).ShouldBeUnique();
        Rules(test, leaving: true).ShouldContain(configMgr);
        test.Lab.Requests.Clear();
        (await test.RunAsync("offboard", "--yes")).ExitCode.ShouldBe(0);
        (await test.RunAsync("push", "--yes")).ExitCode.ShouldBe(0);
        test.Lab.Requests.Writes.ShouldBeEmpty();
        await ComesBackAsync(test, intune, configMgr);
    }

    /// <summary>The marks are taken away, the devices come back into onboarding, and that run is undone: they leave their rings again, and nothing offboards them.</summary>
    private static async Task ComesBackAsync(LabbedProject test, string intune, string configMgr)
    {
        test.Project.SetYaml("offboard", "{ names: [] }");
        (await test.RunAsync("render")).ExitCode.ShouldBe(0);
        var back = await test.RunAsync("push", "--yes", "--json");
        back.ExitCode.ShouldBe(0, back.Output + back.Error);
        Rules(test, leaving: false).ShouldContain(configMgr);
        foreach (var target in new[] { "graph", "configmgr" })
        {
            var undone = await test.RunAsync("rollback", back.Json()[target]!["run"]!.GetValue<string>(), "--yes");
            undone.ExitCode.ShouldBe(2, undone.Output + undone.Error);
            undone.Output.ShouldContain("MDB0353");
        }

        test.Lab.State.Groups.ShouldAllBe(g => g.Members.All(m => m.Name != intune));
        test.Lab.State.Collections.SelectMany(c => c.Rules).ShouldAllBe(r => !r.ToJsonString(null).Contains(configMgr));
        test.Lab.State.Policies.ShouldNotContain(p => p.Name.Contains("EDR offboarding", StringComparison.Ordinal) && p.Targets.Count > 0);
    }

    /// <summary>Runs <c>offboard</c> and kills it after a number of writes; false when it was done before.</summary>
    private static async Task<bool> KilledAsync(LabbedProject test, int writes, Action check)
    {
        test.Lab.Requests.Clear();
        using var process = CliProcess.Start(test.Project.Folder, test.Environment, "offboard", "--yes");
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        _ = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        while (test.Lab.Requests.Writes.Count < writes && !process.HasExited)
        {
            check();
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        var killed = !process.HasExited;
        process.Kill();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        check();
        if (!killed)
        {
            process.ExitCode.ShouldBe(0, await output);
        }

        return killed;
    }

    /// <summary>What holds at any time.</summary>
    private static void Check(LabbedProject test, string intune, string configMgr, HashSet<string> seen)
    {
        // What leaves is read first: a device that has just left its ring and come in here would else be taken for one in both.
        var assigned = test.Lab.State.Policies.Any(p => p.Name.Contains("EDR offboarding", StringComparison.Ordinal) && p.Targets.Count > 0);
        var leaving = test.Lab.State.Groups.Any(g => g.DisplayName.EndsWith("Offboarding", StringComparison.Ordinal) && g.Members.Any(m => m.Name == intune));
        var inRing = test.Lab.State.Groups.Any(g => !g.DisplayName.EndsWith("Offboarding", StringComparison.Ordinal) && g.Members.Any(m => m.Name == intune));
        (leaving && inRing).ShouldBeFalse("it is in its ring and in the group that offboards");
        (assigned && inRing).ShouldBeFalse("offboarding is assigned while it is in its ring");
        seen.Add(inRing ? "in its ring" : leaving ? "offboarding" : "in neither");

        var leavingRules = Rules(test, leaving: true);
        (leavingRules.Contains(configMgr, StringComparison.Ordinal) && Rules(test, leaving: false).Contains(configMgr, StringComparison.Ordinal)).ShouldBeFalse("it is in a ring's collection and in the one that offboards");
    }

    private static string Rules(LabbedProject test, bool leaving) => string.Join('\n', test.Lab.State.Collections
        .Where(c => c.Name.StartsWith("MDB", StringComparison.Ordinal) && c.Name.EndsWith("Offboarding", StringComparison.Ordinal) == leaving).SelectMany(c => c.Rules).Select(r => r.ToJsonString()));

    private static string One(JsonNode plan, string method) => plan["devices"]!.AsArray().Where(d => d!["method"]!.GetValue<string>() == method && d["ring"]?.GetValue<string>() == "broad")
        .Select(d => d!["name"]!.GetValue<string>()).First(name => !name.StartsWith("SRV", StringComparison.Ordinal));
}
