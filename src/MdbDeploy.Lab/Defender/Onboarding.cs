using System.Text.Json.Nodes;
using MdbDeploy.Lab.Graph;

namespace MdbDeploy.Lab.Defender;

/// <summary>
/// Who gets onboarded: a device that is enrolled in Intune and reached by an assigned endpoint detection and response policy that onboards. Onboarding stays when the
/// assignment goes; only an offboarding policy or call ends it, which silences the sensor but keeps the device in the list.
/// </summary>
internal sealed class Onboarding(LabState state)
{
    /// <summary>Endpoint detection and response for Windows: the identifier is the same in all tenants; the suffix is the version.</summary>
    private const string TemplateId = "0385b795-0f2f-44ac-8602-9f65bf6adede_1";

    private const string ConfigurationType = "device_vendor_msft_windowsadvancedthreatprotection_configurationtype";

    private readonly Dictionary<Computer, DateTimeOffset> since = [];
    private readonly Dictionary<Computer, DateTimeOffset> offboarded = [];
    private bool seeded;

    /// <summary>Whether it was onboarded, be it that its sensor was silenced since.</summary>
    public bool IsListed(Computer computer) => since.TryGetValue(computer, out var time) && time <= state.Now;

    /// <summary>Whether its sensor reports.</summary>
    public bool IsActive(Computer computer) => IsListed(computer) && !offboarded.ContainsKey(computer);

    public DateTimeOffset FirstSeen(Computer computer) => since[computer];

    /// <summary>Last report: now while it is active.</summary>
    public DateTimeOffset LastSeen(Computer computer) => offboarded.TryGetValue(computer, out var time) ? time : state.Now;

    public void Offboard(Computer computer) => offboarded.TryAdd(computer, state.Now);

    /// <summary>Lets the policies work as they are assigned now.</summary>
    public void Settle()
    {
        if (!seeded)
        {
            seeded = true;
            foreach (var computer in state.Computers.Where(c => c.Seed.Onboarded))
            {
                since.Add(computer, state.Now);
            }
        }

        foreach (var policy in state.ConfigurationPolicies)
        {
            var option = Option(policy);
            foreach (var computer in option is null ? [] : state.Computers.Where(c => c.Seed.InIntune && Reaches(policy, c)))
            {
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

    /// <summary>What the policy does: <c>onboard</c>, <c>autofromconnector</c>, <c>offboard</c>; null when it is of another kind.</summary>
    public static string? Option(ConfigurationPolicy policy) => Option(policy.Properties, policy.Settings);

    public static string? Option(JsonObject properties, JsonArray settings) =>
        (string?)properties["templateReference"]?["templateId"] != TemplateId
            ? null
            : settings.Select(s => s!["settingInstance"]!)
                .Where(i => (string?)i["settingDefinitionId"] == ConfigurationType)
                .Select(i => (string?)i["choiceSettingValue"]?["value"])
                .FirstOrDefault(v => v is not null)?[(ConfigurationType.Length + 1)..];

    private bool Reaches(ConfigurationPolicy policy, Computer computer)
    {
        var included = false;
        foreach (var target in policy.Assignments.Select(a => a["target"]!))
        {
            var isMember = state.DirectoryGroups.Any(g => g.Id == (string?)target["groupId"] && g.Members.Any(m => m.Computer == computer));
            switch ((string?)target["@odata.type"])
            {
                case "#microsoft.graph.exclusionGroupAssignmentTarget" when isMember:
                    return false;
                case "#microsoft.graph.allDevicesAssignmentTarget":
                case "#microsoft.graph.groupAssignmentTarget" when isMember:
                    included = true;
                    break;
            }
        }

        return included;
    }
}
