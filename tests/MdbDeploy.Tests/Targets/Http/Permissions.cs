using System.Buffers.Text;
using System.Text;
using CsCheck;
using MdbDeploy.Targets.Http;

namespace MdbDeploy.Tests.Targets.Http;

public class Permissions
{
    [Fact]
    public void An_application_has_roles_and_a_person_has_scopes()
    {
        var application = GrantedPermissions.Read(Token("""{"roles":["Group.ReadWrite.All","Device.Read.All"]}""")).ShouldNotBeNull();
        application.IsApplication.ShouldBeTrue();
        application.Names.Order(StringComparer.Ordinal).ShouldBe(["Device.Read.All", "Group.ReadWrite.All"]);
        var person = GrantedPermissions.Read(Token("""{"scp":"Group.ReadWrite.All  openid"}""")).ShouldNotBeNull();
        person.IsApplication.ShouldBeFalse();
        person.Names.ShouldContain("openid");
        GrantedPermissions.Read(Token("{}")).ShouldNotBeNull().Names.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"scp":7,"roles":[1]}""")]
    [InlineData("""{"scp":["x"],"roles":"y"}""")]
    [InlineData("[]")]
    [InlineData("{")]
    public void A_token_of_another_shape_tells_nothing_or_little_and_throws_nothing(string claims) =>
        (GrantedPermissions.Read(Token(claims))?.Names ?? []).ShouldBeEmpty();

    [Fact]
    public void No_text_crashes_the_reader() => Gen.String.Sample(text => GrantedPermissions.Read(text) is null || text.Contains('.', StringComparison.Ordinal));

    private static string Token(string claims) => $"e30.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}.c2ln";
}
