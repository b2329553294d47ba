using System.Globalization;
using System.Text.Json.Nodes;
using MdbDeploy.Diagnostics;
using MdbDeploy.EndToEnd.Commands;
using MdbDeploy.Lab;
using MdbDeploy.Targets;

namespace MdbDeploy.EndToEnd.ConfigMgr;

/// <summary>Members by direct rules and by a custom property: the two roads on which the site's own ResourceIDs are needed.</summary>
public class MembersOneByOne
{
    [Theory]
    [InlineData("direct", "AdminService.AddMembershipRule")]
    [InlineData("custom-property", "AdminService.SetExtensionData")]
    public async Task The_rings_hold_the_same_devices_as_by_names_and_a_second_push_writes_nothing(string membership, string action)
    {
        await using var byName = await LabbedProject.StartAsync();
        (await byName.RunAsync("push", "--yes", "--target", "configmgr", "--wait", "20")).ExitCode.ShouldBe(0);
        await using var test = await LabbedProject.StartAsync(membership: membership);
        var push = await test.RunAsync("push", "--yes", "--target", "configmgr", "--wait", "20");
        push.ExitCode.ShouldBe(0, push.Output + push.Error);
        push.Output.ShouldContain("devices are members.");
        MembersOf(test.Lab).ShouldBe(MembersOf(byName.Lab));
        MembersOf(test.Lab).ShouldContain(c => c.Contains("Ring", StringComparison.Ordinal) && !c.EndsWith(": ", StringComparison.Ordinal));
        test.Lab.Requests.Writes.ShouldContain(w => w.Path.EndsWith(action, StringComparison.Ordinal));

        test.Lab.Requests.Clear();
        var second = await test.RunAsync("push", "--yes", "--target", "configmgr");
        second.ExitCode.ShouldBe(0, second.Output + second.Error);
        test.Lab.Requests.Writes.ShouldBeEmpty();
        (await test.RunAsync("diff", "--target", "configmgr")).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task A_name_that_several_records_bear_is_left_out_unless_its_domain_decides()
    {
        await using var site = await TestSite.StartAsync(["PC-1", "TWIN", "TWIN"], seed: d => d with { Fqdn = d.Name == "TWIN" ? null : d.Fqdn });
        var plan = await site.Plan(Rings.ByDirectRules(("pilot", ["PC-1", "TWIN", "GONE"])));
        plan.IsRefused.ShouldBeFalse();
        plan.Diagnostics.Select(d => d.Problem).ShouldBe([Problems.DeviceNotInSite, Problems.DeviceRecordUnclear]);
        plan.Diagnostics[1].Message.ShouldEndWith("TWIN.");
        (await site.Push(Rings.ByDirectRules(("pilot", ["PC-1", "TWIN", "GONE"])))).IsComplete.ShouldBeTrue();
        await site.Elsewhere(HttpMethod.Get, "SMS_Site");
        site.The("MDB - pilot").Members.ShouldBe(["PC-1"]);

        await using var domains = await TestSite.StartAsync(["PC-1", "TWIN", "TWIN"], seed: d => d with { Fqdn = d.Fqdn!.StartsWith("pc2", StringComparison.Ordinal) ? "twin.lab.contoso.example" : d.Fqdn });
        var decided = Rings.ByDirectRules(("pilot", ["TWIN@lab.contoso.example"]));
        (await domains.Plan(decided)).Diagnostics.ShouldBeEmpty();
        (await domains.Push(decided)).IsComplete.ShouldBeTrue();
        domains.The("MDB - pilot").Rules.ShouldHaveSingleItem()["ResourceID"]!.ToString().ShouldBe(await IdOf(domains, "TWIN", "lab.contoso.example"));
    }

    [Fact]
    public async Task Direct_rules_follow_the_ring_and_leave_those_of_others()
    {
        await using var site = await TestSite.StartAsync();
        await site.Push(Rings.ByDirectRules(("pilot", ["PC-1", "PC-2"]), ("broad", [])));
        await site.AddRuleElsewhere(site.The("MDB - pilot").Id, Rings.Direct("by hand", int.Parse(await IdOf(site, "PC-3"), CultureInfo.InvariantCulture)));
        site.Lab.Requests.Clear();
        var moved = Rings.ByDirectRules(("pilot", ["PC-2"]), ("broad", ["PC-1"]));
        (await site.Push(moved)).IsComplete.ShouldBeTrue();
        await site.Elsewhere(HttpMethod.Get, "SMS_Site");
        site.The("MDB - pilot").Members.Order().ShouldBe(["PC-2", "PC-3"]);
        site.The("MDB - broad").Members.ShouldBe(["PC-1"]);
        site.Lab.Requests.Writes.Count(w => w.Path.Contains("MembershipRule", StringComparison.Ordinal)).ShouldBe(2);
        (await site.Plan(moved)).HasWrites.ShouldBeFalse();
    }

    [Fact]
    public async Task A_property_moves_with_its_device_is_not_taken_from_who_got_another_and_stays_when_its_answer_is_lost()
    {
        // Two in each push, so that whichever request they meet has an attempt left: rings are written at the same time.
        await using var site = await TestSite.StartAsync(faults: string.Join(',', new[] { 2, 4, 6, 8 }.Select(n => $"lost-answer:POST:/AdminService_TokenAuth/v1.0/Device:{n}")));
        (await site.Push(Rings.ByProperty(("pilot", ["PC-1", "PC-2"]), ("broad", ["PC-3"])))).IsComplete.ShouldBeTrue();
        await site.Elsewhere(HttpMethod.Get, "SMS_Site");
        site.The("MDB - pilot").Members.Order().ShouldBe(["PC-1", "PC-2"]);
        site.Lab.Requests.Writes.Count(w => w.Path.EndsWith("SetExtensionData", StringComparison.Ordinal)).ShouldBe(5, "three devices, and two again");

        site.Lab.Requests.Clear();
        var moved = Rings.ByProperty(("pilot", ["PC-2"]), ("broad", ["PC-1"]));
        (await site.Push(moved)).IsComplete.ShouldBeTrue();
        await site.Elsewhere(HttpMethod.Get, "SMS_Site");
        site.The("MDB - pilot").Members.ShouldBe(["PC-2"]);
        site.The("MDB - broad").Members.ShouldBe(["PC-1"]);
        site.Lab.Requests.Writes.Count.ShouldBeInRange(4, 5, "two devices, and two again; one of them twice when the ring it left was first");
        site.Lab.Requests.Writes.ShouldAllBe(w => w.Path.EndsWith("SetExtensionData", StringComparison.Ordinal), "moving devices changes no rule");
        (await Values(site)).ShouldBe(["broad", "pilot", "(none)"]);
        (await site.Plan(moved)).HasWrites.ShouldBeFalse();
    }

    [Fact]
    public async Task Who_was_given_another_value_by_hand_is_drift_and_other_properties_stay()
    {
        await using var site = await TestSite.StartAsync();
        var bundle = Rings.ByProperty(("pilot", ["PC-1"]));
        await site.Push(bundle);
        await SetElsewhere(site, "PC-1", new JsonObject { ["MdbDeploy.contoso.Ring"] = "theirs", ["Owner"] = "Ann" });
        var change = (await site.Plan(bundle)).Changes.Where(c => c.IsWrite).ShouldHaveSingleItem();
        change.Fields.ShouldHaveSingleItem().IsDrift.ShouldBeTrue();
        (await site.Push(bundle)).IsComplete.ShouldBeTrue();
        var rows = (await site.Elsewhere(HttpMethod.Get, "SMS_G_System_ExtensionData"))["value"]!.AsArray();
        rows.Select(r => $"{r!["PropertyName"]}={r["PropertyValue"]}").ShouldBe(["MdbDeploy.contoso.Ring=pilot", "Owner=Ann"]);
    }

    [Fact]
    public async Task A_site_without_custom_properties_is_told_what_else_there_is()
    {
        await using var site = await TestSite.StartAsync(faults: "404:GET:/AdminService_TokenAuth/wmi/SMS_G_System_ExtensionData");
        (await Should.ThrowAsync<TargetException>(() => site.Plan(Rings.ByProperty(("pilot", ["PC-1"]))))).Diagnostic.Problem.ShouldBe(Problems.CustomPropertiesMissing);
    }

    private static List<string> MembersOf(LabServer lab) =>
        [.. lab.State.Collections.Where(c => !c.Id.StartsWith("SMS", StringComparison.Ordinal)).Select(c => $"{c.Name}: {string.Join(',', c.Members.Order(StringComparer.Ordinal))}").Order(StringComparer.Ordinal)];

    private static async Task<string> IdOf(TestSite site, string name, string domain = "corp.contoso.example") =>
        (await site.Elsewhere(HttpMethod.Get, "SMS_R_System"))["value"]!.AsArray()
            .Single(r => r!["Name"]!.ToString() == name && string.Equals(r["FullDomainName"]!.ToString(), domain, StringComparison.OrdinalIgnoreCase))!["ResourceId"]!.ToString();

    private static async Task<IEnumerable<string>> Values(TestSite site) =>
        (await site.Elsewhere(HttpMethod.Get, "SMS_G_System_ExtensionData"))["value"]!.AsArray().Select(r => r!["PropertyValue"]!.ToString());

    private static async Task SetElsewhere(TestSite site, string name, JsonObject properties)
    {
        var id = await IdOf(site, name);
        await site.Elsewhere(HttpMethod.Post, $"../v1.0/Device({id})/AdminService.SetExtensionData", new JsonObject { ["ExtensionData"] = properties });
    }
}
