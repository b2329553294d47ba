using System.Collections.Immutable;
using Azure.Identity;

namespace MdbDeploy.Targets.Http;

/// <summary>Where the services of a cloud are.</summary>
/// <param name="Authority">Where to sign in.</param>
/// <param name="Graph">Microsoft Graph.</param>
/// <param name="Defender">The API of Defender for Endpoint; null where it is not published.</param>
internal sealed record MicrosoftCloud(Uri Authority, Uri Graph, Uri? Defender);

/// <summary>
/// Microsoft's clouds: learn.microsoft.com/graph/deployments (Graph), learn.microsoft.com/entra/identity-platform/authentication-national-cloud (sign-in),
/// learn.microsoft.com/defender-endpoint/gov (Defender).
/// </summary>
internal static class MicrosoftClouds
{
    /// <summary>The public cloud, and GCC.</summary>
    public static MicrosoftCloud Public { get; } = new(AzureAuthorityHosts.AzurePublicCloud, new("https://graph.microsoft.com"), new("https://api.security.microsoft.com"));

    /// <summary>The clouds by the values of <c>cloud</c>.</summary>
    public static ImmutableSortedDictionary<string, MicrosoftCloud> All { get; } = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, new Dictionary<string, MicrosoftCloud>
    {
        ["public"] = Public,
        ["us-government"] = new(AzureAuthorityHosts.AzureGovernment, new("https://graph.microsoft.us"), new("https://api-gov.securitycenter.microsoft.us")),
        ["us-government-dod"] = new(AzureAuthorityHosts.AzureGovernment, new("https://dod-graph.microsoft.us"), new("https://api-gov.securitycenter.microsoft.us")),
        ["china"] = new(AzureAuthorityHosts.AzureChina, new("https://microsoftgraph.chinacloudapi.cn"), null),
    });

    /// <summary>Their identity providers.</summary>
    public static ImmutableHashSet<Uri> Authorities { get; } = [.. All.Values.Select(c => c.Authority)];
}
