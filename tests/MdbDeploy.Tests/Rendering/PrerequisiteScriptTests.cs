using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace MdbDeploy.Tests.Rendering;

/// <summary>The script that checks a device before it is onboarded, run.</summary>
[Collection(nameof(FakeWindows))]
public sealed class PrerequisiteScriptTests : IDisposable
{
    private const string Version = @"HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion";

    private readonly FakeWindows windows = new();
    private readonly string script;

    public PrerequisiteScriptTests()
    {
        script = Path.Combine(windows.Deliver(Path.Combine(Repository.Root, "tests", "MdbDeploy.Tests", "Baselines", "350-prerequisites", "two-devices", "expected", "prerequisites")), "Test-MdbPrerequisites.ps1");
        Windows("22631", 4460, "Professional", "Client");
        foreach (var service in new[] { "Sense", "DiagTrack", "WinDefend", "WdBoot", "WdFilter" })
        {
            Set($@"HKLM:\SYSTEM\CurrentControlSet\Services\{service}", "Start", "3");
        }

        windows.Run("function global:ConvertTo-Json($InputObject, $Depth) { '[' + (@($InputObject | ForEach-Object { '{\"Check\":\"' + $_.Check + '\"}' }) -join ',') + ']' }");
        windows.Run("$global:Services['Sense'] = [pscustomobject] @{ Status = 'Stopped' }");
    }

    [Fact]
    public void A_ready_device_passes_every_check()
    {
        var (exit, results) = Check("-SkipAddresses");
        results.Where(r => r.Value.Result is not ("Pass" or "Note")).ShouldBeEmpty();
        exit.ShouldBe(0);
    }

    [Theory]
    [InlineData("19041", 1319, "Pro", "Build", "Fail", "Windows 10 2004 has build 19041.1319, and needs 19041.1320 or later (KB5006738).")]
    [InlineData("19041", 1320, "Pro", "Build", "Pass", "")]
    [InlineData("17763", 6000, "Pro", "Build", "Unknown", "Windows 10 1607 to 1909: This version takes the onboarding package")]
    [InlineData("9600", 20000, "Pro", "Build", "Fail", "Windows 7 to 8.1: Windows before Windows 10 needs other means")]
    [InlineData("15", 0, "Pro", "Build", "Unknown", "Build 15 is no release of Windows that this script knows.")]
    [InlineData("22631", 1, "CoreSingleLanguage", "Edition", "Fail", "home: Windows Home is not supported; change the edition to Pro first.")]
    [InlineData("22631", 1, "EnterpriseSN", "Edition", "Unknown", "enterprise-ltsc: Defender for Business does not list")]
    [InlineData("22631", 1, "Enterprise", "Edition", "Pass", "")]
    [InlineData("22631", 1, "Starter", "Edition", "Unknown", "The edition 'Starter' is on no list")]
    public void Build_and_edition_are_judged_as_the_plan_judges_them(string build, int revision, string edition, string check, string result, string detail)
    {
        Windows(build, revision, edition == "Pro" ? "Professional" : edition, "Client");
        var (exit, results) = Check("-SkipAddresses");
        results[check].Result.ShouldBe(result);
        results[check].Detail.ShouldStartWith(detail);
        exit.ShouldBe(result switch { "Pass" => 0, "Fail" => 1, _ => 2 });
    }

    [Fact]
    public void A_server_has_its_own_builds_and_no_edition_to_check()
    {
        Windows("20348", 319, "ServerStandard", "Server Core");
        var (_, results) = Check("-SkipAddresses");
        results["Build"].Detail.ShouldBe("Windows Server 2022 has build 20348.319, and needs 20348.320 or later (KB5006745).");
        results["Edition"].Result.ShouldBe("Pass");
        Set(@"HKLM:\SYSTEM\CurrentControlSet\Control\ProductOptions", "ProductType", "'LanmanNT'");
        Check("-SkipAddresses").Results["DomainController"].Result.ShouldBe("Note");
    }

    [Fact]
    public void An_old_server_is_ready_when_the_unified_agent_is_there_and_not_before()
    {
        Windows("14393", 7000, "ServerStandard", "Server");
        Check("-SkipAddresses").Exit.ShouldBe(0);
        windows.Run("$global:Services.Clear()");
        var (exit, results) = Check("-SkipAddresses");
        results["SensorInstalled"].Detail.ShouldContain("md4ws.msi");
        exit.ShouldBe(1);
    }

    [Fact]
    public void What_the_registry_does_not_say_is_unknown_and_no_pass()
    {
        windows.Run($"$global:Registry['{Version}'] = @{{ InstallationType = 'Client'; CurrentBuildNumber = '19041'; EditionID = 'Professional' }}");
        var (exit, results) = Check("-SkipAddresses");
        results["Build"].ShouldBe(("Unknown", "The registry does not say which update is installed."));
        exit.ShouldBe(2);
    }

    [Fact]
    public void A_removed_sensor_is_told_with_the_command_that_brings_it_back()
    {
        windows.Run("$global:Services.Clear(); function global:Get-WindowsCapability($Name, [switch] $Online) { [pscustomobject] @{ State = 'NotPresent' } }");
        var detail = Check("-SkipAddresses").Results["SensorInstalled"].Detail;
        detail.ShouldContain("'NotPresent'");
        detail.ShouldContain("/Add-Capability /CapabilityName:Microsoft.Windows.Sense.Client~~~~");
    }

    [Theory]
    [InlineData("DiagTrack")]
    [InlineData("WdBoot")]
    public void A_disabled_service_that_onboarding_needs_fails(string service)
    {
        Set($@"HKLM:\SYSTEM\CurrentControlSet\Services\{service}", "Start", "4");
        var (exit, results) = Check("-SkipAddresses");
        results[$"Service {service}"].Result.ShouldBe("Fail");
        exit.ShouldBe(1);
    }

    [Fact]
    public void An_antivirus_that_is_switched_off_by_policy_fails_and_an_onboarded_device_is_noted()
    {
        Set(@"HKLM:\SOFTWARE\Policies\Microsoft\Windows Defender", "DisableAntiSpyware", "1");
        windows.Run(@"$global:Registry['HKLM:\SOFTWARE\Microsoft\Windows Advanced Threat Protection\Status'] = @{ OnboardingState = 1; OrgId = 'abc' }");
        var results = Check("-SkipAddresses").Results;
        results["AntivirusNotDisabled"].Detail.ShouldBe("DisableAntiSpyware is set by a policy: take it out.");
        results["Onboarded"].Detail.ShouldBe("It is onboarded already, to the organisation abc.");
    }

    [Theory]
    [InlineData(200, "Pass", "")]
    [InlineData(403, "Pass", "")]
    [InlineData(404, "Pass", "")]
    [InlineData(302, "Pass", "")]
    [InlineData(407, "Fail", "The proxy asks for a sign-in")]
    public void Any_answer_of_a_server_will_do_but_not_a_proxy_that_wants_a_sign_in(int status, string result, string detail)
    {
        using var server = new OneAnswer(status);
        var (_, results) = Check($"-Address '{server.Url}'");
        results[$"Address {server.Url}"].Result.ShouldBe(result);
        results[$"Address {server.Url}"].Detail.ShouldStartWith(detail);
        server.Heads.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void An_address_that_refuses_the_connection_fails()
    {
        string url;
        using (var closed = new OneAnswer(200))
        {
            url = closed.Url;
        }

        Check($"-Address '{url}' -TimeoutSeconds 5").Results[$"Address {url}"].Detail.ShouldStartWith("It cannot be reached:");
    }

    [Fact]
    public void The_answer_as_JSON_holds_every_check()
    {
        var text = (string)windows.Run($"& '{script}' -SkipAddresses -Json").Single().BaseObject;
        JsonNode.Parse(text)!.AsArray().Select(r => r!["Check"]!.GetValue<string>()).ShouldContain("Edition");
    }

    [Fact]
    public void By_default_it_tries_the_addresses_that_can_be_tried()
    {
        var text = File.ReadAllText(script);
        text.ShouldContain("'https://enterpriseregistration.windows.net/'");
        text.ShouldContain("'https://login.microsoftonline.com/'");
        text.ShouldNotContain("https://*");
        text.ShouldContain("'*.dm.microsoft.com'");
    }

    public void Dispose() => windows.Dispose();

    private void Windows(string build, int revision, string edition, string type) =>
        windows.Run($"$global:Registry['{Version}'] = @{{ CurrentBuildNumber = '{build}'; UBR = {revision}; EditionID = '{edition}'; InstallationType = '{type}' }}");

    private void Set(string key, string name, string value) => windows.Run($"$global:Registry['{key}'] = @{{ '{name}' = {value} }}");

    private (int Exit, Dictionary<string, (string Result, string Detail)> Results) Check(string arguments)
    {
        var results = windows.Run($"& '{script}' {arguments}").ToDictionary(r => (string)r.Properties["Check"].Value, r => ((string)r.Properties["Result"].Value, (string)r.Properties["Detail"].Value));
        return (Convert.ToInt32(windows.Run("$LASTEXITCODE").Single().BaseObject, CultureInfo.InvariantCulture), results);
    }

    /// <summary>An HTTP server on loopback that gives every request the same status.</summary>
    private sealed class OneAnswer : IDisposable
    {
        private readonly HttpListener listener = new();
        private readonly Task serving;

        public OneAnswer(int status)
        {
            using (var probe = new TcpListener(IPAddress.Loopback, 0))
            {
                probe.Start();
                Url = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/";
            }

            listener.Prefixes.Add(Url);
            listener.Start();
            serving = Task.Run(async () =>
            {
                while (listener.IsListening)
                {
                    try
                    {
                        var context = await listener.GetContextAsync();
                        Heads += context.Request.HttpMethod == "HEAD" ? 1 : 0;
                        context.Response.StatusCode = status;
                        context.Response.Close();
                    }
                    catch (Exception ended) when (ended is HttpListenerException or ObjectDisposedException)
                    {
                        return;
                    }
                }
            });
        }

        public string Url { get; }

        public int Heads { get; private set; }

        public void Dispose()
        {
            listener.Close();
            serving.Wait();
        }
    }
}
