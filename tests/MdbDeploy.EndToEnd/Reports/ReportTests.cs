using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Deque.AxeCore.Playwright;
using MdbDeploy.Cli.Reports;
using MdbDeploy.Inventory;
using MdbDeploy.Planning;
using MdbDeploy.Targets.Status;
using Microsoft.Playwright;

namespace MdbDeploy.EndToEnd.Reports;

/// <summary>The report as a person sees it: in a real browser.</summary>
public class ReportTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task The_report_opens_without_network_or_errors_and_its_search_works()
    {
        using var project = await Project.ReportedAsync();
        await WithPageAsync(project["out/report.html"], async page =>
        {
            (await page.TitleAsync()).ShouldContain("Defender for Business");
            var all = await page.Locator("#count").InnerTextAsync();
            await page.FillAsync("#q", "vdi");
            await Assertions.Expect(page.Locator("#count")).ToContainTextAsync(" of ");
            (await page.Locator("#count").InnerTextAsync()).ShouldNotBe(all);
            (await page.Locator("#rows tr:not(.pad)").CountAsync()).ShouldBeGreaterThan(0);
        });
    }

    [Fact]
    public async Task Rows_are_sorted_opened_and_reached_by_keys()
    {
        using var project = await Project.ReportedAsync();
        await WithPageAsync(project["out/report.html"], async page =>
        {
            await Assertions.Expect(page.Locator("#count")).ToContainTextAsync(" devices");
            var first = await page.Locator("#rows tr").First.InnerTextAsync();
            await page.Locator("#list").FocusAsync();
            await page.Keyboard.PressAsync("End");
            (await page.Locator("#rows tr").First.InnerTextAsync()).ShouldNotBe(first);
            await page.Keyboard.PressAsync("Home");
            (await page.Locator("#rows tr").First.InnerTextAsync()).ShouldBe(first);
            await page.ClickAsync("#heads button:has-text('Device')");
            (await page.Locator("#heads th[aria-sort]").GetAttributeAsync("aria-sort")).ShouldBe("descending");
            await page.ClickAsync("#heads button:has-text('State')");
            var states = await page.Locator("#rows tr td:nth-child(2)").AllInnerTextsAsync();
            states.ShouldBe(states.Order(StringComparer.Ordinal));
            await page.ClickAsync("#rows tr:first-child .link");
            (await page.Locator("#detail dd").CountAsync()).ShouldBe(5);
        });
    }

    [Fact]
    public async Task It_shows_what_somebody_changed_in_the_live_systems()
    {
        await using var test = await Commands.LabbedProject.StartAsync();
        (await test.RunAsync("push", "--yes")).ExitCode.ShouldBe(0);
        (await test.RunAsync("report")).ExitCode.ShouldBe(0);
        (await File.ReadAllTextAsync(test.Project["out/report.html"], TestContext.Current.CancellationToken)).ShouldContain("The live systems are as the bundle wants them.");
        using var client = test.Lab.CreateClient();
        var group = test.Lab.State.Groups[0];
        using var renamed = await client.PatchAsJsonAsync($"v1.0/groups/{group.Id}", new JsonObject { ["displayName"] = "<b>Theirs</b>" }, TestContext.Current.CancellationToken);
        renamed.EnsureSuccessStatusCode();
        (await test.RunAsync("report")).ExitCode.ShouldBe(0);
        await WithPageAsync(test.Project["out/report.html"], async page =>
        {
            var row = page.Locator("tr:has-text('changed outside mdbdeploy')");
            (await row.CountAsync()).ShouldBe(1);
            (await row.InnerTextAsync()).ShouldContain("/displayName");
        });
    }

    [Fact]
    public async Task A_system_that_does_not_answer_is_told_and_the_report_is_written_all_the_same()
    {
        await using var test = await Commands.LabbedProject.StartAsync("403:GET:/api/machines");
        var report = await test.RunAsync("report");
        report.ExitCode.ShouldBe(1, report.Output + report.Error);
        (await File.ReadAllTextAsync(test.Project["out/report.html"], TestContext.Current.CancellationToken)).ShouldContain("MDB0852");
    }

    [Fact]
    public async Task The_roll_out_is_drawn_from_what_status_remembered_and_axe_finds_nothing_serious_in_it()
    {
        await using var test = await Commands.LabbedProject.StartAsync();
        (await test.RunAsync("status")).ExitCode.ShouldBe(0);
        (await test.RunAsync("push", "--yes")).ExitCode.ShouldBe(0);
        // Time is told by the second.
        await Task.Delay(1100, TestContext.Current.CancellationToken);
        var report = await test.RunAsync("report");
        report.ExitCode.ShouldBe(0, report.Output);
        await WithPageAsync(test.Project["out/report.html"], async page =>
        {
            (await page.Locator("svg.rollout polyline").CountAsync()).ShouldBe(3);
            (await page.Locator("svg.rollout").GetAttributeAsync("aria-label"))!.ShouldContain("pilot ");
            (await page.InnerTextAsync("main")).ShouldContain("What the last push did");
            var found = await page.RunAxe();
            found.Violations.Where(v => v.Impact is "serious" or "critical").Select(v => $"{v.Id}: {string.Join("; ", v.Nodes.Select(n => n.Html))}").ShouldBeEmpty();
        });
    }

    [Theory]
    [InlineData(20_000)]
    [InlineData(1_000_000)]
    public async Task A_large_fleet_is_one_small_file_of_which_only_the_rows_in_view_are_drawn(int devices)
    {
        using var project = await Project.NewAsync();
        (await project.RunAsync("report", "--offline")).ExitCode.ShouldBe(0);
        var page = await File.ReadAllTextAsync(project["out/report.html"], TestContext.Current.CancellationToken);
        const string Begin = "id=\"data\">";
        var at = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        await using (var file = File.Create(project["out/large.html"]))
        {
            file.Write(System.Text.Encoding.UTF8.GetBytes(page[..at]));
            DeviceColumns.Write(Fleet(devices), file);
            file.Write(System.Text.Encoding.UTF8.GetBytes(page[page.IndexOf("</script>", at, StringComparison.Ordinal)..]));
        }

        new FileInfo(project["out/large.html"]).Length.ShouldBeLessThan(8_000_000);
        await WithPageAsync(project["out/large.html"], async browser =>
        {
            var all = devices.ToString("N0", System.Globalization.CultureInfo.InvariantCulture);
            await Assertions.Expect(browser.Locator("#count")).ToHaveTextAsync($"{all} devices", new() { Timeout = 60_000 });
            (await browser.Locator("#rows tr").CountAsync()).ShouldBeLessThan(30);
            await browser.Locator("#list").FocusAsync();
            await browser.Keyboard.PressAsync("End");
            var last = await browser.Locator("#rows .link").Last.InnerTextAsync();
            last.ShouldStartWith("WS-");
            await browser.FillAsync("#q", last);
            (await browser.Locator("#count").InnerTextAsync()).ShouldBe($"1 of {all} devices");
            await browser.FillAsync("#q", "");
            await browser.SelectOptionAsync("#state", "failed");
            (await browser.Locator("#count").InnerTextAsync()).ShouldBe($"{(devices / 50).ToString("N0", System.Globalization.CultureInfo.InvariantCulture)} of {all} devices");
            (await browser.Locator("#rows tr").CountAsync()).ShouldBeLessThan(30);
        });
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Axe_finds_nothing_serious(ColorScheme scheme)
    {
        using var project = await Project.ReportedAsync();
        await WithPageAsync(project["out/report.html"], async page =>
        {
            await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = scheme });
            var found = await page.RunAxe();
            found.Violations.Where(v => v.Impact is "serious" or "critical").Select(v => $"{v.Id}: {string.Join("; ", v.Nodes.Select(n => n.Html))}").ShouldBeEmpty();
        });
    }

    [Fact]
    public async Task Hostile_device_names_are_inert()
    {
        using var project = await Project.NewAsync();
        project.SetInventory(("hostile.csv",
            "name,os,os_edition,os_build,join_type,tags\n"
            + "\"<script>window.pwned=1</script>\",Windows 11,Pro,10.0.22631.4460,ad,\"</script><script>window.pwned=2</script>\"\n"
            + "\"\"\"><img src=x onerror=window.pwned=3>\",Windows 11,Pro,10.0.22631.4460,ad,\n"
            + "=cmd|' /C calc'!A0,Windows 11,Home,10.0.22631.4460,ad,\n"));
        var report = await project.RunAsync("report", "--offline");
        report.ExitCode.ShouldBe(0, report.Output + report.Error);
        await WithPageAsync(project["out/report.html"], async page =>
        {
            (await page.EvaluateAsync<bool>("() => 'pwned' in window")).ShouldBeFalse();
            (await page.Locator("#rows tr:not(.pad)").CountAsync()).ShouldBe(3);
        });
        var csv = await File.ReadAllTextAsync(project["out/plan.csv"], TestContext.Current.CancellationToken);
        csv.Split('\n').ShouldNotContain(l => l.StartsWith('=') || l.Contains(",=", StringComparison.Ordinal) || l.Contains(",\"=", StringComparison.Ordinal));
    }

    // Names without a pattern, and builds and reasons as many as a fleet has.
    private static List<DeviceStatus> Fleet(int devices)
    {
        var random = new Random(7);
        string[] states = ["LT", "PC", "WS"], builds = ["10.0.22631.4460", "10.0.26100.2314", "10.0.19045.5131"];
        var plans = builds.Select(build => WindowsBuild.Parse(build)!.Value).ToList();
        return [.. Enumerable.Range(0, devices).Select(i =>
        {
            var device = new Device { Name = FormattableString.Invariant($"{states[i % 3]}-{random.Next(0x1000000):X6}{i % 97:D2}"), Build = plans[random.Next(plans.Count)] };
            var planned = new PlannedDevice { Device = device, Eligibility = Eligibility.Eligible, Method = i % 2 == 0 ? Methods.Intune : Methods.GroupPolicy, Ring = i % 10 == 0 ? "early" : "broad", Reasons = [$"Windows (build {device.Build}) meets the requirements."] };
            return new DeviceStatus(planned, OnboardingState.Waiting, "No system reports it yet.", null) { Condition = i % 50 == 0 ? DeviceCondition.Failed : i % 3 == 0 ? DeviceCondition.Waiting : DeviceCondition.Onboarded };
        })];
    }

    private async Task WithPageAsync(string file, Func<IPage, Task> look)
    {
        Assert.SkipWhen(Chromium.Missing is not null, Chromium.Missing ?? "");
        // A context of its own: nothing of another test's page is left in it.
        await using var context = await chromium.Browser.NewContextAsync(new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = 1280, Height = 1400 } });
        var page = await context.NewPageAsync();
        var troubles = new List<string>();
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                troubles.Add(message.Text);
            }
        };
        page.PageError += (_, error) => troubles.Add(error);
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith("file:", StringComparison.Ordinal))
            {
                troubles.Add($"asked for {request.Url}");
            }
        };
        await page.GotoAsync(new Uri(file).AbsoluteUri);
        await look(page);
        troubles.ShouldBeEmpty();
    }
}
