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
    private readonly int[]? some;

    /// <summary>All rows, or some.</summary>
    internal DeviceTable(DeviceRows rows, int[]? some = null)
    {
        Rows = rows;
        this.some = some;
    }

    /// <summary>Number of devices.</summary>
    public int Length => some?.Length ?? Rows.Count;

    /// <summary>Number of devices.</summary>
    public int Count => Length;

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => Length == 0;

    /// <summary>The packed rows.</summary>
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

    /// <summary>The devices at some positions.</summary>
    internal DeviceTable At(int[] indices) => new(Rows, Array.ConvertAll(indices, RowOf));

    /// <summary>Positions of the devices whose name, or first label of the DNS name, is one of these words. Makes no device, since there may be a million that are not.</summary>
    /// <param name="words">The words; its comparer decides about case.</param>
    internal List<int> Called(HashSet<string> words)
    {
        var found = new List<int>();
        var lookup = words.GetAlternateLookup<ReadOnlySpan<char>>();
        var text = new char[256];
        for (var i = 0; i < Length; i++)
        {
            var own = Rows.Own(RowOf(i));
            if (IsAmong(own.Name) || (own.HasFqdn && own.Host != own.Name && IsAmong(own.Host)))
            {
                found.Add(i);
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
    internal int RowOf(int index) => some is null ? index : some[index];

    /// <summary>The device at a position without what is its own: decisions that look at shared fields only may look at this one.</summary>
    internal Device Prototype(int index) => Rows.Prototype(Rows.SharedOf(RowOf(index)));
}
