using MdbDeploy.Targets;
using MdbDeploy.Targets.ActiveDirectory;

namespace MdbDeploy.Tests.Targets;

public class SmbClientSysvolTests
{
    [Theory]
    [InlineData("Machine/a; deltree x")]
    [InlineData("Machine/a\"; !id")]
    [InlineData("Machine/a\nrm b")]
    [InlineData("Machine/a\rrm b")]
    public void A_file_name_that_could_be_a_command_reaches_no_program(string name) =>
        Should.Throw<TargetException>(() => new SmbClientSysvol("dc1.corp.example.test").Write("policy", [], [name])).Message.ShouldContain("is no path that can be written");
}
