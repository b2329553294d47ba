using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;
using MdbDeploy.Packages;
using MdbDeploy.Planning;
using MdbDeploy.Projects;
using MdbDeploy.Rendering;

namespace MdbDeploy.Tests.Rendering;

/// <summary>All shipped channels over a fleet of which some devices are offboarded, with synthetic packages.</summary>
internal static class OffboardingBundle
{
    /// <summary>Far enough away that the rendered scripts, which look at the clock, take the package for valid.</summary>
    public static readonly DateTimeOffset Expires = new(2098, 12, 1, 10, 0, 0, TimeSpan.Zero);

    public const string ScriptName = "WindowsDefenderATPOffboardingScript_valid_until_2098-12-01.cmd";

    public static readonly string Organization = "11111111-2222-4333-8444-555555555555";

    public static readonly ImmutableArray<string> AllMethods =
        [Methods.Intune, Methods.ConfigurationManager, Methods.GroupPolicy, Methods.VdiScript, Methods.LocalScript];

    /// <summary>Renders: per method one device that is onboarded, and these that are offboarded.</summary>
    public static Outcome<Bundle> Render(IReadOnlyList<string> leaving, DateTimeOffset? expires = null, DateTimeOffset? asOf = null, bool interactive = true)
    {
        var channels = ChannelCatalog.Read(Path.Combine(Repository.Root, "templates"));
        channels.Diagnostics.ShouldBeEmpty();
        return Renderer.Render(new RenderInput
        {
            Project = new DeploymentProject
            {
                Folder = "/project",
                Organization = "Contoso",
                Id = "contoso",
                Inventory = ["inventory.csv"],
                Share = @"\\fs01.corp.contoso.example\mdb$",
                Rings = [new RingSettings { Name = "pilot" }],
                Images = [new ImageSettings { Name = "w11-pool" }],
                Targets = ImmutableSortedDictionary<string, JsonObject>.Empty.Add("activeDirectory",
                    new JsonObject { ["domain"] = "corp.contoso.example", ["link"] = new JsonArray("OU=Workstations,DC=corp,DC=contoso,DC=example") }),
            },
            Plan = new Plan(
                asOf ?? DateTimeOffset.UnixEpoch,
                [
                    .. AllMethods.Select((method, i) => Rendered.Planned($"PC-000{i}", "pilot", method)),
                    .. AllMethods.SelectMany((method, i) => leaving.Select(name => Rendered.Planned(leaving.Count > 2 ? name : $"{name}{i}", null, Methods.None) with { Offboarding = method })),
                ],
                [new PlannedRing("pilot", 0, AllMethods.Length)],
                []),
            Packages = new PackageSet([.. Packages(expires ?? Expires, interactive)]),
            Settings = [],
            Channels = channels.Value!,
            Sources = ImmutableSortedDictionary<string, string>.Empty,
        });
    }

    private static IEnumerable<OnboardingPackage> Packages(DateTimeOffset expires, bool interactive)
    {
        foreach (var kind in new[] { PackageKind.OnboardingFile, PackageKind.GroupPolicy, PackageKind.LocalScript, PackageKind.Vdi })
        {
            yield return Package(kind) with { IsInteractive = interactive && kind == PackageKind.LocalScript };
        }

        var leaving = Package(PackageKind.GroupPolicy) with { IsOffboarding = true, Expires = expires };
        yield return leaving with { Files = [new PackageFile(ScriptName, "@echo synthetic offboarding\r\n"u8.ToArray())] };
        yield return leaving with
        {
            Kind = PackageKind.OnboardingFile,
            Files = [new PackageFile("WindowsDefenderATP_valid_until_2098-12-01.offboarding", Encoding.UTF8.GetBytes(Rendered.Blob))],
        };
    }

    private static OnboardingPackage Package(PackageKind kind) => new()
    {
        Source = $"{kind}.zip",
        Kind = kind,
        IsOffboarding = false,
        OrganizationId = Guid.Parse(Organization),
        Blob = Encoding.UTF8.GetBytes(Rendered.Blob),
        Files = kind switch
        {
            PackageKind.OnboardingFile => [new PackageFile("WindowsDefenderATP.onboarding", Encoding.UTF8.GetBytes(Rendered.Blob))],
            PackageKind.LocalScript => [new PackageFile("WindowsDefenderATPLocalOnboardingScript.cmd", "@echo synthetic\r\n"u8.ToArray())],
            PackageKind.Vdi =>
            [
                new PackageFile("WindowsDefenderATPOnboardingScript.cmd", "@echo synthetic\r\n"u8.ToArray()),
                new PackageFile("Onboard-NonPersistentMachine.ps1", "# synthetic\r\n"u8.ToArray()),
            ],
            _ => [new PackageFile("WindowsDefenderATPOnboardingScript.cmd", "@echo synthetic\r\n"u8.ToArray())],
        },
        Sha256 = new string('a', 64),
    };
}
