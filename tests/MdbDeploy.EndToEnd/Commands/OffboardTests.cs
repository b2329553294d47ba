using System.Text.Json.Nodes;

namespace MdbDeploy.EndToEnd.Commands;

/// <summary><c>offboard</c> and <c>rollback</c> against the lab: what is sent, and in which order.</summary>
public class OffboardTests
{
    [Fact]
    public async Task A_device_leaves_its_ring_in_the_same_push_and_before_it_is_offboarded()
    {
        await using var test = await LabbedProject.StartAsync();
        (await test.RunAsync("push", "--yes")).ExitCode.ShouldBe(0);
        var (intune, configMgr) = await Mark(test);
        var before = test.Told();
        test.Lab.Requests.Clear();

        var offboard = await test.RunAsync("offboard", "--yes", "--json");
        offboard.ExitCode.ShouldBe(0, offboard.Output + offboard.Error);
        var writes = test.Lab.Requests.Writes.Where(w => w.Status < 400).Select(w => $"{w.Method} {w.Path}").ToList();

        var group = test.Lab.State.Groups.Single(g => g.DisplayName == "MDB - Contoso - Offboarding");
        group.Members.Select(m => m.Name).ShouldBe([intune]);
        var policy = test.Lab.State.Policies.Single(p => p.Name.Contains("EDR offboarding (valid until", StringComparison.Ordinal));
        policy.Targets.Count.ShouldBe(1);
        var onboarding = test.Lab.State.Policies.Single(p => p.Name == "MDB - Contoso - EDR onboarding");
        var left = Last(writes, w => w.StartsWith("DELETE ", StringComparison.Ordinal) && w.Contains("/members/", StringComparison.Ordinal) && !w.Contains(group.Id, StringComparison.Ordinal));
        var excluded = Last(writes, w => w.Contains(onboarding.Id, StringComparison.Ordinal) && w.EndsWith("/assign", StringComparison.Ordinal));
        var entered = First(writes, w => w.StartsWith("PATCH ", StringComparison.Ordinal) && w.EndsWith($"/groups/{group.Id}", StringComparison.Ordinal));
        var assigned = First(writes, w => w.Contains(policy.Id, StringComparison.Ordinal) && w.EndsWith("/assign", StringComparison.Ordinal));
        left.ShouldBeLessThan(entered);
        excluded.ShouldBeLessThan(entered);
        entered.ShouldBeLessThan(assigned);
        test.Lab.State.Groups.Where(g => g.Id != group.Id).ShouldAllBe(g => g.Members.All(m => m.Name != intune));

        var collection = test.Lab.State.Collections.Single(c => c.Name == "MDB - Contoso - Offboarding");
        Names(collection.Rules).ShouldContain(configMgr);
        foreach (var ring in test.Lab.State.Collections.Where(c => c.Name.StartsWith("MDB", StringComparison.Ordinal) && c.Id != collection.Id))
        {
            Names(ring.Rules).ShouldNotContain(configMgr);
        }

        var ringRules = Last(writes, w => w.Contains("MembershipRule", StringComparison.Ordinal) && !w.Contains(collection.Id, StringComparison.Ordinal));
        var leavingRules = First(writes, w => w.Contains("AddMembershipRule", StringComparison.Ordinal) && w.Contains(collection.Id, StringComparison.Ordinal));
        ringRules.ShouldBeLessThan(leavingRules);

        // Nothing is left: neither for offboard nor for a plain push.
        test.Lab.Requests.Clear();
        (await test.RunAsync("offboard", "--yes")).ExitCode.ShouldBe(0);
        (await test.RunAsync("push", "--yes")).ExitCode.ShouldBe(0);
        test.Lab.Requests.Writes.ShouldBeEmpty();

        // And taken back, as far as that goes: the devices are where they were, nothing offboards them any more.
        await Undo(test, offboard);
        test.Told().ShouldBe(before);
    }

    [Fact]
    public async Task A_plain_push_takes_devices_out_of_their_rings_and_offboards_nobody()
    {
        await using var test = await LabbedProject.StartAsync();
        var (intune, _) = await Mark(test);
        (await test.RunAsync("render")).ExitCode.ShouldBe(0);
        var push = await test.RunAsync("push", "--yes");
        push.ExitCode.ShouldBe(0, push.Output + push.Error);
        push.Output.ShouldContain("MDB0349");
        test.Lab.State.Groups.ShouldAllBe(g => g.Members.All(m => m.Name != intune));
        test.Lab.State.Groups.Single(g => g.DisplayName.EndsWith("Offboarding", StringComparison.Ordinal)).Members.ShouldBeEmpty();
        test.Lab.State.Policies.ShouldAllBe(p => !p.Name.Contains("offboarding", StringComparison.Ordinal));
        test.Lab.State.Collections.Single(c => c.Name.EndsWith("Offboarding", StringComparison.Ordinal)).Rules.ShouldBeEmpty();
    }

    [Fact]
    public async Task Expired_packages_are_refused_and_nobody_marked_means_nothing_to_do()
    {
        using var project = await Project.NewAsync();
        var nothing = await project.RunAsync("offboard", "--yes");
        nothing.ExitCode.ShouldBe(0, nothing.Output + nothing.Error);
        nothing.Output.ShouldContain("No device is marked");
        project.SetInventory(("a.csv", "name,os,os_edition,os_build,join_type,state\nPC-1,Windows 11,Pro,10.0.22631.4460,ad,offboard\nPC-2,Windows 11,Pro,10.0.22631.4460,ad,\n"));
        foreach (var zip in Directory.EnumerateFiles(project["packages"], "*Offboarding*.zip"))
        {
            File.Move(zip, project[$"packages/old {Guid.NewGuid():N} valid_until_2020-01-01.zip"]);
        }

        var refused = await project.RunAsync("offboard", "--yes");
        refused.ExitCode.ShouldBe(3, refused.Output + refused.Error);
        refused.Output.ShouldContain("MDB0343");
        Directory.Exists(project["out/bundle"]).ShouldBeFalse();

        var plan = await project.RunAsync("render");
        plan.ExitCode.ShouldBe(0, plan.Output + plan.Error);
        plan.Output.ShouldContain("MDB0344");
        Directory.EnumerateDirectories(project["out/bundle"], "offboarding", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_list_in_a_file_and_what_if()
    {
        using var project = await Project.NewAsync();
        project.SetInventory(("a.csv", "name,os,os_edition,os_build,join_type\nPC-1,Windows 11,Pro,10.0.22631.4460,ad\nPC-2,Windows 11,Pro,10.0.22631.4460,ad\n"));
        await File.WriteAllTextAsync(project["leaving.csv"], "Computer\npc-1\nPC-9\n", TestContext.Current.CancellationToken);
        project.SetYaml("offboard", "{ file: leaving.csv }");
        project.SetYaml("targets", "{ activeDirectory: { domain: corp.contoso.example } }");
        var whatIf = await project.RunAsync("offboard", "--what-if");
        whatIf.ExitCode.ShouldBe(0, whatIf.Output + whatIf.Error);
        whatIf.Output.ShouldContain("MDB0340");
        (await File.ReadAllTextAsync(project["out/bundle/gpo/offboarding/README.md"], TestContext.Current.CancellationToken)).ShouldContain("- [ ] PC-1");
        (await File.ReadAllTextAsync(project["out/bundle/gpo/README.md"], TestContext.Current.CancellationToken)).ShouldContain("1 devices");
    }

    [Fact]
    public async Task Rolling_back_an_onboarding_brings_tenant_and_site_to_the_state_before_and_offboards_nobody()
    {
        await using var test = await LabbedProject.StartAsync();
        var empty = test.Told();
        var pilot = await test.RunAsync("push", "--yes", "--ring", "pilot", "--json");
        pilot.ExitCode.ShouldBe(0, pilot.Output + pilot.Error);
        var before = test.Told();
        var rest = await test.RunAsync("push", "--yes", "--json");
        rest.ExitCode.ShouldBe(0, rest.Output + rest.Error);
        test.Told().ShouldNotBe(before);
        test.Lab.Requests.Clear();

        await Undo(test, rest);
        test.Told().ShouldBe(before);
        await Undo(test, pilot);
        test.Told().ShouldBe(empty);
        test.Lab.Requests.Writes.ShouldNotContain(w => w.Path.Contains("offboard", StringComparison.OrdinalIgnoreCase));
        test.Lab.State.Policies.ShouldBeEmpty();

        // Undone is undone, and the same bundle goes in again.
        test.Lab.Requests.Clear();
        await Undo(test, rest);
        test.Lab.Requests.Writes.ShouldBeEmpty();
        (await test.RunAsync("push", "--yes")).ExitCode.ShouldBe(0);
        (await test.RunAsync("rollback", "no-such-run", "--yes")).ExitCode.ShouldBe(3);
    }

    [Fact]
    public async Task What_somebody_changed_since_the_run_is_not_rolled_back()
    {
        await using var test = await LabbedProject.StartAsync();
        var push = await test.RunAsync("push", "--yes", "--json");
        using (var client = test.Lab.CreateClient())
        {
            var group = test.Lab.State.Groups.Single(g => g.DisplayName.EndsWith("pilot", StringComparison.Ordinal));
            using var content = new StringContent("""{"displayName":"Renamed by a colleague"}""", System.Text.Encoding.UTF8, "application/json");
            (await client.PatchAsync(new Uri(test.Lab.BaseAddress, $"beta/groups/{group.Id}"), content, TestContext.Current.CancellationToken)).IsSuccessStatusCode.ShouldBeTrue();
        }

        test.Lab.Requests.Clear();
        var refused = await test.RunAsync("rollback", push.Json()["graph"]!["run"]!.GetValue<string>(), "--yes");
        refused.ExitCode.ShouldBe(1, refused.Output + refused.Error);
        refused.Output.ShouldContain("MDB0352");
        test.Lab.Requests.Writes.ShouldBeEmpty();
    }

    private static async Task Undo(LabbedProject test, CliProcess push)
    {
        foreach (var target in new[] { "graph", "configmgr" })
        {
            if (push.Json()[target]?["run"]?.GetValue<string>() is { } run)
            {
                var undone = await test.RunAsync("rollback", run, "--yes");
                undone.ExitCode.ShouldBe(0, undone.Output + undone.Error);
            }
        }
    }

    /// <summary>Marks a device of each target for offboarding.</summary>
    private static async Task<(string Intune, string ConfigMgr)> Mark(LabbedProject test)
    {
        var plan = JsonNode.Parse(await File.ReadAllTextAsync(test.Project["out/plan.json"], TestContext.Current.CancellationToken))!;
        var intune = One("intune");
        var configMgr = One("configuration-manager");
        test.Project.SetYaml("offboard", $"{{ names: [{intune}, {configMgr}] }}");
        return (intune, configMgr);

        // No server and no small ring: with the only device of a collection that would go, which a rollback does not bring back.
        string One(string method) => plan["devices"]!.AsArray().Where(d => d!["method"]!.GetValue<string>() == method && d["ring"]?.GetValue<string>() == "broad").Select(d => d!["name"]!.GetValue<string>())
            .First(name => !name.StartsWith("SRV", StringComparison.Ordinal));
    }

    private static string Names(IEnumerable<JsonObject> rules) => string.Join('\n', rules.Select(r => r.ToJsonString()));

    private static int Last(List<string> writes, Predicate<string> match) => Found(writes.FindLastIndex(match), writes);

    private static int First(List<string> writes, Predicate<string> match) => Found(writes.FindIndex(match), writes);

    private static int Found(int index, List<string> writes)
    {
        index.ShouldBeGreaterThanOrEqualTo(0, string.Join('\n', writes));
        return index;
    }
}
