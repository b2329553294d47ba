using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;

namespace MdbDeploy.EndToEnd.Commands;

/// <summary>Files that are larger than anything should be, read by the built command in a process of its own, whose memory is watched.</summary>
public class BigFileTests
{
    [Fact]
    public async Task Two_gigabytes_without_a_line_end_are_an_error_and_take_little_memory()
    {
        using var project = await Project.NewAsync();
        project.SetInventory(("sparse.csv", ""), ("letters.csv.gz", ""));
        await using (var sparse = File.OpenWrite(project["inventory/sparse.csv"]))
        {
            // Zeros that take no room on disk.
            sparse.SetLength(2L << 30);
        }

        using (var member = new MemoryStream())
        {
            await using (var gzip = new GZipStream(member, CompressionLevel.Fastest, leaveOpen: true))
            {
                gzip.Write(Enumerable.Repeat((byte)'x', 1 << 24).ToArray());
            }

            // A gzip file may have many members, whose texts follow each other (RFC 1952, 2.2).
            await using var file = File.OpenWrite(project["inventory/letters.csv.gz"]);
            for (var i = 0; i < 128; i++)
            {
                await file.WriteAsync(member.GetBuffer().AsMemory(0, (int)member.Length), TestContext.Current.CancellationToken);
            }
        }

        var (planned, peak) = await WatchedAsync(project, "plan", "--json");
        planned.ExitCode.ShouldBe(3, planned.Output + planned.Error);
        planned.Json()["errors"]!.AsArray().Select(error => error!.GetValue<string>()).ShouldBe(["inventory/sparse.csv(1): error MDB0206: Line 1 is longer than 1048576 bytes.", "inventory/letters.csv.gz(1): error MDB0206: Line 1 is longer than 1048576 bytes."]);
        // Nothing but the program and its buffers: 80 MB.
        peak.ShouldBeLessThan(240);
    }

    [Fact]
    public async Task Two_hundred_thousand_devices_are_planned_in_little_memory()
    {
        const int devices = 200_000;
        using var project = await Project.NewAsync();
        project.SetInventory(("all.csv", ""));
        await using (var file = new StreamWriter(project["inventory/all.csv"]))
        {
            await file.WriteLineAsync("name,fqdn,domain,os,edition,build,join type,entra device id,serial,ou,site,tags,owner,last seen");
            for (var i = 0; i < devices; i++)
            {
                await file.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                    $"PC-{i:D7},pc-{i:D7}.corp.contoso.example,CORP,Windows 11 Enterprise,Enterprise,10.0.22631.{4000 + (i % 900)},hybrid,{i:x8}-1111-4222-8333-444455556666,SN{i:D10},\"OU=Site {i % 50},DC=corp,DC=contoso,DC=example\",S{i % 50},Ring {i % 4},user{i}@contoso.example,2026-11-{1 + (i % 20):D2}T06:00:00Z"));
            }
        }

        project.SetYaml("offboard", "{ names: [PC-0000005, 'CORP\\PC-0000006', pc-0000007.corp.contoso.example] }");
        var (planned, peak) = await WatchedAsync(project, "plan", "--as-of", "2026-11-23", "--json");
        planned.ExitCode.ShouldBe(0, planned.Output + planned.Error);
        planned.Json()["devices"]!.GetValue<int>().ShouldBe(devices);
        File.ReadLines(project["out/plan.csv"]).Count().ShouldBe(devices + 1);
        // It takes 160 MB, of which 70 are the program; with plan.json, which is 160 MB, kept until its end it took 500.
        peak.ShouldBeLessThan(320);
    }

    /// <summary>Runs the command and looks, until it ends, at the most memory it had resident, which the kernel remembers; in MB.</summary>
    private static async Task<(CliProcess Run, long PeakMegabytes)> WatchedAsync(Project project, params string[] args)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The memory of a process is read from /proc.");
        using var process = CliProcess.Start(project.Folder, null, args);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var ended = process.WaitForExitAsync(TestContext.Current.CancellationToken);
        var peak = 0L;
        do
        {
            peak = Math.Max(peak, Peak(process));
        }
        while (await Task.WhenAny(ended, Task.Delay(20, TestContext.Current.CancellationToken)) != ended);

        return (new CliProcess(process.ExitCode, await output, await error), peak);
    }

    private static long Peak(Process process)
    {
        try
        {
            // "VmHWM:	  112233 kB", proc(5); a process that ended has no such line.
            var line = File.ReadLines($"/proc/{process.Id}/status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
