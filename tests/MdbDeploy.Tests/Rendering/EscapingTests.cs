using System.Management.Automation.Language;
using System.Text.Json;
using System.Xml.Linq;
using AngleSharp.Html.Parser;
using CsCheck;
using MdbDeploy.Rendering;

namespace MdbDeploy.Tests.Rendering;

public class EscapingTests
{
    private static readonly Gen<string> Hostile = Gen.OneOf(
        Gen.String,
        Among(
            "O'Brien & <test>", "L\u2019Or\u00E9al", "\u2018; Stop-Computer; \u201B", "]]>", "%PATH%", "$(Get-Process)", "`n", "a\r\nb", "=cmd|' /C calc'!A0", "\"", "\\", "\0",
            "{{ project }}", "</script><script>alert(1)</script>", "\uD800", "😀"));

    [Theory]
    [InlineData("PC-1", "PC-1")]
    [InlineData("a\"b\\c", "a\\\"b\\\\c")]
    [InlineData("a\r\nb\u2028c", "a\\x000D\\x000Ab\\x2028c")]
    public void A_MOF_string_never_ends_or_breaks_off_early(string text, string escaped) => Escaping.Mof(text).ShouldBe(escaped);

    [Fact]
    public void Any_text_stays_one_string_constant_in_powershell() => Hostile.Sample(text =>
    {
        var ast = Parser.ParseInput($"$x = '{Escaping.PowerShell(text)}'", out _, out var errors);
        errors.ShouldBeEmpty();
        var constants = ast.FindAll(node => node is StringConstantExpressionAst { StringConstantType: StringConstantType.SingleQuoted }, true).ToList();
        constants.Count.ShouldBe(1);
        ((StringConstantExpressionAst)constants[0]).Value.ShouldBe(text.Replace('\0', '\uFFFD'));
        ast.FindAll(node => node is CommandAst, true).ShouldBeEmpty();
    });

    [Fact]
    public void Any_text_that_xml_can_hold_reads_back_from_an_attribute_and_from_text() => Hostile.Sample(text =>
    {
        var element = XElement.Parse($"<a b=\"{Escaping.Xml(text)}\">{Escaping.Xml(text)}</a>", LoadOptions.PreserveWhitespace);
        element.Attribute("b")!.Value.ShouldBe(element.Value);
        if (text.All(c => c is >= ' ' and < '\uD800' or '\t' or '\n' or '\r'))
        {
            element.Value.ShouldBe(text);
        }
    });

    [Fact]
    public void Any_text_reads_back_from_json() => Gen.String.Where(WellFormed).Sample(text =>
        JsonSerializer.Deserialize<string>($"\"{Escaping.Json(text)}\"").ShouldBe(text));

    [Fact]
    public void Any_text_is_inert_in_html() => Hostile.Where(WellFormed).Sample(text =>
    {
        var document = new HtmlParser().ParseDocument($"<p id=x title=\"{Escaping.Html(text)}\">{Escaping.Html(text)}</p>");
        document.Scripts.Length.ShouldBe(0);
        document.Body!.Children.Length.ShouldBe(1);
    });

    [Theory]
    [InlineData("=1+1", "\"'=1+1\"")]
    [InlineData("@SUM(A1)", "\"'@SUM(A1)\"")]
    [InlineData("a \"quoted\" name", "\"a \"\"quoted\"\" name\"")]
    [InlineData("LT-SE-0001", "\"LT-SE-0001\"")]
    public void A_csv_field_is_quoted_and_never_a_formula(string text, string field) => Escaping.Csv(text).ShouldBe(field);

    [Theory]
    [InlineData("a\"b")]
    [InlineData("a\nb")]
    [InlineData("wow!")]
    public void A_batch_file_refuses_what_cmd_cannot_quote(string text) => Should.Throw<FormatException>(() => Escaping.Cmd(text));

    [Fact]
    public void A_batch_file_doubles_percent_signs() => Escaping.Cmd("%PATH%").ShouldBe("%%PATH%%");

    [Theory]
    [InlineData("O'Brien", "O\\'Brien")]
    [InlineData("a\\b", "a\\\\b")]
    [InlineData("100%_[x]", "100%_[x]")]
    public void Wql_strings_escape_quotes_and_backslashes(string text, string wql) => Escaping.Wql(text).ShouldBe(wql);

    [Theory]
    [InlineData("..", "_")]
    [InlineData("../../etc/passwd", ".._.._etc_passwd")]
    [InlineData("CON", "_CON")]
    [InlineData("nul.txt", "_nul.txt")]
    [InlineData("Pilot ring", "Pilot ring")]
    [InlineData("", "_")]
    [InlineData("a:b|c", "a_b_c")]
    public void A_path_segment_never_leaves_its_folder(string text, string segment) =>
        Escaping.PathSegment(text).ShouldBe(segment);

    [Fact]
    public void Markdown_values_cannot_start_markup() =>
        Escaping.Markdown("[x](javascript:alert(1)) | `<b>`\n# head").ShouldBe("\\[x\\](javascript:alert(1)) \\| \\`\\<b>\\` # head");

    [Fact]
    public void An_unknown_file_type_has_no_escaper() => Escaping.NameForFile("payload.exe").ShouldBeNull();

    private static Gen<string> Among(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static bool WellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !(char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[++i])))
            {
                return false;
            }
        }

        return true;
    }
}
