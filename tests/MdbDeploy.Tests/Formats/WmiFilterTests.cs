using System.Text;
using CsCheck;
using MdbDeploy.Diagnostics;
using MdbDeploy.Formats;

namespace MdbDeploy.Tests.Formats;

public class WmiFilterTests
{
    private static readonly WmiFilter Sample = new()
    {
        Id = new Guid("09b5b9bd-40f6-4092-b2cb-fa3fbcc54921"),
        Name = "Clients \"and\" servers; é",
        Description = "Back\\slash\nand line",
        Domain = "corp.contoso.example",
        Changed = new DateTimeOffset(2026, 1, 31, 8, 9, 10, 123, TimeSpan.Zero),
        Queries = [new(WmiQuery.Cim, "SELECT * FROM Win32_OperatingSystem WHERE ProductType = \"1\""), new(@"root\ccm", "SELECT * FROM A;B")],
    };

    [Fact]
    public void The_attribute_counts_queries_and_the_length_of_each_text()
    {
        WmiQueries.Write([new(WmiQuery.Cim, "SELECT * FROM Win32_Battery")]).ShouldBe(@"1;3;10;27;WQL;root\CIMv2;SELECT * FROM Win32_Battery;");
        Sample.Parm2.ShouldBe("2;3;10;59;WQL;root\\CIMv2;SELECT * FROM Win32_OperatingSystem WHERE ProductType = \"1\";3;8;17;WQL;root\\ccm;SELECT * FROM A;B;");
    }

    [Fact]
    public void What_is_written_is_read_back() => Gen.Select(Gen.String, Gen.String).Select((space, query) => new WmiQuery(space, query)).List[0, 5].Sample(queries =>
        WmiQueries.Read(WmiQueries.Write(queries), "x").Value.ShouldBe(queries));

    [Theory]
    [InlineData("", "does not begin with the number of queries")]
    [InlineData("x;", "does not begin with the number of queries")]
    [InlineData("-1;", "does not begin with the number of queries")]
    [InlineData("2000000000;", "does not begin with the number of queries")]
    [InlineData("1;3;10;", "Query 1 does not begin with three lengths")]
    [InlineData(@"1;3;10;26;WQL;root\CIMv2;SELECT * FROM Win32_Battery;", "A length of query 1")]
    [InlineData(@"1;3;9;27;WQL;root\CIMv2;SELECT * FROM Win32_Battery;", "A length of query 1")]
    [InlineData(@"1;3;10;2147483647;WQL;root\CIMv2;S;", "A length of query 1")]
    [InlineData(@"1;3;10;1;SQL;root\CIMv2;S;", "in the language 'SQL'")]
    [InlineData(@"0;3;10;1;WQL;root\CIMv2;S;", "Something follows the 0 queries")]
    [InlineData(@"2;3;10;1;WQL;root\CIMv2;S;", "Query 2 does not begin with three lengths")]
    public void A_filter_that_windows_takes_for_false_is_an_error(string text, string words)
    {
        var diagnostic = WmiQueries.Read(text, "filter").Diagnostics.ShouldHaveSingleItem();
        (diagnostic.Code, diagnostic.Where.Subject).ShouldBe((Problems.WmiFilterInvalid.Code, "filter"));
        diagnostic.Message.ShouldContain(words);
    }

    [Fact]
    public void No_text_crashes_the_reader() => Gen.Select(Gen.Int[0, Sample.Parm2.Length], Gen.String[Gen.Char["0123456789;WQL"], 0, 12], Gen.Int[0, 30]).Sample((at, noise, drop) =>
        WmiQueries.Read(Sample.Parm2[..at] + noise + Sample.Parm2[Math.Min(Sample.Parm2.Length, at + drop)..], "x"));

    [Fact]
    public void A_policy_names_its_filter() => Sample.Link("corp.contoso.example").ShouldBe("[corp.contoso.example;{09B5B9BD-40F6-4092-B2CB-FA3FBCC54921};0]");

    [Fact]
    public void The_export_is_what_the_console_imports()
    {
        var bytes = Sample.WriteMof();
        bytes[..2].ShouldBe([0xFF, 0xFE]);
        Encoding.Unicode.GetString(bytes.AsSpan(2)).ShouldBe(
            """
            instance of MSFT_SomFilter
            {
            	Author = "";
            	ChangeDate = "20260131080910.123000-000";
            	CreationDate = "20260131080910.123000-000";
            	Description = "Back\\slash\x000Aand line";
            	Domain = "corp.contoso.example";
            	ID = "{09B5B9BD-40F6-4092-B2CB-FA3FBCC54921}";
            	Name = "Clients \"and\" servers; \x00E9";
            	Rules = {
            instance of MSFT_Rule
            {
            	Query = "SELECT * FROM Win32_OperatingSystem WHERE ProductType = \"1\"";
            	QueryLanguage = "WQL";
            	TargetNameSpace = "root\\CIMv2";
            }, 
            instance of MSFT_Rule
            {
            	Query = "SELECT * FROM A;B";
            	QueryLanguage = "WQL";
            	TargetNameSpace = "root\\ccm";
            }};
            };

            """.ReplaceLineEndings("\r\n"));
    }
}
