using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Targets.Http;

/// <summary>The connections below a <see cref="RestClient"/>.</summary>
public static class Transport
{
    /// <summary>A handler that follows no redirects (a token would follow too), keeps no cookies and gives up connecting after 15 s.</summary>
    /// <param name="caFile">PEM file with the certificate authorities to trust instead of the machine's; null for the machine's.</param>
    /// <param name="credentials">For Negotiate (Kerberos, NTLM), for example <see cref="CredentialCache.DefaultNetworkCredentials"/>; null for none.</param>
    /// <exception cref="TargetException">The file cannot be read or holds no certificate.</exception>
    public static SocketsHttpHandler Create(string? caFile = null, ICredentials? credentials = null)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.All,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            // A DNS change, as in a fail-over, is noticed.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            Credentials = credentials,
        };
        if (caFile is not null)
        {
            handler.SslOptions.CertificateChainPolicy = Trust(caFile);
        }

        return handler;
    }

    private static X509ChainPolicy Trust(string caFile)
    {
        // Revocation is not asked: private authorities seldom publish lists that a jump host reaches.
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        try
        {
            policy.CustomTrustStore.ImportFromPemFile(caFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new TargetException(Problems.CertificateFileUnreadable.At(new Location(caFile), $"The certificate file cannot be read: {e.Message}"), e);
        }

        return policy.CustomTrustStore.Count > 0
            ? policy
            : throw new TargetException(Problems.CertificateFileUnreadable.At(new Location(caFile), "The file holds no certificate in PEM form."));
    }
}
