using System.Text;
using CsCheck;
using MdbDeploy.Formats;

namespace MdbDeploy.Tests.Formats;

public class ScheduledTasksTests
{
    private const string Good = """
        <?xml version="1.0" encoding="utf-8"?>
        <ScheduledTasks clsid="{CC63F200-7309-4ba0-B154-A71CD118DBCC}">
          <ImmediateTaskV2 clsid="{9756B581-76EC-4169-9AFC-0CA8D43ADB5F}" name="Onboard" image="0" changed="2026-01-01 00:00:00" uid="{1A3FC9E2-F3D5-442D-B6AD-5CDC09D2594F}" userContext="0" removePolicy="0">
            <Properties action="C" name="Onboard" runAs="NT AUTHORITY\System" logonType="S4U">
              <Task version="1.3">
                <Principals><Principal id="Author"><UserId>NT AUTHORITY\System</UserId><LogonType>S4U</LogonType><RunLevel>HighestAvailable</RunLevel></Principal></Principals>
                <Settings><DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries><StopIfGoingOnBatteries>false</StopIfGoingOnBatteries><DeleteExpiredTaskAfter>PT0S</DeleteExpiredTaskAfter></Settings>
                <Triggers><TimeTrigger><StartBoundary>%LocalTimeXmlEx%</StartBoundary><EndBoundary>%LocalTimeXmlEx%</EndBoundary><Enabled>true</Enabled></TimeTrigger></Triggers>
                <Actions Context="Author"><Exec><Command>\\fs01.contoso.example\s$\a.cmd</Command><Arguments>/q</Arguments></Exec></Actions>
              </Task>
            </Properties>
            <Filters><FilterCollection bool="AND" not="0"><FilterComputer bool="AND" not="0" type="NETBIOS" name="PC1"/><FilterComputer bool="OR" not="0" type="NETBIOS" name="PC2"/></FilterCollection></Filters>
          </ImmediateTaskV2>
        </ScheduledTasks>
        """;

    [Fact]
    public void A_task_is_read()
    {
        var task = ScheduledTasks.Read(Encoding.UTF8.GetBytes(Good), "x.xml").Value!.ShouldHaveSingleItem();
        (task.Kind, task.Name, task.Action, task.RunAs).ShouldBe(("ImmediateTaskV2", "Onboard", "C", @"NT AUTHORITY\System"));
        task.Commands.ShouldBe([new TaskCommand(@"\\fs01.contoso.example\s$\a.cmd", "/q")]);
        var collection = task.Filters.ShouldHaveSingleItem();
        collection.Element.ShouldBe("FilterCollection");
        collection.Filters.Select(f => $"{f.Element} {f["type"]} {f.Name} {f.IsOr}").ShouldBe(["FilterComputer NETBIOS PC1 False", "FilterComputer NETBIOS PC2 True"]);
    }

    [Fact]
    public void A_right_task_has_no_problems() => Lint(Good).ShouldBeEmpty();

    [Fact]
    public void SYSTEM_may_also_be_given_by_its_identifier() => Lint(Good.Replace(@"NT AUTHORITY\System", "S-1-5-18", StringComparison.Ordinal)).ShouldBeEmpty();

    [Theory]
    [InlineData("runAs=\"NT AUTHORITY\\System\"", "runAs=\"NT AUTHORITY\\Well-Known-System-Account\"", "MDB0809", 4)]
    [InlineData("<UserId>NT AUTHORITY\\System<", "<UserId>BUILTIN\\SYSTEM<", "MDB0809", 6)]
    [InlineData("runAs=\"NT AUTHORITY\\System\"", "runAs=\"\"", "MDB0810", 4)]
    [InlineData("runAs=\"NT AUTHORITY\\System\" ", "", "MDB0810", 4)]
    [InlineData("logonType=\"S4U\">", "logonType=\"S4U\" program=\"a.cmd\">", "MDB0811", 4)]
    [InlineData("<Task version=\"1.3\">", "<Task version=\"1.3\" xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">", "MDB0811", 5)]
    [InlineData("9756B581", "D8896631", "MDB0811", 3)]
    [InlineData("<Exec><Command>\\\\fs01.contoso.example\\s$\\a.cmd</Command><Arguments>/q</Arguments></Exec>", "", "MDB0811", 5)]
    [InlineData("<StartBoundary>%LocalTimeXmlEx%<", "<StartBoundary>%LocalTimeXmlEx%x<", "MDB0811", 8)]
    [InlineData("<EndBoundary>%LocalTimeXmlEx%</EndBoundary>", "", "MDB0812", 5)]
    [InlineData("<DeleteExpiredTaskAfter>PT0S</DeleteExpiredTaskAfter>", "", "MDB0812", 5)]
    [InlineData("<FilterComputer bool=\"AND\"", "<filterComputer bool=\"AND\"", "MDB0813", 12)]
    [InlineData("</Filters>", "<FilterOrgUnit bool=\"AND\" not=\"0\" name=\"OU=x\" directMember=\"0\"/></Filters>", "MDB0814", 12)]
    [InlineData("</Filters>", "<FilterGroup bool=\"AND\" not=\"0\" name=\"C\\g\" userContext=\"1\"/></Filters>", "MDB0814", 12)]
    [InlineData("NETBIOS\" name=\"PC1", "DNS\" name=\"PC1", "MDB0815", 12)]
    [InlineData("logonType=\"S4U\">", "logonType=\"S4U\" cpassword=\"x\">", "MDB0816", 4)]
    [InlineData("<DisallowStartIfOnBatteries>false", "<DisallowStartIfOnBatteries>true", "MDB0817", 7)]
    public void A_silent_failure_is_found_at_its_line(string right, string wrong, string code, int line)
    {
        Good.ShouldContain(right);
        var text = Good.Replace(right, wrong, StringComparison.Ordinal).Replace("</filterComputer>", "", StringComparison.Ordinal);
        var found = Lint(text);
        found.ShouldContain(d => d.Code == code && d.Where.Line == line, string.Join('\n', found));
    }

    [Fact]
    public void A_bare_time_of_day_starts_nothing() => Lint(Good.Replace("ImmediateTaskV2", "TaskV2", StringComparison.Ordinal).Replace("9756B581-76EC-4169-9AFC-0CA8D43ADB5F", "D8896631-B747-47a7-84A6-C155337F3BC8", StringComparison.Ordinal)
        .Replace("<StartBoundary>%LocalTimeXmlEx%<", "<StartBoundary>08:00<", StringComparison.Ordinal)).ShouldHaveSingleItem().Message
        .ShouldBe("The StartBoundary '08:00' of the task 'Onboard' is not a date with a time such as 2026-01-31T08:00:00.");

    [Fact]
    public void The_user_side_may_look_at_the_user() => ScheduledTasks.Lint(
        Encoding.UTF8.GetBytes(Good.Replace("</Filters>", "<FilterGroup bool=\"AND\" not=\"0\" name=\"C\\g\" userContext=\"1\"/></Filters>", StringComparison.Ordinal)), GroupPolicySide.User, "x").ShouldBeEmpty();

    [Fact]
    public void A_broken_file_is_told_with_its_line()
    {
        var diagnostic = Lint("<ScheduledTasks>\n<ImmediateTaskV2>\n</ScheduledTasks>").ShouldHaveSingleItem();
        (diagnostic.Code, diagnostic.Where.Line).ShouldBe(("MDB0808", 3));
        Lint("<Tasks/>").ShouldHaveSingleItem().Message.ShouldBe("Its root is 'Tasks', not 'ScheduledTasks'.");
    }

    [Fact]
    public void A_policy_is_looked_through_file_by_file()
    {
        var backup = new GroupPolicyBackup
        {
            DisplayName = "x",
            GpoGuid = default,
            BackupId = default,
            Files = GpmcBackupTests.Files(
                ("Machine/Preferences/ScheduledTasks/ScheduledTasks.xml", Encoding.UTF8.GetBytes(Good.Replace("<Filters>", "<filters>", StringComparison.Ordinal).Replace("</Filters>", "</filters>", StringComparison.Ordinal))),
                ("Machine/Scripts/scripts.ini", Encoding.ASCII.GetBytes("[Startup]\r\n0CmdLine=a.cmd\r\n")),
                ("Machine/registry.pol", [1])),
        };
        GroupPolicyLint.Check(backup, "in").Select(d => $"{d.Where.File} {d.Code}").ShouldBe(
        [
            "in/Machine/Preferences/ScheduledTasks/ScheduledTasks.xml MDB0813", "in/Machine/registry.pol MDB0801", "in/Machine/Scripts/scripts.ini MDB0819", "in/Machine/Scripts/scripts.ini MDB0831",
        ]);
    }

    [Fact]
    public void No_bytes_crash_the_reader() => Gen.Select(Gen.Int[0, Good.Length], Gen.Byte.Array[0, 8], Gen.Int[0, 80]).Sample((at, noise, drop) =>
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes(Good[..at]), .. noise, .. Encoding.UTF8.GetBytes(Good[Math.Min(Good.Length, at + drop)..])];
        ScheduledTasks.Read(bytes, "x");
        ScheduledTasks.Lint(bytes, GroupPolicySide.Machine, "x");
    });

    private static IReadOnlyList<Diagnostics.Diagnostic> Lint(string xml) => ScheduledTasks.Lint(Encoding.UTF8.GetBytes(xml), GroupPolicySide.Machine, "x.xml");
}
