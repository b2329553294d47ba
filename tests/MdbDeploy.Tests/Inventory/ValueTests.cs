using MdbDeploy.Diagnostics;
using MdbDeploy.Inventory;

namespace MdbDeploy.Tests.Inventory;

public class ValueTests
{
    [Theory]
    [InlineData("PC-1", "PC-1", null, null)]
    [InlineData(" pc-1 ", "pc-1", null, null)]
    [InlineData("PC-1$", "PC-1", null, null)]
    [InlineData("CORP\\PC-1", "PC-1", "CORP", null)]
    [InlineData("CORP\\PC-1$", "PC-1", "CORP", null)]
    [InlineData("PC-1.Corp.Contoso.Example", "PC-1", "Corp.Contoso.Example", "pc-1.corp.contoso.example")]
    [InlineData("pool-1/avd-0.corp.contoso.example", "avd-0", "corp.contoso.example", "avd-0.corp.contoso.example")]
    [InlineData("10.1.2.3", "10.1.2.3", null, null)]
    [InlineData("Anna's iPad 2.1", "Anna's iPad 2.1", null, null)]
    [InlineData("A / B", "A / B", null, null)]
    public void A_name_is_taken_apart(string text, string name, string? domain, string? fqdn)
    {
        var device = TempInventory.Read($"name;os\n{text};iOS\n").Devices[0];
        (device.Name, device.Domain?.ToLowerInvariant(), device.Fqdn).ShouldBe((name, domain?.ToLowerInvariant(), fqdn));
    }

    [Fact]
    public void A_distinguished_name_gives_name_unit_and_domain()
    {
        var device = TempInventory.Read("DN;SamAccountName\n\"CN=Berg\\, Anna PC,OU=Nord\\,Süd,DC=Corp,DC=Example\";\nCN=DC01,OU=Domain Controllers,DC=corp,DC=example;DC01$\n").Devices;
        (device[0].Name, device[0].Ou, device[0].Domain).ShouldBe(("Berg, Anna PC", "OU=Nord\\,Süd,DC=Corp,DC=Example", "corp.example"));
        (device[1].Name, device[1].Role).ShouldBe(("DC01", DeviceRole.DomainController));
    }

    [Theory]
    [InlineData("CN=PC\\2C1", "PC,1")]
    [InlineData("CN=B\\C3\\BCro-1", "Büro-1")]
    [InlineData("CN=PC-1\\0ACNF:5e03c3a5", "PC-1\nCNF:5e03c3a5")]
    [InlineData("CN=A\\\\B", "A\\B")]
    public void A_character_that_a_distinguished_name_writes_in_hexadecimal_digits_is_itself(string leaf, string name) =>
        DirectoryPath.LeafOf($"{leaf},OU=A,DC=corp,DC=example").ToString().ShouldBe(name);

    [Theory]
    [InlineData("corp.example/SE/Work stations/PC-1", "OU=Work stations,OU=SE,DC=corp,DC=example")]
    [InlineData("corp.example/Computers/PC-1", "CN=Computers,DC=corp,DC=example")]
    [InlineData("corp.example/A\\/B, C/PC-1", "OU=A/B\\, C,DC=corp,DC=example")]
    [InlineData("nowhere", null)]
    public void A_canonical_name_gives_the_unit(string text, string? unit) =>
        TempInventory.Read($"Name;CanonicalName\nPC-1;{text}\n").Devices[0].Ou.ShouldBe(unit);

    [Theory]
    [InlineData("1e5d05e4-7f4a-56e0-9f4c-861d1efd822c", true)]
    [InlineData("{1E5D05E4-7F4A-56E0-9F4C-861D1EFD822C}", true)]
    [InlineData("(1e5d05e4-7f4a-56e0-9f4c-861d1efd822c)", true)]
    [InlineData("1e5d05e47f4a56e09f4c861d1efd822c", true)]
    [InlineData("00000000-0000-0000-0000-000000000000", false)]
    [InlineData("#N/A", false)]
    public void A_GUID_is_read_in_every_form_and_zeros_are_none(string text, bool is_id)
    {
        var fleet = TempInventory.Read($"name,entra device id\nPC-1,{text}\n");
        fleet.Problems.ShouldBeEmpty();
        fleet.Devices[0].EntraDeviceId.ShouldBe(is_id ? new Guid("1e5d05e4-7f4a-56e0-9f4c-861d1efd822c") : null);
    }

    [Theory]
    [InlineData("GUID:1E5D05E4-7F4A-56E0-9F4C-861D1EFD822C", true)]
    [InlineData("guid:1e5d05e4-7f4a-56e0-9f4c-861d1efd822c", true)]
    [InlineData("GUID:{1E5D05E4-7F4A-56E0-9F4C-861D1EFD822C}", true)]
    [InlineData("1E5D05E4-7F4A-56E0-9F4C-861D1EFD822C", true)]
    [InlineData("1e5d05e47f4a56e09f4c861d1efd822c", true)]
    [InlineData("GUID:00000000-0000-0000-0000-000000000000", false)]
    public void An_SMSID_is_read_with_and_without_its_prefix(string text, bool is_id)
    {
        var fleet = TempInventory.Read($"Name,SMSID,SiteCode\nPC-1,{text},P01\n");
        fleet.Problems.ShouldBeEmpty();
        fleet.Devices[0].SmsId.ShouldBe(is_id ? new Guid("1e5d05e4-7f4a-56e0-9f4c-861d1efd822c") : null);
    }

    [Theory]
    [InlineData("GUID:")]
    [InlineData("GUID:1E5D05E4")]
    [InlineData("GUID:GUID:1E5D05E4")]
    [InlineData("SMS:1E5D05E4-7F4A-56E0-9F4C-861D1EFD822C")]
    public void An_SMSID_that_is_none_is_told_as_it_stands(string text)
    {
        var fleet = TempInventory.Read($"Name,SMSID,SiteCode\nPC-1,{text},P01\n");
        var problem = fleet.Problems.ShouldHaveSingleItem();
        (problem.Problem, fleet.Devices[0].SmsId).ShouldBe((Problems.GuidIsInvalid, null));
        problem.Message.ShouldEndWith($"'{text}' is no GUID, and was left out.");
    }

    [Theory]
    [InlineData("2025-11-20 08:12:44.0000000", "2025-11-20T08:12:44Z")]
    [InlineData("2025-11-20T06:00:00Z", "2025-11-20T06:00:00Z")]
    [InlineData("2025-11-20T06:00:00.123+01:00", "2025-11-20T05:00:00Z")]
    [InlineData("2025-11-20", "2025-11-20T00:00:00Z")]
    [InlineData("2025/11/20 6:05", "2025-11-20T06:05:00Z")]
    [InlineData("19.11.2025 07:14:55", "2025-11-19T07:14:55Z")]
    [InlineData("19.11.2025 7.14.55", "2025-11-19T07:14:55Z")]
    [InlineData("19-11-2025 07.14", "2025-11-19T07:14:00Z")]
    [InlineData("01.02.2025", "2025-02-01T00:00:00Z")]
    [InlineData("11/19/2025 7:14:55 AM", "2025-11-19T07:14:55Z")]
    [InlineData("11/19/2025 12:14:55\u202fPM", "2025-11-19T12:14:55Z")]
    [InlineData("19/11/2025 07:14", "2025-11-19T07:14:00Z")]
    [InlineData("11/11/2025", "2025-11-11T00:00:00Z")]
    [InlineData("20251120060211.000000+060", "2025-11-20T05:02:11Z")]
    [InlineData("20251120060211.0Z", "2025-11-20T06:02:11Z")]
    [InlineData("134081244950000000", "2025-11-20T15:01:35Z")]
    public void A_date_is_read(string text, string expected)
    {
        var date = DateText.Parse(text);
        date.Kind.ShouldBe(DateKind.Date);
        date.Value.ShouldBe(DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture));
        date.Value.Offset.ShouldBe(TimeSpan.Zero);
    }

    [Theory]
    [InlineData("0001-01-01 00:00:00.0000000", DateKind.Never)]
    [InlineData("9999-12-31 23:59:59.9999999", DateKind.Never)]
    [InlineData("01/01/1601", DateKind.Never)]
    [InlineData("1899-12-30", DateKind.Never)]
    [InlineData("01.01.1900 00:00:00", DateKind.Never)]
    [InlineData("1970-01-01T00:00:00Z", DateKind.Never)]
    [InlineData("0", DateKind.Never)]
    [InlineData("9223372036854775807", DateKind.Never)]
    [InlineData("11/12/2025", DateKind.Ambiguous)]
    [InlineData("11-12-2025 10:00", DateKind.Ambiguous)]
    [InlineData("45982.5", DateKind.ExcelNumber)]
    [InlineData("31/02/2025", DateKind.Invalid)]
    [InlineData("2025-02-30", DateKind.Invalid)]
    [InlineData("32.01.2025", DateKind.Invalid)]
    [InlineData("20.11.2025 25:00", DateKind.Invalid)]
    [InlineData("20.11.2025 7.14:55", DateKind.Invalid)]
    [InlineData("20.11.25", DateKind.Invalid)]
    [InlineData("yesterday", DateKind.Invalid)]
    [InlineData("2025", DateKind.Invalid)]
    [InlineData("99999999999999999", DateKind.Date)]
    [InlineData("999999999999999999", DateKind.Date)]
    public void A_text_that_is_no_plain_date_is_known_for_what_it_is(string text, object kind) => DateText.Parse(text).Kind.ShouldBe((DateKind)kind);

    [Fact]
    public void The_order_of_day_and_month_is_taken_from_the_column_even_from_its_last_row()
    {
        var fleet = TempInventory.Read("name,last seen\nPC-1,11/12/2025\nPC-2,12/11/2025\nPC-3,11/30/2025\n");
        fleet.Devices.Select(device => device.LastSeen!.Value.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)).ShouldBe(["2025-11-12", "2025-12-11", "2025-11-30"]);
        var problem = fleet.Problems.ShouldHaveSingleItem();
        problem.Problem.ShouldBe(Problems.DateOrderIsInferred);
        problem.Where.Line.ShouldBe(4);
        problem.Message.ShouldBe("Column 'last seen': 2 dates were read with the month first, as in '11/30/2025'.");
    }

    [Fact]
    public void Without_proof_or_with_proof_of_both_an_ambiguous_date_is_left_out()
    {
        var without = TempInventory.Read("name,last seen\nPC-1,11/12/2025\n");
        without.Devices[0].LastSeen.ShouldBeNull();
        without.Places().ShouldBe(["a.csv(2,6) MDB0228"]);
        without.Problems[0].Message.ShouldBe("Column 'last seen': the date is 2025-12-11 or 2025-11-12, and was left out.");

        var both = TempInventory.Read("name,last seen\nPC-1,30/11/2025\nPC-2,11/12/2025\nPC-3,11/30/2025\n");
        both.Devices.Select(device => device.LastSeen is null).ShouldBe([false, true, false]);
        both.Places().ShouldBe(["a.csv(3,6) MDB0228"]);
    }

    [Fact]
    public void A_date_of_a_row_that_is_no_device_proves_nothing_and_is_forgotten()
    {
        var fleet = TempInventory.Read("last seen,name\n11/12/2025,\n11/12/2025,PC-1\n");
        fleet.Places().ShouldBe(["a.csv(2) MDB0221", "a.csv(3,1) MDB0228"]);
    }

    [Theory]
    [InlineData("Windows 11 Enterprise", OsFamily.WindowsClient, WindowsEdition.Enterprise)]
    [InlineData("Windows 10, Pro", OsFamily.WindowsClient, WindowsEdition.Pro)]
    [InlineData("Microsoft Windows 10 Pro Education", OsFamily.WindowsClient, WindowsEdition.Education)]
    [InlineData("Windows 10 Enterprise 2016 LTSB", OsFamily.WindowsClient, WindowsEdition.EnterpriseLtsc)]
    [InlineData("Windows 10 Enterprise LTSC 2019", OsFamily.WindowsClient, WindowsEdition.EnterpriseLtsc)]
    [InlineData("Windows 11 Enterprise multi-session", OsFamily.WindowsClient, WindowsEdition.EnterpriseMultiSession)]
    [InlineData("Windows 10 IoT Enterprise LTSC", OsFamily.WindowsClient, WindowsEdition.IotEnterprise)]
    [InlineData("Windows 11 Home", OsFamily.WindowsClient, WindowsEdition.Home)]
    [InlineData("Windows 11 Business", OsFamily.WindowsClient, WindowsEdition.Business)]
    [InlineData("Windows11", OsFamily.WindowsClient, WindowsEdition.Unknown)]
    [InlineData("win10", OsFamily.WindowsClient, WindowsEdition.Unknown)]
    [InlineData("Windows", OsFamily.WindowsClient, WindowsEdition.Unknown)]
    [InlineData("Microsoft Windows NT Workstation 10.0", OsFamily.WindowsClient, WindowsEdition.Unknown)]
    [InlineData("Windows Server 2022 Datacenter", OsFamily.WindowsServer, WindowsEdition.Server)]
    [InlineData("WindowsServer2019", OsFamily.WindowsServer, WindowsEdition.Server)]
    [InlineData("Windows 2022", OsFamily.WindowsServer, WindowsEdition.Server)]
    [InlineData("macOS 15.1", OsFamily.MacOS, WindowsEdition.Unknown)]
    [InlineData("iOS/iPadOS", OsFamily.Ios, WindowsEdition.Unknown)]
    [InlineData("iPadOS", OsFamily.Ios, WindowsEdition.Unknown)]
    [InlineData("Android (dedicated)", OsFamily.Android, WindowsEdition.Unknown)]
    [InlineData("Ubuntu 24.04 LTS", OsFamily.Linux, WindowsEdition.Unknown)]
    [InlineData("Printer", OsFamily.Other, WindowsEdition.Unknown)]
    [InlineData("Windows Phone 10", OsFamily.Other, WindowsEdition.Unknown)]
    [InlineData("Windows Holographic for Business", OsFamily.Other, WindowsEdition.Unknown)]
    [InlineData("Windows 10 IoT Core", OsFamily.WindowsClient, WindowsEdition.Other)]
    [InlineData("W11 Pro", OsFamily.WindowsClient, WindowsEdition.Pro)]
    [InlineData("w10", OsFamily.WindowsClient, WindowsEdition.Unknown)]
    [InlineData("W100 coffee machine", OsFamily.Other, WindowsEdition.Unknown)]
    [InlineData("Windwos 11", OsFamily.Unknown, WindowsEdition.Unknown)]
    [InlineData("11 Pro", OsFamily.Unknown, WindowsEdition.Unknown)]
    [InlineData("HP LaserJet Pro", OsFamily.Other, WindowsEdition.Unknown)]
    [InlineData("Virtual Machine", OsFamily.Other, WindowsEdition.Unknown)]
    [InlineData("Mac OS X", OsFamily.MacOS, WindowsEdition.Unknown)]
    public void An_operating_system_is_known_by_its_name(string text, OsFamily family, WindowsEdition edition)
    {
        var os = OsText.Parse(text);
        (os.Family, os.Edition).ShouldBe((family, edition));
    }

    [Theory]
    [InlineData("Pro", WindowsEdition.Pro)]
    [InlineData("ProfessionalN", WindowsEdition.Pro)]
    [InlineData("Core", WindowsEdition.Home)]
    [InlineData("CoreSingleLanguage", WindowsEdition.Home)]
    [InlineData("EnterpriseS", WindowsEdition.EnterpriseLtsc)]
    [InlineData("ServerRdsh", WindowsEdition.EnterpriseMultiSession)]
    [InlineData("Enterprise multi-session", WindowsEdition.EnterpriseMultiSession)]
    [InlineData("IoTEnterprise", WindowsEdition.IotEnterprise)]
    [InlineData("enterprise-ltsc", WindowsEdition.EnterpriseLtsc)]
    public void An_edition_column_is_understood(string text, WindowsEdition edition)
    {
        var fleet = TempInventory.Read($"name,os,edition\nPC-1,Windows 11,{text}\n");
        fleet.Devices[0].Edition.ShouldBe(edition);
        fleet.Problems.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("10.0.22631.4460", "22631.4460")]
    [InlineData("10.0 (22631)", "22631")]
    [InlineData("22631.4460", "22631.4460")]
    [InlineData("22631,4460", "22631.4460")]
    [InlineData("17763,653", null)]
    [InlineData("6.3 (9600)", "9600")]
    [InlineData("6.1.7601.24545", "7601.24545")]
    [InlineData("5.1 (2600)", "2600")]
    [InlineData("5.2.3790", "3790")]
    [InlineData("5.1", null)]
    [InlineData("10,0,19045,4412", null)]
    [InlineData("22H2", null)]
    [InlineData("1e5", null)]
    public void A_build_is_read_in_the_forms_that_exports_use(string text, string? build) => (WindowsBuild.Parse(text)?.ToString()).ShouldBe(build);

    [Theory]
    [InlineData("Wahr", DeviceState.Active)]
    [InlineData("ja", DeviceState.Active)]
    [InlineData("Yes", DeviceState.Active)]
    [InlineData("1", DeviceState.Active)]
    [InlineData("FALSCH", DeviceState.Disabled)]
    [InlineData("Nein", DeviceState.Disabled)]
    [InlineData("no", DeviceState.Disabled)]
    [InlineData("0", DeviceState.Disabled)]
    public void True_and_false_are_a_state_in_the_words_of_every_list(string text, DeviceState state)
    {
        var fleet = TempInventory.Read($"Name;Aktiv\nPC-1;{text}\n");
        fleet.Problems.ShouldBeEmpty();
        fleet.Devices[0].State.ShouldBe(state);
    }

    [Fact]
    public void A_build_that_is_none_is_reported_for_Windows_only()
    {
        var fleet = TempInventory.Read("name,os,os version\nPC-1,Windows 11,10.0\nPHONE,iOS,17.5.1\n");
        fleet.Places().ShouldBe(["a.csv(2,17) MDB0231"]);
        fleet.Devices.ShouldAllBe(device => device.Build == null);
    }

    [Fact]
    public void Placeholder_serials_are_left_out_and_counted()
    {
        string[] serials = ["To be filled by O.E.M.", "Default string", "System Serial Number", "0", "00000000", "VMware-56 4d 12 34", "42217a0e-1111-4c5e-9f6d-6f0d2a3b4c5d", "None"];
        var fleet = TempInventory.Read("name,serial\n" + string.Concat(serials.Select((serial, i) => $"PC-{i},{serial}\n")) + "PC-X,5CG1234XYZ\nPC-Y,\"=\"\"00123\"\"\"\n");
        fleet.Devices.Where(device => device.Serial is not null).Select(device => device.Serial).ShouldBe(["5CG1234XYZ", "00123"]);
        fleet.Problems.ShouldHaveSingleItem().Message.ShouldBe("Column 'serial': 'To be filled by O.E.M.' identifies no machine, and was left out. 8 rows have such a value; this is the first.");
    }

    [Theory]
    [InlineData("5E10", true)]
    [InlineData("1.2E+11", true)]
    [InlineData("5E10X", false)]
    [InlineData("E510", false)]
    [InlineData("PC5E10", false)]
    public void A_serial_that_Excel_rounded_is_left_out(string serial, bool damaged)
    {
        var fleet = TempInventory.Read($"name,serial\nPC-1,{serial}\n");
        fleet.Devices[0].Serial.ShouldBe(damaged ? null : serial);
        fleet.Problems.Select(problem => problem.Problem).ShouldBe(damaged ? [Problems.SerialWasDamagedByExcel] : []);
    }

    [Fact]
    public void An_unknown_word_is_reported_once_with_its_rows()
    {
        var fleet = TempInventory.Read("name,join type\nPC-1,Sideways\nPC-2,entra\nPC-3,Sideways\nPC-4,Upside down\n");
        fleet.Problems.Select(problem => problem.ToString()).ShouldBe(
        [
            "a.csv(2,6): warning MDB0234: Column 'join type': 'Sideways' is not known as join, and was left out. 2 rows have it; this is the first.",
            "a.csv(5,6): warning MDB0234: Column 'join type': 'Upside down' is not known as join, and was left out.",
        ]);
    }

    [Theory]
    [InlineData("Azure AD joined", JoinType.Entra)]
    [InlineData("Microsoft Entra joined", JoinType.Entra)]
    [InlineData("azureADJoined", JoinType.Entra)]
    [InlineData("Hybrid Azure AD joined", JoinType.Hybrid)]
    [InlineData("Microsoft Entra hybrid joined", JoinType.Hybrid)]
    [InlineData("hybridAzureADJoined", JoinType.Hybrid)]
    [InlineData("ServerAd", JoinType.Hybrid)]
    [InlineData("Workplace", JoinType.Registered)]
    [InlineData("ad", JoinType.Domain)]
    [InlineData("none", JoinType.None)]
    public void A_join_is_understood_in_the_words_of_every_source(string text, JoinType join) =>
        TempInventory.Read($"name,join type\nPC-1,{text}\n").Devices[0].Join.ShouldBe(join);

    [Theory]
    [InlineData("auto", "automatic")]
    [InlineData("local", "local-script")]
    [InlineData("gpo", "group-policy")]
    [InlineData("SCCM", "configuration-manager")]
    [InlineData("intune", "intune")]
    [InlineData("vdi", "vdi-script")]
    [InlineData("none", "none")]
    [InlineData("Our-Channel", "our-channel")]
    public void A_method_is_one_of_the_planners_or_a_channels_own(string text, string method) =>
        TempInventory.Read($"name,method\nPC-1,{text}\n").Devices[0].RequestedMethod.ShouldBe(method);

    [Fact]
    public void Managers_add_up()
    {
        var fleet = TempInventory.Read("Name,ResourceID,SiteCode,IsClient,CoManaged\nA,1,P01,True,True\nB,2,P01,True,False\nC,3,P01,False,\n");
        fleet.Devices.Select(device => device.ManagedBy).ShouldBe([Management.Intune | Management.ConfigurationManager, Management.ConfigurationManager, Management.None]);
    }

    [Fact]
    public void Lists_that_PowerShell_did_not_expand_are_empty()
    {
        var fleet = TempInventory.Read("name,tags\nPC-1,System.String[]\nPC-2,a; b|c\n");
        fleet.Devices.Select(device => string.Join('/', device.Tags)).ShouldBe(["", "a/b/c"]);
        fleet.Places().ShouldBe(["a.csv(2,6) MDB0235"]);
    }

    [Fact]
    public void An_owner_is_a_user_principal_name()
    {
        var fleet = TempInventory.Read("name,owner\nPC-1,CORP\\anna\nPC-2,anna@contoso.example;bo@contoso.example\n");
        fleet.Devices.Select(device => device.Owner).ShouldBe([null, "anna@contoso.example"]);
        fleet.Places().ShouldBe(["a.csv(2,6) MDB0236"]);
    }

    [Fact]
    public void A_hostile_name_is_kept_and_reported_without_being_obeyed()
    {
        var fleet = TempInventory.Read("name,os\n\"PC\u001b]0;x\u0007'; rm -rf / \u202e\",Windows 11\n");
        fleet.Devices[0].Name.ShouldBe("PC\u001b]0;x\u0007'; rm -rf / \u202e");
        var problem = fleet.Problems.ShouldHaveSingleItem();
        problem.Problem.ShouldBe(Problems.DeviceNameIsUnusual);
        problem.Message.ShouldStartWith("Column 'name': 'PC\\u001B]0;x\\u0007'; rm -rf / \\u202E'");
    }
}
