namespace MdbDeploy.Tests;

/// <summary>A temporary folder of one test.</summary>
internal sealed class Scratch : IDisposable
{
    /// <summary>Its full path.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("mdb-test-").FullName;

    /// <summary>Writes a file below it, making folders as needed, and returns its path.</summary>
    public string Write(string file, string text)
    {
        var path = System.IO.Path.Combine(Path, file);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
