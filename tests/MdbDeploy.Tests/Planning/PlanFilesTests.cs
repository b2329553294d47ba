using System.Text;
using System.Text.Json;
using CsvHelper;
using MdbDeploy.Inventory;
using MdbDeploy.Planning;

namespace MdbDeploy.Tests.Planning;

public class PlanFilesTests
{
    [Fact]
    public void The_table_opens_in_Excel_and_says_everything_about_a_device()
    {
        var device = Sample.Intune("LT-Ø-1") with { Fqdn = "lt.contoso.example", OsName = "Windows 11 Pro", Origins = [new("a.csv", 12), new("sub/b.csv", 3)] };
        var bytes = Csv(Sample.Plan(Sample.Project, device, Sample.Device("W\nX") with { State = DeviceState.Retired, Build = null, Origins = [] }));
        bytes[..3].ShouldBe([0xEF, 0xBB, 0xBF]);
        Encoding.UTF8.GetString(bytes[3..]).ShouldBe(
            "name,fqdn,os,build,eligibility,method,ring,reason,attention,sources,offboarding\r\n"
            + "LT-Ø-1,lt.contoso.example,Windows 11 Pro,22631.4460,eligible,intune,broad,\"Windows 11 23H2 (Pro) meets the requirements. It is enrolled in Intune, so Intune onboards it. Ring 'broad' takes all that are left.\",,a.csv:12; sub/b.csv:3,\r\n"
            + "\"W\nX\",,windows-client,,unknown,none,,\"The inventory does not say which build of Windows it runs, so its updates could not be checked. It is retired, so it is set aside.\",Set aside: retired.,,\r\n");
    }

    [Theory]
    [InlineData("=HYPERLINK(\"http://evil.example\",\"x\")")]
    [InlineData("@SUM(1+1)*cmd|' /C calc'!A0")]
    [InlineData("+1+1")]
    [InlineData("-2+3")]
    [InlineData("\t=1")]
    [InlineData("\r=1")]
    public void A_name_that_a_spreadsheet_would_run_is_text_in_the_table(string name)
    {
        var device = Sample.Intune() with { Name = name, Fqdn = name, OsName = name, Origins = [new(name, 2)] };
        using var reader = CsvReader.Create(Csv(Sample.Plan(Sample.Project, device)), new CsvReaderOptions { Separator = ',' });
        reader.Read().ShouldBeTrue();
        foreach (var field in Enumerable.Range(0, reader.FieldCount).Select(reader.GetString).Where(f => f.Length > 0))
        {
            "=+-@\t\r".ShouldNotContain(field[..1]);
        }

        reader.GetString("name").ShouldBe("'" + name);
    }

    [Fact]
    public void The_json_holds_the_whole_plan()
    {
        var device = Sample.Intune("LT-\"Ø\"") with { Origins = [new("a.csv", 12)], RequestedRing = "gone" };
        var bytes = Json(Sample.Plan(Sample.Project, device));
        bytes.ShouldNotContain((byte)'\r');
        bytes[^1].ShouldBe((byte)'\n');
        using var json = JsonDocument.Parse(bytes);
        var root = json.RootElement;
        root.GetProperty("asOf").GetDateTimeOffset().ShouldBe(Sample.AsOf);
        root.GetProperty("rings")[0].ToString().ShouldContain("broad");
        var planned = root.GetProperty("devices")[0];
        planned.GetProperty("name").GetString().ShouldBe("LT-\"Ø\"");
        planned.GetProperty("identity").GetString().ShouldBe(device.Identity);
        planned.GetProperty("method").GetString().ShouldBe("intune");
        planned.GetProperty("eligibility").GetString().ShouldBe("eligible");
        planned.GetProperty("reasons").GetArrayLength().ShouldBe(3);
        planned.GetProperty("attention").ValueKind.ShouldBe(JsonValueKind.Null);
        planned.GetProperty("sources")[0].GetProperty("line").GetInt32().ShouldBe(12);
        var diagnostic = root.GetProperty("diagnostics")[0];
        (diagnostic.GetProperty("code").GetString(), diagnostic.GetProperty("severity").GetString(), diagnostic.GetProperty("file").GetString()).ShouldBe(("MDB0304", "warning", "a.csv"));
        Encoding.UTF8.GetString(bytes).ShouldContain("Ø");
    }

    [Fact]
    public void An_empty_fleet_has_an_empty_plan()
    {
        var plan = Sample.Plan(Sample.Project);
        (plan.Devices.Length, plan.Rings[0].Devices, plan.Diagnostics.Length).ShouldBe((0, 0, 0));
        Encoding.UTF8.GetString(Csv(plan)).Split("\r\n").Length.ShouldBe(2);
    }

    [Fact]
    public void A_large_table_keeps_the_order_of_the_plan()
    {
        // More than every processor formats at once, twice, and a part of a block.
        var devices = Enumerable.Range(0, (2 * Environment.ProcessorCount * PlanCsv.Block) + 17).Select(i => Sample.Intune($"D{i:0000000}")).ToArray();
        var lines = Encoding.UTF8.GetString(Csv(Sample.Plan(Sample.Project, devices))).Split("\r\n");
        lines[1..^1].Select(line => line.Split(',')[0]).ShouldBe(devices.Select(d => d.Name));
    }

    [Fact]
    public void A_disk_that_is_full_ends_the_table_with_what_the_system_said()
    {
        var devices = Enumerable.Range(0, (2 * Environment.ProcessorCount * PlanCsv.Block) + 17).Select(i => Sample.Intune($"D{i:0000000}")).ToArray();
        var plan = Sample.Plan(Sample.Project, devices);
        using var full = new MemoryStream(new byte[1 << 18]);
        Should.Throw<NotSupportedException>(() => PlanCsv.Write(plan, full));
    }

    private static byte[] Csv(Plan plan)
    {
        using var stream = new MemoryStream();
        PlanCsv.Write(plan, stream);
        return stream.ToArray();
    }

    private static byte[] Json(Plan plan)
    {
        using var stream = new MemoryStream();
        PlanJson.Write(plan, stream);
        return stream.ToArray();
    }
}
