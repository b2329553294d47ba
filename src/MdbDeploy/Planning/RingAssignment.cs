using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MdbDeploy.Inventory;
using MdbDeploy.Projects;

namespace MdbDeploy.Planning;

/// <summary>The ring of a device and why; no ring when none accepts it.</summary>
/// <param name="Ring">Position of the ring, or -1.</param>
/// <param name="Reason">Why, as a sentence.</param>
internal readonly record struct RingPlace(int Ring, string Reason);

/// <summary>
/// Puts devices into rings, ring by ring in roll-out order. Who is chosen depends on a hash of ring name and <see cref="Device.Identity"/> alone, so that a
/// device keeps its ring when others are added; only <c>max</c> looks at the others, and moves devices at its boundary.
/// </summary>
internal sealed class RingAssignment(ImmutableArray<RingSettings> rings, ImmutableArray<DeviceExpression?> matches)
{
    /// <summary>Assigns devices to rings.</summary>
    /// <param name="devices">Devices that are to be in a ring.</param>
    /// <param name="explain">Called for each ring that was tried for a device: position of the device, position of the ring, what came of it.</param>
    public RingPlace[] Assign(IReadOnlyList<Device> devices, Action<int, int, string>? explain = null)
    {
        var places = new RingPlace[devices.Count];
        Array.Fill(places, new RingPlace(-1, "No ring accepts it."));
        var wished = devices.Select(device => IndexOf(device.RequestedRing)).ToArray();
        for (var ring = 0; ring < rings.Length; ring++)
        {
            Fill(ring, devices, wished, places, explain);
        }

        return places;
    }

    /// <summary>Position of the ring of that name, ignoring case; -1 when there is none.</summary>
    public int IndexOf(string? name) => name is null ? -1 : Array.FindIndex([.. rings], ring => string.Equals(ring.Name, name, StringComparison.OrdinalIgnoreCase));

    private void Fill(int ring, IReadOnlyList<Device> devices, int[] wished, RingPlace[] places, Action<int, int, string>? explain)
    {
        var settings = rings[ring];
        var accepted = new List<(int Index, ulong Hash)>();
        var taken = 0;
        for (var i = 0; i < devices.Count; i++)
        {
            if (places[i].Ring >= 0)
            {
                continue;
            }

            if (wished[i] >= 0)
            {
                if (wished[i] == ring)
                {
                    taken++;
                    places[i] = new(ring, $"The inventory asks for ring '{settings.Name}'.");
                }

                explain?.Invoke(i, ring, wished[i] == ring ? "The inventory asks for it." : "The inventory asks for another ring.");
            }
            else if (matches[ring]?.Holds(devices[i]) == false)
            {
                explain?.Invoke(i, ring, $"Its match \"{matches[ring]!.Text}\" does not hold: {matches[ring]!.Values(devices[i])}.");
            }
            else if (settings is { Percent: null, Max: null })
            {
                accepted.Add((i, 0));
            }
            else if (Hash(settings.Name, devices[i]) is var hash && !settings.Balanced && settings.Percent is { } percent && Share(hash) >= percent)
            {
                explain?.Invoke(i, ring, string.Create(CultureInfo.InvariantCulture, $"Its place in the ring's order is {Share(hash):0.##} of 100, and the ring takes those below {percent:0.##}."));
            }
            else
            {
                accepted.Add((i, hash));
            }
        }

        var free = settings.Max is { } max ? Math.Max(0, max - taken) : int.MaxValue;
        if (settings is { Balanced: true } and not { Percent: null, Max: null })
        {
            accepted = Balance(settings, free, devices, accepted, explain is null ? null : (device, outcome) => explain(device, ring, outcome));
        }
        else if (accepted.Count > free)
        {
            accepted = InOrder(accepted, devices);
            foreach (var (index, _) in accepted.Skip(free))
            {
                explain?.Invoke(index, ring, $"The ring takes {settings.Max}, and others come first in its order.");
            }

            accepted.RemoveRange(free, accepted.Count - free);
        }

        var reason = Reason(settings);
        foreach (var (index, _) in accepted)
        {
            places[index] = new(ring, reason);
            explain?.Invoke(index, ring, reason);
        }
    }

    private static List<(int Index, ulong Hash)> Balance(
        RingSettings settings, int free, IReadOnlyList<Device> devices, List<(int Index, ulong Hash)> candidates, Action<int, string>? explain)
    {
        var bySite = candidates.GroupBy(x => devices[x.Index].Site ?? "", StringComparer.OrdinalIgnoreCase).ToDictionary(site => site.Key.ToUpperInvariant(), site => site.ToList(), StringComparer.Ordinal);
        var shares = SiteShares.Of(bySite.ToDictionary(site => site.Key, site => site.Value.Count, StringComparer.Ordinal), settings.Percent, free);
        var accepted = new List<(int Index, ulong Hash)>();
        foreach (var (site, share) in shares)
        {
            var ordered = InOrder(bySite[site], devices);
            accepted.AddRange(ordered.Take(share));
            foreach (var (index, _) in ordered.Skip(share))
            {
                explain?.Invoke(index, $"The ring takes {share} of {ordered.Count} at its site, and others come first in its order.");
            }
        }

        return accepted;
    }

    private static List<(int Index, ulong Hash)> InOrder(List<(int Index, ulong Hash)> candidates, IReadOnlyList<Device> devices) =>
        [.. candidates.OrderBy(x => x.Hash).ThenBy(x => devices[x.Index].Identity, StringComparer.Ordinal).ThenBy(x => devices[x.Index].Name, StringComparer.Ordinal)];

    private static string Reason(RingSettings ring)
    {
        var limits = string.Create(CultureInfo.InvariantCulture, $"{(ring.Percent is { } percent ? $", among {percent:0.##} percent" : "")}{(ring.Max is { } max ? $", among at most {max}" : "")}{(ring is { Balanced: true } and not { Percent: null, Max: null } ? ", every site alike" : "")}");
        return ring.Match is { } match ? $"Ring '{ring.Name}': \"{match.Trim()}\" holds{limits}."
            : limits.Length > 0 ? $"Ring '{ring.Name}': chosen{limits}."
            : $"Ring '{ring.Name}' takes all that are left.";
    }

    // Salted with the ring's name: otherwise a second ring's percentage would be taken of what the first left at the top of the same order.
    private static ulong Hash(string ring, Device device) =>
        BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{ring.ToLowerInvariant()}\n{device.Identity}")));

    // 0 up to, but not including, 100.
    private static double Share(ulong hash) => (hash >> 11) * (100.0 / (1UL << 53));
}
