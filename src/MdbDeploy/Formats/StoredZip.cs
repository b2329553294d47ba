using System.Buffers.Binary;
using System.Text;

namespace MdbDeploy.Formats;

/// <summary>
/// Writes a zip archive whose bytes depend on its content alone: nothing compressed, one fixed time, made as on Windows. <c>ZipArchive</c> notes the operating
/// system in each entry, so that its archives differ between Linux and Windows. Format: PKWARE APPNOTE 6.3, sections 4.3.7, 4.3.12 and 4.3.16.
/// </summary>
internal static class StoredZip
{
    private const ushort Version = 20;
    private const ushort Utf8Name = 1 << 11;
    private const int FirstOfJanuary1980 = 0x0021 << 16;

    /// <summary>An archive of these files, in this order.</summary>
    /// <param name="files">Names, exactly as they are to stand in the archive; and contents.</param>
    public static byte[] Of(IReadOnlyList<(string Name, byte[] Content)> files)
    {
        using var archive = new MemoryStream();
        using var directory = new MemoryStream();
        foreach (var (name, content) in files)
        {
            // Version, flags, method, time, checksum, both sizes and lengths stand alike in both headers.
            var common = new byte[26];
            BinaryPrimitives.WriteUInt16LittleEndian(common, Version);
            BinaryPrimitives.WriteInt32LittleEndian(common.AsSpan(6), FirstOfJanuary1980);
            BinaryPrimitives.WriteUInt32LittleEndian(common.AsSpan(10), Crc32.Of(content));
            BinaryPrimitives.WriteInt32LittleEndian(common.AsSpan(14), content.Length);
            BinaryPrimitives.WriteInt32LittleEndian(common.AsSpan(18), content.Length);
            var bytes = Encoding.UTF8.GetBytes(name);
            BinaryPrimitives.WriteUInt16LittleEndian(common.AsSpan(2), (ushort)(bytes.Length > name.Length ? Utf8Name : 0));
            BinaryPrimitives.WriteUInt16LittleEndian(common.AsSpan(22), (ushort)bytes.Length);

            // Version made by; comment length, disk, internal and external attributes; where the entry stands.
            var made = new byte[2];
            var rest = new byte[14];
            BinaryPrimitives.WriteUInt16LittleEndian(made, Version);
            BinaryPrimitives.WriteInt32LittleEndian(rest.AsSpan(10), (int)archive.Length);
            Write(directory, "PK\u0001\u0002"u8.ToArray(), made, common, rest, bytes);
            Write(archive, "PK\u0003\u0004"u8.ToArray(), common, bytes, content);
        }

        var end = new byte[18];
        BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(4), (ushort)files.Count);
        BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(6), (ushort)files.Count);
        BinaryPrimitives.WriteInt32LittleEndian(end.AsSpan(8), (int)directory.Length);
        BinaryPrimitives.WriteInt32LittleEndian(end.AsSpan(12), (int)archive.Length);
        Write(archive, directory.ToArray(), "PK\u0005\u0006"u8.ToArray(), end);
        return archive.ToArray();
    }

    private static void Write(MemoryStream stream, params ReadOnlySpan<byte[]> parts)
    {
        foreach (var part in parts)
        {
            stream.Write(part);
        }
    }
}
