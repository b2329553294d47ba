using System.Text.Json.Nodes;
using MdbDeploy.Lab.Graph;

namespace MdbDeploy.Lab.Defender;

/// <summary>What Intune checks of an endpoint detection and response policy for Windows, and the families of the templates.</summary>
internal static class EndpointDetectionTemplate
{
    /// <summary>Longest onboarding blob, in characters (setting definition).</summary>
    private const int LongestBlob = 175_032;

    private const string Csp = "device_vendor_msft_windowsadvancedthreatprotection_";

    /// <summary>Templates by the part of their id before the version.</summary>
    private static readonly Dictionary<string, (string Family, string Name)> Templates = new(StringComparer.OrdinalIgnoreCase)
    {
        ["0385b795-0f2f-44ac-8602-9f65bf6adede"] = ("endpointSecurityEndpointDetectionAndResponse", "Endpoint detection and response"),
        ["804339ad-1553-4478-a742-138fb5807418"] = ("endpointSecurityAntivirus", "Microsoft Defender Antivirus"),
        ["45fea5e9-280d-4da1-9792-fb5736da0ca9"] = ("endpointSecurityAntivirus", "Microsoft Defender Antivirus exclusions"),
        ["d948ff9b-99cb-4ee0-8012-1fbc09685377"] = ("endpointSecurityAntivirus", "Windows Security Experience"),
        ["e3f74c5a-a6de-411d-aef6-eb15628f3a0a"] = ("endpointSecurityAntivirus", "Defender Update controls"),
        ["e8c053d6-9f95-42b1-a7f1-ebfd71c67a4b"] = ("endpointSecurityAttackSurfaceReduction", "Attack Surface Reduction Rules"),
        ["6078910e-d808-4a9f-a51d-1b8a7bacb7c0"] = ("endpointSecurityFirewall", "Windows Firewall"),
        ["19c8aa67-f286-4861-9aa0-f23541d31680"] = ("endpointSecurityFirewall", "Windows Firewall Rules"),
    };

    public static string Family(string templateId) => Templates.TryGetValue(templateId.Split('_')[0], out var template) ? template.Family : "none";

    public static string? DisplayName(string templateId) => Templates.TryGetValue(templateId.Split('_')[0], out var template) ? template.Name : null;

    /// <summary>Refuses what Intune refuses: each option needs exactly its own secret, and "auto from connector" needs the connector.</summary>
    public static void Check(JsonObject policy, bool connectorEnabled)
    {
        if (Family((string?)policy["templateReference"]?["templateId"] ?? "") != "endpointSecurityEndpointDetectionAndResponse")
        {
            return;
        }

        var option = Onboarding.Option(policy, policy["settings"]!.AsArray()) ?? throw GraphException.BadRequest($"The template requires the setting '{Csp}configurationtype'.");
        var expected = option switch
        {
            "autofromconnector" => $"{Csp}onboarding_fromconnector",
            "onboard" => $"{Csp}onboarding",
            "offboard" => $"{Csp}offboarding",
            _ => throw GraphException.BadRequest($"The option '{option}' does not exist."),
        };
        if (option == "autofromconnector" && !connectorEnabled)
        {
            throw GraphException.BadRequest("Auto from connector is not available: the Microsoft Defender for Endpoint connector is not set up in this tenant.");
        }

        var root = policy["settings"]!.AsArray().Select(s => s!["settingInstance"]!).First(i => (string?)i["settingDefinitionId"] == $"{Csp}configurationtype");
        if (root["choiceSettingValue"]!["children"] is not JsonArray { Count: 1 } children
            || (string?)children[0]!["settingDefinitionId"] != expected
            || children[0]!["simpleSettingValue"] is not JsonObject { } value
            || (string?)value["@odata.type"] != "#microsoft.graph.deviceManagementConfigurationSecretSettingValue"
            || (string?)value["value"] is not { Length: > 0 and <= LongestBlob })
        {
            throw GraphException.BadRequest($"The option '{option}' requires exactly one child setting '{expected}' with a secret value of 1 to {LongestBlob} characters.");
        }
    }
}
