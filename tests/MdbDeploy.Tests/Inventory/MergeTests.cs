using MdbDeploy.Diagnostics;
using MdbDeploy.Inventory;

namespace MdbDeploy.Tests.Inventory;

public class MergeTests
{
    private const string One = "11111111-1111-1111-1111-111111111111";
    private const string Two = "22222222-2222-2222-2222-222222222222";

    [Theory]
    [InlineData("entra device id", One)]
    [InlineData("serial", "5CG123")]
    [InlineData("intune device id", One)]
    [InlineData("sms id", $"GUID:{One}")]
    [InlineData("objectguid", One)]
    public void A_shared_key_makes_one_device_whatever_its_name(string column, string value)
    {
        var fleet = TempInventory.ReadAll($"name,{column}\nPC-1,{value}\n", $"name,{column},site\nOLD-1,{value},OSL\n");
        var device = fleet.Devices.ShouldHaveSingleItem();
        (device.Name, device.Site).ShouldBe(("PC-1", "OSL"));
        fleet.Problems.ShouldHaveSingleItem().Problem.ShouldBe(Problems.DeviceWasRenamed);
    }

    [Fact]
    public void Two_Entra_ids_are_two_devices_though_name_and_serial_agree()
    {
        var fleet = TempInventory.ReadAll($"name,serial,entra device id\nPC-1,5CG123,{One}\n", $"name,serial,entra device id\nPC-1,5CG123,{Two}\n");
        fleet.Devices.Length.ShouldBe(2);
        fleet.Problems.Select(problem => (problem.Problem, problem.Where.File)).ShouldBe([(Problems.DeviceMatchIsAmbiguous, "b.csv"), (Problems.DevicesShareAName, "b.csv")], ignoreOrder: true);
        fleet.Problems[0].Message.ShouldBe("2 records share the serial number of 'PC-1', but they differ in Entra device id: a.csv(2), b.csv(2).");
    }

    [Fact]
    public void Records_of_Configuration_Manager_with_the_same_SMSID_are_one_device()
    {
        const string Id = "GUID:027EB444-BFC5-5F85-9F34-EB09AAAAD16D";
        var fleet = TempInventory.ReadAll($"Name,SMSID,SiteCode,Domain\nNEW-1,{Id},P01,CORP\n", $"Name,SMSID,SiteCode,Domain\nOLD-1,{Id},P01,CORP\n");
        fleet.Devices.ShouldHaveSingleItem().Name.ShouldBe("NEW-1");
    }

    [Fact]
    public void Two_SMSIDs_are_two_devices_though_the_DNS_name_agrees()
    {
        var fleet = TempInventory.ReadAll($"name,fqdn,sms id\nPC-1,pc-1.corp.example,GUID:{One}\n", $"name,fqdn,sms id\nPC-1,pc-1.corp.example,GUID:{Two}\n");
        fleet.Devices.Select(device => device.SmsId).ShouldBe([Guid.Parse(One), Guid.Parse(Two)], ignoreOrder: true);
        fleet.Problems.Select(problem => problem.Message).ShouldContain("2 records share the DNS name of 'PC-1', but they differ in SMSID: a.csv(2), b.csv(2).");
        fleet.Problems.ShouldAllBe(problem => problem.Problem == Problems.DeviceMatchIsAmbiguous);
    }

    [Theory]
    [InlineData("sms id", "objectguid", "objectGUID", "SMSID")]
    [InlineData("intune device id", "sms id", "SMSID", "Intune device id")]
    public void An_SMSID_is_stronger_than_an_objectGUID_and_weaker_than_an_Intune_id(string stronger, string weaker, string shared, string differs)
    {
        var fleet = TempInventory.ReadAll($"name,{stronger},{weaker}\nPC-1,{One},{One}\n", $"name,{stronger},{weaker}\nPC-2,{Two},{One}\n");
        fleet.Devices.Length.ShouldBe(2);
        fleet.Problems.ShouldHaveSingleItem().Message.ShouldBe($"2 records share the {shared} of 'PC-2', but they differ in {differs}: a.csv(2), b.csv(2).");
    }

    [Fact]
    public void The_same_name_in_two_domains_is_two_devices()
    {
        var fleet = TempInventory.ReadAll("name,domain\nPC-1,NORTH\nPC-1,SOUTH\n");
        fleet.Devices.Select(device => device.Domain).ShouldBe(["NORTH", "SOUTH"]);
        fleet.Problems.ShouldBeEmpty();
    }

    [Fact]
    public void A_name_alone_matches_the_only_device_of_that_name()
    {
        var fleet = TempInventory.ReadAll("name,os\nPC-1,Windows 11 Pro\n", "name,domain\nCORP\\pc-1,\n");
        fleet.Devices.ShouldHaveSingleItem().Domain.ShouldBe("CORP");
    }

    [Fact]
    public void A_name_alone_matches_none_of_several_devices_and_that_is_said()
    {
        var fleet = TempInventory.ReadAll("name,os\nPC-1,Windows 11 Pro\n", "name,domain\nPC-1,NORTH\nPC-1,SOUTH\n");
        fleet.Devices.Length.ShouldBe(3);
        var problem = fleet.Problems.ShouldHaveSingleItem();
        problem.Problem.ShouldBe(Problems.DeviceMatchIsAmbiguous);
        problem.Message.ShouldBe("3 records share the name of 'PC-1', but they differ in domain and name: a.csv(2), b.csv(2), b.csv(3).");
    }

    [Theory]
    [InlineData("CORP", "corp.contoso.example", 1)]
    [InlineData("corp", "CORP", 1)]
    [InlineData("CORP", "other.example", 2)]
    [InlineData("a.example", "b.example", 2)]
    public void A_domain_is_known_by_its_short_and_its_long_name(string first, string second, int devices) =>
        TempInventory.ReadAll($"name,domain\nPC-1,{first}\n", $"name,domain\nPC-1,{second}\n").Devices.Length.ShouldBe(devices);

    [Fact]
    public void A_short_domain_name_that_differs_from_the_long_one_is_learned_from_records_with_both()
    {
        var fleet = TempInventory.ReadAll("name,domain\nPC-1,ACME\n", "name,fqdn\nPC-1,pc-1.ad.contoso.example\n", "name,domain,fqdn\nPC-9,ACME,pc-9.ad.contoso.example\n");
        fleet.Devices.Select(device => device.Name).ShouldBe(["PC-1", "PC-9"]);
    }

    [Fact]
    public void A_short_domain_name_that_could_be_two_is_not_guessed()
    {
        var fleet = TempInventory.ReadAll("name,domain\nPC-1,CORP\n", "name,domain\nPC-1,corp.a.example\nPC-1,corp.b.example\n");
        fleet.Devices.Length.ShouldBe(3);
    }

    [Fact]
    public void A_domain_of_a_single_label_is_a_domain()
    {
        var fleet = TempInventory.ReadAll("name,os\npc-1.corp,Windows 11\n", "name,domain\nPC-1,CORP\n");
        (fleet.Devices.ShouldHaveSingleItem().Fqdn, fleet.Devices[0].Domain).ShouldBe(("pc-1.corp", "corp"));
    }

    [Fact]
    public void A_telephone_is_no_computer_of_the_same_name()
    {
        var fleet = TempInventory.ReadAll("name,os\nANNA,iOS\n", "name,os\nANNA,Windows 11 Pro\n");
        fleet.Devices.Select(device => device.Os).ShouldBe([OsFamily.Ios, OsFamily.WindowsClient], ignoreOrder: true);
        fleet.Problems.ShouldHaveSingleItem().Message.ShouldContain("they differ in operating system");
    }

    [Fact]
    public void One_serial_for_computers_of_different_names_in_one_file_is_no_key()
    {
        var fleet = TempInventory.ReadAll("name,serial\nPC-1,123ABC\nPC-2,123ABC\n");
        fleet.Devices.Length.ShouldBe(2);
        fleet.Problems.ShouldHaveSingleItem().Message.ShouldContain("one file gives it to devices of different names");
    }

    [Fact]
    public void Two_rows_of_one_file_for_one_device_are_merged_with_a_warning_and_the_newer_wins()
    {
        var fleet = TempInventory.ReadAll("name,site,last seen\nPC-1,OLD,2025-01-01\npc-1,NEW,2025-06-01\n");
        var device = fleet.Devices.ShouldHaveSingleItem();
        (device.Name, device.Site, device.Origins.Length).ShouldBe(("pc-1", "NEW", 2));
        fleet.Places().ShouldBe(["a.csv(2) MDB0237", "a.csv(2) MDB0246"]);
    }

    [Fact]
    public void The_most_trusted_value_wins_and_disagreements_that_matter_are_told()
    {
        var fleet = TempInventory.ReadAll(
            "name,os,edition,build,join type,vdi type,state,site\nPC-1,Windows 11,Pro,22631.4460,entra,persistent,active,OSL\n",
            "name,os,edition,build,join type,vdi type,state,site\nPC-1,Windows Server 2022,,20348.1,domain,non-persistent,disabled,STO\n");
        var device = fleet.Devices.ShouldHaveSingleItem();
        (device.Os, device.Edition, device.Build, device.Join, device.Vdi, device.State, device.Site).ShouldBe(
            (OsFamily.WindowsClient, WindowsEdition.Pro, new WindowsBuild(22631, 4460), JoinType.Entra, VdiKind.Persistent, DeviceState.Active, "OSL"));
        fleet.Problems.ShouldAllBe(problem => problem.Problem == (problem.Message.Contains(" site is ") ? Problems.SitesDiffer : Problems.SourcesDisagree) && problem.Where.ToString() == "b.csv(2)");
        fleet.Problems.Select(problem => problem.Message.Split(':', ' ')[2]).ShouldBe(["operating", "edition", "build", "role", "join", "virtual", "state", "site"], ignoreOrder: true);
    }

    [Fact]
    public void A_device_in_two_rings_methods_or_images_is_told_and_the_more_trusted_wish_counts()
    {
        var fleet = TempInventory.ReadAll(
            "name,ring,method,image\nPC-1,pilot,intune,w11-a\nPC-2,Pilot,gpo,\n",
            "name,ring,method,image\nPC-1,broad,gpo,w11-b\nPC-2,pilot,,w11-b\n");
        fleet.Devices.Select(device => (device.RequestedRing, device.RequestedMethod, device.Image)).ShouldBe([("pilot", "intune", "w11-a"), ("Pilot", "group-policy", "w11-b")]);
        fleet.Problems.Select(problem => problem.ToString()).ShouldBe(
        [
            "b.csv(2): warning MDB0238: 'PC-1': method is group-policy here and intune in a.csv(2); intune was kept.",
            "b.csv(2): warning MDB0238: 'PC-1': ring is broad here and pilot in a.csv(2); pilot was kept.",
            "b.csv(2): warning MDB0238: 'PC-1': image is w11-b here and w11-a in a.csv(2); w11-a was kept.",
        ], ignoreOrder: true);
    }

    [Fact]
    public void Whoever_says_that_a_golden_image_is_onboarded_is_believed_and_else_the_more_trusted()
    {
        var fleet = TempInventory.ReadAll("name,os_build,golden_image,onboarded\nGOLD,,yes,no\nPC-1,,no,no\n", "name,os_build,onboarded\nGOLD,,yes\nPC-1,,yes\n");
        fleet.Devices.Select(device => (device.Name, device.IsOnboarded)).ShouldBe([("GOLD", true), ("PC-1", false)]);
        fleet.Problems.Select(problem => problem.ToString()).ShouldBe(
        [
            "a.csv(2): warning MDB0238: 'GOLD': onboarded is no here and yes in b.csv(2); yes was kept.",
            "b.csv(3): warning MDB0238: 'PC-1': onboarded is yes here and no in a.csv(3); no was kept.",
        ], ignoreOrder: true);
    }

    [Theory]
    [InlineData("domain", "hybrid", JoinType.Hybrid)]
    [InlineData("hybrid", "domain", JoinType.Hybrid)]
    [InlineData("registered", "domain", JoinType.Domain)]
    [InlineData("synthetic", "domain", JoinType.Domain)]
    [InlineData("registered", "hybrid", JoinType.Hybrid)]
    public void Joins_that_are_both_true_are_no_disagreement(string first, string second, JoinType join)
    {
        var fleet = TempInventory.ReadAll($"name,join type\nPC-1,{first}\n", $"name,join type\nPC-1,{second}\n");
        fleet.Devices.ShouldHaveSingleItem().Join.ShouldBe(join);
        fleet.Problems.ShouldBeEmpty();
    }

    [Fact]
    public void A_revision_that_Active_Directory_does_not_know_is_completed()
    {
        var fleet = TempInventory.ReadAll("name,build\nPC-1,10.0 (19045)\n", "name,build\nPC-1,10.0.19045.4412\n");
        fleet.Devices[0].Build.ShouldBe(new WindowsBuild(19045, 4412));
        fleet.Problems.ShouldBeEmpty();
    }

    [Fact]
    public void A_mere_Windows_gives_way_to_a_source_that_says_server()
    {
        var fleet = TempInventory.ReadAll("name,os\nSRV-1,Windows\n", "name,os\nSRV-1,Windows Server 2022 Standard\n");
        var device = fleet.Devices.ShouldHaveSingleItem();
        (device.Os, device.OsName, device.Role, device.Edition).ShouldBe((OsFamily.WindowsServer, "Windows Server 2022 Standard", DeviceRole.Server, WindowsEdition.Server));
        fleet.Problems.ShouldBeEmpty();
    }

    [Fact]
    public void Whoever_calls_a_device_a_golden_image_is_believed()
    {
        var fleet = TempInventory.ReadAll("name,golden image\nW11-GOLD,no\n", "name,golden image\nW11-GOLD,yes\n");
        fleet.Devices.ShouldHaveSingleItem().IsGoldenImage.ShouldBeTrue();
        fleet.Problems.ShouldHaveSingleItem().Problem.ShouldBe(Problems.SourcesDisagree);
    }

    [Fact]
    public void Managers_of_all_sources_and_the_latest_sign_of_life_count()
    {
        var fleet = TempInventory.ReadAll("name,managed by,last seen\nPC-1,Intune,2025-01-01\n", "name,managed by,last seen\nPC-1,ConfigMgr,2025-06-01\n");
        var device = fleet.Devices.ShouldHaveSingleItem();
        device.ManagedBy.ShouldBe(Management.Intune | Management.ConfigurationManager);
        device.LastSeen.ShouldBe(new DateTimeOffset(2025, 6, 1, 0, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public void A_state_nobody_wrote_does_not_hide_one_that_somebody_did()
    {
        var fleet = TempInventory.ReadAll("name\nPC-1\n", "name,state\nPC-1,disabled\n");
        fleet.Devices.ShouldHaveSingleItem().State.ShouldBe(DeviceState.Disabled);
        fleet.Problems.ShouldBeEmpty();
    }

    [Fact]
    public void Devices_stand_in_the_order_of_their_names_ignoring_case_and_then_of_their_identity()
    {
        string[] names = ["b", "A-very-long-name-02", "a-very-long-name-01", "ä", "a", "Z", "_"];
        var fleet = TempInventory.ReadAll("name,domain\n" + string.Concat(names.Select(name => $"{name},x\n")) + "a,w\n");
        fleet.Devices.Select(device => $"{device.Domain}\\{device.Name}").ShouldBe(["w\\a", "x\\a", "x\\a-very-long-name-01", "x\\A-very-long-name-02", "x\\b", "x\\Z", "x\\_", "x\\ä"]);
    }
}
