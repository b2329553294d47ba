using System.Text.Json.Nodes;

namespace MdbDeploy.EndToEnd.Commands;

/// <summary>The main job: one inventory in, every channel out, pushed into the lab, read back.</summary>
public class UpTests
{
    [Fact]
    public async Task Up_lab_in_an_empty_folder_does_the_whole_job_on_a_sample()
    {
        var folder = Directory.CreateTempSubdirectory("mdb-up-").FullName;
        try
        {
            var up = await CliProcess.RunAsync(folder, "up", "--lab");
            up.ExitCode.ShouldBe(0, up.Output + up.Error);
            var project = Path.Combine(folder, "mdbdeploy-demo");
            foreach (var file in new[] { "out/report.html", "out/plan.csv", "out/plan.json", "out/status.csv", "out/bundle/bundle.json", "mdbdeploy.yaml" })
            {
                File.Exists(Path.Combine(project, file)).ShouldBeTrue(file);
            }

            foreach (var channel in new[] { "intune", "configmgr", "gpo", "vdi" })
            {
                Directory.EnumerateFiles(Path.Combine(project, "out", "bundle", channel), "*", SearchOption.AllDirectories).ShouldNotBeEmpty(channel);
            }

            foreach (var word in new[] { "Microsoft Intune", "Configuration Manager", "Group Policy", "VDI", "pilot", "Created", "Needs attention", "report.html" })
            {
                up.Output.ShouldContain(word);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Up_lab_json_is_one_document_whose_numbers_add_up()
    {
        using var project = await Project.NewAsync();
        var up = await project.RunAsync("up", "--lab", "--json");
        up.ExitCode.ShouldBe(0, up.Output + up.Error);
        var json = up.Json();
        var devices = json["plan"]!["devices"]!.GetValue<int>();
        devices.ShouldBeGreaterThan(50);
        json["plan"]!["methods"]!.AsObject().Sum(m => m.Value!.GetValue<int>()).ShouldBe(devices);
        json["status"]!.AsObject().Sum(s => s.Value!.GetValue<int>()).ShouldBe(devices);
        json["status"]!["onboarded"]!.GetValue<int>().ShouldBeGreaterThan(0);
        json["push"]!["graph"]!["failed"]!.GetValue<int>().ShouldBe(0);
        json["push"]!["configmgr"]!["failed"]!.GetValue<int>().ShouldBe(0);
    }

    [Fact]
    public async Task It_runs_on_three_exports_that_nobody_here_wrote_for_it()
    {
        using var project = await Project.NewAsync();
        var fixtures = Path.Combine(AppContext.BaseDirectory, "Fixtures", "ThreeExports");
        Directory.Delete(project["inventory"], recursive: true);
        Directory.CreateDirectory(project["inventory"]);
        foreach (var file in Directory.EnumerateFiles(fixtures))
        {
            File.Copy(file, project[$"inventory/{Path.GetFileName(file)}"]);
        }

        project.SetYaml("inventory", "[inventory/intune-devices-portal-export.csv, inventory/ad-getadcomputer-ps51-TYPE.csv, inventory/citrix-get-brokermachine.csv]");
        var up = await project.RunAsync("up", "--lab", "--as-of", "2025-11-23");
        up.ExitCode.ShouldBe(0, up.Output + up.Error);
        var plan = JsonNode.Parse(await File.ReadAllTextAsync(project["out/plan.json"], TestContext.Current.CancellationToken))!;
        var devices = plan["devices"]!.AsArray();
        devices.Count.ShouldBe(9);
        Method(devices, "LT-SE-0001").ShouldBe("intune");
        Method(devices, "LT-SE-0003").ShouldBe("group-policy");
        Method(devices, "VDI-POOL-001").ShouldBe("vdi-script");
        Method(devices, "OLDPC17").ShouldBe("none");
        Method(devices, "iPhone von Jörg").ShouldBe("none");
    }

    private static string Method(JsonArray devices, string name) =>
        devices.Single(d => d!["name"]!.GetValue<string>() == name)!["method"]!.GetValue<string>();
}
