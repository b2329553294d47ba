namespace MdbDeploy.EndToEnd.Commands;

/// <summary>The commands on policies, as people use them: look a setting up, compare, and move from one channel to another.</summary>
public class PolicyTests
{
    // A value of every kind: switch, inverted switch, choice, number, list, rule that is promoted, and what only a custom profile carries in Intune.
    private const string Preset = """
        title: Ours
        promote: [block, warn, audit]
        settings:
          av.rtp: on
          av.scan.email: off
          av.cloudblocklevel: high
          av.scan.avgcpu: 30
          av.bafs: on
          av.excl.paths: ['C:\Program Files\it''s "here" & <there>', 'D:\%x%;$(y)']
          asr.d4f940ab: promote
          eg.np: audit
          fw.public.enablefirewall: on
          fw.public.defaultinboundaction: block
        """;

    [Fact]
    public async Task A_setting_is_explained_in_the_words_of_every_channel_under_any_of_its_names()
    {
        using var project = await Project.NewAsync();
        var byId = await project.RunAsync("policy", "explain", "av.rtp", "--json");
        byId.ExitCode.ShouldBe(0, byId.Output + byId.Error);
        byId.Json()["group policy"]!.GetValue<string>().ShouldContain(@"HKLM\SOFTWARE\Policies\Microsoft\Windows Defender\Real-Time Protection\DisableRealtimeMonitoring (DWORD): off = 1, on = 0");
        byId.Json()["oma-uri"]!.GetValue<string>().ShouldBe("./Device/Vendor/MSFT/Policy/Config/Defender/AllowRealtimeMonitoring (int)");
        byId.Json()["intune"]!.GetValue<string>().ShouldContain("device_vendor_msft_policy_config_defender_allowrealtimemonitoring");
        byId.Json()["configuration manager"]!.GetValue<string>().ShouldContain("Enable real-time protection");
        byId.Json()["source"]!.GetValue<string>().ShouldContain("https://learn.microsoft.com/");
        (await project.RunAsync("policy", "explain", "DisableRealtimeMonitoring", "--json")).Output.ShouldBe(byId.Output);

        var unknown = await project.RunAsync("policy", "explain", "av.rpt");
        unknown.ExitCode.ShouldBe(3);
        (unknown.Output + unknown.Error).ShouldContain("error MDB0910 av.rpt: No single setting is called 'av.rpt'. Did you mean 'av.");
        (unknown.Output + unknown.Error).ShouldContain("'av.rtp' (Real-time protection)");
    }

    [Fact]
    public async Task Presets_are_compared_and_the_exit_code_says_whether_they_differ()
    {
        using var project = await Project.NewAsync();
        var differ = await project.RunAsync("policy", "diff", "attack-surface-reduction-audit", "attack-surface-reduction-block", "--json");
        differ.ExitCode.ShouldBe(2, differ.Output + differ.Error);
        var changes = differ.Json().AsArray();
        changes.Count.ShouldBe(17);
        changes.ShouldAllBe(c => c!["a"]!.GetValue<string>() == "audit" && c["b"]!.GetValue<string>() == "block");
        (await project.RunAsync("policy", "diff", "firewall", "firewall")).ExitCode.ShouldBe(0);
        var missing = await project.RunAsync("policy", "diff", "firewal", "firewall");
        missing.ExitCode.ShouldBe(3);
        (missing.Output + missing.Error).ShouldContain("Did you mean 'firewall'?");
    }

    [Fact]
    public async Task What_is_rendered_for_a_ring_imports_from_every_channel_as_the_preset_it_came_from()
    {
        using var project = await Project.NewAsync();
        Directory.CreateDirectory(project["policies"]);
        await File.WriteAllTextAsync(project["policies/ours.yaml"], Preset, TestContext.Current.CancellationToken);
        project.SetYaml("policies", "[ours]");

        // So many that devices of every channel are in each ring.
        var yaml = await File.ReadAllTextAsync(project["mdbdeploy.yaml"], TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(project["mdbdeploy.yaml"], yaml.Replace("percent: 20", "percent: 60", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var rendered = await project.RunAsync("render");
        rendered.ExitCode.ShouldBe(0, rendered.Output + rendered.Error);

        foreach (var (ring, mode, stage) in new[] { ("pilot", "block", 1), ("early", "warn", 2), ("broad", "audit", 3) })
        {
            await File.WriteAllTextAsync(project[$"policies/{ring}.yaml"], Preset.Replace("promote: [block, warn, audit]\n", "", StringComparison.Ordinal).Replace(": promote", $": {mode}", StringComparison.Ordinal), TestContext.Current.CancellationToken);
            await ShouldBeTheSame(project, ring, project[$"out/bundle/gpo/settings/ours-stage-{stage}"]);

            // The settings catalogue policies and the custom profile together are what a device gets.
            var intune = Directory.CreateDirectory(project[$"intune-{ring}"]).FullName;
            foreach (var file in Directory.EnumerateFiles(project["out/bundle/intune"], $"settings-*.{ring}.json"))
            {
                File.Copy(file, Path.Combine(intune, Path.GetFileName(file)));
            }

            Directory.EnumerateFiles(intune).Select(Path.GetFileName).ShouldContain($"settings-oma-uri.{ring}.json");
            await ShouldBeTheSame(project, ring, intune);
        }

        await ShouldBeTheSame(project, "broad", project["out/bundle/gpo/settings/ours-stage-3.lgpo.txt"]);

        // An antimalware policy carries what it can: what differs is what plan told of before.
        var antimalware = await project.RunAsync("policy", "diff", "pilot", project["out/bundle/configmgr/hand-off/antimalware-pilot.xml"], "--json");
        antimalware.ExitCode.ShouldBe(2, antimalware.Output + antimalware.Error);
        antimalware.Json().AsArray().ShouldAllBe(c => c!["b"] == null);
        antimalware.Json().AsArray().Select(c => c!["setting"]!.GetValue<string>()).ShouldBe(["asr.d4f940ab", "av.bafs", "av.excl.paths", "eg.np", "fw.public.defaultinboundaction", "fw.public.enablefirewall"]);
        var plan = await project.RunAsync("plan");
        foreach (var id in new[] { "av.bafs", "av.excl.paths", "fw.public.defaultinboundaction", "fw.public.enablefirewall" })
        {
            (plan.Output + plan.Error).ShouldContain($"Configuration Manager cannot set {id}");
        }
    }

    [Fact]
    public async Task An_import_lists_what_it_did_not_understand_and_overwrites_nothing()
    {
        using var project = await Project.NewAsync();
        await File.WriteAllTextAsync(project["old.txt"], """
            Computer
            SOFTWARE\Policies\Microsoft\Windows Defender
            PUAProtection
            DWORD:1

            Computer
            SOFTWARE\Policies\Contoso
            Wallpaper
            SZ:blue

            """, TestContext.Current.CancellationToken);
        var import = await project.RunAsync("policy", "import", "old.txt", "--out", "policies/old.yaml");
        import.ExitCode.ShouldBe(0, import.Output + import.Error);
        (import.Output + import.Error).ShouldContain(@"'SOFTWARE\Policies\Contoso\Wallpaper' is no setting of the catalogue.");
        import.Output.ShouldContain("1 settings understood, 1 thing not carried over.");
        (await project.RunAsync("policy", "diff", "old", "old.txt")).ExitCode.ShouldBe(0);

        var again = await project.RunAsync("policy", "import", "old.txt", "--out", "policies/old.yaml");
        again.ExitCode.ShouldBe(3);
        (again.Output + again.Error).ShouldContain("MDB0912");
        var missing = await project.RunAsync("policy", "import", "nowhere");
        missing.ExitCode.ShouldBe(3);
        (missing.Output + missing.Error).ShouldContain("MDB0161");
    }

    [Fact]
    public async Task Plan_tells_where_a_policy_that_is_there_already_fights_ours_and_what_cuts_Defender_off()
    {
        using var project = await Project.NewAsync();
        await File.WriteAllTextAsync(project["hardening.txt"], """
            Computer
            SOFTWARE\Policies\Microsoft\Windows Defender
            PUAProtection
            DWORD:0

            Computer
            SOFTWARE\Policies\Microsoft\Windows Defender
            DisableAntiSpyware
            DWORD:0

            Computer
            SYSTEM\CurrentControlSet\Services\Sense
            Start
            DWORD:4

            Computer
            SOFTWARE\Policies\Microsoft\Windows Defender\Real-Time Protection
            DisableRealtimeMonitoring
            DWORD:1

            Computer
            SOFTWARE\Policies\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules
            d1e49aac-8f56-4280-b9ba-993a6d77406c
            SZ:1

            """, TestContext.Current.CancellationToken);
        project.SetYaml("existingPolicies", "[hardening.txt]");
        var plan = await project.RunAsync("plan", "--json");
        var said = plan.Output + plan.Error;
        plan.ExitCode.ShouldBe(3, said); // the rule that breaks Configuration Manager's clients is an error
        foreach (var expected in new[]
        {
            "MDB0164 asr.d1e49aac", "MDB0165 av.pua", "MDB0165 av.rtp", "'hardening.txt' holds DisableAntiSpyware, which must not be there at all", "'hardening.txt' switches Sense off",
            "MDB0167 av.rtp", "Group Policy wins on the device.",
        })
        {
            said.ShouldContain(expected);
        }
    }

    [Fact]
    public async Task Policies_reach_Intune_by_catalogue_and_custom_profile_and_a_second_push_writes_nothing()
    {
        await using var test = await LabbedProject.StartAsync();
        Directory.CreateDirectory(test.Project["policies"]);
        await File.WriteAllTextAsync(test.Project["policies/ours.yaml"], Preset, TestContext.Current.CancellationToken);
        test.Project.SetYaml("policies", "[ours]");
        (await test.RunAsync("render")).ExitCode.ShouldBe(0);
        var push = await test.RunAsync("push", "--yes");
        push.ExitCode.ShouldBe(0, push.Output + push.Error);
        foreach (var name in new[] { "Antivirus", "Attack surface reduction", "Firewall" })
        {
            test.Lab.State.Policies.Count(p => p.Name.StartsWith($"MDB - Contoso - {name} - ", StringComparison.Ordinal)).ShouldBe(3);
        }

        var asr = test.Lab.State.Policies.Where(p => p.Name.Contains("Attack surface reduction", StringComparison.Ordinal)).ToDictionary(p => p.Name.Split(" - ")[^1], p => p.Settings.ToJsonString());
        (asr["pilot"].Contains("_block\"", StringComparison.Ordinal), asr["early"].Contains("_warn\"", StringComparison.Ordinal), asr["broad"].Contains("_audit\"", StringComparison.Ordinal)).ShouldBe((true, true, true));
        test.Lab.Requests.Writes.Count(w => w.Method == "POST" && w.Path.EndsWith("/deviceManagement/deviceConfigurations", StringComparison.Ordinal) && w.Status == 201).ShouldBe(3);

        test.Lab.Requests.Clear();
        var second = await test.RunAsync("push", "--yes");
        second.ExitCode.ShouldBe(0, second.Output + second.Error);
        test.Lab.Requests.Writes.ShouldBeEmpty();
        (await test.RunAsync("diff")).ExitCode.ShouldBe(0);
    }

    private static async Task ShouldBeTheSame(Project project, string preset, string rendered, string left = "0 things")
    {
        var imported = project[$"imported-{Guid.NewGuid():N}.yaml"];
        var import = await project.RunAsync("policy", "import", rendered, "--out", imported);
        import.ExitCode.ShouldBe(0, import.Output + import.Error);
        import.Output.ShouldContain($" settings understood, {left} not carried over.");
        var diff = await project.RunAsync("policy", "diff", preset, imported);
        diff.ExitCode.ShouldBe(0, diff.Output + diff.Error);
    }
}
