using System.IO.Compression;
using System.Text;
using CsCheck;

namespace MdbDeploy.Tests.Inventory;

/// <summary>Compressed files and workbooks that are damaged, or made to do harm.</summary>
public class HostileFileTests
{
    private const string Header = "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>name</t></is></c></row>";

    private static readonly byte[] Sheet = Workbook.Of(false,
        [[Cell.Shared("name"), Cell.Shared("last seen"), Cell.Inline("serial")], [Cell.Shared("PC-1"), Cell.Date(new(2025, 11, 20)), Cell.Number(17)], [Cell.Inline("PC-2"), Cell.Error("#N/A"), Cell.Truth(true)]]);

    [Fact]
    public void A_workbook_with_any_bytes_changed_ends_in_devices_and_problems() =>
        Changes(Sheet.Length).Sample(changes => InventoryProperties.Check(TempInventory.ReadBytes([Changed(Sheet, changes)])), iter: 200);

    [Fact]
    public void A_workbook_whose_XML_is_changed_anywhere_ends_in_devices_and_problems()
    {
        var whole = Unpacked(Sheet);
        Gen.Select(Gen.Int[0, whole.Count - 1], Gen.OneOf("<", ">", "\"", "", "&", "row", "9999999999", "-1", "\0", "</row>", "<c/>", "t=\"s\"", "<v>", "NaN", "1e999"), Gen.Int[0, 100_000], Gen.Int[0, 12]).Sample(
            (part, text, at, length) =>
            {
                var parts = whole.ToDictionary(p => p.Key, p => p.Value);
                var (name, xml) = whole.ElementAt(part);
                at %= xml.Length;
                parts[name] = string.Concat(xml.AsSpan(0, at), text, xml.AsSpan(Math.Min(xml.Length, at + length)));
                InventoryProperties.Check(TempInventory.ReadBytes([Packed(parts)]));
            },
            iter: 250);
    }

    [Fact]
    public void A_compressed_export_with_any_bytes_changed_ends_in_devices_and_problems()
    {
        var whole = Gzip(File.ReadAllBytes(TempInventory.Fixture("ugly-excel-handmade.csv")));
        Changes(whole.Length).Sample(changes => InventoryProperties.Check(TempInventory.ReadBytes([Changed(whole, changes)])), iter: 200);
    }

    [Fact]
    public void A_compressed_export_that_is_cut_off_is_an_error_wherever_it_ends()
    {
        // Lines that do not repeat, so that what comes out is cut off in the middle of a row, too.
        var text = "name,serial\n" + string.Concat(Enumerable.Range(0, 2000).Select(i => $"PC-{i:D4},{StableGuid.Of("cut", $"{i}"):N}x\n"));
        var whole = Gzip(Encoding.UTF8.GetBytes(text));
        TempInventory.ReadBytes([whole]).Devices.Length.ShouldBe(2000);
        for (var length = 3; length < whole.Length; length += (whole.Length / 40) + 1)
        {
            var fleet = TempInventory.ReadBytes([whole[..length]]);
            fleet.Problems.ShouldContain(problem => problem.Severity == Diagnostics.Severity.Error, $"{length} of {whole.Length} bytes");
        }
    }

    [Fact]
    public void A_compressed_export_may_have_several_members() =>
        Gen.Int[0, 200_000].Array[1, 4].Sample(lengths =>
        {
            var pieces = lengths.Select((length, i) => $"{(i == 0 ? "name,serial\n" : "")}{string.Concat(Enumerable.Range(0, length / 40).Select(n => $"PC-{i}-{n},{StableGuid.Of("piece", $"{n}"):N}\n"))}").ToList();
            TempInventory.ReadBytes([[.. pieces.SelectMany(piece => Gzip(Encoding.UTF8.GetBytes(piece)))]]).Devices.Length.ShouldBe(lengths.Sum(length => length / 40));
        }, iter: 20);

    [Theory]
    [InlineData("<row r=\"2000000000\"><c r=\"A2000000000\" t=\"inlineStr\"><is><t>PC-1</t></is></c></row>")]
    [InlineData("<row r=\"-5\"><c r=\"A-5\"><v>1</v></c></row>")]
    [InlineData("<row r=\"2\"><c r=\"A2\" t=\"s\"><v>99999</v></c></row>")]
    [InlineData("<row r=\"2\"><c r=\"A2\" s=\"4000000\"><v>1</v></c></row>")]
    public void A_workbook_that_states_the_impossible_ends_in_devices_and_problems(string row) =>
        InventoryProperties.Check(TempInventory.ReadBytes([Workbook.OfXml(Header + row)]));

    [Fact]
    public void A_cell_beyond_all_columns_takes_no_room()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var problem = TempInventory.ReadBytes([Workbook.OfXml($"{Header}<row r=\"2\"><c r=\"ZZZZZZ2\"><v>1</v></c></row>")]).Problems.ShouldHaveSingleItem();
        problem.Message.ShouldBe("The file cannot be read: its sheet 'Sheet1' has 321272406 columns, and Excel knows 16384.");
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(8 << 20);
    }

    [Fact]
    public void Entities_that_multiply_are_refused()
    {
        const string laughs = "<!DOCTYPE sst [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\">]><sst><si><t>&c;</t></si></sst>";
        var fleet = TempInventory.ReadBytes([Workbook.OfXml(Header, laughs)]);
        fleet.Devices.ShouldBeEmpty();
        fleet.Problems.ShouldHaveSingleItem().Code.ShouldBe("MDB0201");
    }

    [Fact]
    public void A_text_longer_than_any_row_is_refused_before_it_is_in_memory()
    {
        var bomb = Workbook.OfXml($"{Header}<row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><t>{new string('x', 65 << 20)}</t></is></c></row>");
        bomb.Length.ShouldBeLessThan(1 << 20);
        var before = GC.GetAllocatedBytesForCurrentThread();
        TempInventory.ReadBytes([bomb]).Problems.ShouldHaveSingleItem().Message.ShouldBe("The file cannot be read: 'xl/worksheets/sheet1.xml' in it unpacks to more than Excel would write.");
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(8 << 20);
    }

    [Theory]
    [InlineData("row>", "", "")]
    [InlineData(":row>", "", "")]
    [InlineData("/row> x:row> ", "", "")]
    [InlineData("</row>", "<![CDATA[", "]]>")]
    [InlineData("</x:row>", "<![CDATA[", "]]>")]
    [InlineData("</row>", "<?x ", "?>")]
    [InlineData("</si>", "<!--", "-->")]
    public void What_looks_like_the_end_of_a_row_makes_no_room_for_a_longer_one(string filler, string open, string close)
    {
        var text = open + string.Concat(Enumerable.Repeat(filler, (65 << 20) / filler.Length)) + close;
        var bomb = Workbook.OfXml($"{Header}<row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><t>{text}</t></is></c></row>");
        var before = GC.GetAllocatedBytesForCurrentThread();
        TempInventory.ReadBytes([bomb]).Problems.ShouldHaveSingleItem().Message.ShouldBe("The file cannot be read: 'xl/worksheets/sheet1.xml' in it unpacks to more than Excel would write.");
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(8 << 20);
    }

    [Fact]
    public void Markup_that_Excel_does_not_write_is_read_all_the_same() =>
        TempInventory.ReadBytes([Workbook.OfXml($"<!-- made by hand -->{Header}<?x y?><row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><t><![CDATA[PC-1]]></t></is></c></row>")])
            .Devices.ShouldHaveSingleItem().Name.ShouldBe("PC-1");

    [Fact]
    public void One_text_in_every_cell_of_a_row_is_a_record_that_is_too_long()
    {
        var text = $"<sst xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><si><t>{new string('x', 32_767)}</t></si></sst>";
        var cells = string.Concat(Enumerable.Repeat("<c t=\"s\"><v>0</v></c>", 16_384));
        var before = GC.GetAllocatedBytesForCurrentThread();
        TempInventory.ReadBytes([Workbook.OfXml($"{Header}<row r=\"2\">{cells}</row>", text)]).Places().ShouldBe(["a.csv(2) MDB0206"]);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(64 << 20);
    }

    private static Gen<(int At, byte Value)[]> Changes(int length) => Gen.Select(Gen.Int[0, length - 1], Gen.Byte).Array[1, 12];

    private static byte[] Changed(byte[] whole, (int At, byte Value)[] changes)
    {
        var bytes = (byte[])whole.Clone();
        foreach (var (at, value) in changes)
        {
            bytes[at] = value;
        }

        return bytes;
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return stream.ToArray();
    }

    private static Dictionary<string, string> Unpacked(byte[] workbook)
    {
        using var archive = new ZipArchive(new MemoryStream(workbook));
        return archive.Entries.ToDictionary(entry => entry.FullName, entry =>
        {
            using var reader = new StreamReader(entry.Open());
            return reader.ReadToEnd();
        });
    }

    private static byte[] Packed(Dictionary<string, string> parts)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, text) in parts)
            {
                using var part = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
                part.Write(Encoding.UTF8.GetBytes(text));
            }
        }

        return stream.ToArray();
    }
}
