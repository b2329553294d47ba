using MdbDeploy.Inventory;

namespace MdbDeploy.Planning;

/// <summary>Whether a condition holds for devices; asked once per combination of shared fields when it looks at nothing else. No condition holds for all.</summary>
internal sealed class SharedAnswers(DeviceRows rows, DeviceExpression? condition)
{
    private readonly bool?[] known = new bool?[condition is { IsShared: true } ? rows.SharedCount : 0];

    /// <summary>Whether it holds for the device of a row.</summary>
    public bool For(int row) =>
        condition is null || (condition.IsShared ? known[rows.SharedOf(row)] ??= condition.Holds(rows.PrototypeOf(row)) : condition.Holds(rows.Device(row)));
}
