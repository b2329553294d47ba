using System.Text.Json.Nodes;
using MdbDeploy.Lab.Graph;

namespace MdbDeploy.Lab.Defender;

/// <summary>
/// Who gets onboarded: a device that is enrolled in Intune and reached by an assigned endpoint detection and response policy that onboards. Onboarding stays when the
/// assignment goes; only an offboarding policy or call ends it, which silences the sensor but keeps the device in the list.
/// </summary>
internal sealed class Onboarding
{
    /// <summary>Endpoint detection and response for Windows: the identifier is the same in all tenants; the suffix is the version.</summary>
    private const string TemplateId = "0385b795-0f2f-44ac-8602-9f65bf6adede_1";

    private const string ConfigurationType = "device_vendor_msft_windowsadvancedthreatprotection_configurationtype";

    private readonly LabState state;
    private readonly Dictionary<Computer, DateTimeOffset> since;
    private readonly Dictionary<Computer, DateTimeOffset> offboarded = [];

    public Onboarding(LabState state)
    {
        this.state = state;
        since = state.Computers.Where(c => c.Seed.Onboarded).ToDictionary(c => c, _ => state.Now);
    }

    /// <summary>Whether it was onboarded, be it that its sensor was silenced since.</summary>
    public bool IsListed(Computer computer) => since.TryGetValue(computer, out var time) && time <= state.Now;

    /// <summary>Whether its sensor reports.</summary>
    public bool IsActive(Computer computer) => IsListed(computer) && !offboarded.ContainsKey(computer);

    public DateTimeOffset FirstSeen(Computer computer) => since[computer];

    /// <summary>Last report: now while it is active.</summary>
    public DateTimeOffset LastSeen(Computer computer) => offboarded.TryGetValue(computer, out var time) ? time : state.Now;

    /// <summary>What Intune says became of an onboarding policy on a device that it reaches.</summary>
    public string Outcome(Computer computer) => computer.Seed.PolicyOutcome ?? (IsListed(computer) ? "Succeeded" : "Pending");

    public void Offboard(Computer computer) => offboarded.TryAdd(computer, state.Now);

    /// <summary>Lets the policies work as they are assigned now: to be called after every change.</summary>
    public void Settle()
    {
        var policies = state.ConfigurationPolicies.Select(p => (Option: Option(p.Properties, p.Settings), Policy: (IAssignable)p))
            .Concat(state.DeviceConfigurations.Select(p => (Option: Option(p.Settings), Policy: (IAssignable)p)));
        foreach (var (option, policy) in policies)
        {
            if (option is null || policy.Assignments.Count == 0)
            {
                continue;
            }

            foreach (var computer in Reached(policy))
            {
                if (computer.Seed.PolicyOutcome is not null)
                {
                    continue;
                }

                if (option == "offboard")
                {
                    Offboard(computer);
                }
                else
                {
                    offboarded.Remove(computer);
                    since.TryAdd(computer, state.Now + state.Options.Habits.OnboardingDelay);
                }
            }
        }
    }

    /// <summary>What a policy does: <c>onboard</c>, <c>autofromconnector</c>, <c>offboard</c>; null when it is of another kind.</summary>
    public static string? Option(JsonObject properties, JsonArray settings)
    {
        const string Prefix = $"{ConfigurationType}_";
        return (string?)properties["templateReference"]?["templateId"] != TemplateId
            ? null
            : settings.Select(s => s!["settingInstance"]!)
                .Where(i => (string?)i["settingDefinitionId"] == ConfigurationType)
                .Select(i => (string?)i["choiceSettingValue"]?["value"])
                .FirstOrDefault(v => v?.StartsWith(Prefix, StringComparison.Ordinal) == true)?[Prefix.Length..];
    }

    /// <summary>What a custom profile does; null when it is of another kind.</summary>
    private static string? Option(JsonArray omaSettings) =>
        omaSettings.Select(s => (string?)s!["omaUri"]).Select(uri => uri switch
        {
            "./Device/Vendor/MSFT/WindowsAdvancedThreatProtection/Onboarding" => "onboard",
            "./Device/Vendor/MSFT/WindowsAdvancedThreatProtection/Offboarding" => "offboard",
            _ => null,
        }).FirstOrDefault(option => option is not null);

    /// <summary>The enrolled devices that its assignments include and do not exclude.</summary>
    public IEnumerable<Computer> Reached(IAssignable policy)
    {
        var targets = policy.Assignments.Select(a => a["target"]!).ToLookup(t => (string?)t["@odata.type"]);
        HashSet<Computer> MembersOf(string type) =>
            [.. state.DirectoryGroups.Where(g => targets[type].Any(t => (string?)t["groupId"] == g.Id)).SelectMany(g => g.Members).Select(m => m.Computer)];
        var included = MembersOf("#microsoft.graph.groupAssignmentTarget");
        var excluded = MembersOf("#microsoft.graph.exclusionGroupAssignmentTarget");
        var everybody = targets.Contains("#microsoft.graph.allDevicesAssignmentTarget");
        return (everybody ? state.Computers : (IReadOnlyCollection<Computer>)included).Where(c => c.Seed.InIntune && !excluded.Contains(c));
    }
}
