using Microsoft.Playwright;

namespace MdbDeploy.EndToEnd.Reports;

/// <summary>A real browser, started once for the tests of a class.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string Program = Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium";

    private IPlaywright? playwright;
    private IBrowser? browser;

    /// <summary>Why there is none on this machine; null when there is one.</summary>
    public static string? Missing => File.Exists(Program) ? null : "needs Chromium at /usr/bin/chromium, or the variable CHROMIUM (Debian: apt install chromium)";

    public IBrowser Browser => browser.ShouldNotBeNull();

    public async ValueTask InitializeAsync()
    {
        if (Missing is not null)
        {
            return;
        }

        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Program,
            Headless = true,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
        {
            await browser.DisposeAsync();
        }

        playwright?.Dispose();
    }
}
