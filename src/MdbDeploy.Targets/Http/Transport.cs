using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Targets.Http;

/// <summary>The connections below a <see cref="RestClient"/>.</summary>
public static class Transport
{
    /// <summary>A handler that follows no redirects (a token would follow too), keeps no cookies and gives up connecting after 15 s.</summary>
    /// <param name="caFile">PEM or DER file with the certificate authorities to trust instead of the machine's; null for the machine's.</param>
    /// <param name="credentials">For Negotiate (Kerberos, NTLM), for example <see cref="CredentialCache.DefaultNetworkCredentials"/>; null for none.</param>
    /// <param name="thumbprint">SHA-1 or SHA-256 of the only certificate to trust, whoever issued it, in hexadecimal; null does not pin. Its name must still be the server's.</param>
    /// <param name="insecure">Takes any certificate of any name.</param>
    /// <exception cref="TargetException">The file cannot be read or holds no certificate.</exception>
    public static SocketsHttpHandler Create(string? caFile = null, ICredentials? credentials = null, string? thumbprint = null, bool insecure = false)
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

        if (insecure || thumbprint is not null)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, errors) => insecure
                || ((errors & ~SslPolicyErrors.RemoteCertificateChainErrors) == SslPolicyErrors.None && certificate is not null && HasThumbprint(certificate, thumbprint!));
        }

        return handler;
    }

    private static bool HasThumbprint(X509Certificate certificate, string thumbprint) =>
        string.Equals(certificate.GetCertHashString(thumbprint.Length == 40 ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256), thumbprint, StringComparison.OrdinalIgnoreCase);

    private static X509ChainPolicy Trust(string caFile)
    {
        // Revocation is not asked: private authorities seldom publish lists that a jump host reaches.
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        try
        {
            var bytes = File.ReadAllBytes(caFile);
            if (bytes is [0x30, ..])
            {
                // The console exports DER (.cer).
                policy.CustomTrustStore.Add(X509CertificateLoader.LoadCertificate(bytes));
            }
            else
            {
                policy.CustomTrustStore.ImportFromPem(System.Text.Encoding.ASCII.GetString(bytes));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new TargetException(Problems.CertificateFileUnreadable.At(new Location(caFile), $"The certificate file cannot be read: {e.Message}"), e);
        }

        return policy.CustomTrustStore.Count > 0
            ? policy
            : throw new TargetException(Problems.CertificateFileUnreadable.At(new Location(caFile), "The file holds no certificate in PEM or DER form."));
    }
}
