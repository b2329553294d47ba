using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace MdbDeploy.EndToEnd.Reports;

/// <summary>The report as a person sees it: in a real browser.</summary>
public class ReportTests
{
    [Fact]
    public async Task The_report_opens_without_network_or_errors_and_its_search_works()
    {
        using var project = await ReportedAsync();
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

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Axe_finds_nothing_serious(ColorScheme scheme)
    {
        using var project = await ReportedAsync();
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

    private static async Task<Project> ReportedAsync()
    {
        var project = await Project.NewAsync();
        var up = await project.RunAsync("up", "--lab");
        up.ExitCode.ShouldBe(0, up.Output + up.Error);
        return project;
    }

    private static async Task WithPageAsync(string file, Func<IPage, Task> look)
    {
        var chromium = Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium";
        Assert.SkipUnless(File.Exists(chromium), "needs Chromium at /usr/bin/chromium, or the variable CHROMIUM (Debian: apt install chromium)");
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = chromium,
            Headless = true,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"],
        });
        var page = await browser.NewPageAsync(new BrowserNewPageOptions { ViewportSize = new ViewportSize { Width = 1280, Height = 1400 } });
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
