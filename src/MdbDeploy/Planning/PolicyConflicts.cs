using MdbDeploy.Diagnostics;
using MdbDeploy.Inventory;
using MdbDeploy.Policies;

namespace MdbDeploy.Planning;

/// <summary>
/// What goes wrong between policies on the devices they meet: ours, by the channel of each device's method, and those that the organisation has already. A pure function
/// of plan and policies.
/// </summary>
public static class PolicyConflicts
{
    private const string PsExecRule = "asr.d1e49aac";

    // Services and drivers that onboarding or the antivirus need. DiagTrack only before Windows 10 1809:
    // https://learn.microsoft.com/defender-endpoint/troubleshoot-onboarding
    private static readonly string[] Needed = ["DiagTrack", "MsSense", "Sense", "WdBoot", "WdFilter", "WdNisDrv", "WdNisSvc", "WinDefend"];

    private static readonly string[] MustBeAbsent = [@"SOFTWARE\Policies\Microsoft\Windows Defender\DisableAntiSpyware", @"SOFTWARE\Policies\Microsoft\Windows Defender\DisableAntiVirus"];

    /// <summary>Everything found, in a fixed order.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="policies">The project's policies.</param>
    /// <param name="existing">Policies that reach devices besides: a Group Policy those of a domain, Intune the enrolled, Configuration Manager its clients.</param>
    public static IEnumerable<Diagnostic> Find(Plan plan, PolicySelection policies, IReadOnlyList<ImportedPolicy> existing)
    {
        var found = new List<Diagnostic>();
        foreach (var ring in plan.Rings)
        {
            var values = policies.InRing(ring.Index);
            if (values.IsEmpty)
            {
                continue;
            }

            var devices = new Reached(plan.Devices, o => o.Ring == ring.Name && o.Method != Methods.None, null);
            found.AddRange(Inexpressible(values, devices).Where(d => found.All(told => told.Message != d.Message)).ToList());
            found.AddRange(Unsupported(ring.Name, values, devices));
            found.AddRange(PsExec($"ring '{ring.Name}'", values, devices));
            found.AddRange(Ignored($"ring '{ring.Name}'", values, devices.By(Methods.GroupPolicy)));
            foreach (var policy in existing)
            {
                found.AddRange(Disagreements($"ring '{ring.Name}'", values, policy, devices));
            }
        }

        for (var i = 0; i < existing.Count; i++)
        {
            var channel = existing[i].Channel;
            var reached = new Reached(plan.Devices, null, d => Reaches(channel, d));
            found.AddRange(PsExec($"'{existing[i].Name}'", existing[i].Reading.Values, reached));
            found.AddRange(Hardening(existing[i], reached.Count));
            if (channel == PolicyChannel.GroupPolicy)
            {
                found.AddRange(Ignored($"'{existing[i].Name}'", existing[i].Reading.Values, reached));
            }

            foreach (var other in existing.Skip(i + 1).Where(other => other.Channel != channel))
            {
                found.AddRange(Between(existing[i], other, reached.And(d => Reaches(other.Channel, d))));
            }
        }

        return found;
    }

    /// <summary>Some devices of a plan. They are counted by what many have in common, so that a million are not made.</summary>
    private sealed record Reached(PlannedDevices Devices, Func<PlanOutcome, bool>? Outcome, Func<Device, bool>? Shared)
    {
        public int Count => Devices.CountMatching(Outcome, Shared);

        public Reached By(string method) => this with { Outcome = o => (Outcome is null || Outcome(o)) && o.Method == method };

        public Reached And(Func<Device, bool> shared) => this with { Shared = d => (Shared is null || Shared(d)) && shared(d) };
    }

    internal static bool Reaches(PolicyChannel channel, Device device) => channel switch
    {
        PolicyChannel.GroupPolicy => device.Join is JoinType.Domain or JoinType.Hybrid,
        PolicyChannel.Intune => device.ManagedBy.HasFlag(Management.Intune),
        _ => device.ManagedBy.HasFlag(Management.ConfigurationManager),
    };

    private static PolicyChannel? ChannelOf(string method) => method switch
    {
        Methods.GroupPolicy => PolicyChannel.GroupPolicy,
        Methods.Intune => PolicyChannel.Intune,
        Methods.ConfigurationManager => PolicyChannel.ConfigurationManager,
        _ => null,
    };

    // What the channels of the ring's devices leave out.
    private static IEnumerable<Diagnostic> Inexpressible(IReadOnlyList<PolicyValue> values, Reached devices)
    {
        if (devices.By(Methods.GroupPolicy).Count > 0)
        {
            foreach (var left in RegistryChannel.Write(values).Diagnostics)
            {
                yield return left;
            }
        }

        if (devices.By(Methods.Intune).Count > 0)
        {
            foreach (var left in SettingsCatalogChannel.Write(values).Diagnostics)
            {
                // What the settings catalogue lacks goes into a custom profile, when there is a node.
                var value = values.First(v => v.Setting.Id == left.Where.Subject);
                if (SettingsCatalogChannel.Obstacle(value) is null)
                {
                    yield return left;
                }
                else if (OmaUriChannel.Obstacle(value) is { } obstacle)
                {
                    yield return left with { Message = $"{left.Message} {OmaUriChannel.Title} cannot either: {obstacle}." };
                }
            }
        }

        if (devices.By(Methods.OtherMdm).Count > 0)
        {
            foreach (var left in OmaUriChannel.Write(values).Diagnostics)
            {
                yield return left;
            }
        }

        if (devices.By(Methods.ConfigurationManager).Count > 0)
        {
            foreach (var value in values.Where(v => AntimalwareXml.Obstacle(v) is not null && ExploitGuard.Obstacle(v) is not null && v.Setting.Id != OnboardingSettings.SampleSharing))
            {
                yield return Problems.SettingNotExpressible.At(Location.Of(value.Setting.Id), $"{AntimalwareXml.Title} cannot set {value.Setting.Id} to {value.Word}: {AntimalwareXml.Obstacle(value)}.");
            }
        }
    }

    private static IEnumerable<Diagnostic> Unsupported(string ring, IEnumerable<PolicyValue> values, Reached devices) =>
        from value in values
        let count = devices.And(d => value.Setting.Builds.Include(d) == false).Count
        where count > 0
        select Problems.SettingUnsupported.At(Location.Of(value.Setting.Id), $"{Count(count)} of ring '{ring}' do not know {value.Setting.Id} ({value.Setting.Title}), which needs {value.Setting.Builds.Text}.");

    // https://learn.microsoft.com/defender-endpoint/attack-surface-reduction-rules-reference: the rule is incompatible with management by Configuration Manager.
    private static IEnumerable<Diagnostic> PsExec(string where, IEnumerable<PolicyValue> values, Reached devices) =>
        values.Any(v => v.Setting.Id == PsExecRule && v.Value is "1" or "6") && devices.And(d => Reaches(PolicyChannel.ConfigurationManager, d)).Count is var count and > 0
            ? [Problems.RuleBreaksConfigurationManager.At(Location.Of(PsExecRule), $"{Count(count)} with a Configuration Manager client get {PsExecRule} from {where}, which stops the WMI commands that the client lives on.")]
            : [];

    private static IEnumerable<Diagnostic> Ignored(string where, IEnumerable<PolicyValue> values, Reached devices) => devices.Count == 0 ? [] :
        from value in values
        let locked = value.Setting.Locked ?? value.Value
        where locked != value.Value
        select Problems.SettingLocked.At(Location.Of(value.Setting.Id), $"Group Policy sets {value.Setting.Id} to {value.Word} on {Count(devices.Count)} ({where}), and tamper protection holds it at {value.Setting.Allowed.Word(locked)}.");

    private static IEnumerable<Diagnostic> Disagreements(string where, IEnumerable<PolicyValue> values, ImportedPolicy policy, Reached devices)
    {
        foreach (var channel in Enum.GetValues<PolicyChannel>())
        {
            var both = (devices with { Outcome = o => devices.Outcome!(o) && ChannelOf(o.Method) == channel }).And(d => Reaches(policy.Channel, d)).Count;
            foreach (var (ours, theirs) in both == 0 ? [] : Differences(values, policy.Reading.Values))
            {
                yield return Problems.SettingsConflict.At(Location.Of(ours.Setting.Id),
                    $"{Count(both)} get {ours.Setting.Id} = {ours.Word} from {where} ({Title(channel)}) and {theirs.Word} from '{policy.Name}' ({Title(policy.Channel)}). {Winner(channel, policy.Channel)}");
            }
        }
    }

    private static IEnumerable<Diagnostic> Between(ImportedPolicy one, ImportedPolicy other, Reached devices) => devices.Count == 0 ? [] :
        Differences(one.Reading.Values, other.Reading.Values).Select(pair => Problems.SettingsConflict.At(Location.Of(pair.One.Setting.Id),
            $"{Count(devices.Count)} get {pair.One.Setting.Id} = {pair.One.Word} from '{one.Name}' ({Title(one.Channel)}) and {pair.Other.Word} from '{other.Name}' ({Title(other.Channel)}). {Winner(one.Channel, other.Channel)}"));

    private static IEnumerable<Diagnostic> Hardening(ImportedPolicy policy, int reached)
    {
        foreach (var name in MustBeAbsent.Where(name => policy.RegistryValues.Contains(name, StringComparer.OrdinalIgnoreCase)))
        {
            yield return Problems.PolicyDisablesDefender.At(Location.Of(policy.Name), $@"'{policy.Name}' holds {name[(name.LastIndexOf('\\') + 1)..]}, which must not be there at all, not even as 0; it reaches {Count(reached)}.");
        }

        foreach (var service in policy.DisabledServices.Where(service => Needed.Contains(service, StringComparer.OrdinalIgnoreCase)))
        {
            yield return Problems.PolicyDisablesDefender.At(Location.Of(policy.Name),
                $"'{policy.Name}' switches {service} off{(string.Equals(service, "DiagTrack", StringComparison.OrdinalIgnoreCase) ? ", which onboarding needs before Windows 10 1809" : "")}; it reaches {Count(reached)}.");
        }
    }

    internal static IEnumerable<(PolicyValue One, PolicyValue Other)> Differences(IEnumerable<PolicyValue> ones, IEnumerable<PolicyValue> others) =>
        from one in ones
        join other in others on one.Setting.Id equals other.Setting.Id
        where one.Value != other.Value && !one.Setting.Allowed.IsList // lists of several policies add up
        select (one, other);

    internal static string Winner(PolicyChannel one, PolicyChannel other) =>
        one == other ? "Which of them wins is decided by their order." : one == PolicyChannel.GroupPolicy || other == PolicyChannel.GroupPolicy ? "Group Policy wins on the device." : "Which of them wins is not defined.";

    internal static string Title(PolicyChannel channel) => channel switch { PolicyChannel.GroupPolicy => "Group Policy", PolicyChannel.Intune => "Intune", _ => "Configuration Manager" };

    internal static string Count(int count) => FormattableString.Invariant($"{count} {(count == 1 ? "device" : "devices")}");
}
