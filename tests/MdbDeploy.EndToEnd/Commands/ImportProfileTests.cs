namespace MdbDeploy.EndToEnd.Commands;

public class ImportProfileTests
{
    [Fact]
    public async Task A_profile_that_is_asked_for_overrides_what_the_headers_say()
    {
        using var project = await Project.NewAsync();
        project.SetInventory(("list.csv", "Name,Join,Build,Owner\nPC-1,AzureAD,10.0.22631.4460,x\n"));
        var recognised = await project.RunAsync("inspect", "inventory/list.csv");
        recognised.Output.ShouldContain("(spreadsheet)");
        recognised.Output.ShouldContain("why");

        // A profile of the project is known to inspect too, and one in a file need not be in the project.
        Directory.CreateDirectory(project["profiles"]);
        const string Ours = "id: ours\ntitle: Our list\nsource: ourselves\nrequired:\n  - any: [Name]\ncolumns:\n  - { field: name, from: [Name] }\n  - { field: site, from: [Owner] }\n";
        await File.WriteAllTextAsync(project["profiles/ours.yaml"], Ours, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(project["elsewhere.yaml"], Ours.Replace("ours", "elsewhere", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        (await project.RunAsync("inspect", "inventory/list.csv", "--profile", "ours")).Output.ShouldContain("Owner → site");
        (await project.RunAsync("inspect", "inventory/list.csv", "--profile", "elsewhere.yaml")).Output.ShouldContain("(elsewhere)");
        var unknown = await project.RunAsync("inspect", "inventory/list.csv", "--profile", "nobodys");
        unknown.ExitCode.ShouldBe(3);
        unknown.Output.ShouldContain("MDB0209");

        // What every command reads the file with stands in the project.
        project.SetYaml("importProfiles", "{ inventory/list.csv: ours }");
        project.SetYaml("routing", "[{ when: \"site == 'x'\", method: group-policy }]");
        var planned = await project.RunAsync("plan", "--json");
        planned.ExitCode.ShouldBe(0, planned.Output + planned.Error);
        (await File.ReadAllTextAsync(project["out/plan.csv"], TestContext.Current.CancellationToken)).ShouldContain("group-policy");

        project.SetYaml("importProfiles", "{ inventory/other.csv: ours }");
        var missing = await project.RunAsync("plan");
        missing.ExitCode.ShouldBe(3);
        missing.Output.ShouldContain("the inventory has no such file");
    }

    [Fact]
    public async Task A_profile_in_the_projects_folder_reads_an_export_that_nobody_knew()
    {
        using var project = await Project.NewAsync();
        project.SetInventory(("cmdb.csv", "Hostnamn;Utgåva\nPC-1;10.0.22631.4460\n"));
        (await project.RunAsync("plan")).ExitCode.ShouldBe(3);
        Directory.CreateDirectory(project["profiles"]);
        await File.WriteAllTextAsync(project["profiles/cmdb.yaml"], """
            id: cmdb
            title: Our CMDB
            source: our own export
            required:
              - any: [Hostnamn]
            columns:
              - { field: name, from: [Hostnamn] }
              - { field: build, from: [Utgåva] }
            """, TestContext.Current.CancellationToken);
        var planned = await project.RunAsync("plan", "--json");
        planned.ExitCode.ShouldBe(0, planned.Output + planned.Error);
        planned.Json()["devices"]!.GetValue<int>().ShouldBe(1);
    }
}
