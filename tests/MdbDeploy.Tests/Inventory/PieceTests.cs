using System.Text;
using CsCheck;
using MdbDeploy.Inventory;

namespace MdbDeploy.Tests.Inventory;

/// <summary>A file that several threads read in pieces comes to what one thread reads.</summary>
public class PieceTests
{
    public static TheoryData<string> Samples => [.. Directory.EnumerateFiles(Path.GetDirectoryName(TempInventory.Fixture("x"))!).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Samples))]
    public void Every_sample_is_read_alike_in_pieces_of_any_size(string sample)
    {
        var bytes = File.ReadAllBytes(TempInventory.Fixture(sample));
        foreach (var size in (int[])[64, 257, 1000, 4096])
        {
            ShouldBeReadAlike(bytes, size);
        }
    }

    [Fact]
    public void What_quotes_line_ends_and_blank_lines_do_at_the_edge_of_a_piece_is_done_alike()
    {
        string[] cells = ["PC-1", "\"PC-2\"", "\"a\nb\"", "\"a\"\"b\"", "\"\"", "", "a\"b", "\"open", "\uFEFFx", "Total", "7", "05/06/2025", "13/06/2025", "06/13/2025", "bad guid", "pc.corp.example", "  "];
        var line = Gen.Select(OneOf(cells).Array[1, 4], OneOf("\n", "\r\n", "\n", "\r\n", "\n\n", "\r\n,,,\r\n", "\r")).Select((row, end) => string.Join(',', row) + end);
        Gen.Select(line.Array[0, 60], Gen.Int[16, 300]).Sample(
            (lines, size) => ShouldBeReadAlike(Encoding.UTF8.GetBytes("name,last_seen,os,dns name\n" + string.Concat(lines)), size),
            iter: 600);
    }

    [Fact]
    public void A_file_of_several_megabytes_is_read_in_pieces_with_the_lines_of_its_rows()
    {
        var text = new StringBuilder("name,site,note\r\n");
        for (var i = 0; i < 60_000; i++)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"PC-{i:D6},S{i % 7},\"a note\r\nof two lines, for {i}\"\r\n");
        }

        var fleet = TempInventory.Read(text.ToString());
        fleet.Devices.Length.ShouldBe(60_000);
        for (var i = 0; i < fleet.Devices.Length; i += 997)
        {
            (fleet.Devices[i].Name, fleet.Devices[i].Origins[0].Line, fleet.Devices[i].Site).ShouldBe(($"PC-{i:D6}", (2 * i) + 2, $"S{i % 7}"));
        }
    }

    [Fact]
    public void What_a_piece_that_was_read_again_left_behind_does_no_harm()
    {
        var rows = new DeviceRows();
        rows.Add(new Device { Name = "PC-1", Domain = "CORP" });
        rows.NumberOf(new SharedFields { Domain = rows.Texts.NumberOf("nowhere.example") });
        using var problems = new ProblemLog(null);
        FleetMerge.Merge(rows, problems, TestContext.Current.CancellationToken).ShouldHaveSingleItem().Name.ShouldBe("PC-1");
    }

    private static void ShouldBeReadAlike(byte[] bytes, int size)
    {
        var (whole, wholeProblems) = Read(bytes, new InventoryOptions { ShortestToCut = int.MaxValue });
        var (cut, cutProblems) = Read(bytes, new InventoryOptions { ShortestToCut = 0, PieceBytes = size });
        cutProblems.ShouldBe(wholeProblems);
        cut.Problems.ShouldBe(whole.Problems);
        cut.Devices.Select(Words).ShouldBe(whole.Devices.Select(Words));
        cut.Sources.Select(source => (source.Rows, source.Accepted)).ShouldBe(whole.Sources.Select(source => (source.Rows, source.Accepted)));
    }

    private static string Words(Device device) => (device with { Tags = [], Origins = [] }) + string.Join(';', device.Tags) + string.Join(';', device.Origins);

    private static (Fleet Fleet, string Problems) Read(byte[] bytes, InventoryOptions options)
    {
        using var problems = new MemoryStream();
        var fleet = TempInventory.ReadBytes([bytes], options with { ProblemsCsv = problems });
        return (fleet, Encoding.UTF8.GetString(problems.ToArray()));
    }

    private static Gen<string> OneOf(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
