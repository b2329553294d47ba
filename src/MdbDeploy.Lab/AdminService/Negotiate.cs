using System.Buffers.Text;
using System.Net.Security;
using System.Text;

namespace MdbDeploy.Lab.AdminService;

/// <summary>
/// Windows sign-in at <c>/AdminService</c>. Since version 2509 a site refuses NTLM (learn.microsoft.com/intune/configmgr/core/plan-design/changes/whats-new-in-version-2509), also
/// when it comes inside SPNEGO. Kerberos is real: on Linux the keytab that KRB5_KTNAME names must hold <c>HTTP/localhost</c>. Without a keytab everybody is refused.
/// </summary>
internal static class Negotiate
{
    /// <summary>Who signs in, and what to answer so that the client knows the server; null when nobody does.</summary>
    /// <param name="authorization">The Authorization header.</param>
    public static SignedIn? Client(string? authorization)
    {
        if (authorization is null || !authorization.StartsWith("Negotiate ", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var token = new byte[Base64.GetMaxDecodedFromUtf8Length(authorization.Length)];
        return Convert.TryFromBase64String(authorization["Negotiate ".Length..].Trim(), token, out var length) && IsKerberos(token.AsSpan(0, length))
            ? Accept(token.AsSpan(0, length))
            : null;
    }

    /// <summary>Whether a token may be Kerberos: an NTLM message begins with its signature (MS-NLMP 2.2.1), and inside SPNEGO it holds it.</summary>
    internal static bool IsKerberos(ReadOnlySpan<byte> token) => !token.IsEmpty && token.IndexOf(Encoding.ASCII.GetBytes("NTLMSSP\0")) < 0;

    /// <summary>Accepts a Kerberos token, which is complete in one step.</summary>
    private static SignedIn? Accept(ReadOnlySpan<byte> token)
    {
        try
        {
            using var context = new NegotiateAuthentication(new NegotiateAuthenticationServerOptions { Package = "Negotiate" });
            var answer = context.GetOutgoingBlob(token, out var status);
            return status == NegotiateAuthenticationStatusCode.Completed && context.RemoteIdentity.Name is { Length: > 0 } user
                ? new SignedIn(user, answer is null ? null : Convert.ToBase64String(answer))
                : null;
        }
        catch (Exception e) when (e is TypeInitializationException or PlatformNotSupportedException or DllNotFoundException)
        {
            // No Kerberos on this machine.
            return null;
        }
    }
}

/// <summary>Who signed in with Kerberos.</summary>
/// <param name="User">user@REALM.</param>
/// <param name="Answer">The server's token for the client, in Base64; null for none.</param>
internal sealed record SignedIn(string User, string? Answer);
