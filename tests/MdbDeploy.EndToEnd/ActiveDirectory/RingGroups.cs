namespace MdbDeploy.EndToEnd.ActiveDirectory;

/// <summary>Whom a pushed policy applies to: the group of its ring's computers, in a real domain.</summary>
[Collection(nameof(Domain))]
public sealed class RingGroups(Domain domain)
{
    private const string TwoRings = "[{ name: pilot, match: \"name == 'PC-IN'\" }, { name: rest }]";

    [Fact]
    public async Task A_ring_s_policy_applies_to_the_computers_of_its_ring_though_all_are_in_the_unit()
    {
        Domain.Skip();
        var other = await ComputerAsync();
        var (project, id, name) = await domain.RenderAsync(rings: TwoRings, computers: $"PC-IN {other}");
        var push = await domain.MdbAsync($"push {project} --target active-directory --yes");
        push.ExitCode.ShouldBe(0, push.Output);
        name.ShouldEndWith("pilot");
        (await MembersAsync(project, "pilot")).ShouldBe(["PC-IN$"]);
        (await MembersAsync(project, "rest")).ShouldBe([$"{other}$"]);
        var check = await domain.RunAsync($"samba-tool gpo aclcheck {Domain.Server}");
        check.ExitCode.ShouldBe(0, check.Output);

        // Who has the right Apply-Group-Policy: the ring's group, and no longer everybody who signed in, who still may read it (MS16-072).
        var rights = (await domain.RunAsync($"samba-tool dsacl get --objectdn='CN={id},CN=Policies,CN=System,{Domain.NamingContext}' {Domain.Server}")).Output;
        var group = (await domain.RunAsync($"samba-tool group show {Group(project, "pilot")} --attributes=objectSid {Domain.Server}")).Output.Split("objectSid: ")[1].Trim();
        rights.Split('(').Where(entry => entry.Contains("edacfd8f", StringComparison.OrdinalIgnoreCase)).Select(entry => entry.Split(')')[0].Split(';')[^1]).ShouldBe([group]);
        rights.ShouldContain("(A;CI;RPLCLORC;;;AU)", Case.Sensitive, rights);
        rights.ShouldContain($"(A;CI;RPLCLORC;;;{group})", Case.Sensitive, rights);
    }

    [Fact]
    public async Task A_computer_that_changes_its_ring_leaves_one_group_and_comes_into_the_other_and_strangers_stay()
    {
        Domain.Skip();
        var other = await ComputerAsync();
        var stranger = await ComputerAsync();
        var (project, _, _) = await domain.RenderAsync(rings: TwoRings, computers: $"PC-IN {other}");
        (await domain.MdbAsync($"push {project} --target active-directory --yes")).ExitCode.ShouldBe(0);
        (await domain.RunAsync($"samba-tool group addmembers {Group(project, "rest")} '{stranger}$' {Domain.Server}")).ExitCode.ShouldBe(0);
        var yaml = Path.Combine(project, "mdbdeploy.yaml");
        await File.WriteAllTextAsync(yaml, (await File.ReadAllTextAsync(yaml, TestContext.Current.CancellationToken)).Replace("name == 'PC-IN'", $"name == '{other}'", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        (await domain.MdbAsync($"render {project}")).ExitCode.ShouldBe(0);
        var push = await domain.MdbAsync($"push {project} --target active-directory --yes");
        push.ExitCode.ShouldBe(0, push.Output);
        (await MembersAsync(project, "pilot")).ShouldBe([$"{other}$"]);
        (await MembersAsync(project, "rest")).ShouldBe(["PC-IN$", $"{stranger}$"], ignoreOrder: true);
        (await domain.MdbAsync($"diff {project} --target active-directory")).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task A_device_without_an_account_is_named_and_the_others_are_pushed()
    {
        Domain.Skip();
        var (project, _, _) = await domain.RenderAsync(computers: "PC-IN PC-GONE");
        var push = await domain.MdbAsync($"push {project} --target active-directory --yes");
        push.ExitCode.ShouldBe(0, push.Output);
        push.Output.ShouldContain("MDB0786");
        push.Output.ShouldContain("PC-GONE");
        (await MembersAsync(project, "all")).ShouldBe(["PC-IN$"]);
    }

    [Fact]
    public async Task A_group_that_people_moved_is_the_same_group()
    {
        Domain.Skip();
        var place = $"OU=Groups{Domain.Next()},{Domain.NamingContext}";
        var (project, _, _) = await domain.RenderAsync();
        (await domain.MdbAsync($"push {project} --target active-directory --yes")).ExitCode.ShouldBe(0);
        var moved = await domain.RunAsync($"samba-tool ou create '{place}' {Domain.Server} && samba-tool group move {Group(project, "all")} '{place}' {Domain.Server}");
        moved.ExitCode.ShouldBe(0, moved.Output);
        (await domain.MdbAsync($"push {project} --target active-directory --yes")).Output.ShouldContain("nothing was written");
    }

    [Fact]
    public async Task A_group_of_that_name_that_is_not_ours_is_refused()
    {
        Domain.Skip();
        var (project, _, _) = await domain.RenderAsync();
        (await domain.RunAsync($"samba-tool group add {Group(project, "all")} {Domain.Server}")).ExitCode.ShouldBe(0);
        var push = await domain.MdbAsync($"push {project} --target active-directory --yes");
        push.ExitCode.ShouldBe(1, push.Output);
        push.Output.ShouldContain("MDB0701");
        (await MembersAsync(project, "all")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Somebody_who_gives_the_policy_to_all_computers_is_drift_and_is_taken_back()
    {
        Domain.Skip();
        var (project, id, _) = await domain.RenderAsync();
        (await domain.MdbAsync($"push {project} --target active-directory --yes")).ExitCode.ShouldBe(0);
        (await domain.RunAsync($"samba-tool dsacl set --objectdn='CN={id},CN=Policies,CN=System,{Domain.NamingContext}' --sddl='(OA;CI;CR;edacfd8f-ffb3-11d1-b41d-00a0c968f939;;AU)' {Domain.Server}")).ExitCode.ShouldBe(0);
        var diff = await domain.MdbAsync($"diff {project} --target active-directory");
        diff.ExitCode.ShouldBe(2, diff.Output);
        diff.Output.ShouldContain("appliesTo");
        (await domain.MdbAsync($"push {project} --target active-directory --yes")).ExitCode.ShouldBe(0);
        (await domain.MdbAsync($"diff {project} --target active-directory")).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task For_whole_units_no_group_is_made()
    {
        Domain.Skip();
        var (project, _, _) = await domain.RenderAsync(more: ", targeting: unit");
        var push = await domain.MdbAsync($"push {project} --target active-directory --yes");
        push.ExitCode.ShouldBe(0, push.Output);
        (await domain.RunAsync($"samba-tool group list {Domain.Server}")).Output.ShouldNotContain(Group(project, "all") + "\n");
    }

    private static string Group(string project, string ring) => $"MDB-{Path.GetFileName(project).Replace("project", "domain", StringComparison.Ordinal)}-{ring}";

    private async Task<string> ComputerAsync()
    {
        var name = $"PC-X{Domain.Next()}";
        (await domain.RunAsync($"samba-tool computer create {name} --computerou=OU=Workstations {Domain.Server}")).ExitCode.ShouldBe(0);
        return name;
    }

    private async Task<string[]> MembersAsync(string project, string ring) =>
        (await domain.RunAsync($"samba-tool group listmembers {Group(project, ring)} {Domain.Server}")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
