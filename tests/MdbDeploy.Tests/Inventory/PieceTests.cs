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
    public void What_is_counted_in_a_piece_is_what_one_byte_after_the_other_comes_to()
    {
        var some = OneOf((byte)'\n', (byte)'\r', (byte)'"', (byte)'a', (byte)'b', (byte)0x7F);
        var text = Gen.Select(some.Array[0, 100], Gen.Int[1, 120], OneOf<byte>(0x7F, 0x80, (byte)'\r', (byte)'\n')).Select((bytes, times, last) => (byte[])[.. Enumerable.Repeat(bytes, times).SelectMany(x => x), last]);
        text.Sample(
            bytes =>
            {
                PieceScan.Count(bytes).ShouldBe((bytes.Count(b => b == '\n'), bytes.Count(b => b == '"')));
                PieceScan.Look(bytes).ShouldBe((bytes.All(b => b < 0x80), bytes.Index().Any(b => b.Item == '\r' && (b.Index + 1 == bytes.Length || bytes[b.Index + 1] != '\n'))));
            },
            iter: 2000);
        PieceScan.Count([]).ShouldBe((0, 0));
        PieceScan.Look([]).ShouldBe((true, false));
    }

    [Theory]
    [InlineData("ASCII to the end", "")]
    [InlineData("UTF-8", "Zürich;")]
    [InlineData("UTF-8 with a byte order mark", "\uFEFFZürich;")]
    [InlineData("damaged UTF-8", "Zürich;Zürich;Z\u00FE?rich")]
    [InlineData("Windows-1252", "Z\u00FErich;Köln")]
    public void What_is_not_ASCII_far_down_in_a_file_is_read_as_if_it_stood_at_the_start(string encoding, string late)
    {
        // Rows before it are read on all processors before anybody knows that it is there.
        var (ascii, odd) = (new StringBuilder("name,site,dns name\n"), new List<byte>());
        foreach (var c in late.TrimStart('\uFEFF'))
        {
            odd.AddRange(c == '\u00FE' ? [0xFE] : encoding == "Windows-1252" ? Encoding.Latin1.GetBytes([c]) : Encoding.UTF8.GetBytes([c]));
        }

        for (var i = 0; i < 20_000; i++)
        {
            ascii.Append(System.Globalization.CultureInfo.InvariantCulture, $"PC-{i % 15_000:D6},S{i % 7},{(i % 900 == 0 ? "bad name.corp.example" : $"pc-{i}.corp.example")}\n");
        }

        var bytes = (byte[])[.. late.StartsWith('\uFEFF') ? Encoding.UTF8.Preamble.ToArray() : [], .. Encoding.UTF8.GetBytes(ascii.ToString()), .. "LATE-1,"u8, .. odd, .. ",\nLATE-2,x,\n"u8];
        var (whole, wholeProblems) = Read(bytes, new InventoryOptions { ShortestToCut = int.MaxValue });
        foreach (var size in (int[])[1000, 1 << 16])
        {
            var (cut, cutProblems) = Read(bytes, new InventoryOptions { ShortestToCut = 20_000, PieceBytes = size });
            cut.Problems.ShouldBe(whole.Problems);
            cut.Devices.Select(Words).ShouldBe(whole.Devices.Select(Words));
            cut.Sources.ShouldHaveSingleItem().Encoding.ShouldBe(whole.Sources[0].Encoding);

            // The encoding is told where it is noticed.
            cutProblems.Split('\n').Order().ShouldBe(wholeProblems.Split('\n').Order());
        }

        var expected = late.Replace("\uFEFF", "", StringComparison.Ordinal).Replace('\u00FE', encoding == "Windows-1252" ? 'þ' : '\uFFFD');
        whole.Devices.Single(device => device.Name == "LATE-1").Site.ShouldBe(expected.Length == 0 ? null : expected);
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

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
