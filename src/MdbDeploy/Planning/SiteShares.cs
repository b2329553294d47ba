using System.Collections.Immutable;

namespace MdbDeploy.Planning;

/// <summary>
/// How many devices of each site a balanced ring takes, so that <c>percent</c> and <c>max</c> hit every site alike. Unlike an unbalanced percentage, a share depends on how
/// many devices the site has: adding one can move the boundary of its site by one device.
/// </summary>
internal static class SiteShares
{
    /// <summary>The share of each site.</summary>
    /// <param name="sites">Candidates per site.</param>
    /// <param name="percent">Percentage of each site, rounded to whole devices, a half up; null for all.</param>
    /// <param name="most">At most this many in all, given out in proportion by largest remainders; null for no limit.</param>
    public static ImmutableSortedDictionary<string, int> Of(IReadOnlyDictionary<string, int> sites, double? percent, int? most)
    {
        var shares = sites.ToImmutableSortedDictionary(site => site.Key, site => percent is { } share ? (int)Math.Round(site.Value * share / 100, MidpointRounding.AwayFromZero) : site.Value, StringComparer.Ordinal);
        var all = shares.Values.Sum(count => (long)count);
        if (most is not { } limit || all <= limit)
        {
            return shares;
        }

        var floors = shares.ToImmutableSortedDictionary(site => site.Key, site => (int)((long)site.Value * limit / all), StringComparer.Ordinal);
        var left = limit - floors.Values.Sum();
        var next = shares.OrderByDescending(site => (long)site.Value * limit % all).ThenBy(site => site.Key, StringComparer.Ordinal).Take(left);
        return floors.SetItems(next.Select(site => KeyValuePair.Create(site.Key, floors[site.Key] + 1)));
    }
}
