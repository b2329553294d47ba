using MdbDeploy.Diagnostics;
using MdbDeploy.Inventory;

namespace MdbDeploy.Tests.Inventory;

public class SampleTests
{
    [Theory]
    [InlineData("ad-de-semicolon-cp1252.csv", "ad-computer", "windows-1252", ';', 3)]
    [InlineData("ad-de-semicolon-utf16le.csv", "ad-computer", "utf-16 little-endian", ';', 3)]
    [InlineData("ad-getadcomputer-ps51-TYPE.csv", "ad-computer", "utf-8", ',', 4)]
    [InlineData("ad-ps7-utf8-nobom.csv", "ad-computer", "utf-8", ',', 1)]
    [InlineData("avd-get-azwvdsessionhost.csv", "avd", "utf-8", ',', 2)]
    [InlineData("canonical-mdbdeploy.csv", "canonical", "utf-8", ',', 4)]
    [InlineData("citrix-get-brokermachine.csv", "citrix-broker", "utf-8", ',', 3)]
    [InlineData("configmgr-cmpivot-os.csv", "configmgr-cmpivot", "utf-8", ',', 2)]
    [InlineData("configmgr-console-clipboard.tsv", "configmgr-console", "utf-8", '\t', 2)]
    [InlineData("configmgr-get-cmdevice.csv", "configmgr-device", "utf-8", ',', 3)]
    [InlineData("defender-device-inventory-export.csv", "defender-portal", "utf-8 with BOM", ',', 5)]
    [InlineData("dsquery-sep-hint.csv", "ad-computer", "utf-8", ';', 1)]
    [InlineData("entra-devices-export.csv", "entra-devices", "utf-8 with BOM", ',', 5)]
    [InlineData("horizon-machines-export.csv", "horizon", "utf-8", ',', 2)]
    [InlineData("intune-devices-portal-export.csv", "intune-portal", "utf-8 with BOM", ',', 4)]
    [InlineData("intune-devices-portal-export.de.csv", "intune-portal", "utf-8 with BOM", ',', 1)]
    [InlineData("intune-graph-report-Devices.csv", "intune-report", "utf-8", ',', 3)]
    [InlineData("lansweeper-assets.csv", "lansweeper", "utf-8", ',', 2)]
    [InlineData("mde-api-machines.csv", "defender-api", "utf-8", ',', 1)]
    [InlineData("pdq-inventory-computers.csv", "pdq-inventory", "utf-8", ',', 1)]
    public void Every_export_is_recognised_without_being_told(string file, string profile, string encoding, char delimiter, int rows)
    {
        var fleet = TempInventory.ReadFixtures(file);
        var source = fleet.Sources.ShouldHaveSingleItem();
        source.Profile.ShouldBe(profile);
        source.Encoding.ShouldBe(encoding);
        source.Delimiter.ShouldBe(delimiter);
        (source.Rows, source.Accepted).ShouldBe((rows, rows));
        source.Why.ShouldContain(profile);
        fleet.Problems.ShouldNotContain(problem => problem.Severity == Severity.Error);
        fleet.Problems.Select(problem => problem.Problem).ShouldNotContain(Problems.InventoryValueIsUnknown);
    }

    [Fact]
    public void The_Intune_portal_export_gives_these_devices()
    {
        var fleet = TempInventory.ReadFixtures("intune-devices-portal-export.csv");
        fleet.Problems.ShouldBeEmpty();
        fleet.Devices.Select(device => device.Name).ShouldBe(["iPhone von Jörg", "LT-SE-0001", "LT-SE-0002", "SRV-APP-01"]);
        var laptop = fleet.Devices[1];
        ShouldEqual(laptop, new Device
        {
            Name = "LT-SE-0001",
            Os = OsFamily.WindowsClient,
            OsName = "Windows",
            Edition = WindowsEdition.Pro,
            Build = new WindowsBuild(19045, 4412),
            Role = DeviceRole.Client,
            Join = JoinType.Entra,
            ManagedBy = Management.Intune,
            EntraDeviceId = new Guid("1e5d05e4-7f4a-56e0-9f4c-861d1efd822c"),
            IntuneDeviceId = new Guid("19f2f9ce-4fef-5c7e-abfe-e4357d682164"),
            Serial = "SN0001",
            Owner = "anna.lind@contoso.example",
            LastSeen = new DateTimeOffset(2025, 11, 20, 8, 12, 44, TimeSpan.Zero),
            Origins = [new Origin("intune-devices-portal-export.csv", 2)],
        });
        var server = fleet.Devices[3];
        (server.Os, server.Edition, server.Role, server.ManagedBy, server.Owner).ShouldBe((OsFamily.WindowsServer, WindowsEdition.Server, DeviceRole.Server, Management.Defender, null));
        var phone = fleet.Devices[0];
        (phone.Os, phone.Build, phone.Join, phone.Role).ShouldBe((OsFamily.Ios, null, JoinType.Registered, DeviceRole.Unknown));
    }

    [Fact]
    public void The_AD_export_of_Windows_PowerShell_gives_these_devices()
    {
        var fleet = TempInventory.ReadFixtures("ad-getadcomputer-ps51-TYPE.csv");
        fleet.Problems.ShouldBeEmpty();
        fleet.Devices.Select(device => device.Name).ShouldBe(["LT-SE-0001", "LT-SE-0003", "OLDPC17", "VDI-POOL-001"]);
        ShouldEqual(fleet.Devices[0], new Device
        {
            Name = "LT-SE-0001",
            Fqdn = "lt-se-0001.corp.contoso.example",
            Domain = "corp.contoso.example",
            Join = JoinType.Domain,
            AdObjectId = new Guid("5e03c3a5-9684-5414-b3e0-759d46ac93ce"),
            Ou = "OU=Workstations,OU=SE,DC=corp,DC=contoso,DC=example",
            Origins = [new Origin("ad-getadcomputer-ps51-TYPE.csv", 3)],
        });
        fleet.Devices[2].State.ShouldBe(DeviceState.Disabled);
        fleet.Devices[2].Fqdn.ShouldBeNull();
        fleet.Devices[2].Domain.ShouldBe("corp.contoso.example");
    }

    [Fact]
    public void The_Citrix_export_gives_these_devices()
    {
        var fleet = TempInventory.ReadFixtures("citrix-get-brokermachine.csv");
        fleet.Places().ShouldBe(["citrix-get-brokermachine.csv(3,284) MDB0235"]);
        ShouldEqual(fleet.Devices[1], new Device
        {
            Name = "VDI-POOL-001",
            Fqdn = "vdi-pool-001.corp.contoso.example",
            Domain = "CORP",
            Os = OsFamily.WindowsClient,
            OsName = "Windows 11",
            Role = DeviceRole.Client,
            Vdi = VdiKind.NonPersistentSingle,
            Image = "CAT-W11-MCS-RND",
            Origins = [new Origin("citrix-get-brokermachine.csv", 3)],
        });
        var host = fleet.Devices[0];
        (host.Name, host.Os, host.Edition, host.Vdi).ShouldBe(("CTX-RDS-01", OsFamily.WindowsServer, WindowsEdition.Server, VdiKind.NonPersistentSingle));
        (fleet.Devices[2].Name, fleet.Devices[2].Vdi).ShouldBe(("W11-DED-0042", VdiKind.Persistent));
    }

    [Fact]
    public void Intune_AD_and_Citrix_together_describe_nine_devices()
    {
        var fleet = TempInventory.ReadFixtures("intune-devices-portal-export.csv", "ad-getadcomputer-ps51-TYPE.csv", "citrix-get-brokermachine.csv");
        fleet.Devices.Select(device => device.Name).ShouldBe(
            ["CTX-RDS-01", "iPhone von Jörg", "LT-SE-0001", "LT-SE-0002", "LT-SE-0003", "OLDPC17", "SRV-APP-01", "VDI-POOL-001", "W11-DED-0042"]);

        var laptop = fleet.Devices.Single(device => device.Name == "LT-SE-0001");
        laptop.Origins.ShouldBe([new Origin("intune-devices-portal-export.csv", 2), new Origin("ad-getadcomputer-ps51-TYPE.csv", 3)]);
        (laptop.Join, laptop.ManagedBy, laptop.Build, laptop.Domain).ShouldBe((JoinType.Entra, Management.Intune, new WindowsBuild(19045, 4412), "corp.contoso.example"));
        laptop.EntraDeviceId.ShouldBe(new Guid("1e5d05e4-7f4a-56e0-9f4c-861d1efd822c"));
        laptop.AdObjectId.ShouldBe(new Guid("5e03c3a5-9684-5414-b3e0-759d46ac93ce"));
        laptop.Ou.ShouldBe("OU=Workstations,OU=SE,DC=corp,DC=contoso,DC=example");

        var desktop = fleet.Devices.Single(device => device.Name == "VDI-POOL-001");
        desktop.Origins.ShouldBe([new Origin("ad-getadcomputer-ps51-TYPE.csv", 6), new Origin("citrix-get-brokermachine.csv", 3)]);
        (desktop.Join, desktop.Vdi, desktop.Image, desktop.Os, desktop.Domain).ShouldBe(
            (JoinType.Domain, VdiKind.NonPersistentSingle, "CAT-W11-MCS-RND", OsFamily.WindowsClient, "corp.contoso.example"));

        fleet.Places().ShouldBe(["ad-getadcomputer-ps51-TYPE.csv(3) MDB0238", "citrix-get-brokermachine.csv(3,284) MDB0235"]);
        fleet.Problems[0].Message.ShouldBe("'LT-SE-0001': join is Domain here and Entra in intune-devices-portal-export.csv(2); Entra was kept.");
    }

    [Fact]
    public void The_projects_own_form_is_read_in_full()
    {
        var fleet = TempInventory.ReadFixtures("canonical-mdbdeploy.csv");
        fleet.Problems.ShouldBeEmpty();
        ShouldEqual(fleet.Devices.Single(device => device.Name == "VDI-POOL-001"), new Device
        {
            Name = "VDI-POOL-001",
            Fqdn = "vdi-pool-001.corp.contoso.example",
            Domain = "CORP",
            Os = OsFamily.WindowsClient,
            OsName = "Windows 11",
            Edition = WindowsEdition.Enterprise,
            Build = new WindowsBuild(22621, 3007),
            Role = DeviceRole.Client,
            Join = JoinType.Hybrid,
            Ou = "OU=Pool A,OU=VDI,DC=corp,DC=contoso,DC=example",
            Site = "STO",
            RequestedMethod = "vdi-script",
            RequestedRing = "2",
            Tags = ["VDI"],
            Vdi = VdiKind.NonPersistentSingle,
            Image = "w11-mcs-2025.11",
            LastSeen = new DateTimeOffset(2025, 11, 21, 9, 15, 0, TimeSpan.Zero),
            Origins = [new Origin("canonical-mdbdeploy.csv", 3)],
        });
        fleet.Devices.Single(device => device.IsGoldenImage).Name.ShouldBe("W11-GOLD-01");
        fleet.Devices.Single(device => device.Name == "SRV-APP-01").RequestedMethod.ShouldBe("group-policy");
        fleet.Devices.Single(device => device.Name == "SRV-APP-01").Edition.ShouldBe(WindowsEdition.Server);
    }

    [Fact]
    public void A_line_break_inside_quotes_does_not_shift_the_lines_that_follow()
    {
        var fleet = TempInventory.ReadFixtures("ad-de-semicolon-utf16le.csv");
        fleet.Devices.Select(device => (device.Name, device.Origins[0].Line)).ShouldBe([("LT-DE-0101", 3), ("LT-DE-0102", 4), ("SRV-DE-01", 6)]);
        fleet.Devices[0].Ou.ShouldBe("OU=Arbeitsplätze,OU=DE,DC=corp,DC=contoso,DC=example");
        fleet.Devices[0].LastSeen.ShouldBe(new DateTimeOffset(2025, 11, 19, 7, 14, 55, TimeSpan.Zero));
        fleet.Devices[2].State.ShouldBe(DeviceState.Disabled);
    }

    [Fact]
    public void Windows_1252_reads_the_same_with_a_warning()
    {
        var fleet = TempInventory.ReadFixtures("ad-de-semicolon-cp1252.csv");
        fleet.Places().ShouldBe(["ad-de-semicolon-cp1252.csv(2) MDB0211"]);
        fleet.Devices[0].Ou.ShouldBe("OU=Arbeitsplätze,OU=DE,DC=corp,DC=contoso,DC=example");
        fleet.Devices[2].Origins[0].Line.ShouldBe(5);
    }

    [Fact]
    public void Every_damage_of_a_handmade_list_is_named_at_its_place()
    {
        var fleet = TempInventory.ReadFixtures("ugly-excel-handmade.csv");
        var file = "ugly-excel-handmade.csv";
        fleet.Places().ShouldBe(
        [
            $"{file}(2) MDB0237",
            $"{file}(2) MDB0246",
            $"{file}(2,38) MDB0230",
            $"{file}(2,46) MDB0233",
            $"{file}(3) MDB0237",
            $"{file}(3) MDB0246",
            $"{file}(4) MDB0222",
            $"{file}(4,70) MDB0233",
            $"{file}(5) MDB0237",
            $"{file}(6,1) MDB0224",
            $"{file}(7,32) MDB0228",
            $"{file}(8,49) MDB0227",
            $"{file}(8,61) MDB0226",
            $"{file}(9,1) MDB0225",
            $"{file}(10) MDB0219",
            $"{file}(11) MDB0219",
            $"{file}(13) MDB0217",
            $"{file}(14,55) MDB0218",
            $"{file}(15) MDB0220",
        ]);
        fleet.Devices.Select(device => device.Name).ShouldBe(
            ["LT-SE-0001", "LT-SE-0002\r\n(ersatz)", "LT-SE-0003", "LT-SE-0004", "LT-SE-0005", "WORKSTATION-WITH-A-VERY-LONG-NAME-01"]);
        var laptop = fleet.Devices[0];
        laptop.Origins.Select(origin => origin.Line).ShouldBe([4, 3, 2, 5]);
        laptop.Fqdn.ShouldBe("lt-se-0001.corp.contoso.example");
        laptop.Serial.ShouldBe("SN0001");
        laptop.LastSeen.ShouldBe(new DateTimeOffset(2025, 11, 20, 6, 0, 0, TimeSpan.Zero));
        fleet.Devices[1].Edition.ShouldBe(WindowsEdition.Home);
        fleet.Devices[1].LastSeen.ShouldBeNull();
        fleet.Devices[1].Tags.ShouldBe(["He said \"ok\""]);
        fleet.Devices[2].Edition.ShouldBe(WindowsEdition.EnterpriseLtsc);
        fleet.Devices[2].Tags.ShouldBe(["O'Brien & Söhne <test>"]);
        fleet.Problems.ShouldAllBe(problem => !problem.Message.Any(char.IsControl));
    }

    [Fact]
    public void An_AD_record_belongs_to_the_joined_device_and_not_to_an_account_registered_on_it()
    {
        var fleet = TempInventory.ReadFixtures("entra-devices-export.csv", "ad-getadcomputer-ps51-TYPE.csv");
        var both = fleet.Devices.Where(device => device.Name == "LT-SE-0003").ToList();
        both.Select(device => (device.Join, device.AdObjectId is null)).ShouldBe([(JoinType.Registered, true), (JoinType.Hybrid, false)], ignoreOrder: true);
        fleet.Problems.ShouldContain(problem => problem.Problem == Problems.DevicesShareAName && problem.Where.Line == 4);
    }

    [Fact]
    public void Reading_the_same_files_again_gives_the_same_fleet()
    {
        string[] files = ["intune-devices-portal-export.csv", "entra-devices-export.csv", "configmgr-get-cmdevice.csv", "defender-device-inventory-export.csv"];
        var first = TempInventory.ReadFixtures(files);
        var second = TempInventory.ReadFixtures(files);
        second.Devices.Select(Text).ShouldBe(first.Devices.Select(Text));
        second.Problems.ShouldBe(first.Problems);
    }

    /// <summary>Records compare their arrays by reference, so the text form is compared, with the arrays spelled out.</summary>
    private static void ShouldEqual(Device actual, Device expected) => Text(actual).ShouldBe(Text(expected));

    internal static string Text(Device device) =>
        $"{device with { Origins = [], Tags = [] }} {string.Join(';', device.Tags)} {string.Join(';', device.Origins)}";
}
