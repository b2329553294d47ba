using System.Text.Json.Nodes;
using MdbDeploy.Targets;
using MdbDeploy.Targets.Http;
using static MdbDeploy.Tests.Targets.Http.Scripted;

namespace MdbDeploy.Tests.Targets.Http;

public sealed class RestClientRequests
{
    [Fact]
    public async Task Pages_are_followed_to_the_last_one()
    {
        var server = new Scripted(
            Answer(200, """{"value":[{"id":"1"},{"id":"2"}],"@odata.nextLink":"https://graph.test/beta/groups?$skiptoken=a"}"""),
            Answer(200, """{"value":[],"@odata.nextLink":"https://GRAPH.test/beta/groups?$skiptoken=b"}"""),
            Answer(200, """{"value":[{"id":"3"}]}"""));
        using var client = RestClientRetries.Client(server);

        var ids = await client.ListAsync("groups?$top=2", cancellationToken: Cancel).Select(row => (string)row["id"]!).ToListAsync(Cancel);

        ids.ShouldBe(["1", "2", "3"]);
        server.Requests.Select(r => r.Address).ShouldBe(
            ["https://graph.test/beta/groups?$top=2", "https://graph.test/beta/groups?$skiptoken=a", "https://graph.test/beta/groups?$skiptoken=b"]);
    }

    [Theory]
    [InlineData("https://evil.test/beta/groups")]
    [InlineData("https://graph.test.evil.test/beta/groups")]
    [InlineData("https://graph.test@evil.test/beta/groups")]
    [InlineData("https://graph.test:444/beta/groups")]
    [InlineData("http://graph.test/beta/groups")]
    [InlineData("//evil.test/beta")]
    [InlineData("file:///etc/passwd")]
    public async Task A_next_link_to_another_server_is_not_followed(string link)
    {
        var server = new Scripted(Answer(200, new JsonObject { ["value"] = new JsonArray(), ["@odata.nextLink"] = link }.ToJsonString()));
        using var client = RestClientRetries.Client(server);

        var error = await Should.ThrowAsync<TargetException>(async () => await client.ListAsync("groups", cancellationToken: Cancel).ToListAsync(Cancel));

        error.Diagnostic.Code.ShouldBe("MDB0758");
        server.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Pages_in_a_circle_end()
    {
        var server = new Scripted(Answer(200, """{"value":[{}],"@odata.nextLink":"https://graph.test/beta/groups?$skiptoken=a"}"""));
        using var client = RestClientRetries.Client(server);

        var error = await Should.ThrowAsync<TargetException>(async () => await client.ListAsync("groups", cancellationToken: Cancel).ToListAsync(Cancel));

        error.Diagnostic.Code.ShouldBe("MDB0757");
        server.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_body_reaches_the_server_unchanged_and_never_the_watcher()
    {
        var seen = new List<RequestTraceEntry>();
        var server = new Scripted(Answer(201));
        var id = new Guid("01234567-89ab-cdef-0123-456789abcdef");
        string? clientRequestId = null;
        var handler = new Scripted((request, token) =>
        {
            clientRequestId = request.Headers.GetValues("client-request-id").Single();
            return Answer(201)(request, token);
        });
        using var client = new RestClient(new() { BaseAddress = RestClientRetries.Base }, handler, server.Time, trace: new RequestTrace { Watch = seen.Add }, newId: () => id);

        await client.SendAsync(HttpMethod.Post, "groups?secret=1", new JsonObject { ["blob"] = "é+/=\"'<>" }, new Dictionary<string, string> { ["Prefer"] = "create-if-missing" }, Cancel);

        JsonNode.Parse(handler.Requests[0].Body!)!["blob"]!.GetValue<string>().ShouldBe("é+/=\"'<>");
        clientRequestId.ShouldBe(id.ToString());
        seen.ShouldHaveSingleItem().ShouldBe(new RequestTraceEntry("POST", "groups", 201, TimeSpan.Zero, id));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html><body>Sign in</body></html>")]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("[1")]
    public async Task An_answer_that_is_no_json_object_is_a_problem_not_a_crash(string body)
    {
        var server = new Scripted(Answer(200, body));
        using var client = RestClientRetries.Client(server);

        var response = await client.SendAsync(RestRequest.Get("groups"), Cancel);

        Should.Throw<TargetException>(() => response.AsObject()).Diagnostic.Code.ShouldBe("MDB0757");
    }
}
