using System.Runtime.Versioning;
using System.Security.AccessControl;
using MdbDeploy.Diagnostics;
using MdbDeploy.Formats;

namespace MdbDeploy.Targets.ActiveDirectory;

/// <summary>SYSVOL by its UNC path, as Windows opens it with the signed-in user's ticket.</summary>
/// <param name="server">DNS name of the domain controller.</param>
[SupportedOSPlatform("windows")]
internal sealed class UncSysvol(string server) : ISysvol
{
    /// <inheritdoc/>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? ReadFolder(string folder) => Try(folder, path => !Directory.Exists(path) ? null
        : Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
            .ToDictionary(file => Path.GetRelativePath(path, file).Replace('\\', '/'), file => (ReadOnlyMemory<byte>)File.ReadAllBytes(file), StringComparer.OrdinalIgnoreCase));

    /// <inheritdoc/>
    public SecurityDescriptor? ReadAccess(string folder) => Try(folder, path => !Directory.Exists(path) ? null
        : SecurityDescriptor.Read(new DirectoryInfo(path).GetAccessControl(AccessControlSections.Owner | AccessControlSections.Group | AccessControlSections.Access).GetSecurityDescriptorBinaryForm()));

    /// <inheritdoc/>
    public void MakeFolder(string folder) => Try(folder, path => Directory.CreateDirectory(path));

    /// <inheritdoc/>
    public void SetAccess(string folder, SecurityDescriptor access) => Try(folder, path =>
    {
        var security = new DirectorySecurity();
        // What the text leaves out must not be written, or it would be taken away.
        security.SetSecurityDescriptorSddlForm(access.ToSddl(), AccessControlSections.Access
            | (access.Owner is null ? AccessControlSections.None : AccessControlSections.Owner) | (access.Group is null ? AccessControlSections.None : AccessControlSections.Group));
        new DirectoryInfo(path).SetAccessControl(security);
        return path;
    });

    /// <inheritdoc/>
    public void Write(string folder, IEnumerable<KeyValuePair<string, byte[]>> write, IEnumerable<string> remove) => Try(folder, path =>
    {
        foreach (var (name, content) in write)
        {
            var file = Path.Combine(path, name.Replace('/', '\\'));
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, content);
        }

        foreach (var name in remove)
        {
            File.Delete(Path.Combine(path, name.Replace('/', '\\')));
        }

        return path;
    });

    /// <inheritdoc/>
    public void RemoveFolder(string folder) => Try(folder, path =>
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }

        return path;
    });

    private T Try<T>(string folder, Func<string, T> what)
    {
        try
        {
            return what($@"\\{server}\SYSVOL\{folder}");
        }
        catch (UnauthorizedAccessException refused)
        {
            throw new TargetException(Problems.DirectoryRightsMissing.At(Location.Of(server), refused.Message), refused);
        }
        catch (IOException broken)
        {
            throw new TargetException(Problems.SysvolFailed.At(Location.Of(server), broken.Message), broken);
        }
    }
}
