using System.Collections;
using System.Runtime.CompilerServices;
using System.Text;

namespace MdbDeploy.Inventory;

/// <summary>
/// The devices of a fleet. A million of them are held packed, in about 90 bytes each; a <see cref="Device"/> is made when it is asked for, so keep the one you got rather
/// than asking again.
/// </summary>
[CollectionBuilder(typeof(DeviceTable), nameof(Of))]
public sealed class DeviceTable : IReadOnlyList<Device>
{
    private readonly Task<int[]>? sorting;
    private int[]? order;

    /// <summary>Rows in an order, all of them or some; all as they lie when there is none.</summary>
    internal DeviceTable(DeviceRows rows, int[]? order = null)
    {
        Rows = rows;
        this.order = order;
    }

    /// <summary>All rows, in an order that is still being found out; who does not ask for it does not wait.</summary>
    internal DeviceTable(DeviceRows rows, Task<int[]> sorting)
        : this(rows) => this.sorting = sorting;

    /// <summary>Number of devices.</summary>
    public int Length => order?.Length ?? Rows.Count;

    /// <summary>Number of devices.</summary>
    public int Count => Length;

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => Length == 0;

    /// <summary>The packed rows. They lie in the order of the files, so a pass that needs no order walks through the rows rather than through the table.</summary>
    internal DeviceRows Rows { get; }

    /// <summary>The device at a position.</summary>
    public Device this[int index] => Rows.Device(RowOf(index));

    /// <summary>The devices given, in their order.</summary>
    public static DeviceTable Of(ReadOnlySpan<Device> devices)
    {
        var rows = new DeviceRows();
        foreach (var device in devices)
        {
            rows.Add(device);
        }

        return new DeviceTable(rows);
    }

    /// <inheritdoc/>
    public IEnumerator<Device> GetEnumerator()
    {
        for (var i = 0; i < Length; i++)
        {
            yield return this[i];
        }
    }

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The rows in the order of the table.</summary>
    internal IEnumerable<int> Ordered => Order ?? Enumerable.Range(0, Rows.Count);

    /// <summary>The rows as they lie, when those of the table are all there are; else in its order.</summary>
    internal IEnumerable<int> Unordered => Length == Rows.Count ? Enumerable.Range(0, Rows.Count) : Ordered;

    /// <summary>Rows of the devices whose name, or first label of the DNS name, is one of these words. Makes no device, since there may be a million that are not.</summary>
    /// <param name="words">The words; its comparer decides about case.</param>
    internal List<int> Called(HashSet<string> words)
    {
        var found = new List<int>();
        var lookup = words.GetAlternateLookup<ReadOnlySpan<char>>();
        var text = new char[256];
        foreach (var row in Unordered)
        {
            var own = Rows.Own(row);
            if (IsAmong(own.Name) || (own.HasFqdn && own.Host != own.Name && IsAmong(own.Host)))
            {
                found.Add(row);
            }
        }

        return found;

        bool IsAmong(ReadOnlySpan<byte> name)
        {
            text = name.Length > text.Length ? new char[name.Length] : text;
            return lookup.Contains(text.AsSpan(0, Encoding.UTF8.GetChars(name, text)));
        }
    }

    /// <summary>Row of the device at a position.</summary>
    internal int RowOf(int index) => Order is { } rows ? rows[index] : index;

    private int[]? Order => order ??= sorting?.GetAwaiter().GetResult();
}
