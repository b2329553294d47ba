using MdbDeploy.Inventory;

namespace MdbDeploy.Planning;

/// <summary>Answers of a condition for rows, asked once per combination of shared fields when it looks at nothing else. Several threads may ask.</summary>
/// <param name="rows">The devices.</param>
/// <param name="condition">The condition; null holds for every device.</param>
internal sealed class SharedAnswers(DeviceRows rows, DeviceExpression? condition)
{
    private const byte Yes = 1;
    private const byte No = 2;

    private readonly bool isShared = condition?.IsShared == true;
    private readonly byte[] known = new byte[rows.SharedCount];

    /// <summary>Whether it holds for the device of a row.</summary>
    public bool For(int row)
    {
        if (condition is null || !isShared)
        {
            return condition is null || condition.Holds(rows.Device(row));
        }

        ref var answer = ref known[rows.SharedOf(row)];
        answer = answer != 0 ? answer : condition.Holds(rows.PrototypeOf(row)) ? Yes : No;
        return answer == Yes;
    }
}
