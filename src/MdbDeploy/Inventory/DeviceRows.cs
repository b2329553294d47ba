using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;

namespace MdbDeploy.Inventory;

/// <summary>
/// Rows of devices, packed: 24 bytes of numbers and some 60 of text each, in blocks that never move. A <see cref="Device"/> is made of a row when somebody asks for it.
/// </summary>
internal sealed class DeviceRows
{
    private const int RowBits = 14;
    private const int ByteBits = 20;
    private const int SeveralOrigins = -1;
    private const long Never = -1;

    private readonly List<Entry[]> rows = [];
    private readonly List<byte[]> bytes = [];
    private readonly Dictionary<SharedFields, int> sharedNumbers = [];
    private readonly List<SharedFields> shared = [];
    private readonly List<Device?> prototypes = [];
    private readonly List<string> files = [];
    private readonly Dictionary<string, int> fileNumbers = new(StringComparer.Ordinal);
    private readonly List<RowOrigin> origins = [];
    private byte[] scratch = new byte[1 << 10];
    private int scratched;
    private string lastSuffix = "";
    private int lastSuffixNumber;
    private int used;

    /// <summary>The texts that rows share.</summary>
    public TextPool Texts { get; } = new();

    /// <summary>Number of rows.</summary>
    public int Count { get; private set; }

    /// <summary>Number of combinations of shared fields.</summary>
    public int SharedCount => shared.Count;

    /// <summary>Adds a file; its number is the source of its rows.</summary>
    public int AddFile(string name)
    {
        files.Add(name);
        fileNumbers.TryAdd(name, files.Count - 1);
        return files.Count - 1;
    }

    /// <summary>Name of a file.</summary>
    public string FileOf(int source) => files[source];

    /// <summary>Adds a row of a file; returns its number.</summary>
    public int Add(in OwnFields own, in SharedFields fields, int source, int line)
    {
        if (Count >> RowBits == rows.Count)
        {
            rows.Add(GC.AllocateUninitializedArray<Entry>(1 << RowBits));
        }

        At(Count) = Pack(own, fields, source, line);
        return Count++;
    }

    /// <summary>Does something for each row, a block at a time on all processors; what it does must not depend on other rows.</summary>
    public void InParallel(Action<int> visit) => Parallel.For(0, (Count + (1 << RowBits) - 1) >> RowBits, block =>
    {
        for (var row = block << RowBits; row < Math.Min((block + 1) << RowBits, Count); row++)
        {
            visit(row);
        }
    });

    /// <summary>Adds a device, which may come from several rows.</summary>
    public void Add(Device device) => Replace(Add(default(OwnFields), default, SeveralOrigins, 0), device);

    /// <summary>Puts a device in the place of a row.</summary>
    public void Replace(int row, Device device)
    {
        origins.Clear();
        foreach (var origin in device.Origins)
        {
            origins.Add(new RowOrigin(fileNumbers.TryGetValue(origin.File, out var file) ? file : AddFile(origin.File), origin.Line));
        }

        var own = OwnOf(device);
        own.Origins = CollectionsMarshal.AsSpan(origins);
        Replace(row, own, SharedFields.Of(device, Texts));
    }

    /// <summary>What a device does not share with others, but for where it comes from. Valid until the next row is added.</summary>
    public OwnFields OwnOf(Device device)
    {
        var own = new OwnFields
        {
            Name = Utf8(device.Name),
            Serial = Utf8(device.Serial),
            Owner = Utf8(device.Owner),
            Entra = device.EntraDeviceId ?? Guid.Empty,
            Intune = device.IntuneDeviceId ?? Guid.Empty,
            Directory = device.AdObjectId ?? Guid.Empty,
            LastSeen = device.LastSeen,
        };
        SetFqdn(ref own, device.Fqdn);
        return own;
    }

    /// <summary>Puts a device that comes from several rows in the place of a row.</summary>
    public void Replace(int row, in OwnFields own, in SharedFields fields) => At(row) = Pack(own, fields, SeveralOrigins, 0);

    /// <summary>A text in UTF-8, valid until the next row is added. A lone surrogate becomes U+FFFD, as it would in any file written from it.</summary>
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

    /// <summary>Sets the parts of a DNS name in any case; of none when it is empty.</summary>
    public void SetFqdn(ref OwnFields own, ReadOnlySpan<char> fqdn)
    {
        if (fqdn.IsEmpty)
        {
            return;
        }

        var dot = fqdn.IndexOf('.');
        own.HasFqdn = true;
        own.Host = Utf8(dot < 0 ? fqdn : fqdn[..dot]);
        own.FqdnSuffix = dot < 0 ? 0 : SuffixNumber(fqdn[(dot + 1)..]);
    }

    /// <summary>Takes back the rows from this one on.</summary>
    public void Truncate(int count)
    {
        while (Count > count)
        {
            // Their bytes stay unused: a file is read a second time at most.
            Count--;
        }
    }

    /// <summary>Keeps these rows only, given in ascending order; they are numbered anew.</summary>
    public void Keep(ReadOnlySpan<int> kept)
    {
        for (var i = 0; i < kept.Length; i++)
        {
            At(i) = At(kept[i]);
        }

        Count = kept.Length;
        var blocks = (Count + (1 << RowBits) - 1) >> RowBits;
        rows.RemoveRange(blocks, rows.Count - blocks);
    }

    /// <summary>The device of a row.</summary>
    public Device Device(int row)
    {
        var own = Own(row);
        return Prototype(At(row).Shared) with
        {
            Name = Encoding.UTF8.GetString(own.Name),
            Fqdn = own.FqdnText(Texts),
            EntraDeviceId = OrNull(own.Entra),
            IntuneDeviceId = OrNull(own.Intune),
            AdObjectId = OrNull(own.Directory),
            Serial = own.Serial.IsEmpty ? null : Encoding.UTF8.GetString(own.Serial),
            Owner = own.Owner.IsEmpty ? null : Encoding.UTF8.GetString(own.Owner),
            LastSeen = LastSeen(row),
            Origins = Origins(row),
        };
    }

    /// <summary>The own fields of a row.</summary>
    public PackedDevice Own(int row)
    {
        var at = At(row).Bytes;
        return new PackedDevice(bytes[(int)(at >> ByteBits)].AsSpan((int)(at & ((1 << ByteBits) - 1))));
    }

    /// <summary>Number of a row's combination of shared fields.</summary>
    public int SharedOf(int row) => At(row).Shared;

    /// <summary>The shared fields of a row.</summary>
    public ref readonly SharedFields Shared(int row) => ref CollectionsMarshal.AsSpan(shared)[At(row).Shared];

    /// <summary>A device with the shared fields of this number and nothing of its own.</summary>
    public Device Prototype(int number) => prototypes[number] ??= shared[number].ToDevice(Texts);

    /// <summary>The device of a row with its shared fields and nothing of its own.</summary>
    public Device PrototypeOf(int row) => Prototype(SharedOf(row));

    /// <summary>The row as its source describes it.</summary>
    public SourceRow Row(int row) => new(Device(row), At(row).Source, Shared(row).Says);

    /// <summary>Index of the file a row comes from.</summary>
    public int Source(int row) => At(row).Source;

    /// <summary>Where a row stands, when it is one place; null for a device that comes from several, or from nowhere.</summary>
    public RowOrigin? SingleOrigin(int row) => At(row) is { Source: >= 0 } at ? new RowOrigin(at.Source, at.Line) : null;

    /// <summary>Where a row comes from.</summary>
    public ImmutableArray<Origin> Origins(int row)
    {
        if (SingleOrigin(row) is { } single)
        {
            return [OriginOf(single)];
        }

        var packed = Own(row).Origins;
        var all = ImmutableArray.CreateBuilder<Origin>(packed.Count);
        foreach (var origin in packed)
        {
            all.Add(OriginOf(origin));
        }

        return all.MoveToImmutable();
    }

    /// <summary>A place with the name of its file.</summary>
    public Origin OriginOf(RowOrigin origin) => new(files[origin.Source], origin.Line);

    /// <summary>Name of the device of a row.</summary>
    public string NameOf(int row) => Encoding.UTF8.GetString(Own(row).Name);

    /// <summary>When the device of a row was last seen.</summary>
    public DateTimeOffset? LastSeen(int row) => At(row).LastSeen is not Never and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>Corrects when the device of a row was last seen.</summary>
    public void SetLastSeen(int row, DateTimeOffset? seen) => At(row).LastSeen = seen?.UtcTicks ?? Never;

    private Entry Pack(in OwnFields own, in SharedFields fields, int source, int line)
    {
        if (!sharedNumbers.TryGetValue(fields, out var number))
        {
            number = shared.Count;
            shared.Add(fields);
            prototypes.Add(null);
            sharedNumbers.Add(fields, number);
        }

        var most = PackedDevice.MostBytes(own);
        if (bytes.Count == 0 || bytes[^1].Length - used < most)
        {
            bytes.Add(GC.AllocateUninitializedArray<byte>(Math.Max(1 << ByteBits, most)));
            used = 0;
        }

        var at = ((uint)(bytes.Count - 1) << ByteBits) | (uint)used;
        used += PackedDevice.Write(own, bytes[^1].AsSpan(used));
        scratched = 0;
        return new Entry { LastSeen = own.LastSeen?.UtcTicks ?? Never, Bytes = at, Shared = number, Source = source, Line = line };
    }

    private int SuffixNumber(ReadOnlySpan<char> suffix)
    {
        // Nearly always the one of the row before.
        if (!suffix.SequenceEqual(lastSuffix))
        {
            lastSuffix = suffix.ToString();
            lastSuffixNumber = Texts.NumberOf(lastSuffix.ToLowerInvariant());
        }

        return lastSuffixNumber;
    }

    private static Guid? OrNull(Guid id) => id == Guid.Empty ? null : id;

    private ref Entry At(int row) => ref rows[row >> RowBits][row & ((1 << RowBits) - 1)];

    private struct Entry
    {
        public long LastSeen;
        public uint Bytes;
        public int Shared;
        public int Source;

        /// <summary>Line of the file; 0 for a device of several rows, which keeps them with its own fields.</summary>
        public int Line;
    }
}
