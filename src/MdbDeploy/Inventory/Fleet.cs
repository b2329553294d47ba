using System.Collections.Immutable;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Inventory;

/// <summary>The merged inventory: every device once, and everything that was noticed while reading.</summary>
/// <param name="Devices">The devices, ordered by name (ordinal, ignoring case), then by <see cref="Device.Identity"/>.</param>
/// <param name="Sources">The files read, most trusted first.</param>
/// <param name="Problems">Rows dropped, repaired or merged, each with file, line and column.</param>
public sealed record Fleet(DeviceTable Devices, ImmutableArray<InventorySource> Sources, ImmutableArray<Diagnostic> Problems);

/// <summary>What was recognised in one inventory file.</summary>
public sealed record InventorySource
{
    /// <summary>The file, as the project names it.</summary>
    public required string File { get; init; }

    /// <summary>Identifier of the import profile, for example <c>intune-portal</c>.</summary>
    public required string Profile { get; init; }

    /// <summary>Title of the import profile, for people.</summary>
    public required string Title { get; init; }

    /// <summary>Encoding found, for example <c>utf-8 with BOM</c> or <c>windows-1252</c>.</summary>
    public required string Encoding { get; init; }

    /// <summary>Delimiter found.</summary>
    public required char Delimiter { get; init; }

    /// <summary>Data rows read, without the header.</summary>
    public required int Rows { get; init; }

    /// <summary>Rows that became a device or part of one.</summary>
    public required int Accepted { get; init; }

    /// <summary>File column to device field, in file order; columns that are not used map to null.</summary>
    public required ImmutableArray<KeyValuePair<string, string?>> Columns { get; init; }

    /// <summary>Why this profile was chosen, in words.</summary>
    public required string Why { get; init; }
}
