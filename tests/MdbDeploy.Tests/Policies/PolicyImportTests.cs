using System.Text;
using System.Text.Json.Nodes;
using MdbDeploy.Formats;
using MdbDeploy.Policies;

namespace MdbDeploy.Tests.Policies;

public sealed class PolicyImportTests : IDisposable
{
    private static readonly PolicyCatalog Catalog = PolicyCatalog.Read(Path.Combine(Repository.Root, "policies")).Value!;

    private readonly Scratch folder = new();

    [Fact]
    public void An_LGPO_text_becomes_a_preset_and_what_is_foreign_is_listed()
    {
        var policy = PolicyImport.Read(folder.Write("a.txt", """
            Computer
            Software\Policies\Microsoft\Windows Defender\Real-Time Protection
            disablerealtimemonitoring
            DWORD:0

            Computer
            SOFTWARE\Policies\Microsoft\Windows Defender\Spynet
            SpynetReporting
            DWORD:1

            Computer
            SOFTWARE\Policies\Microsoft\Windows Defender
            DisableAntiSpyware
            DWORD:1

            Computer
            SOFTWARE\Policies\Contoso
            Foreign
            SZ:x

            Computer
            SOFTWARE\Policies\Microsoft\Windows Defender\Exclusions\Paths
            *
            DELETEALLVALUES

            Computer
            SOFTWARE\Policies\Microsoft\Windows Defender\Exclusions\Paths
            C:\it's here
            SZ:0

            """), Catalog.Settings).Value!.ShouldHaveSingleItem();
        policy.Channel.ShouldBe(PolicyChannel.GroupPolicy);
        policy.Reading.Values.Select(v => $"{v.Setting.Id}={v.Word}").ShouldBe(["av.cloud=on", @"av.excl.paths=C:\it's here", "av.rtp=on"], ignoreOrder: true);
        policy.Reading.Diagnostics.Select(d => d.ToString()).ShouldBe([
            "a.txt: warning MDB0163: Group Policy: av.off is set there, and presets never set it: Must not be present at all, not even as 0: onboarding counts on it.",
            @"a.txt: warning MDB0162: Group Policy: 'SOFTWARE\Policies\Contoso\Foreign' is no setting of the catalogue.",
        ]);
    }

    [Fact]
    public void A_registry_pol_a_custom_profile_a_catalogue_policy_and_an_antimalware_policy_are_told_apart_by_content()
    {
        PolicyValue[] values = [new(Catalog.Settings["av.rtp"], "1"), new(Catalog.Settings["av.pua"], "2")];
        File.WriteAllBytes(folder.Write("x.pol", ""), RegistryPol.Write(RegistryChannel.ToEntries(RegistryChannel.Write(values).Value!)));
        folder.Write("y.json", OmaUriChannel.ToProfile("Profile", OmaUriChannel.Write(values).Value!).ToJsonString());
        folder.Write("z.json", new JsonObject { ["value"] = new JsonArray(new JsonObject { ["name"] = "Catalogue", ["settings"] = SettingsCatalogChannel.Write(values).Value![0].Settings.DeepClone() }) }.ToJsonString());
        folder.Write("w.xml", AntimalwareXml.Write(values, "n", "d").Value!.ToString());
        folder.Write("notes.md", "not a policy");
        var read = PolicyImport.Read(folder.Path, Catalog.Settings).Value!;
        read.Select(p => (p.Name, p.Channel)).ShouldBe([("w.xml", PolicyChannel.ConfigurationManager), ("x.pol", PolicyChannel.GroupPolicy), ("Profile", PolicyChannel.Intune), ("Catalogue", PolicyChannel.Intune)]);
        read.ShouldAllBe(p => string.Join(' ', p.Reading.Values.Select(v => $"{v.Setting.Id}={v.Value}")) == "av.pua=2 av.rtp=1");
        var joined = PolicyReading.Join([.. read.Select(p => p.Reading), new([new(Catalog.Settings["av.pua"], "0")], [])]);
        joined.Values.Length.ShouldBe(2);
        joined.Diagnostics.ShouldHaveSingleItem().Message.ShouldBe("av.pua is set to audit and again to off; the first was taken.");
    }

    [Fact]
    public void A_group_policy_backup_gives_its_settings_and_the_services_it_disables()
    {
        var files = GroupPolicyBackup.NoFiles
            .Add("Machine/registry.pol", RegistryPol.Write([RegistryPolicyEntry.Dword(@"SOFTWARE\Policies\Microsoft\Windows Defender", "PUAProtection", 1), RegistryPolicyEntry.Dword(@"SYSTEM\CurrentControlSet\Services\WdBoot", "Start", 4), RegistryPolicyEntry.Dword(@"SYSTEM\CurrentControlSet\Services\Spooler", "Start", 2)]))
            .Add("Machine/Microsoft/Windows NT/SecEdit/GptTmpl.inf", Encoding.Unicode.GetBytes("\uFEFF[Unicode]\r\nUnicode=yes\r\n[Service General Setting]\r\n\"DiagTrack\",4,\"\"\r\n\"WinRM\",2,\"\"\r\n"))
            .Add("Machine/Preferences/Services/Services.xml", Encoding.UTF8.GetBytes("""<?xml version="1.0"?><NTServices clsid="{2CFB484A-4E96-4b5d-A0B6-093D2F91E6AE}"><NTService clsid="{AB6F0B67-341F-4e51-92F9-005FBFBA1A43}" name="Sense"><Properties startupType="DISABLED" serviceName="Sense"/></NTService></NTServices>"""));
        var backup = new GroupPolicyBackup { DisplayName = "Hardening", GpoGuid = new("11111111-2222-4333-8444-555555555555"), BackupId = new("21111111-2222-4333-8444-555555555555"), Files = files };
        foreach (var (path, content) in GpmcBackup.Write(backup).Value!)
        {
            File.WriteAllBytes(folder.Write($"gpo/{path}", ""), content);
        }

        var policy = PolicyImport.Read(Path.Combine(folder.Path, "gpo"), Catalog.Settings).Value!.ShouldHaveSingleItem();
        policy.Name.ShouldBe("Hardening");
        policy.DisabledServices.ShouldBe(["DiagTrack", "Sense", "WdBoot"]);
        policy.Reading.Values.ShouldHaveSingleItem().Setting.Id.ShouldBe("av.pua");
    }

    [Fact]
    public void Registry_preferences_of_a_backup_are_read_and_what_else_it_holds_is_listed()
    {
        const string key = @"SOFTWARE\Policies\Microsoft\Windows Defender";
        RegistryPreference Item(PreferenceAction action, string name, bool off = false, string hive = "HKEY_LOCAL_MACHINE") =>
            new() { Action = action, Hive = hive, Value = RegistryPolicyEntry.Dword(key, name, 1), Uid = new("31111111-2222-4333-8444-555555555555"), IsDisabled = off };
        var files = GroupPolicyBackup.NoFiles
            .Add("Machine/Preferences/Registry/Registry.xml", RegistryPreferences.Write([Item(PreferenceAction.Update, "PUAProtection"), Item(PreferenceAction.Delete, "DisableAntiSpyware"), Item(PreferenceAction.Update, "HideExclusionsFromLocalUsers", off: true), Item(PreferenceAction.Update, "PUAProtection", hive: "HKEY_CURRENT_USER")]).Value!)
            .Add("Machine/Scripts/scripts.ini", Encoding.Unicode.GetBytes("\uFEFF[Startup]\r\n0CmdLine=a.cmd\r\n0Parameters=\r\n"));
        var backup = new GroupPolicyBackup { DisplayName = "Prefs", GpoGuid = new("11111111-2222-4333-8444-555555555555"), BackupId = new("21111111-2222-4333-8444-555555555555"), Files = files };
        foreach (var (path, content) in GpmcBackup.Write(backup).Value!)
        {
            File.WriteAllBytes(folder.Write($"gpo/{path}", ""), content);
        }

        var policy = PolicyImport.Read(Path.Combine(folder.Path, "gpo"), Catalog.Settings).Value!.ShouldHaveSingleItem();
        policy.Reading.Values.Select(v => $"{v.Setting.Id}={v.Word}").ShouldBe(["av.pua=block"]);
        policy.Reading.Diagnostics.Select(d => d.Message).ShouldBe([
            $@"The preference '{key}\DisableAntiSpyware' takes something away.",
            $@"The preference '{key}\HideExclusionsFromLocalUsers' is switched off.",
            $@"The preference '{key}\PUAProtection' is not of HKEY_LOCAL_MACHINE.",
            "'Machine/Scripts/scripts.ini' holds no registry settings.",
        ]);
    }

    [Theory]
    [InlineData("a.json", "{", "MDB0161")]
    [InlineData("a.json", """{"a":1,"a":2}""", "MDB0161")]
    [InlineData("a.json", """{"displayName":"x"}""", "MDB0161")]
    [InlineData("a.json", "[1,2]", "MDB0161")]
    [InlineData("a.xml", "<a", "MDB0161")]
    [InlineData("a.xml", "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "MDB0161")]
    [InlineData("a.txt", "", "MDB0161")]
    [InlineData("a.pol", "PReg", "MDB0")]
    [InlineData("a.txt", "hello", "MDB0")]
    public void A_broken_file_is_told_and_not_thrown(string name, string content, string code)
    {
        var outcome = PolicyImport.Read(folder.Write(name, content), Catalog.Settings);
        outcome.Value.ShouldBeNull();
        outcome.Diagnostics[0].Code.ShouldStartWith(code);
    }

    [Theory]
    [InlineData("""{"settings":[1,{"settingInstance":null},{"settingInstance":{"settingDefinitionId":7,"choiceSettingValue":[]}}]}""")]
    [InlineData("""{"settings":[{"settingInstance":{"settingDefinitionId":"device_vendor_msft_policy_config_defender_puaprotection","choiceSettingValue":{"value":{"a":1}}}}]}""")]
    [InlineData("""{"omaSettings":[{"omaUri":"./Vendor/MSFT/Policy/Config/Defender/PUAProtection","value":[1]},{"omaUri":null}]}""")]
    [InlineData("""{"omaSettings":[{"omaUri":"./Vendor/MSFT/Policy/Config/ADMX_MicrosoftDefenderAntivirus/DisableBlockAtFirstSeen","value":"<!DOCTYPE a>"}]}""")]
    public void Hostile_JSON_is_read_as_nothing_understood(string json)
    {
        var policy = PolicyImport.Read(folder.Write("a.json", json), Catalog.Settings).Value!.ShouldHaveSingleItem();
        policy.Reading.Values.ShouldBeEmpty();
        policy.Reading.Diagnostics.ShouldNotBeEmpty();
    }

    [Fact]
    public void What_a_terminal_would_obey_does_not_reach_messages_and_nothing_understood_is_a_preset_all_the_same()
    {
        var policy = PolicyImport.Read(folder.Write("a.json", """{"name":"x\u001b[2J","settings":[{"settingInstance":{"settingDefinitionId":"=cmd|\u001b]0;x\u0007\n"}}]}"""), Catalog.Settings).Value!.ShouldHaveSingleItem();
        $"{policy.Name} {policy.Reading.Diagnostics.ShouldHaveSingleItem()}".ShouldNotContain(c => char.IsControl(c));
        var preset = Catalog.ReadPreset(folder.Write("empty.yaml", PresetText.Write(policy.Name, "d", policy.Reading.Values)));
        preset.Diagnostics.ShouldBeEmpty();
        preset.Value!.Entries.ShouldBeEmpty();
    }

    [Fact]
    public void A_missing_file_is_told() => PolicyImport.Read(Path.Combine(folder.Path, "none"), Catalog.Settings).Diagnostics.ShouldHaveSingleItem().Code.ShouldBe("MDB0161");

    [Fact]
    public void What_is_imported_reads_back_as_a_preset()
    {
        PolicyValue[] values =
        [
            new(Catalog.Settings["av.excl.paths"], @"C:\it's|D:\# not a comment: really"), new(Catalog.Settings["av.proxy.proxyserver"], "http://proxy:8080"), new(Catalog.Settings["av.samples"], "1"),
            new(Catalog.Settings["av.scan.avgcpu"], "20"), new(Catalog.Settings["asr.9e6c4e1f"], "2"), new(Catalog.Settings["mde.tag.group"], "promote"),
        ];
        var file = folder.Write("mine.yaml", PresetText.Write("It's: a\nname", "# none", values));
        var preset = Catalog.ReadPreset(file).Value!;
        preset.Title.ShouldBe("It's: a name");
        preset.Entries.Select(e => e.InRing(0)).ShouldBe(values);
    }

    public void Dispose() => folder.Dispose();
}
