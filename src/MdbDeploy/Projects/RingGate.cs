using System.Collections.Immutable;
using System.Globalization;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Projects;

/// <summary>
/// What must hold before a ring is pushed. Keys of the ring in mdbdeploy.yaml: <c>after</c> (a ring), <c>when</c> (how far that ring must be, see
/// <see cref="GateCondition"/>) and <c>notBefore</c> (a moment). All that are given must hold.
/// </summary>
public sealed record RingGate
{
    /// <summary>The ring that comes first; null when only <see cref="NotBefore"/> is given.</summary>
    public string? After { get; init; }

    /// <summary>How far <see cref="After"/> must be; all must hold. <c>onboarded >= 100%</c> when the project names a ring and no condition.</summary>
    public ImmutableArray<GateCondition> When { get; init; } = [];

    /// <summary>The earliest moment; null for any. A date without a time begins at midnight UTC.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Where <c>after</c> stands in mdbdeploy.yaml, or the ring when it is left out.</summary>
    public Location AfterAt { get; init; }
}

/// <summary>One condition of a gate, written <c>onboarded &gt;= 95%</c>, <c>waiting &lt;= 20</c> or <c>attention &lt; 1%</c>; several are joined by <c>and</c>.</summary>
/// <param name="Count">What is counted among the devices of the ring.</param>
/// <param name="Operator"><c>&gt;=</c>, <c>&gt;</c>, <c>&lt;=</c> or <c>&lt;</c>.</param>
/// <param name="Amount">The number compared with.</param>
/// <param name="IsPercent">Whether <paramref name="Amount"/> is a percentage of the ring's devices, not a number of devices.</param>
public sealed record GateCondition(GateCount Count, string Operator, double Amount, bool IsPercent)
{
    private static readonly ImmutableArray<string> Operators = [">=", "<=", ">", "<"];

    /// <summary>Every device of the ring is onboarded.</summary>
    public static GateCondition AllOnboarded { get; } = new(GateCount.Onboarded, ">=", 100, true);

    /// <summary>Whether the condition holds for a ring.</summary>
    /// <param name="counted">Devices of the ring that are in the state.</param>
    /// <param name="all">Devices of the ring; more than 0.</param>
    public bool Holds(int counted, int all)
    {
        // Compared as products: 19 of 20 is 95 percent exactly, whatever a division makes of it.
        var (left, right) = IsPercent ? (counted * 100.0, Amount * all) : (counted, Amount);
        return Operator switch
        {
            ">=" => left >= right,
            "<=" => left <= right,
            ">" => left > right,
            _ => left < right,
        };
    }

    /// <summary>The condition as it is written in mdbdeploy.yaml.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Count.ToString().ToLowerInvariant()} {Operator} {Amount:0.##}{(IsPercent ? "%" : "")}");

    /// <summary>Reads the conditions of a <c>when</c>.</summary>
    /// <param name="text">One or more conditions, joined by <c>and</c>.</param>
    /// <param name="problem">What is wrong with the first that is none; null when all are read.</param>
    public static ImmutableArray<GateCondition> Parse(string text, out string? problem)
    {
        var conditions = ImmutableArray.CreateBuilder<GateCondition>();
        problem = null;
        foreach (var part in text.Split(" and ", StringSplitOptions.TrimEntries))
        {
            if (ParseOne(part, out problem) is not { } condition)
            {
                return [];
            }

            conditions.Add(condition);
        }

        return conditions.ToImmutable();
    }

    private static GateCondition? ParseOne(string text, out string? problem)
    {
        var form = $"'{text}' is no condition of a gate: write for example 'onboarded >= 95%', 'waiting <= 20' or 'attention < 1%', and join several by 'and'.";
        problem = form;
        var op = Operators.FirstOrDefault(o => text.Contains(o, StringComparison.Ordinal));
        if (op is null)
        {
            return null;
        }

        var sides = text.Split(op, 2, StringSplitOptions.TrimEntries);
        var names = Enum.GetNames<GateCount>().Select(name => name.ToLowerInvariant()).ToList();
        if (!names.Contains(sides[0]))
        {
            problem = $"'{sides[0]}' is nothing that is counted in a ring.{(Yaml.Nearest.To(sides[0], names) is { } near ? $" Did you mean '{near}'?" : $" Known are: {string.Join(", ", names)}.")}";
            return null;
        }

        var isPercent = sides[1].EndsWith('%');
        var digits = isPercent ? sides[1][..^1].TrimEnd() : sides[1];
        if (!double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) || (isPercent && amount > 100))
        {
            problem = isPercent ? $"'{sides[1]}' is no percentage from 0% to 100%." : form;
            return null;
        }

        problem = null;
        return new GateCondition(Enum.Parse<GateCount>(sides[0], ignoreCase: true), op, amount, isPercent);
    }
}

/// <summary>What a gate counts among the devices of a ring.</summary>
public enum GateCount
{
    /// <summary>Onboarded, and the sensor works.</summary>
    Onboarded,

    /// <summary>Planned, and no system reports it as onboarded yet.</summary>
    Waiting,

    /// <summary>A person should look: onboarded with a sensor that does not work, or something prevents it.</summary>
    Attention,
}
