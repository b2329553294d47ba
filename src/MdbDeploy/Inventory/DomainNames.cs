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
    public DomainNames(List<SourceRow> rows)
    {
        var domains = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var dnsNames = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var row in rows)
        {
            var suffix = SuffixOf(row.Device.Fqdn);
            if (!suffix.IsEmpty)
            {
                dnsNames.GetAlternateLookup<ReadOnlySpan<char>>().Add(suffix);
            }

            if (row.Device.Domain is { } domain)
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

    /// <summary>A number that all names of one domain share, for a domain of the rows.</summary>
    public int NumberOf(string domain) => numbers[domain];

    /// <summary>The part of a DNS name behind the host.</summary>
    public static ReadOnlySpan<char> SuffixOf(string? fqdn) => fqdn is null ? default : fqdn.AsSpan(fqdn.IndexOf('.') + 1);

    private void Learn(string domain, ReadOnlySpan<char> suffix)
    {
        if (suffix.IsEmpty || domain.Contains('.'))
        {
            return;
        }

        if (!seenWith.TryGetValue(domain, out var known))
        {
            seenWith.Add(domain, suffix.ToString());
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
