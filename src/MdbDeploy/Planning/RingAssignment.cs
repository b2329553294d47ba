using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using MdbDeploy.Inventory;
using MdbDeploy.Projects;

namespace MdbDeploy.Planning;

/// <summary>The ring of a device.</summary>
/// <param name="Ring">Position of the ring, or -1.</param>
/// <param name="IsWished">Whether the inventory asks for it.</param>
internal readonly record struct RingPlace(int Ring, bool IsWished = false);

/// <summary>
/// Puts devices into rings, ring by ring in roll-out order. Who is chosen depends on a hash of ring name and <see cref="Device.Identity"/> alone, so that a
/// device keeps its ring when others are added; only <c>max</c> looks at the others, and moves devices at its boundary.
/// </summary>
internal sealed class RingAssignment(ImmutableArray<RingSettings> rings, ImmutableArray<DeviceExpression?> matches)
{
    /// <summary>Assigns devices to rings.</summary>
    /// <param name="devices">The devices.</param>
    /// <param name="indices">Positions of those that are to be in a ring.</param>
    /// <param name="explain">Called for each ring that was tried for a device: position of the device, position of the ring, what came of it.</param>
    public RingPlace[] Assign(DeviceTable devices, int[] indices, Action<int, int, string>? explain = null)
    {
        var places = new RingPlace[indices.Length];
        Array.Fill(places, new RingPlace(-1));
        for (var ring = 0; ring < rings.Length; ring++)
        {
            Fill(ring, devices, indices, places, explain);
        }

        return places;
    }

    /// <summary>Position of the ring of that name, ignoring case; -1 when there is none.</summary>
    public int IndexOf(string? name) => name is null ? -1 : Array.FindIndex([.. rings], ring => string.Equals(ring.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Why a device is in its ring, as a sentence.</summary>
    public string Reason(RingPlace place) =>
        place.Ring < 0 ? "No ring accepts it." : place.IsWished ? $"The inventory asks for ring '{rings[place.Ring].Name}'." : Reason(rings[place.Ring]);

    private void Fill(int ring, DeviceTable devices, int[] indices, RingPlace[] places, Action<int, int, string>? explain)
    {
        var settings = rings[ring];
        var accepted = new List<(int Index, ulong Hash)>();
        var taken = 0;
        var holds = new SharedAnswers(devices, matches[ring]);
        var hashes = settings is { Percent: null, Max: null } ? [] : Hashes(settings.Name, devices, indices, i => places[i].Ring < 0 && holds.For(indices[i]));
        var wished = new int[devices.Rows.SharedCount];
        Array.Fill(wished, int.MinValue);
        for (var i = 0; i < indices.Length; i++)
        {
            if (places[i].Ring >= 0)
            {
                continue;
            }

            var device = indices[i];
            ref var wish = ref wished[devices.Rows.SharedOf(devices.RowOf(device))];
            wish = wish == int.MinValue ? IndexOf(devices.Prototype(device).RequestedRing) : wish;
            if (wish >= 0)
            {
                if (wish == ring)
                {
                    taken++;
                    places[i] = new(ring, true);
                }

                explain?.Invoke(device, ring, wish == ring ? "The inventory asks for it." : "The inventory asks for another ring.");
            }
            else if (!holds.For(device))
            {
                explain?.Invoke(device, ring, $"Its match \"{matches[ring]!.Text}\" does not hold: {matches[ring]!.Values(devices[device])}.");
            }
            else if (settings is { Percent: null, Max: null })
            {
                places[i] = new(ring);
                explain?.Invoke(device, ring, Reason(settings));
            }
            else if (hashes[i] is var hash && !settings.Balanced && settings.Percent is { } percent && Share(hash) >= percent)
            {
                explain?.Invoke(device, ring, string.Create(CultureInfo.InvariantCulture, $"Its place in the ring's order is {Share(hash):0.##} of 100, and the ring takes those below {percent:0.##}."));
            }
            else
            {
                accepted.Add((i, hash));
            }
        }

        var free = settings.Max is { } max ? Math.Max(0, max - taken) : int.MaxValue;
        if (settings is { Balanced: true } and not { Percent: null, Max: null })
        {
            accepted = Balance(settings, free, devices, indices, accepted, explain is null ? null : (device, outcome) => explain(device, ring, outcome));
        }
        else if (accepted.Count > free)
        {
            accepted = InOrder(accepted, devices, indices);
            foreach (var (index, _) in explain is null ? [] : accepted.Skip(free))
            {
                explain!(indices[index], ring, $"The ring takes {settings.Max}, and others come first in its order.");
            }

            accepted.RemoveRange(free, accepted.Count - free);
        }

        var reason = Reason(settings);
        foreach (var (index, _) in accepted)
        {
            places[index] = new(ring);
            explain?.Invoke(indices[index], ring, reason);
        }
    }

    private static List<(int Index, ulong Hash)> Balance(
        RingSettings settings, int free, DeviceTable devices, int[] indices, List<(int Index, ulong Hash)> candidates, Action<int, string>? explain)
    {
        var bySite = candidates.GroupBy(x => devices.Prototype(indices[x.Index]).Site ?? "", StringComparer.OrdinalIgnoreCase).ToDictionary(site => site.Key.ToUpperInvariant(), site => site.ToList(), StringComparer.Ordinal);
        var shares = SiteShares.Of(bySite.ToDictionary(site => site.Key, site => site.Value.Count, StringComparer.Ordinal), settings.Percent, free);
        var accepted = new List<(int Index, ulong Hash)>();
        foreach (var (site, share) in shares)
        {
            var ordered = InOrder(bySite[site], devices, indices);
            accepted.AddRange(ordered.Take(share));
            foreach (var (index, _) in ordered.Skip(share))
            {
                explain?.Invoke(indices[index], $"The ring takes {share} of {ordered.Count} at its site, and others come first in its order.");
            }
        }

        return accepted;
    }

    private static List<(int Index, ulong Hash)> InOrder(List<(int Index, ulong Hash)> candidates, DeviceTable devices, int[] indices)
    {
        // Two of a million hashes are hardly ever equal, so the devices are hardly ever asked for.
        candidates.Sort((a, b) => a.Hash != b.Hash ? a.Hash.CompareTo(b.Hash)
            : a.Index == b.Index ? 0
            : string.CompareOrdinal(devices[indices[a.Index]].Identity, devices[indices[b.Index]].Identity) is not 0 and var byIdentity ? byIdentity
            : string.CompareOrdinal(devices[indices[a.Index]].Name, devices[indices[b.Index]].Name) is not 0 and var byName ? byName
            : a.Index.CompareTo(b.Index));
        return candidates;
    }

    private static string Reason(RingSettings ring)
    {
        var limits = string.Create(CultureInfo.InvariantCulture, $"{(ring.Percent is { } percent ? $", among {percent:0.##} percent" : "")}{(ring.Max is { } max ? $", among at most {max}" : "")}{(ring is { Balanced: true } and not { Percent: null, Max: null } ? ", every site alike" : "")}");
        return ring.Match is { } match ? $"Ring '{ring.Name}': \"{match.Trim()}\" holds{limits}."
            : limits.Length > 0 ? $"Ring '{ring.Name}': chosen{limits}."
            : $"Ring '{ring.Name}' takes all that are left.";
    }

    /// <summary>Hashes of the devices that may be asked for; reading the devices in parallel changes nothing, and the hashes are what a ring costs.</summary>
    private static ulong[] Hashes(string ring, DeviceTable devices, int[] indices, Func<int, bool> isWanted)
    {
        var (hashes, wanted) = (new ulong[indices.Length], new bool[indices.Length]);
        for (var i = 0; i < wanted.Length; i++)
        {
            wanted[i] = isWanted(i);
        }

        var prefix = ring.ToLowerInvariant();
        Parallel.ForEach(System.Collections.Concurrent.Partitioner.Create(0, Math.Max(1, hashes.Length), 1 << 14), range =>
        {
            for (var i = range.Item1; i < Math.Min(range.Item2, hashes.Length); i++)
            {
                hashes[i] = wanted[i] ? Hash(prefix, devices.Rows, devices.RowOf(indices[i])) : 0;
            }
        });
        return hashes;
    }

    // Salted with the ring's name: otherwise a second ring's percentage would be taken of what the first left at the top of the same order.
    private static ulong Hash(string ring, DeviceRows rows, int row)
    {
        Span<byte> text = stackalloc byte[256];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        if (rows.Own(row).Entra is var entra && entra != Guid.Empty && Utf8.TryWrite(text, $"{ring}\nentra:{entra:D}", out var length))
        {
            SHA256.HashData(text[..length], hash);
        }
        else
        {
            SHA256.HashData(Encoding.UTF8.GetBytes($"{ring}\n{rows.Device(row).Identity}"), hash);
        }

        return BinaryPrimitives.ReadUInt64BigEndian(hash);
    }

    // 0 up to, but not including, 100.
    private static double Share(ulong hash) => (hash >> 11) * (100.0 / (1UL << 53));
}
