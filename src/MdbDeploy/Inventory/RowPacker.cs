using System.Text;

namespace MdbDeploy.Inventory;

/// <summary>
/// Packs rows for <see cref="DeviceRows"/>. Each thread that reads has one of its own, with a block of bytes that it fills and a memory of the numbers it asked for, so that threads
/// hardly ever wait for each other.
/// </summary>
internal sealed class RowPacker(DeviceRows rows)
{
    private readonly Dictionary<SharedFields, int> numbers = [];
    private byte[] block = [];
    private int blockNumber;
    private int used;
    private byte[] scratch = new byte[1 << 10];
    private int scratched;
    private string lastSuffix = "";
    private int lastSuffixNumber;

    /// <summary>Number of a combination of shared fields.</summary>
    public int NumberOf(in SharedFields fields)
    {
        if (!numbers.TryGetValue(fields, out var number))
        {
            numbers.Add(fields, number = rows.NumberOf(fields));
        }

        return number;
    }

    /// <summary>Packs a row.</summary>
    /// <param name="own">What the device does not share with others.</param>
    /// <param name="shared">Number of what it shares.</param>
    /// <param name="source">Number of its file.</param>
    /// <param name="line">Its line.</param>
    public PackedRow Pack(in OwnFields own, int shared, int source, int line)
    {
        var most = PackedDevice.MostBytes(own);
        if (block.Length - used < most)
        {
            (block, blockNumber) = rows.AddBlock(most);
            used = 0;
        }

        var at = DeviceRows.AddressOf(blockNumber, used);
        used += PackedDevice.Write(own, block.AsSpan(used));
        scratched = 0;
        return new PackedRow { LastSeen = own.LastSeen?.UtcTicks ?? PackedRow.Never, Bytes = at, Shared = shared, Source = source, Line = line };
    }

    /// <summary>A text in UTF-8, valid until the next row is packed. A lone surrogate becomes U+FFFD, as it would in any file written from it.</summary>
    public ReadOnlySpan<byte> Utf8(ReadOnlySpan<char> text)
    {
        if (scratch.Length - scratched < text.Length * 3)
        {
            // What was handed out before still lies in the old one.
            scratch = new byte[Math.Max(scratch.Length, text.Length * 6)];
            scratched = 0;
        }

        var start = scratched;
        scratched += Encoding.UTF8.GetBytes(text, scratch.AsSpan(start));
        return scratch.AsSpan(start, scratched - start);
    }

    /// <summary>Number of what follows the first dot of a DNS name, in lower case; 0 when there is no dot.</summary>
    public int SuffixOf(ReadOnlySpan<char> fqdn)
    {
        var dot = fqdn.IndexOf('.');
        if (dot < 0)
        {
            return 0;
        }

        // Nearly always the one of the row before.
        var suffix = fqdn[(dot + 1)..];
        if (!suffix.SequenceEqual(lastSuffix))
        {
            lastSuffix = suffix.ToString();
            lastSuffixNumber = rows.Texts.NumberOf(lastSuffix.ToLowerInvariant());
        }

        return lastSuffixNumber;
    }

    /// <summary>Sets the parts of a DNS name in any case; of none when it is empty.</summary>
    public void SetFqdn(ref OwnFields own, ReadOnlySpan<char> fqdn)
    {
        if (!fqdn.IsEmpty)
        {
            var dot = fqdn.IndexOf('.');
            own.HasFqdn = true;
            own.Host = Utf8(dot < 0 ? fqdn : fqdn[..dot]);
            own.FqdnSuffix = SuffixOf(fqdn);
        }
    }
}

/// <summary>A row as a fleet holds it: numbers, and where its bytes are.</summary>
internal struct PackedRow
{
    /// <summary>Ticks of a device that was never seen.</summary>
    public const long Never = -1;

    /// <summary>Source of a device that comes from several rows, or from none.</summary>
    public const int SeveralOrigins = -1;

    /// <summary>When it was last seen, in ticks of UTC.</summary>
    public long LastSeen;

    /// <summary>Where its own fields lie.</summary>
    public uint Bytes;

    /// <summary>Number of its shared fields.</summary>
    public int Shared;

    /// <summary>Number of its file.</summary>
    public int Source;

    /// <summary>Line of the file; 0 for a device of several rows, which keeps them with its own fields.</summary>
    public int Line;
}
