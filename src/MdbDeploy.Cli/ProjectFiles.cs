using System.Collections.Immutable;
using System.Security.Cryptography;
using MdbDeploy.Inventory;
using MdbDeploy.Projects;

namespace MdbDeploy.Cli;

/// <summary>The files a project's results come from.</summary>
internal static class ProjectFiles
{
    /// <summary>Name and SHA-256 of mdbdeploy.yaml, the inventory files and the packages: what bundle.json records as sources.</summary>
    public static ImmutableSortedDictionary<string, string> Hashes(DeploymentProject project, Fleet fleet)
    {
        var hashes = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        hashes["mdbdeploy.yaml"] = Hash(Path.Combine(project.Folder, "mdbdeploy.yaml"));
        foreach (var source in fleet.Sources)
        {
            hashes[source.File] = source.Sha256;
        }

        var packages = Path.Combine(project.Folder, project.Packages);
        if (Directory.Exists(packages))
        {
            foreach (var file in Directory.EnumerateFiles(packages, "*", SearchOption.AllDirectories))
            {
                hashes[Path.GetRelativePath(project.Folder, file).Replace('\\', '/')] = Hash(file);
            }
        }

        return hashes.ToImmutable();
    }

    private static string Hash(string file)
    {
        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
