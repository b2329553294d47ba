using System.Collections.Immutable;
using MdbDeploy.Diagnostics;
using MdbDeploy.Inventory;

namespace MdbDeploy.Planning;

/// <summary>
/// A condition over the fields of a device, as <c>rings.match</c> and <c>routing.when</c> have it: <c>site == 'OSL' and tags contains 'Pilot'</c>. Compiled once
/// to pure functions; nothing of the template engine runs when it is evaluated.
/// </summary>
/// <remarks>
/// Texts compare without regard to case, as Windows names do. A field that no source knows is an empty text, an empty list, or a number that no order comparison
/// holds for. <c>and</c> binds tighter than <c>or</c>.
/// </remarks>
public sealed class DeviceExpression
{
    private readonly Func<Device, bool> condition;
    private readonly ImmutableArray<ExpressionField> fields;

    internal DeviceExpression(string text, Func<Device, bool> condition, ImmutableArray<ExpressionField> fields)
    {
        Text = text;
        this.condition = condition;
        this.fields = fields;
    }

    /// <summary>The expression as written.</summary>
    public string Text { get; }

    /// <summary>The fields an expression may name.</summary>
    public static ImmutableArray<string> FieldNames { get; } = [.. ExpressionField.All.Keys];

    /// <summary>Compiles an expression, reporting everything that is wrong with it.</summary>
    /// <param name="text">The expression.</param>
    /// <param name="at">Where it stands.</param>
    /// <param name="lines">The line of each of its characters; empty when it stands on one line.</param>
    public static Outcome<DeviceExpression> Compile(string text, Location at, ImmutableArray<int> lines = default) => new ExpressionCompiler(text, at, lines.IsDefault ? [] : lines).Compile();

    /// <summary>Whether it looks only at fields that many devices share.</summary>
    internal bool IsShared => fields.All(used => used.IsShared);

    /// <summary>Whether a device fulfils the condition.</summary>
    public bool Holds(Device device) => condition(device);

    /// <summary>The values it looked at, for an explanation: <c>site is 'OSL', tags is empty</c>.</summary>
    public string Values(Device device) => string.Join(", ", fields.Select(field => $"{field.Name} is {field.Show(device)}"));
}
