using System.Text;
using MdbDeploy.Inventory;

namespace MdbDeploy.Tests.Inventory;

public class ProblemListTests
{
    [Fact]
    public void Every_value_that_is_dropped_has_a_line_even_where_messages_sum_up()
    {
        var (fleet, lines) = Read("name,os,vdi type\nPC-1,Windows 11,what\nPC-2,Windows 11,what\nPC-3,Windows 11,what\n");
        fleet.Problems.ShouldHaveSingleItem().Message.ShouldContain("3 rows have it");
        lines.Length.ShouldBe(4);
        lines[0].ShouldBe("\uFEFFfile,line,column,severity,code,device,value,done");
        lines[3].ShouldStartWith("a.csv,4,17,");
        lines[3].ShouldContain(",PC-3,what,");
    }

    [Fact]
    public void A_formula_in_a_value_is_defused_and_a_line_end_stays_on_its_line()
    {
        var (_, lines) = Read("name,entra device id\nPC-1,\"=cmd|' /C calc'!A0\"\nPC-2,\"@a\nb\"\n");
        lines.Length.ShouldBe(3);
        lines[1].ShouldContain(",\"'=cmd|' /C calc'!A0\",");
        lines[2].ShouldContain("'@a\\nb");
    }

    [Fact]
    public void Of_a_million_problems_alike_some_are_kept_and_the_rest_counted()
    {
        var (fleet, lines) = Read("name,entra device id\n" + string.Concat(Enumerable.Range(0, 250).Select(i => $"PC-{i},x{i}\n")));
        lines.Length.ShouldBe(251);
        fleet.Problems.Length.ShouldBe(101);
        fleet.Problems[0].Code.ShouldBe("MDB0250");
        fleet.Problems[0].Message.ShouldContain(" 150 more times");
    }

    [Fact]
    public void Reading_a_device_allocates_little()
    {
        // Some 100 bytes of it stay; a rich object with its strings takes 700, and making it another thousand.
        const int devices = 50_000;
        var text = "name,fqdn,os,build,entra device id,serial,owner,last seen\n" + string.Concat(Enumerable.Range(0, devices)
            .Select(i => $"PC-{i:D6},pc-{i:D6}.corp.example,Windows 11 Pro,10.0.22631.{4000 + (i % 900)},{StableGuid.Of("memory", $"{i}"):D},SN{i:D8},user{i}@contoso.example,2026-11-20\n"));
        var folder = Directory.CreateTempSubdirectory("mdbdeploy-memory-");
        var path = Path.Combine(folder.FullName, "a.csv");
        File.WriteAllText(path, text);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var fleet = InventoryReader.Read([new InventoryFile("a.csv", path)], new InventoryOptions(), null, TestContext.Current.CancellationToken);
        var allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / devices;
        folder.Delete(recursive: true);
        fleet.Devices.Length.ShouldBe(devices);
        allocated.ShouldBeLessThan(900);
    }

    private static (Fleet Fleet, string[] Lines) Read(string text)
    {
        using var list = new MemoryStream();
        var fleet = TempInventory.Read(text, new InventoryOptions { ProblemsCsv = list });
        return (fleet, Encoding.UTF8.GetString(list.ToArray()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries));
    }
}
