using CsCheck;
using MdbDeploy.Targets.Http;
using Microsoft.Extensions.Time.Testing;

namespace MdbDeploy.Tests.Targets.Http;

public sealed class Budget
{
    [Fact]
    public void No_window_ever_holds_more_than_the_limit() =>
        Gen.Select(Gen.Int[1, 20], Gen.Int[0, 4000]).List[1, 60].Sample(steps => SpendAllAsync(steps).GetAwaiter().GetResult(), iter: 200);

    [Fact]
    public async Task Waiting_can_be_cancelled()
    {
        var time = new FakeTimeProvider();
        var budget = new RequestBudget(1, TimeSpan.FromSeconds(20), time);
        using var cancel = new CancellationTokenSource();
        await budget.SpendAsync(1, cancel.Token);

        var waiting = budget.SpendAsync(1, cancel.Token);
        waiting.IsCompleted.ShouldBeFalse();
        await cancel.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(waiting);
    }

    private static async Task SpendAllAsync(List<(int Operations, int PauseMilliseconds)> steps)
    {
        const int Limit = 15;
        var window = TimeSpan.FromSeconds(20);
        var time = new FakeTimeProvider();
        var budget = new RequestBudget(Limit, window, time);
        var spent = new List<(DateTimeOffset At, int Count)>();
        foreach (var (operations, pause) in steps)
        {
            time.Advance(TimeSpan.FromMilliseconds(pause));
            var spending = budget.SpendAsync(operations, Scripted.Cancel);
            while (!spending.IsCompleted)
            {
                time.Advance(TimeSpan.FromMilliseconds(500));
                await Task.Yield();
            }

            await spending;
            spent.Add((time.GetUtcNow(), Math.Min(operations, Limit)));
        }

        // A window may begin anywhere; it suffices to look where something was spent. The clock of this test goes in steps of half a second.
        foreach (var (start, _) in spent)
        {
            spent.Where(s => s.At >= start && s.At < start + window - TimeSpan.FromMilliseconds(500)).Sum(s => s.Count).ShouldBeLessThanOrEqualTo(Limit);
        }
    }
}
