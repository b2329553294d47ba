using CsCheck;
using MdbDeploy.Rendering;
using MdbDeploy.Targets.ConfigMgr;

namespace MdbDeploy.Tests.Targets.ConfigMgr;

public class QueryExpressionTests
{
    private const string Sent = "select SMS_R_System.Name from SMS_R_System where SMS_R_System.Name in ('PC-1','PC-2')";

    [Theory]
    [InlineData("select SMS_R_SYSTEM.ResourceID,SMS_R_SYSTEM.Client from SMS_R_System where SMS_R_System.Name in ('PC-1','PC-2')", true)]
    [InlineData("SELECT x  FROM sms_r_system\r\n WHERE SMS_R_System.Name IN ( \"PC-1\", \"pc-2\" )", true)]
    [InlineData("select x from SMS_R_System where SMS_R_System.Name in ('PC-1','PC-3')", false)]
    [InlineData("select x from SMS_R_System where SMS_R_System.Name in ('PC-1')", false)]
    [InlineData("select x from SMS_R_System where SMS_R_System.Name in ('PC -1','PC-2')", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Queries_are_the_same_when_they_are_the_same_from_FROM_on(string? live, bool same) => QueryExpression.AreSame(live, Sent).ShouldBe(same);

    [Fact]
    public void A_from_inside_a_string_is_not_the_FROM() =>
        QueryExpression.AreSame("select 'a from b' from SMS_R_System where Name = 'x'", "select y from SMS_R_System where Name = 'x'").ShouldBeTrue();

    [Fact]
    public void Names_are_found_as_they_were_whatever_they_hold() =>
        Gen.String[Gen.Char["aB1-'\"\\%_[],() from"], 1, 8].List[1, 6].Sample(names =>
        {
            var query = $"select * from SMS_R_System where SMS_R_System.Client = 1 and SMS_R_System.Name in ({string.Join(",", names.Select(n => $"'{Escaping.Wql(n)}'"))}) and SMS_R_System.Obsolete = 0";
            QueryExpression.Names(query).ShouldBe(names);
        });

    [Theory]
    [InlineData("select * from SMS_R_System where sms_r_system.name = \"PC-1\" or SMS_R_System.Name = 'PC-2'", "PC-1 PC-2")]
    [InlineData("select * from SMS_R_System where SMS_R_System.Name like 'PC%'", "")]
    [InlineData("select * from SMS_R_System where SMS_R_System.OperatingSystem in ('a','b')", "")]
    [InlineData("SMS_R_System.Name in (", "")]
    [InlineData("'", "")]
    public void Other_conditions_name_no_devices(string query, string names) => string.Join(' ', QueryExpression.Names(query)).ShouldBe(names);
}
