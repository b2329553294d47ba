namespace MdbDeploy.Inventory;

/// <summary>Keeps one copy of texts that many rows share: domains, organisational units, sites.</summary>
internal sealed class StringPool
{
    private const int Most = 1 << 16;
    private const int Longest = 512;

    private readonly HashSet<string> texts = new(StringComparer.Ordinal);
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> lookup;
    private readonly Dictionary<string, string?> domains = new(StringComparer.Ordinal);

    /// <summary>Creates an empty pool.</summary>
    public StringPool() => lookup = texts.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The text as a string.</summary>
    public string Get(ReadOnlySpan<char> text)
    {
        if (lookup.TryGetValue(text, out var known))
        {
            return known;
        }

        var created = text.ToString();
        if (texts.Count < Most && created.Length <= Longest)
        {
            texts.Add(created);
        }

        return created;
    }

    /// <summary>DNS name of the domain in a pooled distinguished name; null when it names none.</summary>
    public string? DomainOf(string dn)
    {
        if (!domains.TryGetValue(dn, out var domain))
        {
            domain = DirectoryPath.DomainOf(dn) is { } found ? Get(found) : null;
            if (domains.Count < Most)
            {
                domains.Add(dn, domain);
            }
        }

        return domain;
    }
}
