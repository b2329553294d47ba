using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Packages;
using MdbDeploy.Planning;
using MdbDeploy.Policies;
using MdbDeploy.Projects;
using MdbDeploy.Rendering;

namespace MdbDeploy.Tests.Rendering;

/// <summary>What the shipped channels render, byte for byte, for one fleet with ordinary and one with hostile names.</summary>
public class ChannelBaselineTests
{
    private static readonly string[] Hostile = ["O'Brien & <b>", "L\u2019Oréal", "a]]>b", "%PATH%", "$(calc)", "=cmd|x", "\"q\"", "100%_[x]"];

    [Theory]
    [InlineData("intune", "300-intune/two-rings")]
    [InlineData("configmgr", "310-configmgr/two-rings")]
    [InlineData("gpo", "320-gpo/two-rings")]
    [InlineData("vdi", "330-vdi/two-images")]
    [InlineData("local-script", "340-local-script/two-devices")]
    [InlineData("other-mdm", "360-other-mdm/two-rings")]
    [InlineData("prerequisites", "350-prerequisites/two-devices")]
    public void A_channel_renders_what_was_reviewed(string channel, string scenario) =>
        Baseline.Compare(scenario, Render(channel, ["PC-0001", "PC-0002"], ["PC-0003"], policies: channel is "intune" or "other-mdm" ? Defender : null).Files.Select(f => KeyValuePair.Create(f.Path, f.Content.ToArray())));

    [Theory]
    [InlineData("direct")]
    [InlineData("custom-property")]
    public void Members_of_rings_come_by_direct_rules_or_by_a_custom_property_where_that_is_chosen(string membership)
    {
        string[] shared = ["antimalware", "exploit-guard", "settings.csv", "Application", "Deploy-MdbPolicy", "Remove-", "WindowsDefenderATP", "collection.", "unsupported", "onboarded", "root", "workstations", "folder"];
        var outcome = RenderOutcome("configmgr", ["PC-0001", "PC-0002"], ["PC-0003", "O'Brien"], connector: false, configMgr: new JsonObject { ["membership"] = membership });
        outcome.Diagnostics.ShouldBeEmpty();
        Baseline.Compare($"310-configmgr/{membership}", outcome.Value!.Files.Where(f => !shared.Any(s => f.Path.Contains(s, StringComparison.OrdinalIgnoreCase))).Select(f => KeyValuePair.Create(f.Path, f.Content.ToArray())));
        foreach (var file in RenderOutcome("configmgr", Hostile, [], connector: false, configMgr: new JsonObject { ["membership"] = membership }).Value!.Files)
        {
            Wellformed.Check(file.Path, file.Content.ToArray());
        }
    }

    [Theory]
    [InlineData("intune")]
    [InlineData("configmgr")]
    [InlineData("gpo")]
    [InlineData("vdi")]
    [InlineData("local-script")]
    [InlineData("other-mdm")]
    public void Hostile_names_stay_data_in_every_file(string channel)
    {
        foreach (var file in Render(channel, Hostile, ["PC-0003"]).Files.Where(f => !f.Path.Contains("/package/", StringComparison.Ordinal)))
        {
            Wellformed.Check(file.Path, file.Content.ToArray());
        }
    }

    [Fact]
    public void Hostile_names_arrive_whole_in_the_intune_member_list()
    {
        var members = Render("intune", Hostile, []).ResourcesOf("graph").Single(r => r.Address == "intune/group-members/pilot").Body["members"]!.AsArray();
        members.Select(m => m!["name"]!.GetValue<string>()).ShouldBe(Hostile);
    }

    [Fact]
    public void Hostile_names_arrive_escaped_in_the_query_rule()
    {
        var query = NameRules(Hostile).ShouldHaveSingleItem().Query;
        foreach (var name in Hostile)
        {
            query.ShouldContain($"'{Escaping.Wql(name)}'");
        }
    }

    [Fact]
    public void Many_names_make_few_queries_of_at_most_150_names_and_8_KB()
    {
        var names = Enumerable.Range(0, 1000).Select(i => $"PC-{i:D4}").ToArray();
        var rules = NameRules(names);
        rules.Count.ShouldBeInRange(7, 16);
        rules.SelectMany(r => r.Names).Order(StringComparer.Ordinal).ShouldBe(names);
        rules.ShouldAllBe(r => r.Query.Length < 8192 && r.Names.Length <= 150);
        NameRules([.. names.Take(60).Select(n => n + new string('\'', 100))]).ShouldAllBe(r => r.Query.Length < 8192);
    }

    [Fact]
    public void A_device_that_joins_at_the_front_changes_one_query()
    {
        var names = Enumerable.Range(0, 1000).Select(i => $"PC-{i:D4}").ToArray();
        var before = NameRules(names).ToDictionary(r => r.Name, r => r.Query);
        var after = NameRules(["AA-0000", .. names]).ToDictionary(r => r.Name, r => r.Query);
        after.Keys.ShouldBe(before.Keys);
        after.Count(r => before[r.Key] != r.Value).ShouldBe(1);
    }

    [Fact]
    public void The_order_of_the_inventory_and_the_case_of_names_choose_no_other_query()
    {
        var names = Enumerable.Range(0, 400).Select(i => $"PC-{i:D4}").ToArray();
        NameRules([.. names.Reverse()]).Select(r => r.Query).ShouldBe(NameRules(names).Select(r => r.Query));
        NameRules([.. names.Select(n => n.ToLowerInvariant())]).Select(r => r.Query.ToUpperInvariant()).ShouldBe(NameRules(names).Select(r => r.Query.ToUpperInvariant()));
    }

    [Fact]
    public void The_connector_needs_no_blob_and_the_blob_stays_out_of_every_other_file()
    {
        var bundle = Render("intune", ["PC-0001"], [], connector: true);
        bundle.Files.ShouldAllBe(f => !f.IsSensitive);
        Render("intune", ["PC-0001"], []).Files.Where(f => f.IsSensitive).Select(f => f.Path).ShouldBe(["intune/edr-onboarding.json"]);
    }

    [Fact]
    public void The_second_road_with_device_tags_virtual_desktops_and_a_golden_image()
    {
        var graph = new JsonObject { ["profile"] = "oma-uri", ["deviceTags"] = true, ["tenantId"] = "contoso.example", ["clientId"] = "11111111-2222-4333-8444-555555555555" };
        var outcome = RenderOutcome("intune", ["PC-0001", "PC-0002"], ["PC-0003"], connector: false, graph: graph, others: Desktops);

        outcome.Diagnostics.ShouldBeEmpty();
        Baseline.Compare("300-intune/oma-uri", outcome.Value!.Files.Select(f => KeyValuePair.Create(f.Path, f.Content.ToArray())));
        outcome.Value.Files.Where(f => f.IsSensitive).Select(f => f.Path).ShouldBe(["intune/oma-onboarding.json"]);
    }

    [Fact]
    public void Virtual_desktops_are_filtered_out_of_the_policy_and_golden_images_are_excluded()
    {
        var outcome = RenderOutcome("intune", ["PC-0001"], [], connector: true, others: Desktops);

        outcome.Diagnostics.ShouldBeEmpty();
        Baseline.Compare("300-intune/virtual-desktops", outcome.Value!.Files.Where(f => !f.Path.Contains("app-registration", StringComparison.Ordinal)).Select(f => KeyValuePair.Create(f.Path, f.Content.ToArray())));
    }

    [Theory]
    [InlineData("VDI-\"x", "VDI-\"y")]
    [InlineData("PC-1", "PC-2")]
    [InlineData("A1", "A2")]
    public void A_filter_that_could_catch_others_is_not_made(string one, string two)
    {
        PlannedDevice[] pool = [Desktop(one), Desktop(two)];

        RenderOutcome("intune", ["PC-0001"], [], connector: true, others: pool).Value!.ResourcesOf("graph").ShouldNotContain(r => r.Kind == "assignment-filter");
    }

    [Fact]
    public void Without_a_package_the_groups_are_rendered_and_the_missing_policy_is_told()
    {
        var outcome = RenderOutcome("intune", ["PC-0001"], [], connector: false, withPackages: false);
        outcome.Diagnostics.ShouldHaveSingleItem().Code.ShouldBe("MDB0510");
        outcome.Value!.ResourcesOf("graph").Select(r => r.Kind).Distinct().ShouldBe(["group", "group-members"], ignoreOrder: true);
    }

    [Fact]
    public void Settings_stand_in_one_policy_per_stage_of_the_presets_and_rings_of_one_stage_share_it()
    {
        var staged = Render("gpo", ["PC-0001"], ["PC-0002"], policies: Selection(("mde.samplesharing", ["1"]), ("asr.d4f940ab", ["1", "2"]))).ResourcesOf("active-directory").ToList();
        staged.Where(r => r.Kind == "settings-policy").Select(r => (r.Address, r.Ring, r.Body["displayName"]!.ToString())).ShouldBe(
        [
            ("gpo/settings-policy/policies-stage-1", "pilot", "MDB - Contoso - Settings - policies (stage 1)"),
            ("gpo/settings-policy/policies-stage-2", "Broad 2", "MDB - Contoso - Settings - policies (stage 2)"),
        ]);
        staged.Single(r => r.Address == "gpo/group-policy-object/pilot").After.ShouldBe(["gpo/settings-filter/policies-stage-1", "gpo/settings-links/policies-stage-1"]);

        // What Group Policy does not see makes no stage.
        var same = Render("gpo", ["PC-0001"], ["PC-0002"], policies: Selection(("asr.d4f940ab", ["1", "1"]))).ResourcesOf("active-directory").ToList();
        same.Single(r => r.Kind == "settings-policy").Address.ShouldBe("gpo/settings-policy/policies");
        same.Single(r => r.Kind == "settings-filter").Body["appliesTo"]!.AsArray().Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("a", "a", "a")]
    [InlineData("a'; calc #,{gpo/x/y}", "a-calc-gpo-x-y", "a'; calc # + \uFFFDgpo/x/y}")]
    [InlineData("øæå", "", "øæå")]
    [InlineData("next-generation-protection,attack-surface-reduction-standard,firewall", "next-generation-protection-atta", "next-generation-protection + attack-surface-reduction-standard + firewall")]
    public void The_policy_with_settings_has_a_name_and_an_address_whatever_presets_are_called(string presets, string slug, string name)
    {
        var policy = Render("gpo", ["PC-0001"], [], presets: presets).ResourcesOf("active-directory").Single(r => r.Kind == "settings-policy");
        policy.Address.ShouldMatch($"^gpo/settings-policy/{slug}(-?[0-9a-f]{{8}})?$");
        policy.Address.Length.ShouldBeLessThanOrEqualTo("gpo/settings-policy/".Length + 40);
        policy.Body["displayName"]!.ToString().ShouldBe($"MDB - Contoso - Settings - {name}");
    }

    private static PlannedDevice[] Desktops => [Desktop("VDI-W11-001"), Desktop("vdi-w11-002"), Rendered.Planned("GOLD-W11", null!, Methods.None) with { Ring = null, Device = Rendered.Planned("GOLD-W11", "pilot").Device with { IsGoldenImage = true } }];

    private static PlannedDevice Desktop(string name) => Rendered.Planned(name, "pilot", Methods.VdiScript) is var planned
        ? planned with { Device = planned.Device with { Image = "w11-pool" } }
        : throw new InvalidOperationException();

    private static List<(string Name, string Query, string[] Names)> NameRules(string[] names) =>
        [.. Render("configmgr", names, []).ResourcesOf("configmgr").Single(r => r.Address == "configmgr/collection-rules/ring-pilot").Body["rules"]!.AsArray()
            .Where(r => r!["QueryExpression"] is not null)
            .Select(r => (r!["RuleName"]!.ToString(), r["QueryExpression"]!.ToString(), r["QueryExpression"]!.ToString().Split(" in (")[1].TrimEnd(')').Split(',').Select(n => n.Trim('\'')).ToArray()))];

    private static Bundle Render(string channel, string[] pilot, string[] broad, bool connector = false, PolicySelection? policies = null, string presets = "")
    {
        var outcome = RenderOutcome(channel, pilot, broad, connector, policies: policies, presets: presets);
        outcome.Diagnostics.ShouldBeEmpty();
        return outcome.Value!;
    }

    private static Diagnostics.Outcome<Bundle> RenderOutcome(string channel, string[] pilot, string[] broad, bool connector, bool withPackages = true, JsonObject? graph = null, IEnumerable<PlannedDevice>? others = null, PolicySelection? policies = null, JsonObject? configMgr = null, string presets = "")
    {
        var channels = ChannelCatalog.Read(Path.Combine(Repository.Root, "templates"));
        channels.Diagnostics.ShouldBeEmpty();
        var shipped = channels.Value!.Single(c => c.Name == channel);
        return Renderer.Render(new RenderInput
        {
            Project = new DeploymentProject
            {
                Folder = "/project",
                Organization = "Contoso",
                Id = "contoso",
                Policies = [.. presets.Split(',', StringSplitOptions.RemoveEmptyEntries)],
                Inventory = ["inventory.csv"],
                Share = @"\\fs01.corp.contoso.example\mdb$",
                Tenant = new TenantSettings { Connector = connector },
                Rings = [new RingSettings { Name = "pilot" }, new RingSettings { Name = "Broad 2" }],
                Images = [new ImageSettings { Name = "w11-pool", Broker = "citrix-mcs", Desktops = ["VDI-*"], IntelligenceShare = @"\\fs01.corp.contoso.example\wdav-update$" }, new ImageSettings { Name = "rds-2022", SingleEntry = false }],
                Targets = ImmutableSortedDictionary<string, JsonObject>.Empty.Add("activeDirectory",
                    new JsonObject { ["domain"] = "corp.contoso.example", ["link"] = new JsonArray("OU=Workstations,DC=corp,DC=contoso,DC=example") }).Add("graph", graph ?? []).Add("configmgr", configMgr ?? []),
            },
            Plan = new Plan(
                DateTimeOffset.UnixEpoch,
                [.. pilot.Select(n => Rendered.Planned(n, "pilot", shipped.Method ?? Methods.GroupPolicy)), .. broad.Select(n => Rendered.Planned(n, "Broad 2", shipped.Method ?? Methods.GroupPolicy)), .. others ?? []],
                [new PlannedRing("pilot", 0, pilot.Length), new PlannedRing("Broad 2", 1, broad.Length)],
                []),
            Packages = new PackageSet(withPackages ? [.. Enum.GetValues<PackageKind>().Select(Package)] : []),
            Settings = [SampleSharing],
            Policies = policies ?? (channel == "configmgr" ? Defender : PolicySelection.Empty),
            ImageSettings = ImmutableSortedDictionary<string, ImmutableArray<RegistryValue>>.Empty
                .Add("w11-pool", [new RegistryValue("fslogix.path.tempvhd", @"SOFTWARE\Policies\Microsoft\Windows Defender\Exclusions\Paths", @"%TEMP%\*.VHD", "SZ", "0")]),
            Catalogue = channel == "gpo" ? [.. PolicyCatalog.Read(Path.Combine(Repository.Root, "policies")).Value!.Settings.Values] : [],
            Channels = [shipped],
            Sources = ImmutableSortedDictionary<string, string>.Empty,
        });
    }

    private static RegistryValue SampleSharing { get; } = new("mde.samplesharing", @"SOFTWARE\Policies\Microsoft\Windows Advanced Threat Protection", "AllowSampleCollection", "DWORD", "1");

    private static PolicySelection Defender { get; } = Selection(("mde.samplesharing", ["1"]), ("av.rtp", ["1"]), ("av.pua", ["1"]), ("eg.np", ["1"]), ("av.bafs", ["1"]), ("asr.d4f940ab", ["1", "2"]));

    private static PolicySelection Selection(params (string Id, ImmutableArray<string> Stages)[] entries)
    {
        var settings = PolicyCatalog.Read(Path.Combine(Repository.Root, "policies")).Value!.Settings;
        return new([.. entries.Select(e => new PresetEntry(settings[e.Id], e.Stages, Diagnostics.Location.None))]);
    }

    private static OnboardingPackage Package(PackageKind kind) => new()
    {
        Source = $"{kind}.zip",
        Kind = kind,
        IsOffboarding = false,
        OrganizationId = new Guid("11111111-2222-4333-8444-555555555555"),
        Blob = Encoding.UTF8.GetBytes(Rendered.Blob),
        Files = kind switch
        {
            PackageKind.OnboardingFile => [new PackageFile("WindowsDefenderATP.onboarding", Encoding.UTF8.GetBytes(Rendered.Blob))],
            PackageKind.LocalScript => [new PackageFile("WindowsDefenderATPLocalOnboardingScript.cmd", "@echo synthetic\r\n"u8.ToArray())],
            PackageKind.Vdi =>
            [
                new PackageFile("WindowsDefenderATPOnboardingScript.cmd", "@echo synthetic\r\n"u8.ToArray()),
                new PackageFile("Onboard-NonPersistentMachine.ps1", "# synthetic\r\n"u8.ToArray()),
            ],
            _ => [new PackageFile("WindowsDefenderATPOnboardingScript.cmd", "@echo synthetic\r\n"u8.ToArray())],
        },
        Sha256 = new string('a', 64),
    };
}
