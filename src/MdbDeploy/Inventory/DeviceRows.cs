using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace MdbDeploy.Inventory;

/// <summary>
/// Rows of devices, packed: 24 bytes of numbers and some 60 of text each, in blocks that never move. A <see cref="Device"/> is made of a row when somebody asks for it.
/// While files are read, several threads pack rows and one of them at a time adds what was packed.
/// </summary>
internal sealed class DeviceRows
{
    private const int RowBits = 14;
    private const int ByteBits = 20;

    private readonly Lock gate = new();
    private readonly List<PackedRow[]> rows = [];
    private readonly List<byte[]> bytes = [];
    private readonly Dictionary<SharedFields, int> sharedNumbers = [];
    private readonly List<SharedFields> shared = [];
    private readonly List<Device?> prototypes = [];
    private readonly List<string> files = [];
    private readonly Dictionary<string, int> fileNumbers = new(StringComparer.Ordinal);
    private readonly List<RowOrigin> origins = [];
    private readonly RowPacker packer;

    /// <summary>Creates an empty table.</summary>
    public DeviceRows() => packer = new RowPacker(this);

    /// <summary>The texts that rows share.</summary>
    public TextPool Texts { get; } = new();

    /// <summary>Number of rows.</summary>
    public int Count { get; private set; }

    /// <summary>Number of combinations of shared fields.</summary>
    public int SharedCount => shared.Count;

    /// <summary>Number of files.</summary>
    public int FileCount => files.Count;

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
        Add([packer.Pack(own, packer.NumberOf(fields), source, line)]);
        return Count - 1;
    }

    /// <summary>Adds packed rows.</summary>
    public void Add(ReadOnlySpan<PackedRow> packed)
    {
        while (!packed.IsEmpty)
        {
            if (Count >> RowBits == rows.Count)
            {
                rows.Add(GC.AllocateUninitializedArray<PackedRow>(1 << RowBits));
            }

            var free = rows[Count >> RowBits].AsSpan(Count & ((1 << RowBits) - 1));
            var fitting = packed[..Math.Min(packed.Length, free.Length)];
            fitting.CopyTo(free);
            Count += fitting.Length;
            packed = packed[fitting.Length..];
        }
    }

    /// <summary>Number of a combination of shared fields.</summary>
    public int NumberOf(in SharedFields fields)
    {
        lock (gate)
        {
            if (!sharedNumbers.TryGetValue(fields, out var number))
            {
                number = shared.Count;
                shared.Add(fields);
                prototypes.Add(null);
                sharedNumbers.Add(fields, number);
            }

            return number;
        }
    }

    /// <summary>Adds a block for the bytes of rows, with room for at least one that takes this many.</summary>
    public (byte[] Block, int Number) AddBlock(int most)
    {
        var block = GC.AllocateUninitializedArray<byte>(Math.Max(1 << ByteBits, most));
        lock (gate)
        {
            bytes.Add(block);
            return (block, bytes.Count - 1);
        }
    }

    /// <summary>Where bytes of a block lie.</summary>
    public static uint AddressOf(int block, int offset) => ((uint)block << ByteBits) | (uint)offset;

    /// <summary>Does something for each block of rows, from the first row to before the second, on all processors; what it does must not depend on other blocks.</summary>
    public void InBlocks(Action<int, int> visit) =>
        Parallel.For(0, (Count + (1 << RowBits) - 1) >> RowBits, block => visit(block << RowBits, Math.Min((block + 1) << RowBits, Count)));

    /// <summary>Does something for each row, on all processors; what it does must not depend on other rows.</summary>
    public void InParallel(Action<int> visit) => InBlocks((from, end) =>
    {
        for (var row = from; row < end; row++)
        {
            visit(row);
        }
    });

    /// <summary>Adds a device, which may come from several rows.</summary>
    public void Add(Device device) => Replace(Add(default(OwnFields), default, PackedRow.SeveralOrigins, 0), device);

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
        Replace(row, own, packer.NumberOf(SharedFields.Of(device, Texts)), packer);
    }

    /// <summary>What a device does not share with others, but for where it comes from. Valid until the next row is added.</summary>
    public OwnFields OwnOf(Device device)
    {
        var own = new OwnFields
        {
            Name = packer.Utf8(device.Name),
            Serial = packer.Utf8(device.Serial),
            Owner = packer.Utf8(device.Owner),
            Entra = device.EntraDeviceId ?? Guid.Empty,
            Intune = device.IntuneDeviceId ?? Guid.Empty,
            Sms = device.SmsId ?? Guid.Empty,
            Directory = device.AdObjectId ?? Guid.Empty,
            LastSeen = device.LastSeen,
        };
        packer.SetFqdn(ref own, device.Fqdn);
        return own;
    }

    /// <summary>Puts a device that comes from several rows in the place of a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="own">Its own fields.</param>
    /// <param name="shared">Number of its shared fields.</param>
    /// <param name="with">Packs it; each thread has one of its own.</param>
    public void Replace(int row, in OwnFields own, int shared, RowPacker with) => At(row) = with.Pack(own, shared, PackedRow.SeveralOrigins, 0);

    /// <summary>Keeps these rows only, given in ascending order; they are numbered anew.</summary>
    public void Keep(ReadOnlySpan<int> kept)
    {
        if (kept.Length == Count)
        {
            return;
        }

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
            SmsId = OrNull(own.Sms),
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

    /// <summary>Tells that a row will be asked for soon.</summary>
    public void Fetch(int row) => Memory.Fetch(ref At(row));

    /// <summary>Tells that the own fields of a row will be asked for soon, which was fetched itself.</summary>
    public void FetchOwn(int row)
    {
        const int line = 64;
        var at = At(row).Bytes;
        var block = bytes[(int)(at >> ByteBits)];
        var offset = (int)(at & ((1 << ByteBits) - 1));
        Memory.Fetch(ref block[offset]);
        Memory.Fetch(ref block[Math.Min(offset + line, block.Length - 1)]);
    }

    /// <summary>Number of a row's combination of shared fields.</summary>
    public int SharedOf(int row) => At(row).Shared;

    /// <summary>The shared fields of a number.</summary>
    public ref readonly SharedFields SharedAt(int number) => ref CollectionsMarshal.AsSpan(shared)[number];

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
    public DateTimeOffset? LastSeen(int row) => At(row).LastSeen is not PackedRow.Never and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>When the device of a row was last seen, in ticks of UTC; negative when it never was.</summary>
    public long LastSeenTicks(int row) => At(row).LastSeen;

    /// <summary>Corrects when the device of a row was last seen.</summary>
    public void SetLastSeen(int row, DateTimeOffset? seen) => At(row).LastSeen = seen?.UtcTicks ?? PackedRow.Never;

    private static Guid? OrNull(Guid id) => id == Guid.Empty ? null : id;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref PackedRow At(int row) => ref rows[row >> RowBits][row & ((1 << RowBits) - 1)];
}
