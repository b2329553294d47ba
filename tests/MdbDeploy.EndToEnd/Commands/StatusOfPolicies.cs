using MdbDeploy.Lab;

namespace MdbDeploy.EndToEnd.Commands;

/// <summary>What Intune says of the onboarding policies and of the antivirus of its devices, in <c>status</c>.</summary>
public sealed class StatusOfPolicies
{
    [Theory]
    [InlineData(null, "EDR onboarding")]
    [InlineData("oma-uri", "Onboarding (OMA-URI)")]
    public async Task A_device_that_refuses_the_policy_is_not_waited_for(string? profile, string policy)
    {
        string[] names = [];
        await using var test = await LabbedProject.StartAsync(profile: profile, options: lab =>
        {
            var managed = lab.Devices.Where(d => d.InIntune).ToList();
            names = [.. managed.Take(4).Select(d => d.Name)];
            return lab with
            {
                Devices = [.. lab.Devices.Select(d => Array.IndexOf(names, d.Name) switch
                {
                    0 => d with { PolicyOutcome = "Error" },
                    1 => d with { PolicyOutcome = "Conflict" },
                    2 => d with { PolicyOutcome = "Pending" },
                    3 => d with { AntivirusOff = true },
                    _ => d,
                })],
            };
        });
        (await test.RunAsync("push", "--yes")).ExitCode.ShouldBe(0);
        var status = await test.RunAsync("status", "--json");
        status.ExitCode.ShouldBe(0, status.Output + status.Error);
        var lines = await File.ReadAllLinesAsync(test.Project["out/status.csv"], TestContext.Current.CancellationToken);
        string Line(int device) => lines.Single(l => l.StartsWith(names[device] + ",", StringComparison.OrdinalIgnoreCase));
        Line(0).ShouldContain("failed");
        Line(0).ShouldContain($"Intune could not apply '");
        Line(0).ShouldContain(policy);
        Line(1).ShouldContain("Intune reports a conflict over '");
        Line(2).ShouldContain("waiting");
        Line(3).ShouldContain("onboarded");
        Line(3).ShouldContain("Intune says of its antivirus: real-time protection is off, its security intelligence is old.");
    }

    [Fact]
    public async Task Every_page_of_a_report_is_read()
    {
        await using var test = await LabbedProject.StartAsync(options: lab => lab with
        {
            Devices = [.. lab.Devices.Select(d => d with { AntivirusOff = d.InIntune }), .. Enumerable.Range(0, 1100).Select(n => new LabDevice { Name = $"X-{n:0000}", InIntune = true, AntivirusOff = true })],
        });
        (await test.RunAsync("push", "--yes", "--target", "graph")).ExitCode.ShouldBe(0);
        (await test.RunAsync("status")).ExitCode.ShouldBe(0);
        var managed = test.Lab.State.Groups.SelectMany(g => g.Members).Select(m => m.Name).Distinct().Count();
        (await File.ReadAllTextAsync(test.Project["out/status.csv"], TestContext.Current.CancellationToken)).Split("Intune says of its antivirus").Length.ShouldBeGreaterThan(managed / 2);
        test.Lab.Requests.Entries.Count(e => e.Path.EndsWith("getUnhealthyDefenderAgentsReport", StringComparison.Ordinal)).ShouldBe(3);
        test.Lab.Requests.Entries.ShouldContain(e => e.Path.EndsWith("getConfigurationPolicyDevicesReport", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_report_that_is_refused_is_told_and_hides_nothing_else()
    {
        await using var test = await LabbedProject.StartAsync("403:POST:/beta/deviceManagement/reports");
        (await test.RunAsync("push", "--yes", "--target", "graph")).ExitCode.ShouldBe(0);
        var status = await test.RunAsync("status", "--json");
        status.ExitCode.ShouldBe(0, status.Output + status.Error);
        status.Error.ShouldContain("MDB0855");
        status.Error.ShouldContain("Asking Intune what became of the onboarding policies");
        status.Json()["runs"]!.AsArray().Count.ShouldBe(1, "the answer is whole without it");
        status.Json()["onboarded"]!.GetValue<int>().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Gates_do_not_ask_for_what_makes_nobody_onboarded()
    {
        await using var test = await LabbedProject.StartAsync();
        (await test.RunAsync("push", "--yes", "--ring", "pilot")).ExitCode.ShouldBe(0);
        test.Lab.Requests.Entries.ShouldNotContain(e => e.Path.Contains("/reports/", StringComparison.Ordinal));
    }
}
