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
    private readonly List<Origin> origins = [];
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
        return files.Count - 1;
    }

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

    /// <summary>Adds a device, which may come from several rows; returns its number.</summary>
    public int Add(Device device)
    {
        var row = Add(default(OwnFields), default, SeveralOrigins, 0);
        Replace(row, device);
        return row;
    }

    /// <summary>Puts a device in the place of a row.</summary>
    public void Replace(int row, Device device)
    {
        var own = new OwnFields
        {
            Name = device.Name,
            Fqdn = device.Fqdn,
            Serial = device.Serial,
            Owner = device.Owner,
            Entra = device.EntraDeviceId ?? Guid.Empty,
            Intune = device.IntuneDeviceId ?? Guid.Empty,
            Directory = device.AdObjectId ?? Guid.Empty,
            LastSeen = device.LastSeen,
        };
        var start = origins.Count;
        origins.Add(new Origin("", device.Origins.Length));
        origins.AddRange(device.Origins);
        At(row) = Pack(own, SharedFields.Of(device, Texts), SeveralOrigins, start);
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

    /// <summary>The first place a row comes from; null when nobody knows.</summary>
    public Origin? FirstOrigin(int row)
    {
        ref var at = ref At(row);
        return at.Source >= 0 ? new Origin(files[at.Source], at.Line) : origins[at.Line].Line == 0 ? null : origins[at.Line + 1];
    }

    /// <summary>Where a row comes from, when it is one place.</summary>
    public Origin? SingleOrigin(int row) => At(row) is { Source: >= 0 } at ? new Origin(files[at.Source], at.Line) : null;

    /// <summary>Where a row comes from.</summary>
    public ImmutableArray<Origin> Origins(int row)
    {
        ref var at = ref At(row);
        return at.Source >= 0 ? [new Origin(files[at.Source], at.Line)] : origins[at.Line].Line == 0 ? [] : [.. origins[(at.Line + 1)..(at.Line + 1 + origins[at.Line].Line)]];
    }

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
        used += PackedDevice.Write(own, Texts, bytes[^1].AsSpan(used));
        return new Entry { LastSeen = own.LastSeen?.UtcTicks ?? Never, Bytes = at, Shared = number, Source = source, Line = line };
    }

    private static Guid? OrNull(Guid id) => id == Guid.Empty ? null : id;

    private ref Entry At(int row) => ref rows[row >> RowBits][row & ((1 << RowBits) - 1)];

    private struct Entry
    {
        public long LastSeen;
        public uint Bytes;
        public int Shared;
        public int Source;

        /// <summary>Line of the file; for a device of several rows, where its origins start.</summary>
        public int Line;
    }
}
