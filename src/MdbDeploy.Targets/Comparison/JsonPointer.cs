namespace MdbDeploy.Targets.Comparison;

/// <summary>
/// Where a value stands in a body, twice: as people see it (<c>/settings/KEY/value</c>, RFC 6901, with the key of a set's element in place of its index),
/// and as kinds name it (<c>/settings/*/value</c>, <c>*</c> for any array element).
/// </summary>
/// <param name="Path">The pointer shown.</param>
/// <param name="Pattern">The pointer compared with a kind's <c>writeOnly</c> and <c>sets</c>.</param>
internal readonly record struct JsonPointer(string Path, string Pattern)
{
    /// <summary>The whole body.</summary>
    public static JsonPointer Root => new("", "");

    /// <summary>A property of the object that stands here.</summary>
    public JsonPointer Property(string name) => new($"{Path}/{Escape(name)}", $"{Pattern}/{Escape(name)}");

    /// <summary>An element of the array that stands here, by its index or key.</summary>
    public JsonPointer Element(string key) => new($"{Path}/{Escape(key)}", Pattern + "/*");

    // RFC 6901 §3.
    private static string Escape(string token) => token.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
