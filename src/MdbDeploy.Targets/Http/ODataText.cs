namespace MdbDeploy.Targets.Http;

/// <summary>Puts text into OData addresses. Names of devices are hostile input: an apostrophe must not end the literal, a slash not the path.</summary>
public static class ODataText
{
    /// <summary>A string literal for a path or filter, percent-encoded: apostrophes are doubled (OData 4.01 URL conventions §4.3.1).</summary>
    public static string Literal(string value) => Uri.EscapeDataString($"'{value.Replace("'", "''", StringComparison.Ordinal)}'");

    /// <summary><c>property eq 'value'</c>, percent-encoded.</summary>
    public static string Equal(string property, string value) => $"{property}%20eq%20{Literal(value)}";
}
