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
    private readonly HashSet<string> dnsNames = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Learns from all rows; the order does not matter.</summary>
    public DomainNames(List<SourceRow> rows)
    {
        var dnsLookup = dnsNames.GetAlternateLookup<ReadOnlySpan<char>>();
        var seenLookup = seenWith.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var row in rows)
        {
            var suffix = SuffixOf(row.Device.Fqdn);
            if (!suffix.IsEmpty)
            {
                dnsLookup.Add(suffix);
            }

            if (row.Device.Domain is not { } domain)
            {
                continue;
            }

            if (domain.Contains('.'))
            {
                dnsNames.Add(domain);
            }
            else if (!suffix.IsEmpty)
            {
                if (!seenLookup.TryGetValue(domain, out var known))
                {
                    seenWith.Add(domain, suffix.ToString());
                }
                else if (known is not null && !suffix.Equals(known, StringComparison.OrdinalIgnoreCase))
                {
                    seenWith[domain] = null;
                }
            }
        }

        foreach (var dns in dnsNames)
        {
            var label = dns[..dns.IndexOf('.')];
            byLabel[label] = byLabel.ContainsKey(label) ? null : dns;
        }
    }

    /// <summary>A number that all names of one domain share.</summary>
    public int NumberOf(string domain)
    {
        if (!numbers.TryGetValue(domain, out var number))
        {
            var name = Canonical(domain);
            if (!numbers.TryGetValue(name, out number))
            {
                numbers.Add(name, number = numbers.Count);
            }

            numbers.TryAdd(domain, number);
        }

        return number;
    }

    /// <summary>The part of a DNS name behind the host.</summary>
    public static ReadOnlySpan<char> SuffixOf(string? fqdn) => fqdn is null ? default : fqdn.AsSpan(fqdn.IndexOf('.') + 1);

    private string Canonical(string domain) =>
        domain.Contains('.') ? domain
        : seenWith.TryGetValue(domain, out var dns) ? dns ?? domain
        : byLabel.TryGetValue(domain, out var labelled) ? labelled ?? domain
        : domain;
}
