using System.CommandLine;
using System.Text.Json.Nodes;
using MdbDeploy.Lab;

namespace MdbDeploy.Cli.Commands;

/// <summary><c>lab</c>: the stand-in for tenant and site alone, until Ctrl+C.</summary>
internal static class LabCommand
{
    /// <summary>The command.</summary>
    public static Command Create(CommandLine line)
    {
        var project = new Argument<string?>("project") { Description = "Seed the lab with the devices of this project.", Arity = ArgumentArity.ZeroOrOne };
        var port = new Option<int>("--port") { Description = "TCP port on loopback; a free one when left out.", DefaultValueFactory = _ => 0 };
        var faults = new Option<string?>("--faults") { Description = "Faults to inject, for example '429:0.1' or 'latency:50ms'.", HelpName = "spec" };
        var command = new Command("lab", "A stand-in for Entra ID, Microsoft Graph and the AdminService on loopback. Runs until Ctrl+C.") { project, port, faults };
        line.Handle(command, async run =>
        {
            await using var lab = run.Parsed.GetValue(project) is { } folder
                ? await SeededAsync(run, folder, run.Parsed.GetValue(port), run.Parsed.GetValue(faults))
                : await LabSession.StartAsync(new LabOptions { Port = run.Parsed.GetValue(port), Faults = run.Parsed.GetValue(faults), Time = run.Time }, run.Cancelled);
            var caFile = Path.Combine(Path.GetTempPath(), $"mdbdeploy-lab-{lab.BaseAddress.Port}.pem");
            AtomicFile.Write(caFile, System.Text.Encoding.ASCII.GetBytes(lab.AuthorityPem));
            run.Terminal.Line($"The lab listens on [bold]{lab.BaseAddress}[/]. In mdbdeploy.yaml:");
            run.Terminal.Line(ConsoleText.Lines($"""
                targets:
                  graph:
                    tenantId: {lab.TenantId}
                    clientId: {lab.ClientId}
                    auth: client-secret
                    endpoint: {lab.BaseAddress}
                    authority: {lab.BaseAddress}
                    defenderApi: {lab.BaseAddress}
                    caFile: {caFile}
                  configmgr:
                    server: localhost
                    siteCode: P01
                    auth: bearer
                    endpoint: {lab.BaseAddress}AdminService_TokenAuth/
                    caFile: {caFile}
                """));
            run.Terminal.Line($"and in the environment: MDBDEPLOY_CLIENT_SECRET={ConsoleText.Of(lab.ClientSecret)}  (the lab's own, good for nothing else)");
            run.Terminal.Result(() => new JsonObject
            {
                ["address"] = lab.BaseAddress.ToString(),
                ["tenantId"] = lab.TenantId,
                ["clientId"] = lab.ClientId,
                ["clientSecret"] = lab.ClientSecret,
                ["caFile"] = caFile,
            });
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, run.Time, run.Cancelled);
            }
            catch (OperationCanceledException)
            {
                File.Delete(caFile);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static async Task<LabServer> SeededAsync(Run run, string folder, int port, string? faults)
    {
        var planned = await run.Pipeline.PlanAsync(folder, null, run.Cancelled);
        return await LabSession.StartAsync(planned.Fleet, planned.Packages, planned.Project, run.Time, port, faults, run.Cancelled);
    }
}
