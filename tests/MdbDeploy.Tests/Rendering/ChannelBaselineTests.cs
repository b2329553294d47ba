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
    [InlineData("prerequisites", "350-prerequisites/two-devices")]
    public void A_channel_renders_what_was_reviewed(string channel, string scenario) =>
        Baseline.Compare(scenario, Render(channel, ["PC-0001", "PC-0002"], ["PC-0003"]).Files.Select(f => KeyValuePair.Create(f.Path, f.Content.ToArray())));

    [Theory]
    [InlineData("intune")]
    [InlineData("configmgr")]
    [InlineData("gpo")]
    [InlineData("vdi")]
    [InlineData("local-script")]
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
        var members = Render("intune", Hostile, []).ResourcesOf("graph").Single(r => r.Kind == "group-members").Body["members"]!.AsArray();
        members.Select(m => m!["name"]!.GetValue<string>()).ShouldBe(Hostile);
    }

    [Fact]
    public void Hostile_names_arrive_escaped_in_the_query_rule()
    {
        var rules = Render("configmgr", Hostile, []).ResourcesOf("configmgr").Single(r => r.Kind == "collection-rules").Body["rules"]!.AsArray();
        var query = rules[0]!["QueryExpression"]!.GetValue<string>();
        foreach (var name in Hostile)
        {
            query.ShouldContain($"'{Escaping.Wql(name)}'");
        }
    }

    [Fact]
    public void Twenty_thousand_devices_make_query_rules_of_150_names()
    {
        var names = Enumerable.Range(0, 1000).Select(i => $"PC-{i:D4}").ToArray();
        var rules = Render("configmgr", names, []).ResourcesOf("configmgr").Single(r => r.Kind == "collection-rules").Body["rules"]!.AsArray();
        rules.Count.ShouldBe(7 + 1);
        rules.Select(r => r!["QueryExpression"]?.GetValue<string>().Length ?? 0).Max().ShouldBeLessThan(8192);
    }

    [Fact]
    public void The_connector_needs_no_blob_and_the_blob_stays_out_of_every_other_file()
    {
        var bundle = Render("intune", ["PC-0001"], [], connector: true);
        bundle.Files.ShouldAllBe(f => !f.IsSensitive);
        Render("intune", ["PC-0001"], []).Files.Where(f => f.IsSensitive).Select(f => f.Path).ShouldBe(["intune/edr-onboarding.json"]);
    }

    [Fact]
    public void Without_a_package_the_groups_are_rendered_and_the_missing_policy_is_told()
    {
        var outcome = RenderOutcome("intune", ["PC-0001"], [], connector: false, withPackages: false);
        outcome.Diagnostics.ShouldHaveSingleItem().Code.ShouldBe("MDB0510");
        outcome.Value!.ResourcesOf("graph").Select(r => r.Kind).ShouldBe(["group", "group-members"], ignoreOrder: true);
    }

    private static Bundle Render(string channel, string[] pilot, string[] broad, bool connector = false)
    {
        var outcome = RenderOutcome(channel, pilot, broad, connector);
        outcome.Diagnostics.ShouldBeEmpty();
        return outcome.Value!;
    }

    private static Diagnostics.Outcome<Bundle> RenderOutcome(string channel, string[] pilot, string[] broad, bool connector, bool withPackages = true)
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
                Inventory = ["inventory.csv"],
                Share = @"\\fs01.corp.contoso.example\mdb$",
                Tenant = new TenantSettings { Connector = connector },
                Rings = [new RingSettings { Name = "pilot" }, new RingSettings { Name = "Broad 2" }],
                Images = [new ImageSettings { Name = "w11-pool", Broker = "citrix-mcs", Desktops = ["VDI-*"], IntelligenceShare = @"\\fs01.corp.contoso.example\wdav-update$" }, new ImageSettings { Name = "rds-2022", SingleEntry = false }],
                Targets = ImmutableSortedDictionary<string, JsonObject>.Empty.Add("activeDirectory",
                    new JsonObject { ["domain"] = "corp.contoso.example", ["link"] = new JsonArray("OU=Workstations,DC=corp,DC=contoso,DC=example") }),
            },
            Plan = new Plan(
                DateTimeOffset.UnixEpoch,
                [.. pilot.Select(n => Rendered.Planned(n, "pilot", shipped.Method ?? Methods.GroupPolicy)), .. broad.Select(n => Rendered.Planned(n, "Broad 2", shipped.Method ?? Methods.GroupPolicy))],
                [new PlannedRing("pilot", 0, pilot.Length), new PlannedRing("Broad 2", 1, broad.Length)],
                []),
            Packages = new PackageSet(withPackages ? [.. Enum.GetValues<PackageKind>().Select(Package)] : []),
            Settings = [new RegistryValue("mde.samplesharing", @"SOFTWARE\Policies\Microsoft\Windows Advanced Threat Protection", "AllowSampleCollection", "DWORD", "1")],
            ImageSettings = ImmutableSortedDictionary<string, ImmutableArray<RegistryValue>>.Empty
                .Add("w11-pool", [new RegistryValue("fslogix.path.tempvhd", @"SOFTWARE\Policies\Microsoft\Windows Defender\Exclusions\Paths", @"%TEMP%\*.VHD", "SZ", "0")]),
            Channels = [shipped],
            Sources = ImmutableSortedDictionary<string, string>.Empty,
        });
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
