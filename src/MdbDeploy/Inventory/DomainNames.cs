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

    /// <summary>Learns from all rows; their order does not matter.</summary>
    public DomainNames(DeviceRows rows)
    {
        var pairs = new HashSet<(int Domain, int Suffix)>();
        rows.InBlocks((from, end) =>
        {
            var some = new HashSet<(int Domain, int Suffix)>();
            var last = (Domain: 0, Suffix: 0);
            for (var row = from; row < end; row++)
            {
                var pair = (rows.Shared(row).Domain, rows.Own(row).FqdnSuffix);
                if (pair != last)
                {
                    some.Add(last = pair);
                }
            }

            lock (pairs)
            {
                pairs.UnionWith(some);
            }
        });

        var domains = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var dnsNames = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var pair in pairs)
        {
            var suffix = rows.Texts[pair.Suffix];
            if (suffix is not null)
            {
                dnsNames.Add(suffix);
            }

            if (rows.Texts[pair.Domain] is { } domain)
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
        var number = 0;
        foreach (var same in domains.GroupBy(Canonical, StringComparer.OrdinalIgnoreCase).OrderBy(group => group.Key, StringComparer.OrdinalIgnoreCase))
        {
            foreach (var domain in same)
            {
                numbers.Add(domain, number);
            }

            number++;
        }
    }

    /// <summary>A number that all names of one domain share; negative for a domain that no row has.</summary>
    public int NumberOf(string domain) => numbers.GetValueOrDefault(domain, -1);

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
