using System.Collections.Immutable;
using System.Globalization;
using MdbDeploy.Planning;
using MdbDeploy.Targets.ActiveDirectory;

namespace MdbDeploy.Targets.Status;

/// <summary>What is known of the devices besides the plan.</summary>
public sealed record StatusEvidence
{
    /// <summary>Every device that any live system reports. Several reports of one device are normal: old records stay after re-onboarding, the newest counts.</summary>
    public IReadOnlyList<ReportedDevice> Reported { get; init; } = [];

    /// <summary>When Intune last heard from its devices; null when it was not asked.</summary>
    public IReadOnlyList<CheckIn>? CheckIns { get; init; }

    /// <summary>What scripts wrote down that ran on devices.</summary>
    public IReadOnlyList<ScriptResult> Results { get; init; } = [];

    /// <summary>The organisation of Defender that the packages are of; null when they do not tell.</summary>
    public Guid? OrganizationId { get; init; }

    /// <summary>Whether Group Policy applies to devices, by <see cref="StatusHistory.KeyOf"/>; empty when no domain was asked.</summary>
    public IReadOnlyDictionary<string, GroupPolicyReach> GroupPolicy { get; init; } = ImmutableDictionary<string, GroupPolicyReach>.Empty;

    /// <summary>Since when devices have been in their condition, see <see cref="StatusHistory.Since"/>.</summary>
    public IReadOnlyDictionary<string, ConditionSince> Since { get; init; } = ImmutableDictionary<string, ConditionSince>.Empty;

    /// <summary>The time; without it nothing is called late.</summary>
    public DateTimeOffset? Now { get; init; }
}

/// <summary>When Intune last heard from a device.</summary>
/// <param name="EntraDeviceId">Entra device id; null for one that is not registered.</param>
/// <param name="Name">Its name.</param>
/// <param name="LastSync">The time; null when it never did.</param>
public sealed record CheckIn(Guid? EntraDeviceId, string Name, DateTimeOffset? LastSync)
{
    /// <summary>What became of the project's onboarding policy on it; null when Intune does not say, or was not asked.</summary>
    public PolicyReport? Policy { get; init; }

    /// <summary>What Intune says of its antivirus, as words behind "of its antivirus:"; null when nothing is wrong, or Intune was not asked.</summary>
    public string? Antivirus { get; init; }
}

/// <summary>What Intune reports of an onboarding policy on a device.</summary>
/// <param name="Policy">Name of the policy.</param>
/// <param name="IntuneDeviceId">Intune's id of the device; null where it gives a name only.</param>
/// <param name="DeviceName">Name of the device.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Time">When the device said so; null when it never did.</param>
public sealed record PolicyReport(string Policy, string? IntuneDeviceId, string DeviceName, PolicyOutcome Outcome, DateTimeOffset? Time);

/// <summary>What became of a policy on a device; of two reports of one time the later in this list counts.</summary>
public enum PolicyOutcome
{
    /// <summary>The device has not said yet.</summary>
    Pending,

    /// <summary>It does not apply to the device.</summary>
    NotApplicable,

    /// <summary>It was applied.</summary>
    Succeeded,

    /// <summary>The device could not apply it.</summary>
    Failed,

    /// <summary>Another policy sets the same, otherwise.</summary>
    Conflict,
}

/// <summary>A device whose antivirus needs attention, as Intune reports it.</summary>
/// <param name="IntuneDeviceId">Intune's id of the device.</param>
/// <param name="Problems">What is wrong, in words.</param>
public sealed record AntivirusReport(string IntuneDeviceId, string Problems);

/// <summary>
/// Expected against actual: where each planned device stands. A pure function of the plan and of what was read. The first that holds decides: another organisation, a golden image
/// or a device to be offboarded that is onboarded, several entries, a sensor that does not work, silence, onboarded, a script that failed, silence towards Intune, a policy that Intune could not apply, no policy that reaches it, waiting.
/// </summary>
public static class OnboardingStatus
{
    /// <summary>Defender calls a device inactive after a week without a report (learn.microsoft.com/defender-endpoint/fix-unhealthy-sensors); so does this of Intune.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromDays(7);

    /// <summary>Compares a plan with what the live systems report.</summary>
    public static ImmutableArray<DeviceStatus> Compare(Plan plan, IEnumerable<ReportedDevice> reported) => Compare(plan, new StatusEvidence { Reported = [.. reported] });

    /// <summary>Compares a plan with everything that is known.</summary>
    public static ImmutableArray<DeviceStatus> Compare(Plan plan, StatusEvidence evidence)
    {
        var reports = new ReportIndex<ReportedDevice>(evidence.Reported.OrderBy(d => d.LastSeen ?? DateTimeOffset.MinValue), d => d.EntraDeviceId, d => d.DnsName);
        var checkIns = evidence.CheckIns is null ? null : new ReportIndex<CheckIn>(evidence.CheckIns.OrderBy(c => c.LastSync ?? DateTimeOffset.MinValue), c => c.EntraDeviceId, c => c.Name);
        var results = new ReportIndex<ScriptResult>(evidence.Results.OrderBy(r => r.Time), _ => null, r => r.Name);
        var twice = evidence.Reported.Where(d => d is { IsOnboarded: true, IsHealthy: true, Id: not null, DnsName.Length: > 0 }).GroupBy(d => d.DnsName!, StringComparer.OrdinalIgnoreCase)
            .Where(g => g.Select(d => d.Id).Distinct(StringComparer.Ordinal).Skip(1).Any()).Select(g => g.Key).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return [.. plan.Devices.Select(planned =>
        {
            var device = planned.Device;
            var found = reports.Find(device);
            var status = Decide(planned, found, found?.DnsName is { } dns && twice.Contains(dns), results.Find(device), checkIns is null ? null : new Heard(checkIns.Find(device)),
                planned.Method == Methods.GroupPolicy && evidence.GroupPolicy.Count > 0 ? evidence.GroupPolicy.GetValueOrDefault(StatusHistory.KeyOf(device)) : null, evidence);
            return evidence.Since.TryGetValue(StatusHistory.KeyOf(device), out var known) && known.Condition == status.Condition ? Dated(status, known.Since, evidence.Now) : status;
        })];
    }

    /// <summary>Entries of Defender that belong to no device of the plan: a ghost when it no longer reports, unexpected when it does.</summary>
    public static ImmutableArray<StrayEntry> Strays(Plan plan, IEnumerable<ReportedDevice> reported)
    {
        var ids = plan.Devices.Select(p => p.Device.EntraDeviceId).OfType<Guid>().ToHashSet();
        var full = plan.Devices.Select(p => p.Device.Fqdn).OfType<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
        var names = plan.Devices.Select(p => p.Device.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        // A name of another domain is another device, unless the inventory does not say of which domain its own is.
        var bare = plan.Devices.Where(p => p.Device.Fqdn is null).Select(p => p.Device.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        bool IsKnown(ReportedDevice entry) => (entry.EntraDeviceId is { } id && ids.Contains(id))
            || (entry.DnsName!.Split('.', 2) is [var name, _] ? full.Contains(entry.DnsName) || bare.Contains(name) : names.Contains(entry.DnsName));

        return [.. reported.Where(entry => entry is { Source: PoolStatus.DefenderSource, DnsName.Length: > 0 } && !IsKnown(entry))
            .Select(entry => entry.IsHealthy && entry.IsOnboarded
                ? new StrayEntry(entry, DeviceCondition.Unexpected, "It is onboarded, and the inventory has no such device: add it, or offboard it.")
                : new StrayEntry(entry, DeviceCondition.Ghost, "It no longer reports, and the inventory has no such device: an old entry, which leaves the list 180 days after its last report."))
            .OrderBy(stray => stray.Entry.DnsName, StringComparer.OrdinalIgnoreCase).ThenBy(stray => stray.Entry.Id, StringComparer.Ordinal)];
    }

    private static DeviceStatus Decide(PlannedDevice planned, ReportedDevice? found, bool hasTwin, ScriptResult? result, Heard? heard, GroupPolicyReach? policy, StatusEvidence evidence)
    {
        var now = evidence.Now;
        if (found is { IsElsewhere: true })
        {
            return Is(DeviceCondition.WrongOrganization, $"{found.Source}: it {found.Health}. Offboard it there first, with that organisation's package.");
        }

        if (found is { IsOnboarded: true })
        {
            return planned.Device.IsGoldenImage ? Is(DeviceCondition.Unexpected, $"{found.Source} reports this golden image as onboarded: every clone will share its identity.", OnboardingState.Attention)
                : planned.Offboarding is not null ? Is(DeviceCondition.Unexpected, $"To be offboarded, and {found.Source} still reports it as onboarded.", OnboardingState.Attention)
                : found.IsPotentialDuplicate || hasTwin ? Is(DeviceCondition.Duplicate, $"{found.Source} has several entries of it: it was set up anew, or another device has its name. The old entry leaves the list 180 days after its last report.")
                : !found.IsHealthy ? Unhealthy(found)
                : found.LastSeen is { } seen && now - seen > Silence ? Is(DeviceCondition.Unreachable, $"Onboarded, but {found.Source} has not heard from it since {Day(seen)}: is it in use, and does it reach the service?")
                : planned.Method == Methods.None ? Is(DeviceCondition.Unexpected, $"{found.Source} reports it as onboarded, though the plan leaves it out.", OnboardingState.Onboarded)
                : Is(DeviceCondition.Onboarded, $"{found.Source} reports it as onboarded.{(heard?.CheckIn?.Antivirus is { } problems ? $" Intune says of its antivirus: {problems}." : "")}");
        }

        if (result?.OrganizationId is { } theirs && evidence.OrganizationId is { } ours && theirs != ours)
        {
            return Is(DeviceCondition.WrongOrganization, $"The device itself said on {Day(result.Time)} that it is onboarded to another organisation. Offboard it there first, with that organisation's package.");
        }

        if (planned.Method == Methods.None)
        {
            return planned.Attention is { } reason ? Is(DeviceCondition.NotPlanned, reason, OnboardingState.Attention) : Is(DeviceCondition.NotPlanned, planned.Reasons[^1]);
        }

        if (result is { Succeeded: false })
        {
            return Is(DeviceCondition.Failed, result.IsCheck ? Checked(result) : $"The script ended with code {result.ExitCode.ToString(CultureInfo.InvariantCulture)} on {Day(result.Time)}: {result.Meaning.TrimEnd('.')}.");
        }

        if (planned.Method == Methods.Intune && heard is { } known)
        {
            if (known.CheckIn is null)
            {
                return Is(DeviceCondition.Failed, "Intune does not manage it, so that no policy reaches it: enrol it, or choose another method.");
            }

            if (known.CheckIn.LastSync is not { } sync || now - sync > Silence)
            {
                return Is(DeviceCondition.Unreachable, $"Intune has not heard from it since {(known.CheckIn.LastSync is { } last ? Day(last) : "it was enrolled")}; the policy arrives when it does.");
            }

            if (Refused(known.CheckIn.Policy) is { } refusal)
            {
                return Is(DeviceCondition.Failed, refusal);
            }
        }

        if (policy is { Applies: false })
        {
            return Is(DeviceCondition.Failed, policy.Detail);
        }

        var applied = planned.Method == Methods.Intune && found is null && heard?.CheckIn?.Policy is { Outcome: PolicyOutcome.Succeeded } done
            ? $"Intune applied '{done.Policy}'{(done.Time is { } time ? $" on {Day(time)}" : "")}. No system reports the device yet."
            : null;
        var why = planned.Attention ?? applied ?? (policy is not null && found is null && result is null ? $"{policy.Detail} No system reports it yet." : null) ?? (result is { IsCheck: true, IsOnboarded: true } ? $"The device itself said on {Day(result.Time)} that it is onboarded; no system reports it yet." : result is { IsCheck: true } ? Checked(result) : null)
            ?? (result is not null ? $"The script ended well on {Day(result.Time)}{(result.IsOnboarded == true ? ", and the device said that it is onboarded" : "")}; no system reports the device yet." : found is null ? "No system reports it yet." : $"{found.Source} knows it, not onboarded yet.");
        return Is(DeviceCondition.Waiting, why);

        DeviceStatus Is(DeviceCondition condition, string detail, OnboardingState? state = null) => new(planned, state ?? StateOf(condition), detail, found?.LastSeen) { Condition = condition };

        DeviceStatus Unhealthy(ReportedDevice entry) => entry.Health switch
        {
            "Inactive" => Is(DeviceCondition.Unreachable, $"Onboarded, but {entry.Source} has not heard from it for a week: is it in use, and does it reach the service?"),
            "ImpairedCommunication" => Is(DeviceCondition.Failed, $"Onboarded, but {entry.Source} reports 'ImpairedCommunication': look at the proxy and the addresses of the service on it."),
            "NoSensorData" or "NoSensorDataImpairedCommunication" => Is(DeviceCondition.Failed, $"Onboarded, but {entry.Source} reports '{entry.Health}': restart it, and look at the services Sense and DiagTrack on it."),
            _ => Is(DeviceCondition.Failed, $"Onboarded, but {entry.Source} reports '{entry.Health}'."),
        };
    }

    private static DeviceStatus Dated(DeviceStatus status, DateTimeOffset since, DateTimeOffset? now)
    {
        if (status.Condition != DeviceCondition.Waiting)
        {
            return status with { Since = since };
        }

        var normal = NormalDelay.Of(status.Planned.Method);
        return status with
        {
            Since = since,
            Delay = $"Waiting since {Day(since)}{(now - since > normal.Longest ? ", longer than is normal" : "")}: {normal.Why}",
        };
    }

    /// <summary>Why a policy will not come to work by waiting; null when it may.</summary>
    private static string? Refused(PolicyReport? report) => report?.Outcome switch
    {
        PolicyOutcome.Failed => $"Intune could not apply '{report.Policy}'{(report.Time is { } time ? $" ({Day(time)})" : "")}: the error of each setting stands in Intune under the device, Device configuration.",
        PolicyOutcome.Conflict => $"Intune reports a conflict over '{report.Policy}': another policy sets the same otherwise. It is named in Intune under the device, Device configuration; take the device out of one of them.",
        PolicyOutcome.NotApplicable => $"Intune says that '{report.Policy}' does not apply to it: look at its edition and version of Windows, and at the filters of the assignment.",
        _ => null,
    };

    private static OnboardingState StateOf(DeviceCondition condition) => condition switch
    {
        DeviceCondition.Onboarded => OnboardingState.Onboarded,
        DeviceCondition.Waiting => OnboardingState.Waiting,
        DeviceCondition.NotPlanned => OnboardingState.NotPlanned,
        _ => OnboardingState.Attention,
    };

    private static string Checked(ScriptResult check) => $"The check on the device said on {Day(check.Time)}: {check.Meaning}";

    private static string Day(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>What Intune says of a device, when it was asked.</summary>
    private sealed record Heard(CheckIn? CheckIn);
}

/// <summary>An entry of Defender that belongs to no device of the inventory.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="Condition"><see cref="DeviceCondition.Ghost"/> or <see cref="DeviceCondition.Unexpected"/>.</param>
/// <param name="Detail">Why, and what to do.</param>
public sealed record StrayEntry(ReportedDevice Entry, DeviceCondition Condition, string Detail);
