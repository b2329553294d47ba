using System.Net;
using MdbDeploy.Lab;
using MdbDeploy.Lab.Faults;

namespace MdbDeploy.EndToEnd.Lab;

public class Faults
{
    private const string Group = """{"displayName":"g","mailEnabled":false,"mailNickname":"g","securityEnabled":true}""";

    [Fact]
    public async Task A_lost_answer_leaves_the_object_behind()
    {
        await using var lab = await LabTest.StartAsync(new LabOptions { Faults = "lost-answer:POST:/beta/deviceManagement:1" });
        await Should.ThrowAsync<HttpRequestException>(() => lab.Post("beta/deviceManagement/configurationPolicies", Policies.Onboard("EDR")));
        lab.Server.State.Policies.Single().Name.ShouldBe("EDR");
        lab.Server.Requests.Writes.Single().ShouldSatisfyAllConditions(w => w.Status.ShouldBe(201), w => w.Fault.ShouldBe("lost-answer:POST:/beta/deviceManagement:1"));
        (await lab.Post("beta/deviceManagement/configurationPolicies", Policies.Onboard("EDR"))).Status.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task An_error_may_come_although_the_work_is_done_and_an_abort_before_it_is()
    {
        await using var lab = await LabTest.StartAsync(new LabOptions { Faults = "504-committed:POST:/beta/groups:1,abort:POST:/beta/groups:2" });
        (await lab.Post("beta/groups", Group)).Status.ShouldBe(HttpStatusCode.GatewayTimeout);
        await Should.ThrowAsync<HttpRequestException>(() => lab.Post("beta/groups", Group));
        lab.Server.State.Groups.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Throttling_comes_with_seconds_with_a_date_or_with_nothing()
    {
        await using var lab = await LabTest.StartAsync(new LabOptions { Faults = "429:GET:/beta/groups:1, 429-no-retry-after:GET:/beta/groups:2, 503-date:GET:/beta/groups:3" });
        var seconds = await lab.Get("beta/groups");
        seconds.Status.ShouldBe(HttpStatusCode.TooManyRequests);
        seconds.Headers["Retry-After"].ShouldBe("1");
        ((string)seconds.Json["error"]!["code"]!).ShouldBe("TooManyRequests");
        (await lab.Get("beta/groups")).Headers.Keys.ShouldNotContain("Retry-After");
        (await lab.Get("beta/groups")).Headers["Retry-After"].ShouldBe("Mon, 02 Nov 2026 08:00:01 GMT");
        (await lab.Get("beta/groups")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_share_is_spread_evenly_and_leaves_sign_in_alone()
    {
        await using var lab = await LabTest.StartAsync(new LabOptions { Faults = "500:0.25" });
        var statuses = new List<HttpStatusCode>();
        for (var n = 0; n < 8; n++)
        {
            statuses.Add((await lab.Get("api/machines")).Status);
            (await lab.Post("common/oauth2/v2.0/token", "")).Status.ShouldBe(HttpStatusCode.BadRequest);
        }

        statuses.Select((s, n) => (s, n)).Where(p => p.s == HttpStatusCode.InternalServerError).Select(p => p.n).ShouldBe([3, 7]);
    }

    [Fact]
    public async Task A_proxy_in_between_answers_HTML()
    {
        await using var lab = await LabTest.StartAsync(new LabOptions { Faults = "html:*" });
        var reply = await lab.Get("AdminService_TokenAuth/wmi/SMS_Site");
        reply.Status.ShouldBe(HttpStatusCode.BadGateway);
        reply.Text.ShouldStartWith("<html>");
    }

    [Theory]
    [InlineData("429")]
    [InlineData("429:")]
    [InlineData("429:0.0")]
    [InlineData("429:1.5")]
    [InlineData("429:-0.1")]
    [InlineData("399:*")]
    [InlineData("600:*")]
    [InlineData("404-no-retry-after:*")]
    [InlineData("429-committed:*")]
    [InlineData("lost-anser:POST:/beta:1")]
    [InlineData("500:POST:beta/groups:1")]
    [InlineData("500:FETCH:/beta")]
    [InlineData("500:post:/beta")]
    [InlineData("500:POST:/beta/groups:0")]
    [InlineData("500:POST:/beta/groups:two")]
    [InlineData("500:POST:/beta/groups:1:2")]
    [InlineData("latency:50")]
    [InlineData("latency:fast")]
    [InlineData("latency:99999999999ms")]
    [InlineData("500:*,")]
    [InlineData(",")]
    public async Task Nonsense_is_refused_before_the_lab_starts(string spec)
    {
        Should.Throw<FormatException>(() => FaultPlan.Parse(spec)).Message.ShouldContain(spec.TrimEnd(','));
        await Should.ThrowAsync<FormatException>(() => LabServer.StartAsync(new LabOptions { Faults = spec }, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_plan_reads_as_it_is_documented()
    {
        FaultPlan.Parse(null).Rules.ShouldBeEmpty();
        FaultPlan.Parse(" ").Rules.ShouldBeEmpty();
        var rules = FaultPlan.Parse("429:0.1, 500:*, lost-answer:POST:/beta/deviceManagement:1, latency:50ms, latency=20ms:GET:/api, 500:*:/beta/groups:0.5").Rules;
        rules.Select(r => r.Kind).ShouldBe([FaultKind.Status, FaultKind.Status, FaultKind.LostAnswer, FaultKind.Latency, FaultKind.Latency, FaultKind.Status]);
        rules[0].Rate.ShouldBe(0.1);
        rules[2].ShouldSatisfyAllConditions(r => r.Method.ShouldBe("POST"), r => r.Path.ShouldBe("/beta/deviceManagement"), r => r.Nth.ShouldBe(1));
        rules[3].Latency.ShouldBe(TimeSpan.FromMilliseconds(50));
        rules[4].Path.ShouldBe("/api");
        rules[5].ShouldSatisfyAllConditions(r => r.Method.ShouldBeNull(), r => r.Rate.ShouldBe(0.5));
    }
}
