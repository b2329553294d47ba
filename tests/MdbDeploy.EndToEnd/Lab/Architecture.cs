using MdbDeploy.Lab;

namespace MdbDeploy.EndToEnd.Lab;

public class Architecture
{
    [Fact]
    public void The_lab_references_nothing_of_ours() =>
        typeof(LabServer).Assembly.GetReferencedAssemblies().Select(a => a.Name!).Where(n => n.StartsWith("mdbdeploy", StringComparison.OrdinalIgnoreCase)).ShouldBeEmpty();
}
