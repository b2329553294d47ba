using System.Buffers;
using System.Collections.Frozen;
using System.Collections.Immutable;
using MdbDeploy.Diagnostics;
using MdbDeploy.Yaml;

namespace MdbDeploy.Inventory;

/// <summary>
/// What every export writes alike, from Profiles/values.yaml's data: words that mean "empty", serial numbers that are none, and the common texts of each field.
/// </summary>
internal sealed class Vocabulary
{
    private static readonly Lazy<Vocabulary> SharedVocabulary = new(Read);

    // Read once: the vocabulary is shared by threads, and a YamlMap writes down what it is asked for.
    private readonly FrozenDictionary<DeviceField, ImmutableArray<KeyValuePair<string, string>>> common;
    private readonly FewTexts empty;
    private readonly FewTexts unexpanded;
    private readonly FewTexts footers;
    private readonly ValueMap placeholderSerials;
    private readonly TextHints nothing;
    private readonly TextHints placeholders;
    private readonly TextHints footerHints;

    private Vocabulary(YamlMap values)
    {
        common = Enum.GetValues<DeviceField>().ToFrozenDictionary(field => field, field => CommonValues(values, field));
        empty = new FewTexts(values.Texts("empty"));
        unexpanded = new FewTexts(values.Texts("unexpanded"));
        nothing = new TextHints([.. values.Texts("empty"), .. values.Texts("unexpanded")]);
        placeholders = new TextHints(values.Texts("placeholder-serials"));
        placeholderSerials = new ValueMap(DeviceField.Serial, values.Texts("placeholder-serials").Select(text => KeyValuePair.Create(text, "")));
        footers = new FewTexts(values.Texts("footers"));
        footerHints = new TextHints(values.Texts("footers"));
    }

    /// <summary>The vocabulary that comes with the tool.</summary>
    public static Vocabulary Shared => SharedVocabulary.Value;

    /// <summary>Whether a text stands for no value, such as <c>-</c> or <c>#N/A</c>.</summary>
    public bool IsEmpty(ReadOnlySpan<char> text) => text.IsEmpty || empty.Contains(text);

    /// <summary>Whether a text is the type name PowerShell writes for a list that it does not expand, such as <c>System.String[]</c>.</summary>
    public bool IsUnexpanded(ReadOnlySpan<char> text) => unexpanded.Contains(text);

    /// <summary>Whether a text, in UTF-8, may be <see cref="IsEmpty"/> or <see cref="IsUnexpanded"/>; false is certain.</summary>
    public bool MayMeanNothing(ReadOnlySpan<byte> text) => nothing.MayBe(text);

    /// <summary>Whether a text, in UTF-8, may be one of the serial numbers that firmware makers leave in; false is certain.</summary>
    public bool MayBePlaceholderSerial(ReadOnlySpan<byte> text) => placeholders.MayBe(text);

    /// <summary>Whether a text is a word for the sum of a list.</summary>
    public bool IsFooter(ReadOnlySpan<char> text) => footers.Contains(text);

    /// <summary>Whether a text, in UTF-8, may be such a word; false is certain.</summary>
    public bool MayBeFooter(ReadOnlySpan<byte> text) => footerHints.MayBe(text);

    /// <summary>Whether a serial number is one that firmware makers leave in, or that identifies no machine.</summary>
    public bool IsPlaceholderSerial(ReadOnlySpan<char> text) =>
        text.Length < 3 || placeholderSerials.TryGet(text, out _) || text.IndexOfAnyExcept(text[0]) < 0 || Guid.TryParse(text, out _);

    /// <summary>What the texts of a profile's column stand for: its own values before the common ones.</summary>
    public ValueMap MapOf(ProfileColumn column) => new(column.Field, [.. column.Values, .. common[column.Field]]);

    private static ImmutableArray<KeyValuePair<string, string>> CommonValues(YamlMap values, DeviceField field)
    {
        var map = values.Map(DeviceFields.NameOf(field));
        return map is null ? [] : [.. map.Keys.Select(text => KeyValuePair.Create(text, map.Text(text) ?? ""))];
    }

    private static Vocabulary Read()
    {
        const string name = "Inventory/values.yaml";
        var file = new YamlFile(name, Problems.ImportProfileIsInvalid, Problems.ImportProfileIsInvalid);
        return file.Parse(ImportProfile.Resource(name)) is { } root ? new Vocabulary(root) : throw new InvalidDataException(string.Join('\n', file.Diagnostics));
    }

    /// <summary>A few texts, compared ignoring case. Every field of every row is looked up, so nearly all are told apart by length and first character.</summary>
    private sealed class FewTexts
    {
        private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> lookup;
        private readonly bool[] lengths;
        private readonly SearchValues<char> starts;

        public FewTexts(ImmutableArray<string> texts)
        {
            lookup = new HashSet<string>(texts, StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
            lengths = new bool[texts.Max(text => text.Length) + 1];
            foreach (var text in texts)
            {
                lengths[text.Length] = true;
            }

            starts = SearchValues.Create([.. texts.SelectMany(text => new[] { char.ToUpperInvariant(text[0]), char.ToLowerInvariant(text[0]) })]);
        }

        public bool Contains(ReadOnlySpan<char> text) =>
            text.Length < lengths.Length && lengths[text.Length] && starts.Contains(text[0]) && lookup.Contains(text);
    }
}
