using MdbDeploy.Formats;

namespace MdbDeploy.Targets.ActiveDirectory;

/// <summary>The folders of Group Policy templates on a domain controller's share <c>SYSVOL</c>. Paths are those of <c>gPCFileSysPath</c> below the share, with <c>\</c>.</summary>
internal interface ISysvol
{
    /// <summary>All files below a folder, by path with <c>/</c>; null when the folder does not exist.</summary>
    /// <exception cref="TargetException">The share cannot be read.</exception>
    IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? ReadFolder(string folder);

    /// <summary>Access list of a folder; null when it does not exist.</summary>
    /// <exception cref="TargetException">The share cannot be read.</exception>
    SecurityDescriptor? ReadAccess(string folder);

    /// <summary>Makes a folder with all above it, when it is not there.</summary>
    /// <exception cref="TargetException">The share refused.</exception>
    void MakeFolder(string folder);

    /// <summary>Gives a folder its owner and access list.</summary>
    /// <exception cref="TargetException">The share refused.</exception>
    void SetAccess(string folder, SecurityDescriptor access);

    /// <summary>Writes files into a folder, making folders where needed, and removes others.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="write">Files to write, by path with <c>/</c>, in this order.</param>
    /// <param name="remove">Files to remove, by path with <c>/</c>.</param>
    /// <exception cref="TargetException">The share refused.</exception>
    void Write(string folder, IEnumerable<KeyValuePair<string, byte[]>> write, IEnumerable<string> remove);

    /// <summary>Removes a folder with all it holds; nothing when it does not exist.</summary>
    /// <exception cref="TargetException">The share refused.</exception>
    void RemoveFolder(string folder);
}
