using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using MdbDeploy.Planning;
using MdbDeploy.Rendering;
using MdbDeploy.Targets.Status;

namespace MdbDeploy.Cli.Reports;

/// <summary>
/// The devices as the report's page holds them: column by column, each value of a column but the name once, deflated (RFC 1951) and in Base64. A million devices take a few megabytes and are
/// searched in the browser without being taken apart. Layout before compression, little endian: length of the header (uint32), header (JSON, UTF-8: <c>rows</c>, <c>names</c> with
/// the length of the block of names in bytes, <c>columns</c> with name, values and bytes of an index), of each name one byte with the number of UTF-16 units that it begins like the name
/// before it, what follows these of each name (UTF-8, followed by LF), then of each column one index a row. U+0001 in a reason stands for the row's build.
/// </summary>
internal static class DeviceColumns
{
    private const string BuildMark = "\u0001";

    private static readonly string[] Columns = ["state", "method", "ring", "build", "why"];

    /// <summary>Writes the devices, in the order of their names.</summary>
    /// <param name="status">Where every device stands.</param>
    /// <param name="output">Receives Base64, ASCII.</param>
    public static void Write(IReadOnlyList<DeviceStatus> status, Stream output)
    {
        var order = Enumerable.Range(0, status.Count).ToArray();
        var names = new string[status.Count];
        for (var i = 0; i < names.Length; i++)
        {
            // A line end is what parts names.
            names[i] = status[i].Planned.Device.Name.ReplaceLineEndings(" ");
        }

        Array.Sort(order, (a, b) => StringComparer.OrdinalIgnoreCase.Compare(names[a], names[b]) is var byName && byName != 0 ? byName : a.CompareTo(b));
        var columns = Columns.Select(_ => new Column(status.Count)).ToArray();
        for (var row = 0; row < order.Length; row++)
        {
            var device = status[order[row]];
            columns[0].Put(row, StatusWords.Of(device.Condition));
            columns[1].Put(row, Methods.TitleOf(device.Planned.Method));
            columns[2].Put(row, device.Planned.Ring ?? "");
            var build = device.Planned.Device.Build?.ToString() ?? device.Planned.Device.OsName ?? "";
            columns[3].Put(row, build);
            // Reasons name the build: without it a few dozen serve a million devices.
            columns[4].Put(row, build.Length > 3 ? Why(device).Replace(build, BuildMark, StringComparison.Ordinal) : Why(device));
        }

        using var base64 = new CryptoStream(output, new ToBase64Transform(), CryptoStreamMode.Write, leaveOpen: true);
        using var deflate = new DeflateStream(base64, CompressionLevel.SmallestSize, leaveOpen: true);
        var shared = Shared([.. order.Select(row => names[row])]);
        var header = JsonText.ToBytes(new JsonObject
        {
            ["rows"] = status.Count,
            ["names"] = order.Select((row, i) => (long)Encoding.UTF8.GetByteCount(names[row].AsSpan(shared[i])) + 1).Sum(),
            ["columns"] = new JsonArray([.. Columns.Zip(columns, (name, column) => (JsonNode)new JsonObject { ["name"] = name, ["bytes"] = column.Width, ["values"] = column.Values() })]),
        });
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)header.Length);
        deflate.Write(length);
        deflate.Write(header);
        deflate.Write(shared);
        using (var text = new StreamWriter(deflate, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 1 << 16, leaveOpen: true) { NewLine = "\n" })
        {
            for (var i = 0; i < order.Length; i++)
            {
                text.WriteLine(names[order[i]].AsSpan(shared[i]));
            }
        }

        foreach (var column in columns)
        {
            column.WriteTo(deflate);
        }
    }

    /// <summary>Of each name how many UTF-16 units it begins like the one before it; never half of a surrogate pair.</summary>
    private static byte[] Shared(string[] names)
    {
        var shared = new byte[names.Length];
        for (var i = 1; i < names.Length; i++)
        {
            var length = Math.Min(names[i - 1].AsSpan().CommonPrefixLength(names[i]), byte.MaxValue);
            shared[i] = (byte)(length > 0 && char.IsHighSurrogate(names[i][length - 1]) ? length - 1 : length);
        }

        return shared;
    }

    private static string Why(DeviceStatus status) =>
        status.Condition is DeviceCondition.NotPlanned ? string.Join(" ", status.Planned.Reasons) : $"{status.Told} {string.Join(" ", status.Planned.Reasons)}";

    /// <summary>A column: each value once, and its number in each row.</summary>
    private sealed class Column(int rows)
    {
        private readonly Dictionary<string, int> numbers = new(StringComparer.Ordinal);
        private readonly int[] indices = new int[rows];

        /// <summary>Bytes of an index.</summary>
        public int Width => numbers.Count <= byte.MaxValue + 1 ? 1 : numbers.Count <= ushort.MaxValue + 1 ? 2 : 4;

        public void Put(int row, string value)
        {
            if (!numbers.TryGetValue(value, out var number))
            {
                numbers[value] = number = numbers.Count;
            }

            indices[row] = number;
        }

        public JsonArray Values() => [.. numbers.OrderBy(n => n.Value).Select(n => (JsonNode?)n.Key)];

        public void WriteTo(Stream stream)
        {
            Span<byte> bytes = stackalloc byte[4];
            var width = Width;
            foreach (var index in indices)
            {
                BinaryPrimitives.WriteInt32LittleEndian(bytes, index);
                stream.Write(bytes[..width]);
            }
        }
    }
}
