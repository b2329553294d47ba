using System.Globalization;
using System.Text.RegularExpressions;

namespace MdbDeploy.Tests.CommandScripts;

/// <summary>The rendered launchers, run by a real cmd.exe: what they start, from which folders, and what they end with.</summary>
[Collection(nameof(Wine))]
public sealed class LauncherTests : IDisposable
{
    private readonly Wine wine;
    private readonly Scratch scratch = new();

    public LauncherTests(Wine wine)
    {
        Assert.SkipWhen(Wine.Missing is not null, Wine.Missing ?? "");
        this.wine = wine;
        wine.Forget();
    }

    /// <summary>Not with a per cent sign: Wine 8 expands what %~dp0 gave a second time, which Windows does not.</summary>
    private static string[] Folders => ["plain", "with a space", "a;b,c=d", "R&D (new) wow! a^b & it's"];

    public static TheoryData<string, string> Launchers => new()
    {
        { "Onboard.cmd", "Start-MdbScript.ps1" },
        { "Offboard.cmd", "Start-MdbScript.ps1" },
        { "Start-MdbDesktop.cmd", "Start-MdbDesktop.ps1" },
    };

    [Theory]
    [MemberData(nameof(Launchers))]
    public void It_starts_its_own_script_whatever_the_folder_is_called_and_passes_on_its_exit_code(string name, string script)
    {
        List<string> launchers = [.. Folders.Select(folder => Deliver(name, folder))];
        var (_, output) = wine.Run(string.Join('\n', launchers.Select((l, i) => $"cd /d \"{Windows(Path.GetDirectoryName(l)!)}\"\nset MDB_EXIT={i + 40}\ncmd /d /c .\\{name}\necho code %ERRORLEVEL%")));
        Codes(output).ShouldBe(launchers.Select((_, i) => i + 40));
        wine.Calls.Select(Script).ShouldBe(launchers.Select(l => Windows(Path.Combine(Path.GetDirectoryName(l)!, script))));
        wine.Calls.ShouldAllBe(call => call.Contains("-NoProfile", StringComparison.Ordinal) && call.Contains("-ExecutionPolicy Bypass", StringComparison.Ordinal));
    }

    [Fact]
    public void Opened_by_a_double_click_with_nobody_at_the_keyboard_it_ends_and_passes_on_what_it_was_given()
    {
        foreach (var folder in new[] { "plain", "R&D (new) wow! a^b & it's" })
        {
            var launcher = Deliver("Onboard.cmd", folder);
            var (code, output) = wine.Open(launcher, [("MDB_EXIT", "97")], "-AnyDevice", "-ResultFile", "C:\\my results & more\\r.csv");
            code.ShouldBe(97, output);
            wine.Calls[^1].ShouldEndWith("Start-MdbScript.ps1\" -AnyDevice -ResultFile \"C:\\my results & more\\r.csv\"");
        }
    }

    [Theory]
    [MemberData(nameof(Launchers))]
    public void Every_exit_code_is_passed_on(string name, string script)
    {
        script.ShouldNotBeEmpty();
        var folder = Path.GetDirectoryName(Deliver(name, "with a space"))!;
        int[] codes = [0, 1, 97, 255, -1];
        var (_, output) = wine.Run(string.Join('\n', codes.Select(c => $"set MDB_EXIT={c}\ncmd /d /c .\\{name}\necho code %ERRORLEVEL%")), folder);
        Codes(output).ShouldBe(codes);
    }

    [Fact]
    public void Where_powershell_cannot_be_started_it_says_so_and_does_not_end_with_0()
    {
        var launcher = Deliver("Onboard.cmd", "plain");
        var (code, output) = wine.WithoutPowerShell(() => wine.Open(launcher));
        code.ShouldNotBe(0, output);
        wine.Calls.ShouldBeEmpty();
    }

    public void Dispose() => scratch.Dispose();

    private string Deliver(string name, string folder)
    {
        var baselines = Path.Combine(Repository.Root, "tests", "MdbDeploy.Tests", "Baselines");
        var source = Directory.EnumerateFiles(baselines, name, SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();
        var target = Path.Combine(Directory.CreateDirectory(Path.Combine(scratch.Path, folder)).FullName, name);
        File.Copy(source, target, overwrite: true);
        return target;
    }

    private static string Windows(string path) => "Z:" + path.Replace('/', '\\');

    private static IEnumerable<int> Codes(string output) => Regex.Matches(output, "code (-?[0-9]+)").Select(m => int.Parse(m.Groups[1].ValueSpan, CultureInfo.InvariantCulture));

    /// <summary>The argument of -File.</summary>
    private static string Script(string line) => line.Split("-File \"")[1].Split('"')[0];
}
