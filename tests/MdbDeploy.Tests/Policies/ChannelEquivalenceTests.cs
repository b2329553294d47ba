using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using MdbDeploy.Formats;
using MdbDeploy.Policies;

namespace MdbDeploy.Tests.Policies;

/// <summary>What a preset says must be what a device is told, whichever way it comes: every channel is written, turned into its real bytes, and read back.</summary>
public class ChannelEquivalenceTests
{
    private const string Signs = @"aZ09 '""<&>%$;=]å€";

    private static readonly PolicyCatalog Catalog = PolicyCatalog.Read(Path.Combine(Repository.Root, "policies")).Value!;

    public static TheoryData<string, int> Presets() =>
        [.. Catalog.Presets.Keys.SelectMany(name => Enumerable.Range(0, 3).Select(ring => new TheoryDataRow<string, int>(name, ring)))];

    [Theory]
    [MemberData(nameof(Presets))]
    public void Every_channel_that_can_express_a_preset_says_the_same(string preset, int ring) =>
        ShouldAgree([.. Catalog.Presets[preset].Entries.Select(e => e.InRing(ring))]);

    [Fact]
    public void Every_channel_says_the_same_for_any_value_of_any_setting()
    {
        var settings = Catalog.Settings.Values.Where(s => s.Allowed.IsSettable).ToArray();
        Gen.Select(Gen.Shuffle(settings, 1, 40), Gen.Int).Sample((some, seed) =>
        {
            var random = new Random(seed);
            ShouldAgree([.. some.OrderBy(s => s.Id, StringComparer.Ordinal).Select(s => new PolicyValue(s, Any(s.Allowed, random)))]);
        }, iter: 200, threads: 1);
    }

    [Theory]
    [InlineData("asr.d4f940ab", "6", "Configuration Manager cannot set asr.d4f940ab to warn by an antimalware policy: its rules know no warning, only audit and block.")]
    [InlineData("av.tamper", "1", "Group Policy cannot set av.tamper to on: tamper protection is signed by the service, so that no registry value can set it.")]
    [InlineData("av.bafs", "1", "The Intune settings catalogue cannot set av.bafs to on: no definition of the settings catalogue is known for it.")]
    [InlineData("av.tamper", "1", "OMA-URI cannot set av.tamper to on: there is no CSP node that an administrator can set.")]
    [InlineData("av.excl.paths", @"C:\a", "Configuration Manager cannot set av.excl.paths to C:\\a by an antimalware policy: only numbers are known to stand in its antimalware policies: set it in the console.")]
    [InlineData("fw.public.logmaxfilesize", "1024", "The Intune settings catalogue cannot set fw.public.logmaxfilesize to 1024: it is part of 'vendor_msft_firewall_mdmstore_publicprofile_enablefirewall', which must be on in the same policy.")]
    public void What_a_channel_cannot_express_is_told(string id, string value, string expected)
    {
        PolicyValue[] values = [new(Catalog.Settings[id], value)];
        RegistryChannel.Write(values).Diagnostics.Concat(OmaUriChannel.Write(values).Diagnostics).Concat(SettingsCatalogChannel.Write(values).Diagnostics).Concat(AntimalwareXml.Write(values, "n", "d").Diagnostics)
            .Select(d => d.Message).ShouldContain(expected);
    }

    [Fact]
    public void Every_setting_is_expressed_by_a_channel()
    {
        foreach (var setting in Catalog.Settings.Values.Where(s => s.Allowed.IsSettable))
        {
            var value = new PolicyValue(setting, Any(setting.Allowed, new Random(1)));
            (RegistryChannel.Obstacle(value) is null || OmaUriChannel.Obstacle(value) is null || SettingsCatalogChannel.Obstacle(value) is null).ShouldBeTrue(setting.Id);
        }
    }

    [Fact]
    public void The_shapes_are_those_of_real_policies()
    {
        var registry = RegistryChannel.Write(Values(("asr.d4f940ab", "6"), ("asr.9e6c4e1f", "1"), ("av.excl.paths", @"C:\a|D:\b c"), ("fw.private.enablefirewall", "1"))).Value!;
        registry.Select(v => $"{v.Key[(v.Key.LastIndexOf('\\') + 1)..]}!{v.Value}={v.Type}:{v.Data}").ShouldBe([
            "ASR!ExploitGuard_ASR_Rules=DWORD:1",
            "Rules!d4f940ab-401b-4efc-aadc-ad5f3c50688a=SZ:6",
            "Rules!9e6c4e1f-7d60-472f-ba1a-a39ef669e4b2=SZ:1",
            "Exclusions!Exclusions_Paths=DWORD:1",
            @"Paths!C:\a=SZ:0",
            @"Paths!D:\b c=SZ:0",
            "WindowsFirewall!PolicyVersion=DWORD:545",
            "PrivateProfile!EnableFirewall=DWORD:1",
        ]);

        OmaUriChannel.Write(Values(("asr.d4f940ab", "6"), ("asr.9e6c4e1f", "1"), ("av.excl.paths", @"C:\a|D:\b c"), ("fw.private.enablefirewall", "1"), ("av.bafs", "0"), ("av.scan.missedcount", "4"), ("av.cloud", "1"))).Value!
            .Select(n => $"{n.Uri} {n.Format} {n.Value}").ShouldBe([
                "./Device/Vendor/MSFT/Policy/Config/Defender/AttackSurfaceReductionRules chr d4f940ab-401b-4efc-aadc-ad5f3c50688a=6|9e6c4e1f-7d60-472f-ba1a-a39ef669e4b2=1",
                @"./Device/Vendor/MSFT/Policy/Config/Defender/ExcludedPaths chr C:\a|D:\b c",
                "./Vendor/MSFT/Firewall/MdmStore/PrivateProfile/EnableFirewall bool true",
                "./Device/Vendor/MSFT/Policy/Config/ADMX_MicrosoftDefenderAntivirus/DisableBlockAtFirstSeen chr <disabled/>",
                """./Device/Vendor/MSFT/Policy/Config/ADMX_MicrosoftDefenderAntivirus/Scan_MissedScheduledScanCountBeforeCatchup chr <enabled/><data id="Scan_MissedScheduledScanCountBeforeCatchup" value="4" />""",
                "./Device/Vendor/MSFT/Policy/Config/Defender/AllowCloudProtection int 1",
            ]);

        var policies = SettingsCatalogChannel.Write(Values(("asr.d4f940ab", "6"), ("av.rtp", "1"), ("av.scan.avgcpu", "50"), ("fw.public.enablefirewall", "1"), ("fw.public.defaultinboundaction", "1"), ("av.excl.paths", "C:\\a"))).Value!;
        policies.Select(p => p.Name).ShouldBe(["antivirus", "asr", "firewall", "other"]);
        Baseline.Compare("700-policies/channels", [
            new("settings-catalog.json", Encoding.UTF8.GetBytes(new JsonArray([.. policies.Select(p => (JsonNode?)p.Settings.DeepClone())]).ToJsonString(new() { WriteIndented = true, NewLine = "\n" }))),
            new("antimalware.xml", Encoding.UTF8.GetBytes(AntimalwareXml.Write(Values(("av.rtp", "1"), ("av.scan.avgcpu", "50"), ("av.cloud", "1")), "MDB \"<a>\"", "d").Value!.ToString().ReplaceLineEndings("\n"))),
        ]);
    }

    [Fact]
    public void The_schema_for_editors_is_the_catalogues()
    {
        var file = Path.Combine(Repository.Root, "policies", PresetSchema.FileName);
        var schema = PresetSchema.Write(Catalog).ToJsonString(new() { WriteIndented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n";
        if (Repository.Accept)
        {
            File.WriteAllText(file, schema);
        }

        File.ReadAllText(file).ShouldBe(schema, Repository.AcceptCommand);
    }

    private static PolicyValue[] Values(params (string Id, string Value)[] values) => [.. values.Select(v => new PolicyValue(Catalog.Settings[v.Id], v.Value))];

    private static string Any(AllowedValues allowed, Random random) => allowed.Type switch
    {
        SettingType.Number => random.Next(allowed.Range.Least, allowed.Range.Most).ToString(System.Globalization.CultureInfo.InvariantCulture),
        SettingType.Text => new string([.. Enumerable.Range(0, Math.Max(1, random.Next(allowed.Range.Least, Math.Min(40, allowed.Range.Most)))).Select(_ => Signs[random.Next(Signs.Length)])]).Trim() is { Length: > 0 } text ? text : "x",
        SettingType.List => string.Join('|', Enumerable.Range(0, random.Next(1, 4)).Select(i => $@"C:\{i} '""<&>%x%$(y) ;=]å€")),
        _ => allowed.Choices.ElementAt(random.Next(allowed.Choices.Count())).Key.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };

    private static void ShouldAgree(ImmutableArray<PolicyValue> values)
    {
        var registry = RegistryChannel.ToEntries(RegistryChannel.Write(values).Value!);
        var pol = RegistryPol.Read(RegistryPol.Write(registry), "registry.pol").Value!;
        Same(values.Where(v => RegistryChannel.Obstacle(v) is null), RegistryChannel.Read(pol, Catalog.Settings, "registry.pol"));
        var lgpo = LgpoText.Write(new LgpoPolicy(registry, []));
        lgpo.Diagnostics.ShouldBeEmpty();
        Same(values.Where(v => RegistryChannel.Obstacle(v) is null), RegistryChannel.Read(LgpoText.Read(lgpo.Value!, "settings.txt").Value!.Computer, Catalog.Settings, "settings.txt"));

        var profile = JsonNode.Parse(OmaUriChannel.ToProfile("p", OmaUriChannel.Write(values).Value!).ToJsonString())!.AsObject();
        Same(values.Where(v => OmaUriChannel.Obstacle(v) is null), OmaUriChannel.Read(OmaUriChannel.FromProfile(profile)!, Catalog.Settings, "profile.json"));

        var written = SettingsCatalogChannel.Write(values);
        var left = written.Diagnostics.Select(d => d.Where.Subject).ToHashSet();
        Same(values.Where(v => !left.Contains(v.Setting.Id)), PolicyReading.Join(written.Value!.Select(policy =>
            SettingsCatalogChannel.Read(JsonNode.Parse(new JsonObject { ["settings"] = policy.Settings.DeepClone() }.ToJsonString())!.AsObject(), Catalog.Settings, "policy.json"))));

        Same(values.Where(v => ExploitGuard.Obstacle(v) is null), ExploitGuard.Read(ExploitGuard.Write(values).Value!, Catalog.Settings, "exploit-guard.csv"));
        Same(values.Where(v => AntimalwareXml.Obstacle(v) is null), AntimalwareXml.Read(Encoding.UTF8.GetBytes(AntimalwareXml.Write(values, "n", "d").Value!.ToString()), Catalog.Settings, "policy.xml"));
    }

    private static void Same(IEnumerable<PolicyValue> expected, PolicyReading reading)
    {
        reading.Diagnostics.ShouldBeEmpty();
        reading.Values.Select(v => $"{v.Setting.Id}={v.Value}").ShouldBe(expected.OrderBy(v => v.Setting.Id, StringComparer.Ordinal).Select(v => $"{v.Setting.Id}={v.Value}"));
    }
}
