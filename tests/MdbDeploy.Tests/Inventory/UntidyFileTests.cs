namespace MdbDeploy.Tests.Inventory;

/// <summary>Files that were put together by hand.</summary>
public class UntidyFileTests
{
    [Theory]
    [InlineData("\uFEFF")]
    [InlineData("")]
    public void A_header_that_repeats_below_is_no_device_and_has_a_line(string mark)
    {
        var fleet = TempInventory.Read($"\uFEFFname,os,build\nPC-1,Windows 11 Pro,22631.4460\n{mark}name,os,build\nPC-2,Windows 11 Pro,22631.4460\n");
        fleet.Devices.Select(device => device.Name).ShouldBe(["PC-1", "PC-2"]);
        fleet.Problems.ShouldHaveSingleItem().Where.ToString().ShouldBe("a.csv(3)");
    }

    [Fact]
    public void A_type_line_of_PowerShell_below_the_header_is_no_device()
    {
        var fleet = TempInventory.Read("#TYPE X\n\"Name\",\"DNSHostName\"\n\"PC-1\",\"pc-1.corp.example\"\n#TYPE X\n\"PC-2\",\"pc-2.corp.example\"\n");
        fleet.Devices.Select(device => device.Name).ShouldBe(["PC-1", "PC-2"]);
        fleet.Problems.ShouldHaveSingleItem().Where.Line.ShouldBe(4);
    }

    [Fact]
    public void A_DNS_name_with_the_dot_of_the_root_is_that_name()
    {
        var fleet = TempInventory.Read("name\npc-1.corp.example.\nPC-1.corp.example\n");
        (fleet.Devices.ShouldHaveSingleItem().Name.ToUpperInvariant(), fleet.Devices[0].Fqdn).ShouldBe(("PC-1", "pc-1.corp.example"));
    }

    [Fact]
    public void A_sheet_that_holds_devices_beside_another_is_read_or_told()
    {
        var fleet = TempInventory.ReadBytes([Workbook.Of([["Name", "OS"], ["PC-1", "Windows 11 Pro"]], [["Name", "OS"], ["PC-2", "Windows 11 Pro"]])]);
        (fleet.Devices.Length == 2 || fleet.Problems.Any(problem => problem.Message.Contains("Sheet2"))).ShouldBeTrue();
    }

    [Fact]
    public void A_computer_written_as_in_the_path_of_a_share_is_that_computer() =>
        TempInventory.Read("name\n\\\\PC-7\n").Devices.ShouldHaveSingleItem().Name.ShouldBe("PC-7");
}
