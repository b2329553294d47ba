using System.Globalization;
using System.Text.RegularExpressions;

namespace MdbDeploy.Packages;

/// <summary>
/// When an offboarding package stops working: its blob states the moment, the names of zip and script the day (<c>valid_until_2025-12-01</c>).
/// </summary>
internal static partial class OffboardingExpiry
{
    /// <summary>The earliest of what is said.</summary>
    /// <param name="stated">What the blob states.</param>
    /// <param name="names">Names of the archives, folders and the file. A name alone means the beginning of its day, UTC: at some time of that day it expires.</param>
    /// <returns>The expiry, and the days named that differ from it or from each other.</returns>
    public static (DateTimeOffset? Expires, IReadOnlyList<DateOnly> Differing) Of(DateTimeOffset? stated, string names)
    {
        var named = ValidUntil.Matches(names)
            .Select(match => DateOnly.TryParseExact(match.Groups["day"].ValueSpan, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : (DateOnly?)null)
            .OfType<DateOnly>().Distinct().Order().ToList();
        if (named.Count == 0)
        {
            return (stated, []);
        }

        var statedDay = stated is { } moment ? DateOnly.FromDateTime(moment.UtcDateTime) : named[0];
        var expires = stated is not null && statedDay <= named[0] ? stated : new DateTimeOffset(named[0], TimeOnly.MinValue, TimeSpan.Zero);
        return (expires, [.. named.Where(day => day != statedDay)]);
    }

    [GeneratedRegex(@"valid_until_(?<day>\d{4}-\d{2}-\d{2})", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ValidUntil { get; }
}
