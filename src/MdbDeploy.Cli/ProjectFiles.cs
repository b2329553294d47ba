using System.Collections.Immutable;
using System.Security.Cryptography;
using MdbDeploy.Diagnostics;
using MdbDeploy.Inventory;
using MdbDeploy.Policies;
using MdbDeploy.Projects;

namespace MdbDeploy.Cli;

/// <summary>The files a project's results come from.</summary>
internal static class ProjectFiles
{
    /// <summary>The import profiles that inventory files are recognised by: the project's own, in its folder <c>profiles</c>, before the built-in ones.</summary>
    /// <param name="projectFolder">The project's folder.</param>
    /// <param name="diagnostics">Receives what is wrong with a profile.</param>
    public static InventoryOptions InventoryOptions(string projectFolder, List<Diagnostic> diagnostics)
    {
        var folder = Path.Combine(projectFolder, "profiles");
        var own = Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, "*.yaml").Order(StringComparer.Ordinal)
                .Select(file => ImportProfile.Parse(File.ReadAllText(file), $"profiles/{Path.GetFileName(file)}", diagnostics)).OfType<ImportProfile>().ToList()
            : [];
        return new InventoryOptions { Profiles = [.. own, .. ImportProfile.BuiltIn.Where(p => own.TrueForAll(o => o.Id != p.Id))] };
    }

    /// <summary>The project with the devices of its <c>offboard: file</c> among the names to be offboarded. The file is read as an inventory; only its names count.</summary>
    /// <param name="project">The project.</param>
    /// <param name="options">How inventory files are read.</param>
    /// <param name="diagnostics">Receives what is wrong with the file.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static DeploymentProject WithOffboardFile(DeploymentProject project, InventoryOptions options, List<Diagnostic> diagnostics, CancellationToken cancellationToken)
    {
        if (project.Offboard.File is not { } file)
        {
            return project;
        }

        var path = Path.Combine(project.Folder, file);
        if (!File.Exists(path))
        {
            diagnostics.Add(Problems.InventoryFileMissing.At(project.Offboard.FileAt, $"'{file}' does not exist."));
            return project;
        }

        var listed = InventoryReader.Read([new InventoryFile(file, path)], options, null, cancellationToken);
        diagnostics.AddRange(listed.Problems);
        var names = listed.Devices.Select(d => (d.Fqdn ?? (d.Domain is { } domain ? $"{domain}\\{d.Name}" : d.Name), d.Origins.Length > 0 ? new Location(file, d.Origins[0].Line) : project.Offboard.FileAt));
        return project with { Offboard = project.Offboard with { Names = [.. project.Offboard.Names, .. names] } };
    }

    /// <summary>The records that devices were merged from, read again.</summary>
    /// <param name="project">The project.</param>
    /// <param name="fleet">What was read.</param>
    /// <param name="devices">The devices.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static IReadOnlyDictionary<Origin, Device> Records(DeploymentProject project, Fleet fleet, IEnumerable<Device> devices, CancellationToken cancellationToken)
    {
        var files = fleet.Sources.Select(source => new InventoryFile(source.File, Path.Combine(project.Folder, source.File), project.ImportProfiles.GetValueOrDefault(source.File))).ToList();
        return InventoryReader.Records(files, InventoryOptions(project.Folder, []), devices.SelectMany(device => device.Origins).ToHashSet(), cancellationToken);
    }

    /// <summary>Name and SHA-256 of mdbdeploy.yaml, the inventory files and the packages: what bundle.json records as sources.</summary>
    public static ImmutableSortedDictionary<string, string> Hashes(DeploymentProject project, Fleet fleet)
    {
        var hashes = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        hashes["mdbdeploy.yaml"] = Hash(Path.Combine(project.Folder, "mdbdeploy.yaml"));
        foreach (var source in fleet.Sources)
        {
            hashes[source.File] = Hash(Path.Combine(project.Folder, source.File));
        }

        if (project.Offboard.File is { } leaving)
        {
            hashes[leaving] = Hash(Path.Combine(project.Folder, leaving));
        }

        // The project's own presets, used or not: what they say decides what is rendered.
        var presets = Path.Combine(project.Folder, PolicyCatalog.ProjectFolder);
        foreach (var file in Directory.Exists(presets) ? Directory.EnumerateFiles(presets, "*.yaml") : [])
        {
            hashes[$"{PolicyCatalog.ProjectFolder}/{Path.GetFileName(file)}"] = Hash(file);
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
