namespace MdbDeploy.Inventory;

/// <summary>
/// Which domain names mean the same domain. A NetBIOS name stands for the DNS domain that records with both connect it with, else for the only DNS domain whose
/// first label it is; otherwise it stands for itself.
/// </summary>
internal sealed class DomainNames
{
    private readonly Dictionary<string, int> numbers = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, string?> seenWith = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, string?> byLabel = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Learns from what rows have together; their order does not matter.</summary>
    /// <param name="texts">The names.</param>
    /// <param name="pairs">Domain and DNS suffix of rows, as numbers.</param>
    public DomainNames(TextPool texts, IEnumerable<(int Domain, int Suffix)> pairs)
    {
        var domains = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var dnsNames = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var pair in pairs)
        {
            var suffix = texts[pair.Suffix];
            if (suffix is not null)
            {
                dnsNames.Add(suffix);
            }

            if (texts[pair.Domain] is { } domain)
            {
                domains.Add(domain);
                if (domain.Contains('.'))
                {
                    dnsNames.Add(domain);
                }

                Learn(domain, suffix);
            }
        }

        foreach (var dns in dnsNames)
        {
            var label = dns.Split('.')[0];
            byLabel[label] = byLabel.ContainsKey(label) ? null : dns;
        }

        // Numbered in the order of names, not of rows.
        var number = 1;
        foreach (var same in domains.GroupBy(Canonical, StringComparer.OrdinalIgnoreCase).OrderBy(group => group.Key, StringComparer.OrdinalIgnoreCase))
        {
            foreach (var domain in same)
            {
                numbers.Add(domain, number);
            }

            number++;
        }
    }

    /// <summary>For each combination of shared fields a number that all names of its domain share; 0 without a domain.</summary>
    public int[] NumbersOf(DeviceRows rows)
    {
        var domains = new int[rows.SharedCount];
        for (var shared = 0; shared < domains.Length; shared++)
        {
            // Fields that no row has any more stay behind from pieces that were read again.
            domains[shared] = rows.Texts[rows.SharedAt(shared).Domain] is { } domain ? numbers.GetValueOrDefault(domain) : 0;
        }

        return domains;
    }

    private void Learn(string domain, string? suffix)
    {
        if (suffix is null || domain.Contains('.'))
        {
            return;
        }

        if (!seenWith.TryGetValue(domain, out var known))
        {
            seenWith.Add(domain, suffix);
        }
        else if (known is not null && !suffix.Equals(known, StringComparison.OrdinalIgnoreCase))
        {
            seenWith[domain] = null;
        }
    }

    private string Canonical(string domain) =>
        domain.Contains('.') ? domain
        : seenWith.TryGetValue(domain, out var dns) ? dns ?? domain
        : byLabel.TryGetValue(domain, out var labelled) ? labelled ?? domain
        : domain;
}
