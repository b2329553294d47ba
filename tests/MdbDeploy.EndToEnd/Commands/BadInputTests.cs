using System.IO.Compression;
using System.Text.Json.Nodes;

namespace MdbDeploy.EndToEnd.Commands;

/// <summary>What a user sees when the input is wrong: a code, a place, what to do, exit code 3, and nothing written.</summary>
public class BadInputTests
{
    [Fact]
    public async Task An_empty_csv_is_named_and_nothing_is_written()
    {
        using var project = await Project.NewAsync();
        project.SetInventory(("empty.csv", ""));
        await RefusedAsync(project, "MDB02", "empty.csv");
    }

    [Fact]
    public async Task A_csv_without_a_name_column_is_told_which_columns_it_has()
    {
        using var project = await Project.NewAsync();
        project.SetInventory(("odd.csv", "colour,size\nred,10\n"));
        var refused = await RefusedAsync(project, "MDB02", "odd.csv");
        refused.Output.ShouldContain("colour");
    }

    [Fact]
    public async Task Mistakes_in_rules_rings_and_gates_are_told_with_line_and_column()
    {
        using var project = await Project.NewAsync();
        project.SetYaml("routing", "\n  - { when: \"sitee == 'BGO'\", method: group-policy }\n  - { when: \"site == \", method: group-policy }\n  - { when: \"os.exit\", method: group-policy }");
        project.SetYaml("rings", "[{ name: broad }]");
        var lines = await File.ReadAllLinesAsync(project["mdbdeploy.yaml"], TestContext.Current.CancellationToken);
        var first = Array.FindIndex(lines, line => line.StartsWith("routing:", StringComparison.Ordinal)) + 2;
        var refused = await RefusedAsync(project, "MDB0301", $"mdbdeploy.yaml({first},");
        refused.Output.ShouldContain("did you mean 'site'");
        refused.Output.ShouldContain($"mdbdeploy.yaml({first + 1},");
        refused.Output.ShouldContain($"mdbdeploy.yaml({first + 2},");

        project.SetYaml("routing", "[]");
        project.SetYaml("rings", "[{ name: pilot, after: broad }, { name: broad, after: pilot }]");
        (await RefusedAsync(project, "MDB01", "mdbdeploy.yaml(")).Output.ShouldContain("wait for each other");
    }

    [Fact]
    public async Task A_ring_that_matches_nothing_is_a_warning_and_the_plan_stands()
    {
        using var project = await Project.NewAsync();
        project.SetYaml("rings", "[{ name: pilot, match: \"tags contains 'Nobody'\" }, { name: broad }]");
        var planned = await project.RunAsync("plan");
        planned.ExitCode.ShouldBe(0, planned.Output + planned.Error);
        planned.Output.ShouldContain("MDB0305");
        planned.Output.ShouldContain("The ring 'pilot' holds no device.");
    }

    [Fact]
    public async Task A_console_obeys_nothing_that_stands_in_a_name()
    {
        const string Escapes = "\u001b[2J\u001b]0;owned\u0007";
        using var project = await Project.NewAsync();
        project.SetInventory(("fleet.csv", $"name,os,site,tags,ring\n\"PC-1{Escapes}\nPC-9\",Windows 11 Pro,\"Oslo{Escapes}\u202Etxt\r\nBergen\",a{Escapes};b[red],{Escapes}\nPC-2,Windows 11 Pro,{Escapes},[bold]x,{Escapes}\n"));
        project.SetYaml("rings", $"[{{ name: broad, match: \"site != 'a'\" }}]");
        foreach (string[] command in new string[][] { ["plan"], ["plan", "--explain", "PC-2"], ["plan", "--verbosity", "detailed"], ["inspect", "inventory/fleet.csv"], ["render"] })
        {
            var shown = await project.RunAsync(command);
            shown.ExitCode.ShouldBe(0, shown.Output + shown.Error);
            (shown.Output + shown.Error).Where(c => char.IsControl(c) && c is not ('\n' or '\r') || c is '\u202E').ShouldBeEmpty(string.Join(' ', command));
            shown.Output.Split('\n').ShouldAllBe(line => !line.StartsWith("PC-9") && !line.StartsWith("Bergen"));
        }

        var explained = await project.RunAsync("plan", "--explain", "PC-2");
        explained.Output.ShouldContain("\\u001B[2J");
        explained.Output.ShouldContain("[bold]x");
    }

    [Theory]
    [InlineData("group-policy", true)]
    [InlineData("local-script", false)]
    public async Task Plan_prints_what_must_be_in_place_for_the_methods_that_need_it(string method, bool managed)
    {
        using var project = await Project.NewAsync();
        project.SetInventory(("list.csv", $"name,os,edition,build,method\nPC-1,Windows 11,Pro,10.0.22631.4460,{method}\n"));
        var planned = await project.RunAsync("plan");
        planned.ExitCode.ShouldBe(0, planned.Output + planned.Error);
        planned.Output.ShouldContain("Before devices are onboarded");
        planned.Output.ShouldContain("*.endpoint.security.microsoft.com");
        foreach (var asked in (string[])["https://learn.microsoft.com/mem/intune/protect/mde-security-integration", "enterpriseregistration.windows.net", "login.microsoftonline.com", "*.dm.microsoft.com", "Security settings management is on"])
        {
            planned.Output.Contains(asked, StringComparison.Ordinal).ShouldBe(managed, asked);
        }
    }

    [Fact]
    public async Task Exports_that_are_cut_off_are_all_told_at_once()
    {
        using var project = await Project.NewAsync();
        project.SetInventory(("quote.csv", "name,os\nPC-1,Windows 11\nPC-2,\"Windows"), ("workbook.csv", ""), ("packed.csv", ""));
        using (var workbook = new MemoryStream())
        {
            using (var zip = new ZipArchive(workbook, ZipArchiveMode.Create, leaveOpen: true))
            {
                zip.CreateEntry("xl/workbook.xml");
            }

            await File.WriteAllBytesAsync(project["inventory/workbook.csv"], workbook.ToArray()[..^8], TestContext.Current.CancellationToken);
        }

        using (var packed = new MemoryStream())
        {
            await using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            {
                await gzip.WriteAsync("name\nPC-1\nPC-2\n"u8.ToArray(), TestContext.Current.CancellationToken);
            }

            await File.WriteAllBytesAsync(project["inventory/packed.csv"], packed.ToArray()[..^4], TestContext.Current.CancellationToken);
        }

        var refused = await RefusedAsync(project, "MDB0207", "quote.csv(3)");
        refused.Output.ShouldContain("workbook.csv: The file cannot be read");
        refused.Output.ShouldContain("packed.csv: The file cannot be read: it is cut off or damaged.");
    }

    [Fact]
    public async Task A_zip_that_is_no_package_is_named()
    {
        using var project = await Project.NewAsync();
        Zip(project["packages/holiday.zip"], ("photo.jpg", "not a package"));
        var inspected = await project.RunAsync("inspect", "packages/holiday.zip");
        inspected.ExitCode.ShouldBe(3, inspected.Output + inspected.Error);
        inspected.Output.ShouldContain("MDB04");
    }

    [Fact]
    public async Task A_zip_entry_that_climbs_out_is_refused_and_written_nowhere()
    {
        using var project = await Project.NewAsync();
        Zip(project["packages/evil.zip"], (@"..\..\evil.cmd", "@echo evil"), ("WindowsDefenderATP.onboarding", "{}"));
        await RefusedAsync(project, "MDB04", "evil.zip");
        Directory.EnumerateFiles(Path.GetFullPath(project[".."]), "*evil.cmd*", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_template_with_a_syntax_error_names_template_and_line_and_keeps_the_previous_bundle()
    {
        using var project = await Project.RenderedAsync();
        var before = await File.ReadAllTextAsync(project["out/bundle/bundle.json"], TestContext.Current.CancellationToken);
        var templates = CopyTemplates(project);
        await File.AppendAllTextAsync(Path.Combine(templates, "intune", "README.md.sbn"), "\n{{ if }}\n", TestContext.Current.CancellationToken);
        var refused = await project.RunAsync("render", "--templates", templates);
        refused.ExitCode.ShouldBe(3, refused.Output + refused.Error);
        refused.Output.ShouldContain("MDB0503");
        refused.Output.ShouldContain("templates/intune/README.md.sbn(");
        (await File.ReadAllTextAsync(project["out/bundle/bundle.json"], TestContext.Current.CancellationToken)).ShouldBe(before);
    }

    [Fact]
    public async Task A_template_that_loops_forever_is_stopped()
    {
        using var project = await Project.NewAsync();
        var templates = CopyTemplates(project);
        await File.AppendAllTextAsync(Path.Combine(templates, "intune", "README.md.sbn"), "{{ while true }}{{ end }}", TestContext.Current.CancellationToken);
        var refused = await project.RunAsync("render", "--templates", templates);
        refused.ExitCode.ShouldBe(3, refused.Output + refused.Error);
        refused.Output.ShouldContain("MDB0504");
    }

    [Fact]
    public async Task A_bundle_edited_by_hand_is_not_pushed()
    {
        using var project = await Project.RenderedAsync();
        var file = project["out/bundle/intune/group.pilot.json"];
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).Replace("pilot", "everybody", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var refused = await project.RunAsync("push", "--yes");
        refused.ExitCode.ShouldBe(3, refused.Output + refused.Error);
        refused.Output.ShouldContain("MDB0603");
        refused.Output.ShouldContain("intune/group.pilot.json");
    }

    [Fact]
    public async Task A_mistake_in_mdbdeploy_yaml_is_told_with_its_line_and_the_nearest_key()
    {
        using var project = await Project.NewAsync();
        project.SetYaml("organisation", "Contoso");
        var refused = await RefusedAsync(project, "MDB01", "mdbdeploy.yaml(");
        refused.Output.ShouldContain("organization");
    }

    [Fact]
    public async Task Json_output_stays_one_document_when_the_input_is_wrong()
    {
        using var project = await Project.NewAsync();
        project.SetInventory(("empty.csv", ""));
        var refused = await project.RunAsync("plan", "--json");
        refused.ExitCode.ShouldBe(3);
        var document = JsonNode.Parse(refused.Output).ShouldNotBeNull();
        document["errors"]!.AsArray().ShouldNotBeEmpty();
    }

    private static async Task<CliProcess> RefusedAsync(Project project, string code, string where)
    {
        var refused = await project.RunAsync("render");
        refused.ExitCode.ShouldBe(3, refused.Output + refused.Error);
        refused.Output.ShouldContain(code);
        refused.Output.ShouldContain(where);
        Directory.Exists(project["out"]).ShouldBeFalse();
        return refused;
    }

    private static void Zip(string path, params (string Name, string Text)[] entries)
    {
        using var zip = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach (var (name, text) in entries)
        {
            using var writer = new StreamWriter(zip.CreateEntry(name).Open());
            writer.Write(text);
        }
    }

    private static string CopyTemplates(Project project)
    {
        var source = Path.Combine(AppContext.BaseDirectory, "templates");
        var target = project["my-templates"];
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var to = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }

        return target;
    }
}
