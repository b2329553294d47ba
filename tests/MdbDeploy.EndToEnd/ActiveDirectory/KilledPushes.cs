using System.Globalization;

namespace MdbDeploy.EndToEnd.ActiveDirectory;

/// <summary>Pushes that are killed at every point, in a domain of their own: they take as long as all others together, and run beside them.</summary>
public sealed class KilledPushes(Domain domain) : IClassFixture<Domain>
{
    [Fact]
    public async Task A_push_that_is_killed_between_any_two_steps_on_SYSVOL_is_completed_by_the_next()
    {
        Domain.Skip();
        // Stands before the real programs in PATH and kills the push when the given number of them were run.
        var traps = Directory.CreateDirectory(Path.Combine(domain.Folder, "traps")).FullName;
        foreach (var program in new[] { "smbclient", "smbcacls" })
        {
            var trap = Path.Combine(traps, program);
            await File.WriteAllTextAsync(trap, $"#!/bin/bash\nn=$(( $(cat \"$MDB_TRAP\") - 1 )); echo $n > \"$MDB_TRAP\"; [ $n -lt 0 ] && kill -9 $PPID && exit 9\nexec /usr/bin/{program} \"$@\"\n", TestContext.Current.CancellationToken);
        }

        (await domain.RunAsync($"chmod +x {traps}/*")).ExitCode.ShouldBe(0);
        var killed = 0;
        for (var steps = 0; ; steps++)
        {
            // One policy: those with settings take the same steps, and the test of requests over LDAP kills between them all.
            var (project, id, _) = await domain.RenderAsync(policies: "");
            await File.WriteAllTextAsync(Path.Combine(domain.Folder, "count"), steps.ToString(CultureInfo.InvariantCulture), TestContext.Current.CancellationToken);
            var first = await domain.RunAsync($"MDB_TRAP={domain.Folder}/count PATH={traps}:$PATH {Domain.Command} push {project} --target active-directory --yes");
            if (first.ExitCode == 0)
            {
                break;
            }

            killed++;
            first.ExitCode.ShouldBe(137, first.Output);
            var second = await domain.MdbAsync($"push {project} --target active-directory --yes");
            second.ExitCode.ShouldBe(0, $"after {steps} steps: {second.Output}");
            (await domain.MdbAsync($"diff {project} --target active-directory")).ExitCode.ShouldBe(0, $"after {steps} steps");
            (await domain.RunAsync($"samba-tool gpo listall {Domain.Server}")).Output.Split(id).Length.ShouldBe(4);
        }

        killed.ShouldBeGreaterThan(5);
        (await domain.RunAsync($"samba-tool gpo aclcheck {Domain.Server}")).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task A_push_that_is_killed_after_any_request_to_the_directory_is_completed_by_the_next()
    {
        Domain.Skip();
        // Between the command and the domain controller; sees sealed frames, and kills the command when it sent so many.
        var (reads, _) = await ThroughRelayAsync("diff", 1000);
        var killed = 0;
        for (var frames = reads; ; frames++)
        {
            var (seen, project) = await ThroughRelayAsync("push", frames);
            if (seen < frames)
            {
                break;
            }

            killed++;
            var next = await domain.MdbAsync($"push {project} --target active-directory --yes");
            next.ExitCode.ShouldBe(0, $"after {frames} requests: {next.Output}");
            (await domain.MdbAsync($"push {project} --target active-directory --yes")).Output.ShouldContain("nothing was written", Case.Insensitive, $"after {frames} requests");
        }

        killed.ShouldBeGreaterThan(6);
        (await domain.RunAsync($"samba-tool gpo aclcheck {Domain.Server}")).ExitCode.ShouldBe(0);
    }

    /// <summary>Runs a command on a new project through the relay; gives how many requests it sent before it ended or was killed.</summary>
    private async Task<(int Requests, string Project)> ThroughRelayAsync(string verb, int most)
    {
        var (project, _, _) = await domain.RenderAsync();
        var script = Path.Combine(AppContext.BaseDirectory, "ActiveDirectory", "relay.sh");
        var run = await domain.RunAsync($"bash {script} {domain.Folder} {most} {Domain.Command} {verb} {project} --target active-directory {(verb == "push" ? "--yes" : "")}");
        return (int.Parse(run.Output.Trim().Split('\n')[^1].Split("requests: ")[^1], CultureInfo.InvariantCulture), project);
    }
}
