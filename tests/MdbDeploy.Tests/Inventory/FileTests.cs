using System.Text;
using MdbDeploy.Diagnostics;
using MdbDeploy.Inventory;

namespace MdbDeploy.Tests.Inventory;

public class FileTests
{
    private static readonly string[] Names = ["MÜNCHEN-1", "PC-2"];

    [Theory]
    [InlineData("utf-8", true, "utf-8 with BOM", null)]
    [InlineData("utf-8", false, "utf-8", null)]
    [InlineData("utf-16", true, "utf-16 little-endian", null)]
    [InlineData("utf-16", false, "utf-16 little-endian without BOM", null)]
    [InlineData("utf-16BE", true, "utf-16 big-endian", null)]
    [InlineData("utf-16BE", false, "utf-16 big-endian without BOM", null)]
    [InlineData("windows-1252", false, "windows-1252", "MDB0211")]
    public void Every_encoding_reads_the_same(string encoding, bool mark, string label, string? code)
    {
        var to = CodePagesEncodingProvider.Instance.GetEncoding(encoding) ?? Encoding.GetEncoding(encoding);
        byte[] bytes = [.. mark ? to.GetPreamble() : [], .. to.GetBytes("#TYPE Some.Type\r\nsep=;\r\nname;os;site\r\nMÜNCHEN-1;Windows 11;\"a\r\nb\"\r\nPC-2;Windows 10;\r\n")];
        var fleet = TempInventory.ReadBytes([bytes]);
        fleet.Devices.Select(device => device.Name).ShouldBe(Names);
        fleet.Devices.Select(device => device.Origins[0].Line).ShouldBe([4, 6]);
        fleet.Sources[0].Encoding.ShouldBe(label);
        fleet.Problems.Select(problem => problem.Code).ShouldBe(code is null ? [] : [code]);
    }

    [Fact]
    public void A_character_of_several_bytes_across_the_reading_buffer_is_still_UTF_8()
    {
        // The file is read in pieces of a power of two; a two-byte character then lies across some border for one of two paddings.
        foreach (var padding in Enumerable.Range(0, 2))
        {
            var text = $"name,os\r\n{new string('a', padding)}{string.Concat(Enumerable.Repeat("ä", 1_100_000))},Windows 11\r\n";
            var fleet = TempInventory.Read(text, new InventoryOptions { MaxRecordBytes = 1 << 24 });
            fleet.Sources[0].Encoding.ShouldBe("utf-8");
        }
    }

    [Fact]
    public void Bytes_that_are_not_UTF_8_behind_a_mark_are_replaced_with_a_warning()
    {
        var fleet = TempInventory.ReadBytes([[.. Encoding.UTF8.Preamble, .. "name,os\r\nPC-1,Windows 11\r\nPC\u00802,Windows 11\r\n".Select(c => (byte)c)]]);
        fleet.Places().ShouldBe(["a.csv(3) MDB0212", "a.csv(3,1) MDB0212", "a.csv(3,1) MDB0224"]);
        fleet.Devices.Length.ShouldBe(2);
    }

    [Fact]
    public void One_damaged_byte_does_not_make_Windows_1252_of_a_text_in_UTF_8()
    {
        var whole = Encoding.UTF8.GetBytes("name,site\r\nPC-1,Zürich\r\nPC-2,Köln\r\nPC-3,Köln");
        byte[] changed = [.. whole];
        changed[^2] = 0xC3;
        var fleet = TempInventory.ReadBytes([changed]);
        fleet.Devices.Select(device => device.Site).ShouldBe(["Zürich", "Köln", "Kö\uFFFDn"]);
        fleet.Places().ShouldBe(["a.csv(4) MDB0212", "a.csv(4,6) MDB0212"]);
        // Cut off in the middle of a letter.
        var cut = TempInventory.ReadBytes([whole[..^3]]);
        cut.Devices.Select(device => device.Site).ShouldBe(["Zürich", "Köln", "K\uFFFD"]);
        cut.Places().ShouldBe(["a.csv(4) MDB0212", "a.csv(4,6) MDB0212"]);
    }

    [Fact]
    public void Every_row_with_a_damaged_character_is_listed_whatever_the_encoding()
    {
        using var list = new MemoryStream();
        var rows = string.Concat(Enumerable.Range(0, 300).Select(n => $"PC-{n},{(n % 100 == 7 ? "L\uD800nd" : "Lund")}\n"));
        TempInventory.ReadBytes([[.. Encoding.Unicode.Preamble, .. Utf16("name,site\n" + rows), 0x41]], new InventoryOptions { ProblemsCsv = list })
            .Problems.ShouldContain(p => p.Message == "Column 'site': 'L\uFFFDnd' holds a character that was lost before or in the file; it is kept as it is. 3 rows have such a value; this is the first.");
        Encoding.UTF8.GetString(list.ToArray()).Split('\n').Count(line => line.Contains("MDB0212", StringComparison.Ordinal)).ShouldBe(4, "three, and the byte at the end");

        // 0x81 is no character of Windows-1252, and a dash that somebody took for Latin-1 is none of anything.
        byte[] odd = [.. "name,site\nPC-1,\u0081\nPC-2,M\u00fcnchen\n".Select(c => (byte)c)];
        TempInventory.ReadBytes([odd]).Places().ShouldBe(["a.csv(2) MDB0211", "a.csv(2,6) MDB0212"]);
        TempInventory.Read("name,site\nPC-1,A \u0096 B\n").Places().ShouldBe(["a.csv(2,6) MDB0212"]);

        // As it stands: an encoder would repair it.
        static IEnumerable<byte> Utf16(string text) => text.SelectMany(c => new[] { (byte)c, (byte)(c >> 8) });
    }

    [Theory]
    [InlineData(',')]
    [InlineData(';')]
    [InlineData('\t')]
    [InlineData('|')]
    public void Every_delimiter_is_found(char delimiter)
    {
        var fleet = TempInventory.Read($"name{delimiter}os{delimiter}site\nPC-1{delimiter}Windows 11{delimiter}OSL\n");
        fleet.Sources[0].Delimiter.ShouldBe(delimiter);
        fleet.Devices[0].Site.ShouldBe("OSL");
        fleet.Problems.ShouldBeEmpty();
    }

    [Fact]
    public void An_unusual_delimiter_works_when_the_file_names_it() =>
        TempInventory.Read("sep=^\nname^site\nPC-1^OSL\n").Devices[0].Site.ShouldBe("OSL");

    [Fact]
    public void A_delimiter_line_that_names_none_is_reported()
    {
        var fleet = TempInventory.Read("sep=ab\nname,site\nPC-1,OSL\n");
        fleet.Places().ShouldBe(["a.csv(1) MDB0213"]);
        fleet.Devices[0].Origins[0].Line.ShouldBe(3);
    }

    [Fact]
    public void A_list_of_names_alone_is_an_inventory()
    {
        var fleet = TempInventory.Read("Computer name\r\nPC-1\r\nPC-2\r\n");
        fleet.Devices.Select(device => device.Name).ShouldBe(["PC-1", "PC-2"]);
        fleet.Problems.ShouldBeEmpty();
    }

    [Fact]
    public void Lines_above_the_header_are_left_out()
    {
        var fleet = TempInventory.Read("Computers of the Oslo office\n\nname,os,site\nPC-1,Windows 11,OSL\n");
        fleet.Places().ShouldBe(["a.csv(1) MDB0214"]);
        fleet.Devices[0].Origins[0].Line.ShouldBe(4);
    }

    [Fact]
    public void A_cell_called_server_makes_no_header()
    {
        var fleet = TempInventory.Read("kind,number\nserver,4\nclient,5\n");
        fleet.Places().ShouldBe(["a.csv(1) MDB0204"]);
        fleet.Sources.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("", "MDB0202")]
    [InlineData("\uFEFF", "MDB0202")]
    [InlineData("sep=;\r\n", "MDB0202")]
    [InlineData("\r\n\r\n", "MDB0202")]
    [InlineData("name,os\r\n", "MDB0205")]
    [InlineData("name,os", "MDB0205")]
    [InlineData("PK\u0003\u0004xyz", "MDB0201")]
    public void A_file_without_devices_is_reported(string text, string code)
    {
        var fleet = TempInventory.Read(text);
        fleet.Devices.ShouldBeEmpty();
        fleet.Problems.ShouldHaveSingleItem().Code.ShouldBe(code);
    }

    [Fact]
    public void Without_a_name_column_the_columns_found_are_listed()
    {
        var problem = TempInventory.Read("\nFoo,Bar\u001b[31m\nx,y\n").Problems.ShouldHaveSingleItem();
        problem.Problem.ShouldBe(Problems.InventoryHasNoNameColumn);
        problem.Where.ShouldBe(new Location("a.csv", 2));
        problem.Message.ShouldContain("'Foo', 'Bar\\u001B[31m'");
        problem.Message.ShouldContain("expected is 'name'");
    }

    [Fact]
    public void A_file_that_is_not_there_is_reported()
    {
        var fleet = InventoryReader.Read([new InventoryFile("gone.csv", Path.Combine(Path.GetTempPath(), "mdbdeploy-gone", "gone.csv"))], new InventoryOptions(), null, CancellationToken.None);
        fleet.Places().ShouldBe(["gone.csv MDB0201"]);
    }

    [Fact]
    public void A_folder_is_no_inventory() =>
        InventoryReader.Read([new InventoryFile("temp", Path.GetTempPath())], new InventoryOptions(), null, CancellationToken.None).Places().ShouldBe(["temp MDB0201"]);

    [Fact]
    public void A_quote_that_is_never_closed_ends_the_file_with_an_error()
    {
        var fleet = TempInventory.Read("name,os\nPC-1,Windows 11\nPC-2,\"Windows 11\nPC-3,Windows 11\n");
        fleet.Places().ShouldBe(["a.csv(3) MDB0207"]);
        fleet.Devices.Select(device => device.Name).ShouldBe(["PC-1"]);
    }

    [Fact]
    public void An_endless_line_ends_the_file_with_an_error()
    {
        var fleet = TempInventory.Read($"name,os\nPC-1,Windows 11\nPC-2,{new string('x', 3 << 20)}\nPC-3,Windows 11\n");
        fleet.Places().ShouldBe(["a.csv(3) MDB0206"]);
        fleet.Devices.Select(device => device.Name).ShouldBe(["PC-1"]);
    }

    [Fact]
    public void An_endless_header_is_an_error() => TempInventory.Read(new string('x', 3 << 20)).Places().ShouldBe(["a.csv(1) MDB0206"]);

    [Fact]
    public void Five_thousand_columns_are_read()
    {
        var header = string.Join(',', Enumerable.Range(0, 5000).Select(i => $"c{i}").Append("name"));
        var row = string.Join(',', Enumerable.Repeat("x", 5000).Append("PC-1"));
        var fleet = TempInventory.Read($"{header}\n{row}\n");
        fleet.Devices[0].Name.ShouldBe("PC-1");
        fleet.Sources[0].Columns.Length.ShouldBe(5001);
    }

    [Fact]
    public void Headers_that_repeat_or_are_missing_are_reported()
    {
        var fleet = TempInventory.Read("name,os,OS ,,site\nPC-1,Windows 11,Windows 10,x,OSL\n");
        fleet.Places().ShouldBe(["a.csv(1) MDB0215", "a.csv(1) MDB0216"]);
        fleet.Devices[0].OsName.ShouldBe("Windows 11");
        fleet.Sources[0].Columns.ShouldBe([new("name", "name"), new("os", "os"), new("OS", null), new("", null), new("site", "site")]);
    }

    [Fact]
    public void A_delimiter_at_the_end_of_every_line_is_no_column() => TempInventory.Read("name,os,\nPC-1,Windows 11,\nPC-2,Windows 11,,\n").Problems.ShouldBeEmpty();

    [Fact]
    public void Short_and_long_rows_are_read_and_reported()
    {
        var fleet = TempInventory.Read("name,os,site\nPC-1\nPC-2,Windows 11,OSL,more,yet more\n");
        fleet.Places().ShouldBe(["a.csv(2) MDB0217", "a.csv(3,21) MDB0218"]);
        fleet.Problems[0].Message.ShouldContain("1 of 3 fields; 'os'");
        fleet.Problems[1].Message.ShouldContain("'more'");
        fleet.Devices.Length.ShouldBe(2);
    }

    [Fact]
    public void Blank_rows_are_reported_once_for_a_run()
    {
        var fleet = TempInventory.Read("name,os\n\n,\n \nPC-1,Windows 11\n\n");
        fleet.Places().ShouldBe(["a.csv(2) MDB0219", "a.csv(6) MDB0219"]);
        fleet.Problems[0].Message.ShouldBe("Lines 2 to 4 are blank, and were left out.");
    }

    [Theory]
    [InlineData("Total: 12,,")]
    [InlineData("Total,,12")]
    [InlineData("Summe 1.204,,")]
    [InlineData("(12 rows affected),,")]
    [InlineData("--------,-----,-----")]
    public void A_line_that_sums_up_is_no_device(string line)
    {
        var fleet = TempInventory.Read($"name,os,site\nPC-1,Windows 11,OSL\n{line}\n");
        fleet.Places().ShouldBe(["a.csv(3) MDB0220"]);
        fleet.Devices.Length.ShouldBe(1);
        (fleet.Sources[0].Rows, fleet.Sources[0].Accepted).ShouldBe((2, 1));
    }

    [Fact]
    public void A_computer_may_be_called_total() =>
        TempInventory.Read("name,os,site\nTOTAL,Windows 11,OSL\nTOTAL-1,,\n").Devices.Select(device => device.Name).ShouldBe(["TOTAL", "TOTAL-1"]);

    [Fact]
    public void A_row_without_a_name_is_reported_with_what_it_holds()
    {
        var problem = TempInventory.Read("site,name,os\nOSL,,Windows 11\n").Problems.ShouldHaveSingleItem();
        problem.Problem.ShouldBe(Problems.InventoryRowHasNoName);
        problem.Message.ShouldBe("The row names no device (it starts with 'OSL'), and was left out.");
    }

    [Fact]
    public void NUL_characters_are_removed_and_reported()
    {
        var fleet = TempInventory.Read("name,site\nPC\0-1,O\0SL\n");
        fleet.Places().ShouldBe(["a.csv(2,1) MDB0223", "a.csv(2,7) MDB0223"]);
        (fleet.Devices[0].Name, fleet.Devices[0].Site).ShouldBe(("PC-1", "OSL"));
    }

    [Fact]
    public void Places_count_characters_and_lines_inside_quotes()
    {
        var fleet = TempInventory.Read("name,site,entra device id\n\"PC-1\",\"å\nä,ö\",bad\n");
        fleet.Places().ShouldBe(["a.csv(3,6) MDB0226"]);
    }

    [Fact]
    public void Inspecting_tells_what_a_file_is()
    {
        var inspection = InventoryReader.Inspect(new InventoryFile("x.csv", TempInventory.Fixture("citrix-get-brokermachine.csv")), new InventoryOptions(), CancellationToken.None);
        inspection.Source.ShouldNotBeNull().Profile.ShouldBe("citrix-broker");
        inspection.Problems.ShouldHaveSingleItem().Problem.ShouldBe(Problems.InventoryValueIsUnexpanded);
    }

    [Fact]
    public void Reading_stops_when_asked_to()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Should.Throw<OperationCanceledException>(() => InventoryReader.Read([new InventoryFile("x", TempInventory.Fixture("citrix-get-brokermachine.csv"))], new InventoryOptions(), null, stop.Token));
    }

    [Fact]
    public void Progress_ends_with_the_whole_file()
    {
        var reports = new List<InventoryProgress>();
        InventoryReader.Read([new InventoryFile("x", TempInventory.Fixture("citrix-get-brokermachine.csv"))], new InventoryOptions(), new Recorder(reports), CancellationToken.None);
        reports[^1].ShouldBe(new InventoryProgress("x", 3, 1));
    }

    private sealed class Recorder(List<InventoryProgress> reports) : IProgress<InventoryProgress>
    {
        public void Report(InventoryProgress value) => reports.Add(value);

    }
}
