using System.Text.Json.Nodes;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets.Http;

namespace MdbDeploy.Targets.Graph;

/// <summary>
/// The settings of the target <c>graph</c>: <c>{tenantId, clientId, auth, endpoint?, defenderApi?, authority?, caFile?, certificateFile?}</c>.
/// </summary>
public sealed record GraphSettings
{
    private const string Name = "targets.graph";

    private static readonly Uri PublicGraph = new("https://graph.microsoft.com");
    private static readonly Uri PublicDefender = new("https://api.security.microsoft.com");

    /// <summary>How to sign in.</summary>
    public required SignInSettings SignIn { get; init; }

    /// <summary><c>endpoint</c>: Microsoft Graph, <c>https://graph.microsoft.com</c> or that of a national cloud.</summary>
    public Uri Endpoint { get; init; } = PublicGraph;

    /// <summary><c>defenderApi</c>: the API of Defender for Endpoint, <c>https://api.security.microsoft.com</c> or a regional one.</summary>
    public Uri DefenderApi { get; init; } = PublicDefender;

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
        SettingText.CheckKeys(settings, [.. SignInSettings.Keys, "endpoint", "defenderApi"], Name, problems);
        var read = new GraphSettings
        {
            SignIn = SignInSettings.Read(settings, Name, folder, problems),
            Endpoint = SettingText.ReadAddress(settings, "endpoint", Name, problems) ?? PublicGraph,
            DefenderApi = SettingText.ReadAddress(settings, "defenderApi", Name, problems) ?? PublicDefender,
        };
        return new Outcome<GraphSettings>(read, problems);
    }

    private static string Scope(Uri address) => $"{address.GetLeftPart(UriPartial.Authority)}/.default";
}
