using System.Globalization;

namespace MdbDeploy.Inventory;

/// <summary>A Windows build: 19045, or 19045.4412 with its update revision.</summary>
/// <param name="Number">Build number, for example 22631.</param>
/// <param name="Revision">Update build revision (UBR); null when the source does not know it, as Active Directory does not.</param>
public readonly record struct WindowsBuild(int Number, int? Revision)
{
    private const int DigitsOfRevision = 4;

    /// <summary><c>19045.4412</c>, or <c>19045</c> without a revision.</summary>
    public override string ToString() => Revision is { } revision
        ? string.Create(CultureInfo.InvariantCulture, $"{Number}.{revision}")
        : Number.ToString(CultureInfo.InvariantCulture);

    /// <summary>
    /// Reads the forms that exports use: <c>10.0.19045.4412</c>, <c>10.0 (19045)</c>, <c>10.0.19045</c>, <c>19045.4412</c>, <c>19045</c>.
    /// A revision of four digits or more may stand behind a comma, which is how Excel writes 19045.4412 in most of Europe; of a shorter one it may have dropped zeros.
    /// Returns null for anything else, such as <c>10.0</c> or an iOS version.
    /// </summary>
    public static WindowsBuild? Parse(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        if (text.StartsWith("10.0", StringComparison.Ordinal))
        {
            text = text[4..].TrimStart(" .(").TrimEnd(") ");
        }
        else if (text.Length > 4 && text[0] is '5' or '6' && text[1] == '.')
        {
            // Windows XP to 8.1 and their servers: 5.1 (2600), 6.1.7601, 6.3 (9600)
            text = text[3..].TrimStart(" .(").TrimEnd(") ");
        }

        var dot = text.IndexOfAny('.', ',');
        if (dot >= 0 && text[dot] == ',' && text.Length - dot <= DigitsOfRevision)
        {
            return null;
        }

        var number = dot < 0 ? text : text[..dot];
        if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var build) || build is < 1000 or > 99999)
        {
            return null;
        }

        return dot < 0 ? new WindowsBuild(build, null)
            : int.TryParse(text[(dot + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var revision) ? new WindowsBuild(build, revision)
            : null;
    }
}
