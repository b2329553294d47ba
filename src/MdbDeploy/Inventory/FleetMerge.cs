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

    private const int SmallGroup = 16;

    private readonly DeviceRows rows;
    private readonly ProblemLog problems;
    private readonly UnitedRows united;

    private FleetMerge(DeviceRows rows, ProblemLog problems)
    {
        this.rows = rows;
        this.problems = problems;
        united = new UnitedRows(rows);
    }

    /// <summary>Merges rows into devices, ordered as <see cref="Fleet.Devices"/> says.</summary>
    public static DeviceTable Merge(DeviceRows rows, ProblemLog problems, CancellationToken cancellation)
    {
        var merge = new FleetMerge(rows, problems);
        foreach (var (key, rowKey, hashes) in merge.Keys())
        {
            cancellation.ThrowIfCancellationRequested();
            merge.Unite(key, new SameKey(rows, rowKey, hashes, merge.united));
        }

        cancellation.ThrowIfCancellationRequested();
        MergedRows.Make(rows, merge.united, problems);
        return new DeviceTable(rows, Task.Run(() => DeviceOrder.Of(rows)));
    }

    /// <summary>The keys that some row has, the strongest first, with their hashes.</summary>
    private IEnumerable<(RowTraits Key, RowKey RowKey, uint[] Hashes)> Keys()
    {
        var hashes = new RowHashes(rows, united);
        var all = new (RowTraits Key, RowKey RowKey)[]
        {
            (RowTraits.Entra, RowKey.Id(rows, (in own) => own.Entra)),
            (RowTraits.Serial, RowKey.Text(rows, (in own) => own.Serial)),
            (RowTraits.Intune, RowKey.Id(rows, (in own) => own.Intune)),
            (RowTraits.Sms, RowKey.Id(rows, (in own) => own.Sms)),
            (RowTraits.Directory, RowKey.Id(rows, (in own) => own.Directory)),
            (RowTraits.Fqdn, RowKey.Fqdn(rows)),
            (RowTraits.DomainName, RowKey.DomainName(rows, hashes.Domains)),
        };
        foreach (var (key, rowKey) in all.Where(key => (hashes.Some & key.Key) != 0))
        {
            yield return (key, rowKey, hashes.Take(key));
        }

        if ((hashes.Every & RowTraits.DomainName) == 0)
        {
            yield return (RowTraits.None, RowKey.Text(rows, (in own) => own.Name), hashes.Take(RowTraits.None));
        }
    }

    private void Unite(RowTraits key, SameKey groups)
    {
        if (groups.Count == 0)
        {
            return;
        }

        if (!AreEntangled(groups))
        {
            groups.InParallel(group => TryUnite(key, group)).ForEach(group => Tell(key, group));
            return;
        }

        // Uniting one group can decide about another, so they come in the order of their keys, which rows cannot change.
        foreach (var group in groups.InOrder())
        {
            if (!TryUnite(key, group))
            {
                Tell(key, group);
            }
        }
    }

    /// <summary>Whether rows united before lie in different groups.</summary>
    private bool AreEntangled(SameKey groups)
    {
        if (!united.HasUnited)
        {
            return false;
        }

        united.ForgetClaims();
        return groups.InParallel(united.TryClaim).Count > 0;
    }

    /// <summary>Makes one device of rows that share a key; false when something speaks against it.</summary>
    private bool TryUnite(RowTraits key, ReadOnlySpan<int> group)
    {
        var roots = united.RootsOf(group, group.Length <= SmallGroup ? stackalloc int[SmallGroup] : new int[group.Length]);
        if (roots.Length == 1)
        {
            return true;
        }

        if (Contradiction(key, roots) is not null || (IsOftenCopied(key) && DiffersInOneFile(group)))
        {
            return false;
        }

        united.Unite(roots);
        return true;
    }

    /// <summary>Tells why rows that share a key stay separate, or some of them.</summary>
    private void Tell(RowTraits key, int[] group)
    {
        int[] roots = [.. united.RootsOf(group, new int[group.Length])];
        if (Contradiction(key, roots) is not { } because)
        {
            Report(Problems.DeviceMatchIsAmbiguous, key, roots, "one file gives it to devices of different names");
            return;
        }

        // Somebody's account registered on a device is not the device's own identity: without such records the rest may agree.
        var joined = Array.FindAll(roots, root => (united.TraitsOf(root) & (RowTraits.Entra | RowTraits.Joined)) != RowTraits.Entra);
        if (IsByName(key) && joined.Length > 0 && joined.Length < roots.Length && Contradiction(key, joined) is null)
        {
            united.Unite(joined);
            Report(Problems.DevicesShareAName, key, roots, "some are only registered in Entra with somebody's account, and stay separate");
        }
        else
        {
            ReportContradiction(key, roots, because);
        }
    }

    private static bool IsByName(RowTraits key) => key is RowTraits.None or RowTraits.DomainName or RowTraits.Fqdn;

    /// <summary>Placeholders that nobody knows, and clients that were cloned with their image.</summary>
    private static bool IsOftenCopied(RowTraits key) => key is RowTraits.Serial or RowTraits.Sms;

    /// <summary>
    /// Why records that share a key cannot be one device; null when they can. Records that have a stronger key in common are united already, so two that have
    /// one differ in it.
    /// </summary>
    private string? Contradiction(RowTraits key, ReadOnlySpan<int> roots)
    {
        RowTraits once = 0, twice = 0;
        foreach (var root in roots)
        {
            twice |= once & united.TraitsOf(root);
            once |= united.TraitsOf(root);
        }

        var stronger = key == RowTraits.None ? RowTraits.Keys : (RowTraits)((int)key - 1) & RowTraits.Keys;
        for (var i = 0; i < NameAlone; i++)
        {
            if (((int)(twice & stronger) >> i & 1) == 1)
            {
                return KeyNames[i];
            }
        }

        return IsByName(key) && (once & (RowTraits.Windows | RowTraits.OtherSystem)) == (RowTraits.Windows | RowTraits.OtherSystem) ? "operating system" : null;
    }

    private void ReportContradiction(RowTraits key, int[] roots, string because)
    {
        if (key != RowTraits.None)
        {
            Report(Problems.DeviceMatchIsAmbiguous, key, roots, $"they differ in {because}");
            return;
        }

        // The same name in two domains is two devices; only a record without a domain could be either. Records that all have an Entra device id are no riddle.
        if (roots.Any(root => (united.TraitsOf(root) & RowTraits.DomainName) == 0))
        {
            var isRiddle = roots.Any(root => (united.TraitsOf(root) & RowTraits.Entra) == 0);
            Report(isRiddle ? Problems.DeviceMatchIsAmbiguous : Problems.DevicesShareAName, key, roots, $"they differ in {because}");
        }
    }

    private void Report(Problem problem, RowTraits key, int[] roots, string because)
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

    private static int KeyIndex(RowTraits key) => key == RowTraits.None ? NameAlone : System.Numerics.BitOperations.TrailingZeroCount((int)key);

    private bool DiffersInOneFile(ReadOnlySpan<int> group)
    {
        if (!MayHaveRowsOfOneFile(group))
        {
            return false;
        }

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

    private bool MayHaveRowsOfOneFile(ReadOnlySpan<int> group)
    {
        var sources = 0UL;
        foreach (var row in group)
        {
            var source = 1UL << rows.Source(row);
            if ((sources & source) != 0)
            {
                return true;
            }

            sources |= source;
        }

        return false;
    }
}
