using MdbDeploy.Diagnostics;
using MdbDeploy.Inventory;
using MdbDeploy.Planning;

namespace MdbDeploy.Tests.Planning;

public class DeviceExpressionTests
{
    private static readonly Location At = new("mdbdeploy.yaml", 12, 14);

    private static readonly Device Known = Sample.Device("LT-OSL-07") with
    {
        Fqdn = "lt-osl-07.corp.contoso.example",
        Domain = "CORP",
        Join = JoinType.Hybrid,
        ManagedBy = Management.Intune | Management.ConfigurationManager,
        Ou = @"OU=R\, D,OU=Oslo,DC=corp",
        Site = "OSL",
        Tags = ["Pilot", "O'Brien & Söhne"],
        Vdi = VdiKind.NonPersistentSingle,
        Image = "w11",
        Owner = "kari@contoso.example",
        Serial = "SN07",
    };

    private static readonly Device Blank = new() { Name = "X" };

    [Theory]
    [InlineData("name == 'lt-osl-07'", true)] // as Windows: without regard to case
    [InlineData("fqdn contains 'corp.contoso'", true)]
    [InlineData("domain != 'CORP'", false)]
    [InlineData("os == 'windows-client' and edition == 'pro'", true)]
    [InlineData("os == 'macos'", false)]
    [InlineData("build >= 22631", true)]
    [InlineData("build < 22631", false)]
    [InlineData("build > -1 and build <= 22631 and build == 22631.0", true)]
    [InlineData("role == 'client'", true)]
    [InlineData("join == \"hybrid\"", true)]
    [InlineData("managedBy contains 'intune' and managedBy contains 'configuration-manager'", true)]
    [InlineData("managedBy contains 'other-mdm'", false)]
    [InlineData("ou contains 'OU=Oslo'", true)]
    [InlineData(@"ou contains 'OU=R\, D,'", true)] // a backslash is a backslash
    [InlineData(@"domain != 'CORP\x'", true)]
    [InlineData(@"domain != 'CORP\'", true)]
    [InlineData("site == 'OSL' and join == 'domain'", false)]
    [InlineData("site == 'OSL' or join == 'domain'", true)]
    [InlineData("tags contains 'pilot'", true)]
    [InlineData("tags contains 'Pil'", false)] // a list holds whole texts
    [InlineData("tags contains \"O'Brien & Söhne\"", true)]
    [InlineData("vdi contains 'non-persistent'", true)]
    [InlineData("vdi == 'non-persistent-single'", true)]
    [InlineData("image == 'w11' and owner contains '@contoso' and serial == 'SN07'", true)]
    [InlineData("golden", false)]
    [InlineData("not(golden)", true)]
    [InlineData("not(not(golden)) or not(golden) and site == 'OSL'", true)]
    [InlineData("not(site == 'OSL' or golden) or not(golden)", true)]
    [InlineData("golden == false and state == 'active'", true)]
    [InlineData("not(site == 'OSL') or not(golden)", true)]
    [InlineData("true", true)]
    // and binds tighter than or; parentheses change that
    [InlineData("site == 'OSL' or golden and golden", true)]
    [InlineData("(site == 'OSL' or golden) and golden", false)]
    [InlineData("  site ==\n  'OSL'  ", true)]
    public void A_condition_holds_or_not(string text, bool expected) => Compile(text).Holds(Known).ShouldBe(expected);

    [Theory]
    [InlineData("site == ''", true)]
    [InlineData("site contains 'O'", false)]
    [InlineData("tags contains 'Pilot'", false)]
    [InlineData("managedBy contains 'intune'", false)]
    [InlineData("build >= 0", false)] // nobody knows, so neither order holds
    [InlineData("build < 0 or build >= 0", false)]
    [InlineData("build != 22631", true)]
    [InlineData("os == 'unknown' and join == 'unknown' and edition == 'unknown' and role == 'unknown' and vdi == 'none'", true)]
    public void What_no_source_knows_is_empty(string text, bool expected) => Compile(text).Holds(Blank).ShouldBe(expected);

    [Theory]
    [InlineData("", "\"\" is no condition: it is empty.")]
    [InlineData("location == 'OSL'", "In \"location == 'OSL'\", at character 1: there is no field 'location'; known are build, domain, edition, fqdn, golden, image, join, managedBy, name, os, ou, owner, role, serial, site, state, tags, vdi; texts stand in quotes.")]
    [InlineData("golden or sit == 'OSL'", "In \"golden or sit == 'OSL'\", at character 11: there is no field 'sit'; did you mean 'site', or the text 'sit' in quotes?")]
    [InlineData("site = 'OSL'", "In \"site = 'OSL'\", at character 1: a single = compares nothing: write ==.")]
    [InlineData("golden && golden", "In \"golden && golden\", at character 8: write and, or instead of && and ||.")]
    [InlineData("site <> 'OSL'", "In \"site <> 'OSL'\", at character 7: write != instead of <>.")]
    [InlineData("site == 'OSL", "In \"site == 'OSL\", at character 13: a quote is not closed.")]
    [InlineData("site ==", "In \"site ==\", at character 8: it cannot be read from here on.")]
    [InlineData("site", "In \"site\", at character 1: the whole condition is a text, not true or false: compare it, for example with == ''.")]
    [InlineData("golden and site", "In \"golden and site\", at character 12: what stands right of 'and' is a text, not true or false: compare it, for example with == ''.")]
    [InlineData("not(site)", "In \"not(site)\", at character 5: what follows 'not' is a text, not true or false: compare it, for example with == ''.")]
    [InlineData("golden or not (golden)", "In \"golden or not (golden)\", at character 11: write not(...) with the parenthesis right after it.")]
    [InlineData("not golden", "In \"not golden\", at character 1: write not(...) with the parenthesis right after it.")]
    [InlineData(@"ou == 'a\b' and sit == 'x'", @"In ""ou == 'a\b' and sit == 'x'"", at character 17: there is no field 'sit'; did you mean 'site', or the text 'sit' in quotes?")]
    [InlineData("build == '19045'", "In \"build == '19045'\", at character 1: '==' does not go with a number and a text: numbers stand without quotes.")]
    [InlineData("site > 'OSL'", "In \"site > 'OSL'\", at character 1: '>' does not go with a text and a text.")]
    [InlineData("tags == 'Pilot'", "In \"tags == 'Pilot'\", at character 1: a list is asked with contains, for example tags contains 'Pilot'.")]
    [InlineData("join == 'hybird'", "In \"join == 'hybird'\", at character 1: 'hybird' is none of unknown, entra, hybrid, domain, registered, synthetic, none; did you mean 'hybrid'?")]
    [InlineData("managedBy contains 'sccm'", "In \"managedBy contains 'sccm'\", at character 1: 'sccm' is none of intune, configuration-manager, defender, other-mdm.")]
    [InlineData("site == null", "In \"site == null\", at character 9: a field that is not known is ''.")]
    [InlineData("site 'OSL'", "In \"site 'OSL'\", at character 1: an operator is missing after 'site'.")]
    public void A_mistake_is_told_with_its_place(string text, string message)
    {
        var diagnostic = DeviceExpression.Compile(text, At).Diagnostics.ShouldHaveSingleItem();
        (diagnostic.Code, diagnostic.Where).ShouldBe(("MDB0301", At));
        diagnostic.Message.ShouldBe(message);
    }

    [Fact]
    public void All_mistakes_of_a_condition_are_told_at_once() =>
        DeviceExpression.Compile("sit == 'OSL' and (join == 'hybird' or build == 'x')", At).Diagnostics.Count.ShouldBe(3);

    [Theory]
    [InlineData("true %}{% endif %}{{ 'x' | upcase }}{% if true")]
    [InlineData("site == '%}'")]
    [InlineData("true }}{{ 1")]
    [InlineData("golden; golden")]
    [InlineData("include 'C:/Windows/win.ini'")]
    [InlineData("env 'PATH'")]
    [InlineData("site | upcase == 'X'")]
    [InlineData("object.eval '1'")]
    [InlineData("site.size > 1")]
    [InlineData("tags[0] == 'Pilot'")]
    [InlineData("this == 1")]
    [InlineData("forloop.index == 1")]
    [InlineData("(1..100000000) contains 5")]
    [InlineData("1..9 == 2")]
    [InlineData("'a' * 1000000000 == 'b'")]
    [InlineData("build + 1 == 2")]
    [InlineData("a = 1")]
    [InlineData("golden %")]
    [InlineData("\u0000")]
    [InlineData("{% raw %}")]
    [InlineData("golden elsif true")]
    public void Anything_but_a_comparison_of_fields_is_refused(string text)
    {
        var outcome = DeviceExpression.Compile(text, At);
        outcome.Value.ShouldBeNull();
        outcome.Diagnostics.ShouldAllBe(d => d.Code == "MDB0301");
    }

    [Fact]
    public void Endless_nesting_and_endless_text_are_refused()
    {
        var nested = new string('(', 900) + "golden" + new string(')', 900);
        DeviceExpression.Compile(nested, At).Diagnostics.ShouldHaveSingleItem().Message.ShouldContain("nested too deeply");
        DeviceExpression.Compile(string.Join(" and ", Enumerable.Repeat("golden", 500)), At).Diagnostics.ShouldHaveSingleItem().Message.ShouldContain("longer than 2000 characters");
        Compile(string.Join(" or ", Enumerable.Range(0, 100).Select(i => $"site == '{i}'"))).Holds(Known).ShouldBeFalse();
    }

    [Fact]
    public void Any_text_at_all_is_compiled_or_told() =>
        CsCheck.Check.Sample(CsCheck.Gen.String[CsCheck.Gen.Char[" ().,=<>!'\"\\{}%|andornotcontainssitebuildtags0123456789\n\0é"], 0, 40], text =>
        {
            var outcome = DeviceExpression.Compile(text, At);
            if (outcome.Value is { } expression)
            {
                expression.Holds(Blank);
            }
            else
            {
                outcome.Diagnostics.ShouldNotBeEmpty();
            }
        }, iter: 3000);

    [Fact]
    public void An_explanation_shows_the_values_that_were_looked_at() =>
        Compile("site == 'OSL' and build > 1 and tags contains 'x' and not(golden)").Values(Blank).ShouldBe("build is unknown, golden is false, site is empty, tags is empty");

    private static DeviceExpression Compile(string text)
    {
        var outcome = DeviceExpression.Compile(text, At);
        outcome.Diagnostics.ShouldBeEmpty();
        return outcome.Value!;
    }
}
