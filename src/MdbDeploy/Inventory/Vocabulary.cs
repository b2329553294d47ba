namespace MdbDeploy.Inventory;

/// <summary>
/// What every export writes alike, from Profiles/values.yaml's data: words that mean "empty", serial numbers that are none, and the common texts of each field.
/// </summary>
internal sealed class Vocabulary
{
    private static readonly Lazy<Vocabulary> SharedVocabulary = new(Read);

    private readonly IReadOnlyDictionary<string, IReadOnlyList<KeyValuePair<string, string>>> lists;
    private readonly HashSet<string> empty;
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> emptyLookup;
    private readonly HashSet<string> unexpanded;
    private readonly HashSet<string> footers;
    private readonly ValueMap placeholderSerials;

    private Vocabulary(IReadOnlyDictionary<string, IReadOnlyList<KeyValuePair<string, string>>> lists)
    {
        this.lists = lists;
        empty = new(lists["empty"].Select(pair => pair.Key), StringComparer.OrdinalIgnoreCase);
        emptyLookup = empty.GetAlternateLookup<ReadOnlySpan<char>>();
        unexpanded = new(lists["unexpanded"].Select(pair => pair.Key), StringComparer.OrdinalIgnoreCase);
        LongestEmpty = empty.Concat(unexpanded).Max(text => text.Length);
        placeholderSerials = new ValueMap(DeviceField.Serial, lists["placeholder-serials"]);
        footers = new(lists["footers"].Select(pair => pair.Key), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The vocabulary that comes with the tool.</summary>
    public static Vocabulary Shared => SharedVocabulary.Value;

    private int LongestEmpty { get; }

    /// <summary>Whether a text stands for no value, such as <c>-</c> or <c>#N/A</c>.</summary>
    public bool IsEmpty(ReadOnlySpan<char> text) => text.Length <= LongestEmpty && emptyLookup.Contains(text);

    /// <summary>Whether a text is the type name PowerShell writes for a list that it does not expand, such as <c>System.String[]</c>.</summary>
    public bool IsUnexpanded(ReadOnlySpan<char> text) =>
        text.Length <= LongestEmpty && unexpanded.GetAlternateLookup<ReadOnlySpan<char>>().Contains(text);

    /// <summary>Whether a text is a word for the sum of a list.</summary>
    public bool IsFooter(ReadOnlySpan<char> text) => footers.GetAlternateLookup<ReadOnlySpan<char>>().Contains(text);

    /// <summary>Whether a serial number is one that firmware makers leave in, or that identifies no machine.</summary>
    public bool IsPlaceholderSerial(ReadOnlySpan<char> text) =>
        text.Length < 3 || placeholderSerials.TryGet(text, out _) || text.IndexOfAnyExcept(text[0]) < 0 || Guid.TryParse(text, out _);

    /// <summary>What the texts of a profile's column stand for: its own values before the common ones.</summary>
    public ValueMap MapOf(ProfileColumn column) => new(column.Field, [.. column.Values, .. CommonValues(column.Field)]);

    private IEnumerable<KeyValuePair<string, string>> CommonValues(DeviceField field) =>
        lists.TryGetValue(DeviceFields.NameOf(field), out var values) ? values : [];

    private static Vocabulary Read() => new(ProfileYaml.Lists(ImportProfile.Resource("Inventory/values.yaml")));
}
