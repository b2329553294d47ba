using System.Buffers.Text;
using System.Text;

namespace MdbDeploy.Lab.AdminService;

/// <summary>
/// Windows sign-in at <c>/AdminService</c>. Since version 2509 a site refuses NTLM (learn.microsoft.com/intune/configmgr/core/plan-design/changes/whats-new-in-version-2509), also
/// when it comes inside SPNEGO. This is the seam for Kerberos: a token that passes <see cref="IsKerberos"/> goes to <see cref="Accept"/>, which has no keytab yet and
/// refuses everybody.
/// </summary>
internal static class Negotiate
{
    /// <summary>Who signs in; null when nobody does.</summary>
    /// <param name="authorization">The Authorization header.</param>
    public static string? Client(string? authorization)
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

    /// <summary>Accepts a Kerberos token and names its owner. System.Net.Security.NegotiateAuthentication goes here.</summary>
    private static string? Accept(ReadOnlySpan<byte> token) => token.IsEmpty ? "" : null;
}
