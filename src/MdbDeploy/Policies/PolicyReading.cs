using System.Collections.Immutable;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Policies;

/// <summary>What a channel's own form was understood to say.</summary>
/// <param name="Values">The settings, each once, ordered by identifier.</param>
/// <param name="Diagnostics">What was not understood, and what is wrong.</param>
public sealed record PolicyReading(ImmutableArray<PolicyValue> Values, ImmutableArray<Diagnostic> Diagnostics)
{
    /// <summary>Nothing.</summary>
    public static PolicyReading Empty { get; } = new([], []);

    /// <summary>Both readings; where they give a setting different values, that is told and the first stays.</summary>
    public static PolicyReading Join(IEnumerable<PolicyReading> readings)
    {
        var draft = new PolicyDraft("");
        var diagnostics = ImmutableArray.CreateBuilder<Diagnostic>();
        foreach (var reading in readings)
        {
            diagnostics.AddRange(reading.Diagnostics);
            foreach (var value in reading.Values)
            {
                draft.Add(value.Setting, value.Value, Location.Of(value.Setting.Id));
            }
        }

        var joined = draft.Finish();
        diagnostics.AddRange(joined.Diagnostics);
        return new(joined.Values, diagnostics.ToImmutable());
    }
}

/// <summary>A reading being made.</summary>
/// <param name="channel">Name of the channel, for messages.</param>
internal sealed class PolicyDraft(string channel)
{
    private readonly SortedDictionary<string, PolicyValue> values = new(StringComparer.Ordinal);
    private readonly List<Diagnostic> diagnostics = [];

    /// <summary>Adds a value in its canonical spelling. Items of a list join those that are there.</summary>
    public void Add(PolicySetting setting, string? value, Location at)
    {
        var earlier = values.GetValueOrDefault(setting.Id)?.Value;
        if (earlier is not null && value is not null && setting.Allowed.IsList)
        {
            value = string.Join('|', earlier.Split('|').Concat(value.Split('|')).Distinct(StringComparer.OrdinalIgnoreCase));
            earlier = null;
        }

        if (value is null || !setting.Allowed.Allow(value))
        {
            diagnostics.Add(Problems.PolicyValueNotAllowed.At(at with { Subject = setting.Id }, setting.Allowed.IsSettable
                ? $"{Prefix}{setting.Id} has a value that is not {setting.Allowed.InWords}."
                : $"{Prefix}{setting.Id} is set there, and presets never set it: {setting.Description}"));
        }
        else if (earlier is not null && earlier != value)
        {
            diagnostics.Add(Problems.PolicyValueNotAllowed.At(at with { Subject = setting.Id }, $"{Prefix}{setting.Id} is set to {setting.Allowed.Word(earlier)} and again to {setting.Allowed.Word(value)}; the first was taken."));
        }
        else
        {
            values[setting.Id] = new(setting, value);
        }
    }

    /// <summary>Tells that something was not understood.</summary>
    public void NotUnderstood(string what, Location at) => diagnostics.Add(Problems.PolicyNotUnderstood.At(at with { Subject = at.Subject is { } subject ? Plain(subject) : null }, Plain($"{Prefix}{what}")));

    /// <summary>Text of anybody's file, for messages: control characters, which terminals obey, become blanks.</summary>
    internal static string Plain(string text) => text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)) : text;

    /// <summary>The reading.</summary>
    public PolicyReading Finish() => new([.. values.Values], [.. diagnostics]);

    private string Prefix => channel.Length == 0 ? "" : $"{channel}: ";
}
