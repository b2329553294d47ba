using System.Collections.Immutable;
using System.Text;
using CsCheck;
using MdbDeploy.Diagnostics;
using MdbDeploy.Formats;

namespace MdbDeploy.Tests.Formats;

public class GpmcBackupTests
{
    private static readonly byte[] Policy = RegistryPol.Write([RegistryPolicyEntry.Dword(@"SOFTWARE\Policies\Contoso", "Enabled", 1)]);
    private static readonly byte[] Ini = new ScriptsIni { Startup = [new("a.cmd")] }.Write();

    private static readonly GroupPolicyBackup Sample = new()
    {
        DisplayName = "MDB - Contoso",
        GpoGuid = new Guid("0d8b0f3a-0f5f-5d3e-8a65-1c1f7a9b2e01"),
        BackupId = new Guid("7a1c4e90-51cf-5b1c-9b0f-a4f5c7c2d902"),
        Domain = "corp.contoso.example",
        Options = GroupPolicyOptions.UserDisabled,
        Files = Files(("Machine/registry.pol", Policy)),
    };

    [Fact]
    public void Manifest_and_info_have_no_declaration_and_everything_in_cdata()
    {
        var files = Write(Sample);
        const string Instance = "<GPOGuid><![CDATA[{0D8B0F3A-0F5F-5D3E-8A65-1C1F7A9B2E01}]]></GPOGuid><GPODomain><![CDATA[corp.contoso.example]]></GPODomain>"
            + "<GPODomainGuid><![CDATA[{GUID}]]></GPODomainGuid><GPODomainController><![CDATA[UNKNOWN]]></GPODomainController>"
            + "<BackupTime><![CDATA[1980-01-01T00:00:00]]></BackupTime><ID><![CDATA[{7A1C4E90-51CF-5B1C-9B0F-A4F5C7C2D902}]]></ID><Comment><![CDATA[]]></Comment>"
            + "<GPODisplayName><![CDATA[MDB - Contoso]]></GPODisplayName></BackupInst>";
        var expected = Instance.Replace("{GUID}", StableGuid.Of("", "domain corp.contoso.example").ToString("B"), StringComparison.Ordinal);
        Text(files, "{7A1C4E90-51CF-5B1C-9B0F-A4F5C7C2D902}/bkupInfo.xml").ShouldBe("<BackupInst xmlns=\"http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest\">" + expected);
        Text(files, "manifest.xml").ShouldBe("<Backups xmlns=\"http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest\" xmlns:mfst=\"http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest\""
            + " mfst:version=\"1.0\"><BackupInst>" + expected + "</Backups>");
    }

    [Fact]
    public void Backup_xml_of_registry_policy_is_as_windows_writes_it() => Text(Write(Sample), "{7A1C4E90-51CF-5B1C-9B0F-A4F5C7C2D902}/Backup.xml").ShouldBe(
        """
        <?xml version="1.0" encoding="utf-8"?><GroupPolicyBackupScheme bkp:version="2.0" bkp:type="GroupPolicyBackupTemplate" xmlns:bkp="http://www.microsoft.com/GroupPolicy/GPOOperations" xmlns="http://www.microsoft.com/GroupPolicy/GPOOperations">
            <GroupPolicyObject><SecurityGroups/><FilePaths/><GroupPolicyCoreSettings><ID><![CDATA[{0D8B0F3A-0F5F-5D3E-8A65-1C1F7A9B2E01}]]></ID><Domain><![CDATA[corp.contoso.example]]></Domain><SecurityDescriptor>01 00 04 80 14 00 00 00 24 00 00 00 00 00 00 00 34 00 00 00 01 02 00 00 00 00 00 05 20 00 00 00 20 02 00 00 01 02 00 00 00 00 00 05 20 00 00 00 20 02 00 00 02 00 34 00 02 00 00 00 00 00 14 00 00 00 00 10 01 01 00 00 00 00 00 05 12 00 00 00 00 00 18 00 00 00 00 10 01 02 00 00 00 00 00 05 20 00 00 00 20 02 00 00</SecurityDescriptor><DisplayName><![CDATA[MDB - Contoso]]></DisplayName><Options><![CDATA[1]]></Options><UserVersionNumber><![CDATA[0]]></UserVersionNumber><MachineVersionNumber><![CDATA[65537]]></MachineVersionNumber><MachineExtensionGuids><![CDATA[[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}{D02B1F72-3407-48AE-BA88-E8213C6761F1}]]]></MachineExtensionGuids><UserExtensionGuids/><WMIFilter/></GroupPolicyCoreSettings>
                <GroupPolicyExtension bkp:ID="{35378EAC-683F-11D2-A89A-00C04FBBCFA2}" bkp:DescName="Registry">
                    <FSObjectFile bkp:Path="%GPO_MACH_FSPATH%\registry.pol" bkp:SourceExpandedPath="\\UNKNOWN\sysvol\corp.contoso.example\Policies\{0D8B0F3A-0F5F-5D3E-8A65-1C1F7A9B2E01}\Machine\registry.pol" bkp:Location="DomainSysvol\GPO\Machine\registry.pol"/>
                    <FSObjectFile bkp:Path="%GPO_FSPATH%\Adm\*.*" bkp:SourceExpandedPath="\\UNKNOWN\sysvol\corp.contoso.example\Policies\{0D8B0F3A-0F5F-5D3E-8A65-1C1F7A9B2E01}\Adm\*.*"/>
                </GroupPolicyExtension>
                <GroupPolicyExtension bkp:ID="{F15C46CD-82A0-4C2D-A210-5D0D3182A418}" bkp:DescName="Unknown Extension">
                </GroupPolicyExtension>
        </GroupPolicyObject>
        </GroupPolicyBackupScheme>
        """);

    [Fact]
    public void Scripts_stand_in_their_own_block_with_wildcards()
    {
        var text = Text(Write(Sample with { Files = Files(("Machine/Scripts/psscripts.ini", Ini), ("Machine/Scripts/Startup/sub/a.cmd", [1]), ("Machine/Scripts/scripts.ini", Ini)) }), "/Backup.xml");
        Paths(text, "Scripts").ShouldBe(
        [
            @"FSObjectFile %GPO_MACH_FSPATH%\Scripts\psscripts.ini",
            @"FSObjectFile %GPO_MACH_FSPATH%\Scripts\scripts.ini ScriptsValidatePaths",
            @"FSObjectDir %GPO_MACH_FSPATH%\Scripts\Startup\*",
            @"FSObjectDir %GPO_MACH_FSPATH%\Scripts\Startup",
            @"FSObjectDir %GPO_MACH_FSPATH%\Scripts\Startup\sub",
            @"FSObjectFile %GPO_MACH_FSPATH%\Scripts\Startup\*",
            @"FSObjectFile %GPO_MACH_FSPATH%\Scripts\Startup\sub\a.cmd",
            @"FSObjectDir %GPO_MACH_FSPATH%\Scripts\Shutdown\*", @"FSObjectFile %GPO_MACH_FSPATH%\Scripts\Shutdown\*",
            @"FSObjectDir %GPO_USER_FSPATH%\Scripts\Logon\*", @"FSObjectFile %GPO_USER_FSPATH%\Scripts\Logon\*",
            @"FSObjectDir %GPO_USER_FSPATH%\Scripts\Logoff\*", @"FSObjectFile %GPO_USER_FSPATH%\Scripts\Logoff\*",
        ]);
        Paths(text, "Unknown Extension").ShouldBe([@"FSObjectDir %GPO_MACH_FSPATH%\Scripts"]);
    }

    [Fact]
    public void Everything_else_is_an_unknown_extension_folder_by_folder()
    {
        var text = Text(Write(Sample with
        {
            Comment = "Made for you",
            Files = Files(("Machine/Preferences/ScheduledTasks/ScheduledTasks.xml", [1]), ("Machine/comment.cmtx", [1]), ("User/Preferences/Files/Files.xml", [1])),
        }), "/Backup.xml");
        Paths(text, "Unknown Extension").ShouldBe(
        [
            @"FSObjectFile %GPO_FSPATH%\GPO.cmt",
            @"FSObjectFile %GPO_MACH_FSPATH%\comment.cmtx",
            @"FSObjectDir %GPO_MACH_FSPATH%\Preferences",
            @"FSObjectDir %GPO_MACH_FSPATH%\Preferences\ScheduledTasks",
            @"FSObjectFile %GPO_MACH_FSPATH%\Preferences\ScheduledTasks\ScheduledTasks.xml",
            @"FSObjectDir %GPO_USER_FSPATH%\Preferences",
            @"FSObjectDir %GPO_USER_FSPATH%\Preferences\Files",
            @"FSObjectFile %GPO_USER_FSPATH%\Preferences\Files\Files.xml",
        ]);
    }

    [Fact]
    public void The_comment_is_utf16_without_byte_order_mark() =>
        Write(Sample with { Comment = "Aé" }).Single(f => f.Key.EndsWith("/GPO.cmt", StringComparison.Ordinal)).Value.ShouldBe([0x41, 0, 0xE9, 0]);

    [Fact]
    public void A_name_that_would_end_the_cdata_survives()
    {
        var hostile = Sample with { DisplayName = "a]]><b/>&amp;", Comment = "]]>" };
        var files = Write(hostile);
        GpmcInvariants.ShouldHold(files);
        var back = Read(files).ShouldHaveSingleItem();
        (back.DisplayName, back.Comment).ShouldBe((hostile.DisplayName, hostile.Comment));
    }

    [Fact]
    public void Several_backups_share_a_manifest()
    {
        var second = Sample with { GpoGuid = Guid.Parse("11111111-1111-4111-8111-111111111111"), BackupId = Guid.Parse("22222222-2222-4222-8222-222222222222"), DisplayName = "Second" };
        var files = Write(Sample, second);
        GpmcInvariants.ShouldHold(files);
        Read(files).Select(b => b.DisplayName).ShouldBe(["Second", "MDB - Contoso"]);
    }

    [Fact]
    public void Whatever_is_written_is_read_back_and_holds_what_windows_holds() => Backups.Sample(backup =>
    {
        var files = Write(backup);
        GpmcInvariants.ShouldHold(files);
        var outcome = GpmcBackupReader.Read(AsMemory(files), "out");
        outcome.Diagnostics.ShouldAllBe(d => d.Code == Problems.SideSwitchedOff.Code);
        ShouldBeSame(outcome.Value!.ShouldHaveSingleItem(), backup);
        Write(backup).Select(f => (f.Key, Convert.ToHexString(f.Value))).ShouldBe(files.Select(f => (f.Key, Convert.ToHexString(f.Value))));
    }, iter: 60);

    [Theory]
    [InlineData("GPT.INI", "stands below neither Machine nor User")]
    [InlineData("machine", "stands below neither")]
    [InlineData("Else/registry.pol", "stands below neither")]
    [InlineData("Machine/../../x", "not a path that Windows allows")]
    [InlineData("Machine//x", "not a path that Windows allows")]
    [InlineData("Machine/a:b", "not a path that Windows allows")]
    [InlineData("Machine/a\\b", "not a path that Windows allows")]
    [InlineData("Machine/Preferences/Nothing/Nothing.xml", "a kind of preference that this tool does not know")]
    public void A_file_that_clients_would_not_find_is_refused(string path, string words) =>
        GpmcBackup.Write(Sample with { Files = Files((path, [1])) }).Diagnostics.ShouldHaveSingleItem().Message.ShouldContain(words);

    [Fact]
    public void A_backup_cannot_have_the_identifier_of_its_policy() =>
        GpmcBackup.Write(Sample with { BackupId = Sample.GpoGuid }).Diagnostics.ShouldHaveSingleItem().Code.ShouldBe(Problems.BackupContentInvalid.Code);

    [Fact]
    public void A_folder_on_disk_is_read_from_above_and_from_within()
    {
        var folder = Directory.CreateTempSubdirectory("mdb-gpmc-").FullName;
        try
        {
            foreach (var (path, content) in Write(Sample))
            {
                var full = Path.Combine(folder, path);
                Directory.CreateDirectory(Path.GetDirectoryName(full)!);
                File.WriteAllBytes(full, content);
            }

            foreach (var from in new[] { folder, Path.Combine(folder, "{7A1C4E90-51CF-5B1C-9B0F-A4F5C7C2D902}") })
            {
                var outcome = GpmcBackupReader.ReadFolder(from);
                outcome.Diagnostics.ShouldBeEmpty();
                ShouldBeSame(outcome.Value!.ShouldHaveSingleItem(), Sample);
            }

            GpmcBackupReader.ReadFolder(Path.Combine(folder, "nowhere")).Diagnostics.ShouldHaveSingleItem().Code.ShouldBe(Problems.BackupUnreadable.Code);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_native_backup_with_rights_and_wmi_filter_is_read()
    {
        const string Info = """<BackupInst xmlns="http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest"><GPOGuid><![CDATA[{0D8B0F3A-0F5F-5D3E-8A65-1C1F7A9B2E01}]]></GPOGuid><BackupTime><![CDATA[2026-01-31T08:09:10]]></BackupTime><ID><![CDATA[{7A1C4E90-51CF-5B1C-9B0F-A4F5C7C2D902}]]></ID></BackupInst>""";
        const string Xml = """
            <?xml version="1.0" encoding="utf-8"?><!-- A comment. --><GroupPolicyBackupScheme bkp:version="2.0" xmlns:bkp="http://www.microsoft.com/GroupPolicy/GPOOperations" xmlns="http://www.microsoft.com/GroupPolicy/GPOOperations">
              <GroupPolicyObject><SecurityGroups><Group bkp:Source="FromDACL"><Sid>S-1-5-32-544</Sid></Group></SecurityGroups><FilePaths/><GroupPolicyCoreSettings>
                <ID><![CDATA[{0D8B0F3A-0F5F-5D3E-8A65-1C1F7A9B2E01}]]></ID><Domain/><DisplayName>Native</DisplayName><Options>3</Options><UserVersionNumber/><MachineVersionNumber>1114129</MachineVersionNumber>
                <MachineExtensionGuids><![CDATA[[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}{D02B1F72-3407-48AE-BA88-E8213C6761F1}]]]></MachineExtensionGuids><UserExtensionGuids/>
                <WMIFilter>MSFT_SomFilter.ID="{X}",Domain="d"</WMIFilter><WMIFilterName>name</WMIFilterName></GroupPolicyCoreSettings>
                <GroupPolicyExtension bkp:ID="{35378EAC-683F-11D2-A89A-00C04FBBCFA2}"><FSObjectFile bkp:Path="x" bkp:Location="DomainSysvol\GPO\Machine\Registry.pol"/></GroupPolicyExtension>
              </GroupPolicyObject></GroupPolicyBackupScheme>
            """;
        var outcome = GpmcBackupReader.Read(AsMemory(new Dictionary<string, byte[]>
        {
            ["{7A1C4E90-51CF-5B1C-9B0F-A4F5C7C2D902}/bkupInfo.xml"] = Encoding.UTF8.GetBytes(Info),
            ["{7A1C4E90-51CF-5B1C-9B0F-A4F5C7C2D902}/Backup.xml"] = Encoding.UTF8.GetBytes(Xml),
            ["{7A1C4E90-51CF-5B1C-9B0F-A4F5C7C2D902}/gpreport.xml"] = [1],
            ["{7A1C4E90-51CF-5B1C-9B0F-A4F5C7C2D902}/DomainSysvol/GPO/GPT.INI"] = [1],
            ["{7A1C4E90-51CF-5B1C-9B0F-A4F5C7C2D902}/DomainSysvol/GPO/Machine/registry.pol"] = Policy,
        }), "in");
        outcome.Diagnostics.Select(d => d.Code).ShouldBe([Problems.SideSwitchedOff.Code, Problems.FilterNotCarried.Code]);
        ShouldBeSame(outcome.Value!.ShouldHaveSingleItem(), Sample with
        {
            DisplayName = "Native",
            Domain = null,
            BackupTime = new DateTimeOffset(2026, 1, 31, 8, 9, 10, TimeSpan.Zero),
            Options = GroupPolicyOptions.UserDisabled | GroupPolicyOptions.ComputerDisabled,
            MachineVersion = 0x0011_0011,
        });
    }

    [Fact]
    public void What_import_would_leave_behind_and_clients_would_skip_is_told()
    {
        var files = new Dictionary<string, byte[]>(Write(Sample));
        var folder = "{7A1C4E90-51CF-5B1C-9B0F-A4F5C7C2D902}";
        files.Remove($"{folder}/DomainSysvol/GPO/Machine/registry.pol");
        files[$"{folder}/DomainSysvol/GPO/Machine/Scripts/scripts.ini"] = Ini;
        GpmcBackupReader.Read(AsMemory(files), "in").Diagnostics.Select(d => $"{d.Severity} {d.Code} {d.Message}").ShouldBe(
        [
            "Warning MDB0805 It lists 'DomainSysvol/GPO/Machine/registry.pol', which is not there.",
            "Warning MDB0805 It does not list 'DomainSysvol/GPO/Machine/Scripts/scripts.ini', which Import-GPO will leave behind.",
            "Warning MDB0807 MachineExtensionGuids lacks {42B5FAAE-6536-11D2-AE5A-0000F87571E3}, which the files of the Machine side need.",
        ]);
    }

    [Theory]
    [InlineData("Backup.xml", "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>")]
    [InlineData("Backup.xml", "<x/>")]
    [InlineData("Backup.xml", "<?xml version='1.0' encoding='no-such'?><x/>")]
    [InlineData("bkupInfo.xml", "not xml")]
    public void A_broken_backup_is_an_error_with_its_file(string file, string content)
    {
        var files = new Dictionary<string, byte[]>(Write(Sample));
        files[$"{{7A1C4E90-51CF-5B1C-9B0F-A4F5C7C2D902}}/{file}"] = Encoding.UTF8.GetBytes(content);
        var outcome = GpmcBackupReader.Read(AsMemory(files), "in");
        outcome.Value.ShouldBeNull();
        outcome.Diagnostics.ShouldContain(d => d.Code == "MDB0804" && d.Where.File!.EndsWith(file, StringComparison.Ordinal));
    }

    [Fact]
    public void No_bytes_crash_the_reader()
    {
        var folder = "{7A1C4E90-51CF-5B1C-9B0F-A4F5C7C2D902}/";
        var good = Write(Sample)[folder + "Backup.xml"];
        Gen.Select(Gen.Int[0, good.Length], Gen.Byte.Array[0, 8], Gen.Int[0, 60]).Sample((at, noise, drop) =>
        {
            var files = new Dictionary<string, byte[]>(Write(Sample)) { [folder + "Backup.xml"] = [.. good[..at], .. noise, .. good.Skip(at + drop)] };
            GpmcBackupReader.Read(AsMemory(files), "in");
        });
    }

    private static readonly (string, byte[])[] AllFiles =
    [
        ("Machine/registry.pol", Policy), ("User/registry.pol", RegistryPol.Write([])), ("Machine/Scripts/scripts.ini", Ini), ("Machine/Scripts/Startup/deep/er/a & b.cmd", [1, 2]),
        ("User/Scripts/Logon/x.ps1", [3]), ("Machine/Preferences/ScheduledTasks/ScheduledTasks.xml", [4]), ("Machine/Microsoft/Windows NT/SecEdit/GptTmpl.inf", [5]),
    ];

    private static readonly Gen<GroupPolicyBackup> Backups = Gen.Select(
        Gen.String[Gen.Char[' ', '~'], 1, 30], Gen.String[Gen.Char[' ', '\uD7FF'], 0, 20], Gen.OneOf<string?>(null, "corp.contoso.example"),
        Gen.UInt, Gen.Int[0, 3], Gen.Int[0, 127],
        (name, comment, domain, version, options, which) => Sample with
        {
            DisplayName = name,
            Comment = comment,
            Domain = domain,
            UserVersion = version,
            Options = (GroupPolicyOptions)options,
            BackupTime = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(version),
            Files = Files([.. AllFiles.Where((_, i) => (which & (1 << i)) != 0)]),
        });

    private static void ShouldBeSame(GroupPolicyBackup one, GroupPolicyBackup other)
    {
        (one with { Files = GroupPolicyBackup.NoFiles }).ShouldBe(other with { Files = GroupPolicyBackup.NoFiles });
        one.Files.Select(f => (f.Key, Convert.ToHexString(f.Value.Span))).ShouldBe(other.Files.Select(f => (f.Key, Convert.ToHexString(f.Value.Span))));
    }

    internal static ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> Files(params (string Path, byte[] Content)[] files) =>
        GroupPolicyBackup.NoFiles.AddRange(files.Select(f => KeyValuePair.Create(f.Path, (ReadOnlyMemory<byte>)f.Content)));

    private static IReadOnlyDictionary<string, byte[]> Write(params GroupPolicyBackup[] backups)
    {
        var outcome = GpmcBackup.Write(backups);
        outcome.Diagnostics.ShouldBeEmpty();
        return outcome.Value!;
    }

    private static IReadOnlyList<GroupPolicyBackup> Read(IReadOnlyDictionary<string, byte[]> files) => GpmcBackupReader.Read(AsMemory(files), "in").Value!;

    private static Dictionary<string, ReadOnlyMemory<byte>> AsMemory(IReadOnlyDictionary<string, byte[]> files) =>
        files.ToDictionary(f => f.Key, f => (ReadOnlyMemory<byte>)f.Value);

    private static string Text(IReadOnlyDictionary<string, byte[]> files, string end) => Encoding.UTF8.GetString(files.Single(f => f.Key.EndsWith(end, StringComparison.Ordinal)).Value);

    private static List<string> Paths(string xml, string block)
    {
        System.Xml.Linq.XNamespace b = "http://www.microsoft.com/GroupPolicy/GPOOperations";
        return [.. System.Xml.Linq.XDocument.Parse(xml).Descendants(b + "GroupPolicyExtension").Single(e => e.Attribute(b + "DescName")!.Value == block).Descendants()
            .Select(e => $"{e.Name.LocalName} {e.Attribute(b + "Path")!.Value} {e.Attribute(b + "ReEvaluateFunction")?.Value}".TrimEnd())];
    }
}
