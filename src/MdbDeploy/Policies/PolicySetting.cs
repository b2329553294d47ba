using System.Collections.Immutable;
using System.Globalization;

namespace MdbDeploy.Policies;

/// <summary>A setting of the catalogue <c>policies/settings.csv</c>: one definition, in the words of every channel.</summary>
public sealed record PolicySetting
{
    /// <summary>Identifier in presets, for example <c>av.rtp</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Title for people.</summary>
    public required string Title { get; init; }

    /// <summary>What it does.</summary>
    public required string Description { get; init; }

    /// <summary>Registry key below HKEY_LOCAL_MACHINE, without the hive.</summary>
    public required string RegistryKey { get; init; }

    /// <summary>Name of the registry value.</summary>
    public required string RegistryValueName { get; init; }

    /// <summary><c>DWORD</c> or <c>SZ</c>.</summary>
    public required string RegistryType { get; init; }

    /// <summary>OMA-URI of the CSP node; null when there is none or it is not verified.</summary>
    public string? CspUri { get; init; }

    /// <summary>Format of the CSP node: <c>int</c>, <c>chr</c> or <c>admx</c>; null without a node.</summary>
    public string? CspFormat { get; init; }

    /// <summary>The values a preset may give.</summary>
    public required AllowedValues Allowed { get; init; }

    /// <summary>How the registry value follows from a preset's.</summary>
    public required ValueTransform Transform { get; init; }

    /// <summary>Where the row comes from.</summary>
    public required string Source { get; init; }

    /// <summary>When that was looked up.</summary>
    public required DateOnly Date { get; init; }

    /// <summary>Line in settings.csv.</summary>
    public required int Line { get; init; }
}

/// <summary>A setting with the value a preset gives it, in the CSP's terms.</summary>
/// <param name="Setting">The setting.</param>
/// <param name="Value">The value; allowed by the setting.</param>
public sealed record PolicyValue(PolicySetting Setting, string Value)
{
    /// <summary>The same as a registry value for Group Policy.</summary>
    public RegistryValue Registry => new(Setting.Id, Setting.RegistryKey, Setting.RegistryValueName, Setting.RegistryType, Setting.Transform.Apply(Value));
}

/// <summary>A registry value below HKEY_LOCAL_MACHINE.</summary>
/// <param name="Id">Identifier of the setting.</param>
/// <param name="Key">Key without the hive.</param>
/// <param name="Value">Name of the value.</param>
/// <param name="Type"><c>DWORD</c> or <c>SZ</c>.</param>
/// <param name="Data">Data: a decimal number for DWORD.</param>
public sealed record RegistryValue(string Id, string Key, string Value, string Type, string Data);

/// <summary>A preset: a file of policies/ with settings and values.</summary>
/// <param name="Name">Name of the file without <c>.yaml</c>.</param>
/// <param name="Title">Title for people.</param>
/// <param name="Description">One line for reports.</param>
/// <param name="Values">The settings in file order.</param>
public sealed record PolicyPreset(string Name, string Title, string Description, ImmutableArray<PolicyValue> Values);

/// <summary>The values that a setting may have.</summary>
public sealed class AllowedValues
{
    private readonly ImmutableSortedDictionary<int, string> choices;
    private readonly (int Least, int Most) range;
    private readonly Kind kind;

    private AllowedValues(string text, Kind kind, (int Least, int Most) range, ImmutableSortedDictionary<int, string> choices)
    {
        Text = text;
        this.kind = kind;
        this.range = range;
        this.choices = choices;
    }

    private enum Kind
    {
        Nothing,
        Choices,
        Range,
        Length,
    }

    /// <summary>As the catalogue writes it.</summary>
    public string Text { get; }

    /// <summary>Whether a preset may give a value at all.</summary>
    public bool IsSettable => kind != Kind.Nothing;

    /// <summary>Whether the values are whole numbers.</summary>
    public bool IsNumber => kind is Kind.Choices or Kind.Range;

    /// <summary>The values with their meaning, for a setting that offers a choice; empty otherwise.</summary>
    public IEnumerable<KeyValuePair<int, string>> Choices => choices;

    /// <summary>What is allowed, in words.</summary>
    public string InWords => kind switch
    {
        Kind.Choices => string.Join(", ", choices.Select(choice => choice.Value.Length == 0 ? Invariant(choice.Key) : $"{Invariant(choice.Key)} ({choice.Value})")),
        Kind.Range => $"a whole number from {Invariant(range.Least)} to {Invariant(range.Most)}",
        Kind.Length => $"a text of {Invariant(range.Least)} to {Invariant(range.Most)} characters",
        _ => "nothing: it is not set by presets",
    };

    /// <summary>Reads <c>0=off|1=on</c>, <c>0|1</c>, <c>0..100</c>, <c>text 0..200</c> or <c>none</c>; null for anything else.</summary>
    public static AllowedValues? Parse(string text)
    {
        var none = ImmutableSortedDictionary<int, string>.Empty;
        if (text == "none")
        {
            return new(text, Kind.Nothing, default, none);
        }

        if (text.StartsWith("text ", StringComparison.Ordinal))
        {
            return Range(text[5..]) is { } length ? new(text, Kind.Length, length, none) : null;
        }

        if (Range(text) is { } range)
        {
            return new(text, Kind.Range, range, none);
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

        return new(text, Kind.Choices, default, choices.ToImmutable());
    }

    /// <summary>Whether a value is allowed.</summary>
    public bool Allow(string value) => kind switch
    {
        Kind.Choices => Number(value) is { } number && choices.ContainsKey(number),
        Kind.Range => Number(value) is { } number && number >= range.Least && number <= range.Most,
        Kind.Length => value.Length >= range.Least && value.Length <= range.Most && !value.Any(char.IsControl),
        _ => false,
    };

    // Only the canonical spelling: what a preset says is what is written.
    internal static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && Invariant(number) == text ? number : null;

    internal static string Invariant(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static (int Least, int Most)? Range(string text) =>
        text.Split("..") is [var least, var most] && Number(least) is { } from && Number(most) is { } to && from <= to ? (from, to) : null;
}

/// <summary>How a registry value follows from a preset's value.</summary>
public sealed class ValueTransform
{
    private readonly ImmutableDictionary<string, string>? map;

    private ValueTransform(string text, ImmutableDictionary<string, string>? map)
    {
        Text = text;
        this.map = map;
    }

    /// <summary>As the catalogue writes it.</summary>
    public string Text { get; }

    /// <summary>Reads <c>same</c>, <c>invert</c> or <c>map 0=0|1=2</c>; null for anything else, and for one that does not cover the allowed values.</summary>
    public static ValueTransform? Parse(string text, AllowedValues allowed)
    {
        if (text == "same")
        {
            return new(text, null);
        }

        var pairs = text == "invert" ? ["0=1", "1=0"] : text.StartsWith("map ", StringComparison.Ordinal) ? text[4..].Split('|') : [];
        var map = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var pair in pairs)
        {
            if (pair.Split('=') is not [var from, var to] || AllowedValues.Number(from) is null || AllowedValues.Number(to) is null || !map.TryAdd(from, to))
            {
                return null;
            }
        }

        return map.Count > 0 && allowed.Choices.Any() && allowed.Choices.All(choice => map.ContainsKey(AllowedValues.Invariant(choice.Key))) ? new(text, map.ToImmutable()) : null;
    }

    /// <summary>The registry data for an allowed value.</summary>
    public string Apply(string value) => map is null ? value : map[value];
}
