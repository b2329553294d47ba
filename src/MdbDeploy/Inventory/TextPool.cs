using System.Collections.Immutable;
using System.Text;

namespace MdbDeploy.Inventory;

/// <summary>
/// One copy of each text that many devices share, by number: domains, organisational units, sites. Number 0 is no text. Several threads may use it; in which order they number the
/// texts is up to chance, so nothing may depend on which of two numbers is greater.
/// </summary>
internal sealed class TextPool
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, int> numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup;
    private readonly Dictionary<string, int> tagNumbers = new(StringComparer.Ordinal);
    private readonly List<ImmutableArray<string>> tagLists = [[]];

    // Replaced when it grows, so that a text can be read while others are added.
    private volatile string?[] texts = new string?[64];
    private int count = 1;

    /// <summary>Creates an empty pool.</summary>
    public TextPool() => lookup = numbers.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Numbers in use, 0 among them.</summary>
    public int Count => count;

    /// <summary>The text of a number; null for 0.</summary>
    public string? this[int number] => texts[number];

    /// <summary>Number of a text.</summary>
    public int NumberOf(ReadOnlySpan<char> text)
    {
        lock (gate)
        {
            return lookup.TryGetValue(text, out var number) ? number : Add(text.ToString());
        }
    }

    /// <summary>Number of a text; 0 for null.</summary>
    public int NumberOf(string? text) => text is null ? 0 : NumberOf(text.AsSpan());

    /// <summary>The text as a pooled string.</summary>
    public string Get(ReadOnlySpan<char> text) => this[NumberOf(text)]!;

    /// <summary>Number of a list of tags; 0 for an empty one.</summary>
    public int NumberOf(ImmutableArray<string> tags)
    {
        if (tags.IsDefaultOrEmpty)
        {
            return 0;
        }

        // No tag can hold this character and be another list's: lists of the same texts are the same list.
        var key = string.Join('\0', tags);
        lock (gate)
        {
            if (!tagNumbers.TryGetValue(key, out var number))
            {
                tagNumbers.Add(key, number = tagLists.Count);
                tagLists.Add(tags);
            }

            return number;
        }
    }

    /// <summary>The tags of a number.</summary>
    public ImmutableArray<string> Tags(int number)
    {
        lock (gate)
        {
            return tagLists[number];
        }
    }

    /// <summary>A hash of each text by its number, which does not depend on the numbers.</summary>
    public uint[] Hashes()
    {
        var hashes = new uint[count];
        for (var number = 1; number < count; number++)
        {
            hashes[number] = (uint)KeyHash.LongOf(Encoding.UTF8.GetBytes(texts[number]!));
        }

        return hashes;
    }

    private int Add(string text)
    {
        if (count == texts.Length)
        {
            var grown = new string?[count * 2];
            texts.CopyTo(grown, 0);
            texts = grown;
        }

        texts[count] = text;
        numbers.Add(text, count);
        return count++;
    }
}
