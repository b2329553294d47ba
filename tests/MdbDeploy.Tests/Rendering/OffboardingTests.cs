using System.Collections.Immutable;
using System.Management.Automation.Language;
using System.Text;
using MdbDeploy.Bundles;

namespace MdbDeploy.Tests.Rendering;

/// <summary>What the shipped channels render for devices that are offboarded.</summary>
public class OffboardingTests
{
    private static readonly string[] Hostile = ["O'Brien & <b>", "L\u2019Oréal", "a]]>b", "%PATH%", "$(calc)", "=cmd|x", "\"q\"", "100%_[x]"];

    [Theory]
    [InlineData("intune", "350-offboarding/intune")]
    [InlineData("configmgr", "350-offboarding/configmgr")]
    [InlineData("gpo", "350-offboarding/gpo")]
    [InlineData("vdi", "350-offboarding/vdi")]
    [InlineData("local-script", "350-offboarding/local-script")]
    public void A_channel_renders_what_was_reviewed(string channel, string scenario) =>
        Baseline.Compare(scenario, Files(["OLD-1", "OLD-2"]).Where(f => f.Path.StartsWith($"{channel}/offboarding/", StringComparison.Ordinal)).Select(f => KeyValuePair.Create(f.Path, f.Content.ToArray())));

    [Fact]
    public void The_verification_kit_is_rendered_once() =>
        Baseline.Compare("360-verify/one-project", Files([]).Where(f => f.Path.StartsWith("verify/", StringComparison.Ordinal)).Select(f => KeyValuePair.Create(f.Path, f.Content.ToArray())));

    [Fact]
    public void Hostile_names_stay_data_in_every_file()
    {
        foreach (var file in Files(Hostile).Where(f => f.Path.Contains("/offboarding/", StringComparison.Ordinal) && !f.Path.Contains("/package/", StringComparison.Ordinal)))
        {
            Wellformed.Check(file.Path, file.Content.ToArray());
        }
    }

    [Fact]
    public void Every_script_of_every_channel_is_windows_powershell_5_1()
    {
        var scripts = Files(Hostile).Where(f => f.Path.EndsWith(".ps1", StringComparison.Ordinal) && !f.Path.Contains("/package/", StringComparison.Ordinal)
            // The portal's own file, copied as it is.
            && !f.Path.EndsWith("/Onboard-NonPersistentMachine.ps1", StringComparison.Ordinal)).ToList();
        scripts.Count.ShouldBeGreaterThan(12);
        foreach (var script in scripts)
        {
            script.Content.Span.StartsWith("\uFEFF"u8).ShouldBeTrue(script.Path);
            var parsed = Parser.ParseInput(Encoding.UTF8.GetString(script.Content.Span[3..]), out _, out var errors);
            errors.ShouldBeEmpty(script.Path);
            PowerShellTemplateTests.NewerThan51(parsed).ShouldBeEmpty(script.Path);
        }
    }

    [Theory]
    [InlineData("$x ? 1 : 2")]
    [InlineData("$x ?? 1")]
    [InlineData("$x ??= 1")]
    [InlineData("a && b")]
    [InlineData("${x}?.y")]
    [InlineData("a &")]
    public void Syntax_of_powershell_7_is_rejected(string script) =>
        PowerShellTemplateTests.NewerThan51(Parser.ParseInput(script, out _, out _)).ShouldNotBeEmpty();

    [Fact]
    public void Onboarding_excludes_who_is_offboarded_and_only_then()
    {
        Exclusions(["OLD"]).ShouldBe((1, 1));
        Exclusions([]).ShouldBe((0, 0));

        static (int Intune, int ConfigMgr) Exclusions(string[] leaving)
        {
            var resources = Files(leaving).Select(f => f.Resource).OfType<Resource>().ToList();
            var assignments = resources.Single(r => r.Address == "intune/policy-assignments/edr-onboarding").Body["assignments"]!.AsArray();
            var rules = resources.Single(r => r.Address == "configmgr/collection-rules/ring-pilot").Body["rules"]!.AsArray();
            return (
                assignments.Count(a => a!["target"]!["@odata.type"]!.GetValue<string>() == "#microsoft.graph.exclusionGroupAssignmentTarget" && a["target"]!["groupId"]!.GetValue<string>() == "{intune/group/offboarding}"),
                rules.Count(r => r!["ExcludeCollectionID"]?.GetValue<string>() == "{configmgr/collection/offboarding}"));
        }
    }

    [Fact]
    public void No_name_is_in_an_onboarding_and_an_offboarding_artifact()
    {
        foreach (var file in Files(["OLD-1", "OLD-2"]).Where(f => !f.Path.Contains("/offboarding/", StringComparison.Ordinal)))
        {
            Encoding.UTF8.GetString(file.Content.Span).ShouldNotContain("OLD-", Case.Sensitive, file.Path);
        }

        foreach (var file in Files(["OLD-1", "OLD-2"]).Where(f => f.Path.Contains("/offboarding/", StringComparison.Ordinal)))
        {
            Encoding.UTF8.GetString(file.Content.Span).ShouldNotContain("PC-000", Case.Sensitive, file.Path);
        }
    }

    [Fact]
    public void An_expired_package_renders_nothing_that_offboards_and_no_exclusion()
    {
        var files = OffboardingBundle.Render(["OLD"], asOf: OffboardingBundle.Expires).Value!.Files;
        files.ShouldNotContain(f => f.Path.Contains("/offboarding/", StringComparison.Ordinal));
        files.ShouldContain(f => f.Path == "intune/edr-onboarding.json");
        OffboardingBundle.Render(["OLD"], asOf: OffboardingBundle.Expires.AddSeconds(-1)).Value!.Files.ShouldContain(f => f.Path.Contains("/offboarding/", StringComparison.Ordinal));
    }

    [Fact]
    public void The_expiry_stands_in_names_and_artifacts()
    {
        var resources = Files(["OLD"]);
        resources.Single(f => f.Resource?.Kind == "offboarding-policy").Resource!.Body["name"]!.GetValue<string>().ShouldEndWith("(valid until 2098-12-01)");
        foreach (var readme in resources.Where(f => f.Path.Contains("/offboarding/", StringComparison.Ordinal) && f.Path.EndsWith("README.md", StringComparison.Ordinal)))
        {
            Encoding.UTF8.GetString(readme.Content.Span).ShouldContain("2098-12-01 10:00 UTC");
        }
    }

    [Fact]
    public void Kinds_that_offboard_say_so_in_the_bundle()
    {
        using var scratch = new Scratch();
        BundleFolder.Write(OffboardingBundle.Render(["OLD"]).Value!, scratch.Path).Diagnostics.ShouldBeEmpty();
        BundleFolder.Read(scratch.Path).Value!.Kinds["graph"].Where(k => k.Offboards).Select(k => k.Name)
            .ShouldBe(["offboarding-members", "offboarding-policy", "offboarding-assignments"]);
    }

    [Theory]
    [InlineData("Onboard.cmd", "local-script/batch-01/")]
    [InlineData("Offboard.cmd", "local-script/offboarding/batch-01/")]
    public void The_launcher_is_a_batch_file_that_cmd_reads(string name, string folder)
    {
        // Not run here, which needs Windows: no interpreter for batch files is on this machine.
        var bytes = Files(["OLD-1"]).Single(f => f.Path == folder + name).Content.ToArray();
        bytes.ShouldAllBe(b => b < 128);
        var text = Encoding.ASCII.GetString(bytes);
        text.Replace("\r\n", "", StringComparison.Ordinal).ShouldNotContain("\n");
        var lines = text.Split("\r\n");
        lines.ShouldAllBe(line => line.Length < 8191 && line.Count(c => c == '"') % 2 == 0);
        lines[0].ShouldBe("@echo off");
        lines.Single(l => l.Contains("powershell.exe", StringComparison.Ordinal)).ShouldContain("\"%~dp0Start-MdbScript.ps1\"");
        lines[^2].ShouldBe("exit /b %code%");
    }

    [Fact]
    public void The_script_of_a_batch_is_the_packages_own_byte_for_byte()
    {
        var files = Files(["OLD"]);
        Encoding.ASCII.GetString(files.Single(f => f.Path == $"local-script/offboarding/batch-01/package/{OffboardingBundle.ScriptName}").Content.Span).ShouldBe("@echo synthetic offboarding\r\n");
        Encoding.ASCII.GetString(files.Single(f => f.Path == "local-script/batch-01/package/WindowsDefenderATPLocalOnboardingScript.cmd").Content.Span).ShouldBe("@echo synthetic\r\n");
    }

    [Fact]
    public void More_than_ten_devices_make_batches_of_ten()
    {
        var files = Files([.. Enumerable.Range(0, 21).Select(i => $"OLD-{i:00}")]).Select(f => f.Path).ToList();
        files.Where(p => p.StartsWith("local-script/offboarding/", StringComparison.Ordinal) && p.EndsWith("devices.csv", StringComparison.Ordinal))
            .ShouldBe([.. Enumerable.Range(1, 3).Select(i => $"local-script/offboarding/batch-0{i}/devices.csv")]);
    }

    private static ImmutableArray<BundleFile> Files(string[] leaving)
    {
        var outcome = OffboardingBundle.Render(leaving);
        outcome.Diagnostics.ShouldBeEmpty();
        return outcome.Value!.Files;
    }
}
