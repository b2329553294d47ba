using MdbDeploy.Lab;
using MdbDeploy.Targets;
using static MdbDeploy.EndToEnd.Graph.Contoso;
using static MdbDeploy.EndToEnd.Graph.GraphLab;

namespace MdbDeploy.EndToEnd.Graph;

public sealed class Faults
{
    private static readonly LabDevice[] Computers = [.. Enumerable.Range(1, 60).Select(n => Computer($"LT-{n:00}", Id(n), $"SN{n:00}"))];

    private static DesiredState Everything => State(Blob, ("pilot", Devices(1, 5)), ("broad", Devices(6, 60)));

    [Theory]
    [InlineData("lost-answer:POST:/beta/groups:1")]
    [InlineData("lost-answer:POST:/beta/groups:1,lost-answer:POST:/beta/groups:2")]
    [InlineData("lost-answer:POST:/beta/deviceManagement/configurationPolicies:1")]
    [InlineData("lost-answer:POST:/beta/deviceManagement/configurationPolicies:2")]
    [InlineData("500-committed:POST:/beta/groups:1")]
    [InlineData("503-committed:POST:/beta/groups:2")]
    [InlineData("504-committed:POST:/beta/deviceManagement/configurationPolicies:1")]
    [InlineData("504-committed:POST:/beta/deviceManagement/configurationPolicies:2")]
    [InlineData("lost-answer:POST:/beta/$batch:1")]
    [InlineData("lost-answer:PATCH:/beta/groups:1")]
    [InlineData("lost-answer:PATCH:/beta/groups:2")]
    [InlineData("500-committed:PATCH:/beta/groups:1")]
    [InlineData("abort:POST:/beta/groups:1")]
    [InlineData("abort:GET:/beta/deviceManagement:0.3")]
    [InlineData("html:GET:/beta/deviceManagement:0.3")]
    [InlineData("html:POST:/beta/groups:1")]
    public async Task An_answer_that_is_lost_once_makes_nothing_twice_and_leaves_nothing_out(string faults)
    {
        await using var lab = await StartAsync(new LabOptions { Devices = Computers, Faults = faults });

        await lab.PushAsync(Everything);

        lab.Server.Requests.Entries.ShouldContain(e => e.Fault != null);
        await ShouldStandAsync(lab);
    }

    [Theory]
    [InlineData("429-no-retry-after:0.3")]
    [InlineData("503-no-retry-after:GET:/beta:0.3")]
    [InlineData("429:POST:/beta/groups:1,429:PATCH:/beta/groups:1,429:GET:/beta/devices:1")]
    [InlineData("429-date:POST:/beta/deviceManagement:1")]
    [InlineData("503-date:PATCH:/beta/groups:1")]
    [InlineData("429-no-retry-after:POST:/beta/$batch:0.5")]
    [InlineData("latency:20ms")]
    public async Task A_storm_of_throttling_is_waited_through(string faults)
    {
        await using var lab = await StartAsync(new LabOptions { Devices = Computers, Faults = faults });

        await lab.PushAsync(Everything);

        await ShouldStandAsync(lab);
    }

    [Fact]
    public async Task A_new_group_that_takes_no_members_yet_is_waited_for()
    {
        await using var lab = await StartAsync(new LabOptions { Devices = Computers, Habits = new() { GroupDelay = TimeSpan.FromSeconds(1) } });

        await lab.PushAsync(Everything);

        await ShouldStandAsync(lab);
        // Waiting does not fall back to one request per device.
        lab.Server.Requests.Writes.Count(w => w.InBatch).ShouldBeLessThan(60);
    }

    [Fact]
    public async Task A_group_that_a_push_made_a_moment_ago_and_nobody_can_list_yet_is_taken_up_and_not_made_twice()
    {
        await using var lab = await StartAsync(new LabOptions { Devices = Computers, Habits = new() { GroupDelay = TimeSpan.FromMilliseconds(600) } });
        var desired = State(Group("pilot"));
        (await lab.PushAsync(desired)).IsComplete.ShouldBeTrue();
        // Another process, right after: the first one was cancelled before it could write down what it made.
        using var another = lab.Reopen();
        Directory.Delete(Path.GetDirectoryName(lab.ApprovalsFile)!, recursive: true);
        var plan = await another.PlanAsync(desired);
        plan.Changes.ShouldHaveSingleItem().Kind.ShouldBe(ChangeKind.Create);
        (await another.Reconciler.ApplyAsync(plan, null, Cancel)).IsComplete.ShouldBeTrue();
        lab.Server.State.Groups.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Members_that_are_listed_late_are_not_added_twice()
    {
        await using var lab = await StartAsync(new LabOptions
        {
            Devices = Computers,
            Faults = "lost-answer:PATCH:/beta/groups:2",
            Habits = new() { MemberDelay = TimeSpan.FromMilliseconds(400) },
        });

        await lab.PushAsync(State(Group("broad"), Members("broad", Devices(1, 60))));

        lab.Group("MDB - Contoso - broad").Members.Select(m => m.Name).Order().ShouldBe(Computers.Select(c => c.Name));
    }

    [Fact]
    public async Task A_token_that_is_refused_on_the_way_is_renewed()
    {
        // The sign-in library keeps its tokens: a refused one must not come back from there.
        await using var lab = await StartAsync(new LabOptions { Devices = Computers, Faults = "401:GET:/beta/devices:1,401:POST:/beta/groups:2" });

        await lab.PushAsync(Everything);

        lab.Server.Requests.Entries.Count(e => e.Path.EndsWith("/token", StringComparison.Ordinal)).ShouldBe(3);
        await ShouldStandAsync(lab);
    }

    [Fact]
    public async Task A_server_that_only_answers_500_ends_in_an_error_that_says_so()
    {
        await using var lab = await StartAsync(new LabOptions { Devices = Computers, Faults = "500:*" });

        var error = await Should.ThrowAsync<TargetException>(lab.PlanAsync(Everything));

        error.Diagnostic.Code.ShouldBe("MDB0750");
        error.Message.ShouldContain("500");
        error.Message.ShouldContain("request-id");
    }

    [Fact]
    public async Task Writes_that_are_always_refused_fail_one_by_one_and_the_next_push_completes_them()
    {
        await using var lab = await StartAsync(new LabOptions { Devices = Computers, Faults = "403:POST:/beta/groups:2" });
        var changes = await lab.PlanAsync(Everything);

        var result = await lab.Reconciler.ApplyAsync(changes, null, Cancel);

        result.Failed.ShouldBe(1);
        result.Skipped.ShouldBe(2);
        result.Diagnostics.ShouldHaveSingleItem().Code.ShouldBe("MDB0754");
        result.Diagnostics[0].Where.Subject.ShouldNotBeNull();
        await lab.WaitUntilReadableAsync();
        await lab.PushAsync(Everything);
        await ShouldStandAsync(lab);
    }

    [Fact]
    public async Task A_device_that_vanishes_in_between_does_not_keep_the_others_out()
    {
        await using var lab = await StartAsync(new LabOptions { Devices = Computers });
        await lab.PushAsync(State(Group("other"), Members("other", Devices(7, 7)), Group("broad")));
        await lab.WaitUntilReadableAsync();
        var changes = await lab.PlanAsync(State(Group("other"), Members("other", Devices(7, 7)), Group("broad"), Members("broad", Devices(1, 30))));
        using (var other = lab.Server.CreateClient())
        {
            // Forgetting /$ref deletes the device.
            var group = lab.Group("MDB - Contoso - other");
            (await other.DeleteAsync(new Uri($"v1.0/groups/{group.Id}/members/{group.Members[0].ObjectId}", UriKind.Relative), Cancel)).EnsureSuccessStatusCode();
        }

        var result = await lab.Reconciler.ApplyAsync(changes, null, Cancel);

        result.Diagnostics.ShouldHaveSingleItem().Code.ShouldBe("MDB0775");
        result.Diagnostics[0].Message.ShouldContain("LT-07");
        result.Diagnostics[0].Message.ShouldNotContain("LT-08");
        lab.Group("MDB - Contoso - broad").Members.Count.ShouldBe(29);
    }

    private static async Task ShouldStandAsync(GraphLab lab)
    {
        lab.Server.State.Groups.Select(g => g.DisplayName).Order().ShouldBe(["MDB - Contoso - broad", "MDB - Contoso - pilot"]);
        lab.Group("MDB - Contoso - pilot").Members.Select(m => m.Name).Order().ShouldBe(Computers[..5].Select(c => c.Name));
        lab.Group("MDB - Contoso - broad").Members.Select(m => m.Name).Order().ShouldBe(Computers[5..].Select(c => c.Name));
        lab.Server.State.Policies.ShouldHaveSingleItem().Targets.Count.ShouldBe(2);
        await lab.WaitUntilReadableAsync();
        lab.Server.Requests.Clear();
        (await lab.PlanAsync(Everything)).HasWrites.ShouldBeFalse();
        lab.Server.Requests.Writes.ShouldBeEmpty();
    }

    private static System.Text.Json.Nodes.JsonObject[] Devices(int first, int last) => [.. Enumerable.Range(first, last - first + 1).Select(n => Device($"LT-{n:00}", Id(n)))];
}
