using System.Text.Json.Nodes;
using MdbDeploy.Diagnostics;
using MdbDeploy.Projects;

namespace MdbDeploy.Tests.Projects;

public class ProjectReaderTests
{
    private const string Least = "organization: Contoso\ninventory: devices.csv\n";

    [Fact]
    public void Two_keys_are_enough_and_the_rest_has_defaults()
    {
        var project = Read(Least);
        project.Organization.ShouldBe("Contoso");
        project.Id.ShouldBe("contoso");
        project.Inventory.ShouldBe(["devices.csv"]);
        project.Folder.ShouldBe("/project");
        project.Packages.ShouldBe("packages/");
        project.Out.ShouldBe("out/");
        project.Tenant.ShouldBe(new TenantSettings());
        project.StaleAfterDays.ShouldBe(45);
        project.Rings.ShouldHaveSingleItem().Name.ShouldBe("broad");
        project.Routing.ShouldBeEmpty();
        project.Targets.ShouldBeEmpty();
        project.Share.ShouldBeNull();
    }

    [Fact]
    public void Every_key_is_read()
    {
        var project = Read("""
            organization: Contoso Ltd. (Zürich)
            id: contoso-ch
            inventory: [inventory.csv, "exports/*.csv"]
            packages: zips/
            out: result/
            share: '\\fs01.contoso.example\mdb$'
            tenant:
              usesIntune: yes
              onboarding: automatic
              connector: true
              licences: [defender-for-servers]
              securityManagement: { enforcementScope: windows-client }
            requirements: { staleAfterDays: 30 }
            rings:
              - { name: pilot, match: "tags contains 'Pilot'", max: 10 }
              - { name: early, percent: 12.5 }
              - name: broad
            routing:
              - { when: "site == 'OSL'", method: group-policy }
            policies: [onboarding, next-generation-protection]
            images:
              - { name: w11-pool, broker: citrix-mcs, entry: multiple, desktops: ['VDI-*', RDS-0?], policies: [vdi-fslogix], intelligenceShare: '\\fs01.contoso.example\wdav', share: '\\fs01.contoso.example\vdi' }
            targets:
              graph: { tenantId: 11111111-2222-4333-8444-555555555555, auth: device-code }
              configmgr: { server: cm01.contoso.example, siteCode: 007, port: 443, verify: true }
              activeDirectory: { domain: corp.contoso.example, link: ["OU=Workstations,DC=corp"] }
            """);
        project.Id.ShouldBe("contoso-ch");
        project.Inventory.ShouldBe(["inventory.csv", "exports/*.csv"]);
        project.InventoryAt.ShouldBe([new Location("mdbdeploy.yaml", 3, 13), new Location("mdbdeploy.yaml", 3, 28)]);
        (project.Packages, project.Out, project.Share).ShouldBe(("zips/", "result/", @"\\fs01.contoso.example\mdb$"));
        project.Tenant.ShouldBe(new TenantSettings { UsesIntune = true, AutomaticOnboarding = true, Connector = true, Licences = Licences.DefenderForServers, EnforcementScope = EnforcementScope.WindowsClient });
        project.StaleAfterDays.ShouldBe(30);
        project.Rings.Select(r => (r.Name, r.Match, r.Max, r.Percent, r.Line)).ShouldBe(
            [("pilot", "tags contains 'Pilot'", 10, null, 15), ("early", null, null, 12.5, 16), ("broad", null, null, null, 17)]);
        project.Rings[0].MatchAt.ShouldBe(new Location("mdbdeploy.yaml", 15, 27));
        var rule = project.Routing.ShouldHaveSingleItem();
        (rule.When, rule.Method, rule.Line, rule.WhenAt.Column, rule.MethodAt.Column).ShouldBe(("site == 'OSL'", "group-policy", 19, 13, 38));
        project.Policies.ShouldBe(["onboarding", "next-generation-protection"]);
        var image = project.Images.ShouldHaveSingleItem();
        (image.Name, image.Broker, image.SingleEntry, image.Share, image.IntelligenceShare).ShouldBe(("w11-pool", "citrix-mcs", false, @"\\fs01.contoso.example\vdi", @"\\fs01.contoso.example\wdav"));
        image.Desktops.ShouldBe(["VDI-*", "RDS-0?"]);
        image.Policies.ShouldBe(["vdi-fslogix"]);
        project.Targets.Keys.ShouldBe(["activeDirectory", "configmgr", "graph"], ignoreOrder: true);
        // A site code that looks like a number stays what it is.
        JsonNode.DeepEquals(project.Targets["configmgr"], JsonNode.Parse("""{"server":"cm01.contoso.example","siteCode":"007","port":443,"verify":true}""")).ShouldBeTrue();
        JsonNode.DeepEquals(project.Targets["activeDirectory"], JsonNode.Parse("""{"domain":"corp.contoso.example","link":["OU=Workstations,DC=corp"]}""")).ShouldBeTrue();
    }

    [Theory]
    // Missing, unknown, wrong type
    [InlineData("inventory: a.csv\n", "mdbdeploy.yaml(1,1): error MDB0103: The file needs 'organization'.")]
    [InlineData("organization: A\n", "mdbdeploy.yaml(1,1): error MDB0103: The file needs 'inventory'.")]
    [InlineData("organization: A\ninventory: []\n", "mdbdeploy.yaml(2,12): error MDB0103: The file needs 'inventory'.")]
    [InlineData("organization:\ninventory: a.csv\n", "mdbdeploy.yaml(1,1): error MDB0103: The file needs 'organization'.")]
    [InlineData(Least + "ring: []\n", "mdbdeploy.yaml(3,1): error MDB0103: The file has no key 'ring'. Did you mean 'rings'?")]
    [InlineData(Least + "tenant:\n  useIntune: true\n", "mdbdeploy.yaml(4,3): error MDB0103: 'tenant' has no key 'useIntune'. Did you mean 'usesIntune'?")]
    [InlineData(Least + "tenant: { onboarding: auto }\n", "mdbdeploy.yaml(3,23): error MDB0103: 'onboarding' must be one of automatic, manual, not 'auto'.")]
    [InlineData(Least + "tenant: { connector: maybe }\n", "mdbdeploy.yaml(3,22): error MDB0103: 'connector' must be true or false, not 'maybe'.")]
    [InlineData(Least + "tenant: { usesIntune: false, onboarding: automatic }\n", "mdbdeploy.yaml(3,42): error MDB0103: Automatic onboarding takes the devices enrolled in Intune, and 'usesIntune' is false: correct one of the two.")]
    [InlineData(Least + "tenant: { securityManagement: { enforcementScope: servers } }\n", "mdbdeploy.yaml(3,51): error MDB0103: 'enforcementScope' must be one of none, windows-client, windows-client-and-server, not 'servers'.")]
    [InlineData(Least + "requirements: { staleAfterDays: soon }\n", "mdbdeploy.yaml(3,33): error MDB0103: 'staleAfterDays' must be a whole number from 1 to 3650, not 'soon'.")]
    [InlineData(Least + "requirements: { staleAfterDays: 0 }\n", "mdbdeploy.yaml(3,33): error MDB0103: 'staleAfterDays' must be a whole number from 1 to 3650, not '0'.")]
    [InlineData(Least + "rings: pilot\n", "mdbdeploy.yaml(3,8): error MDB0103: 'rings' must be a list of mappings.")]
    [InlineData(Least + "rings:\n  - pilot\n", "mdbdeploy.yaml(4,5): error MDB0103: 'rings' must be a list of mappings.")]
    [InlineData(Least + "rings:\n  - { percent: 10 }\n", "mdbdeploy.yaml(4,5): error MDB0103: An entry of 'rings' needs 'name'.")]
    [InlineData(Least + "rings:\n  - { name: a, percent: 101 }\n", "mdbdeploy.yaml(4,25): error MDB0103: 'percent' must be a number from 0 to 100, not '101'.")]
    [InlineData(Least + "rings:\n  - { name: a, percent: NaN }\n", "mdbdeploy.yaml(4,25): error MDB0103: 'percent' must be a number from 0 to 100, not 'NaN'.")]
    [InlineData(Least + "rings:\n  - { name: a, max: 0 }\n", "mdbdeploy.yaml(4,21): error MDB0103: 'max' must be a whole number from 1 to 2147483647, not '0'.")]
    [InlineData(Least + "policies: { a: 1 }\n", "mdbdeploy.yaml(3,11): error MDB0103: 'policies' must be a text or a list of texts.")]
    [InlineData(Least + "routing:\n  - { when: golden }\n", "mdbdeploy.yaml(4,5): error MDB0103: An entry of 'routing' needs 'method'.")]
    [InlineData(Least + "images:\n  - { name: a, broker: citrix }\n", "mdbdeploy.yaml(4,24): error MDB0103: There is no broker 'citrix'. Known are: avd, citrix-mcs, citrix-pvs, generic, horizon-instant-clone, w365.")]
    [InlineData(Least + "images:\n  - { name: a, broker: citrix-mc }\n", "mdbdeploy.yaml(4,24): error MDB0103: There is no broker 'citrix-mc'. Did you mean 'citrix-mcs'?")]
    [InlineData(Least + "targets: { grap: {} }\n", "mdbdeploy.yaml(3,12): error MDB0103: 'targets' has no key 'grap'. Did you mean 'graph'?")]
    [InlineData(Least + "targets: { graph: yes }\n", "mdbdeploy.yaml(3,19): error MDB0103: 'graph' must be a mapping.")]
    [InlineData(Least + "id: Contoso!\n", "mdbdeploy.yaml(3,5): error MDB0103: 'id' must be 1 to 40 lower-case letters a to z, digits and dashes.")]
    [InlineData("organization: 株式会社\ninventory: a.csv\n", "mdbdeploy.yaml(1,15): error MDB0103: No identifier can be made of this name, since it has no letter a to z and no digit: add 'id', for example 'id: contoso'.")]
    [InlineData(Least + @"share: \\fs01", @"mdbdeploy.yaml(3,8): error MDB0103: 'share' must be a UNC path such as '\\fs01.contoso.example\mdb$', in single quotes.")]
    // Names
    [InlineData(Least + "rings:\n  - name: pilot/one\n", "mdbdeploy.yaml(4,11): error MDB0104: The name of this ring may hold letters A to Z, digits, blanks, dots, dashes and underscores, at most 40, and must begin and end with a letter or digit.")]
    [InlineData(Least + "images:\n  - { name: a, desktops: ['VDI-*', 'a''b'] }\n", "mdbdeploy.yaml(4,26): error MDB0103: 'a'b' is no pattern of computer names: letters, digits, dashes and underscores, with * and ?, such as 'VDI-*'.")]
    [InlineData(Least + "tenant:\n  licences: [e5]\n", "mdbdeploy.yaml(4,13): error MDB0103: There is no licence 'e5'. Known are: defender-for-endpoint, defender-for-servers.")]
    [InlineData(Least + "images:\n  - name: '..'\n", "mdbdeploy.yaml(4,11): error MDB0104: The name of this image may hold letters A to Z, digits, blanks, dots, dashes and underscores, at most 40, and must begin and end with a letter or digit.")]
    [InlineData(Least + "rings:\n  - name: pilot\n  - name: pilot\n", "mdbdeploy.yaml(5,11): error MDB0105: There is a ring 'pilot' already.")]
    [InlineData(Least + "rings:\n  - name: Pilot 1\n  - name: pilot-1\n", "mdbdeploy.yaml(5,11): error MDB0105: The ring 'pilot-1' cannot be told from 'Pilot 1': only letters and digits count.")]
    // No YAML
    [InlineData("", "mdbdeploy.yaml(1,1): error MDB0103: The file holds no settings: it must be a mapping of keys to values.")]
    [InlineData("- a\n", "mdbdeploy.yaml(1,1): error MDB0103: The file holds no settings: it must be a mapping of keys to values.")]
    [InlineData(Least + "organization: B\n", "mdbdeploy.yaml(3,1): error MDB0102: This is not valid YAML: Duplicate key organization")]
    [InlineData(Least + "targets: { graph: &g { a: [*g] } }\n", "mdbdeploy.yaml(3,28): error MDB0102: The alias *g stands inside what it names.")]
    [InlineData(Least + "rings: *gone\n", "mdbdeploy.yaml(3,8): error MDB0102: The alias *gone names nothing above it.")]
    [InlineData(Least + "? [a]\n: b\n", "mdbdeploy.yaml(3,3): error MDB0103: The file has a key that is no text.")]
    public void A_problem_is_told_with_its_place(string yaml, string expected) =>
        ProjectReader.Parse(yaml, "/project").Diagnostics.ShouldHaveSingleItem().ToString().ShouldBe(expected);

    [Fact]
    public void All_problems_are_told_at_once_in_the_order_of_the_file()
    {
        var outcome = ProjectReader.Parse("""
            organisation: Contoso
            inventory: a.csv
            tenant: { onboarding: later }
            rings:
              - { name: a/b, percent: -1, mach: "x" }
            """, "/project");
        outcome.Value.ShouldBeNull();
        outcome.Diagnostics.Select(d => (d.Code, d.Where.Line, d.Where.Column)).ShouldBe([
            ("MDB0103", 1, 1), ("MDB0103", 1, 1), ("MDB0103", 3, 23), ("MDB0104", 5, 13), ("MDB0103", 5, 27), ("MDB0103", 5, 31),
        ]);
    }

    [Theory]
    [InlineData("clientSecret: S3CR3T\n", 3, 1)]
    [InlineData("targets: { graph: { client_secret: S3CR3T } }\n", 3, 21)]
    [InlineData("targets:\n  configmgr:\n    accounts: [ { Password: S3CR3T } ]\n", 5, 19)]
    [InlineData("tenant: { access-token: S3CR3T }\n", 3, 11)]
    [InlineData("targets: { graph: { 'API Key': S3CR3T } }\n", 3, 21)]
    public void A_secret_in_the_file_is_refused_without_repeating_it(string yaml, int line, int column)
    {
        var outcome = ProjectReader.Parse(Least + yaml, "/project");
        outcome.Value.ShouldBeNull();
        var diagnostic = outcome.Diagnostics.ShouldHaveSingleItem();
        (diagnostic.Code, diagnostic.Where.Line, diagnostic.Where.Column).ShouldBe(("MDB0106", line, column));
        diagnostic.Advice.ShouldContain("MDBDEPLOY_CLIENT_SECRET");
        (diagnostic.ToString() + diagnostic.Advice).ShouldNotContain("S3CR3T");
    }

    [Fact]
    public void A_secret_where_a_mapping_belongs_is_not_repeated() =>
        ProjectReader.Parse(Least + "targets: { graph: 'clientSecret=S3CR3T' }\n", "/project").Diagnostics.ShouldHaveSingleItem().ToString().ShouldNotContain("S3CR3T");

    [Fact]
    public void A_share_by_short_name_is_a_warning()
    {
        var outcome = ProjectReader.Parse(Least + @"share: \\fs01\mdb$", "/project");
        outcome.Value.ShouldNotBeNull().Share.ShouldBe(@"\\fs01\mdb$");
        outcome.Diagnostics.ShouldHaveSingleItem().Code.ShouldBe("MDB0107");
    }

    [Theory]
    [InlineData('[', ']')]
    [InlineData('{', '}')]
    public void Nesting_without_end_is_told_instead_of_overflowing_the_stack(char open, char close)
    {
        var bomb = "organization: " + string.Concat(Enumerable.Repeat(open == '{' ? "{a: " : "[", 100_000)) + new string(close, 100_000);
        ProjectReader.Parse(bomb, "/project").Diagnostics.ShouldHaveSingleItem().Message.ShouldBe("This is nested more than 64 levels deep.");
    }

    [Fact]
    public void Aliases_are_read_as_long_as_they_stay_small()
    {
        Read(Least + "rings:\n  - { name: a, match: &who \"tags contains 'x'\" }\n  - { name: b, match: *who }\n").Rings[1].Match.ShouldBe("tags contains 'x'");

        var laughs = Least + "targets:\n  graph:\n    a0: &a0 x\n" + string.Concat(Enumerable.Range(1, 30).Select(i => $"    a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));
        ProjectReader.Parse(laughs, "/project").Diagnostics.ShouldHaveSingleItem().Message.ShouldBe("This is more than 200000 values, with aliases written out.");

        var tower = Least + "targets:\n  graph:\n    a0: &a0 x\n" + string.Concat(Enumerable.Range(1, 9000).Select(i => $"    a{i}: &a{i} [*a{i - 1}]\n"));
        ProjectReader.Parse(tower, "/project").Diagnostics.ShouldHaveSingleItem().Message.ShouldBe("This is nested more than 64 levels deep.");
    }

    [Theory]
    [InlineData("organization: \"Contoso\ninventory: a.csv\n")]
    [InlineData("a: b: c\n")]
    [InlineData("\u0000\u0001\u0002")]
    [InlineData("organization: Contoso\n\tinventory: a.csv\n")]
    [InlineData("%YAML 9.9\n---\na: 1\n")]
    public void What_is_no_yaml_is_told_and_not_thrown(string text)
    {
        var outcome = ProjectReader.Parse(text, "/project");
        outcome.Value.ShouldBeNull();
        outcome.Diagnostics.ShouldAllBe(d => d.Code == "MDB0102" || d.Code == "MDB0103");
        outcome.Diagnostics[0].Where.Line.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void The_file_is_found_by_its_own_path_and_by_its_folder()
    {
        using var folder = new Scratch();
        folder.Write("mdbdeploy.yaml", Least);
        ProjectReader.Read(folder.Path).Value.ShouldNotBeNull().Folder.ShouldBe(folder.Path);
        ProjectReader.Read(Path.Combine(folder.Path, "mdbdeploy.yaml")).Value.ShouldNotBeNull().Folder.ShouldBe(folder.Path);
    }

    [Fact]
    public void A_missing_file_is_told()
    {
        using var folder = new Scratch();
        ProjectReader.Read(folder.Path).Diagnostics.ShouldHaveSingleItem().Code.ShouldBe("MDB0101");
    }

    [Fact]
    public void An_identifier_is_made_of_the_organisation()
    {
        Read("organization: Müller & Söhne AG\ninventory: a\n").Id.ShouldBe("m-ller-s-hne-ag");
        Read($"organization: {new string('x', 39)} yz\ninventory: a\n").Id.ShouldBe(new string('x', 39));
    }

    private static DeploymentProject Read(string yaml)
    {
        var outcome = ProjectReader.Parse(yaml, "/project");
        outcome.Diagnostics.ShouldBeEmpty();
        return outcome.Value!;
    }
}
