using MdbDeploy.Inventory;

namespace MdbDeploy.Targets.Status;

/// <summary>
/// Finds what a live system says of a device of the plan: by Entra device id, else by DNS name, else by name. Names alone decide only where nothing better is known and nobody else
/// bears the name. Of several entries the last one given counts.
/// </summary>
internal sealed class ReportIndex<T>
    where T : class
{
    private readonly Dictionary<Guid, T> byId = [];
    private readonly Dictionary<string, T> byDns = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, T> byName = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> ambiguous = new(StringComparer.OrdinalIgnoreCase);
    private readonly Func<T, Guid?> idOf;
    private readonly Func<T, string?> dnsOf;

    /// <summary>Indexes entries.</summary>
    /// <param name="entries">The entries, the one that counts last.</param>
    /// <param name="idOf">Entra device id of an entry.</param>
    /// <param name="dnsOf">DNS name of an entry, or its bare name.</param>
    public ReportIndex(IEnumerable<T> entries, Func<T, Guid?> idOf, Func<T, string?> dnsOf)
    {
        (this.idOf, this.dnsOf) = (idOf, dnsOf);
        foreach (var entry in entries)
        {
            if (idOf(entry) is { } id && id != Guid.Empty)
            {
                byId[id] = entry;
            }

            if (dnsOf(entry) is not { Length: > 0 } dns)
            {
                continue;
            }

            byDns[dns] = entry;
            var name = dns.Split('.')[0];
            if (byName.TryGetValue(name, out var other) && !string.Equals(dnsOf(other), dns, StringComparison.OrdinalIgnoreCase))
            {
                ambiguous.Add(name);
            }

            byName[name] = entry;
        }
    }

    /// <summary>The entry of a device; null when there is none.</summary>
    public T? Find(Device device) =>
        device.EntraDeviceId is { } id && byId.TryGetValue(id, out var found) ? found
        : device.Fqdn is { } fqdn && byDns.TryGetValue(fqdn, out found) ? found
        : !ambiguous.Contains(device.Name) && byName.TryGetValue(device.Name, out found) && !Contradicts(device, found) ? found
        : null;

    private bool Contradicts(Device device, T found) =>
        (device.EntraDeviceId is { } id && idOf(found) is { } other && other != Guid.Empty && id != other)
        || (device.Fqdn is { } fqdn && dnsOf(found) is { } dns && dns.Contains('.', StringComparison.Ordinal) && !string.Equals(fqdn, dns, StringComparison.OrdinalIgnoreCase));
}
