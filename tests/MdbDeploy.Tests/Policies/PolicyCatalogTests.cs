using MdbDeploy.Policies;

namespace MdbDeploy.Tests.Policies;

public sealed class PolicyCatalogTests : IDisposable
{
    private const string Header = "id,title,description,gpo_key,gpo_value,gpo_type,csp_omauri,csp_format,allowed,transform,source,date\n";

    private const string Two = Header
        + "a.one,One,First.,HKLM\\SOFTWARE\\A,DisableOne,DWORD,./Device/One,int,0=off|1=on,invert,s,2026-01-02\n"
        + "a.two,Two,\"Second,\nin two lines.\",HKLM\\SOFTWARE\\A,Two,SZ,,,text 1..5,same,s,2026-01-02\n"
        + "a.num,Num,Third.,HKLM\\SOFTWARE\\A,Num,DWORD,,,0..50,same,s,2026-01-02\n"
        + "a.map,Map,Fourth.,HKLM\\SOFTWARE\\A,Map,DWORD,,,0|1,map 0=0|1=2,s,2026-01-02\n"
        + "a.blob,Blob,Comes from the package.,HKLM\\SOFTWARE\\A,Blob,SZ,,,none,same,s,2026-01-02\n";

    private readonly Scratch folder = new();

    [Fact]
    public void The_repositorys_catalogue_and_presets_are_sound()
    {
        var outcome = PolicyCatalog.Read(Path.Combine(Repository.Root, "policies"));
        outcome.Diagnostics.ShouldBeEmpty();
        var catalog = outcome.Value!;
        catalog.Presets.Keys.ShouldBe(["defender-antivirus", "onboarding", "vdi-antivirus", "vdi-fslogix"], ignoreOrder: true);
        catalog.Settings.Values.ShouldAllBe(s => s.RegistryKey.StartsWith(@"SOFTWARE\Policies\Microsoft\", StringComparison.Ordinal) && s.Date.Year >= 2026);
        catalog.Settings.Values.Select(s => $@"{s.RegistryKey}\{s.RegistryValueName}").ShouldBeUnique();
        catalog.Settings.Values.Where(s => s.CspUri is not null).Select(s => s.CspUri).ShouldBeUnique();
        catalog.Settings.Values.ShouldAllBe(s => (s.CspUri == null) == (s.CspFormat == null));
        // Group Policy says "disable" where the CSP says "allow": whoever forgets to invert turns protection off.
        catalog.Settings.Values.Where(s => s.RegistryType == "DWORD" && (s.RegistryValueName.StartsWith("Disable", StringComparison.Ordinal) || s.RegistryValueName == "UILockdown") && s.Id != "mde.proxy.noauth")
            .ShouldAllBe(s => s.Transform.Text == "invert");
        catalog.Settings.Values.Where(s => s.Transform.Text == "invert").ShouldAllBe(s => s.RegistryValueName.StartsWith("Disable", StringComparison.Ordinal) || s.RegistryValueName == "UILockdown");
    }

    [Fact]
    public void Presets_turn_into_registry_values()
    {
        var catalog = PolicyCatalog.Read(Path.Combine(Repository.Root, "policies")).Value!;
        var values = catalog.Select(["onboarding", "defender-antivirus"]).Value!.ToDictionary(v => v.Setting.Id, v => v.Registry);
        values["mde.samplesharing"].ShouldBe(new RegistryValue("mde.samplesharing", @"SOFTWARE\Policies\Microsoft\Windows Advanced Threat Protection", "AllowSampleCollection", "DWORD", "1"));
        values["av.rtp"].ShouldBe(new RegistryValue("av.rtp", @"SOFTWARE\Policies\Microsoft\Windows Defender\Real-Time Protection", "DisableRealtimeMonitoring", "DWORD", "0"));
        values["av.scan.email"].Data.ShouldBe("1"); // not scanned: disabled is 1
        values["av.cloud"].Data.ShouldBe("2"); // advanced membership
        values["av.pua"].Data.ShouldBe("1");
        values["av.cloudblocklevel"].Data.ShouldBe("2");
        values["eg.np"].Value.ShouldBe("EnableNetworkProtection");
        values.Count.ShouldBe(25);
    }

    [Fact]
    public void Values_go_through_the_transform_in_file_order()
    {
        var preset = Catalog(Two, "title: T\ndescription: D\nsettings: { a.two: x y, a.one: 1, a.num: 50, a.map: 1 }\n").Presets["p"];
        (preset.Title, preset.Description).ShouldBe(("T", "D"));
        preset.Values.Select(v => (v.Setting.Id, v.Value, v.Registry.Type, v.Registry.Data)).ShouldBe([("a.two", "x y", "SZ", "x y"), ("a.one", "1", "DWORD", "0"), ("a.num", "50", "DWORD", "50"), ("a.map", "1", "DWORD", "2")]);
        preset.Values[0].Setting.Line.ShouldBe(3);
        preset.Values[1].Setting.CspUri.ShouldBe("./Device/One");
        preset.Values[0].Setting.CspUri.ShouldBeNull();
    }

    [Theory]
    [InlineData("title: T\nsettings:\n  a.tow: 1\n", "policies/p.yaml(3,3): error MDB0132: 'settings' has no key 'a.tow'. Did you mean 'a.two'?")]
    [InlineData("title: T\nsettings:\n  a.one: 2\n", "policies/p.yaml(3,10): error MDB0132: 'a.one' may be 0 (off), 1 (on).")]
    [InlineData("title: T\nsettings:\n  a.one: 01\n", "policies/p.yaml(3,10): error MDB0132: 'a.one' may be 0 (off), 1 (on).")]
    [InlineData("title: T\nsettings:\n  a.num: 51\n", "policies/p.yaml(3,10): error MDB0132: 'a.num' may be a whole number from 0 to 50.")]
    [InlineData("title: T\nsettings:\n  a.num: [1]\n", "policies/p.yaml(3,10): error MDB0132: 'a.num' must be a text.")]
    [InlineData("title: T\nsettings:\n  a.two: sixsix\n", "policies/p.yaml(3,10): error MDB0132: 'a.two' may be a text of 1 to 5 characters.")]
    [InlineData("title: T\nsettings:\n  a.two: \"a\\nb\"\n", "policies/p.yaml(3,10): error MDB0132: 'a.two' may be a text of 1 to 5 characters.")]
    [InlineData("title: T\nsettings:\n  a.blob: x\n", "policies/p.yaml(3,11): error MDB0132: 'a.blob' is not set by presets: Comes from the package.")]
    [InlineData("settings: {}\n", "policies/p.yaml(1,1): error MDB0132: The file needs 'title'.")]
    [InlineData("title: T\nsetting: {}\n", "policies/p.yaml(2,1): error MDB0132: The file has no key 'setting'. Did you mean 'settings'?")]
    [InlineData("title: [\n", "policies/p.yaml(2,1): error MDB0132: This is not valid YAML: While parsing a node, did not find expected node content.")]
    public void A_mistake_in_a_preset_is_told_with_its_place(string yaml, string expected) =>
        Read(Two, yaml).Diagnostics[0].ToString().ShouldBe(expected);

    [Theory]
    [InlineData("id,title\n", "policies/settings.csv(1,1): error MDB0131: The header must be: id,title,description,gpo_key,gpo_value,gpo_type,csp_omauri,csp_format,allowed,transform,source,date.")]
    [InlineData(Header + "x,T,D,SOFTWARE\\A,V,DWORD,,,0|1,same,s,2026-01-02\n", "policies/settings.csv(2): error MDB0131: x: 'gpo_key' must begin with HKLM\\.")]
    [InlineData(Header + "x,T,D,HKLM\\A,V,QWORD,,,0|1,same,s,2026-01-02\n", "policies/settings.csv(2): error MDB0131: x: 'gpo_type' must be DWORD or SZ.")]
    [InlineData(Header + "x,T,D,HKLM\\A,V,DWORD,,,50..0,same,s,2026-01-02\n", "policies/settings.csv(2): error MDB0131: x: 'allowed' must be choices such as 0=off|1=on or a range such as 0..100 for DWORD, text 0..200 for SZ, or none.")]
    [InlineData(Header + "x,T,D,HKLM\\A,V,SZ,,,0|1,same,s,2026-01-02\n", "policies/settings.csv(2): error MDB0131: x: 'allowed' must be choices such as 0=off|1=on or a range such as 0..100 for DWORD, text 0..200 for SZ, or none.")]
    [InlineData(Header + "x,T,D,HKLM\\A,V,DWORD,,,0|1|2,invert,s,2026-01-02\n", "policies/settings.csv(2): error MDB0131: x: 'transform' must be same, invert or map 0=0|1=2, for each of the allowed values.")]
    [InlineData(Header + "x,T,D,HKLM\\A,V,DWORD,,,0|1,same,s,2.1.26\n", "policies/settings.csv(2): error MDB0131: x: 'date' must be a date such as 2026-12-31.")]
    [InlineData(Header + "x,T,,HKLM\\A,V,DWORD,,,0|1,same,s,2026-01-02\n", "policies/settings.csv(2): error MDB0131: x: 'description' is empty.")]
    [InlineData(Two + "a.one,T,D,HKLM\\A,V,DWORD,,,0|1,same,s,2026-01-02\n", "policies/settings.csv(8,1): error MDB0131: There is a setting 'a.one' already, in line 2.")]
    public void A_mistake_in_the_catalogue_is_told_with_its_place(string csv, string expected) =>
        Read(csv, "title: T\n").Diagnostics.ShouldHaveSingleItem().ToString().ShouldBe(expected);

    [Theory]
    [InlineData("")]
    [InlineData(Header + "x,T\n")]
    [InlineData(Header + "\"x,T,D,HKLM\\A,V,DWORD,,,0|1,same,s,2026-01-02\n")]
    [InlineData("\0\0\0")]
    public void A_damaged_catalogue_is_told_and_not_thrown(string csv) => Read(csv, "title: T\n").Diagnostics.ShouldContain(d => d.Code == "MDB0131");

    [Fact]
    public void A_folder_without_a_catalogue_is_told() =>
        PolicyCatalog.Read(folder.Path).Diagnostics.ShouldHaveSingleItem().Code.ShouldBe("MDB0130");

    [Fact]
    public void An_unknown_preset_and_two_that_disagree_are_told()
    {
        folder.Write("other.yaml", "title: O\nsettings: { a.one: 0, a.num: 3 }\n");
        var catalog = Catalog(Two, "title: T\nsettings: { a.one: 1, a.num: 3 }\n");
        var outcome = catalog.Select(["p", "othr", "other"]);
        outcome.Value.ShouldBeNull();
        outcome.Diagnostics.Select(d => d.ToString()).ShouldBe([
            "mdbdeploy.yaml: error MDB0133: There is no preset 'othr'. Did you mean 'other'?",
            "a.one: error MDB0134: 'p' sets a.one to 1, and 'other' sets it to 0.",
        ]);
        catalog.Select(["p", "p"]).Value!.Count.ShouldBe(2);
    }

    public void Dispose() => folder.Dispose();

    private MdbDeploy.Diagnostics.Outcome<PolicyCatalog> Read(string csv, string preset)
    {
        folder.Write("settings.csv", csv);
        folder.Write("p.yaml", preset);
        return PolicyCatalog.Read(folder.Path);
    }

    private PolicyCatalog Catalog(string csv, string preset)
    {
        var outcome = Read(csv, preset);
        outcome.Diagnostics.ShouldBeEmpty();
        return outcome.Value!;
    }
}
