using System.Text.Json.Nodes;
using MdbDeploy.Targets;
using MdbDeploy.Targets.Graph;
using MdbDeploy.Targets.Http;
using MdbDeploy.Tests.Targets.Http;
using static MdbDeploy.Tests.Targets.Http.Scripted;

namespace MdbDeploy.Tests.Targets.Graph;

public sealed class GraphClientTests
{
    [Theory]
    [InlineData("groups/11111111-2222-3333-4444-555555555555/members/66666666-7777-8888-9999-000000000000")]
    [InlineData("groups/11111111-2222-3333-4444-555555555555/Members/66666666-7777-8888-9999-000000000000?x=/$ref")]
    [InlineData("groups/1/members%2F2")]
    [InlineData("devices/66666666-7777-8888-9999-000000000000")]
    [InlineData("devices(deviceId='66666666-7777-8888-9999-000000000000')")]
    [InlineData("directoryObjects/66666666-7777-8888-9999-000000000000")]
    [InlineData("deviceManagement/managedDevices/66666666-7777-8888-9999-000000000000")]
    public async Task A_request_that_would_delete_a_device_is_never_sent(string path)
    {
        var server = new Scripted(Answer(204));
        using var rest = RestClientRetries.Client(server);
        var graph = new GraphClient(rest, new GraphOptions(), server.Time, new Approvals(null));

        await Should.ThrowAsync<TargetException>(graph.SendAsync(new RestRequest(HttpMethod.Delete, path), Cancel));
        await Should.ThrowAsync<TargetException>(graph.BatchAsync([new RestRequest(HttpMethod.Delete, path)], Cancel));

        server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Only_the_items_of_a_batch_that_were_put_off_are_sent_again_after_the_longest_wait()
    {
        var server = new Scripted(
            Batch(("1", 204, null, null), ("0", 429, "3", null), ("2", 429, "7", null)),
            Batch(("0", 204, null, null), ("1", 400, null, "no")));
        using var rest = RestClientRetries.Client(server);
        var graph = new GraphClient(rest, new GraphOptions(), server.Time, new Approvals(null));
        RestRequest[] requests = [.. Enumerable.Range(0, 3).Select(n => new RestRequest(HttpMethod.Patch, $"groups/{n}", new JsonObject { ["n"] = n }))];

        var answers = await server.Run(graph.BatchAsync(requests, Cancel));

        answers.Select(a => a.Status).ShouldBe([204, 204, 400]);
        RestError.Read(answers[2]).Message.ShouldBe("no");
        JsonNode.Parse(server.Requests[1].Body!)!["requests"]!.AsArray().Select(r => (string)r!["url"]!).ShouldBe(["/groups/0", "/groups/2"]);
        (server.Requests[1].At - server.Requests[0].At).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(7));
        rest.Trace.Writes.ShouldBe(5);
    }

    [Fact]
    public async Task A_write_in_a_batch_that_may_have_happened_is_not_sent_again()
    {
        var server = new Scripted(Batch(("0", 504, null, null)));
        using var rest = RestClientRetries.Client(server);
        var graph = new GraphClient(rest, new GraphOptions(), server.Time, new Approvals(null));

        // The second has no answer at all.
        var answers = await server.Run(graph.BatchAsync([new(HttpMethod.Patch, "groups/0"), new(HttpMethod.Patch, "groups/1")], Cancel));

        answers.Select(a => a.Status).ShouldBe([504, 504]);
        server.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Forty_five_requests_make_three_batches()
    {
        var server = new Scripted((request, token) => BatchOf(request, token));
        using var rest = RestClientRetries.Client(server);
        var graph = new GraphClient(rest, new GraphOptions(), server.Time, new Approvals(null));

        var answers = await server.Run(graph.BatchAsync([.. Enumerable.Range(0, 45).Select(n => RestRequest.Get($"devices/{n}"))], Cancel));

        answers.Select(a => (string)a.AsObject()["url"]!).ShouldBe(Enumerable.Range(0, 45).Select(n => $"/devices/{n}"));
        server.Requests.Count.ShouldBe(3);
        (rest.Trace.Reads, rest.Trace.Writes).ShouldBe((45, 0));
    }

    private static Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> Batch(params (string Id, int Status, string? RetryAfter, string? Error)[] items) =>
        Answer(200, new JsonObject
        {
            ["responses"] = new JsonArray([.. items.Select(i => (JsonNode)new JsonObject
            {
                ["id"] = i.Id,
                ["status"] = i.Status,
                ["headers"] = i.RetryAfter is null ? null : new JsonObject { ["retry-after"] = i.RetryAfter },
                ["body"] = i.Error is null ? null : new JsonObject { ["error"] = new JsonObject { ["code"] = "x", ["message"] = i.Error } },
            })]),
        }.ToJsonString());

    private static async Task<HttpResponseMessage> BatchOf(HttpRequestMessage request, CancellationToken token)
    {
        var asked = JsonNode.Parse(await request.Content!.ReadAsStringAsync(token))!["requests"]!.AsArray();
        asked.Count.ShouldBeLessThanOrEqualTo(20);
        var body = new JsonObject
        {
            ["responses"] = new JsonArray([.. asked.Reverse().Select(r => (JsonNode)new JsonObject
            {
                ["id"] = (string)r!["id"]!,
                ["status"] = 200,
                ["body"] = new JsonObject { ["url"] = (string)r["url"]! },
            })]),
        };
        return await Answer(200, body.ToJsonString())(request, token);
    }
}
