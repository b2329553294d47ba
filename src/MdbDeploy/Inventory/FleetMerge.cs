using System.Collections.Immutable;
using System.Runtime.InteropServices;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Inventory;

/// <summary>
/// Finds the rows that describe one device. Keys are tried from the strongest to the weakest: Entra device id, serial number, Intune id, objectGUID, DNS name,
/// domain and name, name alone. Rows that share a key are one device unless two of them, or what they were united with before, differ in a stronger key; then
/// none is united by that key and the ambiguity is reported. The result does not depend on the order of rows in a file.
/// </summary>
internal sealed class FleetMerge
{
    private static readonly string[] KeyNames = ["Entra device id", "serial number", "Intune device id", "objectGUID", "DNS name", "domain and name", "name"];

    private readonly List<SourceRow> rows;
    private readonly int[] parent;
    private readonly Traits[] traits;
    private readonly int[] seen;
    private readonly List<(int Source, Diagnostic Problem)> problems = [];

    private FleetMerge(List<SourceRow> rows)
    {
        this.rows = rows;
        parent = new int[rows.Count];
        traits = new Traits[rows.Count];
        seen = new int[rows.Count];
        for (var i = 0; i < parent.Length; i++)
        {
            parent[i] = i;
            traits[i] = TraitsOf(rows[i].Device);
        }
    }

    /// <summary>What a row, or rows united so far, has: a bit per key, in the order of strength, and what tells records apart.</summary>
    [Flags]
    private enum Traits : ushort
    {
        None = 0,
        Entra = 1,
        Serial = 2,
        Intune = 4,
        Directory = 8,
        Fqdn = 16,
        DomainName = 32,
        Keys = 63,

        /// <summary>Has an Entra device id that is more than the registration of somebody's account on the device.</summary>
        Joined = 64,
        Windows = 128,
        OtherSystem = 256,
    }

    /// <summary>Merges rows into devices, ordered as <see cref="Fleet.Devices"/> says; problems carry the index of their source.</summary>
    public static (ImmutableArray<Device> Devices, List<(int Source, Diagnostic Problem)> Problems) Merge(List<SourceRow> rows, CancellationToken cancellation)
    {
        var merge = new FleetMerge(rows);
        var domains = new DomainNames(rows);
        merge.Unite<Guid>(Traits.Entra, device => device.EntraDeviceId, (a, b) => a.CompareTo(b));
        cancellation.ThrowIfCancellationRequested();
        merge.UniteByText(Traits.Serial, device => device.Serial);
        merge.Unite<Guid>(Traits.Intune, device => device.IntuneDeviceId, (a, b) => a.CompareTo(b));
        merge.Unite<Guid>(Traits.Directory, device => device.AdObjectId, (a, b) => a.CompareTo(b));
        cancellation.ThrowIfCancellationRequested();
        merge.UniteByText(Traits.Fqdn, device => device.Fqdn);
        merge.Unite<DomainName>(
            Traits.DomainName,
            device => device.Domain is { } domain ? new DomainName(domains.NumberOf(domain), device.Name) : null,
            (a, b) => a.CompareTo(b));
        cancellation.ThrowIfCancellationRequested();
        if (rows.Exists(row => row.Device.Domain is null))
        {
            merge.UniteByText(Traits.None, device => device.Name);
        }

        cancellation.ThrowIfCancellationRequested();
        return (merge.Devices(), merge.problems);
    }

    private static Traits TraitsOf(Device device) =>
        (device.EntraDeviceId is null ? 0 : Traits.Entra | (device.Join == JoinType.Registered ? 0 : Traits.Joined))
        | (device.Serial is null ? 0 : Traits.Serial)
        | (device.IntuneDeviceId is null ? 0 : Traits.Intune)
        | (device.AdObjectId is null ? 0 : Traits.Directory)
        | (device.Fqdn is null ? 0 : Traits.Fqdn)
        | (device.Domain is null ? 0 : Traits.DomainName)
        | (device.Os switch
        {
            OsFamily.Unknown => 0,
            OsFamily.WindowsClient or OsFamily.WindowsServer => Traits.Windows,
            _ => Traits.OtherSystem,
        });

    private void UniteByText(Traits key, Func<Device, string?> keyOf) =>
        Unite<Text>(key, device => keyOf(device) is { } text ? new Text(text) : null, (a, b) => string.Compare(a.Value, b.Value, StringComparison.OrdinalIgnoreCase));

    private void Unite<TKey>(Traits key, Func<Device, TKey?> keyOf, Comparison<TKey> order)
        where TKey : struct, IEquatable<TKey>
    {
        var groups = new SameKey<TKey>(rows, keyOf);
        if (AreEntangled(groups))
        {
            // Uniting one group can decide about another, so they come in the order of their keys, which rows cannot change.
            groups.Sort(order);
        }

        for (var i = 0; i < groups.Count; i++)
        {
            UniteGroup(key, groups[i]);
        }
    }

    /// <summary>Whether rows united before lie in different groups.</summary>
    private bool AreEntangled<TKey>(SameKey<TKey> groups)
        where TKey : struct, IEquatable<TKey>
    {
        Array.Clear(seen);
        for (var i = 0; i < groups.Count; i++)
        {
            foreach (var row in groups[i])
            {
                ref var group = ref seen[RootOf(row)];
                if (group != 0 && group != i + 1)
                {
                    return true;
                }

                group = i + 1;
            }
        }

        return false;
    }

    private void UniteGroup(Traits key, ReadOnlySpan<int> group)
    {
        var first = RootOf(group[0]);
        var isOne = true;
        foreach (var row in group)
        {
            isOne &= RootOf(row) == first;
        }

        if (isOne)
        {
            return;
        }

        var roots = RootsOf(group);
        if (Contradiction(key, roots) is { } because)
        {
            // Somebody's account registered on a device is not the device's own identity: without such records the rest may agree.
            var joined = roots.FindAll(root => (traits[root] & (Traits.Entra | Traits.Joined)) != Traits.Entra);
            if (IsByName(key) && joined.Count > 0 && joined.Count < roots.Count && Contradiction(key, joined) is null)
            {
                UniteRoots(joined);
                Report(Problems.DevicesShareAName, key, roots, "some are only registered in Entra with somebody's account, and stay separate");
            }
            else
            {
                ReportContradiction(key, roots, because);
            }
        }
        else if (key == Traits.Serial && DiffersInOneFile(group))
        {
            Report(Problems.DeviceMatchIsAmbiguous, key, roots, "one file gives it to devices of different names");
        }
        else
        {
            UniteRoots(roots);
        }
    }

    private static bool IsByName(Traits key) => key is Traits.None or Traits.DomainName or Traits.Fqdn;

    private List<int> RootsOf(ReadOnlySpan<int> group)
    {
        var roots = new List<int>(group.Length);
        foreach (var row in group)
        {
            roots.Add(RootOf(row));
        }

        roots.Sort();
        var count = 1;
        for (var i = 1; i < roots.Count; i++)
        {
            if (roots[i] != roots[i - 1])
            {
                roots[count++] = roots[i];
            }
        }

        roots.RemoveRange(count, roots.Count - count);
        return roots;
    }

    /// <summary>
    /// Why records that share a key cannot be one device; null when they can. Records that have a stronger key in common are united already, so two that have
    /// one differ in it.
    /// </summary>
    private string? Contradiction(Traits key, List<int> roots)
    {
        Traits once = 0, twice = 0;
        foreach (var root in roots)
        {
            twice |= once & traits[root];
            once |= traits[root];
        }

        var stronger = key == Traits.None ? Traits.Keys : (Traits)((int)key - 1) & Traits.Keys;
        for (var i = 0; i < 6; i++)
        {
            if (((int)(twice & stronger) >> i & 1) == 1)
            {
                return KeyNames[i];
            }
        }

        return IsByName(key) && once.HasFlag(Traits.Windows | Traits.OtherSystem) ? "operating system" : null;
    }

    private void ReportContradiction(Traits key, List<int> roots, string because)
    {
        if (key != Traits.None)
        {
            Report(Problems.DeviceMatchIsAmbiguous, key, roots, $"they differ in {because}");
            return;
        }

        // The same name in two domains is two devices; only a record without a domain could be either. Records that all have an Entra device id are no riddle.
        if (roots.Exists(root => (traits[root] & Traits.DomainName) == 0))
        {
            var isRiddle = roots.Exists(root => (traits[root] & Traits.Entra) == 0);
            Report(isRiddle ? Problems.DeviceMatchIsAmbiguous : Problems.DevicesShareAName, key, roots, $"they differ in {because}");
        }
    }

    private void Report(Problem problem, Traits key, List<int> roots, string because)
    {
        // Told at the least trusted record, which is the one that would have been merged into another.
        var records = roots.Order(Comparer<int>.Create(DeviceMerge.Comparison(rows))).ToList();
        var row = rows[records[^1]];
        var places = string.Join(", ", records.Take(4).Select(record => $"{rows[record].Origin.File}({rows[record].Origin.Line})"));
        problems.Add((row.Source, problem.At(
            new Location(row.Origin.File, row.Origin.Line, Subject: row.Device.Name),
            $"{records.Count} records share the {KeyNames[KeyIndex(key)]} of '{RowNotes.Show(row.Device.Name)}', but {because}: {places}{(records.Count > 4 ? " and others" : "")}.")));
    }

    private static int KeyIndex(Traits key) => key == Traits.None ? 6 : System.Numerics.BitOperations.TrailingZeroCount((int)key);

    private bool DiffersInOneFile(ReadOnlySpan<int> group)
    {
        var names = new Dictionary<int, string>();
        foreach (var row in group)
        {
            var (source, name) = (rows[row].Source, rows[row].Device.Name);
            if (!names.TryAdd(source, name) && !names[source].Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private void UniteRoots(List<int> roots)
    {
        // The smallest becomes the root of all, so that its chain of rows can be built in one pass. They are sorted.
        var smallest = roots[0];
        foreach (var root in roots)
        {
            parent[root] = smallest;
            traits[smallest] |= traits[root];
        }
    }

    private int RootOf(int row)
    {
        while (parent[row] != row)
        {
            row = parent[row] = parent[parent[row]];
        }

        return row;
    }

    private ImmutableArray<Device> Devices()
    {
        var members = seen;
        var count = 0;

        // Chains the rows of each device, starting from its root, which is its smallest row.
        var tail = new int[rows.Count];
        for (var i = 0; i < rows.Count; i++)
        {
            members[i] = -1;
            var root = RootOf(i);
            if (root == i)
            {
                count++;
            }
            else
            {
                members[tail[root]] = i;
            }

            tail[root] = i;
        }

        var devices = new Device[count];
        var next = 0;
        var device = new List<SourceRow>();
        var compare = DeviceMerge.Comparison(rows);
        var indices = new List<int>();
        for (var i = 0; i < rows.Count; i++)
        {
            if (parent[i] != i)
            {
                continue;
            }

            if (members[i] < 0)
            {
                devices[next++] = rows[i].Device;
                continue;
            }

            indices.Clear();
            for (var member = i; member >= 0; member = members[member])
            {
                indices.Add(member);
            }

            indices.Sort(compare);
            device.Clear();
            foreach (var index in indices)
            {
                device.Add(rows[index]);
            }

            devices[next++] = DeviceMerge.Merge(device, problems);
        }

        DeviceOrder.Sort(devices);
        return ImmutableCollectionsMarshal.AsImmutableArray(devices);
    }

    /// <summary>A text that is compared ignoring case.</summary>
    private readonly record struct Text(string Value)
    {
        public bool Equals(Text other) => string.Equals(Value, other.Value, StringComparison.OrdinalIgnoreCase);

        public override int GetHashCode() => string.GetHashCode(Value, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>A name in a domain.</summary>
    private readonly record struct DomainName(int Domain, string Name)
    {
        public bool Equals(DomainName other) => Domain == other.Domain && string.Equals(Name, other.Name, StringComparison.OrdinalIgnoreCase);

        public override int GetHashCode() => HashCode.Combine(Domain, string.GetHashCode(Name, StringComparison.OrdinalIgnoreCase));

        public int CompareTo(DomainName other) => Domain != other.Domain ? Domain.CompareTo(other.Domain) : string.Compare(Name, other.Name, StringComparison.OrdinalIgnoreCase);
    }
}
