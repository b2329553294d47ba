using MdbDeploy.Diagnostics;

namespace MdbDeploy.Cli;

/// <summary>One push of a project at a time on this machine: two would write the same journal and state. The operating system lets go of it when a process dies.</summary>
internal static class PushLock
{
    /// <summary>Takes the lock.</summary>
    /// <param name="folder">Folder whose <c>.mdbdeploy</c> keeps journal and state.</param>
    /// <exception cref="InputException">Another push holds it.</exception>
    public static IDisposable Take(string folder)
    {
        var path = Path.Combine(folder, ".mdbdeploy", "push.lock");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new InputException([Problems.PushIsRunning.At(new Location(path))]);
        }
    }
}
