using System.Collections.Immutable;
using System.Security.Cryptography;
using MdbDeploy.Diagnostics;
using MdbDeploy.Inventory;
using MdbDeploy.Projects;

namespace MdbDeploy.Cli;

/// <summary>The files a project's results come from.</summary>
internal static class ProjectFiles
{
    /// <summary>The import profiles that inventory files are recognised by: the project's own, in its folder <c>profiles</c>, before the built-in ones.</summary>
    /// <param name="project">The project.</param>
    /// <param name="diagnostics">Receives what is wrong with a profile.</param>
    public static InventoryOptions InventoryOptions(DeploymentProject project, List<Diagnostic> diagnostics)
    {
        var folder = Path.Combine(project.Folder, "profiles");
        var own = Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, "*.yaml").Order(StringComparer.Ordinal)
                .Select(file => ImportProfile.Parse(File.ReadAllText(file), $"profiles/{Path.GetFileName(file)}", diagnostics)).OfType<ImportProfile>().ToList()
            : [];
        return new InventoryOptions { Profiles = [.. own, .. ImportProfile.BuiltIn.Where(p => own.TrueForAll(o => o.Id != p.Id))] };
    }

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
