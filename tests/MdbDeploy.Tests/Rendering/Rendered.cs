using System.Collections.Immutable;
using System.Text;
using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;
using MdbDeploy.Inventory;
using MdbDeploy.Packages;
using MdbDeploy.Planning;
using MdbDeploy.Policies;
using MdbDeploy.Projects;
using MdbDeploy.Rendering;

namespace MdbDeploy.Tests.Rendering;

/// <summary>Renders a channel written in the test: its channel.yaml and templates in a temporary folder, over a few devices.</summary>
internal sealed class Rendered : IDisposable
{
    public const string Blob = """{"body":"{\"orgId\":\"11111111-2222-4333-8444-555555555555\"}","sig":"FAKESIGNATURE"}""";

    private readonly string folder = Directory.CreateTempSubdirectory("mdb-channel-").FullName;

    public Rendered(string yaml, params (string Name, string Text)[] templates)
    {
        Add("test", yaml, templates);
    }

    public List<PlannedDevice> Devices { get; } =
    [
        Planned("LT-0001", "pilot"),
        Planned("LT-0002", "broad"),
        Planned("LT-0003", "broad"),
    ];

    public ImmutableArray<RegistryValue> Settings { get; set; } = [];

    public void Add(string channel, string yaml, params (string Name, string Text)[] templates)
    {
        var path = Directory.CreateDirectory(Path.Combine(folder, channel)).FullName;
        File.WriteAllText(Path.Combine(path, "channel.yaml"), yaml);
        foreach (var (name, text) in templates)
        {
            File.WriteAllText(Path.Combine(path, name), text);
        }
    }

    public Outcome<Bundle> Run(CancellationToken cancellationToken = default)
    {
        var channels = ChannelCatalog.Read(folder);
        return channels.Succeeded(out var list) ? Renderer.Render(Input(list), cancellationToken) : new(null, channels.Diagnostics);
    }

    public Bundle Bundle()
    {
        var outcome = Run();
        outcome.Diagnostics.ShouldBeEmpty();
        return outcome.Value!;
    }

    public string Text(string path) => Encoding.UTF8.GetString(Bundle().Files.Single(f => f.Path == path).Content.Span);

    public Diagnostic SingleProblem() => Run().Diagnostics.ShouldHaveSingleItem();

    public RenderInput Input(IReadOnlyList<Channel> channels) => new()
    {
        Project = new DeploymentProject
        {
            Folder = folder,
            Organization = "Contoso",
            Id = "contoso",
            Inventory = ["inventory.csv"],
            Rings = [new RingSettings { Name = "pilot" }, new RingSettings { Name = "broad" }],
        },
        Plan = new Plan(DateTimeOffset.UnixEpoch, [.. Devices],
            [new PlannedRing("pilot", 0, Devices.Count(d => d.Ring == "pilot")), new PlannedRing("broad", 1, Devices.Count(d => d.Ring == "broad"))], []),
        Packages = new PackageSet([Package]),
        Settings = Settings,
        Channels = channels,
        Sources = ImmutableSortedDictionary<string, string>.Empty,
    };

    public static PlannedDevice Planned(string name, string? ring, string method = Methods.Intune) => new()
    {
        Device = new Device { Name = name, EntraDeviceId = StableGuid.Of("test", name) },
        Eligibility = Eligibility.Eligible,
        Method = method,
        Ring = ring,
        Reasons = ["Test."],
    };

    public static OnboardingPackage Package { get; } = new()
    {
        Source = "mdm.zip",
        Kind = PackageKind.OnboardingFile,
        IsOffboarding = false,
        Blob = Encoding.UTF8.GetBytes(Blob),
        Files = [new PackageFile("WindowsDefenderATP.onboarding", Encoding.UTF8.GetBytes(Blob))],
        Sha256 = new string('a', 64),
    };

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
