using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Targets.ConfigMgr.Kerberos;

/// <summary>
/// Whether Kerberos can sign in to a server, asked before the first request: HttpClient sends nothing when it has no ticket, gets 401 and tells nobody why. Measured with .NET 10 and
/// MIT krb5 1.20: no ticket, an expired one, a wrong password, an unknown service and an address instead of a name all look the same from outside.
/// </summary>
/// <param name="server">The server.</param>
/// <param name="user">User and password; null for the ticket or the keytab of the account that runs the command.</param>
internal sealed class KerberosCheck(Uri server, NetworkCredential? user)
{
    private const uint NoCredentials = 7u << 16;
    private const uint CredentialsExpired = 11u << 16;

    // Error codes of MIT krb5 (krb5_err.et): its table begins at -1765328384.
    private const int Table = -1765328384;

    /// <summary>Asks for a token and throws it away.</summary>
    /// <returns>Why there is none; null when there is one.</returns>
    public async Task<Diagnostic?> AskAsync(CancellationToken cancellationToken)
    {
        var host = await NameAsync(cancellationToken);
        var subject = Location.Of("targets.configmgr");
        if (server.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6)
        {
            return Problems.ServicePrincipalUnknown.At(subject, $"'{server.Host}' is an address, and Kerberos knows servers only by name.");
        }

        try
        {
            return OperatingSystem.IsLinux() ? Judge(Gssapi.TryInitiate(host, user), host, subject) : JudgeStatus(host, subject);
        }
        catch (Exception e) when (e is TypeInitializationException or PlatformNotSupportedException or DllNotFoundException or EntryPointNotFoundException)
        {
            return Problems.KerberosUnavailable.At(subject, "Kerberos is not installed on this computer: 'apt install libgssapi-krb5-2', or the like.");
        }
    }

    /// <summary>What to say when the site refuses a ticket that the domain gave.</summary>
    public Diagnostic Refused() => Problems.TicketRefused.At(Location.Of("targets.configmgr"),
        $"{server.Host} refuses the Kerberos ticket that the domain gave for it. Either the account is no administrative user of the site, or the site's provider asks for more (certificate, Windows Hello) than a ticket. "
        + "NTLM, which HttpClient falls back to where it may, is refused since version 2509.");

    // HttpClient asks for the ticket of the canonical name: an alias in DNS becomes the name it stands for.
    private async Task<string> NameAsync(CancellationToken cancellationToken)
    {
        try
        {
            return server.HostNameType == UriHostNameType.Dns ? (await Dns.GetHostEntryAsync(server.IdnHost, cancellationToken)).HostName : server.IdnHost;
        }
        catch (SocketException)
        {
            return server.IdnHost;
        }
    }

    private Diagnostic? Judge(GssFailure? failure, string host, Location subject) => failure switch
    {
        null => null,
        { Minor: Table + 7 } => Problems.ServicePrincipalUnknown.At(subject, $"The domain knows no service HTTP/{host} ({failure.Words})."),
        { Minor: Table + 32 } or { Major: CredentialsExpired } => Problems.TicketExpired.At(subject, $"The Kerberos ticket has expired ({failure.Words})."),
        { Minor: Table + 6 or Table + 24 or Table + 18 or Table + 23 } => Problems.PasswordRefused.At(subject, $"The domain refuses {Who} ({failure.Words})."),
        // 156: no domain controller answers; 154: nothing tells where one is; 37: clocks differ.
        { Minor: Table + 156 or Table + 154 or Table + 37 } => Problems.KerberosUnavailable.At(subject, $"No Kerberos ticket could be had for HTTP/{host} ({failure.Words})."),
        _ when user is not null => Problems.PasswordRefused.At(subject, $"Signing in as {Who} failed ({failure.Words})."),
        { Major: NoCredentials } => Problems.TicketMissing.At(subject, $"There is no Kerberos ticket on this account ({failure.Words})."),
        _ => Problems.TicketMissing.At(subject, $"There is no Kerberos ticket for HTTP/{host} ({failure.Words})."),
    };

    /// <summary>Windows and macOS tell a status only.</summary>
    private Diagnostic? JudgeStatus(string host, Location subject)
    {
        using var attempt = new NegotiateAuthentication(new NegotiateAuthenticationClientOptions
        {
            Package = "Kerberos",
            TargetName = $"HTTP/{host}",
            Credential = user ?? CredentialCache.DefaultNetworkCredentials,
        });
        attempt.GetOutgoingBlob("", out var status);
        return status switch
        {
            NegotiateAuthenticationStatusCode.ContinueNeeded or NegotiateAuthenticationStatusCode.Completed => null,
            NegotiateAuthenticationStatusCode.CredentialsExpired or NegotiateAuthenticationStatusCode.ContextExpired => Problems.TicketExpired.At(subject, $"The Kerberos ticket has expired ({status})."),
            NegotiateAuthenticationStatusCode.TargetUnknown => Problems.ServicePrincipalUnknown.At(subject, $"The domain knows no service HTTP/{host} ({status})."),
            _ when user is not null => Problems.PasswordRefused.At(subject, $"Signing in as {Who} failed ({status})."),
            _ => Problems.TicketMissing.At(subject, $"There is no Kerberos ticket for HTTP/{host} ({status})."),
        };
    }

    private string Who => user is null ? "the account" : $"'{(user.Domain.Length > 0 ? $"{user.UserName}@{user.Domain}" : user.UserName)}'";
}
