using System.IO.Compression;
using System.Text.Json.Nodes;

namespace MdbDeploy.EndToEnd.Commands;

/// <summary>The built command reads every export that the engine's tests have, without being told what it is.</summary>
public class ReadingExportsTests
{
    private static readonly string Samples = Path.Combine(Repository.Root, "tests", "MdbDeploy.Tests", "Fixtures", "Inventory");

    [Fact]
    public async Task Inspect_recognises_every_export_and_says_why()
    {
        using var project = await Project.NewAsync();
        var files = Directory.EnumerateFiles(Samples).Order(StringComparer.Ordinal).ToArray();
        files.Length.ShouldBe(21);
        var inspected = await project.RunAsync(["inspect", .. files, "--json"]);
        inspected.ExitCode.ShouldBe(0, inspected.Output + inspected.Error);
        foreach (var file in inspected.JsonArray())
        {
            file["source"]!.GetValue<string>().ShouldNotBeEmpty();
            file["why"]!.GetValue<string>().ShouldNotBeEmpty();
            file["columns"]!.AsObject().Count.ShouldBeGreaterThan(0);
        }
    }

    [Fact]
    public async Task Inspect_lists_a_hundred_columns_that_are_not_used_and_says_how_many_more_there_are()
    {
        using var project = await Project.NewAsync();
        project.SetInventory(("wide.csv", $"name,{string.Join(',', Enumerable.Range(0, 4999).Select(i => $"c{i}"))}\nPC-1{string.Concat(Enumerable.Repeat(",x", 4999))}\n"));
        var inspected = await project.RunAsync("inspect", "inventory/wide.csv");
        inspected.ExitCode.ShouldBe(0, inspected.Output + inspected.Error);
        inspected.Output.ReplaceLineEndings("").ShouldContain("c99 and 4,899 more");
        (await project.RunAsync("inspect", "inventory/wide.csv", "--json")).JsonArray()[0]["columns"]!.AsObject().Count.ShouldBe(5000);
    }

    [Fact]
    public async Task Plan_reads_every_export_together_and_explains_a_device_down_to_the_record_of_each_field()
    {
        using var project = await Project.NewAsync();
        project.SetInventory(("none.csv", "name\n"));
        File.Delete(project["inventory/none.csv"]);
        foreach (var file in Directory.EnumerateFiles(Samples))
        {
            File.Copy(file, project[$"inventory/{Path.GetFileName(file)}"]);
        }

        // One of them compressed; a name says nothing about that.
        var report = project["inventory/intune-graph-report-Devices.csv"];
        await using (var gzip = new GZipStream(File.Create(report + ".gz"), CompressionLevel.Optimal))
        {
            await gzip.WriteAsync(await File.ReadAllBytesAsync(report, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        }

        File.Delete(report);
        project.SetYaml("inventory", "[inventory/intune-devices-portal-export.csv, \"inventory/*\"]");
        var planned = await project.RunAsync("plan", "--as-of", "2025-11-23", "--json");
        planned.ExitCode.ShouldBe(0, planned.Output + planned.Error);
        var devices = planned.Json()["devices"]!.GetValue<int>();
        var plan = JsonNode.Parse(await File.ReadAllTextAsync(project["out/plan.json"], TestContext.Current.CancellationToken))!;
        var sources = plan["devices"]!.AsArray().SelectMany(device => device!["sources"]!.AsArray()).Select(source => source!["file"]!.GetValue<string>()).Distinct().ToList();
        sources.Count.ShouldBe(21);
        plan["devices"]!.AsArray().Count.ShouldBe(devices);
        (await File.ReadAllLinesAsync(project["out/problems.csv"], TestContext.Current.CancellationToken))[0].ShouldBe("file,line,column,severity,code,device,value,done");

        var explained = await project.RunAsync("plan", "--as-of", "2025-11-23", "--explain", "lt-se-0001", "--json");
        explained.ExitCode.ShouldBe(0, explained.Output + explained.Error);
        var device = explained.JsonArray().Single(d => d["device"]!["identity"]!.GetValue<string>() == "entra:1e5d05e4-7f4a-56e0-9f4c-861d1efd822c");
        var build = device["fields"]!.AsArray().Single(field => field!["field"]!.GetValue<string>() == "build")!;
        build["value"]!.GetValue<string>().ShouldBe("19045.4412");
        build["from"]!.AsArray().ShouldHaveSingleItem()!.GetValue<string>().ShouldBe("inventory/intune-devices-portal-export.csv:2");
        build["others"]!.AsArray().Select(other => other!["value"]!.GetValue<string>()).ShouldContain("22631.4460");
        device["steps"]!.AsArray().Count.ShouldBeGreaterThan(10);
    }
}
