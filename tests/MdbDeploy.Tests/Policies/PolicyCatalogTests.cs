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
        catalog.Presets.Keys.ShouldContain("next-generation-protection");
        catalog.Presets.Keys.ShouldContain("vdi-fslogix");
        catalog.Settings.Count.ShouldBeGreaterThan(180);
        catalog.Presets.Values.ShouldAllBe(p => p.Description.Length > 0 && p.Source.StartsWith("https://", StringComparison.Ordinal) && p.Entries.Length > 0);
        var all = catalog.Settings.Values.ToList();
        all.ShouldAllBe(s => s.Date.Year >= 2026 && (s.Unverified.Contains("row") || s.Source.Contains("https://", StringComparison.Ordinal) || s.Source.Contains(".admx of Windows", StringComparison.Ordinal) || s.Source.Contains("script of the portal", StringComparison.Ordinal)));
        all.Where(s => s.Registry is not null).ShouldAllBe(s => s.Registry!.Key.StartsWith(@"SOFTWARE\Policies\Microsoft\", StringComparison.Ordinal));
        all.Where(s => s.Registry is not null).Select(s => $@"{s.Registry!.Key}\{s.Registry.ValueName}".ToUpperInvariant()).ShouldBeUnique();
        all.Where(s => s.Csp is not null).Select(s => $"{s.Csp!.Uri}={(s.Csp.Format == "parts" ? s.Csp.Part : "")}".ToUpperInvariant()).ShouldBeUnique();
        all.Where(s => s.Catalog is not null).Select(s => s.Catalog!.Id).ShouldBeUnique();
        all.Where(s => s.Catalog?.InstanceTemplate is not null).Select(s => s.Catalog!.InstanceTemplate).ShouldBeUnique();
        all.Where(s => s.Catalog?.Parent is not null).ShouldAllBe(s => CatalogTemplates.Groups.ContainsKey(s.Catalog!.Parent!) || all.Any(parent => parent.Catalog != null && parent.Catalog.Id == s.Catalog.Parent));
        all.Where(s => s.Allowed.IsSettable).ShouldAllBe(s => s.Registry != null || s.Csp != null || s.Catalog != null);
        // Nobody can tell a value from its name: two words for one number, or two numbers of one word, would be read wrongly.
        all.ShouldAllBe(s => s.Allowed.Choices.Select(c => c.Value).Where(word => word.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase).Count() == s.Allowed.Choices.Count(c => c.Value.Length > 0));
        // Group Policy says "disable" where the CSP says "allow": whoever forgets to invert turns protection off.
        var inverted = all.Where(s => s.Registry?.Transform.Text == "invert").ToList();
        inverted.ShouldAllBe(s => s.Registry!.ValueName!.StartsWith("Disable", StringComparison.Ordinal) || s.Registry.ValueName == "UILockdown");
        all.Where(s => s.Csp?.Uri.Contains("/Allow", StringComparison.Ordinal) == true && s.Registry?.ValueName?.StartsWith("Disable", StringComparison.Ordinal) == true && !s.Unverified.Contains("csp"))
            .ShouldAllBe(s => s.Registry!.Transform.Text == "invert");
    }

    [Fact]
    public void Presets_turn_into_registry_values()
    {
        var catalog = PolicyCatalog.Read(Path.Combine(Repository.Root, "policies")).Value!;
        var values = RegistryChannel.Write(catalog.Select(["onboarding", "next-generation-protection"]).Value!.Last).Value!.ToDictionary(v => v.Id);
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
        RegistryChannel.Write(preset.Entries.Select(e => e.InRing(0))).Value!.Zip(preset.Entries, (r, e) => (r.Id, e.Stages[0], r.Type, r.Data)).ShouldBe([("a.two", "x y", "SZ", "x y"), ("a.one", "1", "DWORD", "0"), ("a.num", "50", "DWORD", "50"), ("a.map", "1", "DWORD", "2")]);
        preset.Entries[0].Setting.Line.ShouldBe(3);
        preset.Entries[1].Setting.Csp!.Uri.ShouldBe("./Device/One");
        preset.Entries[0].Setting.Csp.ShouldBeNull();
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
    [InlineData("id,title\n", "policies/settings.csv(1,1): error MDB0131: The header must hold id, title, description, allowed, source, date, and may hold gpo_key, gpo_value, gpo_type, transform, gpo_with, csp_omauri, csp_format, csp_part, catalog_id, catalog_template, catalog_parent, catalog_values, catalog_ids, configmgr, builds, locked, unverified.")]
    [InlineData(Header + "x,T,D,SOFTWARE\\A,V,DWORD,,,0|1,same,s,2026-01-02\n", "policies/settings.csv(2): error MDB0131: x: 'gpo_key' must begin with HKLM\\.")]
    [InlineData(Header + "x,T,D,HKLM\\A,V,QWORD,,,0|1,same,s,2026-01-02\n", "policies/settings.csv(2): error MDB0131: x: 'gpo_type' must be DWORD, SZ or LIST.")]
    [InlineData(Header + "x,T,D,HKLM\\A,V,DWORD,,,50..0,same,s,2026-01-02\n", "policies/settings.csv(2): error MDB0131: x: 'allowed' must be choices such as 0=off|1=on, a range such as 0..100, text 0..200, list or none.")]
    [InlineData(Header + "x,T,D,HKLM\\A,V,DWORD,,,text 0..5,same,s,2026-01-02\n", "policies/settings.csv(2): error MDB0131: x: 'allowed' must be numbers for DWORD.")]
    [InlineData(Header + "x,T,D,HKLM\\A,V,DWORD,./Device/A,node,0|1,same,s,2026-01-02\n", "policies/settings.csv(2): error MDB0131: x: 'csp_format' must be int, chr, bool, parts or admx, fit 'allowed', and have a 'csp_part' for parts and for admx with a value.")]
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
            "policies/other.yaml(2,20): error MDB0134: 'p' sets a.one to on, and 'other' sets it to off.",
        ]);
        catalog.Select(["p", "p"]).Value!.Entries.Length.ShouldBe(2);
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
