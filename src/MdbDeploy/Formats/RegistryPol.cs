using System.Buffers.Binary;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Formats;

/// <summary>
/// registry.pol, the "PReg" format (MS-GPREG 2.2.1; Microsoft, "Registry Policy File Format"): an eight-byte header, then entries
/// <c>[key;name;type;size;data]</c> whose signs and texts are UTF-16LE and whose texts end in U+0000. Keys and names may hold <c>;</c> and <c>]</c>, so only
/// the terminators tell where they end. A file of the header alone says "no settings".
/// </summary>
public static class RegistryPol
{
    /// <summary>Length of the header, which is all that a file without settings holds.</summary>
    public const int HeaderLength = 8;

    private static ReadOnlySpan<byte> Header => [0x50, 0x52, 0x65, 0x67, 0x01, 0x00, 0x00, 0x00];

    /// <summary>The bytes of a file with these entries, in their order.</summary>
    public static byte[] Write(IEnumerable<RegistryPolicyEntry> entries)
    {
        using var file = new MemoryStream();
        file.Write(Header);
        foreach (var entry in entries)
        {
            WriteSign(file, '[');
            file.Write(Utf16.ToBytes(entry.Key + '\0'));
            WriteSign(file, ';');
            file.Write(Utf16.ToBytes(entry.ValueName + '\0'));
            WriteSign(file, ';');
            WriteNumber(file, unchecked((uint)entry.Type));
            WriteSign(file, ';');
            WriteNumber(file, (uint)entry.Data.Length);
            WriteSign(file, ';');
            file.Write(entry.Data.Span);
            WriteSign(file, ']');
        }

        return file.ToArray();
    }

    /// <summary>The entries of a file, in its order. The first broken entry ends the reading, as the format offers no way to find the next one.</summary>
    /// <param name="content">The bytes.</param>
    /// <param name="file">The file, as messages name it.</param>
    public static Outcome<IReadOnlyList<RegistryPolicyEntry>> Read(ReadOnlySpan<byte> content, string file)
    {
        if (!content.StartsWith(Header))
        {
            return Broken(file, content.Length < HeaderLength ? "It is shorter than the header 'PReg'." : "It does not begin with the header 'PReg' of version 1.");
        }

        var entries = new List<RegistryPolicyEntry>();
        var cursor = new Cursor(content) { Offset = HeaderLength };
        while (cursor.Offset < content.Length)
        {
            var start = cursor.Offset;
            cursor.Sign('[');
            var key = cursor.Text("key");
            cursor.Sign(';');
            var name = cursor.Text("value name");
            cursor.Sign(';');
            var type = cursor.Number("type");
            cursor.Sign(';');
            var size = cursor.Number("size");
            cursor.Sign(';');
            var data = cursor.Data(size);
            cursor.Sign(']');
            if (cursor.Fault is null && key.Length == 0)
            {
                cursor.Fault = "its key has no name";
            }

            if (cursor.Fault is { } fault)
            {
                return Broken(file, $"Entry {entries.Count + 1}, which begins at byte {start}, is broken: {fault}.");
            }

            entries.Add(new RegistryPolicyEntry { Key = key, ValueName = name, Type = unchecked((RegistryType)type), Data = data });
        }

        return new(entries, []);
    }

    private static Outcome<IReadOnlyList<RegistryPolicyEntry>> Broken(string file, string message) => new(null, [Problems.RegistryPolInvalid.At(new Location(file), message)]);

    private static void WriteSign(MemoryStream file, char sign)
    {
        file.WriteByte((byte)sign);
        file.WriteByte(0);
    }

    private static void WriteNumber(MemoryStream file, uint number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, number);
        file.Write(bytes);
    }

    /// <summary>Reads forward; the first fault stays and what is read after it does not matter.</summary>
    private ref struct Cursor(ReadOnlySpan<byte> content)
    {
        private readonly ReadOnlySpan<byte> content = content;

        public int Offset { get; set; }

        public string? Fault { get; set; }

        private readonly ReadOnlySpan<byte> Rest => content[Offset..];

        public void Sign(char sign)
        {
            if (Fault is null && (Rest.Length < 2 || BinaryPrimitives.ReadUInt16LittleEndian(Rest) != sign))
            {
                Fault = $"'{sign}' is missing at byte {Offset}";
            }

            Skip(2);
        }

        public string Text(string what)
        {
            if (Fault is not null)
            {
                return "";
            }

            for (var i = 0; i + 1 < Rest.Length; i += 2)
            {
                if (Rest[i] == 0 && Rest[i + 1] == 0)
                {
                    var text = Utf16.ToText(Rest[..i]);
                    Skip(i + 2);
                    return text;
                }
            }

            Fault = $"its {what} has no end";
            return "";
        }

        public uint Number(string what)
        {
            if (Fault is null && Rest.Length < sizeof(uint))
            {
                Fault = $"the file ends within its {what}";
            }

            if (Fault is not null)
            {
                return 0;
            }

            var number = BinaryPrimitives.ReadUInt32LittleEndian(Rest);
            Skip(sizeof(uint));
            return number;
        }

        public byte[] Data(uint size)
        {
            if (Fault is null && size > (uint)Rest.Length)
            {
                Fault = $"it announces {size} bytes of data, and the file has {Rest.Length} left";
            }

            if (Fault is not null)
            {
                return [];
            }

            var data = Rest[..(int)size].ToArray();
            Skip((int)size);
            return data;
        }

        private void Skip(int length)
        {
            if (Fault is null)
            {
                Offset += length;
            }
        }
    }
}
