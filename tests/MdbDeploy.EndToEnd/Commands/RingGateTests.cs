namespace MdbDeploy.EndToEnd.Commands;

/// <summary>Rings that wait for each other, decided by what the lab reports.</summary>
public class RingGateTests
{
    [Fact]
    public async Task A_ring_is_pushed_when_the_one_before_it_is_onboarded_and_not_earlier()
    {
        await using var test = await StartAsync("[{ name: pilot, match: \"tags contains 'Pilot'\" }, { name: broad, when: 'onboarded >= 90%' }]");

        var early = await test.RunAsync("push", "--ring", "broad", "--yes");
        early.ExitCode.ShouldBe(3, early.Output + early.Error);
        early.Output.ShouldContain("MDB0738");
        early.Output.ShouldContain("onboarded >= 90% is asked, and 0 of 6 devices (0%) are onboarded", Case.Sensitive, early.Output);
        test.Lab.Requests.Writes.ShouldBeEmpty();

        var first = await test.RunAsync("push", "--yes");
        first.ExitCode.ShouldBe(0, first.Output + first.Error);
        first.Output.ShouldContain("Held back  broad: It waits for 'pilot'");
        Rings(test).ShouldHaveSingleItem().ShouldEndWith("pilot");
        // The excluded group is a target of its own.
        test.Lab.State.Policies.Single(p => p.Name == "MDB - Contoso - EDR onboarding").Targets.Count.ShouldBe(2);

        var status = await test.RunAsync("status", "--json");
        status.Json()["gates"]![0]!["open"]!.GetValue<bool>().ShouldBeTrue(status.Output);
        var second = await test.RunAsync("push", "--yes");
        second.ExitCode.ShouldBe(0, second.Output + second.Error);
        Rings(test).Count.ShouldBe(2);
        test.Lab.State.Policies.Single(p => p.Name == "MDB - Contoso - EDR onboarding").Targets.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_moment_holds_a_ring_back_until_somebody_decides_otherwise_and_diff_shows_the_same()
    {
        await using var test = await StartAsync("[{ name: pilot, match: \"tags contains 'Pilot'\" }, { name: broad, notBefore: 2999-01-01 }]");
        var diff = await test.RunAsync("diff");
        diff.ExitCode.ShouldBe(2, diff.Output + diff.Error);
        diff.Output.ShouldContain("Held back  broad: It is not pushed before 2999-01-01 00:00 UTC.");
        var fingerprint = diff.Output.Split("--expect ")[1].Trim();
        var pushed = await test.RunAsync("push", "--yes", "--expect", fingerprint);
        pushed.ExitCode.ShouldBe(0, pushed.Output + pushed.Error);
        Rings(test).ShouldHaveSingleItem();

        var decided = await test.RunAsync("push", "--yes", "--ring", "broad", "--ignore-gates");
        decided.ExitCode.ShouldBe(0, decided.Output + decided.Error);
        decided.Output.ShouldContain("Gates are not asked: broad.");
        Rings(test).Count.ShouldBe(2);
    }

    private static List<string> Rings(LabbedProject test) => [.. test.Lab.State.Groups.Select(g => g.DisplayName).Where(name => !name.EndsWith("Excluded", StringComparison.Ordinal))];

    private static async Task<LabbedProject> StartAsync(string rings)
    {
        var test = await LabbedProject.StartAsync();
        test.Project.SetYaml("inventory", "inventory/intune-export.csv");
        test.Project.SetYaml("rings", rings);
        var rendered = await test.RunAsync("render");
        rendered.ExitCode.ShouldBe(0, rendered.Output + rendered.Error);
        return test;
    }
}
