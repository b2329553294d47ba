using System.IO.Compression;
using System.Text;
using MdbDeploy.Packages;
using MdbDeploy.Projects;
using MdbDeploy.Tests.Packages;

namespace MdbDeploy.Tests.Rendering;

/// <summary>Every command script that is rendered or delivered, run by a command interpreter: its effects on registry and services, its exit code, what it starts.</summary>
public sealed class CommandScriptTests(Wine wine) : IClassFixture<Wine>, IDisposable
{
    private const string Sensor = @"HKLM\SOFTWARE\Microsoft\Windows Advanced Threat Protection\Status";
    private const string Policy = @"HKLM\SOFTWARE\Policies\Microsoft\Windows Advanced Threat Protection";
    private static readonly string Baselines = Path.Combine(Repository.Root, "tests", "MdbDeploy.Tests", "Baselines");
    private static readonly string Launcher = Path.Combine(Baselines, "350-offboarding", "local-script", "expected", "local-script", "offboarding", "batch-01", "Offboard.cmd");
    private static readonly string Desktop = Path.Combine(Baselines, "330-vdi", "two-images", "expected", "vdi", "rds-2022", "Start-MdbDesktop.cmd");
    private static readonly Dictionary<string, string> Willing = new() { ["MDBDEPLOY_RUN_SYNTHETIC"] = "1" };

    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    [Theory]
    [InlineData("plain")]
    [InlineData("Rollout (pilot) & more")]
    [InlineData("a^b ! c;d,e=f")]
    [InlineData("Tür 日本")]
    public async Task A_launcher_starts_the_script_beside_it_wherever_it_lies(string name)
    {
        Wine.Need();
        var seen = Path.Combine(scratch.Path, "seen");
        wine.PowerShellWrites(seen);
        foreach (var (script, expected) in new[] { (Launcher, new[] { "-NoProfile", "-ExecutionPolicy", "Bypass", "-File", "Start-MdbScript.ps1", "-AnyDevice" }), (Desktop, ["-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-File", "Start-MdbDesktop.ps1"]) })
        {
            var folder = Directory.CreateDirectory(Path.Combine(scratch.Path, name)).FullName;
            File.Copy(script, Path.Combine(folder, "Run.cmd"), overwrite: true);
            await wine.RunAsync(folder, ["cmd", "/c", "Run.cmd", "-AnyDevice"], "", []);
            var arguments = await SeenAsync(seen);
            arguments.ShouldBe([.. expected.Select(a => a.EndsWith(".ps1", StringComparison.Ordinal) ? $@"Z:{folder.Replace('/', '\\')}\{a}" : a)]);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    [InlineData(99)]
    public async Task A_launcher_passes_on_what_the_script_ended_with(int code)
    {
        Wine.Need();
        wine.PowerShellDoesWhatIsTyped();
        foreach (var script in new[] { Launcher, Desktop })
        {
            File.Copy(script, Path.Combine(scratch.Path, "Run.cmd"), overwrite: true);
            (await wine.RunAsync(scratch.Path, ["cmd", "/c", "Run.cmd"], $"exit {code}\r\n", [])).ExitCode.ShouldBe(code);
        }
    }

    [Fact]
    public async Task The_sample_scripts_do_nothing_unless_asked_to()
    {
        Wine.Need();
        foreach (var script in Samples())
        {
            var (code, output) = await wine.RunAsync(scratch.Path, ["cmd", "/c", script], "", []);
            code.ShouldBe(99);
            output.ShouldContain("synthetic sample");
        }

        (await RegistryAsync("OnboardingInfo")).ShouldBeNull();
    }

    [Fact]
    public async Task A_device_is_onboarded_and_offboarded_by_the_sample_scripts()
    {
        Wine.Need();
        // The scripts wait by pinging themselves.
        Wine.PlaceNothing(Path.Combine(scratch.Path, "ping.exe"));
        var scripts = Samples();
        var (onboard, interactive, offboard) = (scripts[0], scripts[1], scripts[2]);

        // Nobody there who says yes.
        (await RunAsync(interactive, "")).ShouldBe(1);
        (await RegistryAsync("OnboardingInfo")).ShouldBeNull();

        // No sensor, then one that does not report, then one that does.
        (await RunAsync(onboard)).ShouldBe(15);
        await TypedAsync("sc", "create", "SENSE", "binPath=", @"C:\windows\system32\spoolsv.exe", "type=", "own");
        (await RunAsync(onboard)).ShouldBe(35);
        await TypedAsync("reg", "add", Sensor, "/v", "OnboardingState", "/t", "REG_DWORD", "/d", "2", "/f", "/reg:64");
        (await RunAsync(onboard)).ShouldBe(40);
        await TypedAsync("reg", "add", Sensor, "/v", "OnboardingState", "/t", "REG_DWORD", "/d", "1", "/f", "/reg:64");
        (await RunAsync(interactive, "Y\r\n")).ShouldBe(0);
        var onboarded = await RegistryAsync("OnboardingInfo");
        onboarded.ShouldBe(Encoding.ASCII.GetString(Blob(onboard)));

        // Another organisation's device is left alone.
        (await RunAsync(offboard)).ShouldBe(70);
        (await RegistryAsync("OnboardingInfo")).ShouldBe(onboarded);
        await TypedAsync("reg", "add", Sensor, "/v", "OrgId", "/t", "REG_SZ", "/d", PortalFiles.Organization, "/f", "/reg:64");
        (await RunAsync(offboard)).ShouldBe(15);
        await TypedAsync("net", "stop", "SENSE");
        (await RunAsync(offboard)).ShouldBe(0);
        (await RegistryAsync("OnboardingInfo")).ShouldBeNull();
        (await RegistryAsync("696C1FA1-4030-4FA4-8713-FAF9B2EA7C0A")).ShouldBe(Encoding.ASCII.GetString(Blob(offboard)));
        // Onboarding again takes the order to offboard away.
        (await RunAsync(onboard)).ShouldBe(0);
        (await RegistryAsync("696C1FA1-4030-4FA4-8713-FAF9B2EA7C0A")).ShouldBeNull();
    }

    [Fact]
    public async Task The_line_of_a_portal_script_writes_the_bytes_of_the_file_into_the_registry()
    {
        Wine.Need();
        File.WriteAllText(Path.Combine(scratch.Path, "line.cmd"), PortalFiles.CmdLines[0] + "\r\n");
        await wine.RunAsync(scratch.Path, ["cmd", "/c", "line.cmd"], "", []);
        (await RegistryAsync("OnboardingInfo")).ShouldBe(Encoding.ASCII.GetString(PortalFiles.Onboarding));
        await TypedAsync("reg", "delete", Policy, "/f");
    }

    /// <summary>The command scripts that a new project holds: for a policy, by hand, offboarding.</summary>
    private string[] Samples()
    {
        var texts = Path.Combine(Repository.Root, "templates", "project");
        var project = Path.Combine(scratch.Path, "project");
        ProjectScaffold.Write(project, texts, Path.Combine(Repository.Root, "policies", "preset.schema.json"), DateTimeOffset.UnixEpoch);
        return [.. new[] { "GatewayWindowsDefenderATPOnboardingPackage.zip", "GatewayWindowsDefenderATPOnboardingPackage (1).zip", "WindowsDefenderATPOffboardingPackage_valid_until_1970-01-08.zip" }.Select((zip, index) =>
        {
            using var archive = ZipFile.OpenRead(Path.Combine(project, "packages", zip));
            archive.Entries.Single(e => e.Name.EndsWith(".cmd", StringComparison.Ordinal)).ExtractToFile(Path.Combine(scratch.Path, $"sample{index}.cmd"), overwrite: true);
            return $"sample{index}.cmd";
        })];
    }

    private byte[] Blob(string script) => OnboardingScript.Find(File.ReadAllBytes(Path.Combine(scratch.Path, script)))!.Blob!.Value.ToArray();

    private async Task<int> RunAsync(string script, string input = "") => (await wine.RunAsync(scratch.Path, ["cmd", "/c", script], input, Willing)).ExitCode;

    private async Task TypedAsync(params string[] command)
    {
        var (code, output) = await wine.RunAsync(scratch.Path, command, "", []);
        code.ShouldBe(0, output);
    }

    /// <summary>A value of the policy's key; null when it is not there.</summary>
    private async Task<string?> RegistryAsync(string value)
    {
        var (code, output) = await wine.RunAsync(scratch.Path, ["reg", "query", Policy, "/v", value], "", []);
        return code == 0 ? output.Split("REG_SZ", 2)[1].Trim() : null;
    }

    private static async Task<string[]> SeenAsync(string file)
    {
        // Nobody waits for a Unix program that a script of Windows starts.
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!File.Exists(file) || !File.ReadAllText(file).EndsWith('\n'))
        {
            await Task.Delay(20, deadline.Token);
        }

        var lines = File.ReadAllLines(file);
        File.Delete(file);
        return lines;
    }
}
