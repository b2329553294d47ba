using System.Globalization;
using System.Text;
using MdbDeploy.Packages;

namespace MdbDeploy.Tests.Packages;

/// <summary>Synthetic files of the shape the portal hands out: an invented organisation and junk signatures.</summary>
internal static class PortalFiles
{
    public const string Organization = "11111111-2222-4333-8444-555555555555";

    /// <summary>Stands in every blob: whatever shows it shows a secret.</summary>
    public const string Secret = "SECRETSIGNATURE";

    public static byte[] Onboarding { get; } = Read("synthetic-streamlined.onboarding");

    public static byte[] Classic { get; } = Read("synthetic-classic.onboarding");

    public static byte[] Offboarding { get; } = Read("synthetic_valid_until.offboarding");

    /// <summary>The two lines of an onboarding and an offboarding script, written independently of the code under test.</summary>
    public static string[] CmdLines { get; } = Encoding.ASCII.GetString(Read("synthetic-cmd-line.txt")).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public static byte[] Blob(string organization = Organization, string more = "") =>
        Zips.Bytes($$"""{"body":"{\"orgId\":\"{{organization}}\",\"version\":\"1.7\"{{more.Replace("\"", "\\\"", StringComparison.Ordinal)}}}","sig":"{{Secret}}"}""");

    public static byte[] OffboardingBlob(DateTimeOffset expires) =>
        Blob(more: string.Create(CultureInfo.InvariantCulture, $",\"expirationTimestamp\":{expires.ToFileTime()}"));

    public static byte[] Script(byte[] blob, bool offboards = false, string rest = "") => Zips.Bytes(
        "@echo off\r\nrem a script\r\n"
        + $"%windir%\\System32\\reg.exe add \"HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows Advanced Threat Protection\" /v {(offboards ? "696C1FA1-4030-4FA4-8713-FAF9B2EA7C0A" : "OnboardingInfo")} "
        + $"/t REG_SZ /f /d \"{CmdArgument.Escape(Encoding.ASCII.GetString(blob))}\" >NUL 2>&1\r\n{rest}exit /b 0\r\n");

    public static byte[] VdiScript { get; } = Zips.Bytes("# a script\r\nNew-ItemProperty -Name senseGuid\r\nNew-ItemProperty -Name VDI -Value NonPersistent\r\n");

    private static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(Repository.Root, "tests", "MdbDeploy.Tests", "Fixtures", "Packages", name));
}

/// <summary>A packages folder for one test.</summary>
internal sealed class PackagesFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("mdb-packages-").FullName;

    public PackagesFolder With(string name, byte[] content)
    {
        var path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return this;
    }

    public Diagnostics.Outcome<PackageSet> Read() => PackageReader.ReadFolder(Path, "packages", CancellationToken.None);

    internal Diagnostics.Outcome<PackageSet> Read(PackageLimits limits) => PackageReader.ReadFolder(Path, "packages", limits, CancellationToken.None);

    public PackageSet Set()
    {
        var outcome = Read();
        outcome.Diagnostics.Where(d => d.Severity != Diagnostics.Severity.Info).ShouldBeEmpty();
        return outcome.Value!;
    }

    public OnboardingPackage Single() => Set().Packages.ShouldHaveSingleItem();

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
