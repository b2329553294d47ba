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
        var policy = Backup(ring);
        policy.Files.Keys.ShouldNotContain(path => path.EndsWith(".pol", StringComparison.OrdinalIgnoreCase));
        var task = ScheduledTasks.Read(policy.Files["Machine/Preferences/ScheduledTasks/ScheduledTasks.xml"], ring).Value!.ShouldHaveSingleItem();
        task.Commands.ShouldBe([new TaskCommand(@"\\fs01.corp.contoso.example\mdb$\WindowsDefenderATPOnboardingScript.cmd", "")]);
        task.Filters.ShouldHaveSingleItem().Filters.Select(f => f.Name).ShouldBe(ring == "pilot" ? ["PC-0001", "PC-0002"] : ["PC-0003"]);
    }

    [Fact]
    public void The_backup_with_settings_holds_nothing_but_registry_policy()
    {
        var policy = Backup("settings/policies");
        policy.Files.Keys.Where(path => path != "GPO.cmt").ShouldHaveSingleItem();
        RegistryPol.Read(policy.Files["Machine/registry.pol"].Span, "settings").Value.ShouldBe(
            [RegistryPolicyEntry.Dword(@"SOFTWARE\Policies\Microsoft\Windows Advanced Threat Protection", "AllowSampleCollection", 1)]);
    }

    /// <summary>The only backup of a folder, which holds what is true of every backup that Windows made.</summary>
    private static GroupPolicyBackup Backup(string name)
    {
        var folder = Path.Combine(Baselines, "320-gpo", "two-rings", "expected", "gpo", name);
        GpmcInvariants.ShouldHold(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .ToDictionary(f => Path.GetRelativePath(folder, f).Replace('\\', '/'), File.ReadAllBytes));
        var read = GpmcBackupReader.ReadFolder(folder);
        read.Diagnostics.ShouldBeEmpty();
        var policy = read.Value!.ShouldHaveSingleItem();
        GroupPolicyLint.Check(policy, name).ShouldBeEmpty();
        policy.Options.ShouldBe(GroupPolicyOptions.UserDisabled);
        policy.Comment.ShouldContain("mdbdeploy:contoso/");
        return policy;
    }

    [Theory]
    [InlineData("w11-pool", "psscripts.ini", "Start-MdbDesktop.ps1")]
    [InlineData("rds-2022", "scripts.ini", "Start-MdbDesktop.cmd")]
    public void The_start_up_entry_of_an_image_is_byte_for_byte_what_windows_writes(string image, string file, string script) =>
        File.ReadAllBytes(Path.Combine(Baselines, "330-vdi", "two-images", "expected", "vdi", image, file)).ShouldBe(new ScriptsIni { Startup = [new(script)] }.Write());
}
