using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using MdbDeploy.Diagnostics;
using MdbDeploy.Inventory;
using MdbDeploy.Packages;
using MdbDeploy.Planning;
using MdbDeploy.Projects;
using YamlDotNet.RepresentationModel;

namespace MdbDeploy.Tests.Projects;

public sealed class ProjectScaffoldTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2025, 11, 23, 23, 30, 0, TimeSpan.FromHours(-5));

    private static readonly string Templates = Path.Combine(Repository.Root, "templates", "project");
    private static readonly string Schema = Path.Combine(Repository.Root, "policies", "preset.schema.json");

    private readonly string folder = Path.Combine(Directory.CreateTempSubdirectory("mdb-scaffold-").FullName, "demo");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(folder)!, recursive: true);

    [Fact]
    public void It_writes_what_it_says_in_order()
    {
        var written = Write();
        written.ShouldBe(
        [
            ".gitignore", "README.md", "inventory/ad-computers.csv", "inventory/configmgr-devices.csv", "inventory/intune-export.csv", "inventory/sites.csv", "mdbdeploy.schema.json",
            "packages/GatewayWindowsDefenderATPOnboardingPackage (1).zip", "packages/GatewayWindowsDefenderATPOnboardingPackage (2).zip",
            "packages/GatewayWindowsDefenderATPOnboardingPackage (3).zip", "packages/GatewayWindowsDefenderATPOnboardingPackage.zip",
            "packages/WindowsDefenderATPOffboardingPackage_valid_until_2025-12-01 (1).zip", "packages/WindowsDefenderATPOffboardingPackage_valid_until_2025-12-01.zip",
            "policies/exceptions.yaml", "policies/preset.schema.json",
            "mdbdeploy.yaml",
        ]);
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder, f).Replace('\\', '/')).ShouldBe(written, ignoreOrder: true);
    }

    [Fact]
    public void The_same_day_gives_the_same_bytes_and_another_day_other_dates()
    {
        var files = ProjectScaffold.Make(Templates, Schema, Now);
        var later = ProjectScaffold.Make(Templates, Schema, Now.AddHours(3));
        later.Select(f => f.Path).ShouldBe(files.Select(f => f.Path));
        later.Select(f => Convert.ToBase64String(f.Content)).ShouldBe(files.Select(f => Convert.ToBase64String(f.Content)));
        ProjectScaffold.Make(Templates, Schema, Now.AddDays(1)).Single(f => f.Path == "inventory/ad-computers.csv").Content.ShouldNotBe(files.Single(f => f.Path == "inventory/ad-computers.csv").Content);
        files.ShouldAllBe(f => !Encoding.UTF8.GetString(f.Content).Contains("{{", StringComparison.Ordinal));
    }

    [Fact]
    public void Its_packages_read_back_as_all_kinds_of_one_organisation()
    {
        Write();
        var outcome = PackageReader.ReadFolder(Path.Combine(folder, "packages"), "packages", CancellationToken.None);
        outcome.Diagnostics.ShouldBeEmpty();
        var set = outcome.Value!;
        set.OrganizationId.ShouldBe(Guid.Parse("11111111-2222-4333-8444-555555555555"));
        set.Packages.Select(p => (p.Kind, p.IsOffboarding, p.IsInteractive, p.Version)).ShouldBe(
        [
            (PackageKind.LocalScript, false, true, "1.7"),
            (PackageKind.OnboardingFile, false, false, "1.7"),
            (PackageKind.Vdi, false, false, "1.7"),
            (PackageKind.GroupPolicy, false, false, "1.7"),
            (PackageKind.OnboardingFile, true, false, "1.65"),
            (PackageKind.GroupPolicy, true, false, "1.65"),
        ]);
        set.Packages.ShouldAllBe(p => p.IsOffboarding || p.IsStreamlined);
        set.Packages.Where(p => !p.IsOffboarding).Select(p => p.BlobSha256).Distinct().Count().ShouldBe(1);
        set.Onboarding(PackageKind.Vdi)!.Files.Select(f => f.Path).ShouldBe(
            ["WindowsDefenderATPOnboardingScript.cmd", "Onboard-NonPersistentMachine.ps1", "OptionalParamsPolicy/AtpConfiguration.adml", "OptionalParamsPolicy/AtpConfiguration.admx"]);
        foreach (var package in set.Packages.Where(p => p.IsOffboarding))
        {
            package.Expires.ShouldBe(new DateTimeOffset(2025, 12, 1, 12, 0, 0, TimeSpan.Zero));
        }
    }

    [Fact]
    public void Its_archives_name_their_entries_with_backslashes_as_the_portal_does()
    {
        var zip = ProjectScaffold.Make(Templates, Schema, Now).Single(f => f.Path.EndsWith("(3).zip", StringComparison.Ordinal)).Content;
        using var archive = new System.IO.Compression.ZipArchive(new MemoryStream(zip));
        archive.Entries.Select(e => e.FullName).ShouldContain(@"WindowsDefenderATPOnboardingPackage\OptionalParamsPolicy\AtpConfiguration.admx");
    }

    [Fact]
    public void Its_scripts_have_the_portal_s_shape_and_refuse_to_run()
    {
        foreach (var package in Packages())
        {
            foreach (var script in package.Files.Where(f => f.Path.EndsWith(".cmd", StringComparison.Ordinal)))
            {
                var text = Encoding.ASCII.GetString(script.Content.Span);
                text.Replace("\r\n", "", StringComparison.Ordinal).ShouldNotContain("\n");
                var lines = text.Split("\r\n");
                lines[3].ShouldBe("if not defined MDBDEPLOY_RUN_SYNTHETIC (");
                lines[5].ShouldBe("  exit /b 99");

                // cmd.exe cuts a line at 8191 characters; the portal's line is almost as long.
                lines.Max(line => line.Length).ShouldBeInRange(7000, 8191);
                (lines.Contains("pause") == package.IsInteractive).ShouldBeTrue();
            }
        }
    }

    [Fact]
    public void Its_PowerShell_script_is_valid()
    {
        var file = Packages().Single(p => p.Kind == PackageKind.Vdi).Files.Single(f => f.Path.EndsWith(".ps1", StringComparison.Ordinal));
        System.Management.Automation.Language.Parser.ParseInput(Encoding.ASCII.GetString(file.Content.Span), out _, out var errors);
        errors.ShouldBeEmpty();
    }

    [Fact]
    public void Its_administrative_template_is_well_formed_and_names_texts_that_exist()
    {
        var files = Packages().Single(p => p.Kind == PackageKind.GroupPolicy && !p.IsOffboarding).Files;
        var texts = XDocument.Parse(Encoding.UTF8.GetString(files.Single(f => f.Path.EndsWith(".adml", StringComparison.Ordinal)).Content.Span)).Descendants()
            .Where(e => e.Name.LocalName == "string").Select(e => $"$(string.{e.Attribute("id")!.Value})").ToList();
        XDocument.Parse(Encoding.UTF8.GetString(files.Single(f => f.Path.EndsWith(".admx", StringComparison.Ordinal)).Content.Span)).Descendants().Attributes()
            .Select(a => a.Value).Where(v => v.StartsWith("$(string.", StringComparison.Ordinal)).ShouldBeSubsetOf(texts);
    }

    [Fact]
    public void Git_ignores_packages_results_and_state()
    {
        Write();
        File.ReadAllLines(Path.Combine(folder, ".gitignore")).Where(line => !line.StartsWith('#')).ShouldBe(["out/", "packages/", ".mdbdeploy/"]);
        if (!OperatingSystem.IsWindows())
        {
            foreach (var file in Directory.EnumerateFiles(Path.Combine(folder, "packages")))
            {
                File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }
        }
    }

    [Fact]
    public void A_folder_that_holds_something_is_left_alone()
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "notes.txt"), "mine");
        var outcome = ProjectScaffold.Write(folder, Templates, Schema, Now);
        outcome.Value.ShouldBeNull();
        outcome.Diagnostics.ShouldHaveSingleItem().Code.ShouldBe("MDB0150");
        Directory.EnumerateFileSystemEntries(folder).Count().ShouldBe(1);
    }

    [Fact]
    public void A_fresh_git_repository_counts_as_empty()
    {
        Directory.CreateDirectory(Path.Combine(folder, ".git"));
        Write();
    }

    [Fact]
    public void A_file_in_the_way_or_missing_templates_are_a_problem_not_a_crash()
    {
        File.WriteAllText(folder, "a file");
        ProjectScaffold.Write(folder, Templates, Schema, Now).Diagnostics.ShouldHaveSingleItem().Code.ShouldBe("MDB0150");
        ProjectScaffold.Write(folder + "2", folder + "3", Schema, Now).Diagnostics.ShouldHaveSingleItem().Code.ShouldBe("MDB0151");
        Directory.Exists(folder + "2").ShouldBeFalse();
    }

    [Fact]
    public void The_schema_knows_every_key_of_the_settings()
    {
        using var text = new StringReader(File.ReadAllText(Path.Combine(Templates, "mdbdeploy.yaml")));
        var yaml = new YamlStream();
        yaml.Load(text);
        var schema = JsonNode.Parse(File.ReadAllText(Path.Combine(Templates, "mdbdeploy.schema.json")))!.AsObject();
        var unknown = new List<string>();
        Compare(yaml.Documents[0].RootNode, schema, "");
        unknown.ShouldBeEmpty();

        void Compare(YamlNode node, JsonObject known, string path)
        {
            if (node is YamlMappingNode map)
            {
                known["additionalProperties"]!.GetValue<bool>().ShouldBeFalse(path);
                foreach (var (key, value) in map.Children.Select(c => (((YamlScalarNode)c.Key).Value!, c.Value)))
                {
                    if (known["properties"]?[key] is JsonObject property)
                    {
                        Compare(value, property, $"{path}/{key}");
                    }
                    else
                    {
                        unknown.Add($"{path}/{key}");
                    }
                }
            }
            else if (node is YamlSequenceNode list && known["items"] is JsonObject items)
            {
                foreach (var item in list.Children)
                {
                    Compare(item, items, path + "[]");
                }
            }
        }
    }

    [Theory]
    [InlineData("2025-11-23")]
    [InlineData("2026-03-01")]
    [InlineData("2026-01-13")]
    public void Its_inventory_is_about_sixty_devices_with_the_flaws_it_promises(string today)
    {
        var now = DateTimeOffset.Parse(today + "T12:00:00Z", null);
        ProjectScaffold.Write(folder, Templates, Schema, now).Diagnostics.ShouldBeEmpty();
        string[] names = ["inventory/intune-export.csv", "inventory/configmgr-devices.csv", "inventory/ad-computers.csv", "inventory/sites.csv"];
        var fleet = InventoryReader.Read([.. names.Select(name => new InventoryFile(name, Path.Combine(folder, name)))], new InventoryOptions(), null, CancellationToken.None);

        fleet.Problems.ShouldAllBe(p => p.Severity != Severity.Error);
        fleet.Sources.Select(s => s.Profile).ShouldBe(["intune-portal", "configmgr-device", "ad-computer", "canonical"]);
        var devices = fleet.Devices.ToDictionary(d => d.Name, StringComparer.Ordinal);
        devices.Count.ShouldBe(64);
        devices.Values.Count(d => d.Tags.Contains("Pilot")).ShouldBe(8);
        devices["LT-STO-004"].Origins.Length.ShouldBe(2);
        devices["WS-OSL-001"].Origins.Select(o => o.File).ShouldBe(names[..3]);
        devices["WS-OSL-001"].ManagedBy.ShouldBe(Management.Intune | Management.ConfigurationManager);
        devices["WS-CPH-001"].ManagedBy.ShouldBe(Management.ConfigurationManager);
        devices["LT-OSL-001"].Join.ShouldBe(JoinType.Hybrid);
        devices["LT-OSL-006"].Tags.ShouldContain("O'Brien & <test>");
        devices["LT-OSL-006"].Owner.ShouldBe("siobhan.o'brien@contoso.example");
        devices["LT-STO-018"].Edition.ShouldBe(WindowsEdition.Home);
        devices["LT-STO-021"].State.ShouldBe(DeviceState.Retired);
        devices["OLDPC-17"].State.ShouldBe(DeviceState.Disabled);
        devices["DC01"].Role.ShouldBe(DeviceRole.DomainController);
        devices["SRV-APP-01"].Os.ShouldBe(OsFamily.WindowsServer);
        devices["MAC-STO-01"].Os.ShouldBe(OsFamily.MacOS);
        devices["Anna's iPhone"].Os.ShouldBe(OsFamily.Ios);
        devices["WS-BGO-005"].Build.ShouldBe(new WindowsBuild(19044, null));
        devices["WS-BGO-006"].Build.ShouldBeNull();
        devices["WS-BGO-001"].Site.ShouldBe("BGO");
        devices["W11-GOLD-01"].IsGoldenImage.ShouldBeTrue();
        devices["VDI-POOL-008"].Vdi.ShouldBe(VdiKind.NonPersistentSingle);
        devices["VDI-POOL-008"].Image.ShouldBe("w11-pool");
        devices["KIOSK-01"].Join.ShouldBe(JoinType.None);
        devices.ShouldContainKey("WORKSTATION-MARKETING-07");
        devices.Values.Where(d => d.State == DeviceState.Active && d.LastSeen is { } seen && now - seen > TimeSpan.FromDays(45)).Select(d => d.Name).ShouldBe(["LT-STO-017"]);
    }

    [Fact]
    public void Its_settings_are_read_without_a_problem_and_its_plan_shows_every_method()
    {
        Write();
        var settings = ProjectReader.Read(folder);
        settings.Diagnostics.ShouldBeEmpty();
        var files = InventoryFiles.Expand(settings.Value!);
        files.Diagnostics.ShouldBeEmpty();
        var fleet = InventoryReader.Read([.. files.Value!.Select(name => new InventoryFile(name, Path.Combine(folder, name)))], new InventoryOptions(), null, CancellationToken.None);
        var packages = PackageReader.ReadFolder(Path.Combine(folder, "packages"), "packages", CancellationToken.None).Value!;

        var plan = Planner.Plan(fleet, settings.Value!, Requirements.BuiltIn, Methods.Titles.Select(t => t.Key).ToHashSet(StringComparer.Ordinal), packages, Now);

        plan.Diagnostics.ShouldAllBe(d => d.Severity == Severity.Info);
        var devices = plan.Value!.Devices;
        devices.Select(d => d.Method).Distinct().ShouldBe(
            [Methods.Intune, Methods.ConfigurationManager, Methods.GroupPolicy, Methods.VdiScript, Methods.LocalScript, Methods.None], ignoreOrder: true);
        devices.Select(d => d.Eligibility).Distinct().Count().ShouldBe(3);
        devices.Count(d => d.Ring == "pilot").ShouldBe(8);
        devices.Where(d => d.Eligibility == Eligibility.Ineligible).Select(d => d.Device.Name).ShouldBe(
            ["Anna's iPhone", "LT-STO-018", "LT-STO-019", "LT-STO-020", "MAC-STO-01"], ignoreOrder: true);
        devices.Single(d => d.Device.Name == "W11-GOLD-01").Method.ShouldBe(Methods.None);
        devices.Single(d => d.Device.Name == "WS-BGO-006").Eligibility.ShouldBe(Eligibility.Unknown);
    }

    private IReadOnlyList<string> Write()
    {
        var outcome = ProjectScaffold.Write(folder, Templates, Schema, Now);
        outcome.Diagnostics.ShouldBeEmpty();
        return outcome.Value!;
    }

    private System.Collections.Immutable.ImmutableArray<OnboardingPackage> Packages()
    {
        Write();
        return PackageReader.ReadFolder(Path.Combine(folder, "packages"), "packages", CancellationToken.None).Value!.Packages;
    }
}
