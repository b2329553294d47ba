using System.Collections.Immutable;

namespace MdbDeploy.Policies;

/// <summary>How a channel's value follows from the canonical one, and back.</summary>
public sealed class ValueTransform
{
    private readonly ImmutableDictionary<string, string>? forth;
    private readonly ImmutableDictionary<string, string>? back;

    private ValueTransform(string text, ImmutableDictionary<string, string>? forth, ImmutableDictionary<string, string>? back)
    {
        Text = text;
        this.forth = forth;
        this.back = back;
    }

    /// <summary>Leaves a value as it is.</summary>
    public static ValueTransform Same { get; } = new("same", null, null);

    /// <summary>As the catalogue writes it.</summary>
    public string Text { get; }

    /// <summary>
    /// Reads <c>same</c>, <c>invert</c> or <c>map 0=0|1=2|1=1</c>, where the first pair of a value is the one that is written and all are read; null for anything else, and
    /// for one that does not cover the allowed values.
    /// </summary>
    public static ValueTransform? Parse(string text, AllowedValues allowed)
    {
        if (text == "same")
        {
            return Same;
        }

        var pairs = text == "invert" ? ["0=1", "1=0"] : text.StartsWith("map ", StringComparison.Ordinal) ? text[4..].Split('|') : [];
        var forth = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var back = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var pair in pairs)
        {
            if (pair.Split('=') is not [var from, { Length: > 0 } to] || AllowedValues.Number(from) is null || !back.TryAdd(to, from))
            {
                return null;
            }

            forth.TryAdd(from, to);
        }

        return forth.Count > 0 && allowed.Choices.Any() && allowed.Choices.All(choice => forth.ContainsKey(AllowedValues.Invariant(choice.Key)))
            ? new(text, forth.ToImmutable(), back.ToImmutable())
            : null;
    }

    /// <summary>The channel's value for an allowed value.</summary>
    public string Apply(string value) => forth is null ? value : forth[value];

    /// <summary>The canonical value for a channel's; null when there is none.</summary>
    public string? Revert(string value) => back is null ? value : back.GetValueOrDefault(value);
}
