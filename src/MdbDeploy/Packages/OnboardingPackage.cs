using System.Collections.Immutable;
using System.Security.Cryptography;

namespace MdbDeploy.Packages;

/// <summary>
/// A package downloaded from the Defender portal, recognised by its content. The blob and the scripts are secrets of the tenant and are handed on byte for byte.
/// </summary>
public sealed record OnboardingPackage
{
    /// <summary>Where it was found, as the user would recognise it: file, or <c>outer.zip!inner.zip</c>.</summary>
    public required string Source { get; init; }

    /// <summary>What the package is for.</summary>
    public required PackageKind Kind { get; init; }

    /// <summary>Whether it offboards.</summary>
    public required bool IsOffboarding { get; init; }

    /// <summary>Organisation id from the blob; null when the package holds none (macOS, Linux).</summary>
    public Guid? OrganizationId { get; init; }

    /// <summary>Whether the blob uses streamlined connectivity (<c>*.endpoint.security.microsoft.com</c>).</summary>
    public bool IsStreamlined { get; init; }

    /// <summary>Whether the blob leads to the cloud of the United States government (GCC High, DoD).</summary>
    public bool IsGovernmentCloud { get; init; }

    /// <summary>Data centre named in the blob, for example <c>WestEurope</c>.</summary>
    public string? Datacenter { get; init; }

    /// <summary>Version of the script or blob, for example <c>1.7</c>.</summary>
    public string? Version { get; init; }

    /// <summary>
    /// When an offboarding package stops working, by its blob or its name, whichever is earlier; null for onboarding packages, which do not say. A fact: whether it
    /// is expired depends on the clock of who asks.
    /// </summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>When the certificate of the blob's signature expires; null when it cannot be read. It is not documented whether devices refuse the blob then.</summary>
    public DateTimeOffset? CertificateExpires { get; init; }

    /// <summary>Whether devices still accept it: an offboarding package does until it expires.</summary>
    /// <param name="now">The clock of who asks.</param>
    public bool IsUsable(DateTimeOffset now) => Expires is not { } expires || expires > now;

    /// <summary>Whether its script asks the user something (<c>pause</c>, Y/N), so that it would hang in a task.</summary>
    public bool IsInteractive { get; init; }

    /// <summary>The onboarding or offboarding blob, byte for byte as the .onboarding file has it (UTF-8 JSON), or unescaped from the script. SECRET.</summary>
    public ReadOnlyMemory<byte>? Blob { get; init; }

    /// <summary>
    /// The files of the package, byte for byte, with script or blob first. That one has the portal's name whatever it is called in <see cref="Source"/>, since the
    /// other files look for it. SECRET.
    /// </summary>
    public required ImmutableArray<PackageFile> Files { get; init; }

    /// <summary>SHA-256 of the outermost file, lower-case hexadecimal: what reports show instead of the content.</summary>
    public required string Sha256 { get; init; }

    /// <summary>SHA-256 of the blob, lower-case hexadecimal, to show in its stead; null when there is none.</summary>
    public string? BlobSha256 => Blob is { } blob ? Convert.ToHexStringLower(SHA256.HashData(blob.Span)) : null;

    /// <summary>Kind and direction, for people: <c>Group Policy onboarding</c>.</summary>
    public string Title => (Kind switch
    {
        PackageKind.GroupPolicy => "Group Policy",
        PackageKind.LocalScript => "local script",
        PackageKind.OnboardingFile => "Configuration Manager and Intune",
        PackageKind.Vdi => "VDI",
        PackageKind.MacOS => "macOS",
        _ => "Linux",
    }) + (IsOffboarding ? " offboarding" : " onboarding");

    /// <summary>Never shows content.</summary>
    public override string ToString() => $"{Title} package {Source} (sha256 {Sha256[..12]})";
}

/// <summary>A file of a package. SECRET content.</summary>
/// <param name="Path">Path within the package, with <c>/</c>, checked against traversal.</param>
/// <param name="Content">The bytes.</param>
public sealed record PackageFile(string Path, ReadOnlyMemory<byte> Content)
{
    /// <summary>Never shows content.</summary>
    public override string ToString() => $"{Path} ({Content.Length} bytes)";
}

/// <summary>What a package is for.</summary>
public enum PackageKind
{
    /// <summary>Group Policy: <c>WindowsDefenderATPOnboardingScript.cmd</c> and OptionalParamsPolicy.</summary>
    GroupPolicy,

    /// <summary>Local script: <c>WindowsDefenderATPLocalOnboardingScript.cmd</c>, interactive.</summary>
    LocalScript,

    /// <summary><c>WindowsDefenderATP.onboarding</c>: the same file serves Configuration Manager and MDM.</summary>
    OnboardingFile,

    /// <summary>Non-persistent VDI: <c>Onboard-NonPersistentMachine.ps1</c> beside the script.</summary>
    Vdi,

    /// <summary>macOS, local or MDM.</summary>
    MacOS,

    /// <summary>Linux.</summary>
    Linux,
}

/// <summary>The packages of a project.</summary>
/// <param name="Packages">All packages found, ordered by source.</param>
public sealed record PackageSet(ImmutableArray<OnboardingPackage> Packages)
{
    /// <summary>The onboarding package of a kind; null when there is none.</summary>
    public OnboardingPackage? Onboarding(PackageKind kind) => Packages.FirstOrDefault(p => p.Kind == kind && !p.IsOffboarding);

    /// <summary>
    /// The offboarding package that serves a kind and lasts longest; null when there is none. New ones are downloaded every week beside the old. There is one offboarding script
    /// for all: what runs unattended serves Group Policy, virtual desktops and people alike, and one that asks serves people only.
    /// </summary>
    public OnboardingPackage? Offboarding(PackageKind kind) => Packages
        .Where(p => p.IsOffboarding && (p.Kind == kind || (p.Kind == PackageKind.GroupPolicy && kind is PackageKind.LocalScript or PackageKind.Vdi)))
        .OrderByDescending(p => p.Expires ?? DateTimeOffset.MinValue).ThenByDescending(p => p.Kind == kind).FirstOrDefault();

    /// <summary>The organisation all packages belong to; null when no package says.</summary>
    public Guid? OrganizationId => Packages.Select(p => p.OrganizationId).FirstOrDefault(id => id is not null);
}
