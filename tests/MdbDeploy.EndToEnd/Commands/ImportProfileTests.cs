namespace MdbDeploy.EndToEnd.Commands;

public class ImportProfileTests
{
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
