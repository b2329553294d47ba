using System.IO.Compression;
using System.Text;
using MdbDeploy.Inventory;

namespace MdbDeploy.Tests.Inventory;

/// <summary>Files that are compressed or workbooks give what the same text gives.</summary>
public class WrappedFileTests
{
    public static TheoryData<string> Samples => [.. Directory.EnumerateFiles(TempInventory.Fixture("")).Where(f => Path.GetExtension(f) is ".csv" or ".tsv").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_compressed_export_gives_the_same_devices(string sample)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(File.ReadAllBytes(TempInventory.Fixture(sample)));
        }

        var wrapped = TempInventory.ReadBytes([stream.ToArray()]);
        Facts(wrapped).ShouldBe(Facts(TempInventory.ReadFixtures(sample)));
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_workbook_gives_the_same_devices(string sample)
    {
        var plain = TempInventory.ReadFixtures(sample);
        var wrapped = TempInventory.ReadBytes([Workbook.Of([["see", "the", "next sheet"]], Workbook.Records(TempInventory.Fixture(sample)))]);
        // XML knows one kind of line end.
        Facts(wrapped).ShouldBe(Facts(plain).Select(fact => fact.ReplaceLineEndings("\n")), string.Join('\n', wrapped.Problems));
        if (wrapped.Sources.Length > 0)
        {
            wrapped.Sources[0].Encoding.ShouldBe("Excel workbook, sheet 'Sheet2'");
            wrapped.Sources[0].Profile.ShouldBe(plain.Sources[0].Profile);
        }
    }

    [Fact]
    public void A_file_that_unpacks_to_more_than_allowed_is_refused()
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes("name\n" + new string('\n', 1 << 20)));
        }

        var options = new InventoryOptions { MaxUnpackedBytes = 1 << 18 };
        TempInventory.ReadBytes([stream.ToArray()], options).Problems.ShouldHaveSingleItem().Code.ShouldBe("MDB0201");
        TempInventory.ReadBytes([Workbook.Of([["name"], [new string('x', 1 << 20)]])], options).Problems.ShouldHaveSingleItem().Code.ShouldBe("MDB0201");
    }

    [Fact]
    public void A_workbook_that_is_cut_off_is_reported_wherever_it_ends()
    {
        var whole = Workbook.Of([["name"], ["PC-1"]]);
        for (var length = 4; length < whole.Length; length += 37)
        {
            var fleet = TempInventory.ReadBytes([whole[..length]]);
            fleet.Devices.ShouldBeEmpty();
            fleet.Problems.ShouldNotBeEmpty();
        }
    }

    [Fact]
    public void A_row_of_a_workbook_keeps_its_number()
    {
        var fleet = TempInventory.ReadBytes([Workbook.Of([["name", "tags"], ["PC-1", "a\nb"], [], ["PC-2", ""]])]);
        fleet.Devices.Select(device => device.Origins[0].Line).ShouldBe([2, 4]);
    }

    // XML knows LF only (XML 1.0, 2.11), so a line end inside a cell of a workbook is one.
    internal static string[] Facts(Fleet fleet) => [.. fleet.Devices.Select(device => $"{device with { Origins = [] }} {string.Join('|', device.Tags)}".ReplaceLineEndings("\n"))];
}
