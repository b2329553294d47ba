using System.Collections.Immutable;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Policies;

/// <summary>A preset: a YAML file with settings and values.</summary>
public sealed record PolicyPreset
{
    /// <summary>Name of the file without <c>.yaml</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Title for people.</summary>
    public required string Title { get; init; }

    /// <summary>What it is for; one line.</summary>
    public string Description { get; init; } = "";

    /// <summary>The page its values come from; empty for one that somebody made up.</summary>
    public string Source { get; init; } = "";

    /// <summary>Whether its values win over those of presets named before it; otherwise presets may not disagree.</summary>
    public bool Overrides { get; init; }

    /// <summary>The settings in file order.</summary>
    public required ImmutableArray<PresetEntry> Entries { get; init; }
}

/// <summary>A setting of a preset.</summary>
/// <param name="Setting">The setting.</param>
/// <param name="Stages">Its value; for one that is promoted a value for each ring, first ring first, of which the last serves all further rings.</param>
/// <param name="At">Where it stands.</param>
public sealed record PresetEntry(PolicySetting Setting, ImmutableArray<string> Stages, Location At)
{
    /// <summary>The value in a ring.</summary>
    /// <param name="ring">Position of the ring in roll-out order, from 0.</param>
    public PolicyValue InRing(int ring) => new(Setting, Stages[Math.Min(ring, Stages.Length - 1)]);
}

/// <summary>The settings of all presets a project names, each once.</summary>
/// <param name="Entries">The settings, in the order in which presets name them first.</param>
public sealed record PolicySelection(ImmutableArray<PresetEntry> Entries)
{
    /// <summary>Nothing.</summary>
    public static PolicySelection Empty { get; } = new([]);

    /// <summary>The values in a ring.</summary>
    /// <param name="ring">Position of the ring in roll-out order, from 0.</param>
    public ImmutableArray<PolicyValue> InRing(int ring) => [.. Entries.Select(entry => entry.InRing(ring))];

    /// <summary>The values that rings come to last: those of the ring that is least far, which devices outside of rings get.</summary>
    public ImmutableArray<PolicyValue> Last => InRing(int.MaxValue);
}
