using System.Collections.Immutable;
using System.Security.Cryptography;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Packages;

/// <summary>
/// Reads what was downloaded from the Defender portal: zips, zips within zips, unpacked folders and loose files, under any name. Packages are recognised by
/// content. Bad input becomes problems, never an exception; nothing of a blob gets into a message, and nothing is written.
/// </summary>
public static class PackageReader
{
    /// <summary>Reads every package of a folder and the folders below it. A folder that is empty or missing gives an empty set and a warning.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="shownAs">The folder as messages and <see cref="OnboardingPackage.Source"/> name it; <paramref name="folder"/> when null.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="OperationCanceledException">Reading was stopped.</exception>
    public static Outcome<PackageSet> ReadFolder(string folder, string? shownAs = null, CancellationToken cancellation = default) =>
        ReadFolder(folder, shownAs, new PackageLimits(), cancellation);

    /// <summary>Reads one file, which must hold a package.</summary>
    /// <param name="path">A zip, a blob or a script.</param>
    /// <param name="shownAs">The file as messages and <see cref="OnboardingPackage.Source"/> name it; <paramref name="path"/> when null.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="OperationCanceledException">Reading was stopped.</exception>
    public static Outcome<PackageSet> ReadFile(string path, string? shownAs = null, CancellationToken cancellation = default) =>
        ReadFile(path, shownAs, new PackageLimits(), cancellation);

    internal static Outcome<PackageSet> ReadFolder(string folder, string? shownAs, PackageLimits limits, CancellationToken cancellation)
    {
        var name = Slashes(shownAs ?? folder).TrimEnd('/');
        var problems = new List<Diagnostic>();
        var packages = new List<OnboardingPackage>();
        var loose = ImmutableArray.CreateBuilder<PackageFile>();
        foreach (var (path, file) in FilesOf(folder, name, limits, problems))
        {
            cancellation.ThrowIfCancellationRequested();
            if (Load(file.FullName, $"{name}/{path}", limits, problems) is not { } content)
            {
                continue;
            }

            if (PackageArchive.IsZip(content))
            {
                packages.AddRange(FromArchive(content, $"{name}/{path}", limits, problems, cancellation));
            }
            else
            {
                loose.Add(new PackageFile(path, content));
            }
        }

        packages.AddRange(new PackageAssembly(new FileSet(name, null, loose.ToImmutable()), limits, problems).Assemble());
        if (packages.Count == 0 && !problems.Exists(problem => problem.Severity == Severity.Error))
        {
            problems.Add(Problems.NoPackages.At(new Location(name), Directory.Exists(folder) ? $"There is no onboarding package in '{name}'." : $"The folder '{name}' does not exist."));
        }

        return Checked(packages, problems);
    }

    internal static Outcome<PackageSet> ReadFile(string path, string? shownAs, PackageLimits limits, CancellationToken cancellation)
    {
        var name = Slashes(shownAs ?? path);
        var problems = new List<Diagnostic>();
        IReadOnlyList<OnboardingPackage> packages = [];
        if (Load(path, name, limits, problems) is { } content)
        {
            var slash = name.LastIndexOf('/');
            packages = PackageArchive.IsZip(content)
                ? FromArchive(content, name, limits, problems, cancellation)
                : new PackageAssembly(new FileSet(slash < 0 ? "" : name[..slash], null, [new PackageFile(name[(slash + 1)..], content)]), limits, problems).Assemble();
        }

        if (packages.Count == 0 && !problems.Exists(problem => problem.Severity == Severity.Error))
        {
            problems.Clear();
            problems.Add(Problems.PackageIsNotRecognized.At(new Location(name)));
        }

        return Checked(packages, problems);
    }

    private static List<OnboardingPackage> FromArchive(byte[] content, string name, PackageLimits limits, List<Diagnostic> problems, CancellationToken cancellation)
    {
        var found = new List<Diagnostic>();
        var sets = new PackageArchive(limits, found, cancellation).Read(content, name, Convert.ToHexStringLower(SHA256.HashData(content)));

        // An archive that is refused in part is refused as a whole.
        var packages = found.Count > 0 ? [] : sets.SelectMany(set => new PackageAssembly(set, limits, found).Assemble()).ToList();
        if (packages.Count == 0 && !found.Exists(problem => problem.Severity == Severity.Error))
        {
            found = [Problems.PackageIsNotRecognized.At(new Location(name), "The archive holds no onboarding package.")];
        }

        problems.AddRange(found);
        return packages;
    }

    private static Outcome<PackageSet> Checked(IReadOnlyList<OnboardingPackage> packages, List<Diagnostic> problems)
    {
        var ordered = packages.OrderBy(package => package.Source, StringComparer.Ordinal).ThenBy(package => package.Kind).ToImmutableArray();
        var organizations = ordered.Where(package => package.OrganizationId is not null).GroupBy(package => package.OrganizationId).ToList();
        if (organizations.Count > 1)
        {
            problems.AddRange(organizations.Select(organization => Problems.PackagesAreOfSeveralOrganizations.At(
                new Location(organization.First().Source), $"'{organization.First().Source}' is of the organisation {organization.Key:D}.")));
        }

        foreach (var same in ordered.GroupBy(package => (package.Kind, package.IsOffboarding)).Select(group => group.ToList()))
        {
            var first = same[0];
            problems.AddRange(same.Skip(1).Where(other => !SameBlob(first, other)).Select(other => Problems.PackageIsThereTwice.At(
                new Location(other.Source), $"'{other.Source}' and '{first.Source}' are both {first.Title} packages, with different content.")));
        }

        return new(new PackageSet(ordered), problems);
    }

    private static bool SameBlob(OnboardingPackage one, OnboardingPackage other) =>
        one.Blob is { } a && other.Blob is { } b ? a.Span.SequenceEqual(b.Span) : one.Sha256 == other.Sha256;

    /// <summary>The files below a folder, in ordinal order of their paths. Links and what the system or a leading dot hides are not followed.</summary>
    private static List<(string Path, FileInfo File)> FilesOf(string folder, string name, PackageLimits limits, List<Diagnostic> problems)
    {
        try
        {
            var options = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 8, IgnoreInaccessible = false, AttributesToSkip = FileAttributes.Hidden | FileAttributes.System | FileAttributes.ReparsePoint };
            var root = new DirectoryInfo(folder);
            var files = root.Exists ? root.EnumerateFiles("*", options).Take(limits.Entries + 1).ToList() : [];
            if (files.Count > limits.Entries)
            {
                problems.Add(Problems.ArchiveIsTooLarge.At(new Location(name), $"The folder holds more than {limits.Entries} files; the packages of a project are fewer than ten."));
                return [];
            }

            var safe = new List<(string Path, FileInfo File)>();
            foreach (var file in files)
            {
                var relative = Path.GetRelativePath(root.FullName, file.FullName);
                if (EntryPath.Normalize(relative, out var path) is { } reason)
                {
                    problems.Add(Problems.PackagePathIsUnsafe.At(new Location($"{name}/{EntryPath.Shown(relative)}"), $"The file '{EntryPath.Shown(relative)}' {reason}."));
                    continue;
                }

                safe.Add((path, file));
            }

            return [.. safe.OrderBy(file => file.Path, StringComparer.Ordinal)];
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException or ArgumentException)
        {
            problems.Add(Problems.PackageCannotBeRead.At(new Location(name), $"The folder cannot be read: {failed.Message}"));
            return [];
        }
    }

    private static byte[]? Load(string path, string name, PackageLimits limits, List<Diagnostic> problems)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            var start = new byte[4];
            var isZip = PackageArchive.IsZip(start.AsSpan(0, stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)));
            if (stream.Length <= (isZip ? limits.FileBytes : limits.RecognizedBytes))
            {
                var content = new byte[stream.Length];
                stream.Position = 0;
                stream.ReadExactly(content);
                return content;
            }

            // The portal also offers large installers, such as md4ws.msi: they may lie here, but are no packages.
            problems.Add(isZip
                ? Problems.ArchiveIsTooLarge.At(new Location(name), $"The archive is larger than {limits.FileBytes} bytes; a package of the portal has a few dozen kilobytes.")
                : Problems.FileIsNoPackage.At(new Location(name), $"'{EntryPath.Shown(Path.GetFileName(path))}' is no onboarding package and was left out."));
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            problems.Add(Problems.PackageCannotBeRead.At(new Location(name), $"The file cannot be read: {failed.Message}"));
        }

        return null;
    }

    private static string Slashes(string path) => path.Replace('\\', '/');
}
