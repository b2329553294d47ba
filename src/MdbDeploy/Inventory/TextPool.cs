using System.Collections.Immutable;

namespace MdbDeploy.Inventory;

/// <summary>One copy of each text that many devices share, by number: domains, organisational units, sites. Number 0 is no text.</summary>
internal sealed class TextPool
{
    private readonly Dictionary<string, int> numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup;
    private readonly List<string?> texts = [null];
    private readonly Dictionary<int, int> domains = [];
    private readonly Dictionary<string, int> tagNumbers = new(StringComparer.Ordinal);
    private readonly List<ImmutableArray<string>> tagLists = [[]];

    /// <summary>Creates an empty pool.</summary>
    public TextPool() => lookup = numbers.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The text of a number; null for 0.</summary>
    public string? this[int number] => texts[number];

    /// <summary>Number of a text.</summary>
    public int NumberOf(ReadOnlySpan<char> text)
    {
        if (!lookup.TryGetValue(text, out var number))
        {
            number = texts.Count;
            var added = text.ToString();
            texts.Add(added);
            numbers.Add(added, number);
        }

        return number;
    }

    /// <summary>Number of a text; 0 for null.</summary>
    public int NumberOf(string? text) => text is null ? 0 : NumberOf(text.AsSpan());

    /// <summary>The text as a pooled string.</summary>
    public string Get(ReadOnlySpan<char> text) => texts[NumberOf(text)]!;

    /// <summary>Number of the domain's DNS name in a distinguished name; 0 when it names none.</summary>
    public int DomainOf(int dn)
    {
        if (!domains.TryGetValue(dn, out var domain))
        {
            domains.Add(dn, domain = NumberOf(DirectoryPath.DomainOf(texts[dn]!)));
        }

        return domain;
    }

    /// <summary>Number of a list of tags; 0 for an empty one.</summary>
    public int NumberOf(ImmutableArray<string> tags)
    {
        if (tags.IsDefaultOrEmpty)
        {
            return 0;
        }

        // No tag can hold this character and be another list's: lists of the same texts are the same list.
        var key = string.Join('\0', tags);
        if (!tagNumbers.TryGetValue(key, out var number))
        {
            tagNumbers.Add(key, number = tagLists.Count);
            tagLists.Add(tags);
        }

        return number;
    }

    /// <summary>The tags of a number.</summary>
    public ImmutableArray<string> Tags(int number) => tagLists[number];
}
