using MdbDeploy.Formats;

namespace MdbDeploy.Tests.Formats;

/// <summary>What the shipped templates render, as the baselines keep it, against the formats.</summary>
public class RenderedPolicyTests
{
    private static readonly string Baselines = Path.Combine(Repository.Root, "tests", "MdbDeploy.Tests", "Baselines");

    [Theory]
    [InlineData("pilot")]
    [InlineData("broad-2")]
    public void The_backup_of_a_ring_holds_what_windows_holds_and_nothing_is_skipped(string ring)
    {
        var folder = Path.Combine(Baselines, "320-gpo", "two-rings", "expected", "gpo", ring);
        GpmcInvariants.ShouldHold(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .ToDictionary(f => Path.GetRelativePath(folder, f).Replace('\\', '/'), File.ReadAllBytes));
        var read = GpmcBackupReader.ReadFolder(folder);
        read.Diagnostics.ShouldBeEmpty();
        var policy = read.Value!.ShouldHaveSingleItem();
        GroupPolicyLint.Check(policy, ring).ShouldBeEmpty();
        policy.Options.ShouldBe(GroupPolicyOptions.UserDisabled);
        policy.Comment.ShouldContain("mdbdeploy:contoso/");
        RegistryPol.Read(policy.Files["Machine/registry.pol"].Span, ring).Value.ShouldBe(
            [RegistryPolicyEntry.Dword(@"SOFTWARE\Policies\Microsoft\Windows Advanced Threat Protection", "AllowSampleCollection", 1)]);
        var task = ScheduledTasks.Read(policy.Files["Machine/Preferences/ScheduledTasks/ScheduledTasks.xml"], ring).Value!.ShouldHaveSingleItem();
        task.Commands.ShouldBe([new TaskCommand(@"\\fs01.corp.contoso.example\mdb$\WindowsDefenderATPOnboardingScript.cmd", "")]);
        task.Filters.ShouldHaveSingleItem().Filters.Select(f => f.Name).ShouldBe(ring == "pilot" ? ["PC-0001", "PC-0002"] : ["PC-0003"]);
    }

    [Theory]
    [InlineData("w11-pool", "psscripts.ini", "Start-MdbDesktop.ps1")]
    [InlineData("rds-2022", "scripts.ini", "Start-MdbDesktop.cmd")]
    public void The_start_up_entry_of_an_image_is_byte_for_byte_what_windows_writes(string image, string file, string script) =>
        File.ReadAllBytes(Path.Combine(Baselines, "330-vdi", "two-images", "expected", "vdi", image, file)).ShouldBe(new ScriptsIni { Startup = [new(script)] }.Write());
}
