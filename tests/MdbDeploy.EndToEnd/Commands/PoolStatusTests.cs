using MdbDeploy.Lab;

namespace MdbDeploy.EndToEnd.Commands;

/// <summary>The sample's pool against a lab whose Defender lists a ghost, a duplicate and an onboarded image.</summary>
public class PoolStatusTests
{
    [Fact]
    public async Task Status_lists_ghosts_and_duplicates_of_the_pool()
    {
        using var project = await Project.NewAsync();
        await using var lab = await LabServer.StartAsync(new LabOptions
        {
            Devices =
            [
                new LabDevice { Name = "VDI-POOL-001", Onboarded = true },
                new LabDevice { Name = "VDI-POOL-002", Onboarded = true },
                new LabDevice { Name = "VDI-POOL-002", Fqdn = "vdi-pool-002.corp.contoso.example", Onboarded = true },
                new LabDevice { Name = "VDI-POOL-099", Onboarded = true },
                new LabDevice { Name = "W11-GOLD-01", Onboarded = true },
            ],
        }, TestContext.Current.CancellationToken);
        var caFile = project["lab-ca.pem"];
        await File.WriteAllTextAsync(caFile, lab.AuthorityPem, TestContext.Current.CancellationToken);
        project.SetYaml("targets", $$"""
            { graph: { tenantId: {{lab.TenantId}}, clientId: {{lab.ClientId}}, auth: client-secret, endpoint: '{{lab.BaseAddress}}', authority: '{{lab.BaseAddress}}', defenderApi: '{{lab.BaseAddress}}', caFile: '{{caFile}}' } }
            """);
        var status = await project.RunAsync(new Dictionary<string, string> { ["MDBDEPLOY_CLIENT_SECRET"] = lab.ClientSecret }, "status", "--json");
        status.ExitCode.ShouldBe(0, status.Output + status.Error);
        var pool = status.Json()["pool"]!.AsObject();
        pool.ToDictionary(p => p.Key, p => p.Value!.GetValue<int>()).Where(p => p.Value > 0).Select(p => $"{p.Key} {p.Value}").ShouldBe(["expected 1", "waiting 6", "duplicate 1", "ghost 1", "onboarded image 1"]);

        var lines = await File.ReadAllLinesAsync(project["out/pool-status.csv"], TestContext.Current.CancellationToken);
        lines.Length.ShouldBe(1 + 8 + 2);
        lines.Single(l => l.StartsWith("VDI-POOL-002,", StringComparison.Ordinal)).ShouldContain(",duplicate,2,");
        lines.Single(l => l.StartsWith("VDI-POOL-099,", StringComparison.Ordinal)).ShouldContain(",ghost,1,");
        var bundled = await File.ReadAllTextAsync(await RenderedPool(project), TestContext.Current.CancellationToken);
        foreach (var line in lines.Skip(1).Where(l => l.Contains(",w11-pool,", StringComparison.Ordinal)))
        {
            bundled.ShouldContain(line.Split(',')[2]);
        }
    }

    private static async Task<string> RenderedPool(Project project)
    {
        var rendered = await project.RunAsync("render");
        rendered.ExitCode.ShouldBe(0, rendered.Output + rendered.Error);
        return project["out/bundle/vdi/w11-pool/pool.csv"];
    }
}
