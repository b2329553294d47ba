namespace MdbDeploy.Tests;

public class Smoke
{
    [Fact]
    public void It_runs() => (1 + 1).ShouldBe(2);
}
