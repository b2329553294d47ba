using System.Collections.Immutable;

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

    /// <summary>Data centre named in the blob, for example <c>WestEurope</c>.</summary>
    public string? Datacenter { get; init; }

    /// <summary>Version of the script or blob, for example <c>1.7</c>.</summary>
    public string? Version { get; init; }

    /// <summary>When an offboarding package stops working; null for onboarding packages, which do not say.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>Whether its script asks the user something (<c>pause</c>, Y/N), so that it would hang in a task.</summary>
    public bool IsInteractive { get; init; }

    /// <summary>The onboarding or offboarding blob, byte for byte as the .onboarding file has it (UTF-8 JSON). SECRET.</summary>
    public ReadOnlyMemory<byte>? Blob { get; init; }

    /// <summary>The files of the package, byte for byte. SECRET.</summary>
    public required ImmutableArray<PackageFile> Files { get; init; }

    /// <summary>SHA-256 of the outermost file, lower-case hexadecimal: what reports show instead of the content.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Never shows content.</summary>
    public override string ToString() => $"{Kind} {(IsOffboarding ? "offboarding" : "onboarding")} package {Source} (sha256 {Sha256[..12]})";
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

    /// <summary>The offboarding package of a kind; null when there is none.</summary>
    public OnboardingPackage? Offboarding(PackageKind kind) => Packages.FirstOrDefault(p => p.Kind == kind && p.IsOffboarding);

    /// <summary>The organisation all packages belong to; null when no package says.</summary>
    public Guid? OrganizationId => Packages.Select(p => p.OrganizationId).FirstOrDefault(id => id is not null);
}
