namespace MdbDeploy.Inventory;

/// <summary>
/// What the keys of rows hash to, and what rows have. All of it is found in one walk through the rows, since they are more than a processor keeps near: a second walk takes longer than what it
/// asks for.
/// </summary>
internal sealed class RowHashes
{
    private readonly DeviceRows rows;
    private readonly Dictionary<RowTraits, uint[]> hashes;

    /// <summary>Walks through the rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="united">Receives what they have.</param>
    public RowHashes(DeviceRows rows, UnitedRows united)
    {
        this.rows = rows;
        var (entra, serial, intune, sms, directory, fqdn, name) = (NewHashes(), NewHashes(), NewHashes(), NewHashes(), NewHashes(), NewHashes(), NewHashes());
        hashes = new()
        {
            [RowTraits.Entra] = entra,
            [RowTraits.Serial] = serial,
            [RowTraits.Intune] = intune,
            [RowTraits.Sms] = sms,
            [RowTraits.Directory] = directory,
            [RowTraits.Fqdn] = fqdn,
            [RowTraits.None] = name,
        };
        var (gate, suffixes, pairs) = (new Lock(), rows.Texts.Hashes(), new HashSet<(int Domain, int Suffix)>());
        Every = RowTraits.Keys;
        rows.InBlocks((from, end) =>
        {
            var (some, every, last, seen) = (RowTraits.None, RowTraits.Keys, (Domain: 0, Suffix: 0), new HashSet<(int Domain, int Suffix)>());
            for (var row = from; row < end; row++)
            {
                var packed = rows.Own(row);
                var own = packed.Unpack();
                ref readonly var shared = ref rows.Shared(row);
                var traits = packed.Keys | TraitsOf(own, shared);
                united.Start(row, traits);
                (some, every) = (some | traits, every & traits);
                Put(entra, row, KeyHash.Of(own.Entra));
                Put(serial, row, KeyHash.Of(own.Serial));
                Put(intune, row, KeyHash.Of(own.Intune));
                Put(sms, row, KeyHash.Of(own.Sms));
                Put(directory, row, KeyHash.Of(own.Directory));
                Put(fqdn, row, own.HasFqdn ? KeyHash.Of(own.Host, suffixes[own.FqdnSuffix]) : 0);
                Put(name, row, KeyHash.Of(own.Name));
                if ((shared.Domain, own.FqdnSuffix) is var pair && pair != last)
                {
                    seen.Add(last = pair);
                }
            }

            lock (gate)
            {
                (Some, Every) = (Some | some, Every & every);
                pairs.UnionWith(seen);
            }
        });
        Domains = new DomainNames(rows.Texts, pairs).NumbersOf(rows);
    }

    /// <summary>What some row has.</summary>
    public RowTraits Some { get; private set; }

    /// <summary>What every row has.</summary>
    public RowTraits Every { get; private set; }

    /// <summary>Number of the domain of each combination of shared fields, which all names of one domain share; 0 for none.</summary>
    public int[] Domains { get; }

    /// <summary>Takes the hashes of a key by row; 0 where a row has none.</summary>
    public uint[] Take(RowTraits key)
    {
        if (key != RowTraits.DomainName)
        {
            hashes.Remove(key, out var taken);
            return taken!;
        }

        var (names, inDomains) = (hashes[RowTraits.None], NewHashes());
        rows.InParallel(row => inDomains[row] = Domains[rows.SharedOf(row)] is not 0 and var domain ? KeyHash.With(names[row], domain) : 0);
        return inDomains;
    }

    // Where no row has a key, its hashes take no memory as long as none is written.
    private static void Put(uint[] hashes, int row, uint hash)
    {
        if (hash != 0)
        {
            hashes[row] = hash;
        }
    }

    private uint[] NewHashes() => new uint[rows.Count];

    private static RowTraits TraitsOf(in OwnFields own, in SharedFields shared) =>
        (own.Entra == Guid.Empty || shared.Join == JoinType.Registered ? 0 : RowTraits.Joined)
        | (shared.Domain == 0 ? 0 : RowTraits.DomainName)
        | (shared.Os switch
        {
            OsFamily.Unknown => 0,
            OsFamily.WindowsClient or OsFamily.WindowsServer => RowTraits.Windows,
            _ => RowTraits.OtherSystem,
        });
}
