namespace MdbDeploy.EndToEnd.ActiveDirectory;

/// <summary>Pushes that fail half way, in a real domain.</summary>
[Collection(nameof(Domain))]
public sealed class FailingPushes(Domain domain)
{
    private const string Password = "Pass-word-2!";

    [Fact]
    public async Task Who_may_not_link_is_told_so_and_the_policy_that_was_made_is_whole()
    {
        Domain.Skip();
        var user = $"editor{Domain.Next()}";
        // May create policies (Samba does not delegate that by itself, Windows does) and groups, and link nothing.
        var made = await domain.RunAsync($"samba-tool user create {user} '{Password}' {Domain.Server} && samba-tool group addmembers 'Group Policy Creator Owners' {user} {Domain.Server} && samba-tool group addmembers 'Account Operators' {user} {Domain.Server}"
            + $" && samba-tool dsacl set --objectdn='CN=Policies,CN=System,{Domain.NamingContext}' --sddl='(A;;CC;;;PA)' {Domain.Server}");
        made.ExitCode.ShouldBe(0, made.Output);
        var (project, _, _) = await domain.RenderAsync();
        var (_, name) = await Domain.SettingsOfAsync(project);
        var push = await AsAsync(user, $"push {project} --target active-directory --yes");
        push.ExitCode.ShouldBe(4, push.Output);
        push.Output.ShouldContain("MDB0782");
        push.Output.ShouldContain("link to 'OU=Workstations", Case.Sensitive, push.Output);
        (await domain.RunAsync($"samba-tool gpo listall {Domain.Server}")).Output.ShouldContain(name);
        (await domain.RunAsync($"samba-tool gpo aclcheck {Domain.Server}")).ExitCode.ShouldBe(0);

        // Whoever may link completes it.
        (await domain.MdbAsync($"push {project} --target active-directory --yes")).ExitCode.ShouldBe(0);
        (await domain.MdbAsync($"diff {project} --target active-directory")).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task What_somebody_may_not_write_is_told_before_the_push()
    {
        Domain.Skip();
        var (project, _, _) = await domain.RenderAsync();
        var administrator = await domain.MdbAsync($"doctor {project} --json 2>/dev/null");
        administrator.ExitCode.ShouldBe(0, administrator.Output);
        var checks = administrator.JsonArray().Where(c => c["system"]!.ToString() == "Active Directory").ToDictionary(c => c["what"]!.ToString(), c => c["finding"]!.ToString());
        checks["sign-in"].ShouldBe("signed in to dc1.corp.example.test of corp.example.test");
        checks["clock"].ShouldEndWith(" s off");
        checks["Group Policy Objects"].ShouldBe("may be created");
        checks[$"security groups in CN=Users,{Domain.NamingContext}"].ShouldBe("may be created");
        checks[$"links to OU=Workstations,{Domain.NamingContext}"].ShouldBe("may be written");
        checks["SYSVOL"].ShouldBe("readable");

        var user = $"reader{Domain.Next()}";
        (await domain.RunAsync($"samba-tool user create {user} '{Password}' {Domain.Server}")).ExitCode.ShouldBe(0);
        var reader = await AsAsync(user, $"doctor {project} --json 2>/dev/null");
        reader.ExitCode.ShouldBe(0, reader.Output);
        var verdicts = reader.JsonArray().Where(c => c["system"]!.ToString() == "Active Directory").ToDictionary(c => c["what"]!.ToString(), c => c["verdict"]!.ToString());
        verdicts["sign-in"].ShouldBe("passed");
        verdicts["Group Policy Objects"].ShouldBe("warning");
        verdicts[$"security groups in CN=Users,{Domain.NamingContext}"].ShouldBe("warning");
        verdicts[$"links to OU=Workstations,{Domain.NamingContext}"].ShouldBe("warning");

        var nowhere = await domain.RenderAsync(place: $"OU=Nowhere,{Domain.NamingContext}");
        var missing = await domain.MdbAsync($"doctor {nowhere.Project} --target active-directory --json 2>/dev/null");
        missing.ExitCode.ShouldBe(1, missing.Output);
        missing.JsonArray().Single(c => c["verdict"]!.ToString() == "failed")["what"]!.ToString().ShouldBe($"links to OU=Nowhere,{Domain.NamingContext}");
    }

    [Fact]
    public async Task Who_may_not_create_policies_leaves_nothing_behind()
    {
        Domain.Skip();
        var user = $"nobody{Domain.Next()}";
        (await domain.RunAsync($"samba-tool user create {user} '{Password}' {Domain.Server} && samba-tool group addmembers 'Account Operators' {user} {Domain.Server}")).ExitCode.ShouldBe(0);
        var (project, id, name) = await domain.RenderAsync();
        var push = await AsAsync(user, $"push {project} --target active-directory --yes");
        push.ExitCode.ShouldBe(4, push.Output);
        push.Output.ShouldContain("MDB0782");
        (await domain.RunAsync($"samba-tool gpo listall {Domain.Server}")).Output.ShouldNotContain(name);
        (await domain.RunAsync($"smbclient //dc1.corp.example.test/sysvol --use-kerberos=required -c 'ls \"corp.example.test/Policies/{id}\"'")).Output.ShouldContain("NT_STATUS_NO_SUCH_FILE");
    }

    [Fact]
    public async Task A_new_policy_whose_files_cannot_be_written_is_taken_back_whole()
    {
        Domain.Skip();
        var broken = Directory.CreateDirectory(Path.Combine(domain.Folder, $"broken{Domain.Next()}")).FullName;
        // Refuses every file, as a full disk does.
        await File.WriteAllTextAsync(Path.Combine(broken, "smbclient"), "#!/bin/bash\ncase \"$*\" in *'put '*) echo NT_STATUS_DISK_FULL; exit 1;; esac\nexec /usr/bin/smbclient \"$@\"\n", TestContext.Current.CancellationToken);
        (await domain.RunAsync($"chmod +x {broken}/smbclient")).ExitCode.ShouldBe(0);
        var (project, id, name) = await domain.RenderAsync();
        var push = await domain.RunAsync($"PATH={broken}:$PATH {Domain.Command} push {project} --target active-directory --yes");
        push.ExitCode.ShouldBe(4, push.Output);
        push.Output.ShouldContain("NT_STATUS_DISK_FULL");
        (await domain.RunAsync($"samba-tool gpo listall {Domain.Server}")).Output.ShouldNotContain(name);
        (await domain.RunAsync($"smbclient //dc1.corp.example.test/sysvol --use-kerberos=required -c 'ls \"corp.example.test/Policies/{id}\"'")).Output.ShouldContain("NT_STATUS_NO_SUCH_FILE");
        (await domain.MdbAsync($"push {project} --target active-directory --yes")).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task A_clock_that_is_wrong_is_named()
    {
        Domain.Skip();
        Assert.SkipWhen(!File.Exists("/usr/bin/faketime"), "needs /usr/bin/faketime (Debian: apt install faketime)");
        var (project, _, _) = await domain.RenderAsync();
        var push = await domain.RunAsync($"faketime '+20 minutes' {Domain.Command} push {project} --target active-directory --yes");
        push.ExitCode.ShouldBe(1, push.Output);
        push.Output.ShouldContain("MDB0781");
        push.Output.ShouldContain("Clock skew", Case.Insensitive, push.Output);
        var doctor = await domain.RunAsync($"faketime '+20 minutes' {Domain.Command} doctor {project} --target active-directory --json 2>/dev/null");
        doctor.ExitCode.ShouldBe(1, doctor.Output);
        doctor.JsonArray().Single(c => c["what"]!.ToString() == "clock")["finding"]!.ToString().ShouldStartWith("this machine's clock is 20 minutes ahead");
    }

    [Fact]
    public async Task A_ticket_of_another_realm_does_not_sign_in()
    {
        Domain.Skip();
        var (project, _, _) = await domain.RenderAsync();
        var push = await domain.RunAsync($"sed 's/\\.corp.example.test = CORP.EXAMPLE.TEST/.corp.example.test = OTHER.EXAMPLE/' $KRB5_CONFIG > {domain.Folder}/other.conf && KRB5_CONFIG={domain.Folder}/other.conf {Domain.Command} push {project} --target active-directory --yes");
        push.ExitCode.ShouldBe(1, push.Output);
        push.Output.ShouldContain("MDB0781");
    }

    private Task<CliProcess> AsAsync(string user, string arguments) =>
        domain.RunAsync($"export KRB5CCNAME=FILE:{domain.Folder}/{user}; echo '{Password}' | kinit {user}@CORP.EXAMPLE.TEST > /dev/null && {Domain.Command} {arguments}");
}
