namespace MdbDeploy.EndToEnd;

/// <summary>A scaffolded deployment project in a temporary folder, as <c>mdbdeploy new</c> makes it.</summary>
internal sealed class Project : IDisposable
{
    private readonly string parent = Directory.CreateTempSubdirectory("mdb-e2e-").FullName;

    private Project()
    {
    }

    /// <summary>The project's folder.</summary>
    public string Folder => Path.Combine(parent, "rollout");

    /// <summary>The sample project, as the built command makes it.</summary>
    public static Task<Project> NewAsync() => FromAsync(Sample.CopyAsync);

    /// <summary>The same, rendered.</summary>
    public static Task<Project> RenderedAsync() => FromAsync(Sample.CopyRenderedAsync);

    /// <summary>The same after the whole job, with its report.</summary>
    public static Task<Project> ReportedAsync() => FromAsync(Sample.CopyReportedAsync);

    /// <summary>Path of a file in the project.</summary>
    public string this[string path] => Path.Combine(Folder, path);

    /// <summary>Replaces the inventory by these files.</summary>
    public void SetInventory(params (string Name, string Text)[] files)
    {
        Directory.Delete(this["inventory"], recursive: true);
        Directory.CreateDirectory(this["inventory"]);
        foreach (var (name, text) in files)
        {
            File.WriteAllText(this[$"inventory/{name}"], text);
        }

        SetYaml("inventory", $"[{string.Join(", ", files.Select(f => $"inventory/{f.Name}"))}]");
    }

    /// <summary>Replaces a top-level key of mdbdeploy.yaml with all that belongs to it.</summary>
    public void SetYaml(string key, string value)
    {
        var lines = File.ReadAllLines(this["mdbdeploy.yaml"]).ToList();
        var start = lines.FindIndex(l => l.StartsWith(key + ":", StringComparison.Ordinal));
        if (start >= 0)
        {
            var end = start + 1;
            while (end < lines.Count && (lines[end].Length == 0 || char.IsWhiteSpace(lines[end][0])))
            {
                end++;
            }

            lines.RemoveRange(start, end - start);
        }

        lines.Add($"{key}: {value}");
        File.WriteAllLines(this["mdbdeploy.yaml"], lines);
    }

    /// <summary>Runs the command on this project.</summary>
    public Task<CliProcess> RunAsync(params string[] args) => CliProcess.RunAsync(Folder, args);

    /// <summary>Runs the command on this project with an environment.</summary>
    public Task<CliProcess> RunAsync(IReadOnlyDictionary<string, string> environment, params string[] args) => CliProcess.RunAsync(Folder, environment, args);

    private static async Task<Project> FromAsync(Func<string, Task> copy)
    {
        var project = new Project();
        await copy(project.Folder);
        return project;
    }

    public void Dispose() => Directory.Delete(parent, recursive: true);
}
