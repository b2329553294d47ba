using System.Text;
using System.Text.Json;
using CsCheck;
using MdbDeploy.Diagnostics;
using MdbDeploy.Formats;

namespace MdbDeploy.Tests.Formats;

public class RegistryPreferencesTests
{
    private const string Key = @"SOFTWARE\Contoso\Agent";

    private static readonly RegistryPreference Sample = new()
    {
        Action = PreferenceAction.Update,
        Hive = "HKEY_LOCAL_MACHINE",
        Value = RegistryPolicyEntry.Dword(Key, "Enabled", 1),
        Uid = new Guid("8b9edd0d-10bd-4802-9436-b8b8b9a4f804"),
        Changed = new DateTime(2026, 1, 31, 8, 9, 10, DateTimeKind.Unspecified),
    };

    [Fact]
    public void Every_type_is_written_as_the_editor_writes_it()
    {
        var text = Text(
            Sample,
            Sample with { Action = PreferenceAction.Create, Value = RegistryPolicyEntry.Sz(Key, "", "a & \"b\"\nc"), BypassesErrors = false, IsDisabled = true, Description = "why" },
            Sample with { Action = PreferenceAction.Delete, Value = RegistryPolicyEntry.ExpandSz(Key, "Path", @"%SystemRoot%\x") },
            Sample with { Action = PreferenceAction.Replace, Value = RegistryPolicyEntry.MultiSz(Key, "List", "one", "two"), IsRemoved = true },
            Sample with { Value = RegistryPolicyEntry.MultiSz(Key, "Empty") },
            Sample with { Value = RegistryPolicyEntry.Qword(Key, "Big", 0x1_0000_0038) },
            Sample with { Value = RegistryPolicyEntry.Binary(Key, "Bytes", new byte[] { 0, 0x0F, 0xFF }) },
            Sample with
            {
                Value = RegistryPolicyEntry.CreateKey(Key),
                Filters = [TargetingFilter.ComputerGroup(@"CONTOSO\pilot"), TargetingFilter.Collection(TargetingFilter.Computer("PC-1"), TargetingFilter.Computer("PC-2") with { IsOr = true, IsNot = true })],
            });
        const string Rest = "changed=\"2026-01-31 08:09:10\" uid=\"{8B9EDD0D-10BD-4802-9436-B8B8B9A4F804}\"";
        const string Target = "hive=\"HKEY_LOCAL_MACHINE\" key=\"SOFTWARE\\Contoso\\Agent\"";
        text.ShouldBe($"""
            <?xml version="1.0" encoding="utf-8"?>
            <RegistrySettings clsid="A3CCFC41-DFDB-43a5-8D26-0FE8B954DA51">
            	<Registry clsid="9CD4B2F4" name="Enabled" status="Enabled" image="12" {Rest} bypassErrors="1">
            		<Properties action="U" displayDecimal="0" default="0" {Target} name="Enabled" type="REG_DWORD" value="00000001" />
            	</Registry>
            	<Registry clsid="9CD4B2F4" name="(Default)" status="(Default)" image="5" {Rest} desc="why" disabled="1">
            		<Properties action="C" displayDecimal="0" default="1" {Target} name="" type="REG_SZ" value="a &amp; &quot;b&quot;&#xA;c" />
            	</Registry>
            	<Registry clsid="9CD4B2F4" name="Path" status="Path" image="8" {Rest} bypassErrors="1">
            		<Properties action="D" displayDecimal="0" default="0" {Target} name="Path" type="REG_EXPAND_SZ" value="%SystemRoot%\x" />
            	</Registry>
            	<Registry clsid="9CD4B2F4" name="List" status="List" image="6" {Rest} removePolicy="1" bypassErrors="1">
            		<Properties action="R" displayDecimal="0" default="0" {Target} name="List" type="REG_MULTI_SZ" value="one two">
            			<Values>
            				<Value>one</Value>
            				<Value>two</Value>
            			</Values>
            		</Properties>
            	</Registry>
            	<Registry clsid="9CD4B2F4" name="Empty" status="Empty" image="7" {Rest} bypassErrors="1">
            		<Properties action="U" displayDecimal="0" default="0" {Target} name="Empty" type="REG_MULTI_SZ" value="" />
            	</Registry>
            	<Registry clsid="9CD4B2F4" name="Big" status="Big" image="12" {Rest} bypassErrors="1">
            		<Properties action="U" displayDecimal="0" default="0" {Target} name="Big" type="REG_QWORD" value="0000000100000038" />
            	</Registry>
            	<Registry clsid="9CD4B2F4" name="Bytes" status="Bytes" image="17" {Rest} bypassErrors="1">
            		<Properties action="U" displayDecimal="0" default="0" {Target} name="Bytes" type="REG_BINARY" value="000FFF" />
            	</Registry>
            	<Registry clsid="9CD4B2F4" name="Agent" status="Agent" image="2" {Rest} bypassErrors="1">
            		<Properties action="U" displayDecimal="0" default="0" {Target} name="" type="" value="" />
            		<Filters>
            			<FilterGroup bool="AND" not="0" name="CONTOSO\pilot" sid="" userContext="0" primaryGroup="0" localGroup="0" />
            			<FilterCollection bool="AND" not="0">
            				<FilterComputer bool="AND" not="0" type="NETBIOS" name="PC-1" />
            				<FilterComputer bool="OR" not="1" type="NETBIOS" name="PC-2" />
            			</FilterCollection>
            		</Filters>
            	</Registry>
            </RegistrySettings>

            """.Replace("\"A3CCFC41-DFDB-43a5-8D26-0FE8B954DA51\"", "\"{A3CCFC41-DFDB-43a5-8D26-0FE8B954DA51}\"", StringComparison.Ordinal)
            .Replace("\"9CD4B2F4\"", "\"{9CD4B2F4-923D-47f5-A062-E897DD1DAD50}\"", StringComparison.Ordinal).ReplaceLineEndings("\r\n"));
    }

    [Fact]
    public void What_is_written_is_read_back_and_has_no_problems() => Items.List[0, 6].Sample(items =>
    {
        var written = RegistryPreferences.Write(items);
        written.Diagnostics.ShouldBeEmpty();
        var read = RegistryPreferences.Read(written.Value, "x");
        read.Diagnostics.ShouldBeEmpty();
        Json(read.Value!).ShouldBe(Json(items));
        Preferences.Lint(written.Value, GroupPolicySide.Machine, "x").ShouldBeEmpty();
    }, iter: 200);

    [Fact]
    public void The_editors_folders_are_dissolved_and_keep_their_targeting()
    {
        var items = Read("""
            <RegistrySettings clsid="{A3CCFC41-DFDB-43a5-8D26-0FE8B954DA51}"><Collection clsid="{53B533F5-224C-47e3-B01B-CA3B3F3FF4BF}" name="Agents" disabled="1">
              <Registry clsid="{9CD4B2F4-923D-47f5-A062-E897DD1DAD50}" name="A" uid="{8B9EDD0D-10BD-4802-9436-B8B8B9A4F804}"><Properties action="U" hive="HKEY_LOCAL_MACHINE" key="\SYSTEM\A" name="A" type="REG_BINARY" value="00 0f"/>
                <Filters><FilterOs bool="OR" not="0" version="WIN8S"/></Filters></Registry>
              <Filters><FilterComputer bool="AND" not="0" type="NETBIOS" name="PC-1"/></Filters></Collection>
              <Registry clsid="{9CD4B2F4-923D-47f5-A062-E897DD1DAD50}" name="B"><Properties action="D" hive="HKEY_CURRENT_USER" key="Software\B" name="B" type=""/></Registry></RegistrySettings>
            """).Value!;
        (items[0].IsDisabled, items[0].Value, items[1].IsDisabled).ShouldBe((true, RegistryPolicyEntry.Binary(@"SYSTEM\A", "A", new byte[] { 0, 15 }), false));
        items[0].Filters.Select(f => $"{f.Element} {f.IsOr} {string.Join(',', f.Filters.Select(x => x.Element))}").ShouldBe(["FilterCollection False FilterComputer", "FilterCollection False FilterOs"]);
        (items[1].Action, items[1].Value).ShouldBe((PreferenceAction.Delete, RegistryPolicyEntry.Sz(@"Software\B", "B", "")));
    }

    [Theory]
    [InlineData("9CD4B2F4", "8FDDCC1A", "has the clsid")]
    [InlineData("action=\"U\"", "action=\"X\"", "has the action 'X'")]
    [InlineData("action=\"U\"", "action=\"\"", "has the action ''")]
    [InlineData("HKEY_LOCAL_MACHINE", "HKLM", "has the hive 'HKLM'")]
    [InlineData("key=\"SOFTWARE\\Contoso\\Agent\"", "key=\"\\\"", "names no key")]
    [InlineData("value=\"00000001\"", "value=\"0x1\"", "not one of the type 'REG_DWORD'")]
    [InlineData("value=\"00000001\"", "value=\"100000000\"", "not one of the type 'REG_DWORD'")]
    [InlineData("REG_DWORD", "REG_LINK", "not one of the type 'REG_LINK'")]
    [InlineData("REG_DWORD", "REG_MULTI_SZ", "not one of the type 'REG_MULTI_SZ'")]
    [InlineData("REG_DWORD\" value=\"00000001", "REG_BINARY\" value=\"001", "not one of the type 'REG_BINARY'")]
    [InlineData("<Properties", "<properties", "has no Properties")]
    [InlineData("<Registry ", "<registry ", "'registry' is no element of this file")]
    public void An_item_that_clients_cannot_apply_is_an_error_with_its_line(string right, string wrong, string words)
    {
        var good = Text(Sample);
        good.ShouldContain(right);
        var bad = good.Replace(right, wrong, StringComparison.Ordinal).Replace("</Registry>", wrong == "<registry " ? "</registry>" : "</Registry>", StringComparison.Ordinal);
        var diagnostic = Read(bad).Diagnostics.ShouldHaveSingleItem();
        (diagnostic.Code, diagnostic.Where.Line is 3 or 4).ShouldBe((Problems.RegistryPreferenceInert.Code, true));
        diagnostic.Message.ShouldContain(words);
        Preferences.Lint(Encoding.UTF8.GetBytes(bad), GroupPolicySide.Machine, "x").ShouldContain(d => d.Code == Problems.RegistryPreferenceInert.Code);
    }

    [Fact]
    public void What_the_format_cannot_say_is_refused()
    {
        foreach (var item in new[]
        {
            Sample with { Value = RegistryPolicyEntry.Sz(Key, "a\u0001", "x") },
            Sample with { Value = RegistryPolicyEntry.Sz(Key, "a", "x\0y") },
            Sample with { Value = RegistryPolicyEntry.Sz(Key, "a", "\uD800") },
            Sample with { Value = RegistryPolicyEntry.Binary(Key, "a", new byte[] { 1 }) with { Type = RegistryType.Dword } },
            Sample with { Value = RegistryPolicyEntry.Binary(Key, "a", default) with { Type = RegistryType.Link } },
            Sample with { Hive = "HKLM" },
            Sample with { Description = "\u0000" },
        })
        {
            var refused = RegistryPreferences.Write([item]);
            refused.Value.ShouldBeNull();
            refused.Diagnostics.ShouldHaveSingleItem().Code.ShouldBe(Problems.RegistryPreferenceInert.Code);
        }
    }

    [Fact]
    public void Any_kind_of_preference_is_looked_through_for_passwords_and_targeting()
    {
        const string Groups = """
            <Groups clsid="{3125E937-EB16-4b4c-9934-544FC6D24D26}"><User clsid="{DF5F1855-51E5-4d24-8B1A-D9BDE98BA1D1}" name="a"><Properties action="U" cpassword="{0}"/>
            <Filters><filterGroup bool="AND" not="0" name="D\g" userContext="1"/></Filters></User></Groups>
            """;
        Codes(Groups.Replace("{0}", "Zm9v", StringComparison.Ordinal)).ShouldBe(["MDB0816", "MDB0813", "MDB0814"]);
        Codes(Groups.Replace("{0}", "", StringComparison.Ordinal)).ShouldBe(["MDB0813", "MDB0814"]);
        Codes("<Groups").ShouldBe(["MDB0821"]);

        static IEnumerable<string> Codes(string xml) => GroupPolicyLint.Check(new GroupPolicyBackup
        {
            DisplayName = "x",
            GpoGuid = default,
            BackupId = default,
            Files = GpmcBackupTests.Files(("Machine/Preferences/Groups/Groups.xml", Encoding.UTF8.GetBytes(xml))),
        }, "in").Select(d => d.Code);
    }

    [Fact]
    public void A_file_of_another_kind_is_refused() => Read("<Groups/>").Diagnostics.ShouldHaveSingleItem().Message.ShouldBe("Its root is 'Groups', not 'RegistrySettings'.");

    [Fact]
    public void Folders_in_folders_without_end_do_not_crash_the_reader()
    {
        var deep = string.Concat(Enumerable.Repeat("<Collection>", 20000)) + string.Concat(Enumerable.Repeat("</Collection>", 20000));
        Read($"<RegistrySettings>{deep}</RegistrySettings>").Diagnostics.ShouldHaveSingleItem().Message.ShouldContain("too deep");
        var filters = deep.Replace("Collection", "FilterCollection", StringComparison.Ordinal);
        Read(Text(Sample).Replace("</Registry>", $"<Filters>{filters}</Filters></Registry>", StringComparison.Ordinal)).Value.ShouldHaveSingleItem();
    }

    [Fact]
    public void No_bytes_crash_the_reader()
    {
        var good = RegistryPreferences.Write([Sample, Sample with { Value = RegistryPolicyEntry.MultiSz(Key, "List", "one"), Filters = [TargetingFilter.Wmi(new(WmiQuery.Cim, "SELECT 1")), TargetingFilter.Once(default)] }]).Value!;
        Gen.Select(Gen.Int[0, good.Length], Gen.Byte.Array[0, 8], Gen.Int[0, 60]).Sample((at, noise, drop) =>
        {
            byte[] bytes = [.. good[..at], .. noise, .. good.Skip(at + drop)];
            RegistryPreferences.Read(bytes, "x");
            Preferences.Lint(bytes, GroupPolicySide.Machine, "x").Count().ShouldBeGreaterThanOrEqualTo(0);
        });
    }

    private static readonly Gen<string> Word = Gen.String[Gen.Char[' ', '\u2FFF'], 0, 12];

    private static readonly Gen<string> Name = Gen.String[Gen.Char['!', '\u2FFF'], 1, 12].Select(n => n.Replace('\\', '_'));

    private static readonly Gen<RegistryPolicyEntry> Values = Gen.OneOf(
        Gen.Select(Name, Word, Gen.UInt).Select((key, name, number) => RegistryPolicyEntry.Dword(key, name, number)),
        Gen.Select(Name, Word, Gen.ULong).Select((key, name, number) => RegistryPolicyEntry.Qword(key, name, number)),
        Gen.Select(Name, Word, Word).Select((key, name, text) => RegistryPolicyEntry.Sz(key, name, text + "\r\n\t<]]>")),
        Gen.Select(Name, Word, Word).Select((key, name, text) => RegistryPolicyEntry.ExpandSz(key, name, text)),
        Gen.Select(Name, Word, Name.List[0, 3]).Select((key, name, items) => RegistryPolicyEntry.MultiSz(key, name, items)),
        Gen.Select(Name, Word, Gen.Byte.Array[0, 9]).Select((key, name, bytes) => RegistryPolicyEntry.Binary(key, name, bytes)),
        Name.Select(RegistryPolicyEntry.CreateKey));

    private static readonly Gen<TargetingFilter> Filter = Gen.OneOf(
        Gen.Select(Word, Gen.Bool, Gen.Bool).Select((name, or, not) => TargetingFilter.Computer(name) with { IsOr = or, IsNot = not }),
        Word.Select(TargetingFilter.ComputerUnit), Gen.Select(Word, Word).Select((name, sid) => TargetingFilter.ComputerGroup(name, sid)),
        Word.Select(query => TargetingFilter.Wmi(new(WmiQuery.Cim, query))), Gen.Guid.Select(TargetingFilter.Once),
        Word.Select(name => TargetingFilter.Collection(TargetingFilter.Computer(name), TargetingFilter.Collection(TargetingFilter.ComputerUnit(name)))));

    private static readonly Gen<RegistryPreference> Items = Gen.Select(Values, Filter.List[0, 3], Gen.Int[0, 3], Gen.Int[0, 7], Gen.Guid, Word).Select((value, filters, action, flags, uid, words) => Sample with
    {
        Value = value,
        Action = (PreferenceAction)action,
        Uid = uid,
        Description = words,
        BypassesErrors = (flags & 1) != 0,
        IsRemoved = (flags & 2) != 0,
        IsDisabled = (flags & 4) != 0,
        Filters = [.. filters],
    });

    private static string Text(params RegistryPreference[] items)
    {
        var written = RegistryPreferences.Write(items);
        written.Diagnostics.ShouldBeEmpty();
        return Encoding.UTF8.GetString(written.Value!);
    }

    private static Outcome<IReadOnlyList<RegistryPreference>> Read(string xml) => RegistryPreferences.Read(Encoding.UTF8.GetBytes(xml), "x.xml");

    private static string Json(IEnumerable<RegistryPreference> items) => JsonSerializer.Serialize(items);
}
