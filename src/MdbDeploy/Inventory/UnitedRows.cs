namespace MdbDeploy.Inventory;

/// <summary>
/// Which rows are known to be one device: all of them lead to the smallest, their root. Several threads may ask, and unite, as long as none asks about rows that another unites.
/// </summary>
internal sealed class UnitedRows
{
    private readonly DeviceRows rows;
    private readonly int[] parent;
    private readonly RowTraits[] traits;

    /// <summary>Starts with each row on its own.</summary>
    public UnitedRows(DeviceRows rows)
    {
        this.rows = rows;
        parent = new int[rows.Count];
        traits = new RowTraits[rows.Count];
        rows.InParallel(row => (parent[row], traits[row]) = (row, TraitsOf(rows.Own(row).Keys, rows.Shared(row))));
    }

    /// <summary>Whether any rows were united.</summary>
    public bool HasUnited { get; private set; }

    /// <summary>What some row has, and what every row has.</summary>
    public (RowTraits Some, RowTraits Every) Traits()
    {
        var (some, every) = (RowTraits.None, RowTraits.Keys);
        foreach (var trait in traits)
        {
            (some, every) = (some | trait, every & trait);
        }

        return (some, every);
    }

    /// <summary>What the rows have that a root stands for.</summary>
    public RowTraits TraitsOf(int root) => traits[root];

    /// <summary>The smallest of the rows that a row is one device with.</summary>
    public int RootOf(int row)
    {
        while (parent[row] != row)
        {
            row = parent[row] = parent[parent[row]];
        }

        return row;
    }

    /// <summary>The roots of rows, each once, in ascending order.</summary>
    /// <param name="group">The rows.</param>
    /// <param name="roots">Room for as many.</param>
    public ReadOnlySpan<int> RootsOf(ReadOnlySpan<int> group, Span<int> roots)
    {
        for (var i = 0; i < group.Length; i++)
        {
            roots[i] = RootOf(group[i]);
        }

        roots = roots[..group.Length];
        roots.Sort();
        var count = 1;
        for (var i = 1; i < roots.Length; i++)
        {
            if (roots[i] != roots[i - 1])
            {
                roots[count++] = roots[i];
            }
        }

        return roots[..count];
    }

    /// <summary>Makes one device of the rows of some roots, given in ascending order.</summary>
    public void Unite(ReadOnlySpan<int> roots)
    {
        HasUnited = true;
        var smallest = roots[0];
        foreach (var root in roots)
        {
            parent[root] = smallest;
            traits[smallest] |= traits[root];
        }
    }

    /// <summary>The roots in ascending order, and after each row the next that is one device with it; 0 when there is none.</summary>
    public (int[] Roots, int[] Next) Devices()
    {
        rows.InParallel(row => parent[row] = RootOf(row));
        var (next, last, count) = (new int[parent.Length], new int[parent.Length], 0);
        for (var row = 0; row < parent.Length; row++)
        {
            var root = parent[row];
            if (root == row)
            {
                count++;
            }
            else
            {
                next[last[root]] = row;
            }

            last[root] = row;
        }

        var roots = new int[count];
        for (var row = parent.Length - 1; count > 0; row--)
        {
            if (parent[row] == row)
            {
                roots[--count] = row;
            }
        }

        return (roots, next);
    }

    private static RowTraits TraitsOf(RowTraits own, in SharedFields shared) =>
        own
        | ((own & RowTraits.Entra) == 0 || shared.Join == JoinType.Registered ? 0 : RowTraits.Joined)
        | (shared.Domain == 0 ? 0 : RowTraits.DomainName)
        | (shared.Os switch
        {
            OsFamily.Unknown => 0,
            OsFamily.WindowsClient or OsFamily.WindowsServer => RowTraits.Windows,
            _ => RowTraits.OtherSystem,
        });
}
