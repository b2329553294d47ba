using System.IO.Compression;

namespace MdbDeploy.EndToEnd.Commands;

/// <summary><c>gpo lint</c> on folders and archives.</summary>
public class GpoLintTests
{
    [Fact]
    public async Task A_rendered_policy_has_no_findings_as_folder_and_as_zip_and_a_broken_one_is_explained()
    {
        using var project = await Project.RenderedAsync();
        var zip = Directory.EnumerateFiles(project["out/bundle/gpo"], "*.zip").First();
        foreach (var place in new[] { zip, Path.ChangeExtension(zip, null) })
        {
            var clean = await CliProcess.RunAsync(project.Folder, "gpo", "lint", place);
            clean.ExitCode.ShouldBe(0, clean.Output + clean.Error);
            (clean.Output + clean.Error).ShouldContain("Nothing found");
        }

        using (var archive = ZipFile.Open(zip, ZipArchiveMode.Update))
        {
            var entry = archive.Entries.Single(e => e.Name == "ScheduledTasks.xml");
            string text;
            using (var reader = new StreamReader(entry.Open()))
            {
                text = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
            }

            var name = entry.FullName;
            entry.Delete();
            await using var writer = new StreamWriter(archive.CreateEntry(name).Open());
            await writer.WriteAsync(text.Replace(@"NT AUTHORITY\SYSTEM", @"BUILTIN\SYSTEM", StringComparison.Ordinal));
        }

        var broken = await CliProcess.RunAsync(project.Folder, "gpo", "lint", zip);
        broken.ExitCode.ShouldBe(3);
        (broken.Output + broken.Error).ShouldContain("MDB0809");
    }
}
