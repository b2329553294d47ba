using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Packages;

/// <summary>Makes packages of files that came together: each script and each blob is one, with the files that belong to it.</summary>
internal sealed partial class PackageAssembly(FileSet set, PackageLimits limits, List<Diagnostic> problems)
{
    private readonly List<RecognizedFile> files = [.. set.Files.Select(file => RecognizedFile.Of(file, limits))];
    private readonly HashSet<RecognizedFile> used = [];

    /// <summary>The packages among the files. Files that are part of none are reported.</summary>
    public IReadOnlyList<OnboardingPackage> Assemble()
    {
        foreach (var damaged in files.OfType<RecognizedFile.Damaged>())
        {
            used.Add(damaged);
            problems.Add(Problems.PackageIsDamaged.At(At(damaged), damaged.Why));
        }

        var packages = new List<OnboardingPackage>();
        packages.AddRange(files.OfType<RecognizedFile.Script>().Select(FromScript).OfType<OnboardingPackage>());
        packages.AddRange(files.OfType<RecognizedFile.Blob>().Select(FromBlob));
        packages.AddRange(files.OfType<RecognizedFile.OtherPlatform>().GroupBy(file => (file.Kind, file.IsOffboarding)).Select(group => FromOtherPlatform([.. group])));
        ReportUnused();

        // A package that came alone in its archive goes by the archive's name.
        return set.IsArchive && packages.Count == 1 ? [packages[0] with { Source = set.Source }] : packages;
    }

    private OnboardingPackage? FromScript(RecognizedFile.Script script)
    {
        used.Add(script);
        var companions = Companions(script);
        used.UnionWith(companions);
        if (script.Content.Blob is not { } bytes || OnboardingBlob.Parse(bytes) is not { } blob)
        {
            problems.Add(Problems.PackageIsDamaged.At(At(script), "The line that writes the onboarding information is cut off or damaged."));
            return null;
        }

        if (script.Content.WritesBoth || blob.IsOffboarding != script.Content.IsOffboarding)
        {
            problems.Add(Problems.PackageContradictsItself.At(At(script), script.Content.WritesBoth
                ? "The script writes both the onboarding and the offboarding value."
                : $"The script writes the {(blob.IsOffboarding ? "onboarding" : "offboarding")} value with {(blob.IsOffboarding ? "offboarding" : "onboarding")} information."));
            return null;
        }

        NoteByteOrderMark(script);
        var kind = companions.OfType<RecognizedFile.VdiScript>().Any() ? PackageKind.Vdi
            : script.Content.IsInteractive ? PackageKind.LocalScript
            : PackageKind.GroupPolicy;
        return Package(script, kind, blob, companions) with { IsInteractive = script.Content.IsInteractive };
    }

    private OnboardingPackage FromBlob(RecognizedFile.Blob file)
    {
        used.Add(file);
        NoteByteOrderMark(file);
        return Package(file, PackageKind.OnboardingFile, file.Content, []);
    }

    private OnboardingPackage Package(RecognizedFile main, PackageKind kind, OnboardingBlob blob, IReadOnlyCollection<RecognizedFile> companions)
    {
        var (expires, differing) = blob.IsOffboarding ? OffboardingExpiry.Of(blob.Expires, $"{set.Source}/{main.File.Path}") : (null, []);
        if (differing.Count > 0)
        {
            problems.Add(Problems.OffboardingDatesDiffer.At(At(main), string.Create(CultureInfo.InvariantCulture,
                $"The name says valid until {string.Join(" and ", differing.Select(d => d.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)))}, the package {blob.Expires?.UtcDateTime:yyyy-MM-dd}; the earlier counts.")));
        }

        var path = PortalName(main.Name, kind, blob.IsOffboarding, expires);
        return new OnboardingPackage
        {
            Source = Shown(main),
            Kind = kind,
            IsOffboarding = blob.IsOffboarding,
            OrganizationId = blob.OrganizationId,
            IsStreamlined = blob.IsStreamlined,
            IsGovernmentCloud = blob.IsGovernmentCloud,
            Datacenter = blob.Datacenter,
            Version = blob.Version,
            Expires = expires,
            CertificateExpires = blob.CertificateExpires,
            Blob = blob.Bytes,
            Files = [main.File with { Path = path }, .. companions.Select(file => file.File with { Path = Within(main.Folder, file) })],
            Sha256 = set.Sha256 ?? Convert.ToHexStringLower(SHA256.HashData(main.File.Content.Span)),
        };
    }

    private OnboardingPackage FromOtherPlatform(ImmutableArray<RecognizedFile.OtherPlatform> group)
    {
        used.UnionWith(group);
        var isAll = set.IsArchive && files.TrueForAll(file => file is RecognizedFile.OtherPlatform or RecognizedFile.Unknown) && used.Count == group.Length;
        used.UnionWith(isAll ? files : []);
        var (expires, _) = group[0].IsOffboarding ? OffboardingExpiry.Of(null, $"{set.Source}/{group[0].File.Path}") : (null, []);
        return new OnboardingPackage
        {
            Source = Shown(group[0]),
            Kind = group[0].Kind,
            IsOffboarding = group[0].IsOffboarding,
            Expires = expires,
            Files = [.. (isAll ? files : [.. group]).Select(file => file.File)],
            Sha256 = set.Sha256 ?? Convert.ToHexStringLower(SHA256.HashData(group[0].File.Content.Span)),
        };
    }

    /// <summary>
    /// What belongs to a script: the files of its folder and of folders below it that have no script of their own. Of several scripts in one folder the one
    /// that runs unattended takes them. The VDI script looks for the other beside itself, so it belongs only there, and once. Outside of an archive only what is known to
    /// come from the portal belongs.
    /// </summary>
    private List<RecognizedFile> Companions(RecognizedFile.Script script)
    {
        var scripts = files.OfType<RecognizedFile.Script>().ToList();
        var first = scripts.Where(s => s.Folder == script.Folder).OrderBy(s => s.Content.IsInteractive).ThenBy(s => s.Content.IsOffboarding).First();
        return first != script ? [] :
        [
            .. files.Where(file => file is RecognizedFile.VdiScript or RecognizedFile.PolicyTemplate || (file is RecognizedFile.Unknown && set.IsArchive))
                .Where(file => file is not RecognizedFile.VdiScript || file == files.Find(f => f is RecognizedFile.VdiScript && f.Folder == script.Folder))
                .Where(file => IsWithin(script.Folder, file.Folder) && !scripts.Exists(s => s.Folder.Length > script.Folder.Length && IsWithin(s.Folder, file.Folder))),
        ];
    }

    private void ReportUnused()
    {
        foreach (var file in files.Where(file => !used.Contains(file)))
        {
            problems.Add(Problems.FileIsNoPackage.At(At(file), file is RecognizedFile.VdiScript
                ? $"'{EntryPath.Shown(file.Name)}' needs a WindowsDefenderATPOnboardingScript.cmd of its own beside it, and was left out."
                : $"'{EntryPath.Shown(file.Name)}' is no onboarding package and was left out."));
        }
    }

    private void NoteByteOrderMark(RecognizedFile file)
    {
        if (file.File.Content.Span.StartsWith("\uFEFF"u8))
        {
            problems.Add(Problems.PackageWasSavedAgain.At(At(file), "The file begins with a byte order mark, which the portal does not write: somebody saved it with an editor."));
        }
    }

    /// <summary>
    /// The name under which the portal hands the file out: the VDI script and Microsoft's instructions look for it, whatever the file is called here.
    /// </summary>
    private static string PortalName(string name, PackageKind kind, bool isOffboarding, DateTimeOffset? expires)
    {
        if (KnownName.IsMatch(name))
        {
            return name;
        }

        var until = expires is { } moment ? string.Create(CultureInfo.InvariantCulture, $"_valid_until_{moment.UtcDateTime:yyyy-MM-dd}") : "";
        return (kind, isOffboarding) switch
        {
            (PackageKind.OnboardingFile, false) => "WindowsDefenderATP.onboarding",
            (PackageKind.OnboardingFile, true) => $"WindowsDefenderATP{until}.offboarding",
            (_, true) => $"WindowsDefenderATPOffboardingScript{until}.cmd",
            (PackageKind.LocalScript, false) => "WindowsDefenderATPLocalOnboardingScript.cmd",
            _ => "WindowsDefenderATPOnboardingScript.cmd",
        };
    }

    private static bool IsWithin(string folder, string inner) =>
        folder.Length == 0 || inner == folder || inner.StartsWith(folder + "/", StringComparison.Ordinal);

    private static string Within(string folder, RecognizedFile file) => file switch
    {
        RecognizedFile.VdiScript => "Onboard-NonPersistentMachine.ps1",
        _ => folder.Length == 0 ? file.File.Path : file.File.Path[(folder.Length + 1)..],
    };

    private Location At(RecognizedFile file) => new(Shown(file));

    private string Shown(RecognizedFile file) => set.IsArchive ? $"{set.Source}!{file.File.Path}"
        : set.Source.Length == 0 ? file.File.Path
        : $"{set.Source}/{file.File.Path}";

    // The seed's documentation calls the offboarding script a package; devices with the Purview variant have the Compliance script.
    [GeneratedRegex(
        @"^(WindowsDefenderATP(Local)?OnboardingScript\.cmd|DeviceComplianceOnboardingScript\.cmd|WindowsDefenderATP\.onboarding|WindowsDefenderATP_valid_until_\d{4}-\d{2}-\d{2}\.offboarding|WindowsDefenderATPOffboarding(Script|Package)_valid_until_\d{4}-\d{2}-\d{2}\.cmd)$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex KnownName { get; }
}
