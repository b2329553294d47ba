using MdbDeploy.Inventory;
using MdbDeploy.Planning;
using MdbDeploy.Policies;
using MdbDeploy.Projects;

namespace MdbDeploy.Tests.Planning;

public class PolicyReachTests
{
    private static readonly PolicyCatalog Catalog = PolicyCatalog.Read(Path.Combine(Repository.Root, "policies")).Value!;

    [Fact]
    public void Methods_that_carry_policies_and_projects_without_policies_are_not_told()
    {
        Device[] carried = [Device(Methods.Intune), Device(Methods.GroupPolicy), Device(Methods.ConfigurationManager), Device(Methods.OtherMdm), Device(Methods.None)];
        Find(carried, EnforcementScope.None, ("av.rtp", ["1"])).ShouldBeEmpty();
        Find([Device(Methods.LocalScript)], EnforcementScope.None).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(EnforcementScope.WindowsClientAndServer, OsFamily.WindowsServer, "a script carries none. Defender's security settings management can serve 1: assign the policies of the rings to them in Intune.")]
    [InlineData(EnforcementScope.WindowsClient, OsFamily.WindowsClient, "a script carries none. Defender's security settings management can serve 1: assign the policies of the rings to them in Intune.")]
    [InlineData(EnforcementScope.WindowsClient, OsFamily.WindowsServer, "a script carries none, and Defender's security settings management is not switched on for them.")]
    [InlineData(EnforcementScope.None, OsFamily.WindowsClient, "a script carries none, and Defender's security settings management is not switched on for them.")]
    [InlineData(EnforcementScope.Unknown, OsFamily.WindowsClient, "a script carries none. Defender's security settings management may serve them; mdbdeploy.yaml does not say for whom it is switched on (tenant.securityManagement.enforcementScope).")]
    public void Devices_by_script_are_told_with_what_can_serve_them(EnforcementScope scope, OsFamily os, string expected) =>
        Find([Device(Methods.LocalScript) with { Os = os }], scope, ("av.rtp", ["1"])).ShouldHaveSingleItem().ShouldBe($"MDB0911 1 device by Local script gets none of the project's policies, PC first: {expected}");

    [Fact]
    public void Domain_controllers_are_not_sent_to_security_settings_management() =>
        Find([Device(Methods.LocalScript) with { Os = OsFamily.WindowsClient }, Device(Methods.LocalScript) with { Name = "DC01", Os = OsFamily.WindowsServer, Role = DeviceRole.DomainController }], EnforcementScope.WindowsClientAndServer, ("av.rtp", ["1"]))
            .ShouldHaveSingleItem().ShouldEndWith("can serve 1: assign the policies of the rings to them in Intune. It must not manage 1, DC01 first, since it is a domain controller (https://learn.microsoft.com/intune/intune-service/protect/mde-security-integration).");

    [Fact]
    public void Desktops_of_an_image_without_policies_are_told()
    {
        ImageSettings[] images = [new() { Name = "with", Policies = ["vdi-antivirus"] }, new() { Name = "without" }];
        Find([Device(Methods.VdiScript) with { Image = "with" }, Device(Methods.VdiScript) with { Name = "VDI-2", Image = "WITHOUT" }], images, EnforcementScope.Unknown, ("av.rtp", ["1"]))
            .ShouldHaveSingleItem().ShouldStartWith("MDB0911 1 device by VDI start-up script gets none of the project's policies, VDI-2 first: their image 'without' names no policies,");
    }

    [Fact]
    public void Sample_sharing_that_differs_between_rings_is_told_where_one_policy_onboards_all() =>
        Find([Device(Methods.Intune), Device(Methods.GroupPolicy)], EnforcementScope.Unknown, ("mde.samplesharing", ["1", "0"])).ShouldHaveSingleItem()
            .ShouldBe("MDB0135 One onboarding policy of Intune, Configuration Manager or another MDM serves all rings: 1 device get mde.samplesharing = none in every ring.");

    [Fact]
    public void An_image_that_disagrees_with_a_policy_of_its_desktops_domain_is_told()
    {
        var plan = PlanOf([Device(Methods.VdiScript) with { Image = "pool", Join = JoinType.Domain }, Device(Methods.VdiScript) with { Image = "pool", Join = JoinType.Entra }, Device(Methods.Intune) with { Join = JoinType.Domain }]);
        var project = ProjectOf([new() { Name = "pool" }], EnforcementScope.Unknown);
        var images = new Dictionary<string, PolicySelection> { ["pool"] = Selection(("av.rtp", ["1"]), ("av.pua", ["1"]), ("av.ips", ["1"])) };
        var gpo = new ImportedPolicy("Old", PolicyChannel.GroupPolicy, new([new(Catalog.Settings["av.rtp"], "1"), new(Catalog.Settings["av.pua"], "0")], []));
        ImagePolicyConflicts.Find(plan, project, images, [gpo]).Select(d => $"{d.Code} {d.Message}").ShouldBe([
            "MDB0135 Group Policy cannot set av.ips to on: Group Policy has no such setting. The image 'pool' carries its policies as registry values.",
            "MDB0165 1 device get av.pua = block from image 'pool' and off from 'Old' (Group Policy). The domain's policy wins over the image's.",
        ]);
    }

    // The method stands in the tag, so that a test reads as one line a device.
    private static Device Device(string method) => new() { Name = "PC", Tags = [method] };

    private static PolicySelection Selection(params (string Id, string[] Stages)[] values) => new([.. values.Select(v => new PresetEntry(Catalog.Settings[v.Id], [.. v.Stages], default))]);

    private static DeploymentProject ProjectOf(ImageSettings[] images, EnforcementScope scope) =>
        new() { Folder = "/p", Organization = "Contoso", Id = "contoso", Inventory = [], Rings = [new RingSettings { Name = "pilot" }], Images = [.. images], Tenant = new() { EnforcementScope = scope } };

    private static Plan PlanOf(Device[] devices) =>
        new(DateTimeOffset.UnixEpoch, [.. devices.Select(d => new PlannedDevice { Device = d, Eligibility = Eligibility.Eligible, Method = d.Tags[0], Ring = "pilot", Reasons = [] })], [new PlannedRing("pilot", 0, devices.Length)], []);

    private static List<string> Find(Device[] devices, EnforcementScope scope, params (string Id, string[] Stages)[] values) => Find(devices, [], scope, values);

    private static List<string> Find(Device[] devices, ImageSettings[] images, EnforcementScope scope, params (string Id, string[] Stages)[] values) =>
        [.. PolicyReach.Find(PlanOf(devices), ProjectOf(images, scope), Selection(values)).Select(d => $"{d.Code} {d.Message}")];
}
