using System.Collections.Immutable;
using System.Globalization;
using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Text;
using MdbDeploy.Inventory;
using MdbDeploy.Projects;

namespace MdbDeploy.Planning;

/// <summary>The ring of a device.</summary>
/// <param name="Ring">Position of the ring; negative when the device is in none.</param>
/// <param name="IsWished">Whether the inventory asks for it.</param>
internal readonly record struct RingPlace(int Ring, bool IsWished = false)
{
    /// <summary>No ring took the device.</summary>
    public static readonly RingPlace None = new(-1);

    /// <summary>The device is not to be in a ring.</summary>
    public static readonly RingPlace NotAsked = new(-2);

    /// <summary>A number from 0 that no other place has.</summary>
    public int Number => ((Ring + 2) * 2) + (IsWished ? 1 : 0);

    /// <summary>The place of a number.</summary>
    public static RingPlace Numbered(int number) => new((number / 2) - 2, number % 2 == 1);

    /// <summary>How many numbers places have with so many rings.</summary>
    public static int NumbersFor(int rings) => (rings + 2) * 2;
}

/// <summary>
/// Puts devices into rings, ring by ring in roll-out order. Who is chosen depends on a hash of ring name and <see cref="Device.Identity"/> alone, so that a
/// device keeps its ring when others are added; only <c>max</c> looks at the others, and moves devices at its boundary. The hash is XXH3 (64 bits, no seed) of the ring's name in lower
/// case, a line feed and the identity, in UTF-8; what stands above is compared: <c>printf 'early\nentra:…' | xxhsum -H3</c> tells where a device is.
/// </summary>
internal sealed class RingAssignment(ImmutableArray<RingSettings> rings, ImmutableArray<DeviceExpression?> matches)
{
    private const int LongestSalt = 128;

    /// <summary>Assigns devices to rings; gives the place of each row.</summary>
    /// <param name="rows">The devices.</param>
    /// <param name="isAsked">Whether the device of a row is to be in a ring. Asked by several threads.</param>
    /// <param name="explain">Called for each ring that was tried for a device: row of the device, position of the ring, what came of it.</param>
    public RingPlace[] Assign(DeviceRows rows, Func<int, bool> isAsked, Action<int, int, string>? explain = null)
    {
        var places = new RingPlace[rows.Count];
        rows.InParallel(row => places[row] = isAsked(row) ? RingPlace.None : RingPlace.NotAsked);
        for (var ring = 0; ring < rings.Length; ring++)
        {
            Fill(ring, rows, places, explain);
        }

        return places;
    }

    /// <summary>Position of the ring of that name, ignoring case; -1 when there is none.</summary>
    public int IndexOf(string? name) => name is null ? -1 : Array.FindIndex([.. rings], ring => string.Equals(ring.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Why a device is in its ring, as a sentence.</summary>
    public string Reason(RingPlace place) =>
        place.Ring < 0 ? "No ring accepts it." : place.IsWished ? $"The inventory asks for ring '{rings[place.Ring].Name}'." : Reason(rings[place.Ring]);

    private void Fill(int ring, DeviceRows rows, RingPlace[] places, Action<int, int, string>? explain)
    {
        var settings = rings[ring];
        var question = new Question(ring, Encoding.UTF8.GetBytes($"{settings.Name.ToLowerInvariant()}\n"), rows, new SharedAnswers(rows, matches[ring]), new int[rows.SharedCount], places, explain);
        Array.Fill(question.Wishes, int.MinValue);
        var (gate, blocks, taken) = (new Lock(), new SortedDictionary<int, List<(int Row, ulong Hash)>>(), 0);
        if (explain is null)
        {
            rows.InBlocks(AskBlock);
        }
        else
        {
            // What is told has an order.
            AskBlock(0, places.Length);
        }

        var accepted = new List<(int Row, ulong Hash)>(blocks.Values.Sum(block => block.Count));
        foreach (var block in blocks.Values)
        {
            accepted.AddRange(block);
        }

        var free = settings.Max is { } max ? Math.Max(0, max - taken) : int.MaxValue;
        if (settings is { Balanced: true } and not { Percent: null, Max: null })
        {
            accepted = Balance(settings, free, rows, accepted, explain is null ? null : (row, outcome) => explain(row, ring, outcome));
        }
        else if (accepted.Count > free)
        {
            accepted = InOrder(accepted, rows);
            foreach (var (row, _) in explain is null ? [] : accepted.Skip(free))
            {
                explain!(row, ring, $"The ring takes {settings.Max}, and others come first in its order.");
            }

            accepted.RemoveRange(free, accepted.Count - free);
        }

        var reason = Reason(settings);
        foreach (var (row, _) in accepted)
        {
            places[row] = new(ring);
            explain?.Invoke(row, ring, reason);
        }

        void AskBlock(int from, int end)
        {
            var (some, wished) = (new List<(int Row, ulong Hash)>(), 0);
            for (var row = from; row < end; row++)
            {
                if (places[row] == RingPlace.None)
                {
                    wished += Ask(question, row, some) ? 1 : 0;
                }
            }

            lock (gate)
            {
                taken += wished;
                blocks.Add(from, some);
            }
        }
    }

    /// <summary>Places the device of a row, or adds it to those among which the ring chooses; whether the inventory asks for this ring.</summary>
    private bool Ask(Question question, int row, List<(int Row, ulong Hash)> some)
    {
        var (ring, rows, places, explain) = (question.Ring, question.Rows, question.Places, question.Explain);
        var settings = rings[ring];
        ref var wish = ref question.Wishes[rows.SharedOf(row)];
        wish = wish == int.MinValue ? IndexOf(rows.PrototypeOf(row).RequestedRing) : wish;
        if (wish >= 0)
        {
            places[row] = wish == ring ? new(ring, true) : places[row];
            explain?.Invoke(row, ring, wish == ring ? "The inventory asks for it." : "The inventory asks for another ring.");
            return wish == ring;
        }

        if (!question.Holds.For(row))
        {
            explain?.Invoke(row, ring, $"Its match \"{matches[ring]!.Text}\" does not hold: {matches[ring]!.Values(rows.Device(row))}.");
        }
        else if (settings is { Percent: null, Max: null })
        {
            places[row] = new(ring);
            explain?.Invoke(row, ring, Reason(settings));
        }
        else if (Hash(question.Salt, rows, row) is var hash && !settings.Balanced && settings.Percent is { } percent && Share(hash) >= percent)
        {
            explain?.Invoke(row, ring, string.Create(CultureInfo.InvariantCulture, $"Its place in the ring's order is {Share(hash):0.##} of 100, and the ring takes those below {percent:0.##}."));
        }
        else
        {
            some.Add((row, hash));
        }

        return false;
    }

    private static List<(int Row, ulong Hash)> Balance(
        RingSettings settings, int free, DeviceRows rows, List<(int Row, ulong Hash)> candidates, Action<int, string>? explain)
    {
        var bySite = candidates.GroupBy(x => rows.PrototypeOf(x.Row).Site ?? "", StringComparer.OrdinalIgnoreCase).ToDictionary(site => site.Key.ToUpperInvariant(), site => site.ToList(), StringComparer.Ordinal);
        var shares = SiteShares.Of(bySite.ToDictionary(site => site.Key, site => site.Value.Count, StringComparer.Ordinal), settings.Percent, free);
        var accepted = new List<(int Row, ulong Hash)>();
        foreach (var (site, share) in shares)
        {
            var ordered = InOrder(bySite[site], rows);
            accepted.AddRange(ordered.Take(share));
            foreach (var (row, _) in ordered.Skip(share))
            {
                explain?.Invoke(row, $"The ring takes {share} of {ordered.Count} at its site, and others come first in its order.");
            }
        }

        return accepted;
    }

    private static List<(int Row, ulong Hash)> InOrder(List<(int Row, ulong Hash)> candidates, DeviceRows rows)
    {
        // Two of a million hashes are hardly ever equal, so the devices are hardly ever asked for.
        candidates.Sort((a, b) => a.Hash != b.Hash ? a.Hash.CompareTo(b.Hash)
            : a.Row == b.Row ? 0
            : string.CompareOrdinal(rows.Device(a.Row).Identity, rows.Device(b.Row).Identity) is not 0 and var byIdentity ? byIdentity
            : string.CompareOrdinal(rows.NameOf(a.Row), rows.NameOf(b.Row)) is not 0 and var byName ? byName
            : a.Row.CompareTo(b.Row));
        return candidates;
    }

    private static string Reason(RingSettings ring)
    {
        var limits = string.Create(CultureInfo.InvariantCulture, $"{(ring.Percent is { } percent ? $", among {percent:0.##} percent" : "")}{(ring.Max is { } max ? $", among at most {max}" : "")}{(ring is { Balanced: true } and not { Percent: null, Max: null } ? ", every site alike" : "")}");
        return ring.Match is { } match ? $"Ring '{ring.Name}': \"{match.Trim()}\" holds{limits}."
            : limits.Length > 0 ? $"Ring '{ring.Name}': chosen{limits}."
            : $"Ring '{ring.Name}' takes all that are left.";
    }

    // Salted with the ring's name: otherwise a second ring's percentage would be taken of what the first left at the top of the same order.
    [SkipLocalsInit]
    private static ulong Hash(byte[] salt, DeviceRows rows, int row)
    {
        Span<byte> text = stackalloc byte[LongestSalt + IdentityText.Usual];
        if (salt.Length <= LongestSalt && IdentityText.TryWrite(rows, row, text[salt.Length..], out var length))
        {
            salt.CopyTo(text);
            return XxHash3.HashToUInt64(text[..(salt.Length + length)]);
        }

        return XxHash3.HashToUInt64([.. salt, .. Encoding.UTF8.GetBytes(rows.Device(row).Identity)]);
    }

    // 0 up to, but not including, 100.
    private static double Share(ulong hash) => (hash >> 11) * (100.0 / (1UL << 53));

    /// <summary>What is asked of each device for a ring.</summary>
    /// <param name="Ring">Position of the ring.</param>
    /// <param name="Salt">What its hashes start with.</param>
    /// <param name="Rows">The devices.</param>
    /// <param name="Holds">Whether the ring's match holds.</param>
    /// <param name="Wishes">Position of the ring that the inventory asks for, by shared fields, as far as it was looked up.</param>
    /// <param name="Places">Where devices are so far.</param>
    /// <param name="Explain">Told what came of it.</param>
    private sealed record Question(int Ring, byte[] Salt, DeviceRows Rows, SharedAnswers Holds, int[] Wishes, RingPlace[] Places, Action<int, int, string>? Explain);
}
