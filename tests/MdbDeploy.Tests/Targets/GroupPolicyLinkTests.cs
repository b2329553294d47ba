using MdbDeploy.Targets.ActiveDirectory;

namespace MdbDeploy.Tests.Targets;

public class GroupPolicyLinkTests
{
    private const string Theirs = "[LDAP://cn={31B2F340-016D-11D2-945F-00C04FB984F9},cn=policies,cn=system,DC=corp,DC=example;2]";
    private const string Ours = "{3136BF96-AECA-5B5D-983E-7E557AB2227E}";

    [Fact]
    public void A_new_link_comes_first_and_the_others_keep_their_text()
    {
        var after = GroupPolicyLink.Change(Theirs, [$"CN={Ours},CN=Policies,CN=System,DC=corp,DC=example"], new HashSet<string>());
        after.ShouldBe($"[LDAP://CN={Ours},CN=Policies,CN=System,DC=corp,DC=example;0]{Theirs}");
        GroupPolicyLink.Parse(after).Select(l => (l.Gpo, l.Options)).ShouldBe([(Ours, 0), ("{31B2F340-016D-11D2-945F-00C04FB984F9}", 2)]);
        GroupPolicyLink.Change(after, [], new HashSet<string> { Ours }).ShouldBe(Theirs);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("[LDAP://CN={nonsense},CN=Policies;0]")]
    public void What_is_no_link_is_left_alone(string? attribute)
    {
        GroupPolicyLink.Parse(attribute).ShouldBeEmpty();
        GroupPolicyLink.Change(attribute, [], new HashSet<string> { Ours }).ShouldBe(attribute ?? "");
    }
}
