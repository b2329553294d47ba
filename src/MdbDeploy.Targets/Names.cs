namespace MdbDeploy.Targets;

/// <summary>Names for a sentence.</summary>
internal static class Names
{
    private const int Shown = 20;

    /// <summary>Up to 20 names in order, and how many more there are.</summary>
    public static string Of(IEnumerable<string> names)
    {
        var all = names.Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase).ToList();
        return string.Join(", ", all.Take(Shown)) + (all.Count > Shown ? $" and {all.Count - Shown} more" : "");
    }
}
