using System.Text;
using MdbDeploy.Packages;
using MdbDeploy.Projects;

namespace MdbDeploy.Tests.CommandScripts;

/// <summary>The synthetic scripts of the packages of <c>new</c>, which have the portal's shape, run by a real cmd.exe and reg.exe: what they leave in the registry, and each way to fail.</summary>
[Collection(nameof(Wine))]
public sealed class PortalScriptTests : IDisposable
{
    internal const string Policy = @"HKLM\SOFTWARE\Policies\Microsoft\Windows Advanced Threat Protection";
    internal const string Sensor = @"HKLM\SOFTWARE\Microsoft\Windows Advanced Threat Protection";
    private const string Organization = "11111111-2222-4333-8444-555555555555";
    private const string Offboarding = "696C1FA1-4030-4FA4-8713-FAF9B2EA7C0A";

    private static readonly Lazy<PackageSet> Packages = new(Read);

    private readonly Wine wine;
    private readonly Scratch scratch = new();

    public PortalScriptTests(Wine wine)
    {
        Assert.SkipWhen(Wine.Missing is not null, Wine.Missing ?? "");
        this.wine = wine;
        wine.Reset();
    }

    [Fact]
    public void Without_the_variable_it_does_nothing_and_waits_for_nobody()
    {
        foreach (var (kind, leaving) in new[] { (PackageKind.GroupPolicy, false), (PackageKind.LocalScript, false), (PackageKind.GroupPolicy, true) })
        {
            wine.Open(Script(kind, leaving)).ExitCode.ShouldBe(99);
        }

        wine.Calls.ShouldBeEmpty();
        wine.Registry(Policy, "OnboardingInfo").ShouldBeNull();
    }

    [Fact]
    public void Onboarding_writes_the_blob_of_the_onboarding_file_to_the_byte_and_takes_offboarding_away()
    {
        wine.Run($"reg add \"{Policy}\" /v {Offboarding} /d old /f /reg:64");
        var (code, output) = Onboard(PackageKind.GroupPolicy);
        code.ShouldBe(0, output);
        output.ShouldContain("Onboarded.");
        wine.Registry(Policy, "OnboardingInfo").ShouldBe(Encoding.UTF8.GetString(Packages.Value.Onboarding(PackageKind.OnboardingFile)!.Blob!.Value.Span));
        wine.Registry(Policy, Offboarding).ShouldBeNull();
        wine.Calls.ShouldContain(c => c.Contains("start sense", StringComparison.Ordinal), string.Join('\n', wine.Calls));
        wine.Calls[^1].ShouldContain("/so WDATPOnboarding /t Information /id 20");
    }

    [Fact]
    public void Where_the_sensor_runs_it_is_not_started_again()
    {
        Sense("4  RUNNING");
        wine.Run($"reg add \"{Sensor}\\Status\" /v OnboardingState /t REG_DWORD /d 1 /f /reg:64");
        Onboard(PackageKind.GroupPolicy, ("MDB_STARTS", "0")).ExitCode.ShouldBe(0);
        wine.Calls.ShouldNotContain(c => c.Contains("start", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("MDB_SESSION", "2", 65)]
    [InlineData("MDB_STARTS", "0", 15)]
    [InlineData("MDB_STATE", "", 35)]
    [InlineData("MDB_STATE", "0", 40)]
    public void Onboarding_fails_with_the_code_that_the_portal_documents(string variable, string value, int expected)
    {
        var (code, output) = Onboard(PackageKind.GroupPolicy, (variable, value));
        code.ShouldBe(expected, output);
        output.ShouldContain($"Not onboarded, error {expected}.");
        wine.Calls[^1].ShouldContain($"/t Error /id {expected} ");
        (wine.Registry(Policy, "OnboardingInfo") is null).ShouldBe(expected == 65);
    }

    [Fact]
    public void A_registry_that_cannot_be_written_is_5_or_10()
    {
        // The value that is to be deleted is there, and reg.exe is not what it was.
        wine.Run($"reg add \"{Policy}\" /v {Offboarding} /d old /f /reg:64");
        Onboard(PackageKind.GroupPolicy, Broken("delete")).ExitCode.ShouldBe(5);
        Onboard(PackageKind.GroupPolicy, Broken("add")).ExitCode.ShouldBe(10);
        wine.Registry(Policy, "OnboardingInfo").ShouldBeNull();
    }

    [Theory]
    [InlineData("y\r\n", 0)]
    [InlineData("N\r\n", 1)]
    [InlineData("", 1)]
    [InlineData("\" & echo injected & \"\r\n", 1)]
    public void The_local_script_asks_and_only_Y_onboards(string typed, int expected)
    {
        var (code, output) = Start(Script(PackageKind.LocalScript, false), typed);
        code.ShouldBe(expected, output);
        (wine.Registry(Policy, "OnboardingInfo") is not null).ShouldBe(expected == 0);
        output.ShouldNotContain("injected");
    }

    [Fact]
    public void Offboarding_takes_the_onboarding_blob_away_and_writes_its_own()
    {
        Onboarded(Organization);
        Sense("1  STOPPED");
        var (code, output) = Offboard();
        code.ShouldBe(0, output);
        wine.Registry(Policy, "OnboardingInfo").ShouldBeNull();
        wine.Registry(Policy, Offboarding).ShouldBe(Encoding.UTF8.GetString(Packages.Value.Offboarding(PackageKind.OnboardingFile)!.Blob!.Value.Span));
        wine.Calls[^1].ShouldContain("/so WDATPOffboarding /t Information /id 20");
    }

    [Theory]
    [InlineData(Organization, "4  RUNNING", "0", 15)]
    [InlineData("99999999-2222-4333-8444-555555555555", "1  STOPPED", "0", 70)]
    [InlineData(null, "1  STOPPED", "0", 70)]
    [InlineData(Organization, "1  STOPPED", "2", 65)]
    public void Offboarding_fails_with_the_code_that_the_portal_documents(string? organization, string sense, string session, int expected)
    {
        Onboarded(organization);
        Sense(sense);
        var (code, output) = Offboard(("MDB_SESSION", session));
        code.ShouldBe(expected, output);
        output.ShouldContain($"Not offboarded, error {expected}.");
        // What belongs to somebody else, and what nobody may touch, is as it was.
        (wine.Registry(Policy, "OnboardingInfo") is not null).ShouldBe(expected != 15);
        (wine.Registry(Policy, Offboarding) is not null).ShouldBe(expected == 15);
    }

    [Fact]
    public void Offboarding_where_the_registry_cannot_be_written_is_5_or_10()
    {
        Onboarded(Organization);
        Offboard(Broken("delete")).ExitCode.ShouldBe(5);
        Offboard(Broken("add")).ExitCode.ShouldBe(10);
        wine.Registry(Policy, Offboarding).ShouldBeNull();
    }

    public void Dispose() => scratch.Dispose();

    private static PackageSet Read()
    {
        using var folder = new Scratch();
        foreach (var file in ProjectScaffold.Make(Path.Combine(Repository.Root, "templates", "project"), Path.Combine(Repository.Root, "policies", "preset.schema.json"), DateTimeOffset.UnixEpoch.AddYears(60)))
        {
            if (file.Path.EndsWith(".zip", StringComparison.Ordinal))
            {
                Directory.CreateDirectory(Path.Combine(folder.Path, "packages"));
                File.WriteAllBytes(Path.Combine(folder.Path, file.Path), file.Content);
            }
        }

        return PackageReader.ReadFolder(Path.Combine(folder.Path, "packages"), "packages", CancellationToken.None).Value!;
    }

    private string Script(PackageKind kind, bool leaving)
    {
        var package = (leaving ? Packages.Value.Offboarding(kind) : Packages.Value.Onboarding(kind))!;
        var script = package.Files.Single(f => f.Path.EndsWith(".cmd", StringComparison.OrdinalIgnoreCase));
        var path = Path.Combine(scratch.Path, script.Path);
        File.WriteAllBytes(path, script.Content.ToArray());
        return path;
    }

    private (int ExitCode, string Output) Onboard(PackageKind kind, params (string, string)[] variables) => Start(Script(kind, false), "", variables);

    private (int ExitCode, string Output) Offboard(params (string, string)[] variables) => Start(Script(PackageKind.GroupPolicy, true), "", variables);

    /// <summary>Runs a script on a device whose sensor starts and reports itself as onboarded, unless a variable says otherwise.</summary>
    private (int ExitCode, string Output) Start(string script, string typed, params (string Name, string Value)[] variables)
    {
        IEnumerable<(string Name, string Value)> all = [("MDBDEPLOY_RUN_SYNTHETIC", "1"), ("MDB_SESSION", "0"), ("MDB_STARTS", "1"), ("MDB_STATE", "1"), .. variables];
        return wine.Run(string.Join('\n', [.. all.Select(v => $"set {v.Name}={v.Value}"), $"cmd /d /c .\\{Path.GetFileName(script)}"]), scratch.Path, input: typed);
    }

    private void Onboarded(string? organization) => wine.Run($"""
        reg add "{Policy}" /v OnboardingInfo /d old /f /reg:64
        {(organization is null ? "" : $"reg add \"{Sensor}\\Status\" /v OrgId /d {organization} /f /reg:64")}
        """);

    private void Sense(string state) => File.WriteAllText(Path.Combine(wine.Drive, "sense.txt"), $"        STATE              : {state}\r\n");

    /// <summary>A Windows whose reg.exe refuses a verb.</summary>
    private (string, string) Broken(string verb) => ("windir", wine.WithoutRegistry(verb));
}

/// <summary>One Wine for all tests that use it.</summary>
[CollectionDefinition(nameof(Wine))]
public sealed class SharedWine : ICollectionFixture<Wine>;
