using System.Management.Automation;
using System.Text;
using MdbDeploy.Formats;

namespace MdbDeploy.Tests.Rendering;

/// <summary>Staging in a golden image, run: what it writes, what it leaves alone, and that it can be taken back.</summary>
// One at a time: the environment that a script sees is the process's.
[Collection(nameof(FakeWindows))]
public sealed class ImageScriptTests : IDisposable
{
    private const string Extension = "[{42B5FAAE-6536-11D2-AE5A-0000F87571E3}{40B6664F-4972-11D1-A7CA-0000F87571E3}]";

    private readonly GoldenImage image = new("w11-pool");

    [Fact]
    public void Staging_a_fresh_image_writes_exactly_these_files()
    {
        image.Stage();
        image.Policy("Machine/Scripts/psscripts.ini").ShouldBe(new ScriptsIni { Startup = [new("Start-MdbDesktop.ps1")] }.Write());
        image.Policy("Machine/Scripts/psscripts.ini").ShouldBe(File.ReadAllBytes(Path.Combine(image.Bundle, "psscripts.ini")));
        image.Policy("Machine/Scripts/Startup/Onboard-NonPersistentMachine.ps1").ShouldBe(File.ReadAllBytes(Path.Combine(image.Bundle, "package", "Onboard-NonPersistentMachine.ps1")));
        image.Policy("Machine/Scripts/Startup/WindowsDefenderATPOnboardingScript.cmd").ShouldBe(File.ReadAllBytes(Path.Combine(image.Bundle, "package", "WindowsDefenderATPOnboardingScript.cmd")));
        image.Policy("Machine/Scripts/Startup/MdbImageName.txt").ShouldBe("W11-GOLD\r\n"u8.ToArray());
        image.Policy("gpt.ini").ShouldBe(new GptIni { Version = 1, MachineExtensionNames = Extension }.Write());
        image.PolicyFiles().ShouldBe(
        [
            "Machine/Scripts/Startup/MdbImageName.txt", "Machine/Scripts/Startup/Onboard-NonPersistentMachine.ps1", "Machine/Scripts/Startup/Start-MdbDesktop.ps1",
            "Machine/Scripts/Startup/WindowsDefenderATPOnboardingScript.cmd", "Machine/Scripts/psscripts.ini", "gpt.ini",
        ]);
        FakeItem.Of(image.PolicyPath("Machine/Scripts/psscripts.ini")).ShouldBe(FileAttributes.Archive | FileAttributes.Hidden);
    }

    [Fact]
    public void With_multiple_entries_the_cmd_is_entered_and_the_portals_ps1_is_not_there()
    {
        using var multiple = new GoldenImage("rds-2022");
        multiple.Stage();
        multiple.Policy("Machine/Scripts/scripts.ini").ShouldBe(new ScriptsIni { Startup = [new("Start-MdbDesktop.cmd")] }.Write());
        multiple.PolicyFiles().ShouldNotContain(f => f.EndsWith("psscripts.ini", StringComparison.Ordinal) || f.Contains("NonPersistent", StringComparison.Ordinal));
        multiple.Stage("-WithoutGuard");
        multiple.Policy("Machine/Scripts/scripts.ini").ShouldBe(new ScriptsIni { Startup = [new("WindowsDefenderATPOnboardingScript.cmd")] }.Write());
        multiple.Clean();
        multiple.Check().Failures.ShouldBeEmpty();
    }

    [Fact]
    public void Without_the_guard_the_portals_own_script_is_the_only_entry()
    {
        image.Stage("-WithoutGuard");
        image.Policy("Machine/Scripts/psscripts.ini").ShouldBe(new ScriptsIni { Startup = [new("Onboard-NonPersistentMachine.ps1")] }.Write());
        image.PolicyFiles().ShouldNotContain(f => f.Contains("Mdb", StringComparison.Ordinal));
        image.Stage();
        image.Policy("Machine/Scripts/psscripts.ini").ShouldBe(new ScriptsIni { Startup = [new("Start-MdbDesktop.ps1")] }.Write());
        image.Stage("-WithoutGuard");
        image.PolicyFiles().ShouldNotContain(f => f.Contains("Mdb", StringComparison.Ordinal));
    }

    [Fact]
    public void Staging_twice_changes_nothing()
    {
        image.Stage();
        var done = image.Disk();
        image.Stage();
        image.Disk().ShouldBe(done);
    }

    [Fact]
    public void What_if_touches_nothing()
    {
        var before = image.Disk();
        image.Stage("-WhatIf");
        image.Disk().ShouldBe(before);
        image.Stage();
        var staged = image.Disk();
        image.Stage("-Remove -WhatIf");
        image.Disk().ShouldBe(staged);
    }

    public static TheoryData<string, string, string> FirstStates => new()
    {
        { "no local policy", "", "" },
        { "an empty list", "\r\n", "[General]\r\nVersion=3\r\n" },
        { "scripts of others", "\r\n[ScriptsConfig]\r\nStartExecutePSFirst=true\r\n[Startup]\r\n0CmdLine=theirs.ps1\r\n0Parameters=-a \"b\"\r\n[Shutdown]\r\n0CmdLine=bye.ps1\r\n0Parameters=\r\n",
            "[General]\r\ngPCFunctionalityVersion=2\r\ngPCMachineExtensionNames=[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}{D02B1F72-3407-48AE-BA88-E8213C6761F1}]\r\nVersion=65537\r\n" },
        { "odd bytes", "     \r\n[Startup]\r\n     \r\n0CmdLine=ü.ps1\r\n0Parameters=\r\n\r\n\r\n[Shutdown]", "[General]\nVersion=7\ndisplayName=Ünders" },
    };

    [Theory]
    [MemberData(nameof(FirstStates))]
    public void Staging_testing_and_removing_returns_the_image_byte_for_byte(string state, string psscripts, string gptIni)
    {
        state.ShouldNotBeEmpty();
        image.Put("Machine/Scripts/psscripts.ini", psscripts.Length == 0 ? null : [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(psscripts)]);
        image.Put("gpt.ini", gptIni.Length == 0 ? null : Encoding.Latin1.GetBytes(gptIni));
        var first = image.Disk();
        image.Stage();
        image.Disk().ShouldNotBe(first);
        image.Clean();
        image.Check().Failures.ShouldBeEmpty();
        image.Stage();
        image.Stage("-Remove");
        image.Disk().ShouldBe(first);
        image.Stage("-Remove");
        image.Disk().ShouldBe(first);
    }

    [Fact]
    public void Our_entry_joins_those_of_others()
    {
        image.Put("Machine/Scripts/psscripts.ini", new ScriptsIni { Startup = [new("theirs.ps1", "-x")], Shutdown = [new("bye.ps1")], StartPowerShellFirst = true }.Write());
        image.Stage();
        image.Policy("Machine/Scripts/psscripts.ini").ShouldBe(
            new ScriptsIni { Startup = [new("theirs.ps1", "-x"), new("Start-MdbDesktop.ps1")], Shutdown = [new("bye.ps1")], StartPowerShellFirst = true }.Write());
    }

    [Fact]
    public void Entries_that_others_make_after_staging_outlive_its_removal()
    {
        image.Stage();
        image.Put("Machine/Scripts/psscripts.ini", new ScriptsIni { Startup = [new("Start-MdbDesktop.ps1"), new("later.ps1", "-y")] }.Write());
        image.Stage("-Remove");
        image.Policy("Machine/Scripts/psscripts.ini").ShouldBe(new ScriptsIni { Startup = [new("later.ps1", "-y")] }.Write());
        image.PolicyFiles().ShouldNotContain(f => f.Contains("Startup/", StringComparison.Ordinal));
    }

    [Fact]
    public void A_staging_that_was_killed_is_completed_and_can_still_be_taken_back()
    {
        image.Put("gpt.ini", "[General]\r\nVersion=9\r\n"u8.ToArray());
        var first = image.Disk();
        image.Stage();
        File.Delete(image.PolicyPath("Machine/Scripts/psscripts.ini"));
        image.Put("gpt.ini", "[General]\r\nVersion=9\r\n"u8.ToArray());
        image.Stage();
        image.Policy("Machine/Scripts/psscripts.ini").ShouldBe(new ScriptsIni { Startup = [new("Start-MdbDesktop.ps1")] }.Write());
        image.Stage("-Remove");
        image.Disk().ShouldBe(first);
    }

    [Theory]
    [InlineData(0x0003_0002u, 0x0003_0003u)]
    [InlineData(0x0003_FFFFu, 0x0003_0001u)]
    public void A_local_policy_that_stands_there_keeps_its_extensions_and_its_user_version(uint before, uint after)
    {
        const string Registry = "[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}{D02B1F72-3407-48AE-BA88-E8213C6761F1}]";
        const string Tasks = "[{AADCED64-746C-4633-A97C-D61349046527}{CAB54552-DEEA-4691-817E-ED4A4D1AFC72}]";
        image.Put("gpt.ini", Encoding.ASCII.GetBytes($"[General]\r\ngPCFunctionalityVersion=2\r\ngPCMachineExtensionNames={Registry}{Tasks}\r\nVersion={before}\r\n"));
        image.Stage();
        var ini = GptIni.Read(image.Policy("gpt.ini"), "gpt.ini").Value!;
        ini.Version.ShouldBe(after);
        ini.MachineExtensionNames.ShouldBe(ExtensionNames.Merge(Registry + Tasks, Extension));
        Encoding.ASCII.GetString(image.Policy("gpt.ini")).ShouldContain("gPCFunctionalityVersion=2\r\n");
    }

    [Fact]
    public void A_list_that_windows_passes_over_is_not_built_upon()
    {
        image.Put("Machine/Scripts/psscripts.ini", "[Startup]\r\n0CmdLine=theirs.ps1\r\n0Parameters=\r\n"u8.ToArray());
        var before = image.Disk();
        Should.Throw<RuntimeException>(() => image.Stage()).Message.ShouldContain("not UTF-16 with a byte order mark");
        image.Disk().ShouldBe(before);
    }

    [Fact]
    public void A_package_that_changed_since_rendering_is_refused()
    {
        var before = image.Disk();
        File.AppendAllText(Path.Combine(image.Bundle, "package", "Onboard-NonPersistentMachine.ps1"), "# changed");
        Should.Throw<RuntimeException>(() => image.Stage()).Message.ShouldContain("as it was rendered");
        image.Disk().ShouldBe(before);
    }

    public void Dispose() => image.Dispose();
}
