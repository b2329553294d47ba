using MdbDeploy.Diagnostics;
using MdbDeploy.Lab;
using static MdbDeploy.EndToEnd.Graph.Contoso;
using static MdbDeploy.EndToEnd.Graph.GraphLab;

namespace MdbDeploy.EndToEnd.Graph;

public sealed class FindingDevices
{
    private static readonly DateTimeOffset Monday = new(2026, 11, 2, 8, 0, 0, TimeSpan.Zero);

    /// <summary>With few devices each is looked up; with many all of the tenant are read. Both must say the same.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1200)]
    public async Task Devices_are_found_by_entra_id_serial_and_name_and_the_others_are_reported(int others)
    {
        LabDevice[] computers =
        [
            Computer("BY-ENTRA-ID", Id(1)),
            Computer("BY-SERIAL", Id(2), "SN-2"),
            Computer("BY-NAME", Id(3)),
            Computer("O'BRIEN", Id(4)),
            Computer("TWICE", Id(5)), Computer("TWICE", Id(6)),
            Computer("STALE", Id(7), inIntune: false), Computer("STALE", Id(8)),
            Computer("AGAIN", Id(9), "SN-9", lastSeen: Monday), Computer("AGAIN", Id(10), "SN-9", lastSeen: Monday.AddDays(7)),
            Computer("CLONE-A", Id(11), "SN-11"), Computer("CLONE-B", Id(12), "SN-11"),
            .. Enumerable.Range(0, others).Select(n => Computer($"OTHER-{n:0000}", Id(1000 + n), $"OTHER-{n:0000}")),
        ];
        await using var lab = await StartAsync(new LabOptions { Devices = computers });
        var desired = State(Group("pilot"), Members("pilot",
        [
            Device("renamed-in-the-inventory", Id(1)),
            Device("whatever", serial: "sn-2"),
            Device("by-name"),
            Device("O'Brien"),
            Device("TWICE"),
            Device("STALE"),
            Device("AGAIN", serial: "SN-9"),
            Device("CLONE", serial: "SN-11"),
            Device("NOWHERE"),
            Device("BY-NAME", Id(999)),
            Device("') or startswith(displayName,'O"),
            .. Enumerable.Range(0, others / 20).Select(n => Device($"OTHER-{n:0000}", Id(1000 + n))),
        ]));

        var plan = await lab.PlanAsync(desired);
        await lab.PushAsync(desired);

        lab.Group("MDB - Contoso - pilot").Members.Select(m => m.DeviceId).Where(id => !computers[12..].Any(c => c.EntraDeviceId == id)).Order().ShouldBe(
            new[] { Id(1), Id(2), Id(3), Id(4), Id(8), Id(10) }.Order());
        plan.Diagnostics.Select(d => (d.Code, d.Severity)).Order().ShouldBe([("MDB0770", Severity.Warning), ("MDB0771", Severity.Warning)]);
        var missing = plan.Diagnostics.Single(d => d.Code == "MDB0770");
        missing.Where.Subject.ShouldBe("intune/group-members/pilot");
        missing.Message.ShouldStartWith("3 of ");
        missing.Message.ShouldContain("NOWHERE");
        plan.Diagnostics.Single(d => d.Code == "MDB0771").Message.ShouldEndWith("CLONE, TWICE.");
        lab.Server.Requests.Entries.Any(e => e.Path == "/beta/devices" && !e.InBatch).ShouldBe(others > 0);
    }

    [Fact]
    public async Task A_device_is_found_by_its_id_in_intune()
    {
        await using var lab = await StartAsync(new LabOptions { Devices = [Computer("LT-1", Id(1)), Computer("LT-2", Id(2))] });
        var intune = await Targets.Graph.IntuneStatus.ReadAsync(lab.Connection.Graph, Cancel).FirstAsync(d => d.Name == "LT-2", Cancel);

        await lab.PushAsync(State(Group("pilot"), Members("pilot", Device("another name", intune: intune.Id), Device("LT-1", intune: Id(77).ToString()))));

        lab.Group("MDB - Contoso - pilot").Members.Select(m => m.Name).Order().ShouldBe(["LT-1", "LT-2"]);
    }

    [Fact]
    public async Task Two_rows_of_one_device_make_one_member()
    {
        await using var lab = await StartAsync(new LabOptions { Devices = [Computer("LT-1", Id(1), "SN-1")] });
        var desired = State(Group("pilot"), Members("pilot", Device("LT-1", Id(1)), Device("LT-1", serial: "SN-1")));

        await lab.PushAsync(desired);
        await lab.WaitUntilReadableAsync();

        lab.Group("MDB - Contoso - pilot").Members.Count.ShouldBe(1);
        (await lab.PlanAsync(desired)).HasWrites.ShouldBeFalse();
    }

    [Fact]
    public async Task A_ring_of_a_thousand_devices_takes_few_requests()
    {
        LabDevice[] computers = [.. Enumerable.Range(1, 1000).Select(n => Computer($"LT-{n:0000}", Id(n)))];
        await using var lab = await StartAsync(new LabOptions { Devices = computers });
        var desired = State(Group("broad"), Members("broad", [.. computers.Select(c => Device(c.Name, c.EntraDeviceId))]));

        await lab.PushAsync(desired);

        lab.Group("MDB - Contoso - broad").Members.Count.ShouldBe(1000);
        lab.Server.Requests.Entries.Count(e => !e.InBatch).ShouldBeLessThan(60);
        await lab.WaitUntilReadableAsync();
        (await lab.PlanAsync(desired)).HasWrites.ShouldBeFalse();
    }
}
