using Azure.Core;
using MdbDeploy.Targets.Http;

namespace MdbDeploy.Targets.Graph;

/// <summary>The clients of one tenant: Graph, and the API of Defender, which has an audience of its own. Nothing is sent before the first request.</summary>
public sealed class GraphConnection : IDisposable
{
    private readonly TokenSource graphTokens;
    private readonly TokenSource defenderTokens;

    /// <summary>Creates the clients.</summary>
    /// <param name="settings">Where they are.</param>
    /// <param name="credential">How to sign in, from <see cref="SignIn"/>.</param>
    /// <param name="time">The clock.</param>
    /// <param name="trace">Counts what is sent; null for a new one.</param>
    /// <param name="options">Delays and deadlines; null for the defaults. The base address is taken from the settings.</param>
    /// <exception cref="TargetException">The file of certificate authorities cannot be read.</exception>
    public GraphConnection(GraphSettings settings, TokenCredential credential, TimeProvider time, RequestTrace? trace = null, RestOptions? options = null)
    {
        options ??= new RestOptions { BaseAddress = settings.BaseAddress };
        Trace = trace ?? new RequestTrace();
        graphTokens = new TokenSource(credential, settings.GraphScope, time);
        defenderTokens = new TokenSource(credential, settings.DefenderScope, time);
        Graph = new RestClient(options with { BaseAddress = settings.BaseAddress }, Transport.Create(settings.SignIn.CaFile), time, graphTokens, Trace);
        Defender = new RestClient(options with { BaseAddress = settings.DefenderApi }, Transport.Create(settings.SignIn.CaFile), time, defenderTokens, Trace);
    }

    /// <summary>Microsoft Graph, beta.</summary>
    public RestClient Graph { get; }

    /// <summary>The API of Defender for Endpoint.</summary>
    public RestClient Defender { get; }

    /// <summary>What whoever signed in may do in Graph; null when it cannot be told.</summary>
    /// <exception cref="TargetException">Sign-in failed.</exception>
    internal Task<GrantedPermissions?> GraphPermissionsAsync(CancellationToken cancellationToken) => graphTokens.PermissionsAsync(cancellationToken);

    /// <summary>What whoever signed in may do in Defender; null when it cannot be told.</summary>
    /// <exception cref="TargetException">Sign-in failed.</exception>
    internal Task<GrantedPermissions?> DefenderPermissionsAsync(CancellationToken cancellationToken) => defenderTokens.PermissionsAsync(cancellationToken);

    /// <summary>What was sent to both.</summary>
    public RequestTrace Trace { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Graph.Dispose();
        Defender.Dispose();
        graphTokens.Dispose();
        defenderTokens.Dispose();
    }
}
