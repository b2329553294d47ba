namespace MdbDeploy.Inventory;

/// <summary>
/// Tells soon of nearly every text that it is none of some texts: by its length and first character. Every field of every row is asked for, in UTF-8. Texts are compared ignoring
/// case, and must start with ASCII; one with <c>*</c> or <c>?</c> is a pattern.
/// </summary>
internal sealed class TextHints
{
    private const int Longest = 64;
    private const int Characters = 128;

    private readonly bool[] possible = new bool[(Longest + 1) * Characters];

    /// <summary>Prepares hints for some texts.</summary>
    public TextHints(IEnumerable<string> texts)
    {
        foreach (var text in texts)
        {
            if (text[0] is '*' or '?' or > (char)127 || text.Length > Longest)
            {
                possible.AsSpan().Fill(true);
                return;
            }

            var shortest = text.Count(c => c != '*');
            for (var length = shortest; length <= (text.Contains('*') ? Longest : shortest); length++)
            {
                possible[(length * Characters) + char.ToLowerInvariant(text[0])] = true;
                possible[(length * Characters) + char.ToUpperInvariant(text[0])] = true;
            }
        }
    }

    /// <summary>Whether a text may be one of the texts; what starts with anything but ASCII may be, and so may what is very long.</summary>
    public bool MayBe(ReadOnlySpan<byte> text) =>
        text.IsEmpty || text.Length > Longest || text[0] >= Characters || possible[(text.Length * Characters) + text[0]];
}
