using System.Collections.Immutable;

namespace MdbDeploy.Inventory;

/// <summary>A file to read devices from.</summary>
/// <param name="Name">The file as the project names it; messages and origins use this form.</param>
/// <param name="FullPath">Where it stands on disk.</param>
/// <param name="Profile">Identifier of the import profile to use; null recognises it by its header.</param>
public sealed record InventoryFile(string Name, string FullPath, string? Profile = null);

/// <summary>How inventory files are read.</summary>
public sealed record InventoryOptions
{
    /// <summary>The import profiles to choose from: the built-in ones, and a project's own.</summary>
    public ImmutableArray<ImportProfile> Profiles { get; init; } = ImportProfile.BuiltIn;

    /// <summary>A record longer than about this many bytes of UTF-8 ends the file with an error; it guards against an unclosed quote and hostile files.</summary>
    public int MaxRecordBytes { get; init; } = 1 << 20;

    /// <summary>A compressed file or workbook that unpacks to more bytes is refused.</summary>
    public long MaxUnpackedBytes { get; init; } = 4L << 30;

    /// <summary>Bytes of the pieces that a file is read in, by several threads at a time.</summary>
    internal int PieceBytes { get; init; } = FileRows.PieceBytes;

    /// <summary>Bytes of the shortest file that is read in pieces.</summary>
    internal int ShortestToCut { get; init; } = FileRows.ShortestToCut;

    /// <summary>Receives <c>problems.csv</c>, a line for every value that was dropped or changed, while files are read. Null writes none.</summary>
    public Stream? ProblemsCsv { get; init; }
}

/// <summary>How far reading has come.</summary>
/// <param name="File">The file being read, as the project names it.</param>
/// <param name="Rows">Data rows read from it so far.</param>
/// <param name="Fraction">Share of the file that is read, 0 to 1.</param>
public readonly record struct InventoryProgress(string File, int Rows, double Fraction);

/// <summary>What one file looks like on its own.</summary>
/// <param name="Source">What was recognised; null when the file holds no inventory, and <paramref name="Problems"/> says why.</param>
/// <param name="Problems">Everything that was noticed while reading it.</param>
public sealed record Inspection(InventorySource? Source, ImmutableArray<Diagnostics.Diagnostic> Problems);
