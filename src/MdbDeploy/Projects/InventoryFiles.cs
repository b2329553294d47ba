using System.IO.Enumeration;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Projects;

/// <summary>Expands the <c>inventory:</c> entries of a project to files, in an order that does not depend on the file system.</summary>
public static class InventoryFiles
{
    private static readonly EnumerationOptions Entries = new() { IgnoreInaccessible = true, AttributesToSkip = FileAttributes.None };

    /// <summary>
    /// The files, named relative to the project's folder with <c>/</c>, in the order of the entries and within a pattern in ordinal order, each once. In a
    /// pattern <c>*</c> and <c>?</c> stand for characters of one name, ignoring case, and <c>**</c> for any number of folders.
    /// </summary>
    /// <param name="project">The project.</param>
    public static Outcome<IReadOnlyList<string>> Expand(DeploymentProject project)
    {
        var diagnostics = new List<Diagnostic>();
        var files = new List<string>();
        for (var i = 0; i < project.Inventory.Length; i++)
        {
            var entry = project.Inventory[i].Replace('\\', '/');
            var at = i < project.InventoryAt.Length ? project.InventoryAt[i] : new Location(ProjectReader.FileName);
            if (entry.AsSpan().ContainsAny('*', '?'))
            {
                var found = Matching(project.Folder, entry);
                files.AddRange(found);
                if (found.Count == 0)
                {
                    diagnostics.Add(Problems.InventoryPatternMatchesNothing.At(at, $"No file matches '{project.Inventory[i]}'."));
                }
            }
            else if (File.Exists(Path.Combine(project.Folder, entry)))
            {
                files.Add(Tidy(entry));
            }
            else
            {
                diagnostics.Add(Problems.InventoryFileMissing.At(at, Directory.Exists(Path.Combine(project.Folder, entry))
                    ? $"'{project.Inventory[i]}' is a folder: write '{entry.TrimEnd('/')}/*.csv' for the files in it."
                    : $"There is no file '{project.Inventory[i]}'."));
            }
        }

        foreach (var (file, profile) in project.ImportProfiles.Where(entry => !files.Contains(entry.Key)))
        {
            diagnostics.Add(Problems.InventoryFileMissing.At(new Location(ProjectReader.FileName, Subject: file), $"'importProfiles' gives '{file}' the profile '{profile}', and the inventory has no such file."));
        }

        if (files.Count == 0 && diagnostics.TrueForAll(d => d.Severity != Severity.Error))
        {
            diagnostics.Add(Problems.InventoryFileMissing.At(project.InventoryAt.FirstOrDefault(new Location(ProjectReader.FileName)), "The inventory names no file that exists, so there are no devices."));
        }

        return new([.. files.Distinct(StringComparer.Ordinal)], diagnostics);
    }

    private static List<string> Matching(string folder, string pattern)
    {
        var root = Path.GetPathRoot(pattern) ?? "";
        var found = new List<string>();
        try
        {
            Descend(new DirectoryInfo(root.Length > 0 ? root : folder), root.Replace('\\', '/'), Tidy(pattern[root.Length..]).Split('/'), found);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A folder that vanished or may not be read holds no match.
        }

        return [.. found.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    private static void Descend(DirectoryInfo folder, string prefix, ReadOnlySpan<string> pattern, List<string> found)
    {
        if (!folder.Exists || pattern.IsEmpty)
        {
            return;
        }

        var first = pattern[0];
        var rest = pattern[1..];
        if (first == "..")
        {
            Descend(folder.Parent ?? folder, prefix + "../", rest, found);
            return;
        }

        if (first == "**")
        {
            Descend(folder, prefix, rest, found);
        }

        foreach (var entry in folder.EnumerateFileSystemInfos("*", Entries))
        {
            // A link to a folder above it would never end.
            if (entry is DirectoryInfo child && first == "**" && !child.Attributes.HasFlag(FileAttributes.ReparsePoint))
            {
                Descend(child, $"{prefix}{child.Name}/", pattern, found);
            }
            else if (first != "**" && FileSystemName.MatchesSimpleExpression(first, entry.Name, ignoreCase: true))
            {
                if (entry is DirectoryInfo matched)
                {
                    Descend(matched, $"{prefix}{matched.Name}/", rest, found);
                }
                else if (rest.IsEmpty)
                {
                    found.Add(prefix + entry.Name);
                }
            }
        }
    }

    // ./a//b to a/b
    internal static string Tidy(string path) => path.StartsWith('/') ? path
        : string.Join('/', path.Split('/').Where(part => part.Length > 0 && part != "."));
}
