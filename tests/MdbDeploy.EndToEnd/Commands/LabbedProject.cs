using System.Text.Json.Nodes;
using MdbDeploy.Lab;

namespace MdbDeploy.EndToEnd.Commands;

/// <summary>The sample project, rendered, with its targets pointing at a lab that this test watches.</summary>
internal sealed class LabbedProject : IAsyncDisposable
{
    private LabbedProject(Project project, LabServer lab)
    {
        Project = project;
        Lab = lab;
    }

    public Project Project { get; }

    public LabServer Lab { get; }

    /// <summary>Starts it.</summary>
    /// <param name="faults">Faults of the lab.</param>
    /// <param name="membership">How devices become members of collections; null takes what is usual.</param>
    /// <param name="profile">Which profile onboards in Intune; null takes what is usual.</param>
    /// <param name="options">Changes how the lab is; null for the usual.</param>
    public static async Task<LabbedProject> StartAsync(string? faults = null, string? membership = null, string? profile = null, Func<LabOptions, LabOptions>? options = null)
    {
        var project = await Project.RenderedAsync();
        var plan = JsonNode.Parse(await File.ReadAllTextAsync(project["out/plan.json"], TestContext.Current.CancellationToken))!;
        var seeded = new LabOptions { Devices = [.. plan["devices"]!.AsArray().Select(Seed)], Faults = faults };
        var lab = await LabServer.StartAsync(options?.Invoke(seeded) ?? seeded, TestContext.Current.CancellationToken);
        var caFile = project["lab-ca.pem"];
        await File.WriteAllTextAsync(caFile, lab.AuthorityPem, TestContext.Current.CancellationToken);
        var test = new LabbedProject(project, lab);
        test.SetTargets(membership, profile);
        if ((membership ?? profile) is not null)
        {
            var rendered = await project.RunAsync("render");
            rendered.ExitCode.ShouldBe(0, rendered.Output + rendered.Error);
        }

        return test;
    }

    /// <summary>Writes the targets, which are the lab; see <see cref="StartAsync"/>.</summary>
    public void SetTargets(string? membership = null, string? profile = null) => Project.SetYaml("targets", $$"""
        { graph: { tenantId: {{Lab.TenantId}}, clientId: {{Lab.ClientId}}, auth: client-secret, endpoint: '{{Lab.BaseAddress}}', authority: '{{Lab.BaseAddress}}', defenderApi: '{{Lab.BaseAddress}}', caFile: '{{Project["lab-ca.pem"]}}'{{(profile is null ? "" : $", profile: {profile}")}} }, configmgr: { server: localhost, siteCode: P01, auth: bearer, endpoint: '{{Lab.BaseAddress}}AdminService_TokenAuth/', caFile: '{{Project["lab-ca.pem"]}}'{{(membership is null ? "" : $", membership: {membership}")}} } }
        """);

    /// <summary>Runs the command with the lab's client secret in the environment.</summary>
    public Task<CliProcess> RunAsync(params string[] args) => Project.RunAsync(Environment, args);

    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string> { ["MDBDEPLOY_CLIENT_SECRET"] = Lab.ClientSecret };

    /// <summary>What stands in the lab, told so that two labs can be compared: names, members, assignments, rules.</summary>
    public string Told() => string.Join('\n', [
        .. Lab.State.Groups.Select(g => $"group {g.DisplayName}: {string.Join(',', g.Members.Select(m => m.Name).Order(StringComparer.Ordinal))}").Order(StringComparer.Ordinal),
        .. Lab.State.Policies.Select(p => $"policy {p.Name}, {p.Targets.Count} assignments").Order(StringComparer.Ordinal),
        .. Lab.State.Collections.Where(c => !c.Id.StartsWith("SMS", StringComparison.Ordinal)).Select(c => $"collection {c.Name}, {c.Rules.Count} rules").Order(StringComparer.Ordinal),
    ]);

    public async ValueTask DisposeAsync()
    {
        await Lab.DisposeAsync();
        Project.Dispose();
    }

    private static LabDevice Seed(JsonNode? device)
    {
        var identity = device!["identity"]!.GetValue<string>();
        var method = device["method"]!.GetValue<string>();
        return new LabDevice
        {
            Name = device["name"]!.GetValue<string>(),
            Fqdn = device["fqdn"]?.GetValue<string>(),
            EntraDeviceId = identity.StartsWith("entra:", StringComparison.Ordinal) ? Guid.Parse(identity[6..]) : null,
            InEntra = method == "intune",
            InIntune = method == "intune",
            InConfigMgr = method == "configuration-manager",
            IsServer = device["os"]!.GetValue<string>() == "windows-server",
        };
    }
}
