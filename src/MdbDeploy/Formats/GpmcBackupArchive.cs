using System.IO.Compression;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Formats;

/// <summary>
/// The files of a <see cref="GpmcBackup"/> folder in one zip archive: sorted by path, nothing compressed, every time the first of 1980, so that the same backup is the same
/// bytes on every machine. It holds manifest.xml and bkupInfo.xml, which Compress-Archive leaves out where Backup-GPO has hidden them.
/// </summary>
public static class GpmcBackupArchive
{
    // Far above any policy; what is larger is no backup or an attack.
    private const int MostEntries = 10_000;
    private const long MostBytes = 256L << 20;

    /// <summary>The archive.</summary>
    /// <param name="files">Files by path, with <c>/</c>.</param>
    public static byte[] Write(IEnumerable<KeyValuePair<string, byte[]>> files) => StoredZip.Of([.. files.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => (f.Key, f.Value))]);

    /// <summary>The files of an archive, however it was packed; nothing is written to disk.</summary>
    /// <param name="content">The bytes.</param>
    /// <param name="source">The archive, as messages name it.</param>
    public static Outcome<IReadOnlyDictionary<string, ReadOnlyMemory<byte>>> Read(byte[] content, string source)
    {
        var files = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        try
        {
            using var archive = new ZipArchive(new MemoryStream(content, writable: false), ZipArchiveMode.Read);
            var left = MostBytes;
            foreach (var entry in archive.Entries.Where(e => e.FullName is not [.., '/' or '\\']))
            {
                if (files.Count == MostEntries || Unpack(entry, ref left) is not { } bytes)
                {
                    return Broken("The archive is larger than any backup.");
                }

                if (!files.TryAdd(entry.FullName.Replace('\\', '/'), bytes))
                {
                    return Broken($"The archive holds '{entry.FullName}' twice.");
                }

                if (Crc32.Of(bytes) != entry.Crc32)
                {
                    return Broken($"'{entry.FullName}' is damaged.");
                }
            }

            return new(files, []);
        }
        catch (Exception damaged) when (damaged is InvalidDataException or IOException or NotSupportedException or ArgumentException or OverflowException)
        {
            return Broken("It is no zip archive, or is cut off, damaged or encrypted.");
        }

        Outcome<IReadOnlyDictionary<string, ReadOnlyMemory<byte>>> Broken(string message) => new(null, [Problems.BackupUnreadable.At(new Location(source), message)]);
    }

    /// <summary>The bytes of an entry, whatever length it claims; null when there are too many.</summary>
    private static byte[]? Unpack(ZipArchiveEntry entry, ref long left)
    {
        using var from = entry.Open();
        using var into = new MemoryStream();
        var buffer = new byte[81920];
        for (int read; (read = from.Read(buffer)) > 0;)
        {
            left -= read;
            if (left < 0)
            {
                return null;
            }

            into.Write(buffer, 0, read);
        }

        return into.ToArray();
    }
}
