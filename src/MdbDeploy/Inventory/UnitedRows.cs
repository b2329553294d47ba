namespace MdbDeploy.Inventory;

/// <summary>
/// Which rows are known to be one device: all of them lead to the smallest, their root. Several threads may ask, and unite, as long as none asks about rows that another unites.
/// </summary>
internal sealed class UnitedRows
{
    private readonly DeviceRows rows;
    private readonly Node[] nodes;

    /// <summary>Prepares for rows, each of which is then to be started.</summary>
    public UnitedRows(DeviceRows rows)
    {
        this.rows = rows;
        nodes = new Node[rows.Count];
    }

    /// <summary>Whether any rows were united.</summary>
    public bool HasUnited { get; private set; }

    /// <summary>Starts with a row on its own.</summary>
    /// <param name="row">The row.</param>
    /// <param name="traits">What it has.</param>
    public void Start(int row, RowTraits traits) => nodes[row] = new Node { Parent = row, Traits = traits };

    /// <summary>What the rows have that a root stands for.</summary>
    public RowTraits TraitsOf(int root) => nodes[root].Traits;

    /// <summary>Tells that the root of a row will be asked for soon.</summary>
    public void Fetch(int row) => Memory.Fetch(ref nodes[row]);

    /// <summary>Tells that the root of a row will be asked for soon, which was fetched itself.</summary>
    public void FetchRoot(int row) => Memory.Fetch(ref nodes[nodes[row].Parent]);

    /// <summary>The smallest of the rows that a row is one device with.</summary>
    public int RootOf(int row)
    {
        while (nodes[row].Parent is var parent && parent != row)
        {
            row = nodes[row].Parent = nodes[parent].Parent;
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
            nodes[root].Parent = smallest;
            nodes[smallest].Traits |= nodes[root].Traits;
        }
    }

    /// <summary>Lets groups of rows, which have no row in common, claim roots anew.</summary>
    public void ForgetClaims() => rows.InParallel(row => nodes[row].Claim = 0);

    /// <summary>Claims the roots of the rows of a group; false when another group has one of them. Several threads may claim.</summary>
    public bool TryClaim(ReadOnlySpan<int> group)
    {
        // Groups have no row in common, so the first tells them apart.
        var own = group[0] + 1;
        foreach (var row in group)
        {
            if (Interlocked.CompareExchange(ref nodes[RootOf(row)].Claim, own, 0) is not 0 and var other && other != own)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The roots in ascending order, and after each row the next that is one device with it; 0 when there is none.</summary>
    public (int[] Roots, int[] Next) Devices()
    {
        rows.InParallel(row => nodes[row].Parent = RootOf(row));
        var (next, last, count) = (new int[nodes.Length], new int[nodes.Length], 0);
        for (var row = 0; row < nodes.Length; row++)
        {
            var root = nodes[row].Parent;
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
        for (var row = nodes.Length - 1; count > 0; row--)
        {
            if (nodes[row].Parent == row)
            {
                roots[--count] = row;
            }
        }

        return (roots, next);
    }

    /// <summary>What is known of a row, side by side since it is asked for together.</summary>
    private struct Node
    {
        /// <summary>A smaller row that it is one device with; the row itself when it is a root.</summary>
        public int Parent;

        /// <summary>The group that claimed this root; 0 when none did.</summary>
        public int Claim;
        public RowTraits Traits;
    }
}
