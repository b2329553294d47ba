using System.Net.Http.Json;
using System.Text.Json.Nodes;
using MdbDeploy.EndToEnd.Commands;

namespace MdbDeploy.EndToEnd.Graph;

/// <summary>What goes beside the onboarding policy: the custom profile by OMA-URI, which is in v1.0, and the assignment filter of virtual desktops.</summary>
public class SecondRoad
{
    [Fact]
    public async Task The_custom_profile_is_created_assigned_kept_and_taken_away_when_the_policy_takes_its_place()
    {
        await using var test = await LabbedProject.StartAsync(profile: "oma-uri");
        var push = await test.RunAsync("push", "--yes", "--target", "graph");
        push.ExitCode.ShouldBe(0, push.Output + push.Error);
        var profile = test.Lab.State.Profiles.Single(p => p.Name.EndsWith("Onboarding (OMA-URI)", StringComparison.Ordinal));
        var rings = test.Lab.State.Groups.Where(g => g.UniqueName!.Contains("-ring-", StringComparison.Ordinal) || profile.Targets.Any(t => (string?)t["groupId"] == g.Id)).ToList();
        profile.Targets.Where(t => t["@odata.type"]!.ToString() == "#microsoft.graph.groupAssignmentTarget").Select(t => (string)t["groupId"]!).ShouldAllBe(id => rings.Any(r => r.Id == id));
        profile.Targets.ShouldContain(t => t["@odata.type"]!.ToString() == "#microsoft.graph.exclusionGroupAssignmentTarget");
        test.Lab.State.Policies.ShouldNotContain(p => p.Name.EndsWith("EDR onboarding", StringComparison.Ordinal));
        test.Lab.Requests.Writes.Where(w => w.Path.Contains("deviceConfigurations", StringComparison.Ordinal)).ShouldAllBe(w => w.Path.StartsWith("/v1.0/", StringComparison.Ordinal));

        test.Lab.Requests.Clear();
        (await test.RunAsync("push", "--yes", "--target", "graph")).ExitCode.ShouldBe(0);
        test.Lab.Requests.Writes.ShouldBeEmpty("the value reads back as asterisks, which is no drift");

        // A colleague renames it and takes a ring away.
        using var client = test.Lab.CreateClient();
        using var renamed = await client.PatchAsJsonAsync($"v1.0/deviceManagement/deviceConfigurations/{profile.Id}", new JsonObject { ["@odata.type"] = "#microsoft.graph.windows10CustomConfiguration", ["displayName"] = "Theirs" }, TestContext.Current.CancellationToken);
        renamed.EnsureSuccessStatusCode();
        using var assigned = await client.PostAsJsonAsync($"v1.0/deviceManagement/deviceConfigurations/{profile.Id}/assign", new JsonObject { ["assignments"] = new JsonArray() }, TestContext.Current.CancellationToken);
        assigned.EnsureSuccessStatusCode();
        var diff = await test.RunAsync("diff", "--target", "graph");
        diff.ExitCode.ShouldBe(2, diff.Output + diff.Error);
        (await test.RunAsync("push", "--yes", "--target", "graph")).ExitCode.ShouldBe(0);
        var mended = test.Lab.State.Profiles.Single(p => p.Id == profile.Id);
        mended.Name.ShouldBe(profile.Name);
        mended.Targets.Select(t => t.ToJsonString()).ShouldBe(profile.Targets.Select(t => t.ToJsonString()), ignoreOrder: true);

        // The other road: the profile goes when the policy is there.
        test.SetTargets();
        (await test.RunAsync("render")).ExitCode.ShouldBe(0);
        var other = await test.RunAsync("push", "--yes", "--target", "graph");
        other.ExitCode.ShouldBe(0, other.Output + other.Error);
        test.Lab.State.Profiles.ShouldNotContain(p => p.Id == profile.Id);
        test.Lab.State.Policies.ShouldContain(p => p.Name.EndsWith("EDR onboarding", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_filter_of_virtual_desktops_is_created_used_by_the_assignments_and_deleted_with_the_last_desktop()
    {
        await using var test = await LabbedProject.StartAsync();
        (await test.RunAsync("push", "--yes", "--target", "graph")).ExitCode.ShouldBe(0);
        var (name, rule) = test.Lab.State.Filters.ShouldHaveSingleItem();
        name.ShouldEndWith("Virtual desktops");
        rule.ShouldContain("VDI-");
        var targets = test.Lab.State.Policies.Single(p => p.Name.EndsWith("EDR onboarding", StringComparison.Ordinal)).Targets.Where(t => t["@odata.type"]!.ToString() == "#microsoft.graph.groupAssignmentTarget").ToList();
        targets.ShouldNotBeEmpty();
        targets.ShouldAllBe(t => t["deviceAndAppManagementAssignmentFilterType"]!.ToString() == "exclude" && t["deviceAndAppManagementAssignmentFilterId"]!.ToString().Length == 36);
        test.Lab.Requests.Clear();
        (await test.RunAsync("push", "--yes", "--target", "graph")).ExitCode.ShouldBe(0);
        test.Lab.Requests.Writes.ShouldBeEmpty();

        test.Project.SetYaml("images", "[]");
        foreach (var inventory in Directory.EnumerateFiles(test.Project["inventory"], "*.csv"))
        {
            await File.WriteAllLinesAsync(inventory, (await File.ReadAllLinesAsync(inventory, TestContext.Current.CancellationToken)).Where(line => !line.Contains("VDI-", StringComparison.Ordinal)), TestContext.Current.CancellationToken);
        }

        (await test.RunAsync("render")).ExitCode.ShouldBe(0);
        var push = await test.RunAsync("push", "--yes", "--target", "graph");
        push.ExitCode.ShouldBe(0, push.Output + push.Error);
        test.Lab.State.Filters.ShouldBeEmpty();
        test.Lab.State.Policies.Single(p => p.Name.EndsWith("EDR onboarding", StringComparison.Ordinal)).Targets.ShouldAllBe(t => t["deviceAndAppManagementAssignmentFilterId"] == null);
    }
}
