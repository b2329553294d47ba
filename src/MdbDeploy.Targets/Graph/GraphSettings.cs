using System.Text.Json.Nodes;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets.Http;

namespace MdbDeploy.Targets.Graph;

/// <summary>
/// The settings of the target <c>graph</c>: <c>{tenantId, clientId, auth, cloud?, endpoint?, defenderApi?, authority?, caFile?, certificateFile?, serviceConnectionId?, tokenCache?, profile?,
/// deviceTags?}</c>. The last two say what is rendered and are only checked here.
/// </summary>
public sealed record GraphSettings
{
    private const string Name = "targets.graph";

    private static readonly string[] Profiles = ["edr-policy", "oma-uri"];

    /// <summary>How to sign in.</summary>
    public required SignInSettings SignIn { get; init; }

    /// <summary><c>endpoint</c>: Microsoft Graph, <c>https://graph.microsoft.com</c> or that of a national cloud.</summary>
    public Uri Endpoint { get; init; } = MicrosoftClouds.Public.Graph;

    /// <summary><c>defenderApi</c>: the API of Defender for Endpoint, <c>https://api.security.microsoft.com</c> or a regional one.</summary>
    public Uri DefenderApi { get; init; } = MicrosoftClouds.Public.Defender!;

    /// <summary>Base address of the requests. The beta version, because v1.0 has no configurationPolicies.</summary>
    public Uri BaseAddress => new(Endpoint, "beta/");

    /// <summary>Scope of tokens for Graph.</summary>
    public string GraphScope => Scope(Endpoint);

    /// <summary>Scope of tokens for the API of Defender. Microsoft's hosts, regional ones too, share one audience (learn.microsoft.com/defender-endpoint/api/exposed-apis-create-app-webapp).</summary>
    public string DefenderScope => DefenderApi.Host.EndsWith("api.security.microsoft.com", StringComparison.OrdinalIgnoreCase)
        ? "https://api.securitycenter.microsoft.com/.default"
        : Scope(DefenderApi);

    /// <summary>Reads the settings.</summary>
    /// <param name="settings">The object <c>targets.graph</c> of the project file.</param>
    /// <param name="folder">Folder that relative file names are relative to: the project's.</param>
    /// <returns>The settings, or everything that is wrong with them.</returns>
    public static Outcome<GraphSettings> Read(JsonObject settings, string folder)
    {
        var problems = new List<Diagnostic>();
        SettingText.CheckKeys(settings, [.. SignInSettings.Keys, "cloud", "endpoint", "defenderApi", "profile", "deviceTags"], Name, problems);
        SettingText.ReadFlag(settings, "deviceTags", Name, problems);
        if (SettingText.Read(settings, "profile", Name, problems) is { } profile && !Profiles.Contains(profile))
        {
            problems.Add(Problems.TargetSettingInvalid.At(Location.Of($"{Name}.profile"), $"'{profile}' is no profile; there are {string.Join(", ", Profiles)}."));
        }

        var cloudName = SettingText.Read(settings, "cloud", Name, problems) ?? "public";
        if (!MicrosoftClouds.All.TryGetValue(cloudName, out var cloud))
        {
            problems.Add(Problems.TargetSettingInvalid.At(Location.Of($"{Name}.cloud"), $"'{cloudName}' is no cloud; there are {string.Join(", ", MicrosoftClouds.All.Keys)}."));
            cloud = MicrosoftClouds.Public;
        }

        var defender = SettingText.ReadAddress(settings, "defenderApi", Name, problems) ?? cloud.Defender;
        if (defender is null)
        {
            problems.Add(Problems.TargetSettingMissing.At(Location.Of($"{Name}.defenderApi"), $"'cloud: {cloudName}' needs 'defenderApi': its address is not published."));
        }

        var signIn = SignInSettings.Read(settings, Name, folder, problems);
        var read = new GraphSettings
        {
            SignIn = signIn with { Authority = signIn.Authority ?? cloud.Authority },
            Endpoint = SettingText.ReadAddress(settings, "endpoint", Name, problems) ?? cloud.Graph,
            DefenderApi = defender ?? MicrosoftClouds.Public.Defender!,
        };
        return new Outcome<GraphSettings>(read, problems);
    }

    private static string Scope(Uri address) => $"{address.GetLeftPart(UriPartial.Authority)}/.default";
}
