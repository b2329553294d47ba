using MdbDeploy.Inventory;

namespace MdbDeploy.Planning;

/// <summary>Whether a condition holds for devices; asked once per combination of shared fields when it looks at nothing else. No condition holds for all.</summary>
internal sealed class SharedAnswers(DeviceTable devices, DeviceExpression? condition)
{
    private readonly bool?[] known = new bool?[condition is { IsShared: true } ? devices.Rows.SharedCount : 0];

    /// <summary>Whether it holds for the device at a position.</summary>
    public bool For(int index) =>
        condition is null || (condition.IsShared ? known[devices.Rows.SharedOf(devices.RowOf(index))] ??= condition.Holds(devices.Prototype(index)) : condition.Holds(devices[index]));
}
