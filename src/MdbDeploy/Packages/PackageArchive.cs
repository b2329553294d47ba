using System.Collections.Immutable;
using System.IO.Compression;
using MdbDeploy.Diagnostics;
using MdbDeploy.Formats;

namespace MdbDeploy.Packages;

/// <summary>Files that came together: an archive, or the loose files of a folder.</summary>
/// <param name="Source">Where they came from, as the user would recognise it: <c>outer.zip!inner.zip</c>, or the folder.</param>
/// <param name="Sha256">SHA-256 of the outermost archive; null for loose files.</param>
/// <param name="Files">The files.</param>
internal sealed record FileSet(string Source, string? Sha256, ImmutableArray<PackageFile> Files)
{
    /// <summary>Whether the files came in an archive, so that all of them belong to the package.</summary>
    public bool IsArchive => Sha256 is not null;
}

/// <summary>
/// Reads one zip of the packages folder, with the zips inside it, into memory. Nothing is ever written. Whatever is wrong becomes a problem that names archive
/// and entry.
/// </summary>
internal sealed class PackageArchive(PackageLimits limits, List<Diagnostic> problems, CancellationToken cancellation)
{
    private const int MostRefusedEntries = 20;
    private const int ReparsePoint = 0x400;
    private const int UnixType = 0xF000;
    private const int UnixFile = 0x8000;
    private const int UnixFolder = 0x4000;

    private readonly List<FileSet> sets = [];
    private int entries;
    private long total;

    /// <summary>Whether some bytes begin as a zip archive does, empty and split ones included.</summary>
    public static bool IsZip(ReadOnlySpan<byte> content) =>
        content.StartsWith("PK\u0003\u0004"u8) || content.StartsWith("PK\u0005\u0006"u8) || content.StartsWith("PK\u0007\u0008"u8);

    /// <summary>The files of an archive, and those of each archive inside it.</summary>
    /// <param name="content">The archive.</param>
    /// <param name="source">Its name for messages.</param>
    /// <param name="sha256">Its SHA-256.</param>
    public IReadOnlyList<FileSet> Read(byte[] content, string source, string sha256)
    {
        Unpack(content, source, sha256, 1);
        return sets;
    }

    private void Unpack(byte[] content, string source, string sha256, int depth)
    {
        if (depth > limits.Depth)
        {
            Report(Problems.ArchiveIsNestedTooDeep, source, $"This archive lies within {limits.Depth} others; deeper ones are not opened.");
            return;
        }

        try
        {
            using var archive = new ZipArchive(new MemoryStream(content, writable: false), ZipArchiveMode.Read);
            if ((entries += archive.Entries.Count) > limits.Entries)
            {
                Report(Problems.ArchiveIsTooLarge, source, $"The archive has more than {limits.Entries} entries.");
                return;
            }

            if (Accepted(archive, source) is { } accepted)
            {
                UnpackFiles(accepted, source, sha256, depth);
            }
        }
        catch (Exception broken) when (IsDamage(broken))
        {
            Report(Problems.ArchiveIsDamaged, source, "The archive is cut off or damaged.");
        }
    }

    /// <summary>The entries that are files, by their safe path; null when one of them is not to be trusted.</summary>
    private List<(string Path, ZipArchiveEntry Entry)>? Accepted(ZipArchive archive, string source)
    {
        var accepted = new List<(string, ZipArchiveEntry)>();
        var paths = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var refused = 0;
        foreach (var entry in archive.Entries)
        {
            var isFolder = entry.FullName is [.., '/' or '\\'];
            var reason = EntryPath.Normalize(entry.FullName, out var path)
                ?? (IsSpecial(entry.ExternalAttributes) ? "is a link or a device, not a file" : null)
                ?? (!isFolder && !paths.Add(path) ? "occurs twice" : null);
            if (reason is not null)
            {
                Report(Problems.PackagePathIsUnsafe, $"{source}!{EntryPath.Shown(entry.FullName)}", $"The entry '{EntryPath.Shown(entry.FullName)}' {reason}.");
            }
            else if (!isFolder && entry.IsEncrypted)
            {
                Report(Problems.ArchiveIsEncrypted, $"{source}!{path}", $"The entry '{path}' is encrypted.");
            }
            else
            {
                if (!isFolder)
                {
                    accepted.Add((path, entry));
                }

                continue;
            }

            if (++refused == MostRefusedEntries)
            {
                break;
            }
        }

        return refused == 0 ? accepted : null;
    }

    private void UnpackFiles(List<(string Path, ZipArchiveEntry Entry)> accepted, string source, string sha256, int depth)
    {
        var files = ImmutableArray.CreateBuilder<PackageFile>();
        var nested = new List<(string Source, byte[] Content)>();
        foreach (var (path, entry) in accepted.OrderBy(a => a.Path, StringComparer.Ordinal))
        {
            cancellation.ThrowIfCancellationRequested();
            if (Decompress(entry, $"{source}!{path}") is not { } content)
            {
                return;
            }

            if (IsZip(content))
            {
                nested.Add(($"{source}!{path}", content));
            }
            else
            {
                files.Add(new PackageFile(path, content));
            }
        }

        sets.Add(new FileSet(source, sha256, files.ToImmutable()));
        foreach (var (inner, content) in nested)
        {
            Unpack(content, inner, sha256, depth + 1);
        }
    }

    private byte[]? Decompress(ZipArchiveEntry entry, string source)
    {
        try
        {
            using var packed = entry.Open();
            using var unpacked = new MemoryStream();
            var buffer = new byte[81920];
            for (int read; (read = packed.Read(buffer)) > 0;)
            {
                unpacked.Write(buffer, 0, read);
                total += read;
                var excess = unpacked.Length > limits.FileBytes ? $"is larger than {limits.FileBytes} bytes"
                    : unpacked.Length > limits.RatioFloor && unpacked.Length / Math.Max(1, entry.CompressedLength) >= limits.Ratio ? $"is more than {limits.Ratio} times larger than it is packed"
                    : total > limits.TotalBytes ? $"brings the archive beyond {limits.TotalBytes} bytes"
                    : null;
                if (excess is not null)
                {
                    Report(Problems.ArchiveIsTooLarge, source, $"The entry {excess}.");
                    return null;
                }
            }

            var content = unpacked.ToArray();
            if (Crc32.Of(content) == entry.Crc32)
            {
                return content;
            }
        }
        catch (Exception broken) when (IsDamage(broken))
        {
            // Reported below, as a wrong checksum is.
        }

        Report(Problems.ArchiveIsDamaged, source, "The entry is cut off or damaged.");
        return null;
    }

    // Zips made on Unix keep the file type in the upper half; a plain file has type 8, or 0 when Windows made the zip.
    private static bool IsSpecial(int attributes) =>
        (attributes & ReparsePoint) != 0 || ((attributes >> 16) & UnixType) is not (0 or UnixFile or UnixFolder);

    private static bool IsDamage(Exception exception) =>
        exception is InvalidDataException or IOException or NotSupportedException or ArgumentException or OverflowException or IndexOutOfRangeException;

    private void Report(Problem problem, string source, string message) => problems.Add(problem.At(new Location(source), message));
}
