using MdbDeploy.Packages;
using MdbDeploy.Tests.Planning;

namespace MdbDeploy.Tests.Packages;

public class PackageDatesTests
{
    [Theory]
    [InlineData(-1, "MDB0420", "expired on 2026-11-22")]
    [InlineData(0, "MDB0420", "expired on 2026-11-23")]
    [InlineData(1, null, "")]
    public void An_expired_certificate_is_told(int days, string? code, string words)
    {
        var package = Sample.Package(PackageKind.OnboardingFile) with { CertificateExpires = Sample.AsOf.AddDays(days) };
        var found = PackageDates.Check([package], Sample.AsOf).ToList();
        found.Select(d => d.Code).ShouldBe(code is null ? [] : [code]);
        found.ShouldAllBe(d => d.Message.Contains(words, StringComparison.Ordinal));
    }

    [Fact]
    public void An_expired_offboarding_package_is_told_and_an_unreadable_certificate_is_not()
    {
        var package = Sample.Package(PackageKind.GroupPolicy) with { IsOffboarding = true, Expires = Sample.AsOf };
        PackageDates.Check([package], Sample.AsOf).ShouldHaveSingleItem().Code.ShouldBe("MDB0421");
        PackageDates.Check([package], Sample.AsOf.AddSeconds(-1)).ShouldBeEmpty();
    }
}
