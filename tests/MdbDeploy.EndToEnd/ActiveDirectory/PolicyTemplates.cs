namespace MdbDeploy.EndToEnd.ActiveDirectory;

/// <summary>The rendered administrative templates, taken by another program than ours.</summary>
[Collection(nameof(Domain))]
public sealed class PolicyTemplates(Domain domain)
{
    [Fact]
    public async Task A_domain_takes_our_templates_and_nothing_of_ours_writes_the_central_store()
    {
        Domain.Skip();
        var (project, _, _) = await domain.RenderAsync();
        const string Store = "//dc1.corp.example.test/sysvol -k -c 'cd corp.example.test/Policies/PolicyDefinitions; ls; cd en-US; ls'";
        (await domain.MdbAsync($"push {project} --target active-directory --yes")).ExitCode.ShouldBe(0);
        (await domain.RunAsync($"smbclient {Store} 2>&1")).Output.ShouldContain("NOT_FOUND");

        var loaded = await domain.RunAsync($"samba-tool gpo admxload --admx-dir={project}/out/bundle/gpo/PolicyDefinitions {Domain.Server} 2>&1");
        loaded.ExitCode.ShouldBe(0, loaded.Output);
        var listed = (await domain.RunAsync($"smbclient {Store} 2>&1")).Output;
        listed.ShouldContain("MdbDeploy.admx");
        listed.ShouldContain("MdbDeploy.adml");
        listed.ShouldContain("AtpConfiguration.adml");

        // The store belongs to all tests of the domain.
        (await domain.RunAsync("smbclient //dc1.corp.example.test/sysvol -k -c 'deltree corp.example.test/Policies/PolicyDefinitions' 2>&1")).ExitCode.ShouldBe(0);
    }
}
