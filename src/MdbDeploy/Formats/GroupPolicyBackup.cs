using System.Collections.Immutable;

namespace MdbDeploy.Formats;

/// <summary>
/// A Group Policy Object as a backup carries it to another domain: its settings, which are files, and its name. Links, security filtering and WMI filters are not
/// part of it, since Import-GPO does not carry them.
/// </summary>
public sealed record GroupPolicyBackup
{
    /// <summary>Name of the Group Policy Object.</summary>
    public required string DisplayName { get; init; }

    /// <summary>Comment of the Group Policy Object (GPO.cmt); empty when there is none.</summary>
    public string Comment { get; init; } = "";

    /// <summary>DNS name of the domain it comes from; null for one that comes from none.</summary>
    public string? Domain { get; init; }

    /// <summary>Identifier of the Group Policy Object.</summary>
    public required Guid GpoGuid { get; init; }

    /// <summary>Identifier of the backup, the name of its folder; differs from <see cref="GpoGuid"/>.</summary>
    public required Guid BackupId { get; init; }

    /// <summary>When it was made. Whole seconds, UTC; the default says that nobody looked at a clock.</summary>
    public DateTimeOffset BackupTime { get; init; } = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Which sides are switched off.</summary>
    public GroupPolicyOptions Options { get; init; }

    /// <summary>Version of the computer side: that of SYSVOL in the upper 16 bits, that of the directory in the lower.</summary>
    public uint MachineVersion { get; init; } = 0x0001_0001;

    /// <summary>Version of the user side, in the same form; 0 when it was never edited.</summary>
    public uint UserVersion { get; init; }

    /// <summary>Files by path below the template's folder, such as <c>Machine/registry.pol</c>, with <c>/</c>. Paths that differ only in case are one path.</summary>
    public required ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> Files { get; init; }

    /// <summary>An empty set of files that compares paths as Windows does.</summary>
    public static ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> NoFiles { get; } =
        ImmutableSortedDictionary.Create<string, ReadOnlyMemory<byte>>(StringComparer.OrdinalIgnoreCase);
}

/// <summary>Sides of a Group Policy Object that are switched off (Options in Backup.xml, the directory attribute flags).</summary>
[Flags]
public enum GroupPolicyOptions
{
    /// <summary>Both sides are on.</summary>
    None = 0,

    /// <summary>The user side is off.</summary>
    UserDisabled = 1,

    /// <summary>The computer side is off.</summary>
    ComputerDisabled = 2,
}
