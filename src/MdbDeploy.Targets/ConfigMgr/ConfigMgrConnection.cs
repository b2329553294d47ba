using System.Net;
using Azure.Core;
using MdbDeploy.Targets.ConfigMgr.Kerberos;
using MdbDeploy.Targets.Http;

namespace MdbDeploy.Targets.ConfigMgr;

/// <summary>The client of one site's AdminService. Nothing is sent before the first request.</summary>
public sealed class ConfigMgrConnection : IDisposable
{
    private readonly TokenSource? tokens;

    /// <summary>Creates the client.</summary>
    /// <param name="settings">Where it is.</param>
    /// <param name="credential">How to sign in to Entra ID, for <c>auth: bearer</c>; null signs in with Kerberos.</param>
    /// <param name="time">The clock.</param>
    /// <param name="trace">Counts what is sent; null for a new one.</param>
    /// <param name="options">Delays and deadlines; null for the defaults. The base address is taken from the settings.</param>
    /// <param name="user">User and password for Kerberos; null for the ticket or the keytab of the account that runs the command.</param>
    /// <param name="insecure">Takes any certificate.</param>
    /// <exception cref="ArgumentException">A token is wanted and no credential given.</exception>
    /// <exception cref="TargetException">The file of certificate authorities cannot be read.</exception>
    public ConfigMgrConnection(ConfigMgrSettings settings, TokenCredential? credential, TimeProvider time, RequestTrace? trace = null, RestOptions? options = null,
        NetworkCredential? user = null, bool insecure = false)
    {
        if (settings.UsesToken && credential is null)
        {
            throw new ArgumentException("A token needs a credential.", nameof(credential));
        }

        Settings = settings;
        tokens = settings.UsesToken ? new TokenSource(credential!, settings.Scope, time) : null;
        var ticket = settings.UsesToken ? null : new CredentialCache { { settings.BaseAddress, "Negotiate", user ?? CredentialCache.DefaultNetworkCredentials } };
        options = (options ?? new RestOptions { BaseAddress = settings.BaseAddress }) with { BaseAddress = settings.BaseAddress };
        HttpMessageHandler connections = Transport.Create(settings.CaFile, ticket, settings.Thumbprint, insecure);
        Client = new RestClient(options, settings.UsesToken ? connections : new KerberosGuard(connections, new KerberosCheck(settings.BaseAddress, user)), time, tokens, trace);
    }

    /// <summary>Where the site is and how to sign in.</summary>
    public ConfigMgrSettings Settings { get; }

    /// <summary>The client.</summary>
    public RestClient Client { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Client.Dispose();
        tokens?.Dispose();
    }
}
