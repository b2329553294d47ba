using MdbDeploy.Diagnostics;
using MdbDeploy.Inventory;

namespace MdbDeploy.Tests.Inventory;

public class ProfileTests
{
    private const string Snipe = """
        id: snipe-it
        title: Snipe-IT assets
        source: a test
        required:
          - any: [Asset Tag]
        columns:
          - { field: name, from: [Asset Name] }
          - field: state
            from: [Status]
            values: { "Deployed*": active, Archived: retired }
          - field: site
            from: [Location]
            values: { Headquarters: HQ }
          - { field: serial, from: [Serial] }
        constants:
          managed-by: other-mdm
        """;

    [Fact]
    public void A_project_brings_its_own_profile_as_data()
    {
        var problems = new List<Diagnostic>();
        var profile = ImportProfile.Parse(Snipe, "profiles/snipe.yaml", problems).ShouldNotBeNull();
        problems.ShouldBeEmpty();
        var options = new InventoryOptions { Profiles = [.. ImportProfile.BuiltIn, profile] };
        var fleet = TempInventory.Read("Asset  tag,Asset name,status,Location,Serial\n1,PC-1,Deployed - in use,Headquarters,ABC1\n2,PC-2,Archived,Oslo,ABC2\n", options);
        fleet.Sources[0].Profile.ShouldBe("snipe-it");
        fleet.Sources[0].Why.ShouldBe("It has 'Asset  tag', and 5 of its 5 columns are known to snipe-it; next best is spreadsheet with 4.");
        fleet.Devices.Select(device => (device.State, device.Site, device.ManagedBy)).ShouldBe([(DeviceState.Active, "HQ", Management.OtherMdm), (DeviceState.Retired, "Oslo", Management.OtherMdm)]);
    }

    [Fact]
    public void A_profile_can_be_asked_for()
    {
        var text = "Name,DNSHostName\nPC-1,pc-1.corp.example\n"u8.ToArray();
        TempInventory.ReadBytes([text]).Sources[0].Profile.ShouldBe("ad-computer");
        var asked = TempInventory.ReadBytes([text], profile: "spreadsheet");
        asked.Sources[0].Profile.ShouldBe("spreadsheet");
        asked.Sources[0].Why.ShouldBe("spreadsheet was asked for.");
        TempInventory.ReadBytes([text], profile: "citrix").Places().ShouldBe(["a.csv MDB0209"]);
        TempInventory.ReadBytes([text], profile: "citrix-broker").Problems.ShouldHaveSingleItem().Message
            .ShouldBe("The profile 'citrix-broker' needs 'MachineName'; 'CatalogName' or 'DesktopGroupName' or 'SessionSupport' or 'AllocationType'.");
    }

    [Fact]
    public void Everything_wrong_in_a_profile_is_told_with_its_line()
    {
        var problems = new List<Diagnostic>();
        ImportProfile.Parse(
            """
            id: broken
            source: a test
            colums: []
            columns:
              - { field: nam, from: [Name] }
              - { field: join, from: [Join], values: { x: sideways } }
              - { field: os }
            constants:
              site: OSL
            """,
            "p.yaml",
            problems).ShouldBeNull();
        problems.ShouldAllBe(problem => problem.Problem == Problems.ImportProfileIsInvalid && problem.Where.File == "p.yaml");
        problems.Select(problem => problem.Where.Line).Order().ShouldBe([1, 3, 5, 5, 6, 7, 9]);
    }

    [Theory]
    [InlineData(249, false)]
    [InlineData(250, true)]
    [InlineData(251, false)]
    public void An_export_with_just_as_many_rows_as_its_source_returns_is_doubted(int rows, bool doubted)
    {
        var fleet = TempInventory.Read("MachineName,CatalogName\n" + string.Concat(Enumerable.Range(0, rows).Select(i => $"CORP\\VDI-{i},CAT-1\n")));
        fleet.Problems.Select(problem => problem.ToString()).ShouldBe(doubted ? ["a.csv: warning MDB0245: The file has 250 rows, and Citrix Virtual Apps and Desktops, Get-BrokerMachine gives no more unless asked to."] : []);
    }

    [Fact]
    public void A_profile_that_is_no_YAML_is_told()
    {
        var problems = new List<Diagnostic>();
        ImportProfile.Parse("id: [", "p.yaml", problems).ShouldBeNull();
        problems.ShouldHaveSingleItem().Problem.ShouldBe(Problems.ImportProfileIsInvalid);
    }

    [Theory]
    [InlineData("Azure AD Device ID")]
    [InlineData("Microsoft Entra Device ID")]
    [InlineData("Entra device ID")]
    public void The_Intune_portal_is_recognised_under_either_name_of_Entra(string header)
    {
        var fleet = TempInventory.Read($"Device ID,Device name,Last check-in,{header},JoinType\n11111111-1111-1111-1111-111111111111,PC-1,2025-11-20 08:12:44.0000000,22222222-2222-2222-2222-222222222222,Microsoft Entra joined\n");
        fleet.Sources[0].Profile.ShouldBe("intune-portal");
        (fleet.Devices[0].EntraDeviceId, fleet.Devices[0].Join).ShouldBe((new Guid("22222222-2222-2222-2222-222222222222"), JoinType.Entra));
    }

    [Fact]
    public void Built_in_profiles_have_distinct_names_and_every_method_word_is_the_planners()
    {
        ImportProfile.BuiltIn.Select(profile => profile.Id).ShouldBeUnique();
        ImportProfile.BuiltIn.Length.ShouldBeGreaterThanOrEqualTo(15);
        var known = MdbDeploy.Planning.Methods.Titles.Select(pair => pair.Key).ToList();
        var map = Vocabulary.Shared.MapOf(new ProfileColumn(DeviceField.Method, ["method"], []));
        foreach (var word in (string[])["auto", "local", "script", "gpo", "gp", "sccm", "mecm", "configmgr", "mem", "mdm", "vdi"])
        {
            map.TryGet(word, out var code).ShouldBeTrue();
            known.ShouldContain(map.TextOf(code));
        }
    }
}
