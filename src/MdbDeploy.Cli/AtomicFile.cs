namespace MdbDeploy.Cli;

/// <summary>Writes a file so that a reader sees the old content or the new, never half of it.</summary>
internal static class AtomicFile
{
    /// <summary>Writes to a file beside and moves it into place.</summary>
    public static void Write(string path, Action<Stream> write)
    {
        using var file = new StagedFile(path);
        write(file.Stream);
        file.Commit();
    }

    /// <summary>Writes bytes.</summary>
    public static void Write(string path, byte[] content) => Write(path, stream => stream.Write(content));
}

/// <summary>A file written beside its place. It takes the place when it is complete; otherwise nothing of it stays.</summary>
internal sealed class StagedFile : IDisposable
{
    private readonly string path;
    private readonly string temporary;
    private readonly string folder;
    private readonly bool isNewFolder;

    /// <summary>Starts the file; its folder is made when it does not exist.</summary>
    public StagedFile(string path)
    {
        folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        isNewFolder = !Directory.Exists(folder);
        Directory.CreateDirectory(folder);
        this.path = path;
        temporary = path + ".new";

        // A file that was made empty is on the disk before it is closed (ext4, auto_da_alloc); a new one need not be, and nobody misses it until it has its name.
        Stream = new FileStream(temporary, File.Exists(temporary) ? FileMode.Create : FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
    }

    /// <summary>Receives the content.</summary>
    public FileStream Stream { get; }

    /// <summary>Puts the file in its place.</summary>
    public void Commit()
    {
        Stream.Dispose();
        File.Move(temporary, path, overwrite: true);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stream.Dispose();
        File.Delete(temporary);
        if (isNewFolder && !Directory.EnumerateFileSystemEntries(folder).Any())
        {
            Directory.Delete(folder);
        }
    }
}
