using System.IO.Compression;
using System.Text;

namespace MdbDeploy.Tests.Packages;

/// <summary>Makes zip archives, honest and hostile ones.</summary>
internal static class Zips
{
    public static byte[] Of(params (string Name, byte[] Content)[] files) => Of(files, _ => { });

    public static byte[] Of((string Name, byte[] Content)[] files, Action<ZipArchiveEntry> change, CompressionLevel level = CompressionLevel.Optimal)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in files)
            {
                var entry = archive.CreateEntry(name, level);
                change(entry);
                using var writer = entry.Open();
                writer.Write(content);
            }
        }

        return stream.ToArray();
    }

    public static byte[] Bytes(string text) => Encoding.ASCII.GetBytes(text);

    /// <summary>Sets the flag that says "encrypted" in every header.</summary>
    public static byte[] Encrypted(byte[] zip) => Patched(zip, local: (6, [0x01, 0x00]), central: (8, [0x01, 0x00]));

    /// <summary>Makes every header claim that its entry is only this large, unpacked.</summary>
    public static byte[] Claiming(byte[] zip, int size) => Patched(zip, local: (22, BitConverter.GetBytes(size)), central: (24, BitConverter.GetBytes(size)));

    private static byte[] Patched(byte[] zip, (int At, byte[] Value) local, (int At, byte[] Value) central)
    {
        var patched = (byte[])zip.Clone();
        Patch("PK\u0003\u0004", local);
        Patch("PK\u0001\u0002", central);
        return patched;

        void Patch(string signature, (int At, byte[] Value) change)
        {
            for (var start = 0; patched.AsSpan(start).IndexOf(Bytes(signature)) is >= 0 and var found; start += found + 4)
            {
                change.Value.CopyTo(patched, start + found + change.At);
            }
        }
    }
}
