using CsvHelper;

namespace MdbDeploy.EndToEnd.ActiveDirectory;

/// <summary>What <c>status</c> says of Group Policy in a real domain: to whom it applies and to whom not.</summary>
[Collection(nameof(Domain))]
public sealed class ReachOfPolicies(Domain domain)
{
    // What the console does by "Computer configuration settings disabled"; samba-tool has no command for it.
    private const string SwitchOff = "import sys,ldb;from samba.samdb import SamDB;from samba.param import LoadParm;from samba.credentials import Credentials;"
        + "p=LoadParm();p.load_default();c=Credentials();c.guess(p);c.set_username('Administrator');c.set_password('Pass-word-1!');d=SamDB(url='ldap://dc1.corp.example.test',credentials=c,lp=p);"
        + "m=ldb.Message(ldb.Dn(d,'CN='+sys.argv[1]+',CN=Policies,CN=System,DC=corp,DC=example,DC=test'));m['flags']=ldb.MessageElement('2',ldb.FLAG_MOD_REPLACE,'flags');d.modify(m)";

    [Fact]
    public async Task Status_says_to_which_computers_the_policy_applies_and_why_not_to_the_others()
    {
        Domain.Skip();
        var n = Domain.Next();
        var (unit, inner) = ($"OU=Reach{n},{Domain.NamingContext}", $"OU=Inner,OU=Reach{n},{Domain.NamingContext}");
        string[] names = [$"R{n}-IN", $"R{n}-DEEP", $"R{n}-OUT", $"R{n}-OFF", $"R{n}-GONE"];
        var made = await domain.RunAsync(string.Join(" && ",
        [
            $"samba-tool ou create {unit} {Domain.Server}", $"samba-tool ou create {inner} {Domain.Server}",
            $"samba-tool computer create {names[0]} --computerou={unit} {Domain.Server}", $"samba-tool computer create {names[1]} --computerou={inner} {Domain.Server}",
            $"samba-tool computer create {names[2]} {Domain.Server}", $"samba-tool computer create {names[3]} --computerou={unit} {Domain.Server}",
            // A prepared account is disabled until its computer joins.
            .. names[..3].Select(name => $"samba-tool user enable '{name}$' {Domain.Server}"),
        ]));
        made.ExitCode.ShouldBe(0, made.Output);
        var (project, id, name) = await domain.RenderAsync(place: unit, computers: string.Join(' ', names));

        // Rendered and not pushed.
        (await StatusAsync(project))[names[0]].ShouldContain("is not in the domain 'corp.example.test': push or import it");

        (await domain.MdbAsync($"push {project} --target active-directory --yes")).ExitCode.ShouldBe(0);
        var pushed = await StatusAsync(project);
        pushed[names[0]].ShouldStartWith($"waiting: '{name}' applies to it, by the link to '{unit}'. No system reports it yet.");
        pushed[names[1]].ShouldBe(pushed[names[0]]);
        pushed[names[2]].ShouldBe($"failed: It is in 'CN=Computers,{Domain.NamingContext}', to which no policy can be linked, and '{name}' is linked nowhere above: move the computer into a unit that the policy reaches.");
        pushed[names[3]].ShouldContain("is disabled");
        pushed[names[4]].ShouldContain("is no computer of the domain 'corp.example.test'");

        // A unit that keeps inheritance off, and a link that is enforced.
        (await domain.RunAsync($"samba-tool gpo setinheritance {inner} block {Domain.Server}")).ExitCode.ShouldBe(0);
        var blocked = await StatusAsync(project);
        blocked[names[0]].ShouldStartWith("waiting");
        blocked[names[1]].ShouldBe($"failed: '{name}' is linked to '{unit}', and '{inner}' blocks inheritance: enforce the link, or link it to '{inner}'.");
        (await domain.RunAsync($"samba-tool gpo dellink {unit} {id} {Domain.Server} && samba-tool gpo setlink {unit} {id} --enforce {Domain.Server}")).ExitCode.ShouldBe(0);
        (await StatusAsync(project))[names[1]].ShouldStartWith("waiting");

        // Switched off.
        (await domain.RunAsync($"samba-tool gpo dellink {unit} {id} {Domain.Server} && samba-tool gpo setlink {unit} {id} --disable {Domain.Server}")).ExitCode.ShouldBe(0);
        (await StatusAsync(project))[names[0]].ShouldBe($"failed: The link of '{name}' to '{unit}' is switched off: switch it on.");
        (await domain.RunAsync($"samba-tool gpo dellink {unit} {id} {Domain.Server} && samba-tool gpo setlink {unit} {id} {Domain.Server}")).ExitCode.ShouldBe(0);

        // Its half for computers.
        (await domain.RunAsync($"/usr/bin/python3 -c \"{SwitchOff}\" {id}")).ExitCode.ShouldBe(0);
        (await StatusAsync(project))[names[0]].ShouldContain("The computer settings of");
    }

    [Fact]
    public async Task A_computer_that_left_the_group_of_its_ring_no_longer_gets_the_policy()
    {
        Domain.Skip();
        var n = Domain.Next();
        var unit = $"OU=Rings{n},{Domain.NamingContext}";
        (await domain.RunAsync($"samba-tool ou create {unit} {Domain.Server} && samba-tool computer create G{n}-A --computerou={unit} {Domain.Server} && samba-tool computer create G{n}-B --computerou={unit} {Domain.Server} && samba-tool user enable 'G{n}-A$' {Domain.Server} && samba-tool user enable 'G{n}-B$' {Domain.Server}")).ExitCode.ShouldBe(0);
        var (project, _, name) = await domain.RenderAsync(place: unit, computers: $"G{n}-A G{n}-B");
        (await domain.MdbAsync($"push {project} --target active-directory --yes")).ExitCode.ShouldBe(0);
        (await StatusAsync(project)).Values.ShouldAllBe(v => v.StartsWith("waiting", StringComparison.Ordinal));
        (await domain.RunAsync($"samba-tool group removemembers MDB-{Path.GetFileName(project).Replace("project", "domain", StringComparison.Ordinal)}-all 'G{n}-B$' {Domain.Server}")).ExitCode.ShouldBe(0);
        var after = await StatusAsync(project);
        after[$"G{n}-A"].ShouldStartWith("waiting");
        after[$"G{n}-B"].ShouldContain($"may not apply '{name}'");
    }

    [Fact]
    public async Task A_domain_that_nobody_is_signed_in_to_is_a_warning_and_the_rest_stands()
    {
        Domain.Skip();
        var (project, _, _) = await domain.RenderAsync();
        var status = await domain.RunAsync($"KRB5CCNAME=FILE:/nowhere {Domain.Command} status {project}");
        status.ExitCode.ShouldBe(0, status.Output);
        status.Output.ShouldContain("MDB0853");
    }

    private async Task<Dictionary<string, string>> StatusAsync(string project)
    {
        var status = await domain.RunAsync($"{Domain.Command} status {project} --target active-directory --json 2>/dev/null");
        status.ExitCode.ShouldBe(0, status.Output);
        using var csv = CsvReader.FromText(await File.ReadAllTextAsync(Path.Combine(project, "out", "status.csv"), TestContext.Current.CancellationToken));
        var (name, state, detail) = (csv.Headers.ToList().IndexOf("name"), csv.Headers.ToList().IndexOf("state"), csv.Headers.ToList().IndexOf("detail"));
        var rows = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (csv.Read())
        {
            rows[csv.GetString(name)] = $"{csv.GetString(state)}: {csv.GetString(detail)}";
        }

        return rows;
    }
}
