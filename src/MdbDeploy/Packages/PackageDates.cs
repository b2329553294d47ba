using System.Globalization;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Packages;

/// <summary>What is out of date in packages, by the clock of who asks.</summary>
public static class PackageDates
{
    /// <summary>Expired certificates of signatures, and expired offboarding packages.</summary>
    /// <param name="packages">The packages.</param>
    /// <param name="now">The clock.</param>
    public static IEnumerable<Diagnostic> Check(IEnumerable<OnboardingPackage> packages, DateTimeOffset now)
    {
        foreach (var package in packages)
        {
            if (package.CertificateExpires is { } signer && signer <= now)
            {
                yield return Problems.SignerCertificateExpired.At(new Location(package.Source), string.Create(CultureInfo.InvariantCulture,
                    $"The certificate that signed '{package.Source}' expired on {signer.UtcDateTime:yyyy-MM-dd}."));
            }

            if (!package.IsUsable(now))
            {
                yield return Problems.PackageIsExpired.At(new Location(package.Source), string.Create(CultureInfo.InvariantCulture,
                    $"'{package.Source}' expired on {package.Expires!.Value.UtcDateTime:yyyy-MM-dd HH:mm} UTC."));
            }
        }
    }
}
