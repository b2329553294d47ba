using System.Collections.Immutable;
using System.Globalization;

namespace MdbDeploy.Policies;

/// <summary>What kind of value a setting has.</summary>
public enum SettingType
{
    /// <summary>Never set by presets.</summary>
    Nothing,

    /// <summary>Off (0) or on (1).</summary>
    Switch,

    /// <summary>One of several numbers, each with a meaning.</summary>
    Choice,

    /// <summary>A whole number within bounds.</summary>
    Number,

    /// <summary>A text.</summary>
    Text,

    /// <summary>A list of texts.</summary>
    List,
}

/// <summary>
/// The values that a setting may have. Every value has one canonical spelling: a decimal number for switches, choices and numbers, the text itself, or the items of a
/// list joined by <c>|</c>, which is how CSP nodes write lists and which no item may hold.
/// </summary>
public sealed class AllowedValues
{
    // Of a value name in the registry: https://learn.microsoft.com/windows/win32/sysinfo/registry-element-size-limits
    private const int LongestItem = 260;

    private readonly ImmutableSortedDictionary<int, string> choices;
    private readonly (int Least, int Most) range;

    private AllowedValues(string text, SettingType type, (int Least, int Most) range, ImmutableSortedDictionary<int, string> choices)
    {
        Text = text;
        Type = type;
        this.range = range;
        this.choices = choices;
    }

    /// <summary>As the catalogue writes it.</summary>
    public string Text { get; }

    /// <summary>The kind of value.</summary>
    public SettingType Type { get; }

    /// <summary>Whether a preset may give a value at all.</summary>
    public bool IsSettable => Type != SettingType.Nothing;

    /// <summary>Whether the values are whole numbers.</summary>
    public bool IsNumber => Type is SettingType.Switch or SettingType.Choice or SettingType.Number;

    /// <summary>Whether a value is a list of texts.</summary>
    public bool IsList => Type == SettingType.List;

    /// <summary>The values with their meaning, for a setting that offers a choice; empty otherwise.</summary>
    public IEnumerable<KeyValuePair<int, string>> Choices => choices;

    /// <summary>The least and the greatest number or length; meaningless for other types.</summary>
    public (int Least, int Most) Range => range;

    /// <summary>What is allowed, in words.</summary>
    public string InWords => Type switch
    {
        SettingType.Switch or SettingType.Choice => string.Join(", ", choices.Select(choice => choice.Value.Length == 0 ? Invariant(choice.Key) : $"{Invariant(choice.Key)} ({choice.Value})")),
        SettingType.Number => $"a whole number from {Invariant(range.Least)} to {Invariant(range.Most)}",
        SettingType.Text => $"a text of {Invariant(range.Least)} to {Invariant(range.Most)} characters",
        SettingType.List => "a list of texts, each without '|', leading '**' and blanks at its ends",
        _ => "nothing: it is not set by presets",
    };

    /// <summary>Reads <c>0=off|1=on</c>, <c>0|1</c>, <c>0..100</c>, <c>text 0..200</c>, <c>list</c> or <c>none</c>; null for anything else.</summary>
    public static AllowedValues? Parse(string text)
    {
        var none = ImmutableSortedDictionary<int, string>.Empty;
        if (text is "none" or "list")
        {
            return new(text, text == "none" ? SettingType.Nothing : SettingType.List, default, none);
        }

        if (text.StartsWith("text ", StringComparison.Ordinal))
        {
            return ParseRange(text[5..]) is { } length ? new(text, SettingType.Text, length, none) : null;
        }

        if (ParseRange(text) is { } range)
        {
            return new(text, SettingType.Number, range, none);
        }

        var choices = ImmutableSortedDictionary.CreateBuilder<int, string>();
        foreach (var part in text.Split('|'))
        {
            var label = part.IndexOf('=', StringComparison.Ordinal);
            if (Number(label < 0 ? part : part[..label]) is not { } number || !choices.TryAdd(number, label < 0 ? "" : part[(label + 1)..]))
            {
                return null;
            }
        }

        return new(text, text == "0=off|1=on" ? SettingType.Switch : SettingType.Choice, default, choices.ToImmutable());
    }

    /// <summary>Whether a value, in its canonical spelling, is allowed.</summary>
    public bool Allow(string value) => Type switch
    {
        SettingType.Switch or SettingType.Choice => Number(value) is { } number && choices.ContainsKey(number),
        SettingType.Number => Number(value) is { } number && number >= range.Least && number <= range.Most,
        SettingType.Text => value.Length >= range.Least && value.Length <= range.Most && !value.Any(char.IsControl),
        SettingType.List => value.Split('|') is var items && items.All(IsItem) && items.Distinct(StringComparer.OrdinalIgnoreCase).Count() == items.Length,
        _ => false,
    };

    /// <summary>The canonical spelling of what a person wrote: a number, the meaning of a choice (<c>audit</c>) or true and false for a switch; null when it is not allowed.</summary>
    public string? Canonical(string written)
    {
        if (Type is SettingType.Switch or SettingType.Choice && choices.FirstOrDefault(choice => choice.Value.Length > 0 && string.Equals(choice.Value, written, StringComparison.OrdinalIgnoreCase)) is { Value: not null } named)
        {
            return Invariant(named.Key);
        }

        var value = Type == SettingType.Switch ? written switch { "true" or "yes" => "1", "false" or "no" => "0", _ => written } : written;
        return Allow(value) ? value : null;
    }

    /// <summary>A value as a person would write it: the meaning of a choice, otherwise the value itself.</summary>
    public string Word(string value) => Number(value) is { } number && choices.TryGetValue(number, out var word) && word.Length > 0 ? word : value;

    // Only the canonical spelling: what a preset says is what is written.
    internal static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && Invariant(number) == text ? number : null;

    internal static string Invariant(int number) => number.ToString(CultureInfo.InvariantCulture);

    // Items become names of registry values, where a leading ** is an order to delete: [MS-GPREG] 3.2.5.1.
    private static bool IsItem(string item) =>
        item.Length is > 0 and <= LongestItem && !item.Any(char.IsControl) && item.Trim() == item && !item.StartsWith("**", StringComparison.Ordinal);

    private static (int Least, int Most)? ParseRange(string text) =>
        text.Split("..") is [var least, var most] && Number(least) is { } from && Number(most) is { } to && from <= to ? (from, to) : null;
}
