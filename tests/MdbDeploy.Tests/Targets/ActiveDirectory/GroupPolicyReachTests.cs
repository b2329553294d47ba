using MdbDeploy.Formats;
using MdbDeploy.Targets.ActiveDirectory;

namespace MdbDeploy.Tests.Targets.ActiveDirectory;

public class GroupPolicyReachTests
{
    private const string Id = "{AAAAAAAA-0000-0000-0000-000000000001}";
    private const string Ring = "S-1-5-21-1-2-3-1105";
    private const string Servers = "S-1-5-21-1-2-3-1106";
    private const string Foreign = "S-1-5-21-9-9-9-1100";

    [Theory]
    [InlineData("OU=A|OU=B*|DC=x", true, "by the link to 'OU=B'")]
    [InlineData("OU=A|DC=x*", true, "by the link to 'DC=x'")]
    [InlineData("OU=A|DC=x", false, "not linked to 'OU=A' or above")]
    [InlineData("OU=A#|OU=B*|DC=x", false, "'OU=A' blocks inheritance: enforce the link, or link it to 'OU=A'")]
    [InlineData("OU=A#*|DC=x", true, "by the link to 'OU=A'")]
    [InlineData("OU=A#|OU=B|DC=x!", true, "by the link to 'DC=x'")]
    [InlineData("OU=A-|DC=x", false, "The link of 'Ours' to 'OU=A' is switched off")]
    [InlineData("OU=A-|DC=x*", true, "by the link to 'DC=x'")]
    [InlineData("OU=A#|OU=B-|DC=x*", false, "blocks inheritance")]
    public void Links_and_inheritance_decide_as_the_client_does(string places, bool applies, string why)
    {
        // Of each place: * linked, ! enforced, - linked and switched off, # blocks inheritance.
        var above = places.Split('|').Select(place => new PolicyPlace(
            place.TrimEnd('*', '!', '-', '#'), place.Contains('#', StringComparison.Ordinal),
            place.Contains('*', StringComparison.Ordinal) ? [Link(0)] : place.Contains('!', StringComparison.Ordinal) ? [Link(2)] : place.Contains('-', StringComparison.Ordinal) ? [Link(1)] : [])).ToList();
        var reach = GroupPolicyReach.Decide(Policy(Everybody), "OU=A", above, _ => false);
        reach.Applies.ShouldBe(applies, reach.Detail);
        reach.Detail.ShouldContain(why);
    }

    [Fact]
    public void To_a_container_nothing_can_be_linked() =>
        GroupPolicyReach.Decide(Policy(Everybody), "CN=Computers,DC=x", [new("DC=x", false, [])], _ => false).Detail.ShouldContain("move the computer into a unit");

    [Fact]
    public void The_access_list_decides_for_whom_and_what_denies_wins()
    {
        Reach(Policy(ToRing), trustee => trustee == Ring).Applies.ShouldBe(true);
        Reach(Policy(ToRing), _ => false).Detail.ShouldContain("may not apply 'Ours'");
        Reach(Policy(ToRing), trustee => trustee == Ring ? null : false).Applies.ShouldBeNull();
        Reach(Policy([.. ToRing, Entry(6, 0x100, Servers, apply: true)]), trustee => trustee is Ring or Servers).Detail.ShouldContain("forbids the computer to apply");
        Reach(Policy([.. ToRing, Entry(1, 0x100, Servers)]), trustee => trustee is Ring or Servers).Applies.ShouldBe(false);
        Reach(Policy([.. ToRing, Entry(1, 0x10, Servers)]), trustee => trustee is Ring or Servers).Detail.ShouldContain("forbids the computer to read");
        // A right that is only passed on is none of the object's.
        Reach(Policy([.. ToRing, Entry(1, 0x100, Servers) with { Flags = AccessEntry.InheritOnly }]), trustee => trustee is Ring or Servers).Applies.ShouldBe(true);
        // Who may apply and not read does not get it (MS16-072).
        Reach(Policy([Entry(5, 0x100, Ring, apply: true)]), trustee => trustee == Ring).Detail.ShouldContain("may not read");
        Reach(Policy([Entry(0, 0x20094, Foreign), Entry(5, 0x100, Ring, apply: true)]), trustee => trustee == Foreign ? null : trustee == Ring).Applies.ShouldBeNull();
    }

    [Fact]
    public void What_the_directory_does_not_decide_is_not_guessed()
    {
        Reach(Policy(Everybody) with { HasWmiFilter = true }, _ => false).Applies.ShouldBeNull();
        GroupPolicyReach.Decide(Policy(Everybody) with { IsLinkedToSite = true }, "OU=A", [new("OU=A", false, [])], _ => false).Applies.ShouldBeNull();
        Reach(Policy(Everybody) with { Access = null }, _ => false).Applies.ShouldBeNull();
        Reach(Policy(Everybody) with { ComputerHalfDisabled = true }, _ => true).Applies.ShouldBe(false);
    }

    [Theory]
    [InlineData("CN=PC,OU=A,DC=x", "OU=A,DC=x")]
    [InlineData(@"CN=PC\,1,OU=A\\,DC=x", @"OU=A\\,DC=x")]
    [InlineData(@"OU=A\2C,DC=x", "DC=x")]
    [InlineData("DC=x", "")]
    public void The_place_above_a_name_is_found_behind_escaped_commas(string name, string parent) => DomainReach.ParentOf(name).ShouldBe(parent);

    private static readonly AccessEntry[] Everybody = [Entry(0, 0x20094, "S-1-5-11"), Entry(5, 0x100, "S-1-5-11", apply: true)];
    private static readonly AccessEntry[] ToRing = [Entry(0, 0x20094, "S-1-5-11"), Entry(5, 0x100, Ring, apply: true)];

    private static GroupPolicyReach Reach(PolicyObject policy, Func<string, bool?> isIn) => GroupPolicyReach.Decide(policy, "OU=A", [new("OU=A", false, [Link(0)])], isIn);

    private static PolicyObject Policy(IEnumerable<AccessEntry> access) => new(Id, "Ours", ComputerHalfDisabled: false, new SecurityDescriptor { Control = 0x8004, Dacl = [.. access] }, HasWmiFilter: false, IsLinkedToSite: false);

    private static GroupPolicyLink Link(int options) => GroupPolicyLink.Parse($"[LDAP://CN={Id.ToLowerInvariant()},CN=Policies,CN=System,DC=x;{options}]").Single();

    private static AccessEntry Entry(byte type, uint mask, string trustee, bool apply = false) => new()
    {
        Type = type,
        Flags = 0,
        Mask = mask,
        Trustee = trustee,
        ObjectTypes = apply ? [1, 0, 0, 0, .. new Guid("edacfd8f-ffb3-11d1-b41d-00a0c968f939").ToByteArray()] : [],
    };
}
