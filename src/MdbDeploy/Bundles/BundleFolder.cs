using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using MdbDeploy.Diagnostics;
using MdbDeploy.Rendering;

namespace MdbDeploy.Bundles;

/// <summary>
/// The bundle on disk, <c>out/bundle</c>. It is written beside the old one and swapped in whole, so that a reader sees one or the other and a failed
/// rendering leaves the previous bundle untouched. Reading checks every hash.
/// </summary>
public static class BundleFolder
{
    /// <summary>Writes a bundle in place of the one that stands there.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="outFolder">The project's out folder; the bundle goes to its sub-folder <c>bundle</c>.</param>
    /// <param name="cancellationToken">Ends the writing; the previous bundle stays.</param>
    /// <returns>The bundle's folder, or a diagnostic when the out folder would let secrets into a repository.</returns>
    public static Outcome<string> Write(Bundle bundle, string outFolder, CancellationToken cancellationToken = default)
    {
        Directory.CreateDirectory(outFolder);
        if (GuardAgainstCommit(outFolder) is { } refused)
        {
            return new(null, [refused]);
        }

        var target = Path.Combine(outFolder, "bundle");
        var fresh = Path.Combine(outFolder, ".bundle.new");
        var old = Path.Combine(outFolder, ".bundle.old");
        DeleteIfThere(fresh);
        try
        {
            foreach (var file in bundle.Files)
            {
                cancellationToken.ThrowIfCancellationRequested();
                WriteFile(Path.Combine(fresh, file.Path.Replace('/', Path.DirectorySeparatorChar)), file.Content.Span, file.IsSensitive);
            }

            WriteFile(Path.Combine(fresh, BundleManifest.FileName), JsonText.ToBytes(BundleManifest.Write(bundle)), isSensitive: false);
        }
        catch
        {
            DeleteIfThere(fresh);
            throw;
        }

        // A kill between the two moves leaves .bundle.old, which Read takes when there is no bundle.
        DeleteIfThere(old);
        if (Directory.Exists(target))
        {
            Directory.Move(target, old);
        }

        Directory.Move(fresh, target);
        DeleteIfThere(old);
        return new(target, []);
    }

    /// <summary>Reads a bundle and refuses one whose files changed since it was rendered.</summary>
    /// <param name="outFolder">The project's out folder.</param>
    public static Outcome<Bundle> Read(string outFolder)
    {
        var folder = Path.Combine(outFolder, "bundle");
        var old = Path.Combine(outFolder, ".bundle.old");
        if (!Directory.Exists(folder) && File.Exists(Path.Combine(old, BundleManifest.FileName)))
        {
            Directory.Move(old, folder);
        }

        var manifestFile = Path.Combine(folder, BundleManifest.FileName);
        if (!File.Exists(manifestFile))
        {
            return new(null, [Problems.BundleMissing.At(new Location(folder))]);
        }

        try
        {
            var manifest = JsonNode.Parse(File.ReadAllBytes(manifestFile))!.AsObject();
            if (manifest["format"]?.GetValue<int>() is var format && format != BundleManifest.Format)
            {
                return new(null, [Problems.BundleUnreadable.At(new Location(manifestFile), $"The bundle has format {format}, this version reads format {BundleManifest.Format}.")]);
            }

            return ReadFiles(folder, manifest);
        }
        catch (Exception broken) when (broken is JsonException or FormatException or InvalidOperationException or NullReferenceException or KeyNotFoundException)
        {
            return new(null, [Problems.BundleUnreadable.At(new Location(manifestFile), $"bundle.json cannot be read: {broken.Message}")]);
        }
    }

    private static Outcome<Bundle> ReadFiles(string folder, JsonObject manifest)
    {
        var diagnostics = new List<Diagnostic>();
        var files = ImmutableArray.CreateBuilder<BundleFile>();
        var listed = new HashSet<string>(StringComparer.Ordinal) { BundleManifest.FileName };
        foreach (var artifact in manifest["artifacts"]!.AsArray().Select(a => a!.AsObject()))
        {
            var path = artifact["path"]!.GetValue<string>();
            var full = Path.GetFullPath(Path.Combine(folder, path));
            if (!full.StartsWith(Path.GetFullPath(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal) || !listed.Add(path))
            {
                throw new FormatException($"the path '{path}' is not one of a bundle");
            }

            if (!File.Exists(full))
            {
                diagnostics.Add(Problems.BundleChanged.At(new Location(path), $"'{path}' was deleted since the bundle was rendered."));
                continue;
            }

            var content = File.ReadAllBytes(full);
            if (BundleManifest.Sha256Of(content) != artifact["sha256"]!.GetValue<string>())
            {
                diagnostics.Add(Problems.BundleChanged.At(new Location(path), $"'{path}' was changed since the bundle was rendered."));
                continue;
            }

            var sensitive = artifact["sensitive"]!.GetValue<bool>();
            var resource = artifact["address"] is null ? null : ResourceDocument.Read(content, artifact["target"]!.GetValue<string>(), path, sensitive);
            files.Add(new BundleFile(path, content, artifact["channel"]!.GetValue<string>(), sensitive, resource));
        }

        diagnostics.AddRange(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder, file).Replace(Path.DirectorySeparatorChar, '/'))
            .Where(path => !listed.Contains(path)).Order(StringComparer.Ordinal)
            .Select(path => Problems.BundleChanged.At(new Location(path), $"'{path}' was added since the bundle was rendered.")));
        return new(new Bundle
        {
            Project = manifest["project"]!.GetValue<string>(),
            Organization = manifest["organization"]!.GetValue<string>(),
            Files = files.ToImmutable(),
            Kinds = BundleManifest.ReadKinds(manifest),
            Sources = manifest["sources"]!.AsObject().ToImmutableSortedDictionary(p => p.Key, p => p.Value!.GetValue<string>(), StringComparer.Ordinal),
        }, diagnostics);
    }

    /// <summary>
    /// The out folder ignores itself: a <c>.gitignore</c> of <c>*</c>. When somebody's own file stands there and lets files through, nothing is written.
    /// </summary>
    private static Diagnostic? GuardAgainstCommit(string outFolder)
    {
        var ignore = Path.Combine(outFolder, ".gitignore");
        if (!File.Exists(ignore))
        {
            File.WriteAllText(ignore, "# Holds onboarding packages: never commit.\n*\n");
            return null;
        }

        return File.ReadAllLines(ignore).Any(line => line.Trim() is "*" or "/*") && !File.ReadAllLines(ignore).Any(line => line.TrimStart().StartsWith('!'))
            ? null
            : Problems.OutFolderNotIgnored.At(new Location(ignore));
    }

    private static void WriteFile(string path, ReadOnlySpan<byte> content, bool isSensitive)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (isSensitive && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var stream = new FileStream(path, options);
        stream.Write(content);
    }

    private static void DeleteIfThere(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
