using MdbDeploy.Diagnostics;

namespace MdbDeploy.Inventory;

/// <summary>
/// Finds the rows that describe one device. Keys are tried from the strongest to the weakest: Entra device id, serial number, Intune id, SMSID, objectGUID,
/// DNS name, domain and name, name alone. Rows that share a key are one device unless two of them, or what they were united with before, differ in a stronger key; then
/// none is united by that key and the ambiguity is reported. The result does not depend on the order of rows in a file.
/// </summary>
internal sealed class FleetMerge
{
    private static readonly string[] KeyNames = ["Entra device id", "serial number", "Intune device id", "SMSID", "objectGUID", "DNS name", "domain and name", "name"];

    /// <summary>Index of the key that no bit stands for.</summary>
    private static readonly int NameAlone = KeyNames.Length - 1;

    private readonly DeviceRows rows;
    private readonly int[] parent;
    private readonly Traits[] traits;
    private readonly ProblemLog problems;
    private int[] seen = [];
    private bool hasUnited;

    private FleetMerge(DeviceRows rows, ProblemLog problems)
    {
        this.rows = rows;
        this.problems = problems;
        parent = new int[rows.Count];
        traits = new Traits[rows.Count];
        rows.InBlocks((from, end) =>
        {
            for (var i = from; i < end; i++)
            {
                parent[i] = i;
                traits[i] = TraitsOf(rows.Own(i), rows.Shared(i));
            }
        });
    }

    /// <summary>What a row, or rows united so far, has: a bit per key, in the order of strength, and what tells records apart.</summary>
    [Flags]
    private enum Traits : ushort
    {
        None = 0,
        Entra = 1,
        Serial = 2,
        Intune = 4,
        Sms = 8,
        Directory = 16,
        Fqdn = 32,
        DomainName = 64,
        Keys = 127,

        /// <summary>Has an Entra device id that is more than the registration of somebody's account on the device.</summary>
        Joined = 128,
        Windows = 256,
        OtherSystem = 512,
    }

    /// <summary>Merges rows into devices, ordered as <see cref="Fleet.Devices"/> says.</summary>
    public static DeviceTable Merge(DeviceRows rows, ProblemLog problems, CancellationToken cancellation)
    {
        var merge = new FleetMerge(rows, problems);
        var keys = merge.Keys();
        var hashes = HashesOf(rows, keys);

        // Which rows may have a key in common does not depend on what is united, so it is found out for the next keys beside.
        var candidates = new Queue<Task<ulong[]>>(hashes.Take(Environment.ProcessorCount).Select(Candidates));
        for (var i = 0; i < keys.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var found = candidates.Dequeue().GetAwaiter().GetResult();
            if (i + Environment.ProcessorCount < keys.Count)
            {
                candidates.Enqueue(Candidates(hashes[i + Environment.ProcessorCount]));
            }

            merge.Unite(keys[i].Key, new SameKey(found, keys[i].RowKey, merge.AreOne));
        }

        cancellation.ThrowIfCancellationRequested();
        return merge.Devices();

        static Task<ulong[]> Candidates(uint[] hashes) => Task.Run(() => SameKey.Candidates(hashes), CancellationToken.None);
    }

    /// <summary>Hashes of all keys by row: a row is unpacked once.</summary>
    private static uint[][] HashesOf(DeviceRows rows, List<(Traits Key, RowKey RowKey)> keys)
    {
        var hashes = keys.Select(_ => new uint[rows.Count]).ToArray();
        var hashOf = keys.Select(key => key.RowKey.Hash).ToArray();
        rows.InBlocks((from, end) =>
        {
            for (var row = from; row < end; row++)
            {
                var own = rows.Own(row);
                var shared = rows.SharedOf(row);
                for (var key = 0; key < hashOf.Length; key++)
                {
                    hashes[key][row] = hashOf[key](own, shared);
                }
            }
        });
        return hashes;
    }

    /// <summary>The keys that some row has, the strongest first.</summary>
    private List<(Traits Key, RowKey RowKey)> Keys()
    {
        var (some, every) = (Traits.None, Traits.Keys);
        foreach (var trait in traits)
        {
            (some, every) = (some | trait, every & trait);
        }

        var all = new (Traits Key, RowKey RowKey)[]
        {
            (Traits.Entra, RowKey.Id(rows, (in own) => own.Entra)),
            (Traits.Serial, RowKey.Text(rows, (in own) => own.Serial)),
            (Traits.Intune, RowKey.Id(rows, (in own) => own.Intune)),
            (Traits.Sms, RowKey.Id(rows, (in own) => own.Sms)),
            (Traits.Directory, RowKey.Id(rows, (in own) => own.Directory)),
            (Traits.Fqdn, RowKey.Fqdn(rows)),
            (Traits.DomainName, RowKey.DomainName(rows)),
        };
        var keys = all.Where(key => (some & key.Key) != 0).ToList();
        if ((every & Traits.DomainName) == 0)
        {
            keys.Add((Traits.None, RowKey.Text(rows, (in own) => own.Name)));
        }

        return keys;
    }

    private static Traits TraitsOf(in PackedDevice own, in SharedFields shared) =>
        (own.Entra == Guid.Empty ? 0 : Traits.Entra | (shared.Join == JoinType.Registered ? 0 : Traits.Joined))
        | (own.Serial.IsEmpty ? 0 : Traits.Serial)
        | (own.Intune == Guid.Empty ? 0 : Traits.Intune)
        | (own.Sms == Guid.Empty ? 0 : Traits.Sms)
        | (own.Directory == Guid.Empty ? 0 : Traits.Directory)
        | (own.HasFqdn ? Traits.Fqdn : 0)
        | (shared.Domain == 0 ? 0 : Traits.DomainName)
        | (shared.Os switch
        {
            OsFamily.Unknown => 0,
            OsFamily.WindowsClient or OsFamily.WindowsServer => Traits.Windows,
            _ => Traits.OtherSystem,
        });

    private void Unite(Traits key, SameKey groups)
    {
        if (AreEntangled(groups))
        {
            // Uniting one group can decide about another, so they come in the order of their keys, which rows cannot change.
            groups.Sort();
        }

        for (var i = 0; i < groups.Count; i++)
        {
            UniteGroup(key, groups[i]);
        }
    }

    /// <summary>Whether rows united before lie in different groups.</summary>
    private bool AreEntangled(SameKey groups)
    {
        if (groups.Count == 0)
        {
            return false;
        }

        if (seen.Length == 0)
        {
            seen = new int[parent.Length];
        }

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
        if (AreOne(group))
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

    /// <summary>Whether rows are united already.</summary>
    private bool AreOne(ReadOnlySpan<int> group)
    {
        var first = RootOf(group[0]);
        foreach (var row in group[1..])
        {
            if (RootOf(row) != first)
            {
                return false;
            }
        }

        return true;
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
        for (var i = 0; i < NameAlone; i++)
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
        var least = records[^1];
        var places = string.Join(", ", records.Take(4).Select(record => rows.OriginOf(rows.SingleOrigin(record)!.Value)).Select(origin => $"{origin.File}({origin.Line})"));
        var (at, name) = (rows.OriginOf(rows.SingleOrigin(least)!.Value), rows.NameOf(least));
        problems.Add(rows.Source(least), problem.At(
            new Location(at.File, at.Line, Subject: name),
            $"{records.Count} records share the {KeyNames[KeyIndex(key)]} of '{RowNotes.Show(name)}', but {because}: {places}{(records.Count > 4 ? " and others" : "")}."));
    }

    private static int KeyIndex(Traits key) => key == Traits.None ? NameAlone : System.Numerics.BitOperations.TrailingZeroCount((int)key);

    private bool DiffersInOneFile(ReadOnlySpan<int> group)
    {
        var names = new Dictionary<int, string>();
        foreach (var row in group)
        {
            var (source, name) = (rows.Source(row), rows.NameOf(row));
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
        hasUnited = true;
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

    private DeviceTable Devices()
    {
        if (!hasUnited)
        {
            return new DeviceTable(rows, Task.Run(() => DeviceOrder.Of(rows)));
        }

        var members = seen;
        var count = 0;
        var sources = rows.Count;

        // Chains the rows of each device, starting from its root, which is its smallest row.
        var tail = new int[sources];
        for (var i = 0; i < sources; i++)
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

        var devices = new int[count];
        var next = 0;
        var device = new List<SourceRow>();
        var compare = DeviceMerge.Comparison(rows);
        var packed = new PackedMerge(rows);
        var indices = new List<int>();
        for (var i = 0; i < sources; i++)
        {
            if (parent[i] != i)
            {
                continue;
            }

            devices[next++] = i;
            if (members[i] < 0)
            {
                continue;
            }

            indices.Clear();
            for (var member = i; member >= 0; member = members[member])
            {
                indices.Add(member);
            }

            if (packed.TryMerge(i, indices))
            {
                continue;
            }

            indices.Sort(compare);
            device.Clear();
            foreach (var index in indices)
            {
                device.Add(rows.Row(index));
            }

            rows.Replace(i, DeviceMerge.Merge(device, problems));
        }

        rows.Keep(devices);
        return new DeviceTable(rows, Task.Run(() => DeviceOrder.Of(rows)));
    }
}
