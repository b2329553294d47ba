using System.Globalization;
using System.Text.RegularExpressions;
using MdbDeploy.Inventory;

namespace MdbDeploy.Tests.Inventory;

/// <summary>Workbooks as Excel keeps them: dates are numbers with a format, and so is whatever looks like a number.</summary>
public partial class TypedCellTests
{
    private static readonly DateTime Seen = new(2025, 11, 20, 8, 12, 44);

    public static TheoryData<string> Samples => WrappedFileTests.Samples;

    [Theory]
    [MemberData(nameof(Samples))]
    public void An_export_that_Excel_opened_and_saved_gives_the_same_devices(string sample)
    {
        var plain = TempInventory.ReadFixtures(sample);
        var rows = Workbook.Records(TempInventory.Fixture(sample)).Select((row, r) => (IReadOnlyList<Cell>)[.. row.Select((text, c) => AsExcelReads(text, r == 0 ? 0 : r + c))]).ToList();
        var typed = TempInventory.ReadBytes([Workbook.Of(false, rows)]);
        WrappedFileTests.Facts(typed).ShouldBe(WrappedFileTests.Facts(plain).Select(fact => fact.ReplaceLineEndings("\n")), string.Join('\n', typed.Problems));
        typed.Sources[0].Profile.ShouldBe(plain.Sources[0].Profile);
        typed.Sources[0].Accepted.ShouldBe(plain.Sources[0].Accepted);
    }

    public static TheoryData<string> DateFormats => ["14", "15", "16", "17", "22", "yyyy\\-mm\\-dd", "dd.mm.yyyy hh:mm", "[$-407]d/\\ mmmm\\ yyyy;@", "[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", "m/d/yy h:mm AM/PM", "General"];

    [Theory]
    [MemberData(nameof(DateFormats))]
    public void A_date_is_read_whatever_its_format_shows(string format)
    {
        var fleet = Read(["name", "last seen"], [Cell.Shared("PC-1"), Cell.Date(Seen, format)], [Cell.Shared("PC-2"), Cell.Date(Seen, format).By("TODAY()-3")]);
        fleet.Devices.ShouldAllBe(device => device.LastSeen!.Value.UtcDateTime.Date == Seen.Date);
        // A number without a date's format is told, and read as the date it must be.
        fleet.Problems.Select(problem => problem.Code).ShouldBe(format == "General" ? ["MDB0230", "MDB0230"] : []);
    }

    [Fact]
    public void A_date_counted_from_1904_is_the_same_date()
    {
        var fleet = TempInventory.ReadBytes([Workbook.Of(true, [[Cell.Shared("name"), Cell.Shared("last seen")], [Cell.Shared("PC-1"), Cell.Date(Seen, countsFrom1904: true)]])]);
        fleet.Devices[0].LastSeen.ShouldBe(new DateTimeOffset(Seen, TimeSpan.Zero));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)] // Excel shows 1900-01-00
    [InlineData(1)]
    [InlineData(59)]
    [InlineData(60)] // Excel shows 1900-02-29, which never was
    [InlineData(2958465)] // 9999-12-31
    public void The_zero_and_the_end_of_Excels_calendar_mean_never(double days)
    {
        var fleet = Read(["name", "last seen"], [Cell.Shared("PC-1"), Cell.Number(days, "14")]);
        fleet.Devices[0].LastSeen.ShouldBeNull();
        fleet.Problems.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(2958466)]
    [InlineData(1e300)]
    [InlineData(0.25)] // six o'clock, of no day
    public void A_number_that_is_no_date_is_left_out_with_a_line(double days)
    {
        var fleet = Read(["name", "last seen"], [Cell.Shared("PC-1"), Cell.Number(days, days < 1 && days > 0 ? "20" : "14")]);
        fleet.Devices[0].LastSeen.ShouldBeNull();
        fleet.Problems.ShouldHaveSingleItem().Code.ShouldBe("MDB0227");
    }

    [Theory]
    [InlineData(123d, "General", "123")] // its zeros are gone, and nothing tells
    [InlineData(123d, "00000", "00123")] // the format has them
    [InlineData(123456789012345d, "General", "123456789012345")]
    [InlineData(1234567d, "#,##0", "1234567")]
    [InlineData(4711d, "0.00", "4711")]
    [InlineData(50000000000d, "11", null)] // 5E10, which Excel took for a number
    [InlineData(50000000000d, "##0.0E+0", null)]
    [InlineData(1.23456789012346E+17, "0", null)] // beyond 15 digits Excel has none
    public void A_serial_number_that_Excel_keeps_as_a_number_is_whole_or_left_out(double number, string format, string? serial)
    {
        var fleet = Read(["name", "serial"], [Cell.Shared("PC-1"), Cell.Number(number, format)]);
        fleet.Devices[0].Serial.ShouldBe(serial);
        fleet.Places().ShouldBe(serial is null ? ["a.csv(2,2) MDB0233"] : []);
    }

    [Theory]
    [InlineData(17763.653, "General", "17763", "MDB0242")] // 17763.6530, or 17763.653, or 17763.6503?
    [InlineData(17763.6, "0.00", "17763", "MDB0242")]
    [InlineData(17763.653, "0.0000", "17763.6530", null)]
    [InlineData(17763.6532, "General", "17763.6532", null)]
    [InlineData(17763d, "General", "17763", null)]
    public void A_revision_that_lost_its_last_zeros_is_unknown_and_not_another(double number, string format, string build, string? code)
    {
        var fleet = Read(["name", "os", "build"], [Cell.Shared("PC-1"), Cell.Shared("Windows 10"), Cell.Number(number, format)]);
        fleet.Devices[0].Build.ToString().ShouldBe(build);
        fleet.Problems.Select(problem => problem.Code).ShouldBe(code is null ? [] : [code]);
    }

    [Fact]
    public void A_number_that_could_be_a_build_is_itself_in_every_other_column()
    {
        var fleet = Read(["name", "os", "site", "tags", "domain"], [Cell.Number(17763.65), Cell.Number(12345.5), Cell.Number(12345.5), Cell.Number(10012.1), Cell.Shared("corp.example")]);
        var device = fleet.Devices.ShouldHaveSingleItem();
        (device.Name, device.Site, string.Join(' ', device.Tags)).ShouldBe(("17763.65", "12345.5", "10012.1"));
        fleet.Problems.ShouldAllBe(problem => !problem.ToString().Contains('\uFFFF') && !problem.ToString().Contains('?'));
        fleet.Problems.Select(problem => problem.Code).ShouldNotContain("MDB0242");
    }

    [Fact]
    public void True_and_false_an_error_and_a_formula_are_read_as_they_show()
    {
        var fleet = Read(
            ["name", "golden image", "tags", "site", "ring"],
            [Cell.Calculated("UPPER(\"pc-1\")", "PC-1"), Cell.Truth(true), Cell.Error("#N/A"), Cell.Error("#REF!").By("A9"), Cell.Number(0.1, "9")],
            [Cell.Number(10012), Cell.Truth(false).By("1=2"), Cell.Calculated("HYPERLINK(\"http://x\")", "=HYPERLINK(\"http://x\")"), Cell.Blank, Cell.Number(2)]);
        fleet.Devices.Select(device => (device.Name, device.IsGoldenImage, string.Join(' ', device.Tags), device.Site, device.RequestedRing)).ShouldBe(
            [("10012", false, "=HYPERLINK(\"http://x\")", null, "2"), ("PC-1", true, "", null, "10%")]);
        fleet.Problems.ShouldBeEmpty();
    }

    [Fact]
    public void A_formula_that_was_never_calculated_leaves_a_line()
    {
        var fleet = Read(["name", "site"], [Cell.Calculated("B9", null), Cell.Shared("OSL")], [Cell.Error("#NAME?"), Cell.Shared("BGO")]);
        fleet.Devices.ShouldBeEmpty();
        fleet.Places().ShouldBe(["a.csv(2) MDB0221", "a.csv(3) MDB0221"]);
    }

    [Fact]
    public void A_line_end_that_Excel_wrote_in_its_own_way_is_one() =>
        Read(["name", "site"], [Cell.Shared("PC-1"), Cell.Shared("a_x000D_\nb")]).Devices[0].Site.ShouldBe("a\r\nb");

    private static Fleet Read(string[] header, params IReadOnlyList<Cell>[] rows) =>
        TempInventory.ReadBytes([Workbook.Of(false, [[.. header.Select(Cell.Shared)], .. rows])]);

    /// <summary>What Excel makes of a text that somebody types or opens; the rest stays text, in each of the ways there are.</summary>
    private static Cell AsExcelReads(string text, int turn)
    {
        if (turn == 0)
        {
            return Cell.Shared(text);
        }

        if (text.Length == 0)
        {
            return Cell.Blank;
        }

        if (text is "True" or "False")
        {
            return Cell.Truth(text == "True");
        }

        if (text[0] == '#')
        {
            return Cell.Error(text);
        }

        if (DateText.Parse(text) is { Kind: DateKind.Date } date && text.Length > 8 && !text.All(char.IsAsciiDigit))
        {
            return Cell.Date(date.Value.UtcDateTime);
        }

        if (PlainNumber().IsMatch(text))
        {
            var format = text.Contains('E', StringComparison.Ordinal) ? "11" : text.Length > 1 && text[0] == '0' && !text.Contains('.', StringComparison.Ordinal) ? new string('0', text.Length) : "General";
            return Cell.Number(double.Parse(text, CultureInfo.InvariantCulture), format);
        }

        return (turn % 3) switch { 0 => Cell.Shared(text), 1 => Cell.Inline(text), _ => Cell.Calculated("A1", text) };
    }

    [GeneratedRegex(@"^\d{1,15}(\.\d+)?(E\+?\d+)?$")]
    private static partial Regex PlainNumber();
}
