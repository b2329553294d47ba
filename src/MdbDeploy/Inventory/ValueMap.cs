using System.IO.Enumeration;

namespace MdbDeploy.Inventory;

/// <summary>
/// What the texts of a column stand for. Texts are compared ignoring case; a text with <c>*</c> or <c>?</c> is a pattern, tried after the exact ones in
/// the order written.
/// </summary>
internal sealed class ValueMap
{
    private readonly Dictionary<string, int> exact = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<(string Pattern, int Code)> patterns = [];
    private readonly List<string?> texts = [];

    /// <summary>Creates a map for a field from texts and words; later pairs of the same text are ignored, so put the specific ones first.</summary>
    /// <exception cref="FormatException">A word is not one of the field's; profiles are checked when they are read.</exception>
    public ValueMap(DeviceField field, IEnumerable<KeyValuePair<string, string>> pairs)
    {
        foreach (var (text, word) in pairs)
        {
            if (text.AsSpan().ContainsAny('*', '?'))
            {
                patterns.Add((text, CodeOf(field, word)));
            }
            else
            {
                exact.TryAdd(text, CodeOf(field, word));
            }
        }

        if (DeviceFields.HasWords(field))
        {
            // The words themselves are always understood.
            foreach (var word in DeviceFields.WordsOf(field))
            {
                exact.TryAdd(word, CodeOf(field, word));
            }
        }
    }

    /// <summary>The code a text stands for.</summary>
    public bool TryGet(ReadOnlySpan<char> text, out int code)
    {
        if (exact.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text, out code))
        {
            return true;
        }

        foreach (var (pattern, patternCode) in patterns)
        {
            // Matching costs much more than this look at the first character, and every serial number is looked up.
            if (pattern[0] is not ('*' or '?') && !text.IsEmpty && char.ToUpperInvariant(pattern[0]) != char.ToUpperInvariant(text[0]))
            {
                continue;
            }

            if (FileSystemName.MatchesSimpleExpression(pattern, text, ignoreCase: true))
            {
                code = patternCode;
                return true;
            }
        }

        return false;
    }

    /// <summary>The text a code of a text field stands for; null when it says nothing.</summary>
    public string? TextOf(int code) => texts[code];

    private int CodeOf(DeviceField field, string word)
    {
        if (DeviceFields.HasWords(field))
        {
            return DeviceFields.TryCode(field, word, out var code) ? code : throw new FormatException($"'{word}' is no value of {DeviceFields.NameOf(field)}.");
        }

        texts.Add(word.Length == 0 ? null : word);
        return texts.Count - 1;
    }
}
