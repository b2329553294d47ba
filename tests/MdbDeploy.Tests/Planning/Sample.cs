using MdbDeploy.Diagnostics;
using MdbDeploy.Inventory;
using MdbDeploy.Packages;
using MdbDeploy.Planning;
using MdbDeploy.Projects;

namespace MdbDeploy.Tests.Planning;

/// <summary>Devices, projects and plans for the tests of planning.</summary>
internal static class Sample
{
    public static readonly DateTimeOffset AsOf = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    /// <summary>The methods that the channels of the repository render, and one of a user's own.</summary>
    public static readonly IReadOnlySet<string> Channels = new HashSet<string>
    {
        Methods.Intune, Methods.ConfigurationManager, Methods.GroupPolicy, Methods.VdiScript, Methods.LocalScript, Methods.OtherMdm, "jamf",
    };

    public static DeploymentProject Project { get; } = new()
    {
        Folder = "/project",
        Organization = "Contoso",
        Id = "contoso",
        Inventory = ["inventory.csv"],
        Rings = [new RingSettings { Name = "broad" }],
    };

    /// <summary>A Windows 11 Pro client that meets the requirements and that nothing manages.</summary>
    public static Device Device(string name = "LT-0001") => new()
    {
        Name = name,
        Os = OsFamily.WindowsClient,
        Edition = WindowsEdition.Pro,
        Build = new WindowsBuild(22631, 4460),
        Role = DeviceRole.Client,
        EntraDeviceId = StableGuid.Of("test", name),
        Origins = [new Origin("inventory.csv", 2)],
    };

    public static Device Intune(string name = "LT-0001") => Device(name) with { ManagedBy = Management.Intune };

    public static Fleet Fleet(params IEnumerable<Device> devices) => new([.. devices], [], []);

    public static Outcome<Plan> Outcome(DeploymentProject project, params IEnumerable<Device> devices) =>
        Planner.Plan(Fleet(devices), project, Requirements.BuiltIn, Channels, null, AsOf);

    public static Plan Plan(DeploymentProject project, params IEnumerable<Device> devices)
    {
        var outcome = Outcome(project, devices);
        outcome.Value.ShouldNotBeNull(string.Join('\n', outcome.Diagnostics));
        return outcome.Value;
    }

    public static PlannedDevice Single(Device device, DeploymentProject? project = null) => Plan(project ?? Project, device).Devices.ShouldHaveSingleItem();

    /// <summary>Any number of devices may come to the local script: a random fleet is not refused for more than ten.</summary>
    public static DeploymentProject WithRings(params RingSettings[] rings) => Project with { Rings = [.. rings], SplitLocalScript = true };

    public static DeploymentProject WithRouting(params (string When, string Method)[] rules) =>
        Project with { Routing = [.. rules.Select((rule, i) => new RoutingRule(rule.When, rule.Method, 10 + i) { WhenAt = new("mdbdeploy.yaml", 10 + i, 13), MethodAt = new("mdbdeploy.yaml", 10 + i, 40) })] };

    public static OnboardingPackage Package(PackageKind kind) => new()
    {
        Source = "p.zip",
        Kind = kind,
        IsOffboarding = false,
        Files = [],
        Sha256 = new string('a', 64),
    };
}
