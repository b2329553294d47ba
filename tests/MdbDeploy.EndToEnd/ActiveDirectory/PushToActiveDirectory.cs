using System.Text.Json.Nodes;

namespace MdbDeploy.EndToEnd.ActiveDirectory;

/// <summary>Group Policy Objects pushed into a real domain by the built command, looked at with Samba's own tools.</summary>
[Collection(nameof(Domain))]
public sealed class PushToActiveDirectory(Domain domain)
{
    [Fact]
    public async Task A_pushed_policy_is_what_was_planned_applies_to_its_unit_alone_and_is_not_written_twice()
    {
        Domain.Skip();
        var (project, id, name) = await RenderAsync();
        var push = await MdbAsync($"push {project} --target active-directory --yes");
        push.ExitCode.ShouldBe(0, push.Output);

        var all = await domain.RunAsync($"samba-tool gpo listall {Domain.Server}");
        all.Output.ShouldContain($"display name : {name}");
        var show = await domain.RunAsync($"samba-tool gpo show '{id}' {Domain.Server}");
        show.Output.ShouldContain("GPO_FLAG_USER_DISABLE");
        show.Output.ShouldContain("version      : 1");
        var rights = await domain.RunAsync($"samba-tool gpo aclcheck {Domain.Server}");
        rights.ExitCode.ShouldBe(0, rights.Output);
        var (settings, titled) = await Domain.SettingsOfAsync(project);
        all.Output.ShouldContain($"display name : {titled}");
        titled.ShouldEndWith(" - Settings - onboarding");
        (await domain.RunAsync($"{Fetch(id, "Machine/Registry.pol")}")).ExitCode.ShouldNotBe(0);
        var read = await domain.RunAsync($"{Fetch(settings, "Machine/Registry.pol")} && /usr/bin/python3 -c \"import sys; from samba.ndr import ndr_unpack; from samba.dcerpc import preg; [print(e.keyname + '!' + e.valuename + ' ' + str(e.data)) for e in ndr_unpack(preg.file, open('{domain.Folder}/fetched', 'rb').read()).entries]\"");
        read.Output.ShouldContain(@"SOFTWARE\Policies\Microsoft\Windows Advanced Threat Protection!AllowSampleCollection 1");
        var tasks = await domain.RunAsync($"{Fetch(id, "Machine/Preferences/ScheduledTasks/ScheduledTasks.xml")} && cat {domain.Folder}/fetched");
        tasks.Output.ShouldContain(@"\\fs01.corp.example.test\mdb$\WindowsDefenderATPOnboardingScript.cmd");
        tasks.Output.ShouldContain(@"NT AUTHORITY\System", Case.Insensitive);

        var again = await MdbAsync($"push {project} --target active-directory --yes");
        again.Output.ShouldContain("nothing was written");
        (await MdbAsync($"diff {project} --target active-directory")).ExitCode.ShouldBe(0);
        (await domain.RunAsync($"samba-tool gpo show '{id}' {Domain.Server}")).Output.ShouldContain("version      : 1");
    }

    [Fact]
    public async Task It_applies_to_the_computers_of_its_unit_and_to_no_other()
    {
        Domain.Skip();
        var (project, id, name) = await RenderAsync();
        (await MdbAsync($"push {project} --target active-directory --yes")).ExitCode.ShouldBe(0);
        // Samba's evaluation takes every account for a user's, so it leaves out policies whose user side is off: for this look it is on.
        (await domain.RunAsync($"printf 'dn: CN={id},CN=Policies,CN=System,{Domain.NamingContext}\\nchangetype: modify\\nreplace: flags\\nflags: 0\\n' | ldapmodify -Q -Y GSSAPI -H ldap://dc1.corp.example.test")).ExitCode.ShouldBe(0);
        (await domain.RunAsync($"samba-tool gpo list 'PC-IN$' {Domain.Server}")).Output.ShouldContain(name);
        (await domain.RunAsync($"samba-tool gpo list 'PC-OUT$' {Domain.Server}")).Output.ShouldNotContain(name);

        // And that is drift, which the next push takes back.
        var push = await MdbAsync($"push {project} --target active-directory --yes");
        push.Output.ShouldContain("userSideDisabled");
        (await domain.RunAsync($"samba-tool gpo show '{id}' {Domain.Server}")).Output.ShouldContain("GPO_FLAG_USER_DISABLE");
    }

    [Fact]
    public async Task A_setting_that_somebody_changed_is_drift_and_comes_back_with_the_next_version_on_both_sides()
    {
        Domain.Skip();
        var (project, _, _) = await RenderAsync();
        (await MdbAsync($"push {project} --target active-directory --yes")).ExitCode.ShouldBe(0);
        var (id, _) = await Domain.SettingsOfAsync(project);
        (await domain.RunAsync($"printf 'PReg\\001\\000\\000\\000' > {domain.Folder}/empty.pol && smbclient //dc1.corp.example.test/sysvol --use-kerberos=required -c 'put {domain.Folder}/empty.pol \"corp.example.test/Policies/{id}/Machine/Registry.pol\"'")).ExitCode.ShouldBe(0);
        var diff = await MdbAsync($"diff {project} --target active-directory");
        diff.ExitCode.ShouldBe(2, diff.Output);
        diff.Output.ShouldContain("AllowSampleCollection");
        (await MdbAsync($"push {project} --target active-directory --yes")).ExitCode.ShouldBe(0);
        (await domain.RunAsync($"samba-tool gpo show '{id}' {Domain.Server}")).Output.ShouldContain("version      : 2");
        (await domain.RunAsync($"{Fetch(id, "GPT.INI")} && cat {domain.Folder}/fetched")).Output.ShouldContain("Version=2");
        (await MdbAsync($"diff {project} --target active-directory")).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task Links_of_others_keep_their_text_and_order()
    {
        Domain.Skip();
        var place = $"OU=Linked{Domain.Next()},{Domain.NamingContext}";
        var (project, id, _) = await RenderAsync(place);
        (await domain.RunAsync($"samba-tool ou create '{place}' {Domain.Server} && samba-tool gpo setlink '{place}' '{{31B2F340-016D-11D2-945F-00C04FB984F9}}' --enforce {Domain.Server}")).ExitCode.ShouldBe(0);
        (await MdbAsync($"push {project} --target active-directory --yes")).ExitCode.ShouldBe(0);
        var links = await domain.RunAsync($"samba-tool gpo getlink '{place}' {Domain.Server}");
        links.Output.ShouldContain(id);
        links.Output.ShouldContain("Default Domain Policy\n    Options : GPLINK_OPT_ENFORCE", Case.Sensitive, links.Output);
    }

    [Fact]
    public async Task A_policy_of_that_name_that_is_not_ours_is_refused_and_stays_as_it_is()
    {
        Domain.Skip();
        var (theirs, _, _) = await RenderAsync();
        (await MdbAsync($"push {theirs} --target active-directory --yes")).ExitCode.ShouldBe(0);
        var (project, _, _) = await RenderAsync(organization: await OrganizationOf(theirs));
        var push = await MdbAsync($"push {project} --target active-directory --yes");
        push.ExitCode.ShouldBe(1, push.Output);
        push.Output.ShouldContain("MDB0701");
        push.Output.ShouldContain("Nothing was pushed");
    }

    [Fact]
    public async Task A_unit_that_does_not_exist_is_told_before_anything_is_written()
    {
        Domain.Skip();
        var (project, _, name) = await RenderAsync("OU=Gone,DC=corp,DC=example,DC=test");
        var push = await MdbAsync($"push {project} --target active-directory --yes");
        push.Output.ShouldContain("MDB0784");
        push.ExitCode.ShouldBe(1, push.Output);
        (await domain.RunAsync($"samba-tool gpo listall {Domain.Server}")).Output.ShouldNotContain(name);
    }

    [Fact]
    public async Task What_is_no_distinguished_name_is_told_like_a_unit_that_does_not_exist()
    {
        Domain.Skip();
        var (project, _, _) = await RenderAsync("Workstations");
        var push = await MdbAsync($"push {project} --target active-directory --yes");
        push.Output.ShouldContain("MDB0784");
        push.ExitCode.ShouldBe(1, push.Output);
    }

    [Fact]
    public async Task Another_spelling_of_a_unit_is_the_same_unit()
    {
        Domain.Skip();
        var (project, id, _) = await RenderAsync();
        (await MdbAsync($"push {project} --target active-directory --yes")).ExitCode.ShouldBe(0);
        var yaml = Path.Combine(project, "mdbdeploy.yaml");
        await File.WriteAllTextAsync(yaml, (await File.ReadAllTextAsync(yaml, TestContext.Current.CancellationToken)).Replace("OU=Workstations,", "ou=WORKSTATIONS, ", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        (await MdbAsync($"render {project}")).ExitCode.ShouldBe(0);
        (await MdbAsync($"push {project} --target active-directory --yes")).Output.ShouldContain("nothing was written");
        (await domain.RunAsync($"samba-tool gpo getlink OU=Workstations,{Domain.NamingContext} {Domain.Server}")).Output.ShouldContain(id);
    }

    [Fact]
    public async Task A_container_that_a_killed_push_left_behind_gets_its_rights_too()
    {
        Domain.Skip();
        var (project, id, _) = await RenderAsync();
        var body = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(project, "out", "bundle", "gpo", "active-directory", "group-policy-object-all.json"), TestContext.Current.CancellationToken))!["body"]!;
        var marker = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(body["description"]!.GetValue<string>()));
        var entry = $"dn: CN={id},CN=Policies,CN=System,{Domain.NamingContext}\\nchangetype: add\\nobjectClass: groupPolicyContainer\\ndisplayName: {body["displayName"]}\\ndescription:: {marker}\\nversionNumber: 0\\nflags: 1\\ngPCFunctionalityVersion: 2\\ngPCFileSysPath: \\\\\\\\corp.example.test\\\\SysVol\\\\corp.example.test\\\\Policies\\\\{id}\\n";
        (await domain.RunAsync($"printf '{entry}' | ldapmodify -Q -Y GSSAPI -H ldap://dc1.corp.example.test")).ExitCode.ShouldBe(0);
        (await MdbAsync($"push {project} --target active-directory --yes")).ExitCode.ShouldBe(0);
        var rights = await domain.RunAsync($"samba-tool gpo aclcheck {Domain.Server}");
        rights.ExitCode.ShouldBe(0, rights.Output);
    }

    [Fact]
    public async Task Without_a_ticket_the_command_says_so()
    {
        Domain.Skip();
        var (project, _, _) = await RenderAsync();
        var push = await domain.RunAsync($"KRB5CCNAME=FILE:/nonexistent {Domain.Command} push {project} --target active-directory --yes");
        push.Output.ShouldContain("MDB0781");
        push.ExitCode.ShouldBe(1, push.Output);
    }

    [Fact]
    public async Task What_nobody_desires_any_more_goes_with_its_links()
    {
        Domain.Skip();
        var (project, id, _) = await RenderAsync();
        (await MdbAsync($"push {project} --target active-directory --yes")).ExitCode.ShouldBe(0);
        await File.WriteAllTextAsync(Path.Combine(project, "pc.csv"), "name,os,os_edition,os_build,join_type\nPC-OTHER,Windows 11,Pro,10.0.22631.4460,ad\n", TestContext.Current.CancellationToken);
        var text = await File.ReadAllTextAsync(Path.Combine(project, "mdbdeploy.yaml"), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(project, "mdbdeploy.yaml"), text.Replace("name: all", "name: others", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        (await MdbAsync($"render {project}")).ExitCode.ShouldBe(0);
        var push = await MdbAsync($"push {project} --target active-directory --yes");
        push.ExitCode.ShouldBe(0, push.Output);
        (await domain.RunAsync($"samba-tool gpo listall {Domain.Server}")).Output.ShouldNotContain(id);
        (await domain.RunAsync($"samba-tool gpo getlink OU=Workstations,{Domain.NamingContext} {Domain.Server}")).Output.ShouldNotContain(id);
        (await domain.RunAsync($"smbclient //dc1.corp.example.test/sysvol --use-kerberos=required -c 'ls \"corp.example.test/Policies/{id}\"'")).Output.ShouldContain("NT_STATUS_NO_SUCH_FILE");
    }

    private string Fetch(string id, string file) => $"smbclient //dc1.corp.example.test/sysvol --use-kerberos=required -c 'get \"corp.example.test/Policies/{id}/{file}\" {domain.Folder}/fetched' > /dev/null";

    private static async Task<string> OrganizationOf(string project) => (await File.ReadAllLinesAsync(Path.Combine(project, "mdbdeploy.yaml"), TestContext.Current.CancellationToken))[0].Split(": ")[1];

    private Task<CliProcess> MdbAsync(string arguments) => domain.MdbAsync(arguments);

    private Task<(string Project, string Id, string Name)> RenderAsync(string place = $"OU=Workstations,{Domain.NamingContext}", string? organization = null) => domain.RenderAsync(place, organization);
}
