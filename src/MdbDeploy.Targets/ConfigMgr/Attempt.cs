namespace MdbDeploy.Targets.ConfigMgr;

/// <summary>A write whose failure is not believed unseen.</summary>
internal static class Attempt
{
    /// <summary>
    /// Writes. When the server refuses or its answer is lost, looks whether it is done all the same: the answer may have been lost before ("already exists"), or the
    /// server may have failed after it acted.
    /// </summary>
    /// <param name="write">Writes.</param>
    /// <param name="isDone">Looks.</param>
    /// <exception cref="TargetException">It is not done.</exception>
    public static async Task WriteAsync(Func<Task> write, Func<Task<bool>> isDone)
    {
        try
        {
            await write();
        }
        catch (TargetException)
        {
            if (!await IsDoneAsync(isDone))
            {
                throw;
            }
        }
    }

    private static async Task<bool> IsDoneAsync(Func<Task<bool>> isDone)
    {
        try
        {
            return await isDone();
        }
        catch (TargetException)
        {
            // The first failure says more than that looking failed too.
            return false;
        }
    }
}
