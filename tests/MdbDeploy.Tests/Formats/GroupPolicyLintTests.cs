using System.Text;
using MdbDeploy.Formats;
using MdbDeploy.Packages;

namespace MdbDeploy.Tests.Formats;

/// <summary>
/// Every finding of <c>gpo lint</c> about a backup as a whole, each as one change to a backup without findings. What stands within ScheduledTasks.xml is in
/// <see cref="ScheduledTasksTests"/>, within Registry.xml and other preferences in <see cref="RegistryPreferencesTests"/>, within the ini files in <see cref="ScriptsIniTests"/>.
/// </summary>
public class GroupPolicyLintTests
{
    private const string Id = "{7A1C4E90-51CF-5B1C-9B0F-A4F5C7C2D902}";
    private const string Pair = "[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}{D02B1F72-3407-48AE-BA88-E8213C6761F1}]";
    private const string Pol = @"<FSObjectFile bkp:Path=""%GPO_MACH_FSPATH%\registry.pol""";
    private const string Task = """
        <ScheduledTasks clsid="{CC63F200-7309-4ba0-B154-A71CD118DBCC}"><ImmediateTaskV2 clsid="{9756B581-76EC-4169-9AFC-0CA8D43ADB5F}" name="T" uid="{1A3FC9E2-F3D5-442D-B6AD-5CDC09D2594F}"><Properties action="C" name="T" runAs="NT AUTHORITY\SYSTEM" logonType="S4U"><Task version="1.3">
        <Settings><DeleteExpiredTaskAfter>PT0S</DeleteExpiredTaskAfter></Settings><Triggers><TimeTrigger><StartBoundary>%LocalTimeXmlEx%</StartBoundary><EndBoundary>%LocalTimeXmlEx%</EndBoundary></TimeTrigger></Triggers>
        <Actions><Exec><Command>{0}</Command></Exec></Actions></Task></Properties></ImmediateTaskV2></ScheduledTasks>
        """;

    private static readonly byte[] OneValue = RegistryPol.Write([RegistryPolicyEntry.Dword("K", "V", 1)]);
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    private static readonly GroupPolicyBackup Good = new()
    {
        DisplayName = "MDB",
        GpoGuid = new Guid("0d8b0f3a-0f5f-5d3e-8a65-1c1f7a9b2e01"),
        BackupId = new Guid(Id),
        Options = GroupPolicyOptions.UserDisabled,
        Files = GpmcBackupTests.Files(("Machine/registry.pol", OneValue), ("Machine/Scripts/scripts.ini", new ScriptsIni { Startup = [new("a.cmd")] }.Write()), ("Machine/Scripts/Startup/a.cmd", [1]),
            ("Machine/Preferences/ScheduledTasks/ScheduledTasks.xml", WithCommand(@"\\fs01.corp.contoso.example\mdb$\a.cmd"))),
    };

    [Fact]
    public void A_right_backup_has_no_findings() => Lint(Good).ShouldBeEmpty();

    [Theory]
    [InlineData("Backup.xml", "[{00000000", " [{00000000", null)] // blanks around the list are Windows' own
    [InlineData("Backup.xml", "[{00000000-0000-0000-0000-000000000000}{CAB54552-DEEA-4691-817E-ED4A4D1AFC72}]", "", "MDB0807 MachineExtensionGuids lacks {00000000-0000-0000-0000-000000000000}")]
    [InlineData("Backup.xml", "[{00000000-0000-0000-0000-000000000000}{CAB54552", "[{00000000-0000-0000-0000-000000000000}{DAB54552", "MDB0807 MachineExtensionGuids lacks the tool {CAB54552-DEEA-4691-817E-ED4A4D1AFC72} among those")]
    [InlineData("Backup.xml", Pair, "", "MDB0807 MachineExtensionGuids lacks {35378EAC")]
    [InlineData("Backup.xml", Pair, Pair + Pair, "MDB0826 MachineExtensionGuids names the extension {35378EAC-683F-11D2-A89A-00C04FBBCFA2} twice")]
    [InlineData("Backup.xml", "[{00000000", "[{FFFFFFFF-0000-0000-0000-000000000000}{CAB54552-DEEA-4691-817E-ED4A4D1AFC72}][{00000000", "MDB0826 MachineExtensionGuids is not sorted")]
    [InlineData("Backup.xml", "{D02B1F72-3407-48AE-BA88-E8213C6761F1}]", "{D02B1F72-3407-48AE-BA88-E8213C6761F1}{0F6B957D-509E-11D1-A7CC-0000F87571E3}]", "MDB0826 MachineExtensionGuids is not sorted")]
    [InlineData("Backup.xml", "][{35378EAC", "{35378EAC", "MDB0826 MachineExtensionGuids is not sorted")]
    [InlineData("Backup.xml", "[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}{D02B1F72-3407-48AE-BA88-E8213C6761F1}]", "[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}{D02B1F72-3407-48AE-BA88-E8213C6761F1}", "MDB0826 MachineExtensionGuids is not of the form")]
    [InlineData("Backup.xml", "<UserExtensionGuids/>", "<UserExtensionGuids>[{CC63F200-7309-4BA0-B154-A71CD118DBCC}{CAB54552-DEEA-4691-817E-ED4A4D1AFC72}]</UserExtensionGuids>", "MDB0826 UserExtensionGuids names {CC63F200-7309-4BA0-B154-A71CD118DBCC}")]
    [InlineData("Backup.xml", "<Options><![CDATA[1]]>", "<Options><![CDATA[2]]>", "MDB0827 The Machine side has settings and is switched off (Options 2)")]
    [InlineData("Backup.xml", "<Options><![CDATA[1]]></Options>", "<Options><![CDATA[1]]></Options><Extra/>", "MDB0805 The elements of GroupPolicyCoreSettings are not those")]
    [InlineData("Backup.xml", "<WMIFilter/>", "<WMIFilter>MSFT_SomFilter.ID=\"{X}\",Domain=\"d\"</WMIFilter><WMIFilterName>Clients</WMIFilterName>", "MDB0829 It had the WMI filter 'Clients'")]
    [InlineData("Backup.xml", Pol, Pol + @" bkp:Location=""DomainSysvol\GPO\Machine\registry.pol""/>" + Pol, "MDB0805 It lists 'DomainSysvol/GPO/Machine/registry.pol' twice")]
    [InlineData("Backup.xml", @"GPO\Machine\registry.pol", @"GPO\Machine\other.pol", "MDB0805 It lists 'DomainSysvol/GPO/Machine/other.pol', which is not there")]
    [InlineData("Backup.xml", @"GPO\Machine\registry.pol", @"GPO\Machine\other.pol", "MDB0805 It does not list 'DomainSysvol/GPO/Machine/registry.pol'")]
    [InlineData("bkupInfo.xml", "{0D8B0F3A", "{0D8B0F3B", "MDB0805 It names another Group Policy Object")]
    [InlineData("bkupInfo.xml", "<Comment><![CDATA[]]></Comment>", "", null)]
    [InlineData("bkupInfo.xml", "<Comment><![CDATA[]]></Comment><GPODisplayName><![CDATA[MDB]]></GPODisplayName>", "<GPODisplayName>MDB</GPODisplayName><Comment/>", "MDB0805 The elements of BackupInst are not those")]
    [InlineData("bkupInfo.xml", "<ID><![CDATA[{7A1C4E90-51CF-5B1C-9B0F-A4F5C7C2D902}", "<ID><![CDATA[{0D8B0F3A-0F5F-5D3E-8A65-1C1F7A9B2E01}", "MDB0805 The backup has the identifier of the Group Policy Object itself")]
    [InlineData("bkupInfo.xml", "<ID><![CDATA[{7A1C4E90-51CF-5B1C-9B0F-A4F5C7C2D902}", "<ID><![CDATA[{0D8B0F3A-0F5F-5D3E-8A65-1C1F7A9B2E02}", "MDB0805 The backup's identifier is")]
    public void A_backup_that_windows_would_not_have_made_is_told(string file, string right, string wrong, string? finding)
    {
        var files = new Dictionary<string, byte[]>(GpmcBackup.Write(Good).Value!);
        var text = Encoding.UTF8.GetString(files[$"{Id}/{file}"]);
        text.ShouldContain(right);
        files[$"{Id}/{file}"] = Encoding.UTF8.GetBytes(text.Replace(right, wrong, StringComparison.Ordinal));
        var found = Lint(files);
        if (finding is null)
        {
            found.ShouldBeEmpty();
        }
        else
        {
            found.ShouldContain(f => f.StartsWith(finding, StringComparison.Ordinal), string.Join('\n', found));
        }
    }

    [Theory]
    [InlineData(0u, "MDB0828 The version of the Machine side is 0")]
    [InlineData(65536u, "MDB0828 The version of the Machine side is 0")]
    [InlineData(1u, null)]
    public void The_version_that_lgpo_puts_into_a_backup_must_not_be_0(uint version, string? finding)
    {
        var files = new Dictionary<string, byte[]>(GpmcBackup.Write(Good).Value!) { [$"{Id}/DomainSysvol/GPO/GPT.INI"] = new GptIni { Version = version }.Write() };
        Lint(files).Select(f => f.Split(',')[0]).ShouldBe(finding is null ? [] : [finding]);
    }

    [Fact]
    public void A_backup_without_its_info_is_told() =>
        Lint(GpmcBackup.Write(Good).Value!.Where(f => !f.Key.EndsWith("bkupInfo.xml", StringComparison.Ordinal)).ToDictionary()).ShouldHaveSingleItem().ShouldStartWith("MDB0805 bkupInfo.xml is missing");

    [Theory]
    [InlineData(@"\\fs01\mdb$\a.cmd", "MDB0830 '\\\\fs01\\mdb$\\a.cmd' names the server 'fs01' without its domain.")]
    [InlineData(@"\\%Server%\mdb$\a.cmd", null)]
    [InlineData(@"C:\a.cmd", null)]
    [InlineData(@"\\fs01.corp.contoso.example\mdb$\WindowsDefenderATPLocalOnboardingScript.cmd", "MDB0832 '\\\\fs01.corp.contoso.example\\mdb$\\WindowsDefenderATPLocalOnboardingScript.cmd' is the package for single computers, which waits for an answer.")]
    [InlineData(@"\\fs01.corp.contoso.example\mdb$\WindowsDefenderATPOffboardingScript_valid_until_2026-11-22.cmd", "MDB0833 '\\\\fs01.corp.contoso.example\\mdb$\\WindowsDefenderATPOffboardingScript_valid_until_2026-11-22.cmd' was valid until 2026-11-22.")]
    [InlineData(@"\\fs01.corp.contoso.example\mdb$\WindowsDefenderATPOffboardingScript_valid_until_2026-11-25.cmd", "MDB0836 '\\\\fs01.corp.contoso.example\\mdb$\\WindowsDefenderATPOffboardingScript_valid_until_2026-11-25.cmd' is valid until 2026-11-25.")]
    [InlineData(@"\\fs01.corp.contoso.example\mdb$\WindowsDefenderATPOffboardingScript_valid_until_2026-11-26.cmd", null)]
    public void What_a_task_starts_is_looked_at(string command, string? finding) =>
        Lint(Good with { Files = GpmcBackupTests.Files(("Machine/Preferences/ScheduledTasks/ScheduledTasks.xml", WithCommand(command))) }).ShouldBe(finding is null ? [] : [finding]);

    [Theory]
    [InlineData("{0D8B0F3A-0F5F", "{0D8B0F3B-0F5F", "MDB0805 Of the backup '{7A1C4E90-51CF-5B1C-9B0F-A4F5C7C2D902}' it says the GPOGuid '{0D8B0F3B-")]
    [InlineData("<GPODisplayName><![CDATA[MDB]]>", "<GPODisplayName><![CDATA[MDB 2]]>", "MDB0805 Of the backup '{7A1C4E90-51CF-5B1C-9B0F-A4F5C7C2D902}' it says the GPODisplayName 'MDB 2', and bkupInfo.xml says 'MDB'.")]
    [InlineData("<BackupTime><![CDATA[", "<BackupTime><![CDATA[1", "MDB0805 Of the backup '{7A1C4E90-51CF-5B1C-9B0F-A4F5C7C2D902}' it says the BackupTime '1")]
    [InlineData("<ID><![CDATA[{7A1C", "<ID><![CDATA[{7A1D", "MDB0805 It lists the backup '{7A1D4E90-51CF-5B1C-9B0F-A4F5C7C2D902}' of 'MDB', which is not there.")]
    [InlineData("<ID><![CDATA[{7A1C", "<ID><![CDATA[{7A1D", "MDB0805 It does not list the backup '{7A1C4E90-51CF-5B1C-9B0F-A4F5C7C2D902}' beside it")]
    [InlineData("</BackupInst></Backups>", "", "MDB0804 It is not well-formed XML")]
    public void The_list_of_backups_says_what_each_says_of_itself(string right, string wrong, string finding)
    {
        var files = new Dictionary<string, byte[]>(GpmcBackup.Write(Good).Value!);
        var text = Encoding.UTF8.GetString(files["manifest.xml"]);
        text.ShouldContain(right);
        files["manifest.xml"] = Encoding.UTF8.GetBytes(text.Replace(right, wrong, StringComparison.Ordinal));
        var found = Lint(files);
        found.ShouldContain(f => f.StartsWith(finding, StringComparison.Ordinal), string.Join('\n', found));
    }

    [Fact]
    public void A_list_of_backups_is_not_needed_and_one_backup_is_not_listed_twice()
    {
        var files = new Dictionary<string, byte[]>(GpmcBackup.Write(Good).Value!);
        var text = Encoding.UTF8.GetString(files["manifest.xml"]);
        var instance = text[text.IndexOf("<BackupInst>", StringComparison.Ordinal)..text.IndexOf("</Backups>", StringComparison.Ordinal)];
        files["manifest.xml"] = Encoding.UTF8.GetBytes(text.Replace(instance, instance + instance, StringComparison.Ordinal));
        Lint(files).ShouldBe(["MDB0805 It lists the backup '{7A1C4E90-51CF-5B1C-9B0F-A4F5C7C2D902}' twice."]);
        files.Remove("manifest.xml");
        Lint(files).ShouldBeEmpty();
    }

    [Fact]
    public void Two_items_with_one_identifier_are_told_also_when_they_stand_in_two_files()
    {
        var task = Encoding.UTF8.GetString(WithCommand(@"C:\a.cmd"));
        Lint(Good with { Files = GpmcBackupTests.Files(("Machine/Preferences/ScheduledTasks/ScheduledTasks.xml", Encoding.UTF8.GetBytes(task)), ("User/Preferences/ScheduledTasks/ScheduledTasks.xml", Encoding.UTF8.GetBytes(task.Replace("SYSTEM", "System", StringComparison.Ordinal)))) })
            .ShouldContain("MDB0835 'T' has the uid {1A3FC9E2-F3D5-442D-B6AD-5CDC09D2594F} of 'T'.");
    }

    [Fact]
    public void A_script_that_the_policy_lacks_is_told()
    {
        Lint(Good with { Files = Good.Files.Remove("Machine/Scripts/Startup/a.cmd") }).ShouldBe(["MDB0831 'a.cmd' is not among the files of the policy."]);
        Lint(Good with { Files = GpmcBackupTests.Files(("Machine/Scripts/psscripts.ini", new ScriptsIni { Startup = [new(@"sub\b.ps1")] }.Write()), ("Machine/Scripts/Startup/sub/B.ps1", [1])) }).ShouldBeEmpty();
    }

    [Fact]
    public void The_portals_scripts_are_known_by_what_they_do()
    {
        const string Script = "reg add \"HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows Advanced Threat Protection\" /v {0} /t REG_SZ /f /d \"x\"\r\n";
        var onboard = Script.Replace("{0}", "OnboardingInfo", StringComparison.Ordinal);
        var offboard = Script.Replace("{0}", "696C1FA1-4030-4FA4-8713-FAF9B2EA7C0A", StringComparison.Ordinal);
        With(("a.cmd", onboard)).ShouldBeEmpty();
        With(("a.cmd", onboard + "set /p ok=\r\n")).ShouldBe(["MDB0832 'a.cmd' waits for an answer."]);
        With(("a.cmd", onboard), ("b.cmd", offboard)).ShouldBe(["MDB0834 'MDB' starts an onboarding and an offboarding script."]);

        static List<string> With(params (string Name, string Content)[] scripts) => Lint(Good with
        {
            Files = GpmcBackupTests.Files([.. scripts.Select(s => ($"Machine/Scripts/Startup/{s.Name}", Encoding.ASCII.GetBytes(s.Content))),
                ("Machine/Scripts/scripts.ini", new ScriptsIni { Startup = [.. scripts.Select(s => new ScriptCommand(s.Name))] }.Write())]),
        });
    }

    private static byte[] WithCommand(string command) => Encoding.UTF8.GetBytes(Task.Replace("{0}", command, StringComparison.Ordinal));

    private static List<string> Lint(GroupPolicyBackup backup) => Lint(GpmcBackup.Write(backup).Value!);

    private static List<string> Lint(IReadOnlyDictionary<string, byte[]> files)
    {
        var read = GpmcBackupReader.Read(files.ToDictionary(f => f.Key, f => (ReadOnlyMemory<byte>)f.Value), "in");
        return [.. read.Diagnostics.Concat((read.Value ?? []).SelectMany(b => GroupPolicyLint.Check(b, b.DisplayName).Concat(OnboardingPolicyLint.Check(b, b.DisplayName, Now)))).Select(d => $"{d.Code} {d.Message}")];
    }
}
