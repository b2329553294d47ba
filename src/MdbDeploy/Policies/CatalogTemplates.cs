using System.Collections.Immutable;

namespace MdbDeploy.Policies;

/// <summary>A template of Intune's endpoint security that policies are made of.</summary>
/// <param name="Title">Title for people.</param>
/// <param name="TemplateId">Identifier with version; empty for a plain settings catalogue policy.</param>
/// <param name="Technologies">Who delivers it: <c>mdm,microsoftSense</c> reaches devices under Defender's security settings management too.</param>
public sealed record CatalogTemplate(string Title, string TemplateId, string Technologies);

/// <summary>
/// The templates by the names that settings.csv uses. Identifiers as exported policies carry them
/// (https://learn.microsoft.com/graph/api/resources/intune-deviceconfigv2-devicemanagementconfigurationpolicytemplate).
/// </summary>
public static class CatalogTemplates
{
    /// <summary>Name of the plain settings catalogue policy, for settings that no template known here holds.</summary>
    public const string Plain = "other";

    /// <summary>Name of the endpoint detection and response template, which the onboarding policy uses already.</summary>
    public const string Edr = "edr";

    private const string Both = "mdm,microsoftSense";

    /// <summary>The templates by name.</summary>
    public static ImmutableSortedDictionary<string, CatalogTemplate> All { get; } = new Dictionary<string, CatalogTemplate>
    {
        ["antivirus"] = new("Antivirus", "804339ad-1553-4478-a742-138fb5807418_1", Both),
        ["asr"] = new("Attack surface reduction", "e8c053d6-9f95-42b1-a7f1-ebfd71c67a4b_1", Both),
        [Edr] = new("Endpoint detection and response", "0385b795-0f2f-44ac-8602-9f65bf6adede_1", Both),
        ["experience"] = new("Tamper protection", "d948ff9b-99cb-4ee0-8012-1fbc09685377_1", Both),
        ["firewall"] = new("Firewall", "6078910e-d808-4a9f-a51d-1b8a7bacb7c0_1", Both),
        [Plain] = new("Further settings", "", "mdm"),
        ["updates"] = new("Update channels", "e3f74c5a-a6de-411d-aef6-eb15628f3a0a_1", Both),
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>Identifiers of the instances of groups: definitions that hold others and have no value of their own.</summary>
    public static ImmutableDictionary<string, string> Groups { get; } = new Dictionary<string, string>
    {
        ["device_vendor_msft_policy_config_defender_attacksurfacereductionrules"] = "19600663-e264-4c02-8f55-f2983216d6d7",
        ["device_vendor_msft_policy_config_defender_threatseveritydefaultaction"] = "f6394bc5-6486-4728-b510-555f5c161f2b",
    }.ToImmutableDictionary(StringComparer.Ordinal);
}
