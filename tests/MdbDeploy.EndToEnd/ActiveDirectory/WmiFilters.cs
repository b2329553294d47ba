namespace MdbDeploy.EndToEnd.ActiveDirectory;

/// <summary>WMI filters pushed into a real domain.</summary>
[Collection(nameof(Domain))]
public sealed class WmiFilters(Domain domain)
{
    private const string Query = "SELECT * FROM Win32_OperatingSystem WHERE ProductType = 1";
    private const string Place = $"CN=SOM,CN=WMIPolicy,CN=System,{Domain.NamingContext}";

    [Fact]
    public async Task A_filter_is_made_set_on_both_policies_kept_and_taken_away_again()
    {
        Domain.Skip();
        var (project, id, _) = await domain.RenderAsync(more: $", wmiFilter: \"{Query}\"");
        var (settings, _) = await Domain.SettingsOfAsync(project);
        var push = await domain.MdbAsync($"push {project} --target active-directory --yes");
        push.ExitCode.ShouldBe(0, push.Output);
        var filter = await FilterAsync(project);
        filter.ShouldContain($"msWMI-Parm2: 1;3;10;{Query.Length};WQL;root\\CIMv2;{Query};");
        filter.ShouldContain("msWMI-Author: mdbdeploy");
        filter.ShouldMatch(@"msWMI-ChangeDate: 20\d{12}\.000000-000");
        var name = filter.Split("msWMI-ID: ")[1].Split('\n')[0].Trim();
        foreach (var policy in new[] { id, settings })
        {
            (await PolicyAsync(policy)).ShouldContain($"gPCWQLFilter: [corp.example.test;{name};0]");
        }

        (await domain.MdbAsync($"push {project} --target active-directory --yes")).Output.ShouldContain("nothing was written");

        // Drift of the query, and of what is set on a policy.
        await ModifyAsync($"CN={name},{Place}", "replace: msWMI-Parm2\\nmsWMI-Parm2: 1;3;10;27;WQL;root\\\\CIMv2;SELECT * FROM Win32_Battery;");
        await ModifyAsync($"CN={id},CN=Policies,CN=System,{Domain.NamingContext}", "delete: gPCWQLFilter");
        var diff = await domain.MdbAsync($"diff {project} --target active-directory");
        diff.ExitCode.ShouldBe(2, diff.Output);
        diff.Output.ShouldContain("Win32_Battery");
        diff.Output.ShouldContain("wmiFilter");
        (await domain.MdbAsync($"push {project} --target active-directory --yes")).ExitCode.ShouldBe(0);
        (await domain.MdbAsync($"diff {project} --target active-directory")).ExitCode.ShouldBe(0);
        (await PolicyAsync(id)).ShouldContain(name);

        // Nobody wants it any more.
        var yaml = Path.Combine(project, "mdbdeploy.yaml");
        await File.WriteAllTextAsync(yaml, (await File.ReadAllTextAsync(yaml, TestContext.Current.CancellationToken)).Replace($", wmiFilter: \"{Query}\"", "", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        (await domain.MdbAsync($"render {project}")).ExitCode.ShouldBe(0);
        var away = await domain.MdbAsync($"push {project} --target active-directory --yes");
        away.ExitCode.ShouldBe(0, away.Output);
        (await PolicyAsync(id)).ShouldNotContain("gPCWQLFilter");
        (await FilterAsync(project)).ShouldBe("");
    }

    [Fact]
    public async Task A_rollback_brings_back_the_query_of_before_and_then_takes_all_away()
    {
        Domain.Skip();
        var (project, id, _) = await domain.RenderAsync(more: $", wmiFilter: \"{Query}\"");
        (await domain.MdbAsync($"push {project} --target active-directory --yes")).ExitCode.ShouldBe(0);
        var yaml = Path.Combine(project, "mdbdeploy.yaml");
        await File.WriteAllTextAsync(yaml, (await File.ReadAllTextAsync(yaml, TestContext.Current.CancellationToken)).Replace("ProductType = 1", "ProductType = 3", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        (await domain.MdbAsync($"render {project}")).ExitCode.ShouldBe(0);
        (await domain.MdbAsync($"push {project} --target active-directory --yes")).ExitCode.ShouldBe(0);
        (await FilterAsync(project)).ShouldContain("ProductType = 3");

        var runs = Directory.EnumerateFiles(Path.Combine(project, ".mdbdeploy", "runs")).Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal).ToArray();
        var second = await domain.MdbAsync($"rollback {project} {runs[1]} --yes");
        second.ExitCode.ShouldBe(0, second.Output);
        (await FilterAsync(project)).ShouldContain("ProductType = 1");
        var first = await domain.MdbAsync($"rollback {project} {runs[0]} --yes");
        first.ExitCode.ShouldBe(0, first.Output);
        (await FilterAsync(project)).ShouldBe("");
        var (settings, _) = await Domain.SettingsOfAsync(project);
        var left = (await domain.RunAsync($"samba-tool gpo listall {Domain.Server}")).Output;
        left.ShouldNotContain(id);
        left.ShouldNotContain(settings);
    }

    [Fact]
    public async Task A_filter_of_somebody_else_stays_on_a_policy_and_one_of_the_same_name_is_refused()
    {
        Domain.Skip();
        var (project, id, _) = await domain.RenderAsync();
        (await domain.MdbAsync($"push {project} --target active-directory --yes")).ExitCode.ShouldBe(0);
        var theirs = $"{{{Guid.NewGuid().ToString().ToUpperInvariant()}}}";
        await ModifyAsync($"CN={theirs},{Place}", $"objectClass: msWMI-Som\\nmsWMI-ID: {theirs}\\nmsWMI-Name: {NameOf(project)}\\nmsWMI-Parm2: 1;3;10;27;WQL;root\\\\CIMv2;SELECT * FROM Win32_Battery;", "add");
        await ModifyAsync($"CN={id},CN=Policies,CN=System,{Domain.NamingContext}", $"add: gPCWQLFilter\\ngPCWQLFilter: [corp.example.test;{theirs};0]");
        (await domain.MdbAsync($"push {project} --target active-directory --yes")).Output.ShouldContain("nothing was written");
        (await PolicyAsync(id)).ShouldContain(theirs);

        var yaml = Path.Combine(project, "mdbdeploy.yaml");
        await File.WriteAllTextAsync(yaml, (await File.ReadAllTextAsync(yaml, TestContext.Current.CancellationToken)).Replace("corp.example.test, link", $"corp.example.test, wmiFilter: \"{Query}\", link", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        (await domain.MdbAsync($"render {project}")).ExitCode.ShouldBe(0);
        var push = await domain.MdbAsync($"push {project} --target active-directory --yes");
        push.ExitCode.ShouldBe(1, push.Output);
        push.Output.ShouldContain("MDB0701");
        (await FilterAsync(project)).ShouldContain("Win32_Battery");
    }

    private static string NameOf(string project) => $"MDB - Domain {Path.GetFileName(project).Split('-')[1]} - Computers";

    private async Task<string> FilterAsync(string project) =>
        (await domain.RunAsync($"ldapsearch -LLL -o ldif-wrap=no -Q -Y GSSAPI -H ldap://dc1.corp.example.test -b '{Place}' '(msWMI-Name={NameOf(project)})'")).Output.Trim();

    private async Task<string> PolicyAsync(string id) =>
        (await domain.RunAsync($"ldapsearch -LLL -o ldif-wrap=no -Q -Y GSSAPI -H ldap://dc1.corp.example.test -s base -b 'CN={id},CN=Policies,CN=System,{Domain.NamingContext}' gPCWQLFilter")).Output;

    private async Task ModifyAsync(string name, string change, string type = "modify") =>
        (await domain.RunAsync($"printf 'dn: {name}\\nchangetype: {type}\\n{change}\\n' | ldapmodify -Q -Y GSSAPI -H ldap://dc1.corp.example.test")).ExitCode.ShouldBe(0);
}
